// Verdicts in words. A grade is a technical term; what it means to somebody who has to rely on it
// is said in a sentence, and never more than it means.
import type { Verdict } from '#ledger/prove'
import { gradeText } from '#ledger/prove'
import type { Terminal } from '#apps/cli/output'
import { meaningIn } from '#apps/cli/output'

/** What was verified, as rows of a name and a value, and as members of the JSON answer. */
export type Finding = {
  readonly kind: string
  readonly verdict: Verdict | null
  /** One sentence: what holds. */
  readonly holds: string
  readonly rows: readonly (readonly [name: string, value: string])[]
  readonly data: { readonly [name: string]: unknown }
}

/** What a grade means, in one sentence. */
export function gradeSentence(terminal: Terminal, verdict: Verdict): string {
  const { grade, witnessed, validated } = verdict
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  switch (grade) {
    case 'durable':
      return words('已写入磁盘，尚无人签名', 'written to disk, signed by nobody')
    case 'checkpointed':
      return words(
        '只有账本运营方签名：这是一家之言',
        'signed by the operator of the log alone: the word of one',
      )
    case 'witnessed':
      return witnessed === 0
        ? words(
            '策略不要求见证：只有账本运营方签名，这是一家之言',
            'the policy asks for no witness: the word of the operator alone',
          )
        : words(
            `${witnessed} 家独立机构见证账本只增不改`,
            `the log only grew, as seen by ${witnessed} independent of its operator`,
          )
    case 'validated':
      return words(
        `${validated} 家独立机构逐条重新执行并共签`,
        `every command was run again by ${validated} independent of the operator`,
      )
  }
}

/** The rows of a verdict: grade, its meaning, date, and what lowers it. */
export function verdictRows(
  terminal: Terminal,
  verdict: Verdict,
): readonly (readonly [string, string])[] {
  const { asOf, checkpoint, reasons, underRetiredKey } = verdict
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const rows: [string, string][] = [
    [words('等级', 'grade'), `${gradeText(verdict)}: ${gradeSentence(terminal, verdict)}`],
  ]
  if (checkpoint !== null) {
    rows.push([words('账本', 'ledger'), checkpoint.origin])
    rows.push([words('检查点大小', 'checkpoint size'), String(checkpoint.size)])
  }
  if (asOf !== null) {
    rows.push([words('截至', 'as of'), new Date(asOf * 1000).toISOString()])
  }
  if (underRetiredKey) {
    rows.push([words('注意', 'note'), words('仅由已停用的密钥签名', 'a retired key alone signed')])
  }
  for (const { code, at } of reasons) {
    const said = meaningIn(terminal.language, code)
    rows.push([words('说明', 'reason'), at === undefined ? said : `${said} (${at})`])
  }
  return rows
}

/** The members of a JSON answer that say what a verdict is worth. */
export function verdictData(verdict: Verdict): { readonly [name: string]: unknown } {
  const { checkpoint, asOf, fresh, witnessed, validated, underRetiredKey, reasons } = verdict
  return {
    grade: gradeText(verdict),
    witnessed,
    validated,
    asOf,
    fresh,
    underRetiredKey,
    reasons: reasons.map(({ code, at }) => (at === undefined ? { code } : { code, at })),
    checkpoint: checkpoint && { origin: checkpoint.origin, size: checkpoint.size },
  }
}
