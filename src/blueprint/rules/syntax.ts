// The tree of an expression, and the one text in which a tree is written: no white space that says
// nothing, no parentheses that change nothing, dates in one spelling. Reading the text of a tree
// gives the tree again.
import { textOfDay } from '#blueprint/time'

/** Built-in functions; there are no others and nobody can define one. */
export type BuiltIn =
  | 'count'
  | 'sum'
  | 'min'
  | 'max'
  | 'list contains'
  | 'not'
  | 'floor'
  | 'ceiling'
  | 'round up'
  | 'round down'
  | 'round half up'
  | 'round half down'

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='

/** A test of `in` or of a cell, on a value that stands before it. */
export type Test =
  | { readonly is: 'equals'; readonly to: Expression }
  | { readonly is: 'compare'; readonly operator: '<' | '<=' | '>' | '>='; readonly to: Expression }
  | {
      readonly is: 'range'
      readonly low: Expression
      readonly high: Expression
      /** `(` and `)` leave the end out, `[` and `]` keep it in. */
      readonly lowOut: boolean
      readonly highOut: boolean
    }

type Form =
  | { readonly is: 'literal'; readonly value: null | boolean | number | string }
  | { readonly is: 'date'; readonly day: number }
  | { readonly is: 'duration'; readonly unit: 'days' | 'months'; readonly count: number }
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'member'; readonly of: Expression; readonly name: string }
  | { readonly is: 'filter'; readonly of: Expression; readonly where: Expression }
  | { readonly is: 'call'; readonly name: BuiltIn; readonly given: readonly Expression[] }
  | { readonly is: 'negate'; readonly of: Expression }
  | {
      readonly is: 'arithmetic'
      readonly operator: '+' | '-' | '*' | '/'
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly is: 'comparison'
      readonly operator: Comparison
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly is: 'between'
      readonly of: Expression
      readonly low: Expression
      readonly high: Expression
    }
  | { readonly is: 'in'; readonly of: Expression; readonly tests: readonly Test[] }
  | {
      readonly is: 'logic'
      readonly operator: 'and' | 'or'
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly is: 'if'
      readonly condition: Expression
      readonly yes: Expression
      readonly no: Expression
    }
  | {
      readonly is: 'for'
      readonly name: string
      readonly over: Expression
      readonly result: Expression
    }
  | {
      readonly is: 'some' | 'every'
      readonly name: string
      readonly over: Expression
      readonly condition: Expression
    }
  | { readonly is: 'list'; readonly items: readonly Expression[] }
  | { readonly is: 'record'; readonly members: readonly Member[] }

export type Member = { readonly name: string; readonly value: Expression }

/** A tree; `at` is the place of its sign, keyword or first word in its text. */
export type Expression = Form & { readonly at: number }

/** How tightly a form binds; a part that binds looser than its place asks for is put in `( )`. */
const level = {
  whole: 0,
  or: 1,
  and: 2,
  comparison: 3,
  sum: 4,
  product: 5,
  negation: 6,
  postfix: 7,
} as const

/** The canonical text of a tree. */
export function printExpression(tree: Expression): string {
  return print(tree, level.whole)
}

// Trees have at most as many nodes as the parser lets through, which bounds this recursion.
function print(tree: Expression, place: number): string {
  const [text, own] = form(tree)
  return own < place ? `(${text})` : text
}

function form(tree: Expression): readonly [text: string, level: number] {
  switch (tree.is) {
    case 'literal':
      return [printLiteral(tree.value), level.postfix]
    case 'date':
      return [`date("${textOfDay(tree.day)}")`, level.postfix]
    case 'duration':
      return [`duration("${durationText(tree)}")`, level.postfix]
    case 'name':
      return [tree.name, level.postfix]
    case 'member':
      return [`${print(tree.of, level.postfix)}.${tree.name}`, level.postfix]
    case 'filter':
      return [`${print(tree.of, level.postfix)}[${print(tree.where, level.whole)}]`, level.postfix]
    case 'call':
      return [`${tree.name}(${list(tree.given)})`, level.postfix]
    case 'list':
      return [`[${list(tree.items)}]`, level.postfix]
    case 'record':
      return [`{${tree.members.map(member).join(', ')}}`, level.postfix]
    case 'negate':
      return [`-${print(tree.of, level.negation)}`, level.negation]
    case 'arithmetic': {
      const own = '+-'.includes(tree.operator) ? level.sum : level.product
      return [binary(tree.left, tree.operator, tree.right, own), own]
    }
    case 'logic': {
      const own = tree.operator === 'or' ? level.or : level.and
      return [binary(tree.left, tree.operator, tree.right, own), own]
    }
    case 'comparison': {
      const sides = [tree.left, tree.right].map((side) => print(side, level.sum))
      return [sides.join(` ${tree.operator} `), level.comparison]
    }
    case 'between': {
      const [of, low, high] = [tree.of, tree.low, tree.high].map((part) => print(part, level.sum))
      return [`${of} between ${low} and ${high}`, level.comparison]
    }
    case 'in':
      return [`${print(tree.of, level.sum)} in ${printTests(tree.tests)}`, level.comparison]
    case 'if': {
      const [condition, yes, no] = [tree.condition, tree.yes, tree.no].map(printExpression)
      return [`if ${condition} then ${yes} else ${no}`, level.whole]
    }
    case 'for': {
      const over = printExpression(tree.over)
      return [`for ${tree.name} in ${over} return ${printExpression(tree.result)}`, level.whole]
    }
    case 'some':
    case 'every': {
      const over = printExpression(tree.over)
      const condition = printExpression(tree.condition)
      return [`${tree.is} ${tree.name} in ${over} satisfies ${condition}`, level.whole]
    }
  }
}

// Operators of one level group to the left.
function binary(left: Expression, sign: string, right: Expression, own: number): string {
  return `${print(left, own)} ${sign} ${print(right, own + 1)}`
}

function list(trees: readonly Expression[]): string {
  return trees.map(printExpression).join(', ')
}

function member({ name, value }: Member): string {
  return `${name}: ${printExpression(value)}`
}

function printTests(tests: readonly Test[]): string {
  const [only] = tests
  if (tests.length === 1 && only?.is === 'range') return printTest(only)
  return `(${tests.map(printTest).join(', ')})`
}

/** The text of one test. */
export function printTest(test: Test): string {
  if (test.is === 'equals') return print(test.to, level.sum)
  if (test.is === 'compare') return `${test.operator} ${print(test.to, level.sum)}`
  const { low, high, lowOut, highOut } = test
  const ends = `${printExpression(low)}..${printExpression(high)}`
  return `${lowOut ? '(' : '['}${ends}${highOut ? ')' : ']'}`
}

function printLiteral(value: null | boolean | number | string): string {
  return typeof value === 'string' ? `"${value}"` : String(value)
}

/** The text of a duration, ISO 8601: days, or years and months. */
export function durationText({
  unit,
  count,
}: {
  readonly unit: 'days' | 'months'
  readonly count: number
}): string {
  const sign = count < 0 ? '-' : ''
  const size = Math.abs(count)
  if (unit === 'days') return `${sign}P${size}D`
  const years = Math.floor(size / 12)
  const months = size - years * 12
  const yearPart = years > 0 ? `${years}Y` : ''
  return `${sign}P${yearPart}${months > 0 || years === 0 ? `${months}M` : ''}`
}

/**
 * The texts of paths that cannot be null where a condition turned out as said: those that were
 * compared with null, and those that equal a constant.
 */
export function provenBy(condition: Expression, outcome: boolean): readonly string[] {
  if (condition.is === 'logic') {
    // Of a false `and`, or a true `or`, nobody knows which side it was.
    if ((condition.operator === 'and') !== outcome) return []
    return [...provenBy(condition.left, outcome), ...provenBy(condition.right, outcome)]
  }
  if (condition.is === 'call') {
    const [of] = condition.given
    return condition.name === 'not' && of !== undefined ? provenBy(of, !outcome) : []
  }
  if (condition.is !== 'comparison') return []
  const { operator, left, right } = condition
  const [path, constant] = isPath(left) ? [left, right] : [right, left]
  if (!isPath(path) || !isConstant(constant)) return []
  const isNull = constant.is === 'literal' && constant.value === null
  const proves = operator === (isNull ? '!=' : '=')
  const denies = operator === (isNull ? '=' : '!=')
  return (outcome ? proves : denies) ? [printExpression(path)] : []
}

function isPath(tree: Expression): boolean {
  return tree.is === 'name' || (tree.is === 'member' && isPath(tree.of))
}

/** Whether a tree is a constant: what a cell of a table may hold. */
export function isConstant(tree: Expression): boolean {
  if (tree.is === 'negate') return tree.of.is === 'literal' && typeof tree.of.value === 'number'
  return tree.is === 'literal' || tree.is === 'date' || tree.is === 'duration'
}
