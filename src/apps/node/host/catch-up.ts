// Bringing derived stores up to the journal. Frames that a snapshot does not hold are read back and
// their recorded writes applied; no domain code runs, so what was once decided stays decided
// (invariant L5). It serves every start and every rebuild.
import { equal, latin1Decode } from '#base/bytes'
import { assert } from '#base/assert'
import { encodeCanonical } from '#base/canonical'
import type { Value } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Frame, MapRule } from '#ledger/apply'
import { decodeEntry, decodeFrame, decodeWrites, documentsOf } from '#ledger/apply'
import { mapNameOf, nextDigest } from '#ledger/apply'
import type { Head } from '#ledger/order'
import type { Frontier, Maps } from '#ledger/prove'
import { leafHash } from '#ledger/prove'
import { envelopeKidIn, namedIn, signedIntentUnder } from '#ledger/read'
import type { SignedIntent } from '#ledger/read'
import type { JournalFrame, Stores } from '#adapters/storage'
import { Failure } from '#adapters/storage'
import type { Registry } from './registry.ts'

/** Everything that follows the journal. */
export type Derived = {
  readonly stores: Stores
  readonly maps: Maps
  readonly mapRules: readonly MapRule[]
  readonly registry: Registry
  readonly frontier: Frontier
  readonly types: ReadonlyMap<string, CommandType>
}

/** One changed record: the canonical text, or null when it was removed. */
export type Change = readonly [key: string, text: string | null]

/** Applies changed records to state, maps and registry. */
export function applyChanges(derived: Derived, changes: Iterable<Change>): void {
  for (const [key, text] of changes) {
    derived.stores.state.apply(key, text)
    const map = mapNameOf(derived.mapRules, key)
    if (map !== null) derived.maps.change(map, key, text)
    if (key.startsWith('members/')) derived.registry.change(key, derived.stores.state.get(key))
  }
}

/**
 * Takes one durable frame of the journal into all derived stores and gives the head after it.
 * Throws `Failure` `storage/journal-corrupt` when the frame contradicts the head.
 */
export function catchUp(derived: Derived, head: Head, read: JournalFrame): Head {
  const frame = decodeFrame(read.bytes, head.frameHash)
  if (isRefusal(frame)) throw corrupt(head)
  const stateDigest = nextDigest(head.stateDigest, frame.writes)
  if (!equal(stateDigest, frame.stateDigest) || frame.firstEntry !== head.size) throw corrupt(head)
  // The roots in a frame are those before its own writes.
  if (holdsRoots(frame)) derived.maps.roots()
  applyChanges(derived, changesOf(frame, head))
  takeEntries(derived, frame, read)
  for (const [hash, bytes] of documentsOf(frame)) derived.stores.documents.put(hash, bytes)
  return {
    height: frame.height,
    time: frame.time,
    size: frame.firstEntry + frame.entries.length,
    stateDigest,
    frameHash: frame.hash.slice(),
  }
}

function corrupt(head: Head): Failure {
  return new Failure('storage/journal-corrupt', true, `after height ${head.height}`)
}

function* changesOf(frame: Frame, head: Head): Generator<Change> {
  for (const text of frame.writes) {
    const writes = decodeWrites(text)
    if (writes === null) throw corrupt(head)
    for (const [key, value] of writes) yield [key, value === null ? null : encodeCanonical(value)]
  }
}

function holdsRoots(frame: Frame): boolean {
  const last = frame.entries.at(-1)
  return last !== undefined && latin1Decode(last).includes('"c":null,"s":{"height":')
}

/** Takes the entries into log, receipts, window and indexes; each is decoded once. */
function takeEntries(derived: Derived, frame: Frame, read: JournalFrame): void {
  const { stores, frontier } = derived
  const leaves = frame.entries.map((entry) => leafHash(entry))
  stores.entries.add(read.mark, frame, leaves)
  for (const leaf of leaves) frontier.append(leaf, stores.tiles.node)
  let envelopeKid: string | null = null
  for (const [i, bytes] of frame.entries.entries()) {
    const entry = decodeEntry(latin1Decode(bytes))
    assert(!isRefusal(entry), 'an entry of our own journal decodes')
    if (entry.kind === 'envelope') envelopeKid = envelopeKidIn(entry)
    if (!('result' in entry)) continue
    const signed = signedIntentUnder(entry, envelopeKid)
    assert(signed !== null, 'an entry with a result carries an intent')
    takeIntent(derived, signed, {
      index: frame.firstEntry + i,
      time: frame.time,
      outcome: entry.result.o,
    })
  }
  stores.seen.expire(frame.time)
}

type Place = {
  readonly index: number
  /** Ledger time in milliseconds. */
  readonly time: number
  readonly outcome: Value | undefined
}

function takeIntent(derived: Derived, { intent, kid }: SignedIntent, place: Place): void {
  const { stores, registry, types } = derived
  const { index, time, outcome } = place
  // A key never changes its member, so the newest registry names the one of then.
  const member = registry.memberOf(kid)
  assert(member !== undefined, 'the key of an applied command is registered')
  if (intent.notAfter >= time) stores.seen.add(member, intent.id, intent.notAfter)
  stores.receipts.add(member, intent.id, index)
  for (const named of namedIn(member, intent, outcome, types.get(intent.type))) {
    stores.members.add(named, index)
  }
}
