// A ledger without commands, for tests of what is stored: frames with made-up entries and writes,
// taken into the stores as a node would, beside a model of plain maps that they must equal.
import assert from 'node:assert/strict'
import { base64urlEncode, latin1Decode, latin1Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { sha256 } from '#base/crypto'
import { decodeFrame, decodeWrites, encodeFrame, nextDigest } from '#ledger/apply'
import type { Frame } from '#ledger/apply'
import { isRefusal } from '#ledger/command'
import { Frontier, consistencyProof, inclusionProof, leafHash, openTiles } from '#ledger/prove'
import { verifyInclusion } from '#ledger/prove'
import type { JournalFrame, JournalMark, Stores } from '#adapters/storage'
import { journalStart } from '#adapters/storage'

/** One made-up act: an entry of a member under an id, and what it writes. */
export type Act = {
  readonly member: string
  readonly id: string
  readonly names: readonly string[]
  readonly writes: readonly (readonly [string, Json])[]
  readonly document?: string
}

const inTime = 60_000

function entryOf(act: Act): string {
  const { member, id, names } = act
  return encodeCanonical({ id, member, names })
}

/** The frame of a block of acts after a mark. Time is a second a block. */
export function frameOf(after: Head, acts: readonly Act[]): Bytes {
  const writes = [
    ...acts.map((act) => encodeCanonical(act.writes.toSorted(byKey))),
    encodeCanonical([['ledger/height', after.mark.height + 1]]),
  ]
  return encodeFrame(
    {
      height: after.mark.height + 1,
      time: (after.mark.height + 1) * 1000,
      code: new Uint8Array(32),
      stateDigest: nextDigest(after.digest, writes),
      firstEntry: after.size,
      entries: acts.map(entryOf),
      writes,
      documents: acts.flatMap(({ document }) =>
        document === undefined ? [] : [latin1Encode(document)],
      ),
    },
    after.mark.hash,
  )
}

function byKey(a: readonly [string, Json], b: readonly [string, Json]): number {
  return a[0] < b[0] ? -1 : 1
}

/** Where a stored ledger stands. */
export type Head = {
  readonly mark: JournalMark
  readonly digest: Bytes
  readonly size: number
  readonly frontier: Frontier
}

export function headOf(stores: Stores): Head {
  const held = stores.from
  if (held === null) {
    return { mark: journalStart, digest: new Uint8Array(32), size: 0, frontier: new Frontier() }
  }
  const { digest, frontier } = held.head as { digest: string; frontier: string }
  const restored = Frontier.restore(Uint8Array.from(Buffer.from(frontier, 'base64url')))
  assert.ok(restored)
  return {
    mark: held.mark,
    digest: Uint8Array.from(Buffer.from(digest, 'base64url')),
    size: restored.size,
    frontier: restored,
  }
}

export function headJson(head: Head): Json {
  return {
    digest: base64urlEncode(head.digest),
    frontier: base64urlEncode(head.frontier.serialise()),
  }
}

/** Takes a frame into all stores, as a node does after it is durable and while catching up. */
export function take(stores: Stores, head: Head, { mark, bytes }: JournalFrame): Head {
  const frame = decodeFrame(bytes, head.mark.hash)
  if (isRefusal(frame)) throw new Error(frame.code)
  for (const text of frame.writes) {
    for (const [key, value] of decodeWrites(text) ?? []) {
      stores.state.apply(key, value === null ? null : encodeCanonical(value as Json))
    }
  }
  const leaves = frame.entries.map((entry) => leafHash(entry))
  stores.entries.add(mark, frame, leaves)
  for (const leaf of leaves) head.frontier.append(leaf, stores.tiles.node)
  for (const [i, bytes_] of frame.entries.entries()) takeEntry(stores, frame, { bytes: bytes_, i })
  stores.seen.expire(frame.time)
  for (const document of frame.documents) {
    stores.documents.put(base64urlEncode(sha256(document)), document)
  }
  const size = head.size + leaves.length
  return { mark, digest: frame.stateDigest.slice(), size, frontier: head.frontier }
}

function takeEntry(stores: Stores, frame: Frame, at: { bytes: Bytes; i: number }): void {
  const act = JSON.parse(latin1Decode(at.bytes)) as Act
  const index = frame.firstEntry + at.i
  stores.seen.add(act.member, act.id, frame.time + inTime)
  stores.receipts.add(act.member, act.id, index)
  for (const name of act.names) stores.members.add(name, index)
}

/** Applies what the journal holds beyond the loaded snapshot. */
export function catchUp(stores: Stores): Head {
  let head = headOf(stores)
  for (const frame of stores.journal.frames(head.mark)) head = take(stores, head, frame)
  return head
}

/** Everything that was committed, in plain maps. */
export class Model {
  readonly acts: Act[] = []
  readonly frames: { readonly bytes: Bytes; readonly firstEntry: number }[] = []
  readonly records: Map<string, string> = new Map()
  readonly documents: string[] = []

  add(bytes: Bytes, acts: readonly Act[]): void {
    this.frames.push({ bytes, firstEntry: this.acts.length })
    for (const act of acts) {
      this.acts.push(act)
      for (const [key, value] of act.writes) {
        if (value === null) this.records.delete(key)
        else this.records.set(key, encodeCanonical(value))
      }
      if (act.document !== undefined) this.documents.push(act.document)
    }
    this.records.set('ledger/height', String(this.frames.length))
  }

  /** The first frames only: what is left when the rest never became durable. */
  static of(blocks: readonly (readonly [Bytes, readonly Act[]])[]): Model {
    const model = new Model()
    for (const [bytes, acts] of blocks) model.add(bytes, acts)
    return model
  }
}

/** Compares every answer of the stores with the model. */
export function mustEqual(stores: Stores, head: Head, model: Model): void {
  assert.equal(head.mark.height, model.frames.length)
  assert.equal(head.size, model.acts.length)
  assert.equal(stores.state.count, model.records.size)
  for (const [key, text] of model.records) assert.equal(stores.state.text(key), text)
  const entries = stores.entries.entries(0, head.size)
  const named = new Map<string, number[]>()
  const found = new Map<string, number>()
  for (const [index, act] of model.acts.entries()) {
    assert.equal(latin1Decode(entries[index] as Bytes), entryOf(act))
    found.set(`${act.member} ${act.id}`, index)
    for (const name of new Set(act.names)) named.set(name, [...(named.get(name) ?? []), index])
  }
  for (const [name, index] of found) {
    const [member = '', id = ''] = name.split(' ')
    assert.equal(stores.receipts.find(member, id), index)
    const height = stores.entries.heightOf(index)
    assert.equal(stores.seen.has(member, id), height * 1000 + inTime >= head.mark.height * 1000)
  }
  assert.equal(stores.receipts.find('ga', 'never'), undefined)
  for (const [name, indexes] of named) {
    assert.deepEqual(stores.members.entries(name, 0, 1e9), indexes)
    const later = indexes.filter((index) => index >= 3).slice(0, 2)
    assert.deepEqual(stores.members.entries(name, 3, 2), later)
  }
  for (const [i, { bytes, firstEntry }] of model.frames.entries()) {
    assert.equal(stores.entries.frameOf(i + 1).firstEntry, firstEntry)
    assert.deepEqual(Buffer.from(stores.entries.frame(i + 1)), Buffer.from(bytes))
  }
  for (const document of model.documents) {
    const bytes = latin1Encode(document)
    assert.deepEqual(stores.documents.get(base64urlEncode(sha256(bytes))), bytes)
  }
  provable(stores, head, entries)
}

/** Every entry can be proven out of the tiles, and every size is consistent with the last. */
function provable(stores: Stores, head: Head, entries: readonly Bytes[]): void {
  const { size } = head
  if (size === 0) return
  const root = head.frontier.root()
  const reader = openTiles({ source: stores.tiles, size, root })
  assert.ok(reader)
  for (let index = 0; index < size; index += 1 + (size >> 6)) {
    const path = inclusionProof(reader, index, size)
    assert.ok(path)
    const leaf = leafHash(entries[index] as Bytes)
    assert.ok(verifyInclusion({ leaf, index, size, path, root }))
    assert.ok(index === 0 || consistencyProof(reader, index, size))
  }
}
