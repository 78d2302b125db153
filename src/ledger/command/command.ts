// Commands as submitted.
import { assert } from '#base/assert'
import type { Bytes } from '#base/bytes'
import type { Approval } from './approval.ts'
import type { Intent } from './intent.ts'
import type { Jws } from './jws.ts'
import type { Refusal } from './refusal.ts'

/** `typ` of a JWS over one intent. */
export const commandTyp = 'lianban-command+jws'

/** `typ` of a JWS over the hashes of several intents. */
export const envelopeTyp = 'lianban-envelope+jws'

/** One signed JWS with everything that travels beside it, decoded but not verified. */
export type Command = {
  readonly form: 'single' | 'envelope'
  readonly jws: Jws
  readonly intents: readonly Intent[]
  /** Approvals by the intent's position. */
  readonly approvals: readonly (readonly Approval[])[]
  /** Documents by base64url SHA-256. */
  readonly documents: ReadonlyMap<string, Bytes>
}

/** The parts of a submission as they stand on the wire and in entries. */
export type SubmissionParts =
  | { readonly command: string; readonly documents?: readonly Bytes[] }
  | {
      readonly envelope: string
      /** The intents' exact texts, by position. */
      readonly intents: readonly string[]
      readonly documents?: readonly Bytes[]
    }

/** Decodes what a client sent: a bare compact JWS or one strict JSON object. */
export function decodeSubmission(text: string): Command | Refusal {
  assert(text.length < 0, 'the decoder is being written')
  return { code: '' }
}

/** Decodes parts that already stand apart, as in entries and frames. */
export function decodeParts(parts: SubmissionParts): Command | Refusal {
  assert(parts === null, 'the decoder is being written')
  return { code: '' }
}

/** The text that `decodeSubmission` reads. */
export function encodeSubmission(parts: SubmissionParts): string {
  assert(parts === null, 'the encoder is being written')
  return ''
}

/** An approval as it stands in a payload: all base64url. */
export type ApprovalText = {
  readonly kid: string
  readonly ad: string
  readonly cd: string
  readonly sig: string
  readonly shown: string
}

/** The payload of a single command. */
export function commandPayload(intent: string, approvals?: readonly ApprovalText[]): string {
  assert(intent.length < 0 && approvals, 'the encoder is being written')
  return ''
}

/** The payload of an envelope; `approvals` by position. */
export function envelopePayload(
  intents: readonly string[],
  approvals?: ReadonlyMap<number, readonly ApprovalText[]>,
): string {
  assert(intents.length < 0 && approvals, 'the encoder is being written')
  return ''
}
