// The seam between whatever orders commands and the state machine. An engine (embedded here, a BFT
// engine elsewhere) delivers blocks; it has no opinion about their content.
import type { Block } from './block.ts'

/** Where a state machine stands. Digests and hashes are 32 bytes. */
export type Head = {
  readonly height: number
  readonly time: number
  /** Number of entries in the log. */
  readonly size: number
  readonly stateDigest: Uint8Array
  /** Hash of the last frame of the journal. */
  readonly frameHash: Uint8Array
}

/**
 * Port: the state machine as an engine sees it. `deliver` computes and changes nothing: the same
 * block delivered again gives the same result. `confirm` is called once the result is durable and
 * makes it visible; a result that is never confirmed has never happened.
 */
export interface Application<Result> {
  head(): Head
  deliver(block: Block): Result
  confirm(result: Result): void
}
