// Bringing derived stores up to the journal. Frames that a snapshot does not hold are read back and
// their recorded writes applied; no domain code runs, so what was once decided stays decided
// (invariant L5). It serves every start and every rebuild.
import { equal, latin1Decode } from '#base/bytes'
import { assert } from '#base/assert'
import { encodeCanonical } from '#base/canonical'
import type { Value } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Frame, MapRule } from '#ledger/apply'
import { decodeEntry, decodeFrame, decodeWrites, documentsOf, idsOf } from '#ledger/apply'
import { mapNameOf, nextDigest } from '#ledger/apply'
import type { Head } from '#ledger/order'
import type { Frontier, Maps } from '#ledger/prove'
import { leafHash } from '#ledger/prove'
import { namedIn, signedIntentOf } from '#ledger/read'
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
  takeIds(derived, frame)
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

function takeIds(derived: Derived, frame: Frame): void {
  for (const used of idsOf(frame, derived.stores.state)) {
    if (used.notAfter >= frame.time) derived.stores.seen.add(used.member, used.id, used.notAfter)
    derived.stores.receipts.add(used.member, used.id, used.entry)
  }
  derived.stores.seen.expire(frame.time)
}

function takeEntries(derived: Derived, frame: Frame, read: JournalFrame): void {
  const leaves = frame.entries.map((entry) => leafHash(entry))
  derived.stores.entries.add(read.mark, frame, leaves)
  for (const leaf of leaves) derived.frontier.append(leaf, derived.stores.tiles.node)
  let envelope: string | undefined
  for (const [i, bytes] of frame.entries.entries()) {
    const text = latin1Decode(bytes)
    const entry = decodeEntry(text)
    assert(!isRefusal(entry), 'an entry of our own journal decodes')
    if (entry.kind === 'envelope') envelope = text
    if (!('result' in entry)) continue
    takeNames(derived, frame.firstEntry + i, { text, envelope, outcome: entry.result.o })
  }
}

type Named = {
  readonly text: string
  readonly envelope: string | undefined
  readonly outcome: Value | undefined
}

function takeNames(derived: Derived, index: number, { text, envelope, outcome }: Named): void {
  const signed = signedIntentOf(text, envelope)
  assert(signed !== null, 'an entry with a result carries an intent')
  const member = derived.registry.memberOf(signed.kid)
  assert(member !== undefined, 'the key of an applied command is registered')
  const type = derived.types.get(signed.intent.type)
  for (const named of namedIn(member, signed.intent, outcome, type)) {
    derived.stores.members.add(named, index)
  }
}
