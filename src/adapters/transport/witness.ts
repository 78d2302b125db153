// A cosigner's side of C2SP tlog-witness: it is shown a checkpoint with a proof that the log only
// grew, and cosigns it. It promises never to cosign two trees of one log of which one is not the
// beginning of the other, and to remember before it answers.
import { concat, equal, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { MAX_NOTE_BYTES, MAX_PROOF_HASHES, emptyRoot, encodeKnownSize } from '#ledger/prove'
import { encodeNote, encodeSignatureLine, isSignedUnder, parseAddCheckpoint } from '#ledger/prove'
import { parseSignedCheckpoint, verifyConsistency, verifyNoteSignature } from '#ledger/prove'
import type { AddCheckpoint, NoteKey, NoteSignature, SignedCheckpoint } from '#ledger/prove'
import { originHash } from './witness-records.ts'
import type { WitnessRecord, WitnessRecords } from './witness-records.ts'

/** Two checkpoints under the log's signature that do not go together, as far as was shown. */
export type Contradiction = {
  readonly known: Bytes
  readonly offered: Bytes
  /**
   * `root`: two roots of one size, which convicts the log. `proof`: the proof that came along does
   * not lead from one to the other; only the log itself can say whether another one would.
   */
  readonly kind: 'root' | 'proof'
}

/** What a cosigner is made of. */
export type Witness = {
  /** Keys under which the log of this origin signs; null for a log that is not followed. */
  readonly logKeys: (origin: string) => readonly NoteKey[] | null
  /** Origins that are followed, for those who ask by hash. */
  readonly origins: () => readonly string[]
  readonly records: WitnessRecords
  /** The cosignature over a checkpoint's text at a time in Unix seconds. */
  readonly cosign: (text: string, seconds: number) => NoteSignature
  readonly nowSeconds: () => number
  /** Told with the evidence; called before the request is answered. */
  readonly contradicted?: (contradiction: Contradiction) => void
}

/** An answer over HTTP. */
export type WitnessAnswer = {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422
  readonly contentType: string
  readonly body: Bytes
}

/** Longest body of a request: the size line, 63 hashes, an empty line and a note. */
export const addCheckpointBytesMax: number = MAX_NOTE_BYTES + MAX_PROOF_HASHES * 45 + 32

const plainText = 'text/plain; charset=utf-8'

/**
 * Answers POST add-checkpoint. Untrusted: anyone may send anything. Statuses as the specification
 * has them, in its order: 400 malformed, 404 unknown log, 403 not signed by it, 400 and 409 about
 * the old size, 409 another root of the same size, 422 a proof that does not hold. Throws the
 * failures of the records and of the key; then nothing was answered and nothing is lost.
 */
export function answerAddCheckpoint(witness: Witness, untrusted: Bytes): WitnessAnswer {
  const asked = untrusted.length > addCheckpointBytesMax ? null : parseAddCheckpoint(untrusted)
  const signed = asked === null ? null : parseSignedCheckpoint(asked.note)
  if (asked === null || signed === null) return text(400, 'malformed request')
  const keys = witness.logKeys(signed.checkpoint.origin)
  if (keys === null) return text(404, 'unknown log')
  if (!isSignedByLog(keys, signed)) return text(403, 'not signed by the log')
  if (asked.oldSize > signed.checkpoint.size) return text(400, 'the log cannot shrink')
  return decide(witness, asked, signed)
}

function decide(witness: Witness, asked: AddCheckpoint, signed: SignedCheckpoint): WitnessAnswer {
  const { origin, size, root } = signed.checkpoint
  const { records } = witness
  const known = records.newest(origin)
  const from = known?.checkpoint.size ?? 0
  const fromRoot = known?.checkpoint.root ?? emptyRoot()
  if (asked.oldSize !== from) return knownSize(from)
  const told = (kind: Contradiction['kind']): void => {
    if (known === null) return
    witness.contradicted?.({ known: known.note, offered: asked.note, kind })
  }
  if (size === from && !equal(root, fromRoot)) {
    told('root')
    return knownSize(from)
  }
  if (!verifyConsistency({ from, to: size, fromRoot, toRoot: root, path: asked.path })) {
    told('proof')
    return text(422, 'the consistency proof does not hold')
  }
  const line = witness.cosign(signed.note.text, witness.nowSeconds())
  // Nothing new to remember: the same tree is cosigned as often as somebody asks.
  if (size > from) {
    const note = encodeNote({ text: signed.note.text, signatures: [...logLines(signed), line] })
    // If we crash after this, the log asks again and is told the new size by 409.
    if (!records.replace(origin, known?.generation ?? 0, note)) {
      return knownSize(records.newest(origin)?.checkpoint.size ?? 0)
    }
  }
  return { status: 200, contentType: plainText, body: utf8Encode(encodeSignatureLine(line)) }
}

/** At least one key of the log signed, and none of its signatures is bad (C2SP signed-note). */
function isSignedByLog(keys: readonly NoteKey[], { checkpoint, note }: SignedCheckpoint): boolean {
  let count = 0
  for (const key of keys.filter(({ name }) => name === checkpoint.origin)) {
    for (const line of note.signatures.filter((each) => isSignedUnder(key, each))) {
      if (!verifyNoteSignature(key, note.text, line.signature)) return false
      count += 1
    }
  }
  return count > 0
}

/** The log's own lines; what others wrote below is theirs to serve. */
function logLines({ checkpoint, note }: SignedCheckpoint): readonly NoteSignature[] {
  return note.signatures.filter(({ name }) => name === checkpoint.origin)
}

/** What a question for the newest checkpoint is answered from. */
export type Remembering = Pick<Witness, 'origins'> & {
  readonly records: {
    newest(origin: string): Pick<WitnessRecord, 'note'> | null
  }
}

/** Answers GET `<hash of origin>/checkpoint`: the newest that was cosigned, with our line. */
export function answerLatest(witness: Remembering, untrustedHash: string): WitnessAnswer {
  const origin = witness.origins().find((each) => originHash(each) === untrustedHash)
  const known = origin === undefined ? null : witness.records.newest(origin)
  if (known === null) return text(404, 'no checkpoint')
  return { status: 200, contentType: plainText, body: concat([known.note]) }
}

function text(status: WitnessAnswer['status'], words: string): WitnessAnswer {
  return { status, contentType: plainText, body: utf8Encode(`${words}\n`) }
}

function knownSize(size: number): WitnessAnswer {
  return { status: 409, contentType: 'text/x.tlog.size', body: encodeKnownSize(size) }
}
