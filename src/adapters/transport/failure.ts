// Failures of the transport room: what networks and peers do. What a peer is refused for is a
// refusal, a value; what keeps us from getting an answer is a failure, thrown.

/** Every code that this room throws, each with its meaning. */
export const transportFailures = [
  ['transport/egress-refused', 'the address is not among the origins that were configured'],
  ['transport/unreachable', 'no connection, or the connection broke before the answer ended'],
  ['transport/timeout', 'the answer did not come, or did not go on, within its time'],
  ['transport/oversized-answer', 'the answer is longer than was asked for'],
  ['transport/redirected', 'the peer sent us elsewhere, where we do not go'],
  ['transport/peer-refused', 'the peer is not who it should be'],
  ['transport/bad-answer', 'the answer has not the form that was asked for'],
  ['transport/bad-status', 'the peer answered a stream with a status that ends it'],
  ['transport/cancelled', 'the caller no longer waits'],
  ['transport/bad-key', 'the key is none for transport: not P-256, or not private'],
  ['transport/record-corrupt', 'what a cosigner remembers of a log is damaged'],
  ['transport/record-not-written', 'what a cosigner remembers of a log could not be written'],
] as const

/** A code of a thrown failure. */
export type TransportCode = (typeof transportFailures)[number][0]

/** What keeps us from an answer. `fatal`: what is on disk cannot be believed or extended. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: TransportCode
  readonly fatal: boolean
  /** The refusal behind `transport/peer-refused`, where there is one. */
  readonly refusal: string | null

  constructor(code: TransportCode, detail: string, cause?: unknown) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.fatal = code === 'transport/record-corrupt' || code === 'transport/record-not-written'
    this.refusal = code === 'transport/peer-refused' ? detail : null
  }
}

/** The system's own code of an error (`ECONNREFUSED`), for the message of a failure. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code ?? 'unknown'
}
