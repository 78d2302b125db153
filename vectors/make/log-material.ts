// Trees, maps, notes and keys for cases of the proof layer, each by its definition and nothing
// else: recursion as the standards write it, texts joined by hand, Node's own signatures.
import { Buffer } from 'node:buffer'
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { bytesOf } from './material.ts'

export const sha = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  return digest.digest()
}

export const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
export const b64u = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const byte = (value: number): Buffer => Buffer.from([value])

export const leafOf = (entry: Uint8Array | string): Buffer => sha(byte(0), entry)

function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** RFC 6962 §2.1. */
export function treeRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha('')
  if (leaves.length === 1) return leaves[0]!
  const k = split(leaves.length)
  return sha(byte(1), treeRoot(leaves.slice(0, k)), treeRoot(leaves.slice(k)))
}

/** RFC 6962 §2.1.1. */
export function treePath(m: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return []
  const k = split(leaves.length)
  return m < k
    ? [...treePath(m, leaves.slice(0, k)), treeRoot(leaves.slice(k))]
    : [...treePath(m - k, leaves.slice(k)), treeRoot(leaves.slice(0, k))]
}

/** RFC 6962 §2.1.2. */
export function treeProof(m: number, leaves: readonly Buffer[], whole = true): Buffer[] {
  if (m === 0) return []
  if (m === leaves.length) return whole ? [] : [treeRoot(leaves)]
  const k = split(leaves.length)
  return m <= k
    ? [...treeProof(m, leaves.slice(0, k), whole), treeRoot(leaves.slice(k))]
    : [...treeProof(m - k, leaves.slice(k), false), treeRoot(leaves.slice(0, k))]
}

export type Leaf = { readonly key: Buffer; readonly valueHash: Buffer }

export const mapLeaf = (record: string, value: string): Leaf => ({
  key: sha(record),
  valueHash: sha(value),
})

const bitOf = (key: Buffer, depth: number): number => (key[depth >> 3]! >> (7 - (depth & 7))) & 1
const zeros = Buffer.alloc(32)

/** The map's root by its definition. */
export function mapRoot(leaves: readonly Leaf[], depth = 0): Buffer {
  if (leaves.length === 0) return zeros
  if (leaves.length === 1) return sha(byte(0), leaves[0]!.key, leaves[0]!.valueHash)
  const [left, right] = [0, 1].map((bit) => leaves.filter(({ key }) => bitOf(key, depth) === bit))
  return sha(byte(1), mapRoot(left!, depth + 1), mapRoot(right!, depth + 1))
}

export type MapPath = { readonly siblings: readonly Buffer[]; readonly leaf: Leaf | null }

/** The map's proof of a key, the deepest sibling first. */
export function mapPath(key: Buffer, leaves: readonly Leaf[], depth = 0): MapPath {
  if (leaves.length < 2) return { siblings: [], leaf: leaves[0] ?? null }
  const own = leaves.filter((leaf) => bitOf(leaf.key, depth) === bitOf(key, depth))
  const other = leaves.filter((leaf) => bitOf(leaf.key, depth) !== bitOf(key, depth))
  const below = mapPath(key, own, depth + 1)
  return { ...below, siblings: [...below.siblings, mapRoot(other, depth + 1)] }
}

/** A map proof as it stands in an evidence file. */
export function mapPathJson({ siblings, leaf }: MapPath): object {
  return {
    leaf: leaf && { key: b64u(leaf.key), valueHash: b64u(leaf.valueHash) },
    siblings: siblings.map((hash) => (hash.equals(zeros) ? '' : b64u(hash))),
  }
}

export type Signer = {
  readonly name: string
  readonly vkey: string
  /** A signature line over a text; with a time in seconds, a cosignature. */
  line(text: string, seconds?: number): string
}

/** A signer whose seed comes from a label; type 1 signs notes, type 4 cosigns. */
export function signer(name: string, type: 1 | 4, label: string = name): Signer {
  const seed = bytesOf(`prove/key/${type}/${label}`)
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const point = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(12)
  const id = sha(name, '\n', byte(type), point).subarray(0, 4)
  const blob = (text: string, seconds?: number): Buffer => {
    if (seconds === undefined) return Buffer.concat([id, sign(null, Buffer.from(text), secret)])
    const time = Buffer.alloc(8)
    time.writeBigUInt64BE(BigInt(seconds))
    const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`)
    return Buffer.concat([id, time, sign(null, message, secret)])
  }
  return {
    name,
    vkey: `${name}+${id.toString('hex')}+${b64(Buffer.concat([byte(type), point]))}`,
    line: (text, seconds) => `\u2014 ${name} ${b64(blob(text, seconds))}\n`,
  }
}

/** The text of a checkpoint. */
export function checkpointText(origin: string, leaves: readonly Buffer[]): string {
  return `${origin}\n${leaves.length}\n${b64(treeRoot(leaves))}\n`
}

/** Canonical JSON of plain data with ASCII keys. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`
}
