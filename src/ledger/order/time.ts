// The time of a block and the jump guard. Deadlines change rights, so one wrong clock must not be
// able to lock a year into the ledger: a jump stops the cutting of blocks until people confirm the
// time by a recorded command.

/** What clocks and ledger say. Wall and ledger time are Unix milliseconds; monotonic any origin. */
export type Clocks = {
  readonly wallMs: number
  readonly monotonicMs: number
  /** Readings at the last cut block of this process; null before the first. */
  readonly last: { readonly wallMs: number; readonly monotonicMs: number } | null
  /** Time of the last block on the ledger. */
  readonly ledgerMs: number
}

/** A time to cut with, or the reason why `time.confirm` is needed first. */
export type BlockTime =
  | { readonly time: number }
  | { readonly confirm: 'clock-stepped' | 'clock-ahead' | 'clock-behind' }

/** Wall time may drift from the monotonic clock by this much since the last block. */
export const stepMsMax: number = 60_000
/** Wall time may run ahead of the last block by this much. */
export const aheadMsMax: number = 2 * 60 * 60 * 1000
/** An idle ledger cuts an empty block at least this often. */
export const idleMsMax: number = 60 * 60 * 1000

/** Ledger time never goes back: a wall clock slightly behind gives the last block's time again. */
export function blockTime(clocks: Clocks): BlockTime {
  const { wallMs, ledgerMs, last } = clocks
  if (wallMs > ledgerMs + aheadMsMax) return { confirm: 'clock-ahead' }
  if (wallMs < ledgerMs - stepMsMax) return { confirm: 'clock-behind' }
  if (last !== null) {
    const drift = wallMs - last.wallMs - (clocks.monotonicMs - last.monotonicMs)
    if (drift > stepMsMax || drift < -stepMsMax) return { confirm: 'clock-stepped' }
  }
  return { time: wallMs > ledgerMs ? wallMs : ledgerMs }
}
