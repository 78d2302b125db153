// The refusal codes of this room, one line each: what `lianban` itself says no to, on one machine
// at one moment. The table in docs/protocol/codes.md is checked against this list. The third cell
// is the same meaning in Chinese.

export type CodeRow = readonly [code: string, meaning: string, zh: string]

/** Every code that the terminal program gives by itself. */
export const cliCodes: readonly CodeRow[] = [
  ['cli/unknown-command', 'there is no such command', '没有这个命令'],
  ['cli/unknown-option', 'this command has no such option', '这个命令没有此选项'],
  ['cli/missing-option', 'an option that the command needs is absent', '缺少必需的选项'],
  ['cli/missing-operand', 'a word that the command needs is absent', '缺少必需的参数'],
  ['cli/too-many-operands', 'the command takes fewer words', '参数过多'],
  ['cli/bad-value', 'an option or word has not its form', '选项或参数的形式不对'],
  ['cli/needs-yes', 'what cannot be undone needs --yes', '不可撤销的操作需要 --yes'],
  ['cli/bad-founders', 'the founders’ file cannot begin a ledger', '创始文件不能用来创建账本'],
  ['cli/not-read', 'a file or directory could not be read', '文件或目录无法读取'],
  ['cli/not-written', 'a file or directory could not be written', '文件或目录无法写入'],
  ['cli/not-empty', 'the directory is not empty', '目录不是空的'],
  ['cli/no-ledger', 'the directory holds no ledger', '目录中没有账本'],
  ['cli/no-city', 'no practice city lies in the directory', '目录中没有练习城市'],
  ['cli/no-key', 'no fitting key is held here', '此处没有合适的密钥'],
  ['cli/not-found', 'there is no such thing in this ledger', '账本中没有所查的内容'],
  ['cli/no-checkpoint', 'no checkpoint covers this yet', '尚无检查点覆盖'],
  ['cli/unavailable', 'the node cannot take this now', '节点此刻无法处理'],
  ['cli/unknown-artefact', 'the file is none that can be verified', '不是可以核验的文件'],
  ['cli/oversized', 'the file is longer than any of its kind', '文件超过此类文件的长度上限'],
  ['cli/not-linked', 'frames prove something only from the first one on', '帧须从第一帧起才能证明'],
  ['cli/other-ledger', 'this belongs to another ledger', '属于另一账本'],
  ['cli/unknown-key', 'the registry snapshot does not have this key', '登记快照中没有此密钥'],
  ['cli/wrong-key-use', 'the key is registered for another use', '密钥登记的用途不同'],
  ['cli/bad-signature', 'the signature does not hold', '签名不成立'],
  ['cli/too-weak', 'what holds is worth less than was asked for', '成立，但等级低于要求'],
  ['cli/not-under-checkpoint', 'the tree is not the one of the checkpoint', '与检查点的树不符'],
  [
    'cli/history-rewritten',
    'history is not what a checkpoint had promised',
    '历史与检查点曾经的承诺不符',
  ],
  [
    'cli/behind-checkpoint',
    'the ledger is shorter than a checkpoint had promised',
    '账本比检查点承诺的短',
  ],
  ['cli/state-differs', 'the stored state is not what the journal gives', '存储的状态与日志不符'],
  [
    'cli/digest-differs',
    'a recorded state digest does not follow from the writes',
    '状态摘要与写入不符',
  ],
  ['cli/entry-differs', 'an entry read back is not the one of the journal', '读回的条目与日志不符'],
  ['cli/replay-differs', 'running the commands again gives something else', '重新执行的结果不同'],
  ['cli/archive-malformed', 'the archive has not the form of an export', '归档形式不对'],
  [
    'cli/archive-damaged',
    'a file of the archive is not the one of its manifest',
    '归档中的文件与清单不符',
  ],
  ['cli/backup-malformed', 'the directory has not the form of a backup', '不是备份目录'],
  [
    'cli/backup-damaged',
    'a file of the backup is not the one of its manifest',
    '备份中的文件与清单不符',
  ],
  ['cli/not-restored', 'the directory carries no mark of a restore', '目录没有恢复标记'],
  ['cli/unconfirmed', 'no cosigner has spoken since the restore', '恢复之后尚无共签方确认'],
  ['cli/diverged', 'the log differs from what its commands give', '日志与重新执行的结果不符'],
  ['cli/defect', 'the program broke one of its own claims', '程序违反了自身的断言'],
  ['cli/ill', 'the doctor found something that must be mended', '体检发现须处理的问题'],
]

const zhOf: ReadonlyMap<string, string> = new Map(cliCodes.map(([code, , zh]) => [code, zh]))
const enOf: ReadonlyMap<string, string> = new Map(cliCodes.map(([code, en]) => [code, en]))

/** The meaning of a code of this room, or undefined for codes of others. */
export function meaningOf(code: string, language: 'zh' | 'en'): string | undefined {
  return (language === 'zh' ? zhOf : enOf).get(code)
}
