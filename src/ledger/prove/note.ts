// C2SP signed notes: a text, an empty line, and signature lines; and the verifier keys (vkeys)
// that name who may sign. It promises that a note is read in one way only, and that a key is
// known by its name and its key hash together, never by one of them.
import { base64Decode, base64Encode, base64urlEncode, concat } from '#base/bytes'
import { hexEncode, readU64be, u64be, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { importPublicKey, sha256, verifySignature } from '#base/crypto'
import type { PublicKey } from '#base/crypto'
import type { Refusal } from '#ledger/command'

/** Most signature lines in a note (the specification asks for at least 16). */
export const MAX_SIGNATURES = 64

/** Longest note in bytes: 64 lines of the largest assigned signature type, and the text. */
export const MAX_NOTE_BYTES = 262_144

/** Longest key name in bytes. */
export const MAX_NAME_BYTES = 255

/** A key for notes (Ed25519 over the text, type 0x01) or for cosignatures (timed, type 0x04). */
export type NoteKeyUse = 'note' | 'cosignature'

export type NoteKey = {
  readonly name: string
  /** Key ID of the specification: the first four bytes of the key's hash, in hexadecimal. */
  readonly keyHash: string
  readonly use: NoteKeyUse
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Bytes
  readonly verifier: PublicKey
}

/** One signature line; `signature` is what follows the key hash and may be of any type. */
export type NoteSignature = {
  readonly name: string
  readonly keyHash: string
  readonly signature: Bytes
}

export type SignedNote = {
  /** The signed text, its final newline included. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

const TYPES: Readonly<Record<NoteKeyUse, number>> = { note: 0x01, cosignature: 0x04 }

// The spaces of Unicode written out, so that no Unicode table of the runtime decides.
const SPACE_OR_PLUS =
  /[\u0000-\u0020\u007f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff+]/

/** Whether this may name a key or an origin: not empty, no space, no control character, no plus. */
export function isKeyName(untrusted: string): boolean {
  if (untrusted.length === 0 || untrusted.length > MAX_NAME_BYTES) return false
  if (!untrusted.isWellFormed() || SPACE_OR_PLUS.test(untrusted)) return false
  return utf8Encode(untrusted).length <= MAX_NAME_BYTES
}

/** Key id: SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4] in hexadecimal (C2SP signed-note). */
export function keyHashOf(name: string, use: NoteKeyUse, publicKey: Bytes): string {
  const kind = Uint8Array.of(0x0a, TYPES[use])
  return hexEncode(sha256(concat([utf8Encode(name), kind, publicKey])).slice(0, 4))
}

/**
 * A key from its parts; null when the name is not one, or the 32 bytes are no Ed25519 key of full
 * order (protocol.md §4: small-order and non-canonical points are refused before the library).
 */
export function noteKey(name: string, use: NoteKeyUse, publicKey: Bytes): NoteKey | null {
  if (!isKeyName(name) || publicKey.length !== 32) return null
  const x = base64urlEncode(publicKey)
  const verifier = importPublicKey('Ed25519', { kty: 'OKP', crv: 'Ed25519', x })
  if (verifier === null) return null
  return { name, keyHash: keyHashOf(name, use, publicKey), use, publicKey, verifier }
}

/** `<name>+<key hash>+<base64(type ‖ public key)>` (C2SP signed-note, "Verifier keys"). */
export function encodeVkey({ name, keyHash, use, publicKey }: NoteKey): string {
  return `${name}+${keyHash}+${base64Encode(concat([Uint8Array.of(TYPES[use]), publicKey]))}`
}

/** The key that a vkey names; null unless form, type, key and key hash all hold. */
export function parseVkey(untrusted: string): NoteKey | null {
  if (untrusted.length > MAX_NAME_BYTES + 80) return null
  const first = untrusted.indexOf('+')
  const name = first < 0 ? '' : untrusted.slice(0, first)
  const rest = untrusted.slice(first + 1)
  if (!isKeyName(name) || !/^[0-9a-f]{8}\+/.test(rest)) return null
  const bytes = base64Decode(rest.slice(9))
  if (bytes === null || bytes.length !== 33) return null
  const use =
    bytes[0] === TYPES.note ? 'note' : bytes[0] === TYPES.cosignature ? 'cosignature' : null
  const key = use === null ? null : noteKey(name, use, bytes.slice(1))
  return key !== null && key.keyHash === rest.slice(0, 8) ? key : null
}

/** One signature line with its newline: `— <name> <base64(key hash ‖ signature)>`. */
export function encodeSignatureLine({ name, keyHash, signature }: NoteSignature): string {
  const id = Uint8Array.from([0, 2, 4, 6], (at) => Number.parseInt(keyHash.slice(at, at + 2), 16))
  return `\u2014 ${name} ${base64Encode(concat([id, signature]))}\n`
}

/** The signature lines of a text that holds nothing else; null when one is not of that form. */
export function parseSignatureLines(untrusted: string): readonly NoteSignature[] | null {
  if (!untrusted.endsWith('\n') || untrusted.length > MAX_NOTE_BYTES) return null
  const lines = untrusted.slice(0, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) return null
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const parts = line.split(' ')
    const [dash, name, blob] = parts
    if (parts.length !== 3 || dash !== '\u2014' || !isKeyName(name!)) return null
    const bytes = base64Decode(blob!)
    if (bytes === null || bytes.length < 5) return null
    const keyHash = hexEncode(bytes.slice(0, 4))
    signatures.push({ name: name!, keyHash, signature: bytes.slice(4) })
  }
  return signatures
}

/** The bytes of a note. */
export function encodeNote({ text, signatures }: SignedNote): Bytes {
  return utf8Encode(`${text}\n${signatures.map(encodeSignatureLine).join('')}`)
}

/** The note in these bytes; null unless it is UTF-8, within bounds and of exactly that form. */
export function parseNote(untrusted: Bytes): SignedNote | null {
  if (untrusted.length > MAX_NOTE_BYTES) return null
  const note = utf8Decode(untrusted)
  // eslint-disable-next-line no-control-regex
  if (note === null || /[\u0000-\u0009\u000b-\u001f]/.test(note)) return null
  const split = note.lastIndexOf('\n\n')
  if (split < 0) return null
  const signatures = parseSignatureLines(note.slice(split + 2))
  return signatures === null ? null : { text: note.slice(0, split + 1), signatures }
}

/**
 * The line under this key; null when there is none. Two are refused: a note would otherwise say
 * one thing to a reader of the first line and another to a reader of the second.
 */
export function lineUnder(key: NoteKey, note: SignedNote): NoteSignature | Refusal | null {
  const lines = note.signatures.filter((line) => isSignedUnder(key, line))
  if (lines.length > 1) return { code: 'prove/duplicate-signature', at: key.name }
  return lines[0] ?? null
}

/** Whether a signature line was written under this key's name and id. */
export function isSignedUnder(key: NoteKey, { name, keyHash }: NoteSignature): boolean {
  return key.name === name && key.keyHash === keyHash
}

/** Whether this is the key's Ed25519 signature over the text (type 0x01). */
export function verifyNoteSignature(key: NoteKey, text: string, signature: Bytes): boolean {
  return (
    key.use === 'note' && signature.length === 64 && verifySignature(key.verifier, text, signature)
  )
}

/** The message that a cosigner signs (C2SP tlog-cosignature, "Ed25519 signed message"). */
export function cosignatureMessage(seconds: number, text: string): string {
  return `cosignature/v1\ntime ${seconds}\n${text}`
}

/** The signature blob of a cosignature: u64 seconds ‖ 64-byte Ed25519 signature. */
export function encodeCosignature(seconds: number, signature: Bytes): Bytes {
  return concat([u64be(seconds), signature])
}

/**
 * Unix seconds at which this cosigner signed the text (type 0x04); null when the blob is not a
 * cosignature or does not verify. Times from 2^53 seconds on are refused as malformed.
 */
export function verifyCosignature(key: NoteKey, text: string, blob: Bytes): number | null {
  if (key.use !== 'cosignature' || blob.length !== 72) return null
  if (blob[0] !== 0 || blob[1]! > 0x1f) return null
  const seconds = readU64be(blob, 0)
  const message = cosignatureMessage(seconds, text)
  return verifySignature(key.verifier, message, blob.slice(8)) ? seconds : null
}
