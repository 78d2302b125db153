// How a no looks over HTTP: RFC 9457 problem details. One table gives every code its status and its
// Chinese title; the English ones are the lists of the rooms. A problem names the rule and the
// place, never content, so it may be logged by whoever receives it.
import { assert } from '#base/assert'
import type { CodeLine, Refusal } from '#ledger/command'
import { commandCodes } from '#ledger/command'
import { orderCodes } from '#ledger/order'
import { validateCodes } from '#ledger/validate'
import { transportRefusals } from '#adapters/transport'
import { nodeCodes } from './codes.ts'

type Row = readonly [code: string, status: number, zh: string]

const form: readonly Row[] = [
  ['command/oversized', 413, '文本或字段超过长度上限'],
  ['command/not-ascii', 400, '含有 0x7f 以上的字节'],
  ['command/control-character', 400, '含有控制字符'],
  ['command/whitespace', 400, '含有空白字符'],
  ['command/backslash', 400, '含有反斜杠：字符串不允许转义'],
  ['command/bad-json', 400, '此处出现 JSON 不允许的字符'],
  ['command/truncated', 400, '文本在一个值中间结束'],
  ['command/trailing-bytes', 400, '值结束后还有多余字节'],
  ['command/bad-number', 400, '不是唯一写法的整数，或超出 ±(2^53 - 1)'],
  ['command/too-deep', 400, '数组和对象嵌套过深'],
  ['command/too-many-members', 400, '对象成员总数过多'],
  ['command/duplicate-key', 400, '对象中有重复的键'],
  ['command/forbidden-key', 400, '键名 __proto__ 不允许'],
  ['command/integer-key', 400, '键名不能只由数字组成'],
  ['command/empty-key', 400, '键名为空'],
  ['command/jws-parts', 400, '不是以两个点连接的三段'],
  ['command/bad-base64url', 400, '不是规范的无填充 base64url'],
  ['command/header-order', 400, '签名头中 alg、kid、typ 次序不对'],
  ['command/header-members', 400, '签名头除 alg、kid、typ 外另有成员'],
  ['command/bad-alg', 400, '签名算法不是 ES256'],
  ['command/bad-kid', 400, '密钥标识不是 RFC 7638 指纹'],
  ['command/bad-typ', 400, 'typ 属于另一种文件'],
  ['command/bad-signature', 400, '签名不是 64 字节'],
  ['command/bad-members', 400, '对象成员或其次序不符'],
  ['command/bad-member', 400, '某一成员形式不对'],
  ['command/intents-count', 400, '意图为零、过多，或与所签数目不符'],
  ['command/intent-hash', 400, '意图与该位置所签的不同'],
  ['command/duplicate-intent', 400, '同一信封中有重复的意图'],
  ['command/approvals-count', 400, '批准列表为空或过多'],
  ['command/approval-position', 400, '批准所指位置不存在或次序不对'],
  ['command/documents-count', 400, '文件列表为空或过多'],
  ['command/documents-oversized', 413, '文件合计超过 1 MiB'],
  ['command/duplicate-document', 400, '同一文件出现两次'],
  ['command/schema', 422, '正文不符合该类命令的格式'],
]

const admission: readonly Row[] = [
  ['validate/unknown-key', 403, '没有登记这一密钥'],
  ['validate/wrong-key-use', 403, '密钥登记的用途不同'],
  ['validate/wrong-algorithm', 403, '密钥登记的算法不同'],
  ['validate/key-not-in-force', 403, '密钥在此高度不生效'],
  ['validate/unknown-member', 403, '密钥不属于任何登记成员'],
  ['validate/member-suspended', 403, '成员已被暂停'],
  ['validate/member-left', 403, '成员已退出'],
  ['validate/member-not-in-force', 403, '成员在此高度尚未生效'],
  ['validate/bad-signature', 403, '签名不成立'],
  ['validate/document-not-named', 422, '没有意图提到这一文件'],
  ['validate/other-ledger', 422, '意图属于另一账本'],
  ['validate/unknown-type', 422, '没有这一类命令'],
  ['validate/wrong-member-kind', 403, '此类成员不能发送该类命令'],
  ['validate/expired', 422, 'notAfter 早于区块时间'],
  ['validate/too-far-ahead', 422, 'notAfter 晚于区块时间七天以上'],
  ['validate/duplicate', 409, '该成员已用过此编号'],
  ['validate/not-alone', 422, '该类命令不能与其他意图同封'],
  ['validate/approvals-count', 422, '批准数目少于或多于该类命令的要求'],
  ['validate/document-missing', 422, '正文提到的文件没有随附'],
  ['validate/over-budget', 429, '该成员本小时此类额度已用完'],
]

const ordering: readonly Row[] = [
  ['order/overloaded', 503, '等待的命令过多，请稍后重发'],
  ['order/no-space', 507, '磁盘已满；仍可读取，腾出空间后自动恢复写入'],
  ['order/closing', 503, '节点正在停止，请稍后重发或改发他处'],
  ['order/stopped', 503, '节点因故障停止，不再接收'],
  ['order/outcome-unknown', 500, '处理此命令时磁盘故障；请凭编号查询回执'],
  ['order/clock-unconfirmed', 503, '时钟跳变，须由运营方两名人员确认时间'],
  ['read/id-reused', 422, '此编号属于该成员的另一意图'],
]

const node: readonly Row[] = [
  ['node/not-found', 404, '此处没有您可以查看的内容'],
  ['node/unknown-ledger', 404, '本节点没有这一账本'],
  ['node/method-not-allowed', 405, '此地址只接受 Allow 中列出的方法'],
  ['node/bad-request', 400, '不是合格的 HTTP 请求'],
  ['node/bad-parameter', 400, '路径或查询中有一处形式不对'],
  ['node/unsupported-media-type', 415, '此处不接受这种类型或编码的正文'],
  ['node/body-oversized', 413, '正文超过长度上限'],
  ['node/line-oversized', 413, '流中一行超过长度上限'],
  ['node/headers-oversized', 431, '请求行与请求头超过长度上限'],
  ['node/too-slow', 408, '请求未在限时内到达'],
  ['node/unknown-caller', 401, '只有以双向 TLS 连接的成员或本机运营人员可以查询'],
  ['node/bad-token', 401, '运营令牌不对，或不是从本机发出'],
  ['node/not-yours', 403, '此内容只给副本成员或其中提到的成员'],
  ['node/not-checkpointed', 503, '尚无检查点覆盖，请在下一个检查点之后再查'],
  ['node/redacted', 451, '经成员共同决定，此条目的内容不再提供'],
  ['node/record-changed', 503, '记录在上一映射根之后有变更，请在下一个检查点之后再查'],
  ['node/malformed-cosignature', 400, '正文不是带共签的已签检查点'],
  ['node/unknown-cosigner', 403, '没有生效的登记共签密钥作此共签'],
  ['node/bad-cosignature', 422, '某一共签对此检查点不成立'],
  ['node/other-checkpoint', 409, '共签针对的不是最新检查点'],
  ['node/too-many-connections', 503, '连接数已达上限'],
  ['node/too-many-streams', 503, '打开的事件流过多，请稍后再试'],
  ['node/closing', 503, '节点正在停止，请稍后再试'],
  ['node/broken', 500, '节点无法回答；请求本身没有问题'],
  ['transport/bad-certificate', 403, '证书中没有 P-256 密钥'],
  ['transport/unknown-key', 403, '登记中没有证书的密钥'],
  ['transport/wrong-key-use', 403, '证书的密钥登记的不是传输用途'],
  ['transport/key-not-in-force', 403, '证书的密钥尚未生效或已失效'],
  ['transport/member-not-active', 403, '成员未登记、已暂停或已退出'],
  ['storage/corrupt', 500, '读回的内容与写入的不同，已拒绝返回'],
  ['storage/read-failed', 500, '磁盘读取失败'],
]

const english: ReadonlyMap<string, string> = new Map<string, string>([
  ...[commandCodes, validateCodes, orderCodes, nodeCodes, transportRefusals].flatMap(
    (list: readonly CodeLine[]) => list.map(([code, meaning]) => [code, meaning] as const),
  ),
  ['read/id-reused', 'the id belongs to another intent of this member'],
  ['storage/corrupt', 'what was read back is not what was written; the read is refused'],
  ['storage/read-failed', 'the disk did not read'],
])

const rows: ReadonlyMap<string, Row> = new Map(
  [...form, ...admission, ...ordering, ...node].map((row) => [row[0], row]),
)

/** Seconds after which asking again makes sense, by code. */
const retryAfter: ReadonlyMap<string, number> = new Map([
  ['validate/duplicate', 1],
  ['validate/over-budget', 3600],
  ['order/overloaded', 1],
  ['order/no-space', 5],
  ['order/closing', 5],
  ['order/clock-unconfirmed', 60],
  ['node/not-checkpointed', 5],
  ['node/record-changed', 5],
  ['node/too-many-streams', 30],
  ['node/closing', 5],
])

export type Language = 'zh' | 'en' | 'both'

/** Every code that this server can answer with. */
export function problemCodes(): readonly string[] {
  return [...rows.keys()]
}

/** The HTTP status of a code; what the ledger adds later is 422 until it stands in the table. */
export function statusOf(code: string): number {
  return rows.get(code)?.[1] ?? 422
}

/** Seconds for Retry-After, or undefined where asking again changes nothing. */
export function retryAfterOf(code: string): number | undefined {
  return retryAfter.get(code)
}

/** The title of a code. */
export function titleOf(code: string, language: Language): string {
  const en = english.get(code) ?? code
  const zh = rows.get(code)?.[2] ?? code
  return language === 'zh' ? zh : language === 'en' ? en : `${zh} / ${en}`
}

/** The language of titles that Accept-Language prefers; both when it names neither or nothing. */
export function languageOf(accept: string | undefined): Language {
  if (accept === undefined || accept === '*') return 'both'
  // Untrusted: only the first of the two that appears counts, which needs no parser of weights.
  const zh = accept.search(/(?:^|[\s,])zh\b/i)
  const en = accept.search(/(?:^|[\s,])en\b/i)
  if (zh < 0 && en < 0) return 'both'
  if (en < 0 || (zh >= 0 && zh < en)) return 'zh'
  return 'en'
}

/** What a problem may carry beside its code. */
export type ProblemParts = {
  readonly refusal: Refusal
  readonly language: Language
  /** A compact JWS over the refusal, where its command had a good signature. */
  readonly signed?: string
  /** Problems of the parts of an envelope, by position. */
  readonly errors?: readonly string[]
}

const plain = new Map<string, string>()

/** Problem details as a JSON text. */
export function problemText({ refusal, language, signed, errors }: ProblemParts): string {
  const { code, at } = refusal
  const bare = at === undefined && signed === undefined && errors === undefined
  const key = `${language} ${code}`
  const known = bare ? plain.get(key) : undefined
  if (known !== undefined) return known
  let text = `{"type":"urn:lianban:problem:${code}","code":"${code}"`
  text += `,"title":${JSON.stringify(titleOf(code, language))},"status":${statusOf(code)}`
  if (at !== undefined) text += `,"at":${JSON.stringify(at)}`
  if (errors !== undefined) text += `,"errors":[${errors.join(',')}]`
  if (signed !== undefined) text += `,"signed":"${signed}"`
  text += '}'
  // Codes are constants of the program, so this cannot grow with what strangers send.
  assert(plain.size < 4096, 'there are few codes')
  if (bare) plain.set(key, text)
  return text
}
