// What travels to a verifier who has nothing but a trust policy. A .tlog-proof file (C2SP
// tlog-proof) proves one entry; an evidence file (`lianban-proof/1`) adds the entry itself, the
// envelope that signed it, and the map's word on what is current. It promises that every part
// stands under a judged checkpoint of one log, and that the verdict is that of the weakest part.
import { base64Decode, base64Encode, base64urlDecode, base64urlEncode, concat } from '#base/bytes'
import { asciiDecode, equal, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import { decodeEntry } from '#ledger/apply'
import type { Entry } from '#ledger/apply'
import { decodeStrict, isRefusal } from '#ledger/command'
import type { Refusal } from '#ledger/command'

import { parseCount, parsePath, splitHead } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { compareVerdicts, judge } from './judge.ts'
import type { Verdict } from './judge.ts'
import { encodeMapProof, mapKeyOf, mapValueHash, parseMapProof, parseMapRoot } from './map-proof.ts'
import { verifyAbsence, verifyPresence } from './map-proof.ts'
import type { MapRoot } from './map-proof.ts'
import type { MapProof } from './map.ts'
import { MAX_NOTE_BYTES } from './note.ts'
import type { TrustPolicy } from './policy.ts'
import { verifyInclusion } from './tree-proof.ts'
import { leafHash } from './tree.ts'

/** First line of every .tlog-proof file. */
export const PROOF_MAGIC = 'c2sp.org/tlog-proof@v1'

/** Longest extra data of a .tlog-proof file in bytes; it is opaque and never trusted. */
export const MAX_EXTRA_BYTES = 65_536

/** Longest .tlog-proof file in bytes. */
export const MAX_PROOF_FILE_BYTES: number = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES

/** Longest evidence file in characters. */
export const MAX_EVIDENCE_CHARS = 2_097_152

/** `format` of every evidence file. */
export const EVIDENCE_FORMAT = 'lianban-proof/1'

export type ProofFile = {
  /** Opaque data beside the proof, which nothing authenticates; null when the line is absent. */
  readonly extra: Bytes | null
  readonly index: number
  /** Inclusion path, the leaf's sibling first. */
  readonly path: readonly Bytes[]
  /** The signed checkpoint, byte for byte. */
  readonly note: Bytes
}

/** An entry and the .tlog-proof that it stands in the log. */
export type ProvenEntry = { readonly entry: Bytes; readonly proof: ProofFile }

/** What the map says of one record, under the map-root entry that is the last of its checkpoint. */
export type ProvenRecord = {
  readonly map: string
  /** The record's key in the state, of which the map's key is the hash. */
  readonly key: string
  /** The record's canonical text; null to prove that there is none. */
  readonly value: string | null
  readonly proof: MapProof
  readonly root: ProvenEntry
}

/** The content of an evidence file; at least an entry or a record. */
export type Evidence = {
  readonly entry: ProvenEntry | null
  /** The envelope of the entry's intent; present exactly when the entry is one of an envelope. */
  readonly envelope: ProvenEntry | null
  readonly record: ProvenRecord | null
}

/** What an evidence file proves. */
export type Proven = {
  /** The verdict of the weakest checkpoint in the file. */
  readonly verdict: Verdict
  readonly entry: { readonly index: number; readonly content: Entry } | null
  readonly record: {
    readonly map: string
    readonly key: string
    readonly value: string | null
    /** The map as of the end of this height. */
    readonly height: number
    /** The verdict of the record's own checkpoint, whose `asOf` and `fresh` date the answer. */
    readonly verdict: Verdict
  } | null
}

/** A .tlog-proof file, the entry that it is about, and what the verifier goes by. */
export type ProofClaim = {
  readonly entry: Bytes
  /** The .tlog-proof file as received. */
  readonly file: Bytes
  readonly policy: TrustPolicy
  readonly nowMs: number
}

/** The bytes of a .tlog-proof file. */
export function encodeProofFile({ extra, index, path, note }: ProofFile): Bytes {
  const opaque = extra === null ? '' : `extra ${base64Encode(extra)}\n`
  const hashes = path.map((hash) => `${base64Encode(hash)}\n`).join('')
  return concat([utf8Encode(`${PROOF_MAGIC}\n${opaque}index ${index}\n${hashes}\n`), note])
}

/**
 * The proof in these bytes; null when malformed or out of bounds. The checkpoint inside is not
 * judged here.
 */
export function parseProofFile(untrusted: Bytes): ProofFile | null {
  if (untrusted.length > MAX_PROOF_FILE_BYTES) return null
  const parts = splitHead(untrusted, 2 * MAX_EXTRA_BYTES)
  if (parts === null || parts.lines[0] !== PROOF_MAGIC) return null
  let at = 1
  let extra: Bytes | null = null
  if (parts.lines[at]?.startsWith('extra ')) {
    extra = base64Decode(parts.lines[at]!.slice(6))
    if (extra === null || extra.length > MAX_EXTRA_BYTES) return null
    at++
  }
  const line = parts.lines[at]
  const index = line?.startsWith('index ') ? parseCount(line.slice(6)) : null
  const path = parsePath(parts.lines.slice(at + 1))
  return index === null || path === null ? null : { extra, index, path, note: parts.rest }
}

/** Judges the checkpoint of a .tlog-proof file and verifies that the entry stands under it. */
export function verifyProofFile({ entry, file, policy, nowMs }: ProofClaim): Verdict | Refusal {
  const proof = parseProofFile(file)
  if (proof === null) return { code: 'prove/malformed-proof' }
  return verifyProven({ entry, proof }, policy, nowMs)
}

function verifyProven(
  { entry, proof }: ProvenEntry,
  policy: TrustPolicy,
  nowMs: number,
): Verdict | Refusal {
  const verdict = judge({ policy, note: proof.note, nowMs })
  if (isRefusal(verdict)) return verdict
  const { size, root } = verdict.checkpoint!
  const claim = { index: proof.index, size, leaf: leafHash(entry), path: proof.path, root }
  return verifyInclusion(claim) ? verdict : { code: 'prove/not-included' }
}

/** The bytes of an evidence file: canonical JSON. */
export function encodeEvidence({ entry, envelope, record }: Evidence): Bytes {
  return utf8Encode(
    encodeCanonical({
      format: EVIDENCE_FORMAT,
      ...(entry === null ? {} : { entry: encodeProvenEntry(entry) }),
      ...(envelope === null ? {} : { envelope: encodeProvenEntry(envelope) }),
      ...(record === null ? {} : { record: encodeProvenRecord(record) }),
    }),
  )
}

/** The evidence in these bytes; null when malformed or out of bounds. Nothing is verified here. */
export function parseEvidence(untrusted: Bytes): Evidence | null {
  const text = untrusted.length > MAX_EVIDENCE_CHARS ? null : utf8Decode(untrusted)
  const value = text === null ? null : decodeCanonical(text, EVIDENCE_LIMITS)
  const parts = fieldsOf(value, ['format'], ['entry', 'envelope', 'record'])
  if (parts === null || parts['format'] !== EVIDENCE_FORMAT) return null
  const entry = parseProvenEntry(parts['entry'])
  const envelope = parseProvenEntry(parts['envelope'])
  const record = parseProvenRecord(parts['record'])
  if (entry === undefined || envelope === undefined || record === undefined) return null
  return entry === null && record === null ? null : { entry, envelope, record }
}

/**
 * Verifies an evidence file with nothing but a trust policy and the verifier's clock. Refuses when
 * any part does not hold; otherwise says what is proven and how much it is worth.
 */
export function verifyEvidence(
  untrusted: Bytes,
  policy: TrustPolicy,
  nowMs: number,
): Proven | Refusal {
  const evidence = parseEvidence(untrusted)
  if (evidence === null) return { code: 'prove/malformed-evidence' }
  const verdicts: Verdict[] = []
  const under = (proven: ProvenEntry, at: string): Standing | Refusal => {
    const verdict = verifyProven(proven, policy, nowMs)
    if (isRefusal(verdict)) return { ...verdict, at }
    const text = asciiDecode(proven.entry)
    const content = text === null ? null : decodeEntry(text)
    if (content === null || isRefusal(content)) return { code: 'prove/malformed-entry', at }
    verdicts.push(verdict)
    return { content, index: proven.proof.index, verdict, checkpoint: verdict.checkpoint! }
  }
  const entry = evidence.entry && under(evidence.entry, 'entry')
  if (isRefusal(entry)) return entry
  const envelope = evidence.envelope && under(evidence.envelope, 'envelope')
  if (isRefusal(envelope)) return envelope
  const signed = matchEnvelope(entry, envelope)
  if (signed !== null) return signed
  const root = evidence.record && under(evidence.record.root, 'record')
  if (isRefusal(root)) return root
  const record = evidence.record && root && readRecord(evidence.record, root)
  if (isRefusal(record)) return record
  const view = isOneView(verdicts.map(({ checkpoint }) => checkpoint!))
  if (view !== null) return view
  const [weakest] = verdicts.toSorted(compareVerdicts)
  return {
    verdict: weakest!,
    entry: entry && { index: entry.index, content: entry.content },
    record,
  }
}

type Standing = {
  readonly content: Entry
  readonly index: number
  readonly verdict: Verdict
  readonly checkpoint: Checkpoint
}

/**
 * An intent of an envelope carries no signature of its own: it is proven by standing, by its hash,
 * at its position in the payload of the envelope's entry, which is in the log as well.
 */
function matchEnvelope(entry: Standing | null, envelope: Standing | null): Refusal | null {
  if (entry === null || entry.content.kind !== 'intent') {
    return envelope === null ? null : { code: 'prove/not-in-envelope', at: 'entry' }
  }
  if (envelope === null) return { code: 'prove/not-in-envelope', at: 'envelope' }
  const { intent, position } = entry.content
  const bytes = base64urlDecode(intent)
  if (envelope.content.kind !== 'envelope' || envelope.index !== entry.content.envelope) {
    return { code: 'prove/not-in-envelope', at: 'envelope' }
  }
  const hashes = intentsOf(envelope.content.jws)
  if (bytes === null || hashes?.[position] !== sha256Text(bytes, 'base64url')) {
    return { code: 'prove/not-in-envelope', at: 'entry' }
  }
  return null
}

/** The list `intents` in the payload of an envelope's JWS; null when there is none. */
function intentsOf(jws: string): readonly unknown[] | null {
  const payload = base64urlDecode(jws.split('.')[1] ?? '')
  const text = payload === null ? null : asciiDecode(payload)
  const value = text === null ? null : decodeStrict(text)
  if (value === null || typeof value !== 'object' || isRefusal(value)) return null
  const intents = 'intents' in value ? value.intents : null
  return Array.isArray(intents) ? intents : null
}

function readRecord(
  { map, key, value, proof }: ProvenRecord,
  { content, index, checkpoint, verdict }: Standing,
): Proven['record'] | Refusal {
  const read: MapRoot | null = content.kind === 'system' ? parseMapRoot(content.system) : null
  if (read === null) return { code: 'prove/malformed-entry', at: 'record' }
  // Anything after the root could have changed the map, so the root must be the last word.
  if (index !== checkpoint.size - 1) return { code: 'prove/not-last-entry', at: 'record' }
  const root = read.roots.get(map)
  if (root === undefined) return { code: 'prove/no-such-map', at: 'record' }
  const hashed = mapKeyOf(key)
  const holds =
    value === null
      ? verifyAbsence({ root, key: hashed, proof })
      : verifyPresence({ root, key: hashed, valueHash: mapValueHash(value), proof })
  if (!holds) return { code: 'prove/not-in-map', at: 'record' }
  return { map, key, value, height: read.height, verdict }
}

/** One log, and no two roots for one size: such a file is evidence against the log itself. */
function isOneView(checkpoints: readonly Checkpoint[]): Refusal | null {
  for (const a of checkpoints) {
    for (const b of checkpoints) {
      if (a.origin !== b.origin) return { code: 'prove/other-log' }
      if (a.size === b.size && !equal(a.root, b.root)) return { code: 'prove/split-view' }
    }
  }
  return null
}

// An evidence file holds three proofs of at most 63 hashes and 256 siblings.
const EVIDENCE_LIMITS = { depthMax: 8, membersMax: 1024, lengthMax: MAX_EVIDENCE_CHARS } as const

function encodeProvenEntry({ entry, proof }: ProvenEntry): Json {
  return { bytes: base64urlEncode(entry), proof: utf8Decode(encodeProofFile(proof)) }
}

function encodeProvenRecord({ map, key, value, proof, root }: ProvenRecord): Json {
  return { key, map, proof: encodeMapProof(proof), root: encodeProvenEntry(root), value }
}

/** Null when absent, undefined when malformed. Extra data has no place in an evidence file. */
function parseProvenEntry(value: Json | undefined): ProvenEntry | null | undefined {
  if (value === undefined) return null
  const { bytes, proof } = fieldsOf(value, ['bytes', 'proof'], []) ?? {}
  if (typeof bytes !== 'string' || typeof proof !== 'string') return undefined
  const entry = base64urlDecode(bytes)
  const file = parseProofFile(utf8Encode(proof))
  return entry === null || file === null || file.extra !== null ? undefined : { entry, proof: file }
}

/** Null when absent, undefined when malformed. */
function parseProvenRecord(value: Json | undefined): ProvenRecord | null | undefined {
  if (value === undefined) return null
  const fields = fieldsOf(value, ['key', 'map', 'proof', 'root', 'value'], [])
  if (fields === null) return undefined
  const { key, map, value: text } = fields
  const proof = parseMapProof(fields['proof']!)
  const root = parseProvenEntry(fields['root'])
  if (typeof key !== 'string' || typeof map !== 'string') return undefined
  if (text !== null && typeof text !== 'string') return undefined
  return proof && root ? { map, key, value: text!, proof, root } : undefined
}

/** The members of a record that has all of `needed`, perhaps some of `optional`, and no other. */
function fieldsOf(
  value: Json | undefined,
  needed: readonly string[],
  optional: readonly string[],
): { readonly [key: string]: Json } | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const fields = value as { readonly [key: string]: Json }
  const names = Object.keys(fields)
  const known = names.every((name) => needed.includes(name) || optional.includes(name))
  return known && needed.every((name) => name in fields) ? fields : null
}
