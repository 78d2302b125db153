// A member at work: its view of the ledger, its vault, its ways to others. All rooms of a
// department act through this.
import type { Json } from '#base/canonical'
import type { Needed } from '#blueprint/judge'
import type { LedgerPort } from '#apps/node/ledger-port'
import type { CaseNow } from './cases.ts'
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
  /** One-time tags of this use for the slots whose subject tags are known. */
  readonly tags: (now: CaseNow, needed: Needed) => Promise<{ readonly [slot: string]: Json }>
}
