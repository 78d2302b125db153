// A certificate file, judged offline and told in words: one of five outcomes, why, how old the
// status is and what stands behind it. Only `valid`, and no older than the policy allows, ends
// with 0; the outcome itself stands in the JSON answer for programs.
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { dayOfText, startOfDay } from '#blueprint/time'
import { judgeCertificate } from '#domains/certificates'
import type { CertificateFacts, CertificateJudgement } from '#domains/certificates'
import type { CertificateOutcome, Spell } from '#domains/certificates'
import { exits, meaningIn, tableLines } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import { usage } from '#apps/cli/command'
import type { Judging } from './proofs.ts'
import { verdictData, verdictRows } from './words.ts'

type Words = (zh: string, en: string) => string

/** Judges a certificate file, for now or for a day `YYYY-MM-DD` in China. */
export function judgeFile(
  { policy, nowMs }: Judging,
  file: Uint8Array,
  on: string | undefined,
): CertificateJudgement {
  if (on === undefined) return judgeCertificate(file, { policy, nowMs })
  const day = dayOfText(on)
  if (day === null) {
    throw usage('cli/bad-value', '--on', ['请写作 2026-03-01', 'write 2026-03-01'])
  }
  const during = { from: startOfDay(day), until: startOfDay(day + 1) }
  return judgeCertificate(file, { policy, nowMs, during })
}

/** The answer of `verify` about a certificate. */
export function certificateAnswer(terminal: Terminal, judged: CertificateJudgement): Answer {
  const words: Words = (zh, en) => terminal.words(zh, en)
  const { outcome } = judged
  if ('because' in judged) {
    const { code, at } = judged.because
    const why = meaningIn(terminal.language, code)
    return {
      data: { ok: false, verified: false, kind: 'certificate', outcome, code, at },
      lines: [
        `${terminal.paint('bad', nameOf(words, outcome))}: ${sentenceOf(words, outcome)}`,
        ...tableLines([[`  ${words('原因', 'because')}`, `${code}: ${why}`]]),
      ],
      exit: exits.unverified,
    }
  }
  const good = outcome === 'valid' && judged.stale !== true
  const said = judged.stale === true ? staleSentence(words) : sentenceOf(words, outcome)
  return {
    data: dataOf(judged, good),
    lines: [
      `${terminal.paint(good ? 'good' : 'bad', nameOf(words, outcome))}: ${said}`,
      ...tableLines(rowsOf(terminal, words, judged).map(([name, text]) => [`  ${name}`, text])),
    ],
    exit: good ? exits.ok : exits.unverified,
  }
}

/** What an outcome is called: programs go by the English word, which is also in the answer. */
function nameOf(words: Words, outcome: CertificateOutcome): string {
  const zh: { readonly [each in CertificateOutcome]: string } = {
    valid: '有效',
    suspended: '暂停',
    'not-in-force': '失效',
    'untrusted-issuer': '签发方不可信',
    'not-genuine': '不真实',
  }
  return words(`${zh[outcome]} (${outcome})`, outcome)
}

function sentenceOf(words: Words, outcome: CertificateOutcome): string {
  switch (outcome) {
    case 'valid':
      return words('证照真实，状态有效', 'the certificate is genuine and in force')
    case 'suspended':
      return words(
        '证照真实，但被保留或暂停',
        'the certificate is genuine, and on hold or suspended',
      )
    case 'not-in-force':
      return words(
        '证照真实，但已撤销、被替换、过期或当时尚未签发',
        'the certificate is genuine, and revoked, superseded, expired or not issued then',
      )
    case 'untrusted-issuer':
      return words(
        '没有您信任的一方证明签发单位有此资格',
        'nobody whom your policy trusts vouches for the issuer',
      )
    case 'not-genuine':
      return words(
        '文件有一处不成立，不能采信',
        'a part of the file does not hold: do not rely on it',
      )
  }
}

function staleSentence(words: Words): string {
  return words(
    '证照真实，但状态过旧，不足以回答所问的时间',
    'genuine, but its status is too old for the time that is asked about',
  )
}

type Row = readonly [name: string, text: string]

function rowsOf(terminal: Terminal, words: Words, facts: CertificateFacts): readonly Row[] {
  const { record, claims, successor, disputedSince, spells } = facts
  const rows: Row[] = [
    [words('类型', 'type'), record.type],
    [words('签发单位', 'issuer'), record.issuer],
    [words('签发时间', 'issued'), isoOf(record.issuedAt)],
    ...spells.map((spell): Row => [words('状态', 'status'), spellText(words, facts, spell)]),
  ]
  if (successor !== null) rows.push([words('承继单位', 'successor'), successor])
  if (disputedSince !== null) {
    rows.push([
      words('异议', 'disputed'),
      words(`自 ${isoOf(disputedSince)} 起`, `since ${isoOf(disputedSince)}`),
    ])
  }
  rows.push([words('状态截至', 'status as of'), asOfText(words, facts)])
  rows.push(...verdictRows(terminal, facts.verdict))
  rows.push([words('编号', 'handle'), record.handle])
  const item = claims['item']
  if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
    for (const [name, value] of Object.entries(item))
      rows.push([valueText(name), valueText(value as Json)])
  }
  return rows
}

/** A status in words, with the step that led to it. */
function spellText(words: Words, { record }: CertificateFacts, { status, from }: Spell): string {
  const zh: { readonly [each in Spell['status']]: string } = {
    none: '尚未签发',
    valid: '有效',
    held: '保留',
    suspended: '暂停',
    revoked: '已撤销',
    superseded: '已被替换',
    expired: '已过期',
  }
  const change = record.changes.filter(({ at, to }) => at <= from && to === status).at(-1)
  const named = words(`${zh[status]} (${status})`, status === 'none' ? 'not issued yet' : status)
  if (change === undefined) return named
  const by = change.by === undefined ? '' : ` → ${change.by}`
  return `${named}, ${change.ground}, ${words('自', 'since')} ${isoOf(change.at)}${by}`
}

function asOfText(words: Words, { asOf, age, dated }: CertificateFacts): string {
  const clock =
    dated === 'cosigners'
      ? words('共签方的时钟', 'by the clocks of its cosigners')
      : words('账本自己的时钟', 'by the ledger’s own clock')
  return `${isoOf(asOf)}, ${ageText(words, age)}, ${clock}`
}

const units: readonly (readonly [ms: number, zh: string, en: string])[] = [
  [86_400_000, '天', 'day'],
  [3_600_000, '小时', 'hour'],
  [60_000, '分钟', 'minute'],
  [1_000, '秒', 'second'],
]

/** How long ago, in the largest unit that fits. */
export function ageText(words: Words, ms: number): string {
  for (const [size, zh, en] of units) {
    const count = Math.floor(ms / size)
    if (count >= 1) return words(`${count} ${zh}前`, `${count} ${en}${count === 1 ? '' : 's'} ago`)
  }
  return words('刚刚', 'just now')
}

// What would move the cursor or turn the direction of writing is shown as a mark in its place.
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g

function valueText(value: Json): string {
  const text = typeof value === 'string' ? value : encodeCanonical(value)
  return text.replaceAll(unprintable, '\ufffd')
}

function isoOf(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString()
}

function dataOf(
  facts: CertificateFacts & { readonly outcome: CertificateOutcome },
  good: boolean,
): { readonly [name: string]: unknown } {
  const { outcome, ledger, record, spells, claims, verdict } = facts
  const { disputedSince, successor, asOf, age, dated, stale } = facts
  return {
    ok: good,
    verified: true,
    kind: 'certificate',
    outcome,
    ...verdictData(verdict),
    ledger,
    handle: record.handle,
    type: record.type,
    issuer: record.issuer,
    successor,
    issuedAt: record.issuedAt,
    spells,
    disputedSince,
    status: { asOf, ageMs: age, dated, stale },
    changes: record.changes,
    item: claims['item'],
  }
}
