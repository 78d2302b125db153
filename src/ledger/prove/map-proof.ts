// What the map proves, and how its root comes into the log: verification of presence and absence
// from bytes alone, the keeper of all maps by name that `apply` asks for roots, and the content of
// a map-root entry. Verification promises a plain yes or no within 256 hashes of work.
import { assert } from '#base/assert'
import { base64urlDecode, base64urlEncode, compareText, concat, equal } from '#base/bytes'
import { latin1Decode, latin1Encode, readU32be, u32be, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { sha256, sha256Text } from '#base/crypto'
import type { MapKeeper } from '#ledger/apply'

import { MAP_DEPTH, SparseMap, emptyMapRoot, keyBit, mapLeafHash } from './map.ts'
import type { MapProof } from './map.ts'
import { HASH_BYTES, nodeHash } from './tree.ts'

export type PresenceClaim = {
  readonly root: Bytes
  readonly key: Bytes
  readonly valueHash: Bytes
  readonly proof: MapProof
}

export type AbsenceClaim = { readonly root: Bytes; readonly key: Bytes; readonly proof: MapProof }

/** A map's key of a record: SHA-256 of the record's key (its namespace and its id) in UTF-8. */
export function mapKeyOf(record: string): Bytes {
  return sha256(record)
}

/** Hash of a record's value: SHA-256 of its canonical text in UTF-8. */
export function mapValueHash(text: string): Bytes {
  return sha256(text)
}

/** Whether the key stands in the map of this root with a value of this hash. */
export function verifyPresence(untrusted: PresenceClaim): boolean {
  const { root, key, valueHash, proof } = untrusted
  const { leaf } = proof
  if (!isWellFormed(root, key, proof) || valueHash.length !== HASH_BYTES) return false
  if (leaf === null || !equal(leaf.key, key)) return false
  return equal(leaf.valueHash, valueHash) && leadsTo(root, key, proof)
}

/** Whether the key is not in the map of this root. */
export function verifyAbsence(untrusted: AbsenceClaim): boolean {
  const { root, key, proof } = untrusted
  const { leaf, siblings } = proof
  if (!isWellFormed(root, key, proof)) return false
  if (leaf !== null) {
    if (equal(leaf.key, key)) return false
    // The other leaf must stand exactly where the key would: both keys lead to this place.
    for (let depth = 0; depth < siblings.length; depth++) {
      if (keyBit(leaf.key, depth) !== keyBit(key, depth)) return false
    }
  }
  return leadsTo(root, key, proof)
}

/**
 * Form, and the rule of collapse: the deepest sibling of a leaf or of an empty place is never
 * empty, because such a subtree would be that leaf, or empty, one level higher.
 */
function isWellFormed(root: Bytes, key: Bytes, { siblings, leaf }: MapProof): boolean {
  if (root.length !== HASH_BYTES || key.length !== HASH_BYTES) return false
  if (leaf !== null && leaf.key.length !== HASH_BYTES) return false
  if (leaf !== null && leaf.valueHash.length !== HASH_BYTES) return false
  if (siblings.length > MAP_DEPTH || siblings[0] === null) return false
  return siblings.every((hash) => hash === null || isHash(hash))
}

function isHash(hash: Bytes): boolean {
  return hash.length === HASH_BYTES && hash.some((byte) => byte !== 0)
}

function leadsTo(root: Bytes, key: Bytes, { siblings, leaf }: MapProof): boolean {
  const empty = emptyMapRoot()
  let hash = leaf === null ? empty : mapLeafHash(leaf)
  for (const [i, other] of siblings.entries()) {
    const sibling = other ?? empty
    const bit = keyBit(key, siblings.length - 1 - i)
    hash = bit === 0 ? nodeHash(hash, sibling) : nodeHash(sibling, hash)
  }
  return equal(hash, root)
}

/**
 * All maps of a ledger by name. Changes wait until `roots` is asked, so that what is proven is
 * always what the last map-root entry says, and a key changed twice is hashed once.
 */
export class Maps implements MapKeeper {
  readonly #maps: Map<string, SparseMap> = new Map()
  // By map and record key: the value's hash, one character a byte; null removes.
  readonly #waiting: Map<string, Map<string, string | null>> = new Map()

  /** Notes that a record of a map has a new canonical text, or none. */
  change(map: string, key: string, text: string | null): void {
    this.#wait(map, key, text === null ? null : sha256Text(text, 'latin1'))
  }

  /** The base64url root of every map, after all changes so far. */
  roots(): { readonly [map: string]: string } {
    for (const [name, changes] of this.#waiting) {
      const map = this.#maps.get(name) ?? new SparseMap()
      this.#maps.set(name, map)
      map.update(
        [...changes].map(([key, hash]) => ({
          key: mapKeyOf(key),
          valueHash: hash === null ? null : latin1Encode(hash),
        })),
      )
    }
    this.#waiting.clear()
    return Object.fromEntries(
      this.#names().map((name) => [name, base64urlEncode(this.#maps.get(name)!.root())]),
    )
  }

  /** The proof of a record's key in a map as of the last roots; null when there is no such map. */
  prove(map: string, key: string): MapProof | null {
    return this.#maps.get(map)?.prove(mapKeyOf(key)) ?? null
  }

  /** Root of a map as of the last roots; null when there is no such map. */
  root(map: string): Bytes | null {
    return this.#maps.get(map)?.root() ?? null
  }

  /** Number of keys in all maps as of the last roots. */
  get size(): number {
    let size = 0
    for (const map of this.#maps.values()) size += map.size
    return size
  }

  /** u32 length of a canonical JSON head `{maps, waiting}`, the head, then every map. */
  serialise(): Bytes {
    const names = this.#names()
    const waiting: Json[] = []
    for (const [map, changes] of this.#waiting) {
      for (const [key, hash] of changes) {
        waiting.push([map, key, hash === null ? null : base64urlEncode(latin1Encode(hash))])
      }
    }
    const bodies = names.map((name) => this.#maps.get(name)!.serialise())
    const maps = names.map((name, i) => [name, bodies[i]!.length])
    const head = utf8Encode(encodeCanonical({ maps, waiting }))
    return concat([u32be(head.length), head, ...bodies])
  }

  /** The maps that were serialised; null when the bytes have not that form. */
  static restore(untrusted: Bytes): Maps | null {
    const end = untrusted.length < 4 ? 0 : 4 + readU32be(untrusted, 0)
    if (end < 4 || end > untrusted.length) return null
    const head = readHead(utf8Decode(untrusted.subarray(4, end)))
    if (head === null) return null
    const restored = new Maps()
    let at = end
    for (const [name, length] of head.maps) {
      const map = SparseMap.restore(untrusted.subarray(at, at + length))
      if (map === null || restored.#maps.has(name)) return null
      restored.#maps.set(name, map)
      at += length
    }
    for (const [map, key, hash] of head.waiting) restored.#wait(map, key, hash)
    return at === untrusted.length ? restored : null
  }

  #wait(map: string, key: string, hash: string | null): void {
    const changes = this.#waiting.get(map)
    if (changes) changes.set(key, hash)
    else this.#waiting.set(map, new Map([[key, hash]]))
  }

  #names(): readonly string[] {
    return [...this.#maps.keys()].toSorted(compareText)
  }
}

type Head = {
  readonly maps: readonly (readonly [name: string, bytes: number])[]
  readonly waiting: readonly (readonly [map: string, key: string, hash: string | null])[]
}

/** Our own bytes, bounded by what a text can hold and not by what a stranger may send. */
const headLimits = { membersMax: 2 ** 28, lengthMax: 2 ** 29 } as const

function readHead(text: string | null): Head | null {
  const value = text === null ? null : decodeCanonical(text, headLimits)
  if (!isRecord(value) || Object.keys(value).length !== 2) return null
  const { maps, waiting } = value
  if (!Array.isArray(maps) || !Array.isArray(waiting)) return null
  const head: { maps: [string, number][]; waiting: [string, string, string | null][] } = {
    maps: [],
    waiting: [],
  }
  for (const each of maps) {
    const [name, bytes] = Array.isArray(each) && each.length === 2 ? each : []
    if (typeof name !== 'string' || typeof bytes !== 'number' || bytes < 8) return null
    head.maps.push([name, bytes])
  }
  for (const each of waiting) {
    const [map, key, coded] = Array.isArray(each) && each.length === 3 ? each : []
    if (typeof map !== 'string' || typeof key !== 'string') return null
    const hash = typeof coded === 'string' ? readHash(coded) : null
    if (hash === null && coded !== null) return null
    head.waiting.push([map, key, hash === null ? null : latin1Decode(hash)])
  }
  return head
}

/** What a map-root entry says (protocol.md §11.3): the maps as of the end of `height`. */
export type MapRoot = {
  readonly height: number
  readonly stateDigest: Bytes
  /** Root by map name: `now`, `uses/2026-11`, … */
  readonly roots: ReadonlyMap<string, Bytes>
}

/** The system content of a map-root entry: `{height, kind: "map-root", roots, stateDigest}`. */
export function encodeMapRoot({ height, stateDigest, roots }: MapRoot): Json {
  assert(stateDigest.length === HASH_BYTES, 'a state digest has 32 bytes')
  const coded = [...roots].map(([name, root]) => [name, base64urlEncode(root)] as const)
  return {
    height,
    kind: 'map-root',
    roots: Object.fromEntries(coded),
    stateDigest: base64urlEncode(stateDigest),
  }
}

/** Most maps that one map-root entry names. */
const MAPS_MAX = 512

/** The content of a map-root entry; null when it is not exactly one. */
export function parseMapRoot(untrusted: Json): MapRoot | null {
  if (!isRecord(untrusted) || Object.keys(untrusted).length !== 4) return null
  const { kind, height, stateDigest, roots } = untrusted
  if (kind !== 'map-root' || typeof height !== 'number' || height < 0) return null
  const digest = typeof stateDigest === 'string' ? readHash(stateDigest) : null
  if (digest === null || !isRecord(roots)) return null
  const read = new Map<string, Bytes>()
  for (const [name, coded] of Object.entries(roots)) {
    const root = typeof coded === 'string' ? readHash(coded) : null
    if (root === null || read.size === MAPS_MAX) return null
    read.set(name, root)
  }
  return { height, stateDigest: digest, roots: read }
}

/** A map proof as JSON, beside the record's key that it is about. */
export function encodeMapProof({ siblings, leaf }: MapProof): Json {
  return {
    leaf:
      leaf === null
        ? null
        : { key: base64urlEncode(leaf.key), valueHash: base64urlEncode(leaf.valueHash) },
    siblings: siblings.map((hash) => (hash === null ? '' : base64urlEncode(hash))),
  }
}

/** The map proof in a JSON value; null when it is not exactly one. Nothing is verified here. */
export function parseMapProof(untrusted: Json): MapProof | null {
  if (!isRecord(untrusted) || Object.keys(untrusted).length !== 2) return null
  const { leaf, siblings } = untrusted
  if (!Array.isArray(siblings) || siblings.length > MAP_DEPTH) return null
  const hashes: (Bytes | null)[] = []
  for (const coded of siblings) {
    const hash = typeof coded === 'string' && coded !== '' ? readHash(coded) : null
    if (hash === null && coded !== '') return null
    hashes.push(hash)
  }
  if (leaf === null) return { siblings: hashes, leaf: null }
  if (!isRecord(leaf) || Object.keys(leaf).length !== 2) return null
  const key = typeof leaf['key'] === 'string' ? readHash(leaf['key']) : null
  const valueHash = typeof leaf['valueHash'] === 'string' ? readHash(leaf['valueHash']) : null
  return key === null || valueHash === null ? null : { siblings: hashes, leaf: { key, valueHash } }
}

function readHash(coded: string): Bytes | null {
  const hash = coded.length === 43 ? base64urlDecode(coded) : null
  return hash !== null && hash.length === HASH_BYTES ? hash : null
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
