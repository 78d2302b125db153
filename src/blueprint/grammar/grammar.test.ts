// The language as documents: strict readers, one meaning for one text, and one identity for one
// application.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '#base/canonical'
import { decodeCanonical } from '#base/canonical'
import { applications, shippedFiles, shippedFolder, shippedJson } from '#test/blueprints'
import { shippedTypes, sound } from '#test/blueprints'
import type { EvidenceType, Fault } from './index.ts'
import { blueprintShape, decodeBlueprint, decodePublication, decodeScenario } from './index.ts'
import { decodeTextPack, decodeType, decodeTypeTexts, hashOf, identityOf } from './index.ts'
import { isDecoded, isRead, jsonSchemaOf, parseRead, publicationText, publish } from './index.ts'
import { textOf, typesNamed, valueFaults } from './index.ts'

type Identity = {
  readonly folder: string
  readonly blueprint: string
  readonly types: Readonly<Record<string, string>>
  readonly scenarios: string
  readonly bytes: number
  readonly identity: string
}

const { identities } = JSON.parse(
  readFileSync(new URL('../../../vectors/blueprint-identities.json', import.meta.url), 'utf8'),
) as { readonly identities: readonly Identity[] }

function published(application: string): string {
  const { blueprint, scenarios } = shippedFolder(application)
  return publicationText(sound(publish(blueprint, shippedTypes(), scenarios)))
}

const codes = (found: object): readonly string[] =>
  (found as readonly Fault[]).map(({ code, path }) => `${code} ${path}`)

for (const golden of identities) {
  test(`${golden.folder} has the identity that anybody computes from its files`, () => {
    const { blueprint, scenarios } = shippedFolder(golden.folder)
    const publication = sound(publish(blueprint, shippedTypes(), scenarios))
    assert.equal(hashOf(blueprint), golden.blueprint)
    assert.deepEqual(publication.types, golden.types)
    assert.equal(publication.scenarios, golden.scenarios)
    const text = publicationText(publication)
    assert.equal(new TextEncoder().encode(text).length, golden.bytes)
    assert.equal(identityOf(publication), golden.identity)
  })
}

test('every shipped application is among the golden identities', () => {
  assert.deepEqual(
    identities.map(({ folder }) => folder),
    [...applications],
  )
})

test('any change of a blueprint, of a type that it names or of a scenario changes the identity', () => {
  const { blueprint, scenarios } = shippedFolder('sharing/bj.firm.account')
  const types = shippedTypes()
  const identity = identityOf(sound(publish(blueprint, types, scenarios)))
  const newer = { ...blueprint, version: 2 }
  assert.notEqual(identityOf(sound(publish(newer, types, scenarios))), identity)
  assert.notEqual(identityOf(sound(publish(blueprint, types, scenarios.slice(1)))), identity)
  for (const name of typesNamed(blueprint)) {
    const type = { ...(types.get(name) as EvidenceType), dispute: '99d' }
    const changed = new Map(types).set(name, type)
    assert.notEqual(identityOf(sound(publish(blueprint, changed, scenarios))), identity)
  }
  const other = types.get('real-estate-title@2') as EvidenceType
  const elsewhere = new Map(types).set(other.type, { ...other, dispute: '99d' })
  assert.equal(identityOf(sound(publish(blueprint, elsewhere, scenarios))), identity)
})

test('a publication is read from exactly its text', () => {
  for (const application of applications) {
    const text = published(application)
    const read = sound(decodePublication(text))
    assert.equal(publicationText(read), text)
    assert.deepEqual(codes(decodePublication(` ${text}`)), ['grammar/not-canonical '])
    assert.deepEqual(codes(decodePublication(text.replace('"version":1', '"version":0'))), [
      'grammar/not-in-list version',
    ])
  }
})

test('a publication names the types of its items and no others', () => {
  const text = published('sharing/bj.firm.account')
  const hash = /"consent@1":"([^"]+)"/.exec(text)?.[1] ?? ''
  assert.deepEqual(codes(decodePublication(text.replace(`"consent@1":"${hash}",`, ''))), [
    'grammar/missing-type types.consent@1',
  ])
  const more = text.replace('"consent@1":', `"alien@1":"${hash}","consent@1":`)
  assert.deepEqual(
    codes(decodePublication(more))
      .slice(0, 1)
      .map((each) => each.split(' ')[0]),
    ['grammar/not-canonical'],
  )
  const sorted = text.replace('"types":{', `"types":{"aa@1":"${hash}",`)
  assert.deepEqual(codes(decodePublication(sorted)), ['grammar/unknown-member types.aa@1'])
  const { blueprint, scenarios } = shippedFolder('sharing/bj.firm.account')
  assert.deepEqual(
    codes(publish(blueprint, new Map(), scenarios)).at(0),
    ['grammar/missing-type evidence.filing.type'].at(0),
  )
})

test('the texts of each application name everything and nothing else, in both languages', () => {
  for (const application of applications) {
    const { blueprint } = shippedFolder(application)
    for (const file of ['zh.json', 'en.json']) {
      const json = shippedJson(`${application}/text/${file}`)
      assert.deepEqual(
        isDecoded(decodeTextPack(json, blueprint)) || decodeTextPack(json, blueprint),
        true,
      )
    }
    const json = shippedJson(`${application}/text/zh.json`) as { parties: object }
    const gap = { ...json, parties: {}, acts: { ...(json as { acts?: object }).acts, extra: 'x' } }
    const found = codes(decodeTextPack(gap as unknown as Json, blueprint))
    assert.ok(found.some((each) => each.startsWith('grammar/missing-member parties.')))
    assert.ok(found.includes('grammar/unknown-member acts.extra'))
  }
})

test('the texts of the vocabulary name every field of every type, in both languages', () => {
  const types = [...shippedTypes().values()]
  for (const file of ['zh.json', 'en.json']) {
    const json = shippedJson(`types/text/${file}`)
    const read = decodeTypeTexts(json, types)
    assert.ok(isDecoded(read), JSON.stringify(read))
  }
})

test('a type stands in the file of its name', () => {
  for (const file of shippedFiles('types')) {
    const type = sound(decodeType(shippedJson(`types/${file}`)))
    assert.equal(`${type.type}.json`, file)
  }
})

test('a scenario stands in the file of its name', () => {
  for (const application of applications) {
    for (const file of shippedFiles(`${application}/tests`)) {
      const scenario = sound(decodeScenario(shippedJson(`${application}/tests/${file}`)))
      assert.equal(`${scenario.id}.json`, file)
    }
  }
})

test('a member that means nothing for its kind of field is refused', () => {
  const base = shippedJson('types/tax-years@1.json') as { readonly [key: string]: Json }
  const wrong: readonly (readonly [Json, string])[] = [
    [{ id: 'a', is: 'enum' }, 'grammar/incomplete fields.0.of'],
    [{ id: 'a', is: 'bool', max: 3 }, 'grammar/unknown-member fields.0.max'],
    [{ id: 'a', is: 'text', unit: 'dm2' }, 'grammar/unknown-member fields.0.unit'],
    [{ id: 'a', is: 'int', class: 'public' }, 'grammar/incomplete fields.0.why'],
    [{ id: 'a', is: 'int', why: 'x' }, 'grammar/unknown-member fields.0.why'],
    [{ id: 'a', is: 'int', min: 4, max: 3 }, 'grammar/not-in-list fields.0.min'],
    [{ id: 'a', is: 'text', answer: 'x' }, 'grammar/not-together fields.0.answer'],
    [{ id: 'a', is: 'record' }, 'grammar/incomplete fields.0.fields'],
  ]
  for (const [field, fault] of wrong) {
    assert.deepEqual(codes(decodeType({ ...base, fields: [field] })), [fault])
  }
  const twice = [
    { id: 'a', is: 'bool' },
    { id: 'a', is: 'day' },
  ]
  assert.deepEqual(codes(decodeType({ ...base, fields: twice })), ['grammar/duplicate fields.1.id'])
})

test('a value fits its type in every field, or says where it does not', () => {
  const types = shippedTypes()
  const years = types.get('tax-years@1') as EvidenceType
  assert.deepEqual(valueFaults(years, { years: 2 }), [])
  assert.deepEqual(codes(valueFaults(years, {})), ['grammar/missing-member years'])
  assert.deepEqual(codes(valueFaults(years, { years: 101 })), ['grammar/bad-value years'])
  // Nobody gives an answer: its owner computes it.
  const given = codes(valueFaults(years, { years: 2, five: true }))
  assert.deepEqual(given, ['grammar/unknown-member five'])
  const liens = types.get('lien-list@1') as EvidenceType
  assert.deepEqual(valueFaults(liens, { mortgaged: false }), [])
  const title = types.get('real-estate-title@2') as EvidenceType
  const found = codes(
    valueFaults(title, { owners: [{ code: '1' }], unit: '1', issued: '2026-02-30' }),
  )
  assert.ok(found.includes('grammar/missing-member owners.0.name'))
  assert.ok(found.includes('grammar/bad-value unit'))
  assert.ok(found.includes('grammar/bad-value issued'))
})

test('a read has one spelling', () => {
  const read = parseRead('title?.{area,certNo} fresh 0d least register keep 90d')
  assert.deepEqual(read, {
    item: 'title',
    optional: true,
    fields: ['area', 'certNo'],
    fresh: { count: 0, unit: 'd' },
    least: 'register',
    keep: { count: 90, unit: 'd' },
  })
  assert.ok(isRead(parseRead('title')))
  const wrong: readonly (readonly [string, string])[] = [
    ['title.{certNo,area}', 'grammar/unsorted '],
    ['title.{area,area}', 'grammar/unsorted '],
    ['title.{area}.x', 'grammar/bad-read '],
    ['title keep 90d fresh 1d', 'grammar/bad-read '],
    ['title  fresh 1d', 'grammar/bad-read '],
    ['title least sure', 'grammar/not-in-list '],
    ['title keep 0d', 'grammar/bad-span '],
    ['title.*', 'grammar/bad-read '],
  ]
  for (const [text, fault] of wrong) {
    const found = parseRead(text)
    assert.ok(!isRead(found), text)
    assert.deepEqual(codes([found]), [fault], text)
  }
})

test('no document makes a reader throw, and each refusal has a code and a path', () => {
  const names = fc.constantFrom(
    'acts',
    'by',
    'does',
    'reads',
    'law',
    'parties',
    'is',
    'x',
    'format',
  )
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Json>(null, true, 1, '', 'sign', '1wd', 'a.b', 'lianban/blueprint/1'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(names, tie('value'), { maxKeys: 4 }),
    ),
  }))
  const shipped = shippedJson('sharing/bj.firm.account/blueprint.json') as { [key: string]: Json }
  const keys = Object.keys(shipped)
  fc.assert(
    fc.property(value, fc.constantFrom(...keys), (json, key) => {
      for (const document of [json, { ...shipped, [key]: json }]) {
        for (const decode of [decodeBlueprint, decodeType, decodeScenario]) {
          const read: object = decode(document)
          if (!Array.isArray(read)) continue
          assert.ok(read.length > 0 && read.length <= 100)
          for (const fault of read as readonly Fault[]) assert.match(fault.code, /^grammar\//)
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('at most 64 acts and 128 items are read', () => {
  const shipped = shippedFolder('sharing/bj.firm.account').blueprint
  const repeat = (count: number, value: unknown): object =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`x${at}`, value]))
  const acts = { ...shipped, acts: repeat(65, shipped.acts['agree']) }
  assert.deepEqual(codes(decodeBlueprint(acts as unknown as Json)), ['grammar/too-many acts'])
  const evidence = { ...shipped, evidence: repeat(129, shipped.evidence['risk']) }
  assert.deepEqual(codes(decodeBlueprint(evidence as unknown as Json)), [
    'grammar/too-many evidence',
  ])
})

test('the schema for editors knows every member that the reader knows', () => {
  const schema = jsonSchemaOf(blueprintShape)
  const properties = Object.keys(schema['properties'] as object)
  for (const application of applications) {
    const { blueprint } = shippedFolder(application)
    for (const member of Object.keys(blueprint)) assert.ok(properties.includes(member), member)
  }
  assert.equal(schema['additionalProperties'], false)
})

test('the canonical text of a blueprint gives the blueprint again', () => {
  for (const application of applications) {
    const { blueprint } = shippedFolder(application)
    const text = textOf(blueprint)
    assert.equal(textOf(sound(decodeBlueprint(decodeCanonical(text)))), text)
  }
})

test('nothing can be named like what every object inherits', () => {
  const { blueprint } = shippedFolder('sharing/bj.firm.account')
  for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty']) {
    const law = { ...blueprint.law, [name]: { cite: 'x', from: '2020-01-01' } }
    const found = codes(decodeBlueprint({ ...blueprint, law } as unknown as Json))
    assert.deepEqual(found, [`grammar/reserved-name law.${name}`])
  }
  const agree = { ...blueprint.acts['agree'], by: ['applicant', 'constructor'] }
  const acts = { ...blueprint.acts, agree }
  assert.deepEqual(codes(decodeBlueprint({ ...blueprint, acts } as unknown as Json)), [
    'grammar/reserved-name acts.agree.by.1',
  ])
})
