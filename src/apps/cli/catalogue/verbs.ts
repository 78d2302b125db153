// Every command of the terminal, in the order in which help lists them.
import { text } from '#apps/cli/output'
import type { Verb } from '#apps/cli/command'
import { acting } from './acting.ts'
import { asking } from './asking.ts'
import { backups } from './backups.ts'
import { certifying } from './certifying.ts'
import { cities } from './cities.ts'
import { checking } from './checking.ts'
import { history } from './history.ts'
import { directoryOption, network } from './network.ts'
import { sources } from './sources.ts'
import { vaults } from './vaults.ts'

const itself: readonly Verb[] = [
  {
    words: ['doctor'],
    about: text(
      '体检：时钟、磁盘、权限、密钥、日志、端口、策略',
      'clock, disk, permissions, keys, journal, port and policy, with remedies',
    ),
    options: {
      directory: directoryOption,
      policy: { kind: 'text', value: 'FILE', about: text('信任策略', 'a trust policy') },
    },
    run: async (ask) => (await import('#apps/cli/doctor')).runDoctor(ask),
  },
  {
    words: ['demo'],
    about: text(
      '演示：一套二手房的转移登记，十一个部门联办',
      'a home changes hands across eleven sectors, as a story',
    ),
    options: {
      keep: { kind: 'flag', about: text('保留目录', 'keep the directory') },
    },
    run: async (ask) => (await import('#apps/cli/story')).tellHome(ask),
  },
  {
    words: ['demo', 'account'],
    about: text(
      '演示：企业开户，以及变更法定代表人',
      'a firm opens bank accounts and changes its representative, as a story',
    ),
    options: {
      keep: { kind: 'flag', about: text('保留目录', 'keep the directory') },
    },
    run: async (ask) => (await import('#apps/cli/story')).tellAccount(ask),
  },
  {
    words: ['demo', 'supplies'],
    about: text(
      '演示：疫情物资，逐批守恒',
      'supplies in an epidemic, conserved lot by lot, as a story',
    ),
    options: {
      keep: { kind: 'flag', about: text('保留目录', 'keep the directory') },
    },
    run: async (ask) => (await import('#apps/cli/story')).tellSupplies(ask),
  },
  {
    words: ['demo', 'ledger'],
    about: text(
      '演示账本：提交、证明、离线核验、篡改与发现',
      'the ledger as a story: submit, prove, verify offline, rewrite, be found',
    ),
    options: {
      keep: { kind: 'flag', about: text('保留目录', 'keep the directory') },
    },
    run: async (ask) => (await import('#apps/cli/demo')).runDemo(ask),
  },
  {
    words: ['config', 'print'],
    about: text('节点的设置及其来源', 'the node’s settings and where they come from'),
    options: {
      directory: directoryOption,
      config: { kind: 'text', value: 'FILE', about: text('设置文件', 'the file of settings') },
    },
    run: async (ask) => (await import('#apps/cli/about')).printConfig(ask),
  },
  {
    words: ['version'],
    about: text('版本', 'the version'),
    run: async (ask) => (await import('#apps/cli/about')).showVersion(ask),
  },
  {
    words: ['completion'],
    about: text('命令行补全脚本', 'a completion script for the shell'),
    operands: [{ name: 'SHELL', optional: true, about: text('bash 或 zsh', 'bash or zsh') }],
    run: async (ask) => (await import('#apps/cli/about')).printCompletion(ask, verbs),
  },
]

export const verbs: readonly Verb[] = [
  ...acting,
  ...asking,
  ...certifying,
  ...cities,
  ...checking,
  ...history,
  ...backups,
  ...network,
  ...sources,
  ...vaults,
  ...itself,
]
