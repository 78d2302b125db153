// The ledger as one member's department and gateway see it: a durable view to read, one way to say
// something, and what happened since. It promises that nothing is seen before it is durable
// (invariant L4), and that whoever asks twice under one id is answered once.
import type { Bytes } from '#base/bytes'
import type { ApprovalText, Members, Refusal } from '#ledger/command'
import type { LedgerEvent, Receipt } from '#ledger/read'
import type { Reading } from '#ledger/validate'

/** Where the durable ledger stands. */
export type PortHead = {
  readonly height: number
  /** Entries; the next one has this index. */
  readonly size: number
  /** Ledger time in milliseconds. */
  readonly time: number
}

/** What may be said about a submission besides its body. */
export type SubmitOptions = {
  /**
   * 16 bytes, base64url; random when absent. Whoever chooses it may submit again after a crash:
   * under one id there is one entry, and every later call answers with it.
   */
  readonly id?: string
  /** Last block time of admission, in milliseconds; some minutes from now when absent. */
  readonly notAfter?: number
  /** Documents that the body names by hash, published with the command. */
  readonly documents?: readonly Bytes[]
  /** Officers' approvals of the intent: the caller has chosen `id` and `notAfter` then. */
  readonly approvals?: readonly ApprovalText[]
}

/**
 * A receipt is there only for what was applied with code `ok`. What was not admitted is `refused`
 * alone; what was applied with another code has its `entry` too, for it stands on the ledger.
 */
export type Submitted =
  | { readonly receipt: Receipt }
  | { readonly refused: Refusal; readonly entry?: number }

/** Port: one ledger for one member. Made by `openLedgerPort`. */
export type LedgerPort = {
  /** The log's origin. */
  readonly ledger: string
  /** Code of the member that speaks. */
  readonly member: string
  /** The durable state. */
  view(): Reading
  head(): PortHead
  /**
   * Says something as the member's node; resolves when the answer is durable. Refusals are values:
   * those of the ledger, and `node/missing-key`. Never rejects for what the ledger decides.
   */
  submit(type: string, body: Members, options?: SubmitOptions): Promise<Submitted>
  /** The receipt of this member under an id, whatever its code; null when there is none yet. */
  receipt(id: string): Receipt | null
  /** The event of a durable entry; asking past the head is a defect of the caller. */
  entry(index: number): LedgerEvent
  /** The bytes of a published document by base64url SHA-256. */
  document(hash: string): Bytes | undefined
  /** The `.tlog-proof` file of an entry; null before a checkpoint covers it. */
  proofFile(index: number): Bytes | null
  /**
   * Calls after new blocks are durable, not more than once a turn; the result ends it. Whoever was
   * called reads on by `entry` from where it stood, so nothing is missed and nothing comes twice.
   */
  subscribe(listener: (head: PortHead) => void): () => void
}
