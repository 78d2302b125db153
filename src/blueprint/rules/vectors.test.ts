// Rules over the golden cases: what expressions and tables give, and what they are refused for.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import type { Checked, Fault, Inputs, Outcome, Result, Rule, Schema } from './index.ts'
import { bindInputs, checkExpression, checkRule, decodeSchema, evaluate } from './index.ts'
import { explainRule, isChecked, isFault, isInputs, isRule, isSchema } from './index.ts'
import { parseExpression, printExpression, ruleTexts, runRule, toJson } from './index.ts'

type Members = { readonly [name: string]: Json }
type Refused = { readonly text: string; readonly code: string; readonly at: number }
type Claimed = { readonly claim: string; readonly code: string; readonly path: string }

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../vectors/${name}`, import.meta.url), 'utf8'))

const expressions = read('rules-expressions.json') as {
  readonly schema: Json
  readonly inputs: Members
  readonly values: readonly { readonly text: string; readonly value: Json }[]
  readonly canonical: readonly { readonly text: string; readonly canonical: string }[]
  readonly refused: readonly Refused[]
  readonly failing: readonly Refused[]
  readonly schemas: readonly (Claimed & { readonly schema: Json })[]
  readonly bindings: readonly (Claimed & {
    readonly inputs?: Json
    readonly change?: Members
    readonly without?: readonly string[]
  })[]
}
const tables = read('rules-tables.json') as {
  readonly schema: Json
  readonly inputs: Members
  readonly ran: readonly {
    readonly claim: string
    readonly rule: Json
    readonly inputs: Members
    readonly value: Json
    readonly rows?: readonly number[]
  }[]
  readonly refused: readonly (Claimed & { readonly rule: Json; readonly detail?: string })[]
}

function schemaOf(json: Json): Schema {
  const schema = decodeSchema(json)
  assert.ok(isSchema(schema), JSON.stringify(schema))
  return schema
}

function inputsOf(schema: Schema, json: Json): Inputs {
  const inputs = bindInputs(schema, json)
  assert.ok(isInputs(inputs), JSON.stringify(inputs))
  return inputs
}

const schema = schemaOf(expressions.schema)
const inputs = inputsOf(schema, expressions.inputs)

function checked(text: string): Checked {
  const found = checkExpression(text, schema)
  assert.ok(isChecked(found), `${text}: ${JSON.stringify(found)}`)
  return found
}

function computed(text: string): Result {
  const result = evaluate(checked(text), inputs)
  assert.ok(!isFault(result), `${text}: ${JSON.stringify(result)}`)
  return result
}

test('expressions give the values of the vectors', () => {
  for (const { text, value } of expressions.values) {
    const result = computed(text)
    assert.equal(encodeCanonical(toJson(result.value)), encodeCanonical(value), text)
    assert.ok(result.gas > 0)
  }
})

test('an expression means the same when it is written canonically', () => {
  for (const { text, value } of expressions.values) {
    const canonical = printExpression(checked(text).tree)
    assert.equal(printExpression(checked(canonical).tree), canonical)
    const result = computed(canonical)
    assert.equal(encodeCanonical(toJson(result.value)), encodeCanonical(value), canonical)
    assert.equal(result.gas, computed(text).gas, text)
  }
  for (const { text, canonical } of expressions.canonical) {
    const tree = parseExpression(text)
    assert.ok(!isFault(tree), text)
    assert.equal(printExpression(tree), canonical, text)
  }
})

test('expressions are refused at publication with code and place', () => {
  for (const { text, code, at } of expressions.refused) {
    const faults = checkExpression(text, schema, 'rules.x')
    assert.ok(!isChecked(faults), text)
    const [first] = faults
    assert.deepEqual(
      { code: first?.code, path: first?.path },
      { code, path: `rules.x@${at}` },
      text,
    )
  }
})

test('what overflows is refused when it is computed, and nothing else is', () => {
  for (const { text, code, at } of expressions.failing) {
    const result = evaluate(checked(text), inputs)
    assert.ok(isFault(result), text)
    assert.deepEqual({ code: result.code, path: result.path }, { code, path: `@${at}` }, text)
  }
})

test('declarations that are no schema are refused with the place', () => {
  for (const { claim, schema: json, code, path } of expressions.schemas) {
    const faults = decodeSchema(json)
    assert.ok(!isSchema(faults), claim)
    assert.deepEqual({ code: faults[0]?.code, path: faults[0]?.path }, { code, path }, claim)
  }
  const own = JSON.parse('{"__proto__":{"is":"date"}}') as Json
  assert.deepEqual(decodeSchema(own), [{ path: '__proto__', code: 'rules/bad-name' }])
})

test('inputs that do not fit are refused with a place and never with content', () => {
  for (const { claim, inputs: given, change, without, code, path } of expressions.bindings) {
    const all: Record<string, Json> = { ...expressions.inputs, ...change }
    for (const name of without ?? []) Reflect.deleteProperty(all, name)
    const faults = bindInputs(schema, given === undefined ? all : given)
    assert.ok(!isInputs(faults), claim)
    assert.deepEqual(faults, [{ path, code }], claim)
  }
})

test('rules give the values of the vectors by the rows of the vectors', () => {
  const names = schemaOf(tables.schema)
  for (const { claim, rule: json, inputs: given, value, rows } of tables.ran) {
    const rule = checkRule(json, names, 'r')
    assert.ok(isRule(rule), `${claim}: ${JSON.stringify(rule)}`)
    const outcome = run(rule, inputsOf(names, { ...tables.inputs, ...given }), claim)
    assert.equal(encodeCanonical(toJson(outcome.value)), encodeCanonical(value), claim)
    const trace = outcome.trace as { readonly rows?: Json; readonly value: Json }
    assert.deepEqual(trace.rows, rows, claim)
    assert.equal(encodeCanonical(trace.value), encodeCanonical(value), claim)
  }
})

function run(rule: Rule, given: Inputs, claim: string): Outcome {
  const outcome = runRule(rule, given)
  assert.ok(!isFault(outcome), `${claim}: ${JSON.stringify(outcome)}`)
  return outcome
}

test('tables are refused at publication with code, place and the cells that show it', () => {
  const names = schemaOf(tables.schema)
  for (const { claim, rule, code, path, detail } of tables.refused) {
    const faults = checkRule(rule, names, 'r')
    assert.ok(!isRule(faults), claim)
    const expected: Fault = {
      path,
      code: code as Fault['code'],
      ...(detail !== undefined && { detail }),
    }
    assert.deepEqual(faults[0], expected, claim)
  }
})

test('the vectors show every code that does not need a giant', () => {
  const shown = new Set<string>()
  for (const { code } of expressions.refused) shown.add(code)
  for (const { code } of expressions.failing) shown.add(code)
  for (const { code } of expressions.schemas) shown.add(code)
  for (const { code } of expressions.bindings) shown.add(code)
  for (const { code } of tables.refused) shown.add(code)
  const giants = ['too-long', 'too-complex', 'too-deep', 'schema-too-large', 'input-too-large']
  // No row or many rows: what publication has checked does not come to it.
  const others = [...giants, 'out-of-gas', 'no-row', 'many-rows'].map((name) => `rules/${name}`)
  const unseen = ruleTexts.map(([code]) => code).filter((code) => !shown.has(code))
  assert.deepEqual(unseen.sort(), others.sort())
})

test('every fault is explained in both languages', () => {
  const chinese = /[\u4e00-\u9fff]/
  assert.equal(new Set(ruleTexts.map(([code]) => code)).size, ruleTexts.length)
  for (const [code, meaning, remedy, reasonZh, remedyZh] of ruleTexts) {
    for (const text of [meaning, remedy, reasonZh, remedyZh]) {
      assert.ok(text !== '' && text === text.trim(), code)
    }
    assert.ok(chinese.test(reasonZh) && chinese.test(remedyZh), code)
    assert.ok(!chinese.test(meaning) && !chinese.test(remedy), code)
  }
  const [fault] = checkExpression('offer.price', schema, 'rules.bill.feel') as readonly Fault[]
  assert.ok(fault)
  assert.deepEqual(explainRule(fault, 'en'), {
    path: 'rules.bill.feel@6',
    code: 'rules/unknown-field',
    detail: 'price',
    reason: 'the record has no such field: price',
    remedy: 'correct it, or add it to what the act reads',
  })
  assert.equal(explainRule(fault, 'zh').reason, '该记录没有这个字段：price')
  assert.equal(explainRule({ path: '', code: 'rules/no-row' }, 'zh').reason, '没有适用的行')
})
