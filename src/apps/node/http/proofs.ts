// Proofs over HTTP: the checkpoint, proofs of entries, of records and between sizes, and the
// cosignatures that others bring. What leaves here convinces somebody who does not trust this node.
import { base64Encode, latin1Decode, latin1Encode, utf8Decode } from '#base/bytes'
import { utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import { decodeEntry } from '#ledger/apply'
import {
  encodeEvidence,
  isSignedUnder,
  mapKeyOf,
  mapValueHash,
  MAX_NOTE_BYTES,
} from '#ledger/prove'
import {
  parseMapRoot,
  parseSignedCheckpoint,
  verifyAbsence,
  verifyCosignature,
} from '#ledger/prove'
import { PROOF_MAGIC, TILE_HEIGHT, TILE_WIDTH } from '#ledger/prove'
import { verifyNoteSignature, verifyPresence } from '#ledger/prove'
import type { MapProof, NoteSignature, ProvenEntry, TrustPolicy } from '#ledger/prove'
import { envelopeOf } from '#ledger/read'
import { Failure } from '#adapters/storage'
import { answerBytes, answerProblem, answerText, answerUnicode } from './answer.ts'
import { readBody } from './body.ts'
import { entryAsked } from './callers.ts'
import { countOf, queryOf, recordKeyOf } from './parameters.ts'
import type { Ask, ServedHost } from './served.ts'

const notFound: Refusal = { code: 'node/not-found' }
const notCheckpointed: Refusal = { code: 'node/not-checkpointed' }

/** GET checkpoint: the newest signed checkpoint with its cosignatures (C2SP tlog-checkpoint). */
export function getCheckpoint(ask: Ask): void {
  const kept = ask.served.host.proofs.checkpoint()
  if (kept === null) return answerProblem(ask, notCheckpointed)
  answerUnicode(ask.res, 'text', kept.text)
}

/** GET entries/{index}/proof: a .tlog-proof file. It holds hashes alone and is open to anyone. */
export function getProof(ask: Ask): void {
  const index = countOf(ask.parts[0], 'index', 0)
  if (isRefusal(index)) return answerProblem(ask, index)
  const { host } = ask.served
  if (index >= host.head().size) return answerProblem(ask, notFound)
  const text = proofTextsOf(host).of(index)
  if (text === null) return answerProblem(ask, notCheckpointed)
  answerText(ask.res, 'text', text)
}

/** Shared parts of paths kept at a time; each is a few hundred characters. */
const upperMax = 4096

/**
 * Proof files of one ledger as texts of one character a byte. Entries of one tile have the upper
 * part of their path and the note in common, and these stay the same until the next checkpoint.
 */
class ProofTexts {
  readonly #host: ServedHost
  readonly #uppers: Map<number, string> = new Map()
  #kept: { readonly size: number; readonly text: string } | null = null
  #note = ''

  constructor(host: ServedHost) {
    this.#host = host
  }

  /** The proof file of an entry under the newest checkpoint; null while it has none. */
  of(index: number): string | null {
    const kept = this.#host.proofs.checkpoint()
    if (kept === null || index >= kept.size) return null
    if (kept !== this.#kept) this.#renew(kept)
    return `${PROOF_MAGIC}\nindex ${index}\n${this.#path(index, kept.size)}\n${this.#note}`
  }

  #renew(kept: { readonly size: number; readonly text: string }): void {
    if (kept.size !== this.#kept?.size) this.#uppers.clear()
    this.#kept = kept
    this.#note = latin1Decode(utf8Encode(kept.text))
  }

  #path(index: number, size: number): string {
    const inTile = index % TILE_WIDTH
    const tile = (index - inTile) / TILE_WIDTH
    if ((tile + 1) * TILE_WIDTH > size) {
      return hashLines(this.#host.proofs.inclusion(index, size))
    }
    let upper = this.#uppers.get(tile)
    if (upper === undefined) {
      upper = hashLines(this.#host.proofs.inclusion(index, size).slice(TILE_HEIGHT))
      if (this.#uppers.size >= upperMax) this.#uppers.clear()
      this.#uppers.set(tile, upper)
    }
    return this.#lower(index) + upper
  }

  /** The siblings inside the tile, the leaf's own first. */
  #lower(index: number): string {
    const nodes = this.#host.proofs.nodes()
    let lines = ''
    let at = index
    for (let level = 0; level < TILE_HEIGHT; level += 1) {
      const odd = at % 2
      const hash = nodes.hashes(level, odd === 1 ? at - 1 : at + 1)
      if (hash === null) throw new Failure('storage/corrupt', false, `tile of entry ${index}`)
      lines += `${base64Encode(hash)}\n`
      at = (at - odd) / 2
    }
    return lines
  }
}

function hashLines(path: readonly Bytes[]): string {
  return path.map((hash) => `${base64Encode(hash)}\n`).join('')
}

const proofTexts = new WeakMap<ServedHost, ProofTexts>()

function proofTextsOf(host: ServedHost): ProofTexts {
  const known = proofTexts.get(host)
  if (known !== undefined) return known
  const texts = new ProofTexts(host)
  proofTexts.set(host, texts)
  return texts
}

/** GET entries/{index}/evidence: entry, envelope and proofs as one file. */
export function getEvidence(ask: Ask): void {
  const index = entryAsked(ask)
  if (index === null) return
  const { host } = ask.served
  if (isWithheld(host, index)) return answerProblem(ask, { code: 'node/redacted' })
  const evidence = evidenceOf(host, index)
  if (evidence === null) return answerProblem(ask, notCheckpointed)
  answerUnicode(ask.res, 'json', evidence)
}

/** Whether an evidence file of this entry would hold bytes that are withheld. */
function isWithheld(host: ServedHost, index: number): boolean {
  if (host.proofs.withheld(index) !== null) return true
  const link = envelopeOf(host.entry(index))
  return link !== null && host.proofs.withheld(link.entry) !== null
}

/**
 * The evidence file of an entry as a text; null while no checkpoint covers it, and where its bytes
 * are withheld.
 */
export function evidenceOf(host: ServedHost, index: number): string | null {
  if (isWithheld(host, index)) return null
  const entry = provenEntry(host, index)
  if (entry === null) return null
  const link = envelopeOf(latin1Decode(entry.entry))
  const envelope = link === null ? null : provenEntry(host, link.entry)
  return utf8Decode(encodeEvidence({ entry, envelope, record: null }))
}

function provenEntry(host: ServedHost, index: number): ProvenEntry | null {
  const kept = host.proofs.checkpoint()
  if (kept === null || index >= kept.size) return null
  const path = host.proofs.inclusion(index, kept.size)
  const note = utf8Encode(kept.text)
  return {
    entry: latin1Encode(host.entry(index)),
    proof: { extra: null, index, path, note },
  }
}

/**
 * GET records/{key}/proof?map=: what the map says of a record, present or absent, under the last
 * map root and its checkpoint. A record that changed since then has no proof before the next one.
 */
export function getRecordProof(ask: Ask): void {
  const key = recordKeyOf(ask.parts[0])
  if (isRefusal(key)) return answerProblem(ask, key)
  const map = queryOf(ask.query, 'map') ?? ''
  const { host } = ask.served
  const proof = host.proofs.record(map, key)
  if (proof === null) return answerProblem(ask, { code: 'node/not-found', at: 'map' })
  const root = rootEntry(host, map)
  if (root === null) return answerProblem(ask, notCheckpointed)
  const value = host.recordText(key) ?? null
  if (!holds({ root: root.root, key, value, proof })) {
    return answerProblem(ask, { code: 'node/record-changed' })
  }
  const record = { map, key, value, proof, root: root.proven }
  answerBytes(ask.res, 'json', encodeEvidence({ entry: null, envelope: null, record }))
}

type Said = {
  readonly root: Bytes
  readonly key: string
  readonly value: string | null
  readonly proof: MapProof
}

function holds({ root, key, value, proof }: Said): boolean {
  const hashed = mapKeyOf(key)
  return value === null
    ? verifyAbsence({ root, key: hashed, proof })
    : verifyPresence({ root, key: hashed, valueHash: mapValueHash(value), proof })
}

/** The map-root entry under the newest checkpoint, of which it is the last entry (L12). */
function rootEntry(host: ServedHost, map: string): { root: Bytes; proven: ProvenEntry } | null {
  const kept = host.proofs.checkpoint()
  const proven = kept === null ? null : provenEntry(host, kept.size - 1)
  if (proven === null) return null
  const entry = decodeEntry(latin1Decode(proven.entry))
  if (isRefusal(entry) || entry.kind !== 'system') return null
  const root = parseMapRoot(entry.system)?.roots.get(map)
  return root === undefined ? null : { root, proven }
}

/** GET consistency?from=&to=: hashes in base64, one a line, that one size leads to the other. */
export function getConsistency(ask: Ask): void {
  const { host } = ask.served
  const { size } = host.head()
  const from = countOf(queryOf(ask.query, 'from'), 'from', -1)
  if (isRefusal(from)) return answerProblem(ask, from)
  const to = countOf(queryOf(ask.query, 'to'), 'to', host.proofs.checkpoint()?.size ?? size)
  if (isRefusal(to)) return answerProblem(ask, to)
  if (from < 0 || from > to || to > size) {
    return answerProblem(ask, { code: 'node/bad-parameter', at: from < 0 ? 'from' : 'to' })
  }
  const path = host.proofs.consistency(from, to)
  answerText(ask.res, 'text', hashLines(path))
}

/**
 * POST checkpoint/cosignatures: the newest checkpoint with further cosignature lines under it. A
 * line counts only when a registered cosigner key in force made it.
 */
export function postCosignatures(ask: Ask): void {
  const { bounds, deadlines } = ask.node
  const limits = { bytesMax: MAX_NOTE_BYTES, ms: bounds.bodyMs }
  readBody(ask.req, limits, deadlines, (body) => {
    if (isRefusal(body)) return answerProblem(ask, body)
    takeCosignatures(ask, body).catch((failure: unknown) => {
      ask.node.observer.failed('checkpoint/cosignatures', failure)
      answerProblem(ask, { code: 'node/broken' })
    })
  })
}

async function takeCosignatures(ask: Ask, body: Bytes): Promise<void> {
  const { host } = ask.served
  const signed = parseSignedCheckpoint(body)
  if (signed === null) return answerProblem(ask, { code: 'node/malformed-cosignature' })
  const kept = host.proofs.checkpoint()
  const newest = kept === null ? null : parseSignedCheckpoint(utf8Encode(kept.text))
  if (newest === null || newest.note.text !== signed.note.text) {
    return answerProblem(ask, { code: 'node/other-checkpoint' })
  }
  const policy = host.registry.policy(host.ledger, host.head().height)
  const lines: NoteSignature[] = []
  for (const line of signed.note.signatures) {
    const judged = judgeLine(policy, signed.note.text, line)
    if (isRefusal(judged)) return answerProblem(ask, judged)
    if (judged === 'cosignature') lines.push(line)
  }
  if (lines.length === 0) return answerProblem(ask, { code: 'node/unknown-cosigner' })
  const taken = await host.addCosignatures(body, lines)
  if (!taken) return answerProblem(ask, { code: 'node/other-checkpoint' })
  getCheckpoint(ask)
}

/** Untrusted. A line is the log's own, a registered cosigner's, or refused. */
function judgeLine(
  policy: TrustPolicy,
  text: string,
  line: NoteSignature,
): 'log' | 'cosignature' | Refusal {
  const log = policy.logs.find(({ key }) => isSignedUnder(key, line))
  if (log !== undefined) {
    return verifyNoteSignature(log.key, text, line.signature)
      ? 'log'
      : { code: 'node/bad-cosignature' }
  }
  const cosigner = policy.cosigners.find(({ key }) => isSignedUnder(key, line))
  if (cosigner === undefined) return { code: 'node/unknown-cosigner' }
  const seconds = verifyCosignature(cosigner.key, text, line.signature)
  return seconds === null ? { code: 'node/bad-cosignature' } : 'cosignature'
}
