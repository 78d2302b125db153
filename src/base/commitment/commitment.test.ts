// Commitments bind every field of a record, and an opening shows one field and no sibling: over the
// golden cases by both doors of base/crypto, over random records, and against a reader who tries.
import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import fc from 'fast-check'
import { base64urlDecode, base64urlEncode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { commitRecord, commitValue, fieldSalt, isOpening, leafOf, openField } from './index.ts'
import { useSeed, useTag, verifyOpening, verifyValue } from './index.ts'
import type { Leaf, Opening, Place } from './index.ts'

type Vectors = {
  readonly records: readonly {
    readonly claim: string
    readonly salt: string
    readonly leaves: readonly { readonly path: string; readonly text: string | null }[]
    readonly commitment: string
    readonly openings: readonly Opening[]
  }[]
  readonly invalid: readonly {
    readonly claim: string
    readonly commitment: string
    readonly opening: Opening
    readonly place?: Place
  }[]
  readonly unplaced: Vectors['invalid']
  readonly values: readonly {
    readonly claim: string
    readonly salt: string
    readonly hex: string
    readonly commitment: string
    readonly valid: boolean
  }[]
  readonly uses: readonly {
    readonly monthKey: string
    readonly subjectTag: string
    readonly seed: string
    readonly tags: readonly { readonly n: number; readonly tag: string }[]
  }[]
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/commitments.json', import.meta.url), 'utf8'),
) as Vectors
const bytesOf = (text: string): Bytes => base64urlDecode(text) as Bytes

/** The claims of the golden cases that do not hold; run here, and in a child by the other door. */
function broken(): string[] {
  const wrong: string[] = []
  const expect = (holds: boolean, claim: string): void => {
    if (!holds) wrong.push(claim)
  }
  for (const { claim, salt, leaves, commitment, openings } of vectors.records) {
    const record = leaves.map(({ path, text }) => ({ path, value: text && utf8Encode(text) }))
    const own = record as readonly Leaf[]
    expect(base64urlEncode(commitRecord(bytesOf(salt), own)) === commitment, claim)
    for (const opening of openings) {
      const { path, index, size } = opening
      const again = openField(bytesOf(salt), own, path)
      expect(JSON.stringify(again) === JSON.stringify(opening), `${claim}: ${path} again`)
      expect(verifyOpening(bytesOf(commitment), opening), `${claim}: ${path}`)
      expect(
        verifyOpening(bytesOf(commitment), opening, { index, size }),
        `${claim}: ${path} there`,
      )
    }
  }
  for (const { claim, commitment, opening, place } of vectors.invalid) {
    expect(!verifyOpening(bytesOf(commitment), opening, place), claim)
  }
  for (const { claim, commitment, opening, place } of vectors.unplaced) {
    expect(verifyOpening(bytesOf(commitment), opening), `${claim}, and no place is asked`)
    expect(!verifyOpening(bytesOf(commitment), opening, place), claim)
  }
  for (const { claim, salt, hex, commitment, valid } of vectors.values) {
    const value = new Uint8Array(Buffer.from(hex, 'hex'))
    expect(verifyValue(bytesOf(commitment), bytesOf(salt), value) === valid, claim)
  }
  for (const { monthKey, subjectTag, seed, tags } of vectors.uses) {
    expect(base64urlEncode(useSeed(bytesOf(monthKey), bytesOf(subjectTag))) === seed, 'a seed')
    for (const { n, tag } of tags) {
      expect(base64urlEncode(useTag(bytesOf(seed), n)) === tag, `the tag of use ${n}`)
    }
  }
  return wrong
}

if (process.env['LIANBAN_COMMITMENT_DOOR'] === 'portable') {
  process.stdout.write(`broken ${JSON.stringify(broken())}\n`)
  process.exit(0)
}

test('every golden case holds by OpenSSL', () => {
  assert.deepEqual(broken(), [])
})

test('every golden case holds by @noble', () => {
  // Without the condition `node`, the resolver takes the portable doors.
  const hooks = `
    import { registerHooks } from 'node:module'
    registerHooks({ resolve: (name, context, next) =>
      next(name, /^#base\\/(?:bytes|crypto)$/.test(name)
        ? { ...context, conditions: context.conditions.filter((each) => each !== 'node') }
        : context) })`
  const loader = `data:text/javascript,${encodeURIComponent(hooks)}`
  const run = spawnSync(process.execPath, ['--import', loader, import.meta.filename], {
    encoding: 'utf8',
    env: { ...process.env, LIANBAN_COMMITMENT_DOOR: 'portable' },
  })
  assert.equal(run.stdout, 'broken []\n', run.stderr)
})

const salts = fc.uint8Array({ minLength: 32, maxLength: 32 })
const values = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.string({ unit: 'grapheme' }),
)
const records = fc
  .uniqueArray(fc.stringMatching(/^[a-z][a-zA-Z.]{0,11}$/), { minLength: 0, maxLength: 40 })
  .chain((paths) => fc.tuple(fc.constant(paths), fc.array(values, arrayOf(paths.length))))
  .map(([paths, given]): readonly Leaf[] => [
    leafOf('$', 'found'),
    ...paths.map((path, at) => leafOf(path, given[at] ?? null)),
  ])

function arrayOf(length: number): { minLength: number; maxLength: number } {
  return { minLength: length, maxLength: length }
}

test('whatever the record, each of its fields opens', () => {
  fc.assert(
    fc.property(salts, records, (salt, leaves) => {
      const commitment = commitRecord(salt, leaves)
      return leaves.every(({ path }, index) => {
        const opening = openField(salt, leaves, path)
        return verifyOpening(commitment, opening, { index, size: leaves.length })
      })
    }),
    { numRuns: 60 },
  )
})

test('an opening with any character or number of it changed never verifies', () => {
  const leaves = ['$', 'a', 'b', 'c', 'd', 'e', 'f'].map((path) => leafOf(path, `${path} here`))
  const salt = new Uint8Array(32).fill(7)
  const commitment = commitRecord(salt, leaves)
  const places = fc.record({ which: fc.nat(6), at: fc.nat(400), to: fc.nat(63) })
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  let tried = 0
  fc.assert(
    fc.property(places, ({ which, at, to }) => {
      const opening = openField(salt, leaves, leaves[which]!.path)
      const text = JSON.stringify(opening)
      const from = at % text.length
      const changed = text.slice(0, from) + letters[to] + text.slice(from + 1)
      if (changed === text) return true
      let mutant: unknown
      try {
        mutant = JSON.parse(changed)
      } catch {
        return true
      }
      tried += 1
      const place = { index: which, size: leaves.length }
      return !verifyOpening(commitment, mutant as Opening, place)
    }),
    { numRuns: 3000 },
  )
  assert.ok(tried > 1000, `${tried} mutants were openings in form`)
})

test('who is shown one field with all siblings cannot find a field of two values', () => {
  const salt = new Uint8Array(32).fill(9)
  const shown = 'certNo'
  const committed = (flag: boolean): readonly Leaf[] => [
    leafOf('$', 'found'),
    leafOf(shown, 'BJ-2026-1'),
    leafOf('married', flag),
  ]
  const leaves = committed(true)
  const opening = openField(salt, leaves, shown)
  const commitment = commitRecord(salt, leaves)
  assert.ok(verifyOpening(commitment, opening))
  // All that the reader holds: the salt of the field shown, the siblings, both values and every
  // salt that he may guess to be in use for the other field.
  const known = [opening.salt, ...opening.siblings].map(bytesOf)
  const guesses = [...known, ...known.map((each) => fieldSalt(each, 'married')), new Uint8Array(32)]
  for (const value of ['true', 'false', null]) {
    for (const guess of guesses) {
      for (const index of [0, 1, 2]) {
        for (const siblings of [opening.siblings, opening.siblings.toReversed(), [], known]) {
          const attempt: Opening = {
            path: 'married',
            value,
            salt: base64urlEncode(guess),
            index,
            size: 3,
            siblings: siblings.map((each) =>
              typeof each === 'string' ? each : base64urlEncode(each),
            ),
          }
          assert.ok(!verifyOpening(commitment, attempt), JSON.stringify(attempt))
        }
      }
    }
  }
  // With the field's own salt the same try finds it: what keeps it is the salt and nothing else.
  const leaf = openField(salt, leaves, 'married')
  assert.ok(verifyOpening(commitment, leaf))
  assert.ok(!verifyOpening(commitment, { ...leaf, value: 'false' }))
  // And the same field with the other value has siblings that look no different.
  assert.equal(openField(salt, committed(false), shown).siblings.length, opening.siblings.length)
})

test('an absent field looks like any other, and cannot be shown as a value', () => {
  const salt = new Uint8Array(32).fill(3)
  const leaves = [leafOf('$', 'found'), leafOf('a', null), leafOf('b', 'absent')]
  const commitment = commitRecord(salt, leaves)
  const absent = openField(salt, leaves, 'a')
  assert.equal(absent.value, null)
  assert.ok(verifyOpening(commitment, absent))
  for (const value of ['"absent"', 'null', '""', 'absent']) {
    assert.ok(!verifyOpening(commitment, { ...absent, value }))
  }
  assert.ok(!verifyOpening(commitment, { ...openField(salt, leaves, 'b'), value: null }))
})

test('the order of fields is part of the commitment', () => {
  const salt = new Uint8Array(32).fill(4)
  const [state, a, b] = [leafOf('$', 'found'), leafOf('a', 1), leafOf('b', 2)]
  const one = commitRecord(salt, [state, a, b])
  assert.notDeepEqual(one, commitRecord(salt, [state, b, a]))
  assert.deepEqual(one, commitRecord(salt, [state, a, b]))
})

test('a record without a state, with a path twice or with too many fields is a defect', () => {
  const salt = new Uint8Array(32)
  const state = leafOf('$', 'found')
  assert.throws(() => commitRecord(salt, []), /leaves/)
  assert.throws(() => commitRecord(salt, [leafOf('a', 1)]), /state/)
  assert.throws(() => commitRecord(salt, [state, leafOf('a', 1), leafOf('a', 2)]), /distinct/)
  const many = Array.from({ length: 256 }, (_, at) => leafOf(`f${at}`, at))
  assert.throws(() => commitRecord(salt, [state, ...many]), /256/)
  assert.throws(() => commitRecord(new Uint8Array(31), [state]), /32 bytes/)
})

test('what is no opening is refused, whatever it is', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      return !isOpening(value) && !verifyOpening(new Uint8Array(32), value as Opening)
    }),
    { numRuns: 200 },
  )
})

test('the commitment to bytes is none to a record, and has one salt', () => {
  const salt = new Uint8Array(32).fill(5)
  const text = utf8Encode('"found"')
  const commitment = commitValue(salt, text)
  assert.ok(verifyValue(commitment, salt, text))
  assert.ok(!verifyValue(commitment, salt, utf8Encode('"found')))
  assert.ok(!verifyValue(commitment, new Uint8Array(32), text))
  assert.ok(!verifyValue(commitment, new Uint8Array(31), text))
  assert.notDeepEqual(commitment, commitRecord(salt, [leafOf('$', 'found')]))
})

test('tags of one slot differ by use, month and slot', () => {
  const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const tags = [useSeed(one, one), useSeed(one, two), useSeed(two, one)].flatMap((seed) =>
    [1, 2, 3].map((n) => base64urlEncode(useTag(seed, n))),
  )
  assert.equal(new Set(tags).size, 9)
  assert.throws(() => useTag(one, 0), /from 1/)
})
