// The smallest parts of the language: names, spans, days, paths, texts. Each has one form, so that
// two files that mean the same differ in nothing but order.
import { reservedWords } from '#blueprint/rules'
import { dayOfText, parseSpan } from '#blueprint/time'
import type { GrammarCode } from './faults.ts'

/** Names of the forms that a text can have. */
export type LeafName =
  | 'application'
  | 'class'
  | 'code'
  | 'day'
  | 'feel'
  | 'field'
  | 'hash'
  | 'id'
  | 'line'
  | 'member'
  | 'path'
  | 'post'
  | 'read'
  | 'span'
  | 'typeName'

type Leaf = {
  readonly pattern: RegExp
  readonly charactersMax: number
  readonly code: GrammarCode
  readonly holds?: (text: string) => boolean
}

const name = '[a-z][A-Za-z0-9]{0,31}'
/** The end of a read: how new, how sure, how long the reader may keep it. */
const readTail =
  '(?: fresh (?:0d|[1-9]\\d{0,4}(?:d|wd)))?(?: least [a-z]+)?(?: keep [1-9]\\d{0,4}[dwmy]+)?'
const fieldList = `\\{${name}(?:,${name})+\\}`

const leaves: { readonly [leaf in LeafName]: Leaf } = {
  application: {
    pattern: /^[a-z][a-z0-9]*(?:\.[a-z][a-z0-9-]*)+$/,
    charactersMax: 64,
    code: 'grammar/bad-form',
  },
  class: { pattern: /^[a-z][a-z0-9-]*$/, charactersMax: 32, code: 'grammar/bad-form' },
  code: { pattern: /^[a-z][a-z0-9-]*$/, charactersMax: 32, code: 'grammar/bad-form' },
  day: {
    pattern: /^\d{4}-\d{2}-\d{2}$/,
    charactersMax: 10,
    code: 'grammar/bad-day',
    holds: (text) => dayOfText(text) !== null,
  },
  // One line of a rule; whether it is one is the matter of #blueprint/rules.
  feel: { pattern: /^\S(?:[^\u0000-\u001f]*\S)?$/, charactersMax: 1_000, code: 'grammar/bad-form' },
  // Behind a dot a word of the rules can only be a field, so fields may have such names.
  field: { pattern: new RegExp(`^${name}$`), charactersMax: 32, code: 'grammar/bad-name' },
  hash: { pattern: /^[A-Za-z0-9_-]{43}$/, charactersMax: 43, code: 'grammar/bad-form' },
  id: {
    pattern: new RegExp(`^${name}$`),
    charactersMax: 32,
    code: 'grammar/bad-name',
  },
  // A line that people read: a citation, a source, a reason.
  line: { pattern: /^\S(?:[^\u0000-\u001f]*\S)?$/, charactersMax: 400, code: 'grammar/bad-form' },
  member: { pattern: /^[a-z][a-z0-9-]{1,31}$/, charactersMax: 32, code: 'grammar/bad-form' },
  path: { pattern: new RegExp(`^${name}\\.${name}$`), charactersMax: 65, code: 'grammar/bad-form' },
  post: { pattern: /^[a-z][a-z0-9-]*$/, charactersMax: 32, code: 'grammar/bad-form' },
  read: {
    pattern: new RegExp(`^${name}\\??(?:\\.${name}|\\.${fieldList})?${readTail}$`),
    charactersMax: 400,
    code: 'grammar/bad-read',
  },
  span: {
    pattern: /^[1-9]\d{0,4}(?:wd|d|m|y)$/,
    charactersMax: 7,
    code: 'grammar/bad-span',
    holds: (text) => parseSpan(text) !== null,
  },
  typeName: {
    pattern: /^[a-z][a-z0-9-]*@[1-9]\d{0,3}$/,
    charactersMax: 48,
    code: 'grammar/bad-form',
  },
}

/** The code of what is wrong with a text that should have a form, or null. */
export function leafFault(leaf: LeafName, text: string): GrammarCode | null {
  const { pattern, charactersMax, code, holds } = leaves[leaf]
  if (text.length > charactersMax || !pattern.test(text)) return code
  if (holds !== undefined && !holds(text)) return code
  // What every object inherits would be found where nothing was declared.
  if (text in {}) return 'grammar/reserved-name'
  return leaf === 'id' && reservedWords.has(text) ? 'grammar/reserved-name' : null
}

/** Pattern and length of a form, for editors. */
export function leafForm(leaf: LeafName): { readonly pattern: string; readonly maxLength: number } {
  return { pattern: leaves[leaf].pattern.source, maxLength: leaves[leaf].charactersMax }
}
