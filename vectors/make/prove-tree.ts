// Cases for the entry tree, its tiles and the map.
import { Buffer } from 'node:buffer'
import { b64, leafOf, mapLeaf, mapPath, mapPathJson, mapRoot, sha } from './log-material.ts'
import { treePath, treeProof, treeRoot } from './log-material.ts'
import type { Leaf } from './log-material.ts'
import { hex } from './material.ts'

const ENTRIES = Array.from({ length: 70 }, (_, i) => `entry ${i}`)
const LEAVES = ENTRIES.map(leafOf)
const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 70]

const root = (size: number): string => b64(treeRoot(LEAVES.slice(0, size)))

/** `prove-tree.json`: roots, inclusion and consistency of the tree over `entry 0`, `entry 1`, … */
export function treeFile(): object {
  return {
    leaves: ENTRIES.slice(0, 3).map((entry) => ({ entry, hash: b64(leafOf(entry)) })),
    roots: SIZES.map((size) => ({ size, root: root(size) })),
    inclusion: inclusions(),
    consistency: consistencies(),
  }
}

function inclusions(): object {
  const claim = (index: number, size: number): Inclusion => ({
    index,
    size,
    leaf: b64(LEAVES[index]!),
    root: root(size),
    path: treePath(index, LEAVES.slice(0, size)).map(b64),
  })
  const pairs: readonly (readonly [number, number])[] = [
    [0, 1],
    [0, 2],
    [1, 2],
    [2, 3],
    [0, 7],
    [4, 7],
    [6, 7],
    [0, 8],
    [7, 8],
    [8, 9],
    [3, 33],
    [32, 33],
    [31, 64],
    [64, 65],
    [40, 70],
    [69, 70],
  ]
  const valid = pairs.map(([index, size]) => claim(index, size))
  const some = claim(40, 70)
  const last = claim(69, 70)
  return {
    valid,
    invalid: [
      { claim: 'the index of a neighbour', ...some, index: 41 },
      { claim: 'an index beyond the size', ...some, index: 70 },
      { claim: 'a size of another shape', ...some, size: 64 },
      { claim: 'the leaf of a neighbour', ...some, leaf: b64(LEAVES[41]!) },
      { claim: 'the root of another size', ...some, root: root(65) },
      { claim: 'the first hash missing', ...some, path: some.path.slice(1) },
      { claim: 'the last hash missing', ...some, path: some.path.slice(0, -1) },
      { claim: 'a hash too many', ...some, path: [...some.path, some.root] },
      {
        claim: 'two hashes changed round',
        ...some,
        path: [some.path[1]!, some.path[0]!, ...some.path.slice(2)],
      },
      { claim: 'the path in the other order', ...some, path: some.path.toReversed() },
      { claim: 'no path at all', ...some, path: [] },
      { claim: 'no path, the root as leaf', ...some, path: [], leaf: some.root },
      { claim: 'the last leaf at the first index', ...last, index: 0 },
      { claim: 'an empty tree', ...some, index: 0, size: 0, path: [] },
      { claim: 'a path of 64 hashes', ...some, path: Array.from({ length: 64 }, () => some.leaf) },
    ],
  }
}

type Inclusion = {
  readonly index: number
  readonly size: number
  readonly leaf: string
  readonly root: string
  readonly path: readonly string[]
}

function consistencies(): object {
  const claim = (from: number, to: number): Consistency => ({
    from,
    to,
    fromRoot: root(from),
    toRoot: root(to),
    path: treeProof(from, LEAVES.slice(0, to)).map(b64),
  })
  const pairs: readonly (readonly [number, number])[] = [
    [0, 0],
    [0, 5],
    [1, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [3, 7],
    [4, 7],
    [6, 7],
    [7, 8],
    [8, 16],
    [8, 17],
    [31, 64],
    [32, 65],
    [33, 70],
    [64, 70],
    [69, 70],
    [70, 70],
  ]
  const some = claim(33, 70)
  const power = claim(32, 65)
  return {
    valid: pairs.map(([from, to]) => claim(from, to)),
    invalid: [
      { claim: 'another old root', ...some, fromRoot: root(32) },
      { claim: 'another new root', ...some, toRoot: root(65) },
      { claim: 'another old size', ...some, from: 34 },
      { claim: 'a new size of another shape', ...some, to: 64 },
      { claim: 'sizes the wrong way round', ...some, from: 70, to: 33 },
      { claim: 'the first hash missing', ...some, path: some.path.slice(1) },
      { claim: 'the last hash missing', ...some, path: some.path.slice(0, -1) },
      { claim: 'a hash too many', ...some, path: [...some.path, some.toRoot] },
      { claim: 'no path', ...some, path: [] },
      {
        claim: 'the old root in the path of a power of two',
        ...power,
        path: [power.fromRoot, ...power.path],
      },
      { claim: 'equal sizes, different roots', ...claim(5, 5), toRoot: root(4) },
      { claim: 'equal sizes, a path', ...claim(5, 5), path: [root(5)] },
      { claim: 'from nothing, a path', ...claim(0, 5), path: [root(5)] },
      { claim: 'from nothing, not the empty root', ...claim(0, 5), fromRoot: root(1) },
      {
        claim: 'nothing to nothing, not the empty root',
        ...claim(0, 0),
        fromRoot: root(1),
        toRoot: root(1),
      },
    ],
  }
}

type Consistency = {
  readonly from: number
  readonly to: number
  readonly fromRoot: string
  readonly toRoot: string
  readonly path: readonly string[]
}

/** `prove-tiles.json`: names of tiles, tiles of sizes, the root of a tile, entry bundles. */
export function tilesFile(): object {
  const many = Array.from({ length: 256 }, (_, i) => leafOf(`entry ${i}`))
  const bundle = (entries: readonly string[]): string =>
    Buffer.concat(
      entries.flatMap((entry) => {
        const length = Buffer.alloc(2)
        length.writeUInt16BE(entry.length)
        return [length, Buffer.from(entry)]
      }),
    ).toString('hex')
  const two = bundle(['one', 'three'])
  return {
    names: {
      valid: [
        { level: 0, index: 0, width: 256, path: 'tile/0/000' },
        { level: 0, index: 273, width: 112, path: 'tile/0/273.p/112' },
        { level: 1, index: 1234067, width: 256, path: 'tile/1/x001/x234/067' },
        { level: 2, index: 0, width: 1, path: 'tile/2/000.p/1' },
        { level: 63, index: 999999, width: 255, path: 'tile/63/x999/999.p/255' },
        { level: 'entries', index: 1000, width: 256, path: 'tile/entries/x001/000' },
      ],
      invalid: [
        'tile/0/0',
        'tile/0/0000',
        'tile/0/x000/001',
        'tile/0/001/234',
        'tile/0/x001/x234',
        'tile/00/000',
        'tile/64/000',
        'tile/-1/000',
        'tile/0/000.p/0',
        'tile/0/000.p/256',
        'tile/0/000.p/01',
        'tile/0/000.p/',
        'tile/0/000/',
        '/tile/0/000',
        'tile/data/000',
      ],
    },
    sizes: [
      { size: 0, full: [], partial: [] },
      { size: 1, full: [], partial: [[0, 0, 1]] },
      { size: 256, full: [1], partial: [[1, 0, 1]] },
      {
        size: 70000,
        full: [273, 1],
        partial: [
          [0, 273, 112],
          [1, 1, 17],
          [2, 0, 1],
        ],
      },
    ],
    tile: { entries: 'entry 0 … entry 255', root: b64(treeRoot(many)) },
    bundles: {
      valid: [
        { entries: ['one', 'three'], bundle: two },
        { entries: [''], bundle: '0000' },
      ],
      invalid: [
        { claim: 'a byte too many', count: 2, bundle: `${two}00` },
        { claim: 'a byte missing', count: 2, bundle: two.slice(0, -2) },
        { claim: 'fewer entries than asked', count: 3, bundle: two },
        { claim: 'more entries than asked', count: 1, bundle: two },
        { claim: 'half a length', count: 1, bundle: '00' },
        { claim: 'no entry', count: 0, bundle: '' },
      ],
    },
  }
}

const RECORDS = Array.from({ length: 24 }, (_, i) => [`r.${i}`, `{"n":${i}}`] as const)

/** `prove-map.json`: roots of maps and proofs over the records `r.0`, `r.1`, … with `{"n":…}`. */
export function mapFile(): object {
  const leaves = RECORDS.map(([record, value]) => mapLeaf(record, value))
  const of = (count: number): Leaf[] => leaves.slice(0, count)
  const proofs = (count: number, records: readonly string[]): object[] =>
    records.map((record) => ({
      count,
      record,
      root: hex(mapRoot(of(count))),
      proof: mapPathJson(mapPath(sha(record), of(count))),
    }))
  const last = [Buffer.alloc(32), Buffer.alloc(32)].map((key, i) => {
    key[31] = i
    return { key, valueHash: sha(`${i}`) }
  })
  return {
    roots: [0, 1, 2, 3, 5, 8, 13, 24].map((count) => ({ count, root: hex(mapRoot(of(count))) })),
    lastBit: {
      leaves: last.map(({ key, valueHash }) => ({ key: hex(key), valueHash: hex(valueHash) })),
      root: hex(mapRoot(last)),
    },
    present: [...proofs(24, ['r.0', 'r.7', 'r.23']), ...proofs(1, ['r.0']), ...proofs(2, ['r.1'])],
    absent: [
      ...proofs(24, ['none.0', 'none.1', 'none.2', 'none.3', 'none.4', 'none.5', 'none.6']),
      ...proofs(1, ['r.1']),
      ...proofs(0, ['r.0']),
      ...proofs(13, ['r.13', 'r.14', 'r.15', 'r.16', 'r.17', 'r.18']),
    ],
    invalid: invalidMapProofs(leaves),
  }
}

function invalidMapProofs(leaves: readonly Leaf[]): object[] {
  const root = hex(mapRoot(leaves))
  const path = mapPath(sha('r.7'), leaves)
  const other = mapPath(sha('r.8'), leaves)
  const json = (siblings: readonly Buffer[], leaf: Leaf | null): object =>
    mapPathJson({ siblings, leaf })
  const [first, ...rest] = path.siblings
  return [
    { claim: 'the path of another record', proof: json(other.siblings, path.leaf) },
    { claim: 'another record’s leaf and path', proof: json(other.siblings, other.leaf) },
    {
      claim: 'another value',
      proof: json(path.siblings, { key: path.leaf!.key, valueHash: sha('x') }),
    },
    { claim: 'no leaf', proof: json(path.siblings, null) },
    { claim: 'the deepest sibling missing', proof: json(rest, path.leaf) },
    { claim: 'the deepest sibling empty', proof: json([Buffer.alloc(32), ...rest], path.leaf) },
    {
      claim: 'an empty sibling below',
      proof: json([Buffer.alloc(32), first!, ...rest], path.leaf),
    },
    { claim: 'nothing at all', proof: json([], null) },
    { claim: 'the leaf as the root', proof: json([], path.leaf) },
  ].map(({ claim, proof }) => ({ claim, record: 'r.7', value: '{"n":7}', root, proof }))
}
