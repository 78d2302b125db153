// Answers that name a word: where each band begins to the last litre, what a rule over words sees,
// and that a rule which forgets a word is not published.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPublication } from '#blueprint/check'
import type { Blueprint } from '#blueprint/grammar'
import { dayOfText } from '#blueprint/time'
import { shippedFolder, shippedTypes } from '#test/blueprints'
import { assess, judgeOf, neededFor, recOf } from './index.ts'
import type { Rec } from './index.ts'

const types = shippedTypes()
const { blueprint, scenarios } = shippedFolder('sharing/bj.firm.credit')
const judge = judgeOf(blueprint, types)

const bill = {
  month: '2026-02',
  used: 1_580_000,
  average3: 1_600_000,
  average6: 1_580_000,
  due: 553_000,
  paid: 553_000,
  owed: 0,
}

function answered(change: Partial<typeof bill>, of = judge): Rec {
  return recOf(of, 'gasUse', { state: 'found', value: { ...bill, ...change }, from: 'supply' })
}

test('a band begins at its litre and ends one before the next', () => {
  const words = [0, 499_999, 500_000, 1_499_999, 1_500_000, 3_999_999, 4_000_000]
  assert.deepEqual(
    words.map((average6) => answered({ average6 }).fields['band']),
    ['small', 'small', 'medium', 'medium', 'large', 'large', 'very-large'],
  )
})

test('a trend is one where use differs by more than a tenth, also from nothing', () => {
  const pairs = [
    [1_100_000, 1_000_000],
    [1_100_001, 1_000_000],
    [900_000, 1_000_000],
    [899_999, 1_000_000],
    [0, 0],
    [1, 0],
    [0, 1],
  ] as const
  assert.deepEqual(
    pairs.map(([average3, average6]) => answered({ average3, average6 }).fields['trend']),
    ['steady', 'rising', 'steady', 'falling', 'steady', 'rising', 'falling'],
  )
})

test('one fen is a debt', () => {
  const owed = [0, 1].map((fen) => answered({ owed: fen }).fields['arrears'])
  assert.deepEqual(owed, [false, true])
})

/** The application with a published rule for the bank instead of its own. */
function withRule(bands: readonly string[]): Blueprint {
  const rows = bands.map((band) => [`"${band}"`, 'false', `"${band === 'small' ? 'mid' : 'low'}"`])
  const rule = {
    law: 'lending',
    hit: 'F',
    in: ['gasUse.band', 'gasUse.arrears'],
    out: ['grade'],
    rows: [['-', 'true', '"high"'], ...rows],
  }
  const grade = {
    by: 'bank',
    does: 'attest',
    consent: 'consent',
    reads: ['gasUse.{arrears,band}'],
    gives: 'score',
    rule: 'score',
    auto: 'score.grade != "high"',
    post: 'loans',
    within: '1wd',
    law: 'lending',
    no: { ends: 'case', codes: { 'gas-owed': 'settle' } },
  }
  const lend = {
    ...blueprint.acts['lend'],
    reads: [...(blueprint.acts['lend']?.reads ?? []), 'score'],
  }
  const changed = {
    ...blueprint,
    rules: { score: rule },
    evidence: { ...blueprint.evidence, score: { type: 'risk-grade@1', about: 'applicant' } },
    acts: { ...blueprint.acts, grade, lend },
    impact: ['acting-members', 'application', 'by-hand', 'chosen-member', 'ended-early', 'times'],
  }
  return changed as unknown as Blueprint
}

const all = ['large', 'medium', 'small', 'very-large']

function faultsOf(changed: Blueprint): readonly string[] {
  const day = dayOfText('2026-03-02') ?? 0
  const { faults } = checkPublication({ blueprint: changed, types, scenarios, day })
  return faults.map(({ code, path }) => `${code} ${path}`)
}

test('a rule over bands is published if it knows every word, and refused if it forgets one', () => {
  assert.deepEqual(faultsOf(withRule(all)), [])
  const forgets = faultsOf(withRule(['large', 'small', 'very-large']))
  assert.deepEqual(forgets, ['rules/incomplete rules.score.rows'])
  const invents = faultsOf(withRule([...all, 'huge']))
  assert.deepEqual(invents, ['rules/impossible-value rules.score.rows.5.0@0'])
})

test('the rule is computed from the words alone, whatever stands behind them', () => {
  const own = judgeOf(withRule(all), types)
  assert.deepEqual(neededFor(own, 'grade').items['gasUse'], ['arrears', 'band'])
  const grade = (change: Partial<typeof bill>): unknown => {
    const { band = null, arrears = null } = answered(change, own).fields
    const gasUse = [{ state: 'found', fields: { arrears, band }, from: 'supply' }]
    const request = { bank: 'bank-lotus', fen: 1, purpose: 'stock' }
    const asked = [recOf(own, 'request', { state: 'found', value: request, from: 'supply' })]
    const known = { day: '2026-03-02', slots: {}, items: { gasUse, request: asked } }
    const { value, auto } = assess(own, known, 'grade')
    return [value, auto]
  }
  assert.deepEqual(grade({}), [{ grade: 'low' }, true])
  assert.deepEqual(grade({ average6: 1 }), [{ grade: 'mid' }, true])
  assert.deepEqual(grade({ owed: 1 }), [{ grade: 'high' }, false])
})
