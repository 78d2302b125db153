// What can be said of privacy without running anything: which types have public fields, which
// commands can hold a text, and that the scan of `npm run faults` reads what it says it reads.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { EvidenceType } from '#blueprint/grammar'
import { classOf, isPersonal, listOf } from '#blueprint/grammar'
import { typeFaults } from '#blueprint/check'
import { hasFreeString } from '#ledger/command'
import { readApplication, readPack, readTypes } from '#apps/node/city'
import { domains } from '#apps/node/serve'
import { Needles, Prefixes } from './faults/needles.ts'
import { viewsOf } from './faults/views.ts'

const types = [...readTypes().values()]
const isOpen = (type: EvidenceType): boolean =>
  type.fields.some((field) => classOf(field) === 'public')

test('no type about a person or a household has a public field', () => {
  const personal = types.filter(isPersonal)
  assert.ok(personal.length > 10)
  assert.deepEqual(personal.filter(isOpen), [])
  for (const type of personal) {
    const [field] = type.fields
    assert.ok(field)
    const opened = { ...field, class: 'public', why: '…' } as typeof field
    const faults = typeFaults({ ...type, fields: [opened, ...type.fields.slice(1)] })
    assert.ok(
      faults.some(({ code }) => code === 'check/public-about-persons'),
      type.type,
    )
  }
})

test('no shipped application has a public field in which a person has a part', () => {
  let open = 0
  for (const path of readPack('beijing').applications) {
    const { blueprint, types: book } = readApplication(path)
    const persons = Object.values(blueprint.parties).some(({ is }) => is === 'person')
    for (const [name, item] of Object.entries(blueprint.evidence)) {
      const type = book.get(item.type)
      assert.ok(type, name)
      if (!isOpen(type)) continue
      open += 1
      assert.ok(!persons && type.about === 'measure', `${path} ${name}`)
      for (const field of type.fields) if (classOf(field) === 'public') assert.ok(field.why)
    }
    assert.ok(listOf(blueprint.result).length > 0)
  }
  assert.ok(open > 0, 'goods have public quantities')
})

test('no command of any domain can hold a text, and none can answer with one', () => {
  let commands = 0
  for (const { types: of } of domains) {
    for (const { name, body, outcome } of of) {
      commands += 1
      assert.equal(hasFreeString(body), false, name)
      if (outcome !== undefined) assert.equal(hasFreeString(outcome), false, name)
    }
  }
  assert.ok(commands > 50, String(commands))
})

/** What a needle is read as within bytes. */
function read(needle: Uint8Array, bytes: Uint8Array): readonly string[] {
  const needles = new Needles()
  needles.add(needle, { what: 'it', how: 'plain' })
  const found: string[] = []
  viewsOf(bytes, { see: (view, how) => needles.search(view, () => found.push(how)) })
  return found
}

const wrappings: { readonly [name: string]: (bytes: Uint8Array) => Uint8Array } = {
  base64: (bytes) => Buffer.from(Buffer.from(bytes).toString('base64')),
  base64url: (bytes) => Buffer.from(Buffer.from(bytes).toString('base64url')),
  hex: (bytes) => Buffer.from(Buffer.from(bytes).toString('hex')),
  HEX: (bytes) => Buffer.from(Buffer.from(bytes).toString('hex').toUpperCase()),
}

test('the scan reads up to three writings within each other, wherever they begin', () => {
  const bytes = fc.uint8Array({ minLength: 8, maxLength: 40 })
  const around = fc.uint8Array({ maxLength: 9 })
  const wrapping = fc.tuple(fc.constantFrom(...Object.keys(wrappings)), around, around)
  const wrapped = fc.array(wrapping, { maxLength: 3 })
  const property = fc.property(bytes, wrapped, (needle, layers) => {
    let all: Uint8Array = needle
    for (const [name, before, after] of layers) {
      const wrap = wrappings[name]
      assert.ok(wrap)
      all = wrap(Buffer.concat([before, all, after]))
    }
    assert.ok(read(needle, all).length > 0)
  })
  fc.assert(property, { numRuns: 300, seed: 11 })
})

test('a number is found in a text and not within a longer number', () => {
  const needles = new Needles()
  needles.add(Buffer.from('387000000'), { what: 'price', how: 'plain' }, true)
  const count = (text: string): number => {
    let found = 0
    needles.search(Buffer.from(text), () => (found += 1))
    return found
  }
  assert.deepEqual(
    ['{"fen":387000000}', '387000000', 'x387000000', '1387000000', '3870000000'].map(count),
    [1, 1, 1, 0, 0],
  )
})

test('every digest on the ledger is among the strings that candidates are held against', () => {
  const digest = createHash('sha256').update('whoever').digest()
  const high = digest.readUInt32BE(0)
  const low = digest.readUInt32BE(4)
  const writings = [
    digest,
    Buffer.from(`{"a":"${digest.toString('base64url')}"}`),
    Buffer.from(`{"a":"${digest.toString('hex')}"}`),
    Buffer.from(`e30.${Buffer.from(`["${digest.toString('base64url')}"]`).toString('base64url')}.`),
  ]
  for (const bytes of writings) {
    const words = new Prefixes()
    viewsOf(Buffer.concat([Buffer.from('['), bytes]), { see: () => undefined, words })
    assert.ok(words.has(high, low))
    assert.ok(!words.has(low, high))
  }
})
