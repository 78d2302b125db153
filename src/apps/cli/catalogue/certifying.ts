// Commands about certificates: made, looked up, and given out with their proof.
import { text } from '#apps/cli/output'
import type { Option, Verb } from '#apps/cli/command'
import { sending } from './acting.ts'
import { reaching } from './network.ts'

const out: Option = { kind: 'text', value: 'FILE', about: text('写入文件', 'write to a file') }

export const certifying: readonly Verb[] = [
  {
    words: ['certificate', 'issue'],
    about: text('签发证照并登记在账本上', 'sign a certificate and bring it onto the ledger'),
    operands: [
      { name: 'TYPE', about: text('证照类型', 'its type') },
      { name: 'FIELDS', about: text('内容（JSON）', 'what it says (JSON)') },
    ],
    options: {
      ...sending,
      out: { ...out, about: text('凭证文件', 'the file of the certificate') },
      until: { kind: 'text', value: 'TIME', about: text('到期时间', 'when it expires') },
    },
    run: async (ask) => (await import('#apps/cli/certificate')).issueCertificate(ask),
  },
  {
    words: ['certificate', 'prove'],
    about: text('证照及其全部证明，存为一个文件', 'a certificate with all its proofs, as one file'),
    operands: [{ name: 'CERTIFICATE', about: text('凭证文件', 'the file of the certificate') }],
    options: {
      ...reaching,
      out,
      show: {
        kind: 'list',
        value: 'FIELD',
        about: text('只出示这一项', 'show this field alone; may be repeated'),
      },
    },
    run: async (ask) => (await import('#apps/cli/certificate')).proveCertificate(ask),
  },
  {
    words: ['certificate', 'status'],
    about: text('节点所说的证照状态，现在或某一天', 'its status as the node says, now or on a day'),
    operands: [{ name: 'HANDLE', about: text('证照编号', 'handle of the certificate') }],
    options: {
      ...reaching,
      on: { kind: 'text', value: 'DAY', about: text('哪一天', 'on which day') },
    },
    run: async (ask) => (await import('#apps/cli/certificate')).showStatus(ask),
  },
]
