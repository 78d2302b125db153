// How a no is printed: code, place, meaning, remedy. Codes of other rooms bring their English
// meaning with them; what has a Chinese one here is printed in Chinese.
import { judgeTexts } from '#blueprint/judge'
import { orderCodes } from '#ledger/order'
import { commandCodes } from '#ledger/command'
import { applyCodes } from '#ledger/apply'
import { proveCodes, reasonCodes } from '#ledger/prove'
import { validateCodes } from '#ledger/validate'
import { fileCodes } from '#domains/certificates'
import { keyCodes } from '#adapters/keys'
import type { Language } from './language.ts'
import { meaningOf } from './codes.ts'
import { exits, Stop } from './stop.ts'
import type { Terminal } from './terminal.ts'

const chinese: { readonly [code: string]: string } = {
  'prove/policy-bytes': '信任策略不是 UTF-8 文本，或过长',
  'prove/policy-line': '信任策略中有一行的关键字或形式不明',
  'prove/policy-key': '信任策略中的公钥形式不对',
  'prove/policy-name': '信任策略中的名称重复、未知或位置不对',
  'prove/policy-duplicate': '信任策略中有重复的密钥或设置',
  'prove/policy-threshold': '信任策略中的门槛超出范围',
  'prove/policy-quorum': '信任策略没有唯一的 quorum 行',
  'prove/policy-number': '信任策略中的数字或哈希形式不对',
  'prove/malformed-checkpoint': '不是三行的已签检查点',
  'prove/unknown-log': '信任策略中没有此账本的密钥',
  'prove/not-signed': '信任策略所列的账本密钥均未签名',
  'prove/bad-signature': '信任策略所列某一密钥的签名不成立',
  'prove/duplicate-signature': '同一密钥有两行签名',
  'prove/beyond-retired-size': '已停用的密钥签了比其截止更大的树',
  'prove/contradicts-retired-root': '已停用的密钥签了另一棵同样大小的树',
  'prove/bad-consistency': '证明不能通向停用密钥所固定的树',
  'prove/malformed-proof': '不是 .tlog-proof 文件',
  'prove/malformed-evidence': '不是证据文件',
  'prove/malformed-entry': '证据中的条目不是所需的种类',
  'prove/not-included': '包含路径不能从条目通向检查点',
  'prove/not-in-envelope': '意图不在其信封的所在位置',
  'prove/not-last-entry': '映射根条目不是其检查点的最后一条',
  'prove/no-such-map': '映射根条目中没有此映射',
  'prove/not-in-map': '映射证明不能说明所称的记录',
  'prove/split-view': '两个同样大小的已签检查点有不同的根',
  'prove/other-log': '证据的各部分来自不同账本',
  'prove/quorum-not-met': '策略所计的见证方共签不足',
  'prove/hosted-not-counted': '某一共签的密钥不由其所有者保管，不计',
  'prove/cosigned-in-future': '某一共签的时间晚于核验者的时钟',
  'prove/under-retired-key': '只有已停用的密钥签名，且不能通向其固定的树',
  'prove/not-dated': '没有足够共签说明这曾是何时的最新检查点',
  'prove/stale': '共签早于策略允许的时限',
  'certificates/malformed-credential': '不是 SD-JWT 凭证',
  'certificates/wrong-typ': 'typ 不对',
  'certificates/wrong-algorithm': '签名算法不是 ES256',
  'certificates/critical-header': '签名头含有无法理解的强制项',
  'certificates/bad-signature': '签名不成立',
  'certificates/unknown-hash': '摘要算法不是 SHA-256',
  'certificates/duplicate-digest': '同一摘要或披露出现两次',
  'certificates/unreferenced-disclosure': '有不属于该凭证的披露',
  'certificates/malformed-disclosure': '披露的形式不对',
  'certificates/name-collision': '披露的名称与已有声明重复',
  'certificates/forbidden-name': '声明名称不允许，或不得隐藏',
  'certificates/malformed-claims': '必备的声明缺失或形式不对',
  'certificates/not-yet-valid': '凭证尚未生效',
  'certificates/credential-expired': '凭证已过期',
  'certificates/no-key-binding': '缺少持证人签名',
  'certificates/unexpected-key-binding': '多出无人要求的持证人签名',
  'certificates/bad-key-binding': '持证人签名不是针对此次出示',
  'certificates/malformed-status-list': '不是状态列表',
  'certificates/other-status-list': '不是凭证所指的状态列表',
  'certificates/status-list-expired': '状态列表已过期',
  'certificates/index-out-of-range': '状态列表中没有此序号',
  'certificates/malformed-file': '不是证照文件',
  'certificates/damaged-file': '证照文件已损坏',
  'certificates/other-credential': '凭证不是当时签发的那一份',
  'certificates/other-entry': '文件中的条目不是该证照的签发',
  'certificates/other-record': '文件中的记录与该证照不符，或不齐全',
  'certificates/no-issuer-key': '签名密钥当时不是签发单位的证照密钥',
  'certificates/no-accreditation': '签发单位当时没有该类资质',
  'storage/no-space': '磁盘已满',
  'storage/locked': '另一进程正在使用此目录',
  'storage/absent': '文件不存在',
  'storage/corrupt': '读回的内容与写入的不同',
  'storage/journal-corrupt': '日志在末尾以外之处损坏',
  'storage/read-failed': '磁盘读取失败',
  'storage/write-failed': '磁盘写入失败',
  'storage/sync-failed': '磁盘同步失败',
}

const ofTheDisk: { readonly [code: string]: string } = {
  'storage/no-space': 'the disk is full',
  'storage/locked': 'another process uses this directory',
  'storage/absent': 'a file is not there',
  'storage/corrupt': 'what was read back is not what was written',
  'storage/journal-corrupt': 'the journal is damaged before its end',
  'storage/read-failed': 'the disk did not read',
  'storage/write-failed': 'the disk did not write',
  'storage/sync-failed': 'the disk did not sync',
}

const lists: readonly (readonly (readonly [string, string])[])[] = [
  commandCodes,
  validateCodes,
  orderCodes,
  applyCodes.map(({ code, meaning }) => [code, meaning] as const),
  proveCodes,
  reasonCodes,
  keyCodes,
  fileCodes,
  Object.entries(ofTheDisk),
  judgeTexts.map(([code, meaning]) => [code, meaning] as const),
]

const judged: ReadonlyMap<string, string> = new Map(judgeTexts.map(([code, , , zh]) => [code, zh]))

const english: ReadonlyMap<string, string> = new Map(lists.flat())

/** The meaning of any code in a language, as far as it is known; the code itself otherwise. */
export function meaningIn(language: Language, code: string): string {
  const own = meaningOf(code, language)
  if (own !== undefined) return own
  const zh = language === 'zh' ? (chinese[code] ?? judged.get(code)) : undefined
  return zh ?? english.get(code) ?? code
}

/** What is printed for a command that ended in a `Stop`. */
export function problemLines(terminal: Terminal, stop: Stop): readonly string[] {
  const { code, at, text, remedy } = stop
  const said = text === undefined ? meaningIn(terminal.language, code) : terminal.of(text)
  const place = at === undefined ? '' : ` [${at}]`
  const first = `${terminal.paint('bad', code)}${place}: ${said}`
  return remedy === undefined ? [first] : [first, `→ ${terminal.of(remedy)}`]
}

/** The same as members of a JSON object. */
export function problemAnswer(
  terminal: Terminal,
  stop: Stop,
): { readonly [name: string]: unknown } {
  const { code, exit, at, text, remedy, more = {} } = stop
  return {
    ok: false,
    code,
    exit,
    ...(at === undefined ? {} : { at }),
    message: text === undefined ? meaningIn(terminal.language, code) : terminal.of(text),
    ...(remedy === undefined ? {} : { remedy: terminal.of(remedy) }),
    verified: exit === exits.unverified ? false : undefined,
    ...more,
  }
}
