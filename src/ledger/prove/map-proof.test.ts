// The keeper of the maps gives roots that depend on content alone, and proves what the last roots
// say; map-root entries and map proofs have one JSON form each.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { concat } from '#base/bytes'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { sha256 } from '#base/crypto'

import {
  Maps,
  encodeMapProof,
  encodeMapRoot,
  mapKeyOf,
  mapValueHash,
  parseMapProof,
  parseMapRoot,
  verifyAbsence,
  verifyPresence,
} from './map-proof.ts'
import { SparseMap } from './map.ts'

function presents(maps: Maps, map: string, record: string, text: string): boolean {
  const claim = { root: maps.root(map)!, key: mapKeyOf(record), valueHash: mapValueHash(text) }
  return verifyPresence({ ...claim, proof: maps.prove(map, record)! })
}

describe('the keeper of the maps', () => {
  test('changes nothing that is proven until the roots are asked for', () => {
    const maps = new Maps()
    maps.change('now', 'member.tax', '{"state":"active"}')
    assert.equal(maps.prove('now', 'member.tax'), null)
    const roots = maps.roots()
    assert.deepEqual(Object.keys(roots), ['now'])
    assert.ok(presents(maps, 'now', 'member.tax', '{"state":"active"}'))
    maps.change('now', 'member.tax', '{"state":"suspended"}')
    assert.ok(presents(maps, 'now', 'member.tax', '{"state":"active"}'))
    assert.notDeepEqual(maps.roots(), roots)
    assert.ok(presents(maps, 'now', 'member.tax', '{"state":"suspended"}'))
    maps.change('now', 'member.tax', null)
    maps.roots()
    const proof = maps.prove('now', 'member.tax')!
    assert.ok(verifyAbsence({ root: maps.root('now')!, key: mapKeyOf('member.tax'), proof }))
  })

  test('keeps maps apart, in the order of their names', () => {
    const maps = new Maps()
    maps.change('uses/2026-11', 'uses/2026-11/tag', '1')
    maps.change('now', 'member.tax', '1')
    maps.change('now', 'member.land', '2')
    const roots = maps.roots()
    assert.deepEqual(Object.keys(roots), ['now', 'uses/2026-11'])
    assert.equal(maps.size, 3)
    const alone = new SparseMap()
    alone.update([{ key: mapKeyOf('uses/2026-11/tag'), valueHash: mapValueHash('1') }])
    assert.deepEqual(maps.root('uses/2026-11'), alone.root())
  })

  test('gives equal roots for equal content, whenever roots were asked and it was stored', () => {
    const change = fc.tuple(
      fc.constantFrom('now', 'uses/1'),
      fc.nat(20),
      fc.option(fc.nat(5)),
      fc.nat(3),
    )
    const property = fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      let often = new Maps()
      const once = new Maps()
      for (const [map, n, value, then] of changes) {
        const text = value === null ? null : `${value}`
        often.change(map, `r/${n}`, text)
        once.change(map, `r/${n}`, text)
        if (then === 1) often.roots()
        if (then === 2) often = Maps.restore(often.serialise())!
      }
      assert.deepEqual(often.roots(), once.roots())
      assert.deepEqual(often.serialise(), once.serialise())
    })
    fc.assert(property, { numRuns: 100 })
  })

  test('is not restored from bytes that are cut, longer or changed in the head', () => {
    const maps = new Maps()
    maps.change('now', 'a', '1')
    maps.roots()
    maps.change('now', 'b', '2')
    const bytes = maps.serialise()
    assert.ok(Maps.restore(bytes))
    for (let end = 0; end < bytes.length; end++)
      assert.equal(Maps.restore(bytes.slice(0, end)), null)
    assert.equal(Maps.restore(concat([bytes, Uint8Array.of(0)])), null)
    const head = bytes.indexOf(0x7b)
    for (const at of [head, head + 1, head + 2]) {
      assert.equal(Maps.restore(bytes.with(at, 0x20)), null)
    }
  })
})

describe('a map-root entry', () => {
  const digest = sha256('digest')
  const roots = new Map([
    ['now', sha256('now')],
    ['uses/2026-11', sha256('uses')],
  ])
  const content = encodeMapRoot({ height: 7, stateDigest: digest, roots })

  test('has one form', () => {
    const text = encodeCanonical(content)
    assert.match(
      text,
      /^\{"height":7,"kind":"map-root","roots":\{"now":"[\w-]{43}","uses\/2026-11":/,
    )
    assert.deepEqual(parseMapRoot(decodeCanonical(text)!), {
      height: 7,
      stateDigest: digest,
      roots,
    })
  })

  test('of another form is refused', () => {
    const fields = content as { readonly [name: string]: Json }
    const wrong: Json[] = [
      null,
      [],
      {},
      { ...fields, kind: 'map' },
      { ...fields, height: -1 },
      { ...fields, height: '7' },
      { ...fields, more: 1 },
      { ...fields, stateDigest: 'x' },
      { ...fields, roots: [] },
      { ...fields, roots: { now: 'x' } },
      { ...fields, roots: { now: null } },
      {
        ...fields,
        roots: Object.fromEntries(
          Array.from({ length: 513 }, (_, i) => [`m${i}`, fields['stateDigest']!]),
        ),
      },
    ]
    for (const each of wrong) assert.equal(parseMapRoot(each), null, JSON.stringify(each))
  })
})

test('a map proof has one JSON form', () => {
  const map = new SparseMap()
  const records = Array.from({ length: 30 }, (_, i) => `r/${i}`)
  map.update(records.map((record) => ({ key: mapKeyOf(record), valueHash: mapValueHash(record) })))
  for (const record of [...records, 'absent/1', 'absent/2', 'absent/3']) {
    const proof = map.prove(mapKeyOf(record))
    const text = encodeCanonical(encodeMapProof(proof))
    assert.deepEqual(parseMapProof(decodeCanonical(text)!), proof)
  }
  const hash = 'A'.repeat(43)
  const leaf = { key: hash, valueHash: hash }
  assert.ok(parseMapProof({ leaf, siblings: ['', hash] }))
  const wrong: Json[] = [
    null,
    {},
    { leaf: null },
    { leaf: null, siblings: 'x' },
    { leaf: null, siblings: [null] },
    { leaf: null, siblings: ['x'] },
    { leaf: null, siblings: [`${'A'.repeat(42)}B`] },
    { leaf: null, siblings: Array.from({ length: 257 }, () => '') },
    { leaf: {}, siblings: [] },
    { leaf: { ...leaf, more: 1 }, siblings: [] },
    { leaf: { ...leaf, key: 1 }, siblings: [] },
    { leaf, siblings: [], more: 1 },
  ]
  for (const each of wrong) assert.equal(parseMapProof(each), null, JSON.stringify(each))
})

test('maps come back whole however many changes wait for the next roots', () => {
  const maps = new Maps()
  const count = 220_000
  for (let i = 0; i < count; i += 1) maps.change('now', `notes/current/${i}`, '1')
  const bytes = maps.serialise()
  const restored = Maps.restore(bytes)
  assert.ok(restored !== null)
  assert.deepEqual(restored.serialise(), bytes)
})
