// Commands that check: artefacts, the machine, the program itself.
import { text } from '#apps/cli/output'
import type { Verb } from '#apps/cli/command'

export const checking: readonly Verb[] = [
  {
    words: ['verify'],
    about: text(
      '离线核验任何文件：证照、证明、证据、检查点、帧、归档、备份、签名',
      'verify anything offline: certificates, proofs, checkpoints, frames, exports, signatures',
    ),
    operands: [{ name: 'FILE', about: text('文件，- 为标准输入', 'the file; - is stdin') }],
    options: {
      policy: {
        kind: 'text',
        value: 'FILE',
        about: text('您信任的策略', 'the trust policy to go by'),
      },
      entry: {
        kind: 'text',
        value: 'FILE',
        about: text('.tlog-proof 所证明的条目', 'the entry that a .tlog-proof is about'),
      },
      registry: {
        kind: 'text',
        value: 'FILE',
        about: text('登记快照或密钥证据，用于签名', 'registry snapshot or evidence of the key'),
      },
      checkpoint: {
        kind: 'text',
        value: 'FILE',
        about: text('帧所依据的检查点', 'the checkpoint that frames are checked under'),
      },
      against: {
        kind: 'text',
        value: 'FILE',
        about: text('另存的检查点，须不矛盾', 'another checkpoint that must not contradict'),
      },
      'at-least': {
        kind: 'text',
        value: 'GRADE[:K]',
        about: text('要求的最低等级，如 validated:2', 'the least grade, such as validated:2'),
      },
      on: {
        kind: 'text',
        value: 'DAY',
        about: text('证照在这一天的状态，如 2026-03-01', 'what a certificate was on that day'),
      },
    },
    run: async (ask) => (await import('#apps/cli/verify')).verify(ask),
  },
]
