// Every way in which bytes can be read as writing of other bytes: runs of base64 or base64url at
// all four places at which one may begin, runs of hex at both, and the same again within what they
// say.
import type { Prefixes } from './needles.ts'

/** How often a writing within a writing is read. */
const depthMax = 3
/** Runs below these lengths say fewer bytes than a needle has. */
const base64Min = 8
const hexMin = 12
/** Between two runs, so that nothing is found across them. */
const gap = 8

const base64Values = valuesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
base64Values[0x2b] = 62
base64Values[0x2f] = 63
const hexValues = valuesOf('0123456789abcdef')
for (let at = 0; at < 6; at += 1) hexValues[0x41 + at] = 10 + at

function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(256).fill(255)
  for (let at = 0; at < alphabet.length; at += 1) values[alphabet.charCodeAt(at)] = at
  return values
}

export type Viewing = {
  /** Called with the bytes themselves, and with everything that they can be read as. */
  readonly see: (view: Uint8Array, how: string) => void
  /** Takes every string of 32 bytes that is not text. */
  readonly words?: Prefixes
}

/** Sees bytes in every way. */
export function viewsOf(bytes: Uint8Array, viewing: Viewing): void {
  look(bytes, 'as it stands', { viewing, depth: 0, aligned: true })
}

type Looking = { readonly viewing: Viewing; readonly depth: number; readonly aligned: boolean }

function look(bytes: Uint8Array, how: string, { viewing, depth, aligned }: Looking): void {
  viewing.see(bytes, how)
  if (aligned && depth === 0 && viewing.words) windows(bytes, 0, bytes.length, viewing.words)
  if (depth === depthMax) return
  const runs = runsOf(bytes, base64Values, base64Min)
  for (let from = 0; from < 4 && runs.length > 0; from += 1) {
    const words = aligned && from === 0 ? viewing.words : undefined
    const said = decoded(bytes, { runs, from, words })
    const next = { viewing, depth: depth + 1, aligned: aligned && from === 0 }
    look(said, `${how} > base64`, next)
  }
  const hex = runsOf(bytes, hexValues, hexMin)
  for (let from = 0; from < 2 && hex.length > 0; from += 1) {
    const said = unhexed(bytes, { runs: hex, from, words: viewing.words })
    look(said, `${how} > hex`, { viewing, depth: depth + 1, aligned: false })
  }
}

/** Beginnings and ends of runs of an alphabet, one after the other. */
function runsOf(bytes: Uint8Array, values: Uint8Array, least: number): number[] {
  const runs: number[] = []
  let from = 0
  for (let at = 0; at <= bytes.length; at += 1) {
    if (at < bytes.length && values[bytes[at] as number] !== 255) continue
    if (at - from >= least) runs.push(from, at)
    from = at + 1
  }
  return runs
}

type Decoding = {
  readonly runs: readonly number[]
  readonly from: number
  readonly words: Prefixes | undefined
}

function decoded(bytes: Uint8Array, { runs, from, words }: Decoding): Uint8Array {
  const out = new Uint8Array(roomFor(runs, 0.75))
  let put = 0
  for (let run = 0; run < runs.length; run += 2) {
    const end = runs[run + 1] as number
    const begin = put
    let bits = 0
    let held = 0
    for (let at = (runs[run] as number) + from; at < end; at += 1) {
      held = ((held << 6) | (base64Values[bytes[at] as number] as number)) & 0xffff
      bits += 6
      if (bits < 8) continue
      bits -= 8
      out[put] = held >>> bits
      put += 1
    }
    if (words) windows(out, begin, put, words)
    put += gap
  }
  return out.subarray(0, put)
}

function unhexed(bytes: Uint8Array, { runs, from, words }: Decoding): Uint8Array {
  const out = new Uint8Array(roomFor(runs, 0.5))
  let put = 0
  for (let run = 0; run < runs.length; run += 2) {
    const end = runs[run + 1] as number
    const begin = put
    for (let at = (runs[run] as number) + from; at + 1 < end; at += 2) {
      const high = hexValues[bytes[at] as number] as number
      out[put] = (high << 4) | (hexValues[bytes[at + 1] as number] as number)
      put += 1
    }
    if (words) windows(out, begin, put, words)
    put += gap
  }
  return out.subarray(0, put)
}

function roomFor(runs: readonly number[], each: number): number {
  let room = 0
  for (let run = 0; run < runs.length; run += 2) {
    room += Math.ceil(((runs[run + 1] as number) - (runs[run] as number)) * each) + gap
  }
  return room
}

const wordBytes = 32

/** Adds every string of 32 bytes that has a byte which no text has. */
function windows(bytes: Uint8Array, from: number, end: number, words: Prefixes): void {
  let odd = -1
  for (let at = from; at < end; at += 1) {
    const value = bytes[at] as number
    if (value < 0x20 ? value !== 0x0a && value !== 0x0d && value !== 0x09 : value > 0x7e) odd = at
    const first = at - wordBytes + 1
    if (first >= from && odd >= first) words.add(four(bytes, first), four(bytes, first + 4))
  }
}

function four(bytes: Uint8Array, at: number): number {
  const [a, b] = [bytes[at] as number, bytes[at + 1] as number]
  return (
    ((a << 24) | (b << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) >>> 0
  )
}
