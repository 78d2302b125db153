// Commands about copies of a ledger directory.
import { text } from '#apps/cli/output'
import type { Operand, Verb } from '#apps/cli/command'
import { directoryOption } from './network.ts'

const backup: Operand = { name: 'BACKUP', about: text('备份目录', 'directory of the backup') }

export const backups: readonly Verb[] = [
  {
    words: ['backup', 'create'],
    about: text('备份，节点可照常运行', 'copy the ledger; the node may go on running'),
    operands: [backup],
    options: {
      directory: directoryOption,
      'with-keys': {
        kind: 'flag',
        about: text('连同密钥；此备份须如密钥般保管', 'the keys too: keep the copy like keys'),
      },
    },
    run: async (ask) => (await import('#apps/cli/backup')).createBackup(ask),
  },
  {
    words: ['backup', 'verify'],
    about: text('核对备份的每一个字节', 'check every byte of a backup'),
    operands: [backup],
    options: {
      policy: {
        kind: 'text',
        value: 'FILE',
        about: text('核验其检查点', 'judges the checkpoint in it'),
      },
    },
    run: async (ask) => (await import('#apps/cli/backup')).verifyBackup(ask),
  },
  {
    words: ['backup', 'restore'],
    about: text(
      '恢复到空目录；确认之前不签检查点',
      'into an empty directory, which signs nothing before it is confirmed',
    ),
    operands: [backup],
    options: {
      directory: directoryOption,
      'dry-run': { kind: 'flag', about: text('只核对', 'only check') },
    },
    run: async (ask) => (await import('#apps/cli/backup')).restoreBackup(ask),
  },
  {
    words: ['backup', 'confirm'],
    about: text(
      '以共签方的话确认恢复的大小，使节点可再签名',
      'confirm a restored size by a cosigner’s word, so that the node signs again',
    ),
    options: {
      directory: directoryOption,
      policy: { kind: 'text', value: 'FILE', about: text('共签方', 'the cosigners') },
      cosigned: {
        kind: 'text',
        value: 'FILE',
        about: text('恢复之后共签的检查点', 'a checkpoint that was cosigned after the restore'),
      },
      keys: {
        kind: 'text',
        value: 'DIR',
        about: text('此处持有的密钥，不能作证', 'keys held here, which confirm nothing'),
      },
      'passphrase-file': {
        kind: 'text',
        value: 'FILE',
        about: text('打开封存的密钥', 'opens sealed keys'),
      },
      ask: { kind: 'flag', about: text('询问策略中有地址的共签方', 'ask cosigners by their URL') },
    },
    run: async (ask) => (await import('#apps/cli/backup')).confirmRestore(ask),
  },
]
