// What an expression means before any value is known: each name resolved against the schema, each
// kind inferred, each place found where a value could be missing, a divisor zero or a comparison
// senseless. A checked expression can fail on bound inputs only by overflow or for lack of gas.
import { arithmeticKind, calls, constantKind, quotientKind, roundings } from './calls.ts'
import { parseExpression } from './parse.ts'
import type { Kind, Schema } from './schema.ts'
import { compareRefused, isOptional, isOrdered, unify } from './schema.ts'
import { withOptional } from './schema.ts'
import type { Expression, Test } from './syntax.ts'
import { printExpression, provenBy } from './syntax.ts'
import type { Fault, RuleCode } from './texts.ts'
import { isFault, ruleFault } from './texts.ts'
import { reservedWords } from './token.ts'

/** Paths whose values a rule uses, and paths of which it only asks whether or how many. */
export type Operands = { readonly values: readonly string[]; readonly presence: readonly string[] }

declare const checkedTree: unique symbol
/** An expression that has a kind under a schema. */
export type Checked = {
  readonly tree: Expression
  readonly kind: Kind
  readonly schema: Schema
  readonly operands: Operands
  readonly path: string
  readonly [checkedTree]: true
}

type Checker = {
  readonly path: string
  readonly faults: Fault[]
  readonly values: Set<string>
  readonly presence: Set<string>
}

/** A kind, and the path from which its value comes, if it comes from one. */
type Found = { readonly kind: Kind; readonly from: string | null }

type Scope = {
  readonly names: ReadonlyMap<string, Found>
  /** Elements of filters, the innermost last. */
  readonly elements: readonly Found[]
  /** Texts of paths that are known not to be null here. */
  readonly proven: ReadonlySet<string>
}

type In<Is extends Expression['is']> = Extract<Expression, { readonly is: Is }>

/** Reads and checks an expression, or says everything that is wrong with it. */
export function checkExpression(
  text: string,
  schema: Schema,
  path = '',
): Checked | readonly Fault[] {
  const tree = parseExpression(text, path)
  if (isFault(tree)) return [tree]
  const checker: Checker = { path, faults: [], values: new Set(), presence: new Set() }
  const names = new Map([...schema.names].map(([name, kind]) => [name, { kind, from: name }]))
  const kind = value(checker, tree, { names, elements: [], proven: new Set() })
  if (kind === null || checker.faults.length > 0) return checker.faults
  const values = sorted(checker.values)
  const presence = sorted(checker.presence).filter((each) => !checker.values.has(each))
  return { tree, kind, schema, operands: { values, presence }, path } as unknown as Checked
}

/** Tells a checked expression from its faults. */
export function isChecked(result: Checked | readonly Fault[]): result is Checked {
  return !Array.isArray(result)
}

function sorted(names: ReadonlySet<string>): string[] {
  return [...names].sort((a, b) => (a < b ? -1 : 1))
}

function refuse(checker: Checker, code: RuleCode, at: number, detail?: string): null {
  checker.faults.push(ruleFault(code, `${checker.path}@${at}`, detail))
  return null
}

const yesNo = (optional: boolean): Kind => ({ is: 'boolean', optional })

/** The kind of a tree whose value is used here. */
function value(checker: Checker, tree: Expression, scope: Scope): Kind | null {
  const found = infer(checker, tree, scope)
  if (found !== null && found.from !== null) checker.values.add(found.from)
  return found?.kind ?? null
}

// Recursion is bounded by the nodes of the tree.
function infer(checker: Checker, tree: Expression, scope: Scope): Found | null {
  if (tree.is === 'name') return nameKind(checker, tree, scope)
  if (tree.is === 'member') return memberKind(checker, tree, scope)
  if (tree.is === 'filter') return filterKind(checker, tree, scope)
  const kind = computed(checker, tree, scope)
  return kind === null ? null : { kind, from: null }
}

function computed(
  checker: Checker,
  tree: Exclude<Expression, In<'name' | 'member' | 'filter'>>,
  scope: Scope,
): Kind | null {
  switch (tree.is) {
    case 'literal':
    case 'date':
    case 'duration':
      return constantKind(tree)
    case 'call':
      return callKind(checker, tree, scope)
    case 'negate':
      return negateKind(checker, tree, scope)
    case 'arithmetic':
      return arithmeticOf(checker, tree, scope)
    case 'comparison':
      return comparisonKind(checker, tree, scope)
    case 'between':
      return betweenKind(checker, tree, scope)
    case 'in':
      return inKind(checker, tree, scope)
    case 'logic':
      return logicKind(checker, tree, scope)
    case 'if':
      return ifKind(checker, tree, scope)
    case 'for':
    case 'some':
    case 'every':
      return loopKind(checker, tree, scope)
    case 'list':
      return listKind(checker, tree, scope)
    case 'record':
      return recordKind(checker, tree, scope)
  }
}

function nameKind(checker: Checker, tree: In<'name'>, scope: Scope): Found | null {
  const { name, at } = tree
  const declared = name === 'item' ? scope.elements.at(-1) : scope.names.get(name)
  const fields = scope.elements.flatMap((element) => fieldOf(element, name))
  const found = [...fields, ...(declared === undefined ? [] : [declared])]
  const [only] = found
  if (only === undefined) return refuse(checker, 'rules/unknown-name', at, name)
  if (found.length > 1) return refuse(checker, 'rules/ambiguous-name', at, name)
  return narrowed(only, tree, scope)
}

// A field of a filter's element stands alone; a word of the language does not.
function fieldOf({ kind, from }: Found, name: string): readonly Found[] {
  const field = kind.is === 'record' && !reservedWords.has(name) ? kind.fields.get(name) : undefined
  return field === undefined ? [] : [{ kind: field, from: below(from, name) }]
}

function below(from: string | null, name: string): string | null {
  return from === null ? null : `${from}.${name}`
}

function narrowed(found: Found, tree: Expression, scope: Scope): Found {
  if (!isOptional(found.kind) || !scope.proven.has(printExpression(tree))) return found
  return { ...found, kind: withOptional(found.kind, false) }
}

function memberKind(checker: Checker, tree: In<'member'>, scope: Scope): Found | null {
  const of = infer(checker, tree.of, scope)
  if (of === null) return null
  const many = of.kind.is === 'list'
  const base = of.kind.is === 'list' ? of.kind.of : of.kind
  if (base.is !== 'record') return refuse(checker, 'rules/wrong-kind', tree.at)
  const field = base.fields.get(tree.name)
  if (field === undefined) return refuse(checker, 'rules/unknown-field', tree.at, tree.name)
  // The field of what may be missing may be missing; a list in it would have no way to say so.
  if (base.optional && field.is === 'list') return refuse(checker, 'rules/may-be-null', tree.at)
  const kind = base.optional ? withOptional(field, true) : field
  const from = below(of.from, tree.name)
  if (!many) return narrowed({ kind, from }, tree, scope)
  return { kind: { is: 'list', of: kind, filled: false }, from }
}

function filterKind(checker: Checker, tree: In<'filter'>, scope: Scope): Found | null {
  const of = infer(checker, tree.of, scope)
  if (of === null) return null
  if (of.kind.is !== 'list') return refuse(checker, 'rules/wrong-kind', tree.at)
  if (of.from !== null) checker.presence.add(of.from)
  if (of.kind.of.is === 'record' && of.kind.of.optional) {
    return refuse(checker, 'rules/may-be-null', tree.at)
  }
  const element: Found = { kind: of.kind.of, from: of.from }
  // `item` is another one from here on, so what is known of the outer one is not of this one.
  const kept = [...scope.proven].filter((text) => !/^item(?![A-Za-z0-9_\u4e00-\u9fff])/.test(text))
  const inner = { ...scope, elements: [...scope.elements, element], proven: new Set(kept) }
  if (!condition(checker, tree.where, inner)) return null
  return { kind: { ...of.kind, filled: false }, from: of.from }
}

/** Whether a tree is a condition that is always decided. */
function condition(checker: Checker, tree: Expression, scope: Scope): boolean {
  const kind = value(checker, tree, scope)
  if (kind === null) return false
  if (kind.is !== 'boolean') return refuse(checker, 'rules/wrong-kind', tree.at) !== null
  return !kind.optional || refuse(checker, 'rules/may-be-null', tree.at) !== null
}

/** The kind of a tree whose value must be there. */
function present(checker: Checker, tree: Expression, scope: Scope): Kind | null {
  const kind = value(checker, tree, scope)
  if (kind === null || !isOptional(kind)) return kind
  return refuse(checker, 'rules/may-be-null', tree.at)
}

function callKind(checker: Checker, tree: In<'call'>, scope: Scope): Kind | null {
  const rounding = roundings.get(tree.name)
  if (rounding !== undefined) return roundingKind(checker, tree, { scope, scaled: rounding.scaled })
  const call = calls.get(tree.name)
  if (call === undefined || tree.given.length !== call.given) {
    return refuse(checker, 'rules/argument-count', tree.at)
  }
  // How many there are is less than what they are.
  const kinds = tree.given.map((each) =>
    tree.name === 'count' ? existing(checker, each, scope) : value(checker, each, scope),
  )
  const known = kinds.filter((kind) => kind !== null)
  if (known.length < kinds.length) return null
  return kindOr(checker, call.kindOf(known), tree.at)
}

function existing(checker: Checker, tree: Expression, scope: Scope): Kind | null {
  const found = infer(checker, tree, scope)
  if (found !== null && found.from !== null) checker.presence.add(found.from)
  return found?.kind ?? null
}

function roundingKind(
  checker: Checker,
  tree: In<'call'>,
  { scope, scaled }: { readonly scope: Scope; readonly scaled: boolean },
): Kind | null {
  const [of, scale] = tree.given
  if (of === undefined || tree.given.length !== (scaled ? 2 : 1)) {
    return refuse(checker, 'rules/argument-count', tree.at)
  }
  const isZero = scale === undefined || (scale.is === 'literal' && scale.value === 0)
  if (of.is !== 'arithmetic' || of.operator !== '/' || !isZero) {
    return refuse(checker, 'rules/needs-division', tree.at)
  }
  const dividend = present(checker, of.left, scope)
  const divisor = present(checker, of.right, scope)
  if (dividend === null || divisor === null) return null
  return kindOr(checker, quotientKind(dividend, divisor), of.at)
}

function kindOr(checker: Checker, found: Kind | RuleCode, at: number): Kind | null {
  return typeof found === 'string' ? refuse(checker, found, at) : found
}

function negateKind(checker: Checker, tree: In<'negate'>, scope: Scope): Kind | null {
  const kind = present(checker, tree.of, scope)
  if (kind === null || kind.is === 'days' || kind.is === 'months') return kind
  if (kind.is !== 'integer') return refuse(checker, 'rules/wrong-kind', tree.at)
  return { ...kind, min: 0 - kind.max, max: 0 - kind.min }
}

function arithmeticOf(checker: Checker, tree: In<'arithmetic'>, scope: Scope): Kind | null {
  const left = present(checker, tree.left, scope)
  const right = present(checker, tree.right, scope)
  // A division that is not the whole of a rounding's argument.
  if (tree.operator === '/') return refuse(checker, 'rules/division', tree.at)
  if (left === null || right === null) return null
  return kindOr(checker, arithmeticKind(tree.operator, left, right), tree.at)
}

function isNull(tree: Expression): boolean {
  return tree.is === 'literal' && tree.value === null
}

function comparisonKind(checker: Checker, tree: In<'comparison'>, scope: Scope): Kind | null {
  const { operator, left, right, at } = tree
  const isEquality = operator === '=' || operator === '!='
  if (isEquality && (isNull(left) || isNull(right))) {
    const kind = existing(checker, isNull(left) ? right : left, scope)
    if (kind === null) return null
    return kind.is === 'list' ? refuse(checker, 'rules/not-comparable', at) : yesNo(false)
  }
  const a = value(checker, left, scope)
  const b = value(checker, right, scope)
  if (a === null || b === null) return null
  const code = isEquality ? compareRefused(a, b) : orderRefused(a, b)
  if (code !== null) return refuse(checker, code, at)
  return yesNo(!isEquality && (isOptional(a) || isOptional(b)))
}

function orderRefused(a: Kind, b: Kind): RuleCode | null {
  return isOrdered(a) && a.is === b.is ? null : 'rules/not-comparable'
}

function betweenKind(checker: Checker, tree: In<'between'>, scope: Scope): Kind | null {
  const kinds = [tree.of, tree.low, tree.high].map((part) => value(checker, part, scope))
  const [of, ...ends] = kinds.filter((kind) => kind !== null)
  if (of === undefined || ends.length < 2) return null
  if (ends.some((end) => orderRefused(of, end) !== null)) {
    return refuse(checker, 'rules/not-comparable', tree.at)
  }
  return yesNo([of, ...ends].some(isOptional))
}

function inKind(checker: Checker, tree: In<'in'>, scope: Scope): Kind | null {
  const of = value(checker, tree.of, scope)
  if (of === null) return null
  const kinds = tree.tests.map((test) => testKind(checker, test, { of, scope, at: tree.at }))
  const known = kinds.filter((kind) => kind !== null)
  return known.length < kinds.length ? null : yesNo(known.some(isOptional))
}

type Tested = { readonly of: Kind; readonly scope: Scope; readonly at: number }

function testKind(checker: Checker, test: Test, { of, scope, at }: Tested): Kind | null {
  if (test.is === 'equals') {
    const to = value(checker, test.to, scope)
    if (to === null) return null
    const code = compareRefused(of, to.is === 'list' ? to.of : to)
    return code === null ? yesNo(false) : refuse(checker, code, at)
  }
  const ends = test.is === 'range' ? [test.low, test.high] : [test.to]
  const kinds = ends.map((end) => value(checker, end, scope)).filter((kind) => kind !== null)
  if (kinds.length < ends.length) return null
  if (kinds.some((kind) => orderRefused(of, kind) !== null)) {
    return refuse(checker, 'rules/not-comparable', at)
  }
  return yesNo([of, ...kinds].some(isOptional))
}

function logicKind(checker: Checker, tree: In<'logic'>, scope: Scope): Kind | null {
  const left = value(checker, tree.left, scope)
  // The right side is reached undecided too: then no part of the left side has decided, and what
  // is asked of null is always decided, so it holds.
  const proven = provenBy(tree.left, tree.operator === 'and')
  const right = value(checker, tree.right, within(scope, proven))
  if (left === null || right === null) return null
  if (left.is !== 'boolean' || right.is !== 'boolean') {
    return refuse(checker, 'rules/wrong-kind', tree.at)
  }
  return yesNo(left.optional || right.optional)
}

function within(scope: Scope, proven: readonly string[]): Scope {
  return proven.length === 0 ? scope : { ...scope, proven: new Set([...scope.proven, ...proven]) }
}

function ifKind(checker: Checker, tree: In<'if'>, scope: Scope): Kind | null {
  const isDecided = condition(checker, tree.condition, scope)
  const yes = value(checker, tree.yes, within(scope, provenBy(tree.condition, true)))
  const no = value(checker, tree.no, within(scope, provenBy(tree.condition, false)))
  if (!isDecided || yes === null || no === null) return null
  return unify(yes, no) ?? refuse(checker, 'rules/different-kinds', tree.at)
}

function loopKind(
  checker: Checker,
  tree: In<'for'> | In<'some' | 'every'>,
  scope: Scope,
): Kind | null {
  const over = infer(checker, tree.over, scope)
  if (over === null) return null
  if (over.kind.is !== 'list') return refuse(checker, 'rules/wrong-kind', tree.at)
  if (over.from !== null) checker.presence.add(over.from)
  const taken =
    scope.names.has(tree.name) || scope.elements.some((each) => fieldOf(each, tree.name).length > 0)
  if (taken) return refuse(checker, 'rules/shadowed-name', tree.at, tree.name)
  const element: Found = { kind: over.kind.of, from: over.from }
  const inner = { ...scope, names: new Map(scope.names).set(tree.name, element) }
  if (tree.is === 'for') {
    const of = value(checker, tree.result, inner)
    return of === null ? null : { is: 'list', of, filled: over.kind.filled }
  }
  const asked = value(checker, tree.condition, inner)
  if (asked === null) return null
  return asked.is === 'boolean' ? asked : refuse(checker, 'rules/wrong-kind', tree.at)
}

function listKind(checker: Checker, tree: In<'list'>, scope: Scope): Kind | null {
  let of: Kind | null = { is: 'null' }
  for (const [at, item] of tree.items.entries()) {
    const kind = value(checker, item, scope)
    if (kind === null) return null
    of = at === 0 ? kind : unify(of, kind)
    if (of === null) return refuse(checker, 'rules/different-kinds', item.at)
  }
  return { is: 'list', of, filled: tree.items.length > 0 }
}

function recordKind(checker: Checker, tree: In<'record'>, scope: Scope): Kind | null {
  const fields = new Map<string, Kind>()
  for (const member of tree.members) {
    const kind = value(checker, member.value, scope)
    if (kind === null) return null
    fields.set(member.name, kind)
  }
  return { is: 'record', fields, optional: false }
}
