// The log's side of C2SP tlog-witness: it shows its checkpoints to cosigners. It promises to take
// nothing for a cosignature that does not verify, and to tell a cosigner that is behind from one
// that knows more than we do: the second means that this log has lost a part of itself.
import type { Bytes } from '#base/bytes'
import { encodeAddCheckpoint, isSignedUnder, parseCosignatureLines } from '#ledger/prove'
import { parseKnownSize, parseSignedCheckpoint, verifyCosignature } from '#ledger/prove'
import type { AddCheckpoint, NoteKey, NoteSignature, SignedCheckpoint } from '#ledger/prove'
import type { HttpClient } from './client.ts'
import { Failure } from './failure.ts'
import { originHash } from './witness-records.ts'

/** A cosigner as the log is configured with it. */
export type WitnessAddress = {
  /** Prefix of its addresses, without a slash at the end. */
  readonly url: string
  readonly key: NoteKey
}

/** What became of a checkpoint that was shown. */
export type Shown =
  /** The cosigner's line, verified, with its time in Unix seconds. */
  | { readonly kind: 'cosigned'; readonly line: NoteSignature; readonly seconds: number }
  /** It knows this size, which is smaller than ours: show the growth from there. */
  | { readonly kind: 'behind'; readonly size: number }
  /** It knows a larger tree than the one that was shown. */
  | { readonly kind: 'ahead'; readonly size: number }
  /** It knows another tree of the same size. */
  | { readonly kind: 'contradicted'; readonly size: number }
  /** 400, 403, 404 or 422, or an answer that is none. */
  | { readonly kind: 'refused'; readonly status: number }

const answerBytesMax = 65_536

/** Shows a checkpoint once. Throws the failures of the client. */
export async function addCheckpoint(
  client: HttpClient,
  witness: WitnessAddress,
  request: AddCheckpoint,
): Promise<Shown> {
  const signed = parseSignedCheckpoint(request.note)
  if (signed === null) throw new Failure('transport/bad-answer', 'what is shown is no checkpoint')
  const { status, body } = await client.request({
    url: `${witness.url}/add-checkpoint`,
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: encodeAddCheckpoint(request),
    bytesMax: answerBytesMax,
    // Shown twice, it is cosigned twice or answered with the size of the first time.
    repeatable: true,
  })
  if (status === 200) return cosigned(witness.key, signed.note.text, body)
  const size = status === 409 ? parseKnownSize(body) : null
  if (size === null) return { kind: 'refused', status }
  if (size > signed.checkpoint.size) return { kind: 'ahead', size }
  if (size < signed.checkpoint.size) return { kind: 'behind', size }
  // Told its own size back although it was shown: then the roots differ.
  const kind = request.oldSize === size ? 'contradicted' : 'behind'
  return { kind, size }
}

function cosigned(key: NoteKey, text: string, body: Bytes): Shown {
  for (const line of parseCosignatureLines(body) ?? []) {
    if (!isSignedUnder(key, line)) continue
    const seconds = verifyCosignature(key, text, line.signature)
    if (seconds !== null) return { kind: 'cosigned', line, seconds }
  }
  return { kind: 'refused', status: 200 }
}

/** What is shown, and how to prove growth to it from wherever the cosigner stands. */
export type Showing = {
  /** The signed checkpoint. */
  readonly note: Bytes
  readonly size: number
  /** The size at which the cosigner is believed to stand; 0 when nothing is known. */
  readonly oldSize: number
  /** Consistency path between two of our sizes; null when we do not have the older. */
  readonly prove: (from: number, to: number) => readonly Bytes[] | null
}

/** Showings of one checkpoint: another log's node may move the cosigner in between. */
const roundsMax = 4

/** Shows a checkpoint until the cosigner has it or says why not. */
export async function showCheckpoint(
  client: HttpClient,
  witness: WitnessAddress,
  showing: Showing,
): Promise<Shown> {
  const { note, size, prove } = showing
  let oldSize = Math.min(showing.oldSize, size)
  for (let round = 1; ; round += 1) {
    const path = prove(oldSize, size)
    if (path === null) return { kind: 'behind', size: oldSize }
    const shown = await addCheckpoint(client, witness, { oldSize, path, note })
    if (shown.kind !== 'behind' || round === roundsMax) return shown
    oldSize = shown.size
  }
}

/** The newest checkpoint of a log that one cosigner has cosigned; as `latestUnder`. */
export function latestOf(
  client: HttpClient,
  { url, key }: WitnessAddress,
  origin: string,
): Promise<SignedCheckpoint | null> {
  return latestUnder(client, { url, keys: [key], origin })
}

/** A question for the newest checkpoint, and the keys of which any one may have cosigned it. */
export type LatestQuestion = {
  /** Prefix of the cosigner's addresses, without a slash at the end. */
  readonly url: string
  readonly keys: readonly NoteKey[]
  /** Of the log. */
  readonly origin: string
  readonly signal?: AbortSignal
}

/**
 * The newest checkpoint of a log that a cosigner has cosigned; null when it has none. A node asks
 * this before it signs again (protocol.md §9). Throws `transport/bad-answer` for an answer that
 * the cosigner did not sign, so that nobody else can stop the node by naming a size.
 */
export async function latestUnder(
  client: HttpClient,
  question: LatestQuestion,
): Promise<SignedCheckpoint | null> {
  const { keys, origin, signal } = question
  const { status, body } = await client.request({
    url: `${question.url}/${originHash(origin)}/checkpoint`,
    bytesMax: answerBytesMax,
    ...(signal === undefined ? {} : { signal }),
  })
  if (status === 404) return null
  const signed = status === 200 ? parseSignedCheckpoint(body) : null
  if (signed === null || signed.checkpoint.origin !== origin) {
    throw new Failure('transport/bad-answer', `status ${status}`, { status })
  }
  const { text, signatures } = signed.note
  const cosigned = signatures.some((line) =>
    keys.some(
      (key) => isSignedUnder(key, line) && verifyCosignature(key, text, line.signature) !== null,
    ),
  )
  if (cosigned) return signed
  throw new Failure('transport/bad-answer', 'the cosigner did not sign its answer')
}
