// Cases for the time of a block: what the clocks say, and the time to cut with or why people must
// confirm it first. Limits are those of docs/protocol/ledger.md.
const ledgerMs = 1_800_000_000_000
const twoHours = 7_200_000
const minute = 60_000

type Clocks = {
  readonly wallMs: number
  readonly monotonicMs: number
  readonly last: { readonly wallMs: number; readonly monotonicMs: number } | null
  readonly ledgerMs: number
}

/** The wall clock so far from the last block, in a process that has cut none yet. */
const fresh = (ahead: number): Clocks => ({
  wallMs: ledgerMs + ahead,
  monotonicMs: 5,
  last: null,
  ledgerMs,
})

/** Both clocks since the last block of this process. */
const since = (wall: number, monotonic: number): Clocks => ({
  wallMs: ledgerMs + wall,
  monotonicMs: 1_000 + monotonic,
  last: { wallMs: ledgerMs, monotonicMs: 1_000 },
  ledgerMs,
})

export function timeCases(): object[] {
  const of = (claim: string, clocks: Clocks, verdict: object): object => ({
    claim,
    ...clocks,
    ...verdict,
  })
  const at = (ahead: number): object => ({ time: ledgerMs + ahead })
  return [
    of('a second later', fresh(1_000), at(1_000)),
    of('the same millisecond', fresh(0), at(0)),
    of('a minute behind: the last time again', fresh(-minute), at(0)),
    of('more than a minute behind', fresh(-minute - 1), { confirm: 'clock-behind' }),
    of('two hours ahead', fresh(twoHours), at(twoHours)),
    of('more than two hours ahead', fresh(twoHours + 1), { confirm: 'clock-ahead' }),
    of('both clocks an hour on', since(3_600_000, 3_600_000), at(3_600_000)),
    of('the wall a minute faster', since(minute + 10, 10), at(minute + 10)),
    of('the wall more than a minute faster', since(minute + 11, 10), { confirm: 'clock-stepped' }),
    of('the wall a minute slower', since(5, minute + 5), at(5)),
    of('the wall more than a minute slower', since(4, minute + 5), { confirm: 'clock-stepped' }),
    of('far ahead and stepped: ahead is said', since(twoHours + 1, 10), { confirm: 'clock-ahead' }),
  ]
}
