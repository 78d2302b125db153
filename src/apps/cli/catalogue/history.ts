// Commands over a whole ledger on this machine.
import { text } from '#apps/cli/output'
import type { Option, Verb } from '#apps/cli/command'
import { directoryOption } from './network.ts'

const yes: Option = { kind: 'flag', about: text('确认执行', 'do it') }
const dryRun: Option = { kind: 'flag', about: text('只说会做什么', 'only say what would be done') }

export const history: readonly Verb[] = [
  {
    words: ['ledger', 'verify'],
    about: text(
      '重读全部历史：日志、树、状态摘要、片、检查点',
      'read all history again: journal, tree, state digest, tiles, checkpoint',
    ),
    options: {
      directory: directoryOption,
      'from-checkpoint': {
        kind: 'list',
        value: 'FILE',
        about: text(
          '先前另存的检查点，须仍成立',
          'a checkpoint saved earlier that must still hold',
        ),
      },
      policy: {
        kind: 'text',
        value: 'FILE',
        about: text('核验另存检查点的签名', 'judges the saved checkpoints'),
      },
    },
    run: async (ask) => (await import('#apps/cli/ledger')).verifyLedger(ask),
  },
  {
    words: ['ledger', 'scrub'],
    about: text('逐字节核对存储与日志', 'read everything that is stored and compare'),
    options: { directory: directoryOption },
    run: async (ask) => (await import('#apps/cli/ledger')).scrubLedger(ask),
  },
  {
    words: ['ledger', 'rebuild'],
    about: text(
      '由日志重建全部派生存储，不运行业务代码',
      'make all derived stores again from the journal, without domain code',
    ),
    options: { directory: directoryOption, yes, 'dry-run': dryRun },
    run: async (ask) => (await import('#apps/cli/ledger')).rebuildLedger(ask),
  },
  {
    words: ['ledger', 'export'],
    about: text('导出任何人可独立核验的归档', 'write an archive that anybody can check'),
    operands: [{ name: 'FILE', about: text('要写的归档', 'the archive to write') }],
    options: { directory: directoryOption },
    run: async (ask) => (await import('#apps/cli/ledger')).exportLedger(ask),
  },
  {
    words: ['ledger', 'snapshot'],
    about: text('写快照', 'write a snapshot'),
    options: { directory: directoryOption },
    run: async (ask) => (await import('#apps/cli/ledger')).snapshotLedger(ask),
  },
  {
    words: ['audit', 'replay'],
    about: text(
      '以本版本重新执行一段历史，指出何处不同',
      'run a stretch of history again in this release and say where it differs',
    ),
    options: {
      directory: directoryOption,
      from: { kind: 'text', value: 'HEIGHT', about: text('自此高度', 'from this height') },
      to: { kind: 'text', value: 'HEIGHT', about: text('至此高度', 'to this height') },
    },
    run: async (ask) => (await import('#apps/cli/ledger')).replayLedger(ask),
  },
]
