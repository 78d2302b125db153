// The operators and built-in functions, all of them: what they take, what they give, and how they
// compute it. Nothing here depends on a clock, a locale, an engine's rounding or a pattern.
import { addMonths, isDay } from '#blueprint/time'
import type { Kind } from './schema.ts'
import { compareRefused, integerMax, integerMin, isOptional, isOrdered } from './schema.ts'
import { withOptional } from './schema.ts'
import type { BuiltIn, Expression } from './syntax.ts'
import type { RuleCode } from './texts.ts'
import type { Value } from './value.ts'
import { isList, isSame, isTimed, listMax, order } from './value.ts'

/** A function over values. */
export type Call = {
  readonly given: number
  /** The kind of the result, or why these kinds are refused. */
  readonly kindOf: (kinds: readonly Kind[]) => Kind | RuleCode
  /** The result; undefined if it is no safe integer. Lists count for gas where they are walked. */
  readonly run: (values: readonly Value[]) => Value | undefined
}

/** A rounding of the exact quotient of two integers to a whole number. */
export type Rounding = {
  /** FEEL asks for a scale behind the number; it is 0. */
  readonly scaled: boolean
  readonly round: (dividend: number, divisor: number) => number
}

const count: Call = {
  given: 1,
  kindOf: ([list]) =>
    list?.is === 'list'
      ? { is: 'integer', min: 0, max: listMax, optional: false }
      : 'rules/wrong-kind',
  run: ([list]) => listOf(list).length,
}

// The sum of nothing is 0: an invariant over an empty list holds or fails, but is never null.
const sum: Call = {
  given: 1,
  kindOf: ([list]) => {
    if (list?.is !== 'list') return 'rules/wrong-kind'
    if (list.of.is === 'null' && !list.filled) return whole(0, 0)
    if (list.of.is !== 'integer') return 'rules/wrong-kind'
    return list.of.optional ? 'rules/may-be-null' : whole(integerMin, integerMax)
  },
  run: ([list]) => {
    let total = 0
    for (const each of listOf(list)) {
      total += each as number
      if (!Number.isSafeInteger(total)) return undefined
    }
    return total
  },
}

const extreme = (better: (difference: number) => boolean): Call => ({
  given: 1,
  kindOf: ([list]) => {
    if (list?.is !== 'list' || !isOrdered(list.of)) return 'rules/wrong-kind'
    if (isOptional(list.of)) return 'rules/may-be-null'
    return withOptional(list.of, !list.filled)
  },
  run: ([list]) => {
    let best: Value = null
    for (const each of listOf(list)) {
      if (best === null || better(order(each, best) ?? 0)) best = each
    }
    return best
  },
})

const contains: Call = {
  given: 2,
  kindOf: ([list, element]) => {
    if (list?.is !== 'list' || element === undefined) return 'rules/wrong-kind'
    return compareRefused(list.of, element) ?? { is: 'boolean', optional: false }
  },
  run: ([list, element]) => listOf(list).some((each) => isSame(each, element ?? null)),
}

const not: Call = {
  given: 1,
  kindOf: ([condition]) => (condition?.is === 'boolean' ? condition : 'rules/wrong-kind'),
  run: ([condition]) => (condition === null ? null : condition !== true),
}

function whole(min: number, max: number): Kind {
  return { is: 'integer', min, max, optional: false }
}

function listOf(value: Value | undefined): readonly Value[] {
  return value !== undefined && isList(value) ? value : []
}

/** The functions over values by name. */
export const calls: ReadonlyMap<BuiltIn, Call> = new Map<BuiltIn, Call>([
  ['count', count],
  ['sum', sum],
  ['min', extreme((difference) => difference < 0)],
  ['max', extreme((difference) => difference > 0)],
  ['list contains', contains],
  ['not', not],
])

// The quotient towards zero, which is exact: the remainder has the sign of the dividend.
const towardsZero = (dividend: number, divisor: number): number =>
  (dividend - (dividend % divisor)) / divisor

const isExact = (dividend: number, divisor: number): boolean => dividend % divisor === 0

const isNegative = (dividend: number, divisor: number): boolean => dividend < 0 !== divisor < 0

/** One further from zero, on the side of the quotient. */
const away = (dividend: number, divisor: number): number =>
  towardsZero(dividend, divisor) + (isNegative(dividend, divisor) ? -1 : 1)

// Twice a remainder against the divisor: doubling is exact for every safe integer.
const half = (dividend: number, divisor: number): number =>
  2 * Math.abs(dividend % divisor) - Math.abs(divisor)

/** The roundings by name. */
export const roundings: ReadonlyMap<BuiltIn, Rounding> = new Map<BuiltIn, Rounding>([
  [
    'floor',
    {
      scaled: false,
      round: (a, b) => (isExact(a, b) || !isNegative(a, b) ? towardsZero(a, b) : away(a, b)),
    },
  ],
  [
    'ceiling',
    {
      scaled: false,
      round: (a, b) => (isExact(a, b) || isNegative(a, b) ? towardsZero(a, b) : away(a, b)),
    },
  ],
  ['round down', { scaled: true, round: towardsZero }],
  ['round up', { scaled: true, round: (a, b) => (isExact(a, b) ? towardsZero(a, b) : away(a, b)) }],
  [
    'round half up',
    { scaled: true, round: (a, b) => (half(a, b) >= 0 ? away(a, b) : towardsZero(a, b)) },
  ],
  [
    'round half down',
    { scaled: true, round: (a, b) => (half(a, b) > 0 ? away(a, b) : towardsZero(a, b)) },
  ],
])

/** The kind of a constant; of what is none, it says nothing. */
export function constantKind(tree: Expression): Kind {
  if (tree.is === 'date') return { is: 'date', optional: false }
  if (tree.is === 'duration') return { is: tree.unit, optional: false }
  const value = constantValue(tree)
  if (typeof value === 'boolean') return { is: 'boolean', optional: false }
  if (typeof value === 'number') return whole(value, value)
  if (typeof value !== 'string') return { is: 'null' }
  return { is: 'text', values: new Set([value]), optional: false }
}

/** The value of a constant. */
export function constantValue(tree: Expression): Value {
  if (tree.is === 'literal') return tree.value
  if (tree.is === 'date') return { unit: 'date', count: tree.day }
  if (tree.is === 'duration') return { unit: tree.unit, count: tree.count }
  if (tree.is !== 'negate') return null
  const of = constantValue(tree.of)
  return typeof of === 'number' ? 0 - of : null
}

type Sign = '+' | '-' | '*'

/** The kind of a sum, difference or product, or why there is none. */
export function arithmeticKind(sign: Sign, a: Kind, b: Kind): Kind | RuleCode {
  if (a.is === 'integer' && b.is === 'integer') return integerResult(sign, a, b)
  const isLength = b.is === 'days' || b.is === 'months'
  if (sign === '*') return 'rules/wrong-kind'
  if (a.is === 'date' && isLength) return { is: 'date', optional: false }
  if (a.is === 'date' && b.is === 'date' && sign === '-') return { is: 'days', optional: false }
  return isLength && a.is === b.is ? { is: a.is, optional: false } : 'rules/wrong-kind'
}

type Bounds = { readonly min: number; readonly max: number }

// Bounds beyond the safe integers are those of the safe integers: what is beyond is an overflow.
function integerResult(sign: Sign, a: Bounds, b: Bounds): Kind {
  if (sign === '+') return whole(clamp(a.min + b.min), clamp(a.max + b.max))
  if (sign === '-') return whole(clamp(a.min - b.max), clamp(a.max - b.min))
  const corners = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max].map(clamp)
  return whole(Math.min(...corners), Math.max(...corners))
}

function clamp(bound: number): number {
  return Math.max(integerMin, Math.min(integerMax, bound)) + 0
}

/** The sum, difference or product; undefined if it is no safe integer or no day. */
export function arithmetic(sign: Sign, a: Value, b: Value): Value | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const result = sign === '+' ? a + b : sign === '-' ? a - b : a * b
    return Number.isSafeInteger(result) ? result + 0 : undefined
  }
  if (!isTimed(a) || !isTimed(b)) return undefined
  const change = sign === '-' ? -b.count : b.count
  if (a.unit === 'date' && b.unit === 'months') {
    const day = addMonths(a.count, change)
    return day === null ? undefined : { unit: 'date', count: day }
  }
  const count = a.count + change
  if (a.unit === 'date' && b.unit === 'days') {
    return isDay(count) ? { unit: 'date', count } : undefined
  }
  if (!Number.isSafeInteger(count)) return undefined
  return { unit: a.unit === 'date' ? 'days' : a.unit, count: count + 0 }
}

/** The kind of a rounded quotient, or why there is none. */
export function quotientKind(dividend: Kind, divisor: Kind): Kind | RuleCode {
  if (dividend.is !== 'integer' || divisor.is !== 'integer') return 'rules/wrong-kind'
  if (divisor.min <= 0 && divisor.max >= 0) return 'rules/zero-divisor'
  // Whole numbers at least 1 divide, so no quotient is further from zero than its dividend.
  const most = Math.max(Math.abs(dividend.min), Math.abs(dividend.max))
  return whole(dividend.min >= 0 && divisor.min > 0 ? 0 : -most, most)
}
