// Checkpoints (C2SP tlog-checkpoint): origin, size and root of the log as the text of a signed
// note, and the add-checkpoint exchange by which a witness is asked to cosign one (C2SP
// tlog-witness). It promises exactly three lines: no extension line is written or read, so what
// is signed is what is understood.
import { base64Decode, base64Encode, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'

import { MAX_NOTE_BYTES, isKeyName, parseNote, parseSignatureLines } from './note.ts'
import type { NoteSignature, SignedNote } from './note.ts'
import { MAX_PROOF_HASHES } from './tree-proof.ts'
import { HASH_BYTES } from './tree.ts'

export type Checkpoint = {
  /** The log's identity, a URL without a scheme; the `ledger` of every command in it. */
  readonly origin: string
  readonly size: number
  readonly root: Bytes
}

/** A checkpoint together with the note that carries its signatures. */
export type SignedCheckpoint = { readonly checkpoint: Checkpoint; readonly note: SignedNote }

export type AddCheckpoint = {
  /** Size of the last checkpoint that the witness cosigned; 0 when it cosigned none. */
  readonly oldSize: number
  readonly path: readonly Bytes[]
  /** The signed checkpoint, byte for byte. */
  readonly note: Bytes
}

/** A count in decimal without leading zeros and below 2^53; null for everything else. */
export function parseCount(untrusted: string): number | null {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(untrusted)) return null
  const count = Number(untrusted)
  return Number.isSafeInteger(count) ? count : null
}

/** A SHA-256 hash in padded base64 (44 characters); null for everything else. */
export function parseHash(untrusted: string): Bytes | null {
  const hash = untrusted.length === 44 ? base64Decode(untrusted) : null
  return hash !== null && hash.length === HASH_BYTES ? hash : null
}

/** The text that the log signs: three lines, each with its newline. */
export function encodeCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${base64Encode(root)}\n`
}

/** The checkpoint in a note's text; null unless it has exactly the three lines. */
export function parseCheckpoint(untrusted: string): Checkpoint | null {
  const lines = untrusted.split('\n', 5)
  if (lines.length !== 4 || lines[3] !== '') return null
  const [origin, count, hash] = lines
  const size = parseCount(count!)
  const root = parseHash(hash!)
  if (!isKeyName(origin!) || size === null || root === null) return null
  return { origin: origin!, size, root }
}

/** The checkpoint in the bytes of a signed note; null when either is malformed. */
export function parseSignedCheckpoint(untrusted: Bytes): SignedCheckpoint | null {
  const note = parseNote(untrusted)
  const checkpoint = note === null ? null : parseCheckpoint(note.text)
  return note === null || checkpoint === null ? null : { checkpoint, note }
}

/** Body of POST add-checkpoint (C2SP tlog-witness). */
export function encodeAddCheckpoint({ oldSize, path, note }: AddCheckpoint): Bytes {
  const head = `old ${oldSize}\n${path.map((hash) => `${base64Encode(hash)}\n`).join('')}\n`
  return concatText(head, note)
}

/**
 * The request in the body of POST add-checkpoint; null when malformed, with more than 63 hashes,
 * with hashes after `old 0`, or with a note that is no checkpoint.
 */
export function parseAddCheckpoint(untrusted: Bytes): AddCheckpoint | null {
  const parts = splitHead(untrusted, MAX_NOTE_BYTES)
  if (parts === null) return null
  const [first, ...hashes] = parts.lines
  const oldSize = first!.startsWith('old ') ? parseCount(first!.slice(4)) : null
  const path = parsePath(hashes)
  if (oldSize === null || path === null || (oldSize === 0 && path.length > 0)) return null
  return parseSignedCheckpoint(parts.rest) && { oldSize, path, note: parts.rest }
}

/** Body of a witness's answer 200: its cosignature lines; null when malformed. */
export function parseCosignatureLines(untrusted: Bytes): readonly NoteSignature[] | null {
  const text = untrusted.length > MAX_NOTE_BYTES ? null : utf8Decode(untrusted)
  return text === null ? null : parseSignatureLines(text)
}

/** Body of a witness's answer 409 (text/x.tlog.size): the size that the witness knows. */
export function encodeKnownSize(size: number): Bytes {
  return utf8Encode(`${size}\n`)
}

/** The size in a witness's answer 409; null when malformed. */
export function parseKnownSize(untrusted: Bytes): number | null {
  const text = untrusted.length > 17 ? null : utf8Decode(untrusted)
  return text !== null && text.endsWith('\n') ? parseCount(text.slice(0, -1)) : null
}

/** Hashes in base64, one a line, at most 63; null when one is malformed. */
export function parsePath(untrusted: readonly string[]): readonly Bytes[] | null {
  if (untrusted.length > MAX_PROOF_HASHES) return null
  const path: Bytes[] = []
  for (const line of untrusted) {
    const hash = parseHash(line)
    if (hash === null) return null
    path.push(hash)
  }
  return path
}

/**
 * Splits `lines, empty line, rest` at the first empty line without decoding the rest, which is a
 * note and stays byte for byte what was received. At most `limit` bytes before the rest.
 */
export function splitHead(
  untrusted: Bytes,
  limit: number,
): { readonly lines: readonly string[]; readonly rest: Bytes } | null {
  let end = 1
  const stop = Math.min(untrusted.length, limit)
  while (end < stop && !(untrusted[end] === 0x0a && untrusted[end - 1] === 0x0a)) end++
  if (end >= stop) return null
  const head = utf8Decode(untrusted.slice(0, end - 1))
  return head === null ? null : { lines: head.split('\n'), rest: untrusted.slice(end + 1) }
}

function concatText(head: string, note: Bytes): Bytes {
  const start = utf8Encode(head)
  const out = new Uint8Array(start.length + note.length)
  out.set(start)
  out.set(note, start.length)
  return out
}
