// Commands about a department's vault and its key.
import { text } from '#apps/cli/output'
import type { Operand, Option, Verb } from '#apps/cli/command'

const file: Operand = { name: 'FILE', about: text('主密钥文件', 'the file of the key over keys') }

const share: Option = { kind: 'list', value: 'FILE', about: text('一份', 'a share') }

function needed(value: string, zh: string, en: string): Option {
  return { kind: 'text', value, required: true, about: text(zh, en) }
}

const opening: { readonly [name: string]: Option } = {
  vault: { ...needed('DIR', '保险库目录', 'directory of the vault'), env: 'LIANBAN_VAULT' },
  key: { ...needed('FILE', '主密钥文件', 'file of the key over keys'), env: 'LIANBAN_VAULT_KEY' },
  mirror: {
    kind: 'text',
    value: 'DIR',
    env: 'LIANBAN_VAULT_MIRROR',
    about: text('镜像目录，如有', 'its mirror, if it has one'),
  },
  member: { ...needed('CODE', '成员代码', 'code of the member'), env: 'LIANBAN_VAULT_MEMBER' },
}

const target: { readonly [name: string]: Option } = {
  values: needed('DIR', '密文的备份', 'where sealed records are backed up'),
  keys: needed('DIR', '密钥表的备份，须在别处', 'where tables of keys are, in another place'),
}

type Name = keyof typeof import('#apps/cli/vault')

function run(name: Name): Verb['run'] {
  return async (ask) => (await import('#apps/cli/vault'))[name](ask)
}

export const vaults: readonly Verb[] = [
  {
    words: ['vault', 'key', 'new'],
    about: text('生成保险库的主密钥', 'make the key over a vault’s keys'),
    operands: [file],
    run: run('newKeyFile'),
  },
  {
    words: ['vault', 'key', 'rotate'],
    about: text('换主密钥，重新包裹每把密钥', 'a new key, which wraps every key again'),
    options: opening,
    run: run('rotateKey'),
  },
  {
    words: ['vault', 'key', 'drop'],
    about: text('忘掉旧的主密钥', 'forget the earlier keys'),
    options: opening,
    run: run('dropKeys'),
  },
  {
    words: ['vault', 'key', 'split'],
    about: text('把主密钥分成若干份', 'give the key into shares'),
    operands: [file],
    options: {
      need: {
        kind: 'text',
        value: 'K',
        about: text('还原所需份数，缺省 3', 'how many give it; 3'),
      },
      of: { kind: 'text', value: 'N', about: text('总份数，缺省 5', 'how many there are; 5') },
      into: needed('DIR', '写到此目录', 'where they are written'),
    },
    run: run('splitKeyFile'),
  },
  {
    words: ['vault', 'key', 'join'],
    about: text('由各份还原主密钥', 'put the key together from shares'),
    operands: [file],
    options: { share },
    run: run('joinShares'),
  },
  {
    words: ['vault', 'key', 'drill'],
    about: text('演练：这些份能否还原主密钥', 'whether these shares would give the key'),
    operands: [file],
    options: { share },
    run: run('drillShares'),
  },
  {
    words: ['vault', 'new'],
    about: text('建立空的保险库', 'make an empty vault'),
    options: opening,
    run: run('newVault'),
  },
  {
    words: ['vault', 'erasures'],
    about: text('列出已删除的编号，另行保管', 'every id that was erased, to be kept elsewhere'),
    options: opening,
    run: run('listErasures'),
  },
  {
    words: ['vault', 'inspect'],
    about: text(
      '逐条读出，列出打不开与逾期的',
      'read every record; what does not open, what is overdue',
    ),
    options: opening,
    run: run('inspectCommand'),
  },
  {
    words: ['vault', 'backup'],
    about: text('备份密文与密钥表，各在一处', 'copy sealed records and keys, each to its place'),
    options: { ...opening, ...target },
    run: run('backupCommand'),
  },
  {
    words: ['vault', 'restore'],
    about: text('恢复到空目录，并重做删除', 'into an empty directory, with every erasure again'),
    options: {
      ...opening,
      ...target,
      erased: needed('FILE', '已删除的编号，每行一个', 'ids that were erased, one a line'),
      since: {
        kind: 'text',
        value: 'DIR',
        about: text('镜像或残存的目录', 'a mirror, or what is left of the vault'),
      },
    },
    run: run('restoreCommand'),
  },
]
