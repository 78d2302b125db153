// Entries: the bytes that the log commits to, one for each admitted intent, one before the intents
// of an envelope, and those that the ledger writes itself. The order of members is fixed, so the
// text is assembled and never serialised twice.
import { sha256Text } from '#base/crypto'
import { encodeCanonical } from '#base/canonical'
import type { Refusal, Value } from '#ledger/command'
import { decodeStrict, entryBytesMax, isRefusal } from '#ledger/command'

/** What `apply` says of a command. `w` is the base64url SHA-256 of the entry's canonical writes. */
export type Result = {
  readonly code: string
  readonly w: string
  readonly at?: string | undefined
  readonly o?: Value | undefined
}

/** An entry, decoded. `h` is the height and `t` the ledger time in milliseconds. */
export type Entry = { readonly h: number; readonly t: number } & (
  | { readonly kind: 'single'; readonly jws: string; readonly result: Result }
  | { readonly kind: 'envelope'; readonly jws: string }
  | {
      readonly kind: 'intent'
      readonly intent: string
      readonly envelope: number
      readonly position: number
      readonly result: Result
    }
  | { readonly kind: 'system'; readonly system: { readonly [key: string]: Value } }
)

/** Place of a block's entries. */
export type EntryPlace = { readonly height: number; readonly time: number }

function opening(place: EntryPlace): string {
  return `{"v":1,"h":${place.height},"t":${place.time},`
}

function resultText(result: Result): string {
  let text = `"r":{"code":"${result.code}","w":"${result.w}"`
  if (result.at !== undefined) text += `,"at":"${result.at}"`
  if (result.o !== undefined) text += `,"o":${encodeCanonical(result.o)}`
  return `${text}}`
}

/** `{"v":1,"h":…,"t":…,"c":"<jws>","r":{…}}` */
export function singleEntry(place: EntryPlace, jws: string, result: Result): string {
  return `${opening(place)}"c":"${jws}",${resultText(result)}}`
}

/** `{"v":1,"h":…,"t":…,"c":"<jws>"}`: the signature under the intents that follow. */
export function envelopeEntry(place: EntryPlace, jws: string): string {
  return `${opening(place)}"c":"${jws}"}`
}

/** One intent of an envelope, which stands at `position` of the envelope in entry `envelope`. */
export type IntentOfEnvelope = {
  readonly intent: string
  readonly envelope: number
  readonly position: number
}

/** `{"v":1,"h":…,"t":…,"i":"<b64u>","e":{"entry":…,"position":…},"r":{…}}` */
export function intentEntry(place: EntryPlace, of: IntentOfEnvelope, result: Result): string {
  const link = `"e":{"entry":${of.envelope},"position":${of.position}}`
  return `${opening(place)}"i":"${of.intent}",${link},${resultText(result)}}`
}

/** `{"v":1,"h":…,"t":…,"c":null,"s":{…}}`: written by the ledger itself. */
export function systemEntry(place: EntryPlace, system: Value): string {
  return `${opening(place)}"c":null,"s":${encodeCanonical(system)}}`
}

/** RFC 6962 §2.1: a leaf is hashed under the prefix 0x00. Base64url, latin1 or hex. */
export function entryHash(text: string, form: 'base64url' | 'latin1' | 'hex'): string {
  return sha256Text(`\0${text}`, form)
}

// An entry holds a whole command and more, or the founders' parameters with all their keys.
const entryLimits = { bytes: entryBytesMax, depth: 24, members: 16_384 } as const

/**
 * Untrusted. Decodes the text of an entry of any kind; refuses with `apply/entry`.
 * The text must be in the one form that the functions above write.
 */
export function decodeEntry(text: string): Entry | Refusal {
  const value = decodeStrict(text, entryLimits)
  if (isRefusal(value)) return { code: 'apply/entry', at: 'json' }
  if (!isRecord(value)) return { code: 'apply/entry', at: 'record' }
  const entry = entryOf(value)
  if (entry === null) return { code: 'apply/entry', at: 'members' }
  return encodeEntry(entry) === text ? entry : { code: 'apply/entry', at: 'form' }
}

/** The text of a decoded entry; the inverse of `decodeEntry`. */
export function encodeEntry(entry: Entry): string {
  const place = { height: entry.h, time: entry.t }
  if (entry.kind === 'single') return singleEntry(place, entry.jws, entry.result)
  if (entry.kind === 'envelope') return envelopeEntry(place, entry.jws)
  if (entry.kind === 'intent') return intentEntry(place, entry, entry.result)
  return systemEntry(place, entry.system)
}

type Fields = { readonly [key: string]: Value }

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function entryOf(value: Fields): Entry | null {
  const { v, h, t } = value
  if (v !== 1 || typeof h !== 'number' || typeof t !== 'number') return null
  const at = { h, t }
  if (value['c'] === null) {
    const system = value['s']
    return isRecord(system) ? { ...at, kind: 'system', system } : null
  }
  const jws = value['c']
  const result = value['r'] === undefined ? undefined : resultOf(value['r'])
  if (result === null) return null
  if (typeof jws === 'string') {
    return result === undefined
      ? { ...at, kind: 'envelope', jws }
      : { ...at, kind: 'single', jws, result }
  }
  const intent = value['i']
  const link = value['e']
  if (typeof intent !== 'string' || !isRecord(link) || result === undefined) return null
  const envelope = link['entry']
  const position = link['position']
  if (typeof envelope !== 'number' || typeof position !== 'number') return null
  return { ...at, kind: 'intent', intent, envelope, position, result }
}

function resultOf(value: Value | undefined): Result | null {
  if (!isRecord(value)) return null
  const { code, w, at, o } = value
  if (typeof code !== 'string' || typeof w !== 'string') return null
  if (at !== undefined && typeof at !== 'string') return null
  return {
    code,
    w,
    ...(at === undefined ? {} : { at }),
    ...(o === undefined ? {} : { o }),
  }
}
