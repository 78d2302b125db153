// The reads of an act, one line each: which item or slot, which of its fields, whether the act can
// do without, how new and how sure the item must be, and how long the reader may keep its copy.
// This line is at once the order of work, the grant of access, the context of the form, the
// authority to disclose, and what the audit shows.
import type { Span } from '#blueprint/time'
import { parseSpan } from '#blueprint/time'
import type { Fault, GrammarCode } from './faults.ts'
import { grammarFault } from './faults.ts'

/** How sure an item is, from the register itself down to a pledge. */
export type Sureness = 'register' | 'original' | 'copy' | 'declared' | 'pledged'

/** The ladder of sureness, the surest first. */
export const surenesses: readonly Sureness[] = Object.freeze([
  'register',
  'original',
  'copy',
  'declared',
  'pledged',
] as const)

/** How old an item may be: so many days, 0 for an answer to this very attempt. */
export type Fresh = { readonly count: number; readonly unit: 'd' | 'wd' }

export type Read = {
  /** An item of evidence, or a slot whose keys are read. */
  readonly item: string
  /** The act goes on without the item when whoever gives it says no or not applicable. */
  readonly optional: boolean
  /** The fields by name, or null for all that are not sealed. */
  readonly fields: readonly string[] | null
  readonly fresh: Fresh | null
  readonly least: Sureness | null
  readonly keep: Span | null
}

const fieldsForm = '(?:\\.(?:([a-z][A-Za-z0-9]*)|\\{([A-Za-z0-9,]+)\\}))?'
const tailForm = '(?: fresh (\\d+)(d|wd))?(?: least ([a-z]+))?(?: keep (\\S+))?'
const form = new RegExp(`^([a-z][A-Za-z0-9]*)(\\?)?${fieldsForm}${tailForm}$`)

/** The read that a line says, or the fault of the line. Untrusted. */
export function parseRead(text: string, path = ''): Read | Fault<GrammarCode> {
  const found = form.exec(text)
  if (found === null) return grammarFault('grammar/bad-read', path, text)
  const [, item = '', mark, one, several, count, unit, sure, kept] = found
  const fields = one === undefined ? (several?.split(',') ?? null) : [one]
  const unsorted = fields?.find((field, at) => at > 0 && (fields[at - 1] as string) >= field)
  if (unsorted !== undefined) return grammarFault('grammar/unsorted', path, unsorted)
  const least = surenesses.find((each) => each === sure) ?? null
  if (sure !== undefined && least === null) {
    return grammarFault('grammar/not-in-list', path, surenesses.join(' | '))
  }
  const keep = kept === undefined ? null : parseSpan(kept)
  if (kept !== undefined && keep === null) return grammarFault('grammar/bad-span', path, kept)
  return {
    item,
    optional: mark !== undefined,
    fields,
    fresh: unit === undefined ? null : { count: Number(count), unit: unit as 'd' | 'wd' },
    least,
    keep,
  }
}

/** Whether a result of `parseRead` is a read. */
export function isRead(result: Read | Fault<GrammarCode>): result is Read {
  return 'item' in result
}
