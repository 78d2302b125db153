// From text to tree. One text has one tree, whatever names exist: names are single words, so no
// declaration and no data can move a boundary. Depth and size are bounded before anything recurses
// over them; the first thing that does not fit is a fault with its place.
import type { Form, Parser } from './token.ts'
import { eat, expect, expressionDepthMax, isAt, listUntil, node } from './token.ts'
import { parse, peek, stop, timed } from './token.ts'
import type { BuiltIn, Comparison, Expression, Member, Test } from './syntax.ts'
import { isConstant } from './syntax.ts'
import type { Fault } from './texts.ts'
import { reservedWords } from './token.ts'

/** What stands in an input cell of a table: anything, or tests on the value of its column. */
export type Cell =
  | { readonly is: 'any' }
  | { readonly is: 'tests'; readonly not: boolean; readonly tests: readonly Test[] }

/** The tree of an expression, or what is wrong with it first. Untrusted text may be given. */
export function parseExpression(text: string, path = ''): Expression | Fault {
  return parse(text, path, whole)
}

/** The cell of a text; all its operands are constants. */
export function parseCell(text: string, path = ''): Cell | Fault {
  return parse(text, path, cell)
}

function whole(parser: Parser): Expression | null {
  if (parser.depth >= expressionDepthMax) return stop(parser, 'rules/too-deep')
  parser.depth += 1
  const tree = anything(parser)
  parser.depth -= 1
  return tree
}

function anything(parser: Parser): Expression | null {
  const { text, is } = peek(parser)
  if (is !== 'keyword') return either(parser)
  if (text === 'if') return condition(parser)
  if (text === 'for') return iteration(parser)
  return text === 'some' || text === 'every' ? quantifier(parser, text) : either(parser)
}

function condition(parser: Parser): Expression | null {
  const { at } = peek(parser)
  parser.next += 1
  const asked = whole(parser)
  if (asked === null || !expect(parser, 'then')) return null
  const yes = whole(parser)
  if (yes === null || !expect(parser, 'else')) return null
  const no = whole(parser)
  return no === null ? null : node(parser, { is: 'if', condition: asked, yes, no }, at)
}

type Binding = { readonly name: string; readonly over: Expression }

function binding(parser: Parser): Binding | null {
  parser.next += 1
  const { is, text: name } = peek(parser)
  if (is !== 'name') return stop(parser, 'rules/syntax')
  if (reservedWords.has(name)) return stop(parser, 'rules/reserved-name')
  parser.next += 1
  const over = expect(parser, 'in') ? whole(parser) : null
  return over === null ? null : { name, over }
}

function iteration(parser: Parser): Expression | null {
  const { at } = peek(parser)
  const bound = binding(parser)
  if (bound === null || !expect(parser, 'return')) return null
  const result = whole(parser)
  return result === null ? null : node(parser, { is: 'for', ...bound, result }, at)
}

function quantifier(parser: Parser, is: 'some' | 'every'): Expression | null {
  const { at } = peek(parser)
  const bound = binding(parser)
  if (bound === null || !expect(parser, 'satisfies')) return null
  const asked = whole(parser)
  return asked === null ? null : node(parser, { is, ...bound, condition: asked }, at)
}

type Part = (parser: Parser) => Expression | null
type Make = (sign: string, left: Expression, right: Expression) => Form

/** Operators of one level, grouped to the left. */
function leftward(
  parser: Parser,
  signs: readonly string[],
  part: Part,
  make: Make,
): Expression | null {
  let left = part(parser)
  while (left !== null) {
    const sign = signs.find((each) => isAt(parser, each))
    if (sign === undefined) return left
    const { at } = peek(parser)
    parser.next += 1
    const right = part(parser)
    left = right === null ? null : node(parser, make(sign, left, right), at)
  }
  return null
}

function either(parser: Parser): Expression | null {
  const make: Make = (_, left, right) => ({ is: 'logic', operator: 'or', left, right })
  return leftward(parser, ['or'], both, make)
}

function both(parser: Parser): Expression | null {
  const make: Make = (_, left, right) => ({ is: 'logic', operator: 'and', left, right })
  return leftward(parser, ['and'], comparison, make)
}

function sum(parser: Parser): Expression | null {
  return leftward(parser, ['+', '-'], product, arithmetic)
}

function product(parser: Parser): Expression | null {
  return leftward(parser, ['*', '/'], negation, arithmetic)
}

function arithmetic(sign: string, left: Expression, right: Expression): Form {
  return { is: 'arithmetic', operator: sign as '+' | '-' | '*' | '/', left, right }
}

const comparisons: readonly Comparison[] = ['=', '!=', '<=', '<', '>=', '>']

// Comparisons do not chain: `a < b < c` means nothing to a lawyer.
function comparison(parser: Parser): Expression | null {
  const left = sum(parser)
  if (left === null) return null
  const { at } = peek(parser)
  const operator = comparisons.find((each) => isAt(parser, each))
  if (operator !== undefined) {
    parser.next += 1
    const right = sum(parser)
    return right === null ? null : node(parser, { is: 'comparison', operator, left, right }, at)
  }
  if (eat(parser, 'between')) {
    const low = sum(parser)
    const high = low !== null && expect(parser, 'and') ? sum(parser) : null
    if (low === null || high === null) return null
    return node(parser, { is: 'between', of: left, low, high }, at)
  }
  if (!eat(parser, 'in')) return left
  const tests = inTests(parser)
  return tests === null ? null : node(parser, { is: 'in', of: left, tests }, at)
}

function inTests(parser: Parser): readonly Test[] | null {
  const only = range(parser)
  if (only !== undefined) return only === null ? null : [only]
  if (!eat(parser, '(')) {
    const to = sum(parser)
    return to === null ? null : [{ is: 'equals', to }]
  }
  const tests = testList(parser)
  return tests !== null && expect(parser, ')') ? tests : null
}

function testList(parser: Parser): readonly Test[] | null {
  const tests: Test[] = []
  do {
    const found = test(parser)
    if (found === null) return null
    tests.push(found)
  } while (eat(parser, ','))
  return tests
}

const orders = ['<=', '<', '>=', '>'] as const

function test(parser: Parser): Test | null {
  const found = range(parser)
  if (found !== undefined) return found
  const operator = orders.find((each) => eat(parser, each))
  const to = sum(parser)
  if (to === null) return null
  return operator === undefined ? { is: 'equals', to } : { is: 'compare', operator, to }
}

/**
 * A range, null after a fault, or undefined when there is none here. Its ends are names, constants
 * and their paths, which nothing nests in; so looking ahead costs no more than the text is long.
 */
function range(parser: Parser): Test | null | undefined {
  const begin = parser.next
  const lowOut = isAt(parser, '(')
  if (!lowOut && !isAt(parser, '[')) return undefined
  const nodes = parser.nodes
  parser.next += 1
  const low = end(parser)
  if (low === undefined || !eat(parser, '..')) {
    parser.next = begin
    parser.nodes = nodes
    return parser.fault === null ? undefined : null
  }
  const high = end(parser)
  const highOut = isAt(parser, ')')
  if (low === null || high === null) return null
  if (high === undefined || (!highOut && !isAt(parser, ']'))) return stop(parser, 'rules/syntax')
  parser.next += 1
  return { is: 'range', low, high, lowOut, highOut }
}

function end(parser: Parser): Expression | null | undefined {
  const { at } = peek(parser)
  if (isAt(parser, '-') && peek(parser, 1).is === 'integer') {
    parser.next += 1
    const of = primary(parser)
    return of === null ? null : node(parser, { is: 'negate', of }, at)
  }
  const { is, text } = peek(parser)
  const call = isAt(parser, '(', 1)
  const timed = call && (text === 'date' || text === 'duration')
  const starts = is === 'integer' || isAt(parser, '@') || (is === 'name' && (!call || timed))
  return starts ? path(parser) : undefined
}

function path(parser: Parser): Expression | null {
  let tree = primary(parser)
  while (tree !== null && isAt(parser, '.')) tree = member(parser, tree)
  return tree
}

function member(parser: Parser, of: Expression): Expression | null {
  parser.next += 1
  const { is, text, at } = peek(parser)
  if (is !== 'name' && is !== 'keyword') return stop(parser, 'rules/syntax')
  parser.next += 1
  return node(parser, { is: 'member', of, name: text }, at)
}

function negation(parser: Parser): Expression | null {
  const { at } = peek(parser)
  if (!isAt(parser, '-')) return postfix(parser)
  if (parser.depth >= expressionDepthMax) return stop(parser, 'rules/too-deep')
  parser.next += 1
  parser.depth += 1
  const of = negation(parser)
  parser.depth -= 1
  return of === null ? null : node(parser, { is: 'negate', of }, at)
}

function postfix(parser: Parser): Expression | null {
  let tree = primary(parser)
  while (tree !== null) {
    if (isAt(parser, '.')) {
      tree = member(parser, tree)
    } else if (isAt(parser, '[')) {
      const { at } = peek(parser)
      parser.next += 1
      const where = whole(parser)
      if (where === null || !expect(parser, ']')) return null
      tree = node(parser, { is: 'filter', of: tree, where }, at)
    } else {
      return tree
    }
  }
  return null
}

function primary(parser: Parser): Expression | null {
  const { is, text, value, at } = peek(parser)
  if (is === 'integer' || is === 'text') {
    parser.next += 1
    return node(parser, { is: 'literal', value: is === 'text' ? text : value }, at)
  }
  if (is === 'name') return named(parser)
  if (is === 'keyword') return word(parser)
  if (eat(parser, '(')) {
    const tree = whole(parser)
    return tree !== null && expect(parser, ')') ? tree : null
  }
  if (eat(parser, '[')) {
    const items = listUntil(parser, ']', whole)
    return items === null ? null : node(parser, { is: 'list', items }, at)
  }
  if (eat(parser, '{')) return record(parser, at)
  if (!eat(parser, '@')) return stop(parser, 'rules/syntax')
  return timed(parser, peek(parser).text.startsWith('P') ? 'duration' : 'date', at)
}

function word(parser: Parser): Expression | null {
  const { text, at } = peek(parser)
  if (text === 'not') {
    parser.next += 1
    return call(parser, 'not', at)
  }
  if (text !== 'true' && text !== 'false' && text !== 'null') return stop(parser, 'rules/syntax')
  parser.next += 1
  return node(parser, { is: 'literal', value: text === 'null' ? null : text === 'true' }, at)
}

function record(parser: Parser, at: number): Expression | null {
  const names = new Set<string>()
  const members = listUntil(parser, '}', (given): Member | null => {
    const { is, text: name } = peek(given)
    if (is !== 'name' && is !== 'keyword') return stop(given, 'rules/syntax')
    if (names.has(name)) return stop(given, 'rules/duplicate-name')
    names.add(name)
    given.next += 1
    const value = expect(given, ':') ? whole(given) : null
    return value === null ? null : { name, value }
  })
  return members === null ? null : node(parser, { is: 'record', members }, at)
}

// Several words make one name only where a built-in has that name and `(` follows.
const builtIns: readonly (readonly [BuiltIn, readonly string[]])[] = (
  [
    'round half up',
    'round half down',
    'round up',
    'round down',
    'list contains',
    'count',
    'sum',
    'min',
    'max',
    'floor',
    'ceiling',
  ] as const
).map((name) => [name, name.split(' ')])

function named(parser: Parser): Expression | null {
  const { text, at } = peek(parser)
  const found = builtIns.find(
    ([, words]) =>
      words.every((each, ahead) => peek(parser, ahead).text === each) &&
      isAt(parser, '(', words.length),
  )
  if (found !== undefined) {
    parser.next += found[1].length
    return call(parser, found[0], at)
  }
  if (isAt(parser, '(', 1)) {
    if (text !== 'date' && text !== 'duration') return stop(parser, 'rules/unknown-function')
    parser.next += 2
    const tree = timed(parser, text, at)
    return tree !== null && expect(parser, ')') ? tree : null
  }
  if (reservedWords.has(text) && text !== 'item') return stop(parser, 'rules/reserved-name')
  parser.next += 1
  return node(parser, { is: 'name', name: text }, at)
}

function call(parser: Parser, name: BuiltIn, at: number): Expression | null {
  const given = expect(parser, '(') ? listUntil(parser, ')', whole) : null
  return given === null ? null : node(parser, { is: 'call', name, given }, at)
}

function cell(parser: Parser): Cell | null {
  if (isAt(parser, '-') && peek(parser, 1).is === 'end') {
    parser.next += 1
    return { is: 'any' }
  }
  const not = isAt(parser, 'not')
  if (not) {
    parser.next += 1
    if (!expect(parser, '(')) return null
  }
  const tests = testList(parser)
  if (tests === null || (not && !expect(parser, ')'))) return null
  for (const operand of tests.flatMap(operandsOfTest)) {
    if (!isConstant(operand)) return stop(parser, 'rules/not-constant', operand.at)
  }
  return { is: 'tests', not, tests }
}

/** The expressions to which a test compares. */
export function operandsOfTest(given: Test): readonly Expression[] {
  return given.is === 'range' ? [given.low, given.high] : [given.to]
}
