// Commands that ask a ledger.
import { text } from '#apps/cli/output'
import type { Option, Verb } from '#apps/cli/command'
import { reaching } from './network.ts'

const out: Option = { kind: 'text', value: 'FILE', about: text('写入文件', 'write to a file') }
const from: Option = { kind: 'text', value: 'INDEX', about: text('自此条目', 'from this entry') }

export const asking: readonly Verb[] = [
  {
    words: ['query', 'head'],
    about: text('账本到了哪里', 'where the ledger stands'),
    options: reaching,
    run: async (ask) => (await import('#apps/cli/query')).queryHead(ask),
  },
  {
    words: ['query', 'record'],
    about: text('状态中的一条记录', 'a record of the state'),
    operands: [{ name: 'KEY', about: text('记录的键', 'key of the record') }],
    options: reaching,
    run: async (ask) => (await import('#apps/cli/query')).queryRecord(ask),
  },
  {
    words: ['query', 'receipt'],
    about: text('命令的回执及其现有等级', 'the receipt of a command, with its grade now'),
    operands: [
      { name: 'MEMBER', about: text('成员', 'the member') },
      { name: 'ID', about: text('命令编号', 'id of the command') },
    ],
    options: reaching,
    run: async (ask) => (await import('#apps/cli/query')).queryReceipt(ask),
  },
  {
    words: ['query', 'entry'],
    about: text('一条条目', 'an entry'),
    operands: [{ name: 'INDEX', about: text('序号', 'its index') }],
    options: reaching,
    run: async (ask) => (await import('#apps/cli/query')).queryEntry(ask),
  },
  {
    words: ['query', 'events'],
    about: text('条目落盘即打印', 'entries as they become durable'),
    options: {
      ...reaching,
      from,
      limit: { kind: 'text', value: 'COUNT', about: text('打印这么多后结束', 'end after so many') },
    },
    run: async (ask) => (await import('#apps/cli/query')).queryEvents(ask),
  },
  {
    words: ['query', 'registry'],
    about: text('密钥与成员的快照', 'a snapshot of keys and members'),
    options: { ...reaching, out },
    run: async (ask) => (await import('#apps/cli/query')).queryRegistry(ask),
  },
  {
    words: ['query', 'checkpoint'],
    about: text('最新检查点', 'the newest checkpoint'),
    options: { ...reaching, out },
    run: async (ask) => (await import('#apps/cli/query')).queryText(ask, 'checkpoint'),
  },
  {
    words: ['query', 'policy'],
    about: text('登记所示的信任策略', 'the trust policy that the registry implies'),
    options: { ...reaching, out },
    run: async (ask) => (await import('#apps/cli/query')).queryText(ask, 'policy'),
  },
  {
    words: ['proof', 'get'],
    about: text('取证：条目、回执或记录', 'get what proves an entry, a receipt or a record'),
    options: {
      ...reaching,
      entry: { kind: 'text', value: 'INDEX', about: text('条目', 'an entry') },
      receipt: { kind: 'text', value: 'MEMBER/ID', about: text('回执', 'a receipt') },
      record: { kind: 'text', value: 'KEY', about: text('记录', 'a record') },
      map: { kind: 'text', value: 'MAP', about: text('映射，缺省 now', 'its map, now if absent') },
      tlog: { kind: 'flag', about: text('只要 .tlog-proof', 'only the .tlog-proof') },
      out,
    },
    run: async (ask) => (await import('#apps/cli/query')).getProof(ask),
  },
]
