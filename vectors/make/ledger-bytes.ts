// Entries, canonical writes, digests and frames as docs/protocol/ledger.md lays them out, assembled
// by hand: what the product writes must come out the same from the page alone.
import { Buffer } from 'node:buffer'
import { canonical, sha } from './log-material.ts'
import { hash64, text64 } from './signing.ts'
import { toBytes } from './material.ts'

export type Write = readonly [key: string, value: unknown]
export type Place = { readonly height: number; readonly time: number }
export type Result = { readonly code: string; readonly at?: string; readonly outcome?: unknown }

/** `[["<key>",<value>],…]`, rising by key. */
export function writesText(writes: readonly Write[]): string {
  const rising = writes.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `[${rising.map(([key, value]) => `["${key}",${canonical(value)}]`).join(',')}]`
}

const head = ({ height, time }: Place): string => `{"v":1,"h":${height},"t":${time},`

function resultText(result: Result, writes: string): string {
  const at = result.at === undefined ? '' : `,"at":"${result.at}"`
  const o = result.outcome === undefined ? '' : `,"o":${canonical(result.outcome)}`
  return `"r":{"code":"${result.code}","w":"${hash64(writes)}"${at}${o}}`
}

export const singleText = (at: Place, jws: string, result: Result, writes: string): string =>
  `${head(at)}"c":"${jws}",${resultText(result, writes)}}`

export const envelopeText = (at: Place, jws: string): string => `${head(at)}"c":"${jws}"}`

/** An intent's place: entry of its envelope, position in it. */
export type Link = { readonly entry: number; readonly position: number }

export function intentText(
  at: Place,
  { intent, link }: { readonly intent: string; readonly link: Link },
  result: Result,
  writes: string,
): string {
  const e = `"e":{"entry":${link.entry},"position":${link.position}}`
  return `${head(at)}"i":"${text64(intent)}",${e},${resultText(result, writes)}}`
}

export const systemText = (at: Place, system: object): string =>
  `${head(at)}"c":null,"s":${canonical(system)}}`

/** stateDigest_h over the one before and the texts of the block's writes. */
export const digestAfter = (before: Buffer, writes: readonly string[]): Buffer =>
  sha(before, sha(writes.map((text) => `${text}\n`).join('')))

export type FrameParts = Place & {
  readonly code: Buffer
  readonly stateDigest: Buffer
  readonly firstEntry: number
  readonly entries: readonly string[]
  /** One text an entry, and last the block's own. */
  readonly writes: readonly string[]
  readonly documents: readonly Buffer[]
}

export const u16 = (value: number): Buffer => toBytes(BigInt(value), 2)
export const u32 = (value: number): Buffer => toBytes(BigInt(value), 4)
export const u64 = (value: number): Buffer => toBytes(BigInt(value), 8)

/** The body of a frame. */
export function bodyOf(parts: FrameParts): Buffer {
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
  return Buffer.concat([
    u64(parts.height),
    u64(parts.time),
    parts.code,
    parts.stateDigest,
    u64(parts.firstEntry),
    u32(parts.entries.length),
    u32(parts.documents.length),
    ...parts.entries.flatMap((text) => [u16(text.length), latin1(text)]),
    ...parts.writes.flatMap((text) => [u32(text.length), latin1(text)]),
    ...parts.documents.flatMap((bytes) => [u32(bytes.length), bytes]),
  ])
}

/** A body under its header, behind the frame with hash `previous`. */
export function framed(body: Buffer, previous: Buffer): Buffer {
  return Buffer.concat([Buffer.from('LBF1'), u32(body.length), sha(previous, body), body])
}
