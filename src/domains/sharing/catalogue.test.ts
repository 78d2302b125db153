// The catalogue: what is missing is named, changes say what they replace, and drift shows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { isRefusal } from '#ledger/command'
import type { Value } from '#ledger/command'
import { officerOffer } from '#test/domain-world'
import { b32, idOf, SharingWorld } from '#test/sharing-world'
import { catalogueItemOf, decodeCatalogue, driftOf, resourceOf } from './index.ts'

const day = 86_400_000
const steward = 'wang'
const officers = { tax: [steward, 'liu'], police: ['zhao'] }
const resource = idOf('resource')

type Parts = { [part: string]: { [name: string]: Json } | string }

function document(change: (parts: Parts) => void = () => {}): string {
  const parts: Parts = {
    format: 'lianban/catalogue/1',
    duty: { text: '负责税费征收管理', organisation: '税务局', approval: '三定方案 2019-3' },
    item: {
      id: 'tax.years',
      title: '个人连续纳税年限',
      class: 'conditional',
      condition: '购房资格审核',
      law: '京政办发〔2011〕8号',
      update: '1d',
      steward: officerOffer(steward).kid,
      types: ['tax-years@1'],
    },
    resource: {
      id: resource,
      title: '个人所得税申报',
      kind: 'table',
      system: '征管系统',
      schema: b32('schema'),
      fields: [{ name: 'YEARS', is: 'int' }],
    },
  }
  change(parts)
  return encodeCanonical(parts)
}

function without(part: string, name: string): string {
  return document((parts) => {
    delete (parts[part] as { [name: string]: Json })[name]
  })
}

function published(): SharingWorld {
  const world = new SharingWorld(officers)
  world.given('tax', 'catalogue.publish', { document: put(world, document()) }, [steward])
  return world
}

function put(world: SharingWorld, text: string): string {
  return world.put(utf8Encode(text))
}

function publish(world: SharingWorld, text: string, more: { [name: string]: Value } = {}): string {
  const body = { document: put(world, text), ...more }
  return world.when('tax', 'catalogue.publish', body, [steward]).code
}

test('an item without duty, class, law, promise of update, steward or resource is refused by that word', () => {
  const world = new SharingWorld(officers)
  const words = [
    ['duty', 'text', 'sharing/no-duty'],
    ['duty', 'organisation', 'sharing/no-duty'],
    ['duty', 'approval', 'sharing/no-duty'],
    ['item', 'class', 'sharing/no-class'],
    ['item', 'condition', 'sharing/no-class'],
    ['item', 'law', 'sharing/no-law'],
    ['item', 'update', 'sharing/no-update'],
    ['item', 'steward', 'sharing/no-steward'],
    ['resource', 'id', 'sharing/no-resource'],
    ['resource', 'schema', 'sharing/no-resource'],
    ['resource', 'fields', 'sharing/no-resource'],
  ] as const
  for (const [part, name, code] of words) {
    const answer = world.when(
      'tax',
      'catalogue.publish',
      { document: put(world, without(part, name)) },
      [steward],
    )
    assert.deepEqual(answer, { code, at: `document.${part}.${name}` })
  }
  for (const part of ['duty', 'item', 'resource']) {
    const text = document((parts) => delete parts[part])
    assert.match(publish(world, text), /^sharing\/(?:no-duty|bad-document|no-resource)$/, part)
  }
  assert.equal(world.count('item'), 0)
})

test('an item is published by its department and stands with class, promise, steward and schema', () => {
  const world = new SharingWorld(officers)
  const answer = world.when('tax', 'catalogue.publish', { document: put(world, document()) }, [
    steward,
  ])
  assert.deepEqual(answer, { code: 'ok', outcome: { item: 'tax.years', resource } })
  const record = catalogueItemOf(world, 'tax', 'tax.years')
  assert.equal(record?.class, 'conditional')
  assert.equal(record.steward, officerOffer(steward).kid)
  assert.deepEqual(record.types, ['tax-years@1'])
  assert.deepEqual(resourceOf(world, resource), { member: 'tax', item: 'tax.years' })
})

test('an item names the mapping through which its rows are read by its hash, or none', () => {
  const world = new SharingWorld(officers)
  const mapped = (mapping: string): string =>
    document((parts) => {
      ;(parts['resource'] as { [name: string]: Json })['mapping'] = mapping
    })
  assert.equal(publish(world, mapped('list.json')), 'sharing/bad-document')
  assert.equal(publish(world, mapped(b32('a load file'))), 'ok')
})

test('the steward is an officer of the department with a key in force, and signs', () => {
  const world = new SharingWorld(officers)
  const by = (kid: string, ...approving: string[]): string => {
    const text = document((parts) => {
      ;(parts['item'] as { [name: string]: Json })['steward'] = kid
    })
    return world.when('tax', 'catalogue.publish', { document: put(world, text) }, approving).code
  }
  assert.equal(by(idOf('nobody'), steward), 'sharing/steward-unknown')
  assert.equal(by(officerOffer('zhao').kid, steward), 'sharing/steward-unknown')
  assert.equal(by(officerOffer(steward).kid), 'sharing/steward-not-signed')
  assert.equal(by(officerOffer(steward).kid, 'liu'), 'sharing/steward-not-signed')
  assert.equal(by(officerOffer(steward).kid, 'zhao'), 'sharing/foreign-approval')
  assert.equal(by(officerOffer(steward).kid, steward), 'ok')
})

test('the document has one form: strict, bounded, nothing beside it', () => {
  const refused = (text: string): void => {
    assert.ok(isRefusal(decodeCatalogue(utf8Encode(text))), text.slice(0, 80))
  }
  assert.ok(!isRefusal(decodeCatalogue(utf8Encode(document()))))
  refused('')
  refused('null')
  refused('[]')
  refused(` ${document()}`)
  refused(document((parts) => (parts['price'] = { fen: 1 })))
  const inItem = (name: string, value: Json): string =>
    document((parts) => {
      ;(parts['item'] as { [name: string]: Json })[name] = value
    })
  refused(inItem('price', 100))
  refused(inItem('class', 'secret'))
  refused(inItem('class', 'none'))
  refused(inItem('update', '3wd'))
  refused(inItem('update', 'soon'))
  refused(inItem('law', ' 法'))
  refused(inItem('law', '法\n法'))
  refused(inItem('title', 'x'.repeat(2_000)))
  refused(inItem('types', []))
  refused(inItem('types', ['hukou']))
  refused(inItem('id', 'Ä'))
  refused(document((parts) => (parts['format'] = 'lianban/catalogue/2')))
  assert.ok(isRefusal(decodeCatalogue(new Uint8Array([0xff, 0xfe]))))
  assert.ok(isRefusal(decodeCatalogue(new Uint8Array(40_000))))
})

test('whatever bytes come as a document, they are read or refused, and never anything else', () => {
  const whole = document()
  fc.assert(
    fc.property(
      fc.nat({ max: whole.length - 1 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
      (at, to) => {
        const text = whole.slice(0, at) + to + whole.slice(at + 1)
        if (!text.isWellFormed()) return
        const read = decodeCatalogue(utf8Encode(text))
        if (isRefusal(read)) assert.match(read.code, /^sharing\//)
        else assert.equal(encodeCanonical(read as unknown as Json), text)
      },
    ),
    { numRuns: 200 },
  )
})

test('a change names the version that it takes the place of', () => {
  const world = published()
  const before = catalogueItemOf(world, 'tax', 'tax.years')?.document ?? ''
  const next = document((parts) => {
    ;(parts['resource'] as { [name: string]: Json })['schema'] = b32('schema 2')
  })
  assert.equal(publish(world, next), 'sharing/changed-meanwhile')
  assert.equal(publish(world, next, { replaces: b32('other') }), 'sharing/changed-meanwhile')
  assert.equal(publish(world, next, { replaces: before }), 'ok')
  assert.equal(catalogueItemOf(world, 'tax', 'tax.years')?.schema, b32('schema 2'))
  assert.equal(publish(world, next, { replaces: before }), 'sharing/changed-meanwhile')
})

test('one resource stands in one item', () => {
  const world = published()
  const other = document((parts) => {
    ;(parts['item'] as { [name: string]: Json })['id'] = 'tax.other'
  })
  assert.equal(publish(world, other), 'sharing/resource-known')
  const before = catalogueItemOf(world, 'tax', 'tax.years')?.document ?? ''
  const moved = document((parts) => {
    ;(parts['resource'] as { [name: string]: Json })['id'] = idOf('resource 2')
  })
  assert.equal(publish(world, moved, { replaces: before }), 'ok')
  assert.equal(resourceOf(world, resource), undefined)
  assert.equal(publish(world, other), 'ok')
})

test('a withdrawal needs the owner and then another member that holds the ledger', () => {
  const world = published()
  const body = { member: 'tax', item: 'tax.years' }
  const withdraw = (by: string): string => world.when(by, 'catalogue.withdraw', body).code
  assert.equal(withdraw('police'), 'sharing/not-owner')
  assert.equal(withdraw('tax'), 'ok')
  assert.equal(withdraw('tax'), 'sharing/own-counter-signature')
  assert.ok(catalogueItemOf(world, 'tax', 'tax.years') !== undefined, 'it stands until then')
  const answer = world.when('police', 'catalogue.withdraw', body)
  assert.deepEqual(answer, { code: 'ok', outcome: { withdrawn: true } })
  assert.equal(catalogueItemOf(world, 'tax', 'tax.years'), undefined)
  assert.equal(resourceOf(world, resource), undefined)
  assert.equal(withdraw('tax'), 'sharing/unknown-item')
})

type Attested = { schema?: string; rows?: number; changed?: number; asOf?: number; until?: number }

function attest(world: SharingWorld, state: string, over: Attested = {}, by = 'tax'): string {
  const { schema = b32('schema'), rows = 1_000, changed = 0, asOf = world.time, ...rest } = over
  const body = { resource, schema, rows, changed, asOf, state, ...rest }
  return world.when(by, 'drift.attest', body).code
}

test('an attestation is green or red by itself, and a false word for it is refused', () => {
  const world = published()
  assert.equal(attest(world, 'green'), 'ok')
  const since = driftOf(world, resource)?.since
  world.next(day)
  assert.equal(attest(world, 'green'), 'ok')
  assert.equal(driftOf(world, resource)?.since, since, 'green since the first')
  assert.equal(attest(world, 'red'), 'sharing/state-differs')
  assert.equal(attest(world, 'green', { schema: b32('other') }), 'sharing/state-differs')
  assert.equal(attest(world, 'red', { schema: b32('other') }), 'ok')
  assert.equal(driftOf(world, resource)?.state, 'red')
  assert.equal(driftOf(world, resource)?.since, world.time)
  assert.equal(attest(world, 'green', { asOf: world.time - 3 * day }), 'sharing/state-differs')
  assert.equal(attest(world, 'red', { asOf: world.time - 3 * day }), 'ok', 'older than promised')
  assert.equal(attest(world, 'green', { asOf: world.time + 1 }), 'sharing/bad-time')
})

test('a change that was announced does not alarm until its date, and no longer', () => {
  const world = published()
  const until = world.time + 5 * day
  const other = { schema: b32('other') }
  assert.equal(attest(world, 'announced', { until }), 'ok')
  assert.equal(attest(world, 'announced', other), 'ok')
  assert.equal(attest(world, 'red', other), 'sharing/state-differs')
  world.next(5 * day)
  assert.equal(attest(world, 'announced', other), 'sharing/state-differs')
  assert.equal(attest(world, 'red', other), 'ok')
  assert.equal(attest(world, 'announced', { until: world.time }), 'sharing/bad-time')
  assert.equal(attest(world, 'announced', { until: world.time + 91 * day }), 'sharing/bad-time')
})

test('many changed rows at once wait for a second person', () => {
  const world = published()
  assert.equal(attest(world, 'green', { changed: 100 }), 'ok')
  assert.equal(attest(world, 'green', { changed: 101 }), 'sharing/second-person')
  const body = { resource, schema: b32('schema'), rows: 1_000, changed: 101, asOf: world.time }
  assert.equal(world.when('tax', 'drift.attest', { ...body, state: 'green' }, ['liu']).code, 'ok')
})

test('only the owner attests, and only of a resource of the catalogue', () => {
  const world = published()
  assert.equal(attest(world, 'green', {}, 'police'), 'sharing/not-owner')
  const body = { schema: b32('x'), rows: 0, changed: 0, asOf: 0, state: 'red' }
  const code = world.when('tax', 'drift.attest', { ...body, resource: idOf('none') }).code
  assert.equal(code, 'sharing/unknown-resource')
})
