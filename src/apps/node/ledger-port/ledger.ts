// What a port stands over: a host of the same process, or a copy of a ledger that runs elsewhere.
// Everything read through it is durable on the ledger; a copy may be behind, never ahead.
import type { Bytes } from '#base/bytes'
import type { Command, Refusal, Value } from '#ledger/command'
import type { CommandType, Frame } from '#ledger/apply'
import type { Head } from '#ledger/order'
import type { Receipt } from '#ledger/read'

/** The answer to one intent of a command. */
export type LedgerAnswer = { readonly receipt: Receipt } | { readonly refused: Refusal }

/** A ledger for ports: `LedgerHost` has this shape, and `RemoteLedger` of `ledger-copy`. */
export type PortLedger = {
  readonly ledger: string
  readonly types: ReadonlyMap<string, CommandType>
  readonly registry: { memberOf(kid: string): string | undefined }
  readonly proofs: {
    proofFile(index: number): Bytes | null
    frame(height: number): Frame
  }
  head(): Head
  record(key: string): Value | undefined
  receipt(member: string, id: string): Receipt | null
  entry(index: number): string
  document(hash: string): Bytes | undefined
  subscribe(listener: (head: Head) => void): () => void
  /** One answer an intent, once it is durable and can be read here. */
  submit(command: Command): Promise<readonly LedgerAnswer[]>
  /**
   * Where reading is behind: resolves when a receipt that the ledger has under this id can be read
   * here, or when it has none. Absent where nothing is behind.
   */
  heard?(member: string, id: string): Promise<void>
}
