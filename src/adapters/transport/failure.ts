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
  ['transport/record-not-read', 'what a cosigner remembers of a log could not be read'],
  ['transport/record-not-written', 'what a cosigner remembers of a log could not be written'],
] as const

/** A code of a thrown failure. */
export type TransportCode = (typeof transportFailures)[number][0]

/** What is known about a failure besides its code. */
export type FailureFacts = {
  readonly cause?: unknown
  /** HTTP status of the answer that ended it. */
  readonly status?: number
  /** Refusal code: why we refused the peer, or why the peer refused us. */
  readonly refusal?: string
}

/** What keeps us from an answer. `fatal`: what is on disk cannot be believed or extended. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: TransportCode
  readonly fatal: boolean
  readonly status: number | null
  readonly refusal: string | null

  constructor(code: TransportCode, detail: string, facts: FailureFacts = {}) {
    super(`${code}: ${detail}`, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.fatal = code === 'transport/record-corrupt' || code === 'transport/record-not-written'
    this.status = facts.status ?? null
    this.refusal = facts.refusal ?? null
  }
}

/** The failure that an error of the system, of a stream or of our own stands for. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Failure) return cause
  return new Failure('transport/unreachable', systemCode(error), { cause: error })
}

/** The system's own code of an error (`ECONNREFUSED`), for the message of a failure. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code ?? 'unknown'
}
