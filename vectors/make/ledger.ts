// Cases for entries, frames, digests, checkpoints and replay: a small ledger told in
// ledger-story.ts, with every byte that follows from it, and bytes that must be refused.
import { Buffer } from 'node:buffer'
import { bodyOf, digestAfter, envelopeText, framed, intentText } from './ledger-bytes.ts'
import { singleText, systemText, writesText } from './ledger-bytes.ts'
import type { FrameParts, Place, Write } from './ledger-bytes.ts'
import { invalidEntries, invalidFrames, invalidHistories } from './ledger-invalid.ts'
import { begin, budgets, checkpointMs, genesisWrites, ledger, maps } from './ledger-story.ts'
import { params, story, types } from './ledger-story.ts'
import type { Fate, Planned, Sent } from './ledger-story.ts'
import { timeCases } from './ledger-time.ts'
import { b64u, canonical, checkpointText, leafOf, mapLeaf, mapRoot, sha } from './log-material.ts'
import { signer, treeRoot } from './log-material.ts'
import { bytesOf, hex } from './material.ts'
import { hash64 } from './signing.ts'

type Counter = { readonly hour: number; used: number; refused: number }
type Checkpoint = {
  readonly slot: number
  readonly size: number
  readonly height: number
  readonly covered: number
  readonly boundary: number
}
type MapRule = { readonly prefix: string; readonly map: string; readonly bySegment?: true }

export type Made = {
  readonly parts: FrameParts
  readonly previous: Buffer
  readonly frame: Buffer
  readonly hash: Buffer
  readonly checkpoint: number | null
  readonly covers: number | null
}

const code = bytesOf('ledger/code')
const log = signer(ledger, 1)
const hourMs = 3_600_000

/** The ledger as it grows; each method adds one block. */
class Story {
  readonly records: Map<string, unknown> = new Map()
  readonly named: Set<string> = new Set()
  readonly leaves: Buffer[] = []
  readonly made: Made[] = []
  #digest: Buffer = Buffer.alloc(32)
  #hash: Buffer = Buffer.alloc(32)
  #point: Checkpoint = { boundary: 0, covered: 0, height: 0, size: 0, slot: 0 }
  #roots: object = {}
  #entries: string[] = []
  #writes: string[] = []
  #counters: Map<string, Counter> = new Map()
  #hour = 0

  genesis(): void {
    const place = { height: 1, time: begin }
    this.#open(place)
    const w = hash64(writesText(genesisWrites))
    this.#add(systemText(place, { kind: 'genesis', ledger, params, w }), genesisWrites)
    this.#close(place, [])
  }

  block(planned: Planned): void {
    const place = { height: this.made.length + 1, time: planned.time }
    this.#open(place)
    for (const { system, writes } of planned.openings ?? []) {
      const w = writes.length === 0 ? {} : { w: hash64(writesText(writes)) }
      this.#add(systemText(place, { ...system, ...w }), writes)
    }
    for (const sent of planned.sent) this.#command(place, sent)
    this.#close(
      place,
      planned.sent.flatMap(({ documents }) => documents),
    )
  }

  #open({ time }: Place): void {
    this.#entries = []
    this.#writes = []
    this.#counters = new Map()
    this.#hour = Math.floor(time / hourMs)
  }

  #command(place: Place, sent: Sent): void {
    const admitted = sent.outcomes.flatMap((fate, position) =>
      'refused' in fate ? [] : [{ fate, position }],
    )
    if (admitted.length === 0) return
    if (sent.form === 'single') return this.#one(place, sent, admitted[0]!.fate)
    const entry = this.leaves.length
    this.#add(envelopeText(place, sent.jws), [])
    for (const { fate, position } of admitted) {
      const writes = this.#count(sent, position, fate)
      const intent = sent.intents[position]!
      const link = { entry, position }
      this.#add(intentText(place, { intent, link }, fate, writesText(writes)), writes)
    }
  }

  #one(place: Place, sent: Sent, fate: Exclude<Fate, { refused: string }>): void {
    const writes = this.#count(sent, 0, fate)
    this.#add(singleText(place, sent.jws, fate, writesText(writes)), writes)
  }

  /** Counts the intent against its budget and gives what it writes. */
  #count(sent: Sent, position: number, fate: Fate): readonly Write[] {
    const { type } = JSON.parse(sent.intents[position]!) as { readonly type: string }
    const key = `ledger/budget/${sent.member}/${budgets[type]!}`
    const kept = (this.#counters.get(key) ?? this.records.get(key)) as Counter | undefined
    const known = kept?.hour === this.#hour ? kept : { hour: this.#hour, used: 0, refused: 0 }
    const refused = known.refused + ('writes' in fate ? 0 : 1)
    this.#counters.set(key, { hour: this.#hour, used: known.used + 1, refused })
    return 'writes' in fate ? fate.writes : []
  }

  #add(text: string, writes: readonly Write[]): void {
    this.#entries.push(text)
    this.#writes.push(writesText(writes))
    this.leaves.push(leafOf(text))
    this.#keep(writes)
  }

  #keep(writes: readonly Write[]): void {
    for (const [key, value] of writes) {
      if (value === null) this.records.delete(key)
      else this.records.set(key, value)
      const map = mapOf(key)
      if (map !== undefined) this.named.add(map)
    }
  }

  #close(place: Place, documents: readonly Buffer[]): void {
    const own: Write[] = [...this.#counters]
    const firstEntry = this.leaves.length - this.#entries.length
    const checkpoint = this.#checkpoint(place, own)
    this.#writes.push(writesText(own))
    this.#keep(own)
    this.#digest = digestAfter(this.#digest, this.#writes)
    this.#roots = this.#mapRoots()
    const parts = {
      ...place,
      code,
      stateDigest: this.#digest,
      firstEntry,
      entries: this.#entries,
      writes: this.#writes,
      documents,
    }
    const frame = framed(bodyOf(parts), this.#hash)
    const previous = this.#hash
    this.#hash = frame.subarray(8, 40)
    const covers = checkpoint === null ? null : this.#point.covered
    this.made.push({ parts, previous, frame, hash: this.#hash, checkpoint, covers })
  }

  /** The size of the checkpoint that this block decides, or null; adds the block's own write. */
  #checkpoint({ height, time }: Place, own: Write[]): number | null {
    const slot = Math.floor(time / checkpointMs)
    const { boundary } = this.#point
    if (boundary !== 0) {
      const stateDigest = b64u(this.#digest)
      const system = { kind: 'map-root', height: boundary, stateDigest, roots: this.#roots }
      const before = this.#entries.length
      this.#add(systemText({ height, time }, system), [])
      const size = this.leaves.length
      const covered = before === 0 ? size : size - before - 1
      this.#point = { ...this.#point, size, height, covered, boundary: 0 }
    } else if (slot > this.#point.slot && this.leaves.length > this.#point.covered) {
      this.#point = { ...this.#point, slot, boundary: height }
    } else return null
    own.push(['ledger/checkpoint', this.#point])
    return boundary === 0 ? null : this.leaves.length
  }

  #mapRoots(): object {
    const names = [...this.named].toSorted()
    const leavesOf = (name: string): ReturnType<typeof mapLeaf>[] =>
      [...this.records]
        .filter(([key]) => mapOf(key) === name)
        .map(([key, value]) => mapLeaf(key, canonical(value)))
    return Object.fromEntries(names.map((name) => [name, b64u(mapRoot(leavesOf(name)))]))
  }
}

function mapOf(key: string): string | undefined {
  for (const { prefix, map, bySegment } of maps as readonly MapRule[]) {
    if (!key.startsWith(prefix)) continue
    return bySegment === true ? `${map}/${key.slice(prefix.length).split('/')[0]}` : map
  }
  return undefined
}

function blockJson(told: Story, made: Made, planned: Planned | undefined): object {
  const { parts, frame, hash, checkpoint, covers } = made
  const size = parts.firstEntry + parts.entries.length
  const text = checkpointText(ledger, told.leaves.slice(0, size))
  const point =
    checkpoint === null
      ? {}
      : { checkpoint: { size: checkpoint, covers, note: `${text}\n${log.line(text)}` } }
  return {
    claim: planned?.claim ?? 'the genesis',
    time: parts.time,
    openings: planned?.openings ?? [],
    submissions: (planned?.sent ?? []).map(({ claim, text: body, outcomes }) => ({
      claim,
      text: body,
      outcomes,
    })),
    frame: hex(frame),
    hash: hex(hash),
    stateDigest: hex(parts.stateDigest),
    firstEntry: parts.firstEntry,
    entries: parts.entries,
    leaves: parts.entries.map((entry) => hex(leafOf(entry))),
    writes: parts.writes,
    documents: parts.documents.map((bytes) => hex(sha(bytes))),
    size,
    root: hex(treeRoot(told.leaves.slice(0, size))),
    ...point,
  }
}

/** The golden ledger and the bytes that must be refused. */
export function ledgerFile(): object {
  const told = new Story()
  told.genesis()
  for (const planned of story) told.block(planned)
  const { made } = told
  return {
    context: { ledger, code: hex(code), checkpointMs, log: log.vkey, params },
    genesis: Object.fromEntries(genesisWrites),
    types,
    maps,
    blocks: made.map((each, index) => blockJson(told, each, story[index - 1])),
    records: Object.fromEntries([...told.records].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    times: timeCases(),
    invalid: {
      entries: invalidEntries(made),
      frames: invalidFrames(made),
      histories: invalidHistories(made),
    },
  }
}
