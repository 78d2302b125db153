// A member at work: its view of the ledger, its vault, its ways to others. All rooms of a
// department act through this.
import type { LedgerPort } from '#apps/node/ledger-port'
import type { Report, Vault, Ways } from './ports.ts'

/** A clock with timers, in Unix milliseconds. */
export type Clock = {
  wallMs(): number
  /** Calls once after so many milliseconds; the result forgets it. */
  after(ms: number, call: () => void): () => void
}

/** One member's node as casework needs it. */
export type Me = {
  readonly port: LedgerPort
  readonly vault: Vault
  readonly ways: Ways
  readonly report: Report
  readonly clock: Clock
}
