// Whether an act applies, and what its rule gives. An act does not apply where its condition does
// not hold, where something that it cannot do without was not given, or where nobody is named who
// could do it. What is not known stays unknown: then a person looks.
import { utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256 } from '#base/crypto'
import { itemOfPath, itemsOfResult } from '#blueprint/check'
import { listOf } from '#blueprint/grammar'
import type { Checked } from '#blueprint/rules'
import { bindInputs, evaluate, isFault, isInputs, runRule, toJson } from '#blueprint/rules'
import { boundTo } from './bind.ts'
import type { Bound, Judge, JudgedAct } from './compile.ts'
import type { Known } from './known.ts'
import { inputsOf, itemOf } from './known.ts'

/** What is known of an act before it is done. */
export type Assessed = {
  readonly applies: boolean | 'unknown'
  /** What its rule gives, in the form of the act's value; absent without a rule or a result. */
  readonly value?: Json
  /** Whether the robot may complete it with that value. Not applicable is always the robot's. */
  readonly auto: boolean
  /**
   * SHA-256 of the rule, its inputs and its result. It may be guessed by trying inputs, so it is
   * committed under a salt wherever it goes.
   */
  readonly digest?: Bytes
}

/** Judges an act, for an element of the list for which it is done. */
export function assess(judge: Judge, known: Known, act: string, element?: number): Assessed {
  const judged = judge.acts.get(act)
  if (judged === undefined) return { applies: 'unknown', auto: false }
  const applies = applicability(judge, known, { judged, element })
  if (applies !== true || judged.rule === null) return { applies, auto: false }
  const given = inputsOf(judge, known, judged.rule.schema, { judged, element })
  if (given.is === 'unknown') return { applies, auto: false }
  const inputs = bindInputs(judged.rule.schema, given.json)
  if (!isInputs(inputs)) return { applies, auto: false }
  const outcome = runRule(judged.rule.code, inputs)
  if (isFault(outcome)) return { applies, auto: false }
  const items = itemsOfResult(judge.blueprint, judged.act, toJson(outcome.value))
  const [only, ...others] = listOf(judged.act.gives)
  const value = only !== undefined && others.length === 0 ? (items[only] as Json) : items
  const digest = digestOf(judged, given.json, value)
  return { applies, value, auto: isAuto(judged, items), digest }
}

type Asked = { readonly judged: JudgedAct; readonly element: number | undefined }

/** Whether an act applies to the case. */
export function applicability(judge: Judge, known: Known, asked: Asked): boolean | 'unknown' {
  const { judged } = asked
  const parts = [
    ...judged.reads
      .filter(({ optional }) => !optional)
      .filter(({ item }) => Object.hasOwn(judge.blueprint.evidence, item))
      .map(({ item }) => isGiven(judge, known, item, asked)),
    ...listOf(judged.act.by).map((party) => hasSomebody(judge, known, party, asked)),
    judged.when === null ? true : conditionHolds(judge, known, judged.when, asked),
  ]
  if (parts.includes(false)) return false
  return parts.includes('unknown') ? 'unknown' : true
}

function isGiven(judge: Judge, known: Known, item: string, asked: Asked): boolean | 'unknown' {
  const found = itemOf(judge, known, item, asked)
  if (found.is === 'unknown') return 'unknown'
  return found.is !== 'not-given'
}

// A party that a given record leaves out is nobody, and nobody does its acts. A name that was not
// shown is no reason to think that there is none; where a register has no record, a person decides.
function hasSomebody(judge: Judge, known: Known, party: string, asked: Asked): boolean {
  const of = judge.blueprint.parties[party]?.of
  if (of === undefined) return true
  const item = itemOf(judge, known, itemOfPath(of))
  if (item.is === 'unknown' || item.is === 'empty') return true
  return boundTo(judge, known, party, asked.element).kind !== 'nobody'
}

function conditionHolds(
  judge: Judge,
  known: Known,
  { schema, code }: Bound<Checked>,
  asked: Asked,
): boolean | 'unknown' {
  const given = inputsOf(judge, known, schema, asked)
  return given.is === 'unknown' ? 'unknown' : holds({ schema, code }, given.json)
}

/** Whether a condition holds over JSON; unknown where a value that it needs is absent. */
export function holds({ schema, code }: Bound<Checked>, json: Json): boolean | 'unknown' {
  const inputs = bindInputs(schema, json)
  if (!isInputs(inputs)) return 'unknown'
  const result = evaluate(code, inputs)
  return isFault(result) || typeof result.value !== 'boolean' ? 'unknown' : result.value
}

function isAuto({ act, auto }: JudgedAct, items: { readonly [item: string]: Json }): boolean {
  if (act.auto === undefined) return false
  return auto === null || holds(auto, items) === true
}

function digestOf(
  { ruleText }: JudgedAct,
  inputs: { readonly [name: string]: Json },
  value: Json,
): Bytes {
  return sha256(
    utf8Encode(encodeCanonical({ format: 'lianban/rule-use/1', inputs, rule: ruleText, value })),
  )
}
