// The words of an expression: names, keywords, integers, texts in quotes and signs. What FEEL reads
// in two ways or rounds in silence (fractions, exponents, names with spaces or operators, escapes)
// is no word here, so that no data and no engine can change where a word ends. Below: walking over
// words, with depth and size counted before anything recurses over a tree.
import { dayOfText } from '#blueprint/time'
import type { Expression } from './syntax.ts'
import type { Fault, RuleCode } from './texts.ts'
import { isFault, ruleFault } from './texts.ts'

/** Longest expression or cell, in UTF-16 code units. */
export const expressionTextMax = 2_000

/** A word with its place, counted in UTF-16 code units from 0. */
export type Token = {
  readonly is: 'name' | 'keyword' | 'integer' | 'text' | 'sign' | 'end'
  /** Name, keyword, sign or the content of a text; empty for an integer and for the end. */
  readonly text: string
  /** The value of an integer, else 0. */
  readonly value: number
  readonly at: number
}

const keywordList =
  'if then else for in return some every satisfies and or not between true false null'
const builtInList =
  'count sum min max list contains floor ceiling round up down half date duration item'
// Words that mean something in FEEL, kept free so that no text means one thing there, another here.
const strangerList = 'function external instance of now today time matches replace split partial'

/** Words of the grammar. */
export const keywords: ReadonlySet<string> = new Set(keywordList.split(' '))

/** Words that name nothing else: keywords, built-ins, and words of FEEL that are kept free. */
export const reservedWords: ReadonlySet<string> = new Set(
  [keywordList, builtInList, strangerList].join(' ').split(' '),
)

/** What a name looks like: ASCII letters, digits, `_` and the common Chinese characters. */
const nameForm = /^[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]*$/
const nameMax = 64

/** Whether a text has the form of a name; `__proto__` is none, because JSON cannot carry it. */
export function isName(text: string): boolean {
  return text.length <= nameMax && text !== '__proto__' && nameForm.test(text)
}

const name = /[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]*/y
const digits = /\d+/y
const wordRest = /[A-Za-z0-9_\u4e00-\u9fff]/
// Quotes and controls end a text; there are no escapes.
// oxlint-disable-next-line no-control-regex
const quoted = /"[^"\\\u0000-\u001f]*"/y
const sign = /\.\.|<=|>=|!=|\*\*|[-+*/=<>()[\]{},.:@]/y
const space = /[ \t\n]+/y

type Scan = { readonly text: string; at: number }

/** The words of a text, the last one being the end, or the first fault with its place. */
export function tokenize(text: string, path: string): readonly Token[] | Fault {
  const fail = (code: RuleCode, at: number): Fault => ruleFault(code, `${path}@${at}`)
  if (text.length > expressionTextMax) return ruleFault('rules/too-long', path)
  const scan: Scan = { text, at: 0 }
  const tokens: Token[] = []
  for (;;) {
    take(scan, space)
    if (scan.at === text.length) break
    const at = scan.at
    const token = word(scan)
    if (typeof token === 'string') return fail(token, at)
    tokens.push(token)
  }
  tokens.push({ is: 'end', text: '', value: 0, at: text.length })
  return tokens
}

function word(scan: Scan): Token | RuleCode {
  const at = scan.at
  const first = scan.text.charAt(at)
  if (first === '"') return quotedText(scan)
  if (first >= '0' && first <= '9') return integer(scan)
  const named = take(scan, name)
  if (named !== null) {
    if (named.length > nameMax || named === '__proto__') return 'rules/bad-name'
    return { is: keywords.has(named) ? 'keyword' : 'name', text: named, value: 0, at }
  }
  const found = take(scan, sign)
  if (found === '**') return 'rules/forbidden-operator'
  if (found === '/' && '/*'.includes(scan.text.charAt(scan.at) || ' ')) return 'rules/comment'
  return found === null ? 'rules/bad-character' : { is: 'sign', text: found, value: 0, at }
}

function quotedText(scan: Scan): Token | RuleCode {
  const at = scan.at
  const found = take(scan, quoted)
  if (found === null || !found.isWellFormed()) return 'rules/bad-text'
  return { is: 'text', text: found.slice(1, -1), value: 0, at }
}

function integer(scan: Scan): Token | RuleCode {
  const at = scan.at
  const found = take(scan, digits) as string
  const next = scan.text.charAt(scan.at)
  const after = scan.text.charAt(scan.at + 1)
  if (next === '.' && after >= '0' && after <= '9') return 'rules/fraction'
  if (wordRest.test(next)) return 'rules/bad-number'
  if (found.length > 1 && found.startsWith('0')) return 'rules/bad-number'
  const value = Number(found)
  return Number.isSafeInteger(value) ? { is: 'integer', text: '', value, at } : 'rules/too-large'
}

function take(scan: Scan, pattern: RegExp): string | null {
  pattern.lastIndex = scan.at
  const found = pattern.exec(scan.text)
  if (found === null) return null
  scan.at += found[0].length
  return found[0]
}

/** Nested parentheses, conditions and lists. */
export const expressionDepthMax = 64
/** Nodes of one tree. */
export const expressionNodesMax = 500

/** A walk over words: the next one, what has been used up, and the first fault. */
export type Parser = {
  readonly path: string
  readonly tokens: readonly Token[]
  next: number
  depth: number
  nodes: number
  fault: Fault | null
}

/** A node of the tree before it has its place. */
export type Form = Expression extends infer Tree
  ? Tree extends Expression
    ? Omit<Tree, 'at'>
    : never
  : never

/** Reads a whole text with one reader; what is left over is a fault. */
export function parse<T>(
  text: string,
  path: string,
  read: (parser: Parser) => T | null,
): T | Fault {
  const tokens = tokenize(text, path)
  if (isFault(tokens)) return tokens
  const parser: Parser = { path, tokens, next: 0, depth: 0, nodes: 0, fault: null }
  const found = read(parser)
  if (found !== null && peek(parser).is !== 'end') stop(parser, 'rules/syntax')
  if (parser.fault !== null || found === null) {
    return parser.fault ?? ruleFault('rules/syntax', path)
  }
  return found
}

/** The word so many ahead; behind the last one stands the end. */
export function peek(parser: Parser, ahead = 0): Token {
  const last = parser.tokens.length - 1
  return parser.tokens[Math.min(parser.next + ahead, last)] as Token
}

/** Notes the first fault; parsing ends because everything returns null from there. */
export function stop(parser: Parser, code: RuleCode, at: number = peek(parser).at): null {
  parser.fault ??= ruleFault(code, `${parser.path}@${at}`)
  return null
}

/** Whether a sign or keyword stands there. */
export function isAt(parser: Parser, text: string, ahead = 0): boolean {
  const token = peek(parser, ahead)
  return (token.is === 'sign' || token.is === 'keyword') && token.text === text
}

/** Takes a sign or keyword if it stands next. */
export function eat(parser: Parser, text: string): boolean {
  if (!isAt(parser, text)) return false
  parser.next += 1
  return true
}

/** Takes a sign or keyword, or notes that it is missing. */
export function expect(parser: Parser, text: string): boolean {
  return eat(parser, text) || stop(parser, 'rules/syntax') !== null
}

/** A node, counted. */
export function node(parser: Parser, form: Form, at: number): Expression | null {
  parser.nodes += 1
  if (parser.nodes > expressionNodesMax) return stop(parser, 'rules/too-complex', at)
  return { ...form, at }
}

/** Parts between commas, up to the closing sign; none is a list too. */
export function listUntil<T>(
  parser: Parser,
  close: string,
  part: (parser: Parser) => T | null,
): readonly T[] | null {
  const parts: T[] = []
  if (eat(parser, close)) return parts
  do {
    const found = part(parser)
    if (found === null) return null
    parts.push(found)
  } while (eat(parser, ','))
  return expect(parser, close) ? parts : null
}

const durationForm = /^P(?:(\d{1,5})D|(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?)$/

/** A date or duration from the text that stands next. */
export function timed(parser: Parser, kind: 'date' | 'duration', at: number): Expression | null {
  const { is, text } = peek(parser)
  if (is !== 'text') return stop(parser, 'rules/not-constant')
  if (kind === 'date') {
    const day = dayOfText(text)
    if (day === null) return stop(parser, 'rules/bad-date')
    parser.next += 1
    return node(parser, { is: 'date', day }, at)
  }
  const found = durationForm.exec(text)
  if (found === null) return stop(parser, 'rules/bad-duration')
  parser.next += 1
  const [, days, years = '0', months = '0'] = found
  if (days !== undefined)
    return node(parser, { is: 'duration', unit: 'days', count: Number(days) }, at)
  const count = Number(years) * 12 + Number(months)
  return node(parser, { is: 'duration', unit: 'months', count }, at)
}
