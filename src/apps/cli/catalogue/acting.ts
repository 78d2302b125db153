// Commands that change a ledger: members, keys, submissions.
import { text } from '#apps/cli/output'
import type { Operand, Option, Verb } from '#apps/cli/command'
import { reaching } from './network.ts'

const code: Operand = { name: 'CODE', about: text('成员代码', 'code of the member') }
const kid: Operand = { name: 'KID', about: text('密钥指纹', 'thumbprint of the key') }
const dryRun: Option = { kind: 'flag', about: text('只说会做什么', 'only say what would be done') }
const yes: Option = { kind: 'flag', about: text('确认执行', 'do it') }

/** How a command is signed and sent. */
export const sending: { readonly [name: string]: Option } = {
  ...reaching,
  as: { kind: 'text', value: 'MEMBER', about: text('以哪个成员的名义', 'for which member') },
  signer: { kind: 'text', value: 'KID', about: text('用哪把命令密钥', 'by which command key') },
  'passphrase-file': {
    kind: 'text',
    value: 'FILE',
    about: text('密钥口令文件', 'file with the passphrase of the keys'),
  },
  approval: {
    kind: 'list',
    value: 'FILE',
    about: text('经办人的批准', 'an officer’s approval'),
  },
  prepare: {
    kind: 'text',
    value: 'FILE',
    about: text('只写出意图，供经办人批准', 'only write the intent, for officers to approve'),
  },
  'dry-run': dryRun,
}

const keyStore: { readonly [name: string]: Option } = {
  directory: sending['directory'] as Option,
  keys: sending['keys'] as Option,
  'passphrase-file': sending['passphrase-file'] as Option,
}

type Run = Verb['run']
type ActName = Exclude<
  keyof typeof import('#apps/cli/act'),
  'foundersOf' | 'paramsOf' | 'ledgerOf' | 'recordOf' | 'send' | 'storeOf'
>

function act(name: ActName): Run {
  return async (ask) => {
    const room = await import('#apps/cli/act')
    return room[name](ask)
  }
}

export const acting: readonly Verb[] = [
  {
    words: ['init'],
    about: text('建立账本：目录、密钥、创世', 'begin a ledger: directory, keys, genesis'),
    options: {
      ...keyStore,
      founders: {
        kind: 'text',
        value: 'FILE',
        about: text('创始文件（TOML）', 'the founders’ file (TOML)'),
      },
      ledger: { kind: 'text', value: 'ORIGIN', about: text('账本名', 'name of the ledger') },
      member: { kind: 'list', value: 'CODE', about: text('创始成员', 'a founding member') },
      operator: { kind: 'text', value: 'CODE', about: text('运营方', 'who runs it') },
      practice: { kind: 'flag', about: text('练习账本', 'a practice ledger') },
      'dry-run': dryRun,
    },
    run: act('initLedger'),
  },
  {
    words: ['member', 'show'],
    about: text('成员', 'members'),
    operands: [{ ...code, optional: true }],
    options: reaching,
    run: act('showMembers'),
  },
  {
    words: ['member', 'propose'],
    about: text('提议新成员', 'propose a new member'),
    operands: [code],
    options: {
      ...sending,
      kind: {
        kind: 'text',
        value: 'replica|participant',
        about: text('成员种类', 'kind of member'),
      },
      document: {
        kind: 'text',
        value: 'FILE|HASH',
        required: true,
        about: text('加入协议或其哈希', 'the agreement or its hash'),
      },
      key: {
        kind: 'text',
        value: 'FILE',
        required: true,
        about: text('首把密钥（key generate --json）', 'its first key (key generate --json)'),
      },
      uscc: { kind: 'text', value: 'CODE', about: text('统一社会信用代码', 'GB 32100 code') },
    },
    run: act('proposeMember'),
  },
  {
    words: ['member', 'approve'],
    about: text('批准新成员', 'approve a new member'),
    operands: [code],
    options: sending,
    run: act('approveMember'),
  },
  {
    words: ['member', 'prove'],
    about: text('新成员签出密钥证明', 'sign the new member’s proof of its key'),
    operands: [code],
    options: { ...keyStore, ...reaching },
    run: act('proveMember'),
  },
  {
    words: ['member', 'activate'],
    about: text('新成员生效', 'activate a new member'),
    operands: [code],
    options: {
      ...sending,
      proof: { kind: 'text', value: 'TEXT', about: text('新成员的证明', 'the new member’s proof') },
    },
    run: act('activateMember'),
  },
  {
    words: ['key', 'generate'],
    about: text('生成密钥', 'make a key'),
    options: {
      ...keyStore,
      use: { kind: 'text', value: 'USE', required: true, about: text('用途', 'its use') },
      member: { kind: 'text', value: 'CODE', required: true, about: text('成员', 'whose it is') },
      custody: { kind: 'text', value: 'own|hosted', about: text('由谁保管', 'who keeps it') },
    },
    run: act('generateKey'),
  },
  {
    words: ['key', 'list'],
    about: text('此处的密钥', 'keys that lie here'),
    options: keyStore,
    run: act('listKeys'),
  },
  {
    words: ['key', 'add'],
    about: text('登记密钥', 'register a key'),
    operands: [kid],
    options: {
      ...sending,
      from: { kind: 'text', value: 'HEIGHT', about: text('自此高度生效', 'counts from here on') },
      until: { kind: 'text', value: 'HEIGHT', about: text('至此高度', 'and until here') },
    },
    run: act('addKey'),
  },
  {
    words: ['key', 'rotate'],
    about: text('轮换密钥', 'let a new key take over'),
    operands: [kid],
    options: {
      ...sending,
      overlap: {
        kind: 'text',
        value: 'BLOCKS',
        about: text('新旧并用的区块数', 'blocks during which both count'),
      },
      to: { kind: 'text', value: 'KID', about: text('已生成的新密钥', 'a key made before') },
    },
    run: act('rotateKey'),
  },
  {
    words: ['key', 'revoke'],
    about: text('终止密钥', 'end a key for good'),
    operands: [kid],
    options: {
      ...sending,
      until: { kind: 'text', value: 'HEIGHT', about: text('至此高度', 'counts until here') },
      yes,
    },
    run: act('revokeKey'),
  },
  {
    words: ['command', 'sign'],
    about: text('签署已批准的意图', 'sign an intent that officers have approved'),
    operands: [{ name: 'INTENT', about: text('意图文件', 'file with the intent') }],
    options: {
      ...keyStore,
      as: sending['as'] as Option,
      signer: sending['signer'] as Option,
      approval: sending['approval'] as Option,
    },
    run: act('signIntent'),
  },
  {
    words: ['command', 'send'],
    about: text('以本地密钥签发任一类命令', 'make, sign and send a command of any type'),
    operands: [
      { name: 'TYPE', about: text('命令类型', 'type of the command') },
      { name: 'FILE', about: text('正文（JSON），- 为标准输入', 'its body (JSON); - is stdin') },
    ],
    options: sending,
    run: act('sendBody'),
  },
  {
    words: ['submit'],
    about: text('提交已签命令：单份、信封或一行一份', 'submit signed commands: one or a stream'),
    operands: [{ name: 'FILE', about: text('文件，- 为标准输入', 'the file; - is stdin') }],
    options: { ...reaching, 'dry-run': dryRun },
    run: act('submitFile'),
  },
  {
    words: ['restore', 'confirm'],
    about: text(
      '运营方声明恢复的大小（永久记录）',
      'declare a restored size as the operator, on the ledger for ever',
    ),
    options: { ...sending, yes },
    run: act('declareRestore'),
  },
]
