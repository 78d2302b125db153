// The publication check: what is shipped passes, and every planted fault is found where it was
// planted, by the rule that it breaks.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Json } from '#base/canonical'
import type { Act, EvidenceType, Fault, Scenario } from '#blueprint/grammar'
import { decodeBlueprint, decodeScenario, decodeType, isDecoded } from '#blueprint/grammar'
import { grammarTexts, textOf } from '#blueprint/grammar'
import { ruleTexts } from '#blueprint/rules'
import { dayOfText } from '#blueprint/time'
import { applications, shippedFiles, shippedFolder, shippedJson } from '#test/blueprints'
import { shippedText, shippedTypes } from '#test/blueprints'
import { checkPublication, checkTexts, explain, graphOf, itemsOfResult } from './index.ts'
import { namesOfReads, warnings } from './index.ts'
import type { ReadAt } from './index.ts'

type Planted = {
  readonly claim: string
  readonly in: string
  readonly plant: readonly (readonly [string, Json?])[]
  readonly code: string
  readonly path: string
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/blueprint-faults.json', import.meta.url), 'utf8'),
) as {
  readonly day: string
  readonly folders: Readonly<Record<string, string>>
  readonly planted: readonly Planted[]
}
const day = dayOfText(vectors.day) ?? 0

type Open = { [name: string]: Open }
type Documents = { readonly blueprint: Open; readonly types: Open; readonly scenarios: Open }

function documentsOf(application: string): Documents {
  const open = (folder: string): Open =>
    Object.fromEntries(
      shippedFiles(folder).map((file) => [
        file.slice(0, -'.json'.length),
        structuredClone(shippedJson(`${folder}/${file}`)) as unknown as Open,
      ]),
    )
  const blueprint = structuredClone(shippedJson(`${application}/blueprint.json`))
  return {
    blueprint: blueprint as unknown as Open,
    types: open('types'),
    scenarios: open(`${application}/tests`),
  }
}

function plant(documents: Documents, [at, to]: readonly [string, Json?]): void {
  const steps = at.split('.')
  const [first = ''] = steps
  const inside = first === 'types' || first === 'scenarios'
  let place = inside ? documents[first] : documents.blueprint
  const rest = inside ? steps.slice(1) : steps
  for (const step of rest.slice(0, -1)) {
    const next = place[step]
    assert.ok(next !== undefined, `${at}: ${step} is there to be changed`)
    place = next
  }
  const last = rest.at(-1) ?? ''
  if (to !== undefined) place[last] = structuredClone(to) as unknown as Open
  else if (Array.isArray(place)) place.splice(Number(last), 1)
  else delete place[last]
}

/** What a department's node says to the documents, from the reader or from the check. */
function judge(documents: Documents): readonly Fault[] {
  const blueprint = decodeBlueprint(documents.blueprint as unknown as Json)
  if (!isDecoded(blueprint)) return blueprint
  const types = new Map<string, EvidenceType>()
  for (const json of Object.values(documents.types)) {
    const type = decodeType(json as unknown as Json)
    if (!isDecoded(type)) return type
    types.set(type.type, type)
  }
  const scenarios: Scenario[] = []
  for (const json of Object.values(documents.scenarios)) {
    const scenario = decodeScenario(json as unknown as Json)
    if (!isDecoded(scenario)) return scenario
    scenarios.push(scenario)
  }
  return checkPublication({ blueprint, types, scenarios, day }).faults
}

for (const application of applications) {
  test(`${application} may be published`, () => {
    const { blueprint, scenarios } = shippedFolder(application)
    const verdict = checkPublication({ blueprint, scenarios, types: shippedTypes(), day })
    assert.deepEqual(verdict.faults, [])
    // What nobody has read is told, and stops nothing.
    const unread = Object.values(blueprint.law).filter((law) => law.unread === true)
    assert.equal(verdict.warnings.length, unread.length)
  })

  test(`${application} is under 8 KB, as it stands and as it is published`, () => {
    const { blueprint } = shippedFolder(application)
    const bytes = (text: string): number => new TextEncoder().encode(text).length
    assert.ok(bytes(textOf(blueprint)) < 8_192)
    assert.ok(bytes(shippedText(`${application}/blueprint.json`)) < 8_192)
  })
}

for (const each of vectors.planted) {
  test(`${each.claim}: ${each.code} at ${each.path}`, () => {
    const documents = documentsOf(vectors.folders[each.in] ?? '')
    for (const change of each.plant) plant(documents, change)
    const found = judge(documents)
    const places = found.map(({ code, path }) => `${code} ${path}`)
    assert.ok(places.includes(`${each.code} ${each.path}`), places.join('\n') || 'no fault')
    const [fault] = found.filter(({ code, path }) => code === each.code && path === each.path)
    for (const language of ['zh', 'en'] as const) {
      const said = explain(fault as Fault, language)
      assert.ok(said !== null && said.reason !== '' && said.remedy !== '')
    }
  })
}

test('at least 40 faults are planted, and every rule of the check is among them', () => {
  assert.ok(vectors.planted.length >= 40)
  const planted = new Set(vectors.planted.map(({ code }) => code))
  const free = checkTexts.map(([code]) => code).filter((code) => !planted.has(code))
  // Warnings are seen on what is shipped; the two sizes have tests of their own.
  const others = ['check/too-large', 'check/too-many-scenarios', ...warnings]
  assert.deepEqual(
    free.filter((code) => !others.includes(code)),
    [],
  )
})

test('no two rules of the language have one code, and each speaks both languages', () => {
  const rows = [...grammarTexts, ...checkTexts, ...ruleTexts]
  assert.equal(new Set(rows.map(([code]) => code)).size, rows.length)
  for (const [code, ...texts] of rows) {
    assert.ok(texts.length === 4 && texts.every((text) => text !== ''), code)
    assert.match(texts[2] ?? '', /[\u4e00-\u9fff]/, code)
  }
})

test('the verdict does not depend on the order in which a file names things', () => {
  const { blueprint, scenarios } = shippedFolder('processes/bj.home.transfer')
  const backwards = (json: Json): Json => {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return json
    const members = Object.entries(json).reverse()
    return Object.fromEntries(members.map(([name, value]) => [name, backwards(value)]))
  }
  const broken = { ...blueprint, appeal: undefined, lapse: undefined, answers: undefined }
  const json = JSON.parse(JSON.stringify(broken)) as Json
  const verdicts = [json, backwards(json)].map((each) => {
    const decoded = decodeBlueprint(each)
    assert.ok(isDecoded(decoded))
    return checkPublication({ blueprint: decoded, scenarios, types: shippedTypes(), day })
  })
  assert.ok((verdicts[0]?.faults.length ?? 0) > 2)
  assert.deepEqual(verdicts[0], verdicts[1])
})

test('a blueprint that is too long to be read is refused, and so are too many scenarios', () => {
  const { blueprint, scenarios } = shippedFolder('sharing/bj.firm.account')
  const long = { ...blueprint.law }
  for (let at = 0; at < 50; at += 1) long[`x${at}`] = { cite: '长'.repeat(120), from: '2020-01-01' }
  const [first] = scenarios as readonly [Scenario]
  const many = Array.from({ length: 51 }, (_, at) => ({ ...first, id: `s${at}` }))
  const verdict = checkPublication({
    blueprint: { ...blueprint, law: long },
    scenarios: [...scenarios, ...many],
    types: shippedTypes(),
    day,
  })
  const codes = verdict.faults.map(({ code }) => code)
  assert.ok(codes.includes('check/too-large'))
  assert.ok(codes.includes('check/too-many-scenarios'))
})

test('more than two signatures inside one member are a warning', () => {
  const { blueprint, scenarios } = shippedFolder('sharing/bj.firm.account')
  const open = { ...blueprint.acts['open'], post: ['accounts', 'compliance', 'head'] }
  const acts = { ...blueprint.acts, open } as typeof blueprint.acts
  const verdict = checkPublication({
    blueprint: { ...blueprint, acts },
    scenarios,
    types: shippedTypes(),
    day,
  })
  assert.deepEqual(verdict.faults, [])
  assert.ok(verdict.warnings.some(({ code }) => code === 'check/many-signatures'))
})

test('the result of a rule becomes the items that its act gives', () => {
  const { blueprint } = shippedFolder('processes/bj.home.transfer')
  const { checkBuyer, assess } = blueprint.acts as Readonly<Record<string, Act>>
  assert.ok(checkBuyer !== undefined && assess !== undefined)
  assert.deepEqual(itemsOfResult(blueprint, checkBuyer, true), { mayBuy: { ok: true } })
  assert.deepEqual(itemsOfResult(blueprint, assess, { fen: 5 }), { bill: { fen: 5 } })
  const collecting = { ...blueprint.rules, mayBuy: { ...blueprint.rules?.['mayBuy'], hit: 'C' } }
  const lists = { ...blueprint, rules: collecting } as typeof blueprint
  assert.deepEqual(itemsOfResult(lists, checkBuyer, [true]), { mayBuy: [{ ok: true }] })
  const both = { ...assess, gives: ['bill', 'receipt'] }
  const result = { bill: { fen: 5 }, receipt: { no: 'x', fen: 5 } }
  assert.deepEqual(itemsOfResult(blueprint, both, result), result)
})

test('what an act reads is declared to its rules by exactly the fields that it reads', () => {
  const { blueprint } = shippedFolder('processes/bj.home.transfer')
  const types = shippedTypes()
  const graph = graphOf(blueprint)
  const act = blueprint.acts['register'] as Act
  const names = namesOfReads({ blueprint, types }, act, graph.reads.get('register') ?? [])
  assert.deepEqual(names['cleared'], {
    is: 'record',
    fields: { kind: { is: 'text', values: ['carried', 'released'] } },
    optional: true,
  })
  assert.deepEqual(names['receipt'], { is: 'record', fields: { no: { is: 'text' } } })
  const signed = namesOfReads({ blueprint, types }, act, [
    { ...(graph.reads.get('register')?.[0] as ReadAt), item: 'seller', fields: ['code'] },
  ])
  // All owners sell, so the slot is a list.
  assert.deepEqual(signed['seller'], {
    is: 'list',
    of: { is: 'record', fields: { code: { is: 'text' } } },
  })
})
