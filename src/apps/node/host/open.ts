// Opening a ledger directory: stores as of the newest sound snapshot, then the journal's frames
// after it, then the engine on top. A directory without a journal begins with a genesis.
import { assert } from '#base/assert'
import type { Bytes } from '#base/bytes'
import type { Value } from '#ledger/command'
import type { Applied, Domain, RecordStore } from '#ledger/apply'
import { checkpointMsDefault, commandTypes, emptyHead, Machine } from '#ledger/apply'
import type { Head } from '#ledger/order'
import { Frontier, Maps } from '#ledger/prove'
import type { Clock, Verifier } from '#adapters/consensus'
import { EmbeddedEngine, Signing, systemClock } from '#adapters/consensus'
import type { Disk, JournalMark, Stores } from '#adapters/storage'
import { journalStart, openStores } from '#adapters/storage'
import { maySign } from '#apps/node/restore'
import type { Derived } from './catch-up.ts'
import { catchUp } from './catch-up.ts'
import type { CheckpointSigner, HostNote } from './ledger-host.ts'
import { LedgerHost } from './ledger-host.ts'
import { Registry } from './registry.ts'
import { readHead } from './snapshot-head.ts'

/** What a ledger begins with. */
export type Genesis = {
  /** Parameters of the domains; the founders' members, keys and thresholds. */
  readonly params: Value
  /** Ledger time of the first block in milliseconds. */
  readonly time: number
}

export type HostOptions = {
  readonly disk: Disk
  readonly ledger: string
  readonly domains: readonly Domain[]
  /** 32 bytes; see `codeVersion`. */
  readonly code: Bytes
  /** 32 random bits for the hash tables of this process. */
  readonly seed: number
  readonly verifier: Verifier
  readonly signer: CheckpointSigner | null
  /** Needed by a directory that has no journal yet. */
  readonly genesis?: Genesis
  /** A practice ledger confirms its own clock and says so. */
  readonly practice?: boolean
  readonly checkpointMs?: number
  readonly clock?: Clock
  /** Entries between snapshots. */
  readonly snapshotEvery?: number
  readonly segmentBytes?: number
  /** Without an engine the host only reads. */
  readonly readOnly?: boolean
  readonly report?: (note: HostNote) => void
  /** Called with entries caught up and to catch up, for a start that takes long. */
  readonly progress?: (done: number, of: number) => void
}

const snapshotEveryDefault = 100_000

/** Opens (or begins) the ledger in a directory. Throws `Failure`. */
export function openHost(options: HostOptions): LedgerHost {
  const stores = openStores(options.disk, {
    seed: options.seed,
    ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }),
  })
  const { derived, head } = derive(options, stores)
  const report = options.report ?? (() => undefined)
  const clock = options.clock ?? systemClock
  const records = recordsOf(derived)
  const signing = new Signing(options.verifier, records)
  const checkpointMs = options.checkpointMs ?? checkpointMsDefault
  const machine = new Machine({
    ledger: options.ledger,
    code: options.code,
    domains: options.domains,
    records,
    window: stores.seen,
    maps: derived.maps,
    documents: (hash) => stores.documents.get(hash),
    signatures: signing,
    head,
    checkpointMs,
  })
  const snapshotEvery = options.snapshotEvery ?? snapshotEveryDefault
  const { ledger, signer } = options
  const host = new LedgerHost({
    ledger,
    machine,
    derived,
    clock,
    signer,
    maySign: maySign(options.disk, records),
    snapshotEvery,
    report,
  })
  if (head.height === 0) begin(options, machine, host, stores)
  if (options.readOnly === true) return host
  host.attach(
    new EmbeddedEngine({
      machine,
      records,
      journal: stores.journal,
      signing,
      clock,
      checkpointMs,
      practice: options.practice === true,
      applied: (applied) => host.applied(applied),
      durable: (applied) => host.durable(applied),
      failed: (failure) => host.failed(failure),
      jumped: (reason) => report({ level: 'warn', event: 'clock-jumped', reason }),
    }),
  )
  return host
}

/** The stores with everything that follows the journal, up to its durable end. */
export function derive(
  options: Pick<HostOptions, 'domains' | 'progress'>,
  stores: Stores,
): { readonly derived: Derived; readonly head: Head } {
  const start = stores.from === null ? null : readHead(stores.from)
  const derived: Derived = {
    stores,
    maps: start?.maps ?? new Maps(),
    mapRules: options.domains.flatMap((domain) => domain.maps ?? []),
    registry: new Registry(),
    frontier: start?.frontier ?? new Frontier(),
    types: commandTypes(options.domains),
  }
  for (const [key] of stores.state.records()) {
    if (key.startsWith('members/')) derived.registry.change(key, stores.state.get(key))
  }
  let head = start?.head ?? emptyHead
  const mark: JournalMark = stores.from?.mark ?? journalStart
  const of = stores.journal.durable.height
  for (const read of stores.journal.frames(mark)) {
    head = catchUp(derived, head, read)
    options.progress?.(head.height, of)
  }
  assert(head.height === of, 'every durable frame was caught up')
  return { derived, head }
}

/** The records as the machine writes them: state and registry move together. */
function recordsOf(derived: Derived): RecordStore {
  const { state } = derived.stores
  return {
    get: (key) => state.get(key),
    apply: (key, text) => {
      state.apply(key, text)
      if (key.startsWith('members/')) derived.registry.change(key, state.get(key))
    },
  }
}

/** Writes block 1. If we crash before its sync returns, the directory still has no ledger. */
function begin(options: HostOptions, machine: Machine, host: LedgerHost, stores: Stores): void {
  assert(options.genesis !== undefined, 'a directory without a ledger begins with a genesis')
  const applied: Applied = machine.genesis(options.genesis.params, options.genesis.time)
  stores.journal.append(applied.frame)
  stores.journal.syncNow()
  host.applied(applied)
  machine.confirm(applied)
  host.durable(applied)
}
