// Cases for base/commitment: leaves and salts by their definition with Node's own hashes, the tree
// by the recursion of RFC 6962.
import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'
import { b64u, sha, treePath, treeRoot } from './log-material.ts'
import { bytesOf, flipped, hex, toBytes, utf8 } from './material.ts'

type Field = { readonly path: string; readonly text: string | null }
type Opening = {
  readonly path: string
  readonly value: string | null
  readonly salt: string
  readonly index: number
  readonly size: number
  readonly siblings: readonly string[]
}
type Wrong = {
  readonly claim: string
  readonly commitment: string
  readonly opening: object
  readonly place?: { readonly index: number; readonly size: number }
}

const hmac = (key: Uint8Array, data: Uint8Array): Buffer =>
  createHmac('sha256', key).update(data).digest()
const saltOf = (salt: Uint8Array, path: string): Buffer =>
  hmac(salt, Buffer.concat([utf8('lianban/field/v1'), utf8(path)]))

function leafOf(salt: Uint8Array, path: string, value: Uint8Array): Buffer {
  const name = utf8(path)
  const head = [utf8('\0lianban/leaf/v1'), toBytes(BigInt(name.length), 2), name]
  return sha(...head, saltOf(salt, path), value)
}

const leavesOf = (salt: Uint8Array, fields: readonly Field[]): Buffer[] =>
  fields.map(({ path, text }) => leafOf(salt, path, utf8(text ?? 'absent')))

function openingOf(salt: Uint8Array, fields: readonly Field[], index: number): Opening {
  const { path, text } = fields[index]!
  const siblings = treePath(index, leavesOf(salt, fields)).map(b64u)
  return {
    path,
    value: text,
    salt: b64u(saltOf(salt, path)),
    index,
    size: fields.length,
    siblings,
  }
}

const field = (path: string, value: unknown = null): Field => ({
  path,
  text: value === null ? null : JSON.stringify(value),
})

const RECORD = bytesOf('commitments/record')
const TITLE: readonly Field[] = [
  field('$', 'found'),
  field('certNo', '京(2026)朝不动产权第0000001号'),
  field('area', 8950),
  field('owners', [{ code: '110101199003070038', name: '王小明' }]),
  field('mortgaged', false),
  field('remark'),
  field('sealed', true),
]

/** `commitments.json`. */
export function commitmentsFile(): object {
  return { records: records(), invalid: invalid(), unplaced: unplaced(), ...values(), ...uses() }
}

function records(): object[] {
  const of = (claim: string, fields: readonly Field[]): object => {
    const salt = bytesOf(`commitments/${claim}`)
    return {
      claim,
      salt: b64u(salt),
      leaves: fields,
      commitment: b64u(treeRoot(leavesOf(salt, fields))),
      openings: fields.map((_, index) => openingOf(salt, fields, index)),
    }
  }
  const many = (count: number): Field[] =>
    Array.from({ length: count }, (_, at) => (at === 0 ? field('$', 'found') : field(`f${at}`, at)))
  return [
    of('a state alone', [field('$', 'na')]),
    of('two leaves', [field('$', 'found'), field('a', 'b')]),
    of('a slot of a person', [
      field('$', 'slot'),
      field('code', '110101199003070038'),
      field('name', '王小明'),
      field('tag', b64u(bytesOf('commitments/tag'))),
    ]),
    of('seven fields, one absent', TITLE),
    of('nothing was found: every field is absent', [
      field('$', 'absent'),
      ...TITLE.slice(1).map(({ path }) => field(path)),
    ]),
    of('a no has its code in the state', [field('$', 'no/too-late'), field('amount')]),
    of('paths and values beyond ASCII', [
      field('$', 'done'),
      field('名称', '\u{20bb7}野家'),
      field('a', '\u007f\n"\\'),
    ]),
    of('a path of 255 bytes', [field('$', 'done'), field('p'.repeat(255), [])]),
    ...[3, 4, 5, 8, 9, 16, 17].map((count) => of(`${count} leaves`, many(count))),
  ]
}

function invalid(): Wrong[] {
  const commitment = b64u(treeRoot(leavesOf(RECORD, TITLE)))
  const right = openingOf(RECORD, TITLE, 4)
  const absent = openingOf(RECORD, TITLE, 5)
  const of = (claim: string, change: object, opening: object = right): Wrong => ({
    claim,
    commitment,
    opening: { ...opening, ...change },
  })
  const [first, second, third] = right.siblings
  const flip = (text: string): string => b64u(flipped(Buffer.from(text, 'base64url'), 31))
  return [
    { claim: 'another commitment', commitment: b64u(bytesOf('other')), opening: right },
    { claim: 'a commitment of 31 bytes', commitment: b64u(bytesOf('x', 31)), opening: right },
    of('the other value', { value: 'true' }),
    of('the path of another field', { path: 'sealed' }),
    of('the path in another letter', { path: 'Mortgaged' }),
    of('the salt of another field', { salt: openingOf(RECORD, TITLE, 2).salt }),
    of('the salt of the record', { salt: b64u(RECORD) }),
    of('a salt with one bit changed', { salt: flip(right.salt) }),
    of('a salt of 31 bytes', { salt: right.salt.slice(0, 42) }),
    of('a salt with spare bits', { salt: `${right.salt.slice(0, 42)}_` }),
    of('an index of its neighbour', { index: 5 }),
    of('an index beyond the size', { index: 7 }),
    of('a negative index', { index: -1 }),
    of('an index that is no whole number', { index: 4.5 }),
    of('a size of another shape', { size: 5 }),
    of('a size above the bound', { size: 257 }),
    of('a sibling missing', { siblings: [first, second] }),
    of('a sibling too many', { siblings: [first, second, third, first] }),
    of('two siblings changed round', { siblings: [second, first, third] }),
    of('a sibling with one bit changed', { siblings: [flip(first!), second, third] }),
    of('no siblings', { siblings: [] }),
    of('nine siblings', { siblings: Array.from({ length: 9 }, () => first) }),
    of('siblings that are a text', { siblings: first }),
    of('absent as a text', { value: '"absent"' }, absent),
    of('absent as the word itself', { value: 'absent' }, absent),
    of('absent as null', { value: 'null' }, absent),
    of('a value shown as absent', { value: null }),
    of('a value with white space', { value: ' false' }),
    of('a value as JSON, not as its text', { value: false }),
    of('a member too many', { note: 1 }),
    of('the state elsewhere than first', { path: '$' }),
    {
      claim: 'an inner node as a leaf',
      commitment,
      opening: { ...right, siblings: [third], index: 1 },
    },
    { claim: 'the commitment to bytes as a record', ...bytesAsRecord() },
  ]
}

function bytesAsRecord(): { readonly commitment: string; readonly opening: object } {
  const salt = saltOf(RECORD, '')
  return {
    commitment: b64u(leafOf(RECORD, '', utf8('1'))),
    opening: { path: '', value: '1', salt: b64u(salt), index: 0, size: 1, siblings: [] },
  }
}

/** What a cheating giver can do, and a reader who knows the type refuses. */
function unplaced(): Wrong[] {
  const twice = [...TITLE.slice(0, 5), field('mortgaged', true)]
  const commitment = b64u(treeRoot(leavesOf(RECORD, twice)))
  const right = openingOf(RECORD, TITLE.slice(0, 3), 1)
  const whole = openingOf(RECORD, TITLE, 1)
  return [
    {
      claim: 'the second leaf of one path',
      commitment,
      opening: openingOf(RECORD, twice, 5),
      place: { index: 4, size: 6 },
    },
    {
      claim: 'a size of the same shape',
      commitment: b64u(treeRoot(leavesOf(RECORD, TITLE.slice(0, 3)))),
      opening: { ...right, size: 4 },
      place: { index: 1, size: 3 },
    },
    {
      claim: 'an index and a size of the same shape',
      commitment: b64u(treeRoot(leavesOf(RECORD, TITLE))),
      opening: { ...whole, size: 8 },
      place: { index: 1, size: 7 },
    },
  ]
}

function values(): object {
  const salt = bytesOf('commitments/value')
  const of = (claim: string, value: Uint8Array, valid = true, shown = value): object => ({
    claim,
    salt: b64u(salt),
    hex: hex(shown),
    commitment: b64u(leafOf(salt, '', value)),
    valid,
  })
  return {
    values: [
      of('no bytes', Buffer.alloc(0)),
      of('a note', utf8('{"note":"请补充婚姻证明"}')),
      of('bytes that are no text', bytesOf('commitments/bytes', 100)),
      of('one bit changed', bytesOf('a'), false, flipped(bytesOf('a'), 0)),
      of('a byte behind', utf8('a'), false, utf8('ab')),
    ],
  }
}

function uses(): object {
  const of = (month: string, subject: string): object => {
    const [monthKey, subjectTag] = [bytesOf(`uses/${month}`), bytesOf(`uses/${subject}`)]
    const seed = hmac(monthKey, Buffer.concat([utf8('lianban/use/v1'), subjectTag]))
    const tags = [1, 2, 256, 4294967295].map((n) => ({
      n,
      tag: b64u(hmac(seed, toBytes(BigInt(n), 4))),
    }))
    return { monthKey: b64u(monthKey), subjectTag: b64u(subjectTag), seed: b64u(seed), tags }
  }
  return { uses: [of('2026-11', 'a'), of('2026-11', 'b'), of('2026-12', 'a')] }
}
