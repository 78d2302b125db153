// Computing a checked expression over bound inputs. It always ends, within its gas and within the
// depth of its tree, and never throws: it gives a value or a fault. Gas counts nodes and the
// elements that are walked over, the same on every node.
import { arithmetic, calls, constantValue, roundings } from './calls.ts'
import { assert } from '#base/assert'
import type { Checked } from './check.ts'
import type { Expression, Test } from './syntax.ts'
import type { Fault, RuleCode } from './texts.ts'
import { ruleFault } from './texts.ts'
import type { Inputs, Value } from './value.ts'
import { isList, isRecord, isSame, order } from './value.ts'

/** Gas of one rule, if the caller grants no less. */
export const gasMax = 100_000

/** What a rule gave, and what it took. */
export type Result = { readonly value: Value; readonly gas: number }

type Run = { gas: number; code: RuleCode | null; at: number }

/** Names and elements that are visible, the innermost first. */
type Frame = {
  readonly values: ReadonlyMap<string, Value>
  readonly item: Value | undefined
  readonly outer: Frame | null
}

// Marks what could not be computed; the run holds the reason.
type Maybe<T> = T | undefined

type In<Is extends Expression['is']> = Extract<Expression, { readonly is: Is }>

/** The value of a checked expression over inputs of its schema, or why it has none. */
export function evaluate(checked: Checked, inputs: Inputs, gas: number = gasMax): Result | Fault {
  assert(checked.schema === inputs.schema, 'inputs are bound by the schema of the rule')
  assert(Number.isSafeInteger(gas), 'gas is counted')
  const run: Run = { gas: Math.min(gas, gasMax), code: null, at: 0 }
  const granted = run.gas
  const frame: Frame = { values: inputs.values, item: undefined, outer: null }
  const value = compute(run, checked.tree, frame)
  if (value === undefined) {
    assert(run.code !== null, 'what has no value has a reason')
    return ruleFault(run.code, `${checked.path}@${run.at}`)
  }
  return { value, gas: granted - run.gas }
}

function fail(run: Run, code: RuleCode, at: number): undefined {
  if (run.code === null) {
    run.code = code
    run.at = at
  }
  return undefined
}

function pay(run: Run, steps: number, at: number): boolean {
  run.gas -= steps
  if (run.gas >= 0) return true
  fail(run, 'rules/out-of-gas', at)
  return false
}

// Recursion is bounded by the nodes of the tree.
function compute(run: Run, tree: Expression, frame: Frame): Maybe<Value> {
  if (!pay(run, 1, tree.at)) return undefined
  switch (tree.is) {
    case 'literal':
    case 'date':
    case 'duration':
      return constantValue(tree)
    case 'name':
      return lookUp(frame, tree.name)
    case 'member':
      return memberOf(run, tree, frame)
    case 'filter':
      return filtered(run, tree, frame)
    case 'call':
      return called(run, tree, frame)
    case 'negate':
      return negated(run, tree, frame)
    case 'arithmetic':
      return added(run, tree, frame)
    case 'comparison':
      return compared(run, tree, frame)
    case 'between':
      return between(run, tree, frame)
    case 'in':
      return within(run, tree, frame)
    case 'logic':
      return decided(run, tree, frame)
    case 'if':
      return chosen(run, tree, frame)
    case 'for':
      return mapped(run, tree, frame)
    case 'some':
    case 'every':
      return quantified(run, tree, frame)
    case 'list':
      return all(run, tree.items, frame)
    case 'record':
      return recorded(run, tree, frame)
  }
}

function defect(): never {
  assert(false, 'a checked tree has the kinds that were inferred')
}

function lookUp(frame: Frame, name: string): Value {
  for (let at: Frame | null = frame; at !== null; at = at.outer) {
    if (name === 'item' && at.item !== undefined) return at.item
    const found = at.values.get(name)
    if (found !== undefined) return found
  }
  return defect()
}

function memberOf(run: Run, tree: In<'member'>, frame: Frame): Maybe<Value> {
  const of = compute(run, tree.of, frame)
  if (of === undefined) return undefined
  if (!isListValue(of)) return fieldOf(of, tree.name)
  return pay(run, of.length, tree.at) ? of.map((each) => fieldOf(each, tree.name)) : undefined
}

function isListValue(value: Value): value is readonly Value[] {
  return isList(value)
}

function fieldOf(value: Value, name: string): Value {
  if (value === null) return null
  const found = isRecord(value) ? value.get(name) : undefined
  return found === undefined ? defect() : found
}

const nothing: ReadonlyMap<string, Value> = new Map()

function filtered(run: Run, tree: In<'filter'>, frame: Frame): Maybe<Value> {
  const of = compute(run, tree.of, frame)
  if (of === undefined || !isListValue(of)) return of === undefined ? undefined : defect()
  const kept: Value[] = []
  for (const item of of) {
    if (!pay(run, 1, tree.at)) return undefined
    const values = isRecord(item) ? item : nothing
    const where = compute(run, tree.where, { values, item, outer: frame })
    if (where === undefined) return undefined
    if (where === true) kept.push(item)
  }
  return kept
}

function called(run: Run, tree: In<'call'>, frame: Frame): Maybe<Value> {
  const rounding = roundings.get(tree.name)
  if (rounding !== undefined) {
    const [of] = tree.given
    if (of?.is !== 'arithmetic') return defect()
    const sides = all(run, [of.left, of.right], frame)
    if (sides === undefined) return undefined
    const [dividend, divisor] = sides
    if (typeof dividend !== 'number' || typeof divisor !== 'number') return defect()
    return divisor === 0
      ? fail(run, 'rules/zero-divisor', of.at)
      : rounding.round(dividend, divisor) + 0
  }
  const given = all(run, tree.given, frame)
  if (given === undefined) return undefined
  const [first] = given
  const walked = first !== undefined && isList(first) ? first.length : 0
  if (!pay(run, walked, tree.at)) return undefined
  const call = calls.get(tree.name)
  const result = call === undefined ? defect() : call.run(given)
  return result === undefined ? fail(run, 'rules/overflow', tree.at) : result
}

function all(run: Run, trees: readonly Expression[], frame: Frame): Maybe<readonly Value[]> {
  const values: Value[] = []
  for (const tree of trees) {
    const value = compute(run, tree, frame)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

function negated(run: Run, tree: In<'negate'>, frame: Frame): Maybe<Value> {
  const of = compute(run, tree.of, frame)
  if (of === undefined) return undefined
  if (typeof of === 'number') return 0 - of
  if (of === null || typeof of !== 'object' || !('unit' in of)) return defect()
  return { unit: of.unit, count: 0 - of.count }
}

function added(run: Run, tree: In<'arithmetic'>, frame: Frame): Maybe<Value> {
  const sides = all(run, [tree.left, tree.right], frame)
  if (sides === undefined) return undefined
  const [left = null, right = null] = sides
  const { operator, at } = tree
  if (operator === '/') return defect()
  return arithmetic(operator, left, right) ?? fail(run, 'rules/overflow', at)
}

function compared(run: Run, tree: In<'comparison'>, frame: Frame): Maybe<Value> {
  const sides = all(run, [tree.left, tree.right], frame)
  if (sides === undefined) return undefined
  const [left = null, right = null] = sides
  // Whether something is missing is always decided; whether it is more is not.
  if (tree.operator === '=') return isSame(left, right)
  if (tree.operator === '!=') return !isSame(left, right)
  return ordered(tree.operator, left, right)
}

function ordered(operator: '<' | '<=' | '>' | '>=', left: Value, right: Value): boolean | null {
  const difference = order(left, right)
  if (difference === null) return null
  if (operator === '<') return difference < 0
  if (operator === '<=') return difference <= 0
  return operator === '>' ? difference > 0 : difference >= 0
}

function between(run: Run, tree: In<'between'>, frame: Frame): Maybe<Value> {
  const values = all(run, [tree.of, tree.low, tree.high], frame)
  if (values === undefined) return undefined
  const [of = null, low = null, high = null] = values
  return both(ordered('>=', of, low), ordered('<=', of, high))
}

/** `and` in three values: false decides, then null. */
function both(a: boolean | null, b: boolean | null): boolean | null {
  if (a === false || b === false) return false
  return a === null || b === null ? null : true
}

/** `or` in three values: true decides, then null. */
function either(a: boolean | null, b: boolean | null): boolean | null {
  if (a === true || b === true) return true
  return a === null || b === null ? null : false
}

function within(run: Run, tree: In<'in'>, frame: Frame): Maybe<Value> {
  const of = compute(run, tree.of, frame)
  if (of === undefined) return undefined
  let found: boolean | null = false
  for (const test of tree.tests) {
    const operands = test.is === 'range' ? [test.low, test.high] : [test.to]
    const values = all(run, operands, frame)
    if (values === undefined) return undefined
    const [first] = values
    if (first !== undefined && isList(first) && !pay(run, first.length, tree.at)) return undefined
    found = either(found, meets(of, test, values))
    if (found === true) return true
  }
  return found
}

/** Whether a value meets a test with these operands: yes, no, or null where neither is known. */
export function meets(of: Value, test: Test, operands: readonly Value[]): boolean | null {
  const [first = null, second = null] = operands
  if (test.is === 'equals') {
    return isList(first) ? first.some((each) => isSame(of, each)) : isSame(of, first)
  }
  if (test.is === 'compare') return ordered(test.operator, of, first)
  const low = ordered(test.lowOut ? '>' : '>=', of, first)
  return both(low, ordered(test.highOut ? '<' : '<=', of, second))
}

function truth(value: Value): boolean | null {
  return value === null || typeof value === 'boolean' ? value : defect()
}

function decided(run: Run, tree: In<'logic'>, frame: Frame): Maybe<Value> {
  const left = compute(run, tree.left, frame)
  if (left === undefined) return undefined
  // The side that decides ends the matter: the other may rest on what it has just excluded.
  if (left === (tree.operator === 'or')) return left
  const right = compute(run, tree.right, frame)
  if (right === undefined) return undefined
  const join = tree.operator === 'or' ? either : both
  return join(truth(left), truth(right))
}

function chosen(run: Run, tree: In<'if'>, frame: Frame): Maybe<Value> {
  const condition = compute(run, tree.condition, frame)
  if (condition === undefined) return undefined
  if (typeof condition !== 'boolean') return defect()
  return compute(run, condition ? tree.yes : tree.no, frame)
}

function mapped(run: Run, tree: In<'for'>, frame: Frame): Maybe<Value> {
  const over = compute(run, tree.over, frame)
  if (over === undefined) return undefined
  if (!isListValue(over)) return defect()
  const results: Value[] = []
  for (const element of over) {
    if (!pay(run, 1, tree.at)) return undefined
    const result = compute(run, tree.result, inner(frame, tree.name, element))
    if (result === undefined) return undefined
    results.push(result)
  }
  return results
}

function inner(frame: Frame, name: string, element: Value): Frame {
  return { values: new Map([[name, element]]), item: undefined, outer: frame }
}

function quantified(run: Run, tree: In<'some' | 'every'>, frame: Frame): Maybe<Value> {
  const over = compute(run, tree.over, frame)
  if (over === undefined) return undefined
  if (!isListValue(over)) return defect()
  const isEvery = tree.is === 'every'
  let found: boolean | null = isEvery
  for (const element of over) {
    if (!pay(run, 1, tree.at)) return undefined
    const asked = compute(run, tree.condition, inner(frame, tree.name, element))
    if (asked === undefined) return undefined
    found = isEvery ? both(found, truth(asked)) : either(found, truth(asked))
    if (found === !isEvery) return found
  }
  return found
}

function recorded(run: Run, tree: In<'record'>, frame: Frame): Maybe<Value> {
  const values = new Map<string, Value>()
  for (const member of tree.members) {
    const value = compute(run, member.value, frame)
    if (value === undefined) return undefined
    values.set(member.name, value)
  }
  return values
}
