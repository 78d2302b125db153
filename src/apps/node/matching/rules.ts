// Rules by which two entries of different sources are one person or firm, as data: a code comes
// first, then what names may differ in. Nothing that is not declared is ever taken for the same.
import type { Json } from '#base/canonical'

/** What the entries are, and with it which code identifies them. */
export type Subject = 'firm' | 'person'

/** A declared way in which two spellings are one name. Applied in the order of the list. */
export type NameRule =
  /** Blanks of all kinds are left out. */
  | { readonly rule: 'blanks' }
  /** Full-width letters, digits and marks, and the brackets of both scripts, are one. */
  | { readonly rule: 'width' }
  /** Middle dots of names from other languages are one. */
  | { readonly rule: 'dots' }
  /** Several code points of one character are one: compatibility forms, selectors of a variant. */
  | { readonly rule: 'forms' }
  /** A rare character stands for the one by which a system without it has it written. */
  | { readonly rule: 'character'; readonly from: string; readonly to: string }
  /** A whole word at the end of the name stands for another. */
  | { readonly rule: 'ending'; readonly from: string; readonly to: string }
  /** A word at the beginning of the name stands for another. */
  | { readonly rule: 'beginning'; readonly from: string; readonly to: string }

export type MatchingRules = {
  readonly format: 'lianban/matching/1'
  readonly about: Subject
  readonly names: readonly NameRule[]
}

/** Why a text is no set of rules: the path of the part, and what is expected there. */
export type RulesFault = { readonly path: string; readonly expected: string }

const plain = ['blanks', 'width', 'dots', 'forms']
const worded = ['ending', 'beginning']
const rulesMax = 64
const wordMax = 32

/** Reads rules strictly. Untrusted. */
export function decodeRules(value: Json): MatchingRules | RulesFault {
  if (!isObject(value)) return { path: '', expected: 'an object' }
  const more = Object.keys(value).find((name) => !['format', 'about', 'names'].includes(name))
  if (more !== undefined) return { path: more, expected: 'no such member' }
  if (value['format'] !== 'lianban/matching/1') {
    return { path: 'format', expected: 'lianban/matching/1' }
  }
  const { about, names } = value
  if (about !== 'firm' && about !== 'person') return { path: 'about', expected: 'firm or person' }
  if (!Array.isArray(names) || names.length > rulesMax) {
    return { path: 'names', expected: `a list of at most ${rulesMax} rules` }
  }
  for (const [at, rule] of names.entries()) {
    const expected = ruleFault(rule)
    if (expected !== null) return { path: `names[${at}]`, expected }
  }
  return { format: 'lianban/matching/1', about, names: names as unknown as NameRule[] }
}

/** Whether reading gave rules. */
export function isRules(result: MatchingRules | RulesFault): result is MatchingRules {
  return 'format' in result
}

/** What is expected instead of something that is no rule on names; null where it is one. */
export function ruleFault(rule: Json): string | null {
  if (!isObject(rule)) return 'an object'
  const { rule: name, from, to } = rule
  if (typeof name !== 'string') return 'a rule by name'
  if (plain.includes(name)) return Object.keys(rule).length === 1 ? null : 'nothing but its name'
  if (name === 'character') {
    const two = [from, to].every((word) => typeof word === 'string' && isHan(word))
    return two && Object.keys(rule).length === 3 ? null : 'from and to, one Chinese character each'
  }
  if (!worded.includes(name)) return [...plain, ...worded, 'character'].join(', ')
  const words = [from, to].every((word) => typeof word === 'string' && word.length <= wordMax)
  if (!words || from === '' || Object.keys(rule).length !== 3) {
    return `from and to, words of at most ${wordMax} characters`
  }
  return null
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const fullWidthShift = 0xfee0
const brackets: ReadonlyMap<string, string> = new Map([
  ['〔', '('],
  ['〕', ')'],
  ['【', '('],
  ['】', ')'],
  ['[', '('],
  [']', ')'],
  ['﹙', '('],
  ['﹚', ')'],
])

/** A name after one rule. */
export function applied(rule: NameRule, name: string): string {
  switch (rule.rule) {
    case 'blanks':
      return name.replaceAll(/[\s\u3000\u200b\ufeff]+/g, '')
    case 'width':
      return Array.from(name, narrowed).join('')
    case 'dots':
      return name.replaceAll(/[•‧∙⋅・･]/g, '·')
    case 'forms':
      return Array.from(name, oneForm).join('')
    case 'character':
      return name.replaceAll(rule.from, rule.to)
    case 'ending':
      return name.endsWith(rule.from) ? name.slice(0, -rule.from.length) + rule.to : name
    case 'beginning':
      return name.startsWith(rule.from) ? rule.to + name.slice(rule.from.length) : name
  }
}

/** One Chinese character, also a rare one or one of a system's own. */
function isHan(text: string): boolean {
  const [only = '', ...more] = text
  const code = only.codePointAt(0) ?? 0
  const isPrivate = code >= 0xe000 && code <= 0xf8ff
  return more.length === 0 && (isPrivate || /^\p{Script=Han}$/u.test(only))
}

// Compatibility ideographs, radicals as characters, and selectors that only choose a drawing.
function oneForm(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const between = (first: number, last: number): boolean => code >= first && code <= last
  if (between(0xfe00, 0xfe0f) || between(0xe0100, 0xe01ef)) return ''
  const isForm = between(0xf900, 0xfaff) || between(0x2f800, 0x2fa1f) || between(0x2f00, 0x2fd5)
  return isForm ? character.normalize('NFKC') : character
}

function narrowed(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code >= 0xff01 && code <= 0xff5e) return narrowed(String.fromCodePoint(code - fullWidthShift))
  return brackets.get(character) ?? character
}
