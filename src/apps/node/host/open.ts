// Opening a ledger directory: stores as of the newest sound snapshot, then the journal's frames
// after it, then the engine on top. A directory without a journal begins with a genesis.
import { assert } from '#base/assert'
import { base64urlEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Value } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { Applied, Domain, RecordStore } from '#ledger/apply'
import { checkpointMsDefault, commandTypes, decodeEntry, emptyHead, Machine } from '#ledger/apply'
import type { Head } from '#ledger/order'
import { Frontier, Maps } from '#ledger/prove'
import type { Clock, Verifier } from '#adapters/consensus'
import { EmbeddedEngine, Signing, systemClock } from '#adapters/consensus'
import type { Disk, JournalMark, Stores } from '#adapters/storage'
import { Failure, journalStart, openStores } from '#adapters/storage'
import { codeAt } from '#domains/members'
import { heldBy, maySign } from '#apps/node/restore'
import type { Hold } from '#apps/node/restore'
import type { Derived } from './catch-up.ts'
import { catchUp } from './catch-up.ts'
import { checkKept } from './checkpoints.ts'
import type { CheckpointSigner } from './checkpoints.ts'
import type { HostNote } from './ledger-host.ts'
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
  /**
   * Takes the directory for this process alone and gives what lets it go; throws a fatal
   * `storage/locked` while another process has it. A disk that nobody else can reach needs none.
   */
  readonly lock?: () => () => void
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
  /** What cosigners that were asked since the start keep from being signed; absent without any. */
  readonly cosigners?: () => Hold | null
  /** Without an engine the host only reads. */
  readonly readOnly?: boolean
  readonly report?: (note: HostNote) => void
  /** Called with entries caught up and to catch up, for a start that takes long. */
  readonly progress?: (done: number, of: number) => void
}

const snapshotEveryDefault = 100_000

/**
 * Opens (or begins) the ledger in a directory, alone. Throws `Failure`: of storage, or a fatal
 * `node/other-ledger`, `node/other-history` or `node/other-code`.
 */
export function openHost(options: HostOptions): LedgerHost {
  const unlock = options.lock?.() ?? (() => undefined)
  let stores: Stores | null = null
  try {
    stores = openStores(options.disk, {
      seed: options.seed,
      ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }),
    })
    return openEngine(options, stores, unlock)
  } catch (failure) {
    stores?.close()
    unlock()
    throw failure
  }
}

function openEngine(options: HostOptions, stores: Stores, unlock: () => void): LedgerHost {
  const parts = openOver(options, stores, unlock)
  const { machine, records, host, signing } = parts
  if (machine.head().height === 0) begin(options, machine, host, stores)
  if (options.readOnly === true) return host
  const stopsBefore = releaseRule(options, records)
  const stop = stopsBefore(machine.head().height + 1)
  if (stop !== null) throw stop
  host.attach(
    new EmbeddedEngine({
      machine,
      records,
      journal: stores.journal,
      signing,
      clock: options.clock ?? systemClock,
      checkpointMs: options.checkpointMs ?? checkpointMsDefault,
      practice: options.practice === true,
      applied: (applied) => host.applied(applied),
      durable: (applied) => host.durable(applied),
      failed: (failure) => host.failed(failure),
      jumped: (reason) => options.report?.({ level: 'warn', event: 'clock-jumped', reason }),
      stopsBefore,
    }),
  )
  return host
}

/** What stands over opened stores at the journal's end, under an engine or a follower. */
export type Opened = {
  readonly machine: Machine
  readonly records: RecordStore
  readonly signing: Signing
  /** Without an engine it only reads. */
  readonly host: LedgerHost
}

/**
 * Brings everything over opened stores up to the journal's end. Throws `Failure`: of storage, or a
 * fatal `node/other-ledger` or `node/other-history`.
 */
export function openOver(
  options: Omit<HostOptions, 'lock' | 'seed' | 'genesis' | 'practice' | 'readOnly'>,
  stores: Stores,
  unlock: () => void,
): Opened {
  const { derived, head } = derive(options, stores)
  const report = options.report ?? (() => undefined)
  for (const name of stores.damaged) report({ level: 'warn', event: 'snapshot-damaged', name })
  const records = recordsOf(derived)
  const signing = new Signing(options.verifier, records)
  const { ledger, signer, code } = options
  const machine = new Machine({
    ledger,
    code,
    domains: options.domains,
    records,
    window: stores.seen,
    maps: derived.maps,
    documents: (hash) => stores.documents.get(hash),
    signatures: signing,
    head,
    checkpointMs: options.checkpointMs ?? checkpointMsDefault,
  })
  const host = new LedgerHost({
    ledger,
    machine,
    derived,
    clock: options.clock ?? systemClock,
    signer,
    held: heldBy(maySign(options.disk, records), options.cosigners ?? null),
    snapshotEvery: options.snapshotEvery ?? snapshotEveryDefault,
    report,
    unlock,
  })
  if (head.height > 0) checkLedger(ledger, host)
  checkKept(ledger, derived, host.proofs)
  return { machine, records, signing, host }
}

/** Whoever asks for one ledger must not sign and admit for another. */
function checkLedger(ledger: string, host: LedgerHost): void {
  const first = decodeEntry(host.entry(0))
  assert(!isRefusal(first) && first.kind === 'system', 'a ledger begins with its genesis')
  if (first.system['ledger'] === ledger) return
  throw new Failure('node/other-ledger', true, ledger)
}

/**
 * The rule of code versions: from the height that members decided, blocks are cut by the release
 * that they named and by no other. A practice ledger goes on; its frames carry the new version, and
 * the operator is told once.
 */
function releaseRule(
  options: HostOptions,
  records: RecordStore,
): (height: number) => Failure | null {
  const own = base64urlEncode(options.code)
  let told: string | null = null
  return (height) => {
    const asked = codeAt(records, height)
    if (asked === undefined || asked === own) return null
    if (options.practice !== true) return new Failure('node/other-code', true, `height ${height}`)
    if (told !== asked) {
      options.report?.({ level: 'info', event: 'code-changed', height, asked, own })
    }
    told = asked
    return null
  }
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
  for (const key of stores.state.keysUnder('members/')) {
    derived.registry.change(key, stores.state.get(key))
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
