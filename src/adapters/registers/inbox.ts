// The one table through which decisions enter a department's database. The department's own system
// takes what is requested, does it in its own tables, and writes `confirmed` or `rejected` here.
import { Failure } from './failure.ts'
import type { Cell, Decision, Standing } from './register.ts'

/** The name of the table. */
export const inboxName = 'lianban_decisions'

const standings: readonly Standing[] = ['requested', 'confirmed', 'rejected']

/** The statement that makes the table where it is missing. */
export function inboxOf(quote: '"' | '`', text: 'TEXT' | 'LONGTEXT'): string {
  const name = (column: string): string => `${quote}${column}${quote}`
  return [
    `CREATE TABLE IF NOT EXISTS ${name(inboxName)} (`,
    `${name('id')} VARCHAR(64) NOT NULL PRIMARY KEY,`,
    `${name('target')} VARCHAR(128) NOT NULL,`,
    `${name('decision')} ${text} NOT NULL,`,
    `${name('standing')} VARCHAR(16) NOT NULL,`,
    `${name('asked_at')} TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`,
  ].join(' ')
}

/** A decision as the text that stands in the table: columns in the order of their names. */
export function decisionText({ table, values }: Decision): string {
  const names = Object.keys(values).sort((a, b) => (a < b ? -1 : 1))
  const sorted: { [name: string]: Cell } = {}
  for (const name of names) sorted[name] = values[name] ?? null
  return JSON.stringify({ table, values: sorted })
}

/** What the department's system wrote; anything else is `registers/bad-answer`. */
export function standingOf(value: unknown): Standing {
  const standing = standings.find((each) => each === value)
  if (standing === undefined) {
    throw new Failure('registers/bad-answer', `standing is one of ${standings.join(', ')}`)
  }
  return standing
}
