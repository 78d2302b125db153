// Events as they become durable (server-sent events, WHATWG HTML §9.2). An event has the index of
// its entry as its id, and a reader says after which it goes on: events are read out of the log
// each time, so none is missing and none comes twice, whenever the connection broke. A reader that
// is slow is waited for; it costs a place in the log and no memory.
import { latin1Decode } from '#base/bytes'
import { assert } from '#base/assert'
import { isRefusal } from '#ledger/command'
import { decodeEntry } from '#ledger/apply'
import { envelopeOf, eventOf } from '#ledger/read'
import { answerProblem } from './answer.ts'
import { knownCaller, readsAll } from './callers.ts'
import { countOf, parseCount, queryOf } from './parameters.ts'
import type { Ask, Bounds, Served, ServedHost } from './served.ts'

type FrameEvents = { readonly firstEntry: number; readonly texts: readonly string[] }

/** Frames whose events are kept, because readers stand close together. */
const framesKept = 4
/** Events that one reader is given in one turn. */
const turnMax = 256
/** Entries that a participant's cursor looks ahead. */
const namedAhead = 64

/** The events of one ledger, and who reads them. */
export class Feed {
  readonly #host: ServedHost
  readonly #bounds: Bounds
  readonly #frames: Map<number, FrameEvents> = new Map()
  readonly #readers: Set<EventStream> = new Set()
  #leave: (() => void) | null = null
  #timer: NodeJS.Timeout | null = null
  #soon = false

  constructor(host: ServedHost, bounds: Bounds) {
    this.#host = host
    this.#bounds = bounds
  }

  /** Open streams. */
  get readers(): number {
    return this.#readers.size
  }

  add(stream: EventStream): void {
    this.#readers.add(stream)
    // Called while a block is being confirmed: reading waits for its answers to leave first.
    this.#leave ??= this.#host.subscribe(() => this.#wake())
    this.#timer ??= setInterval(() => {
      for (const reader of this.#readers) reader.beat(this.#bounds.stalledMs)
    }, this.#bounds.heartbeatMs).unref()
  }

  remove(stream: EventStream): void {
    if (!this.#readers.delete(stream) || this.#readers.size > 0) return
    this.#leave?.()
    this.#leave = null
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** The text of the event of an entry, ready to send. */
  textOf(index: number): string {
    const entry = decodeEntry(this.#host.entry(index))
    assert(!isRefusal(entry), 'an entry of the log decodes')
    const { firstEntry, texts } = this.#eventsOf(entry.h)
    const text = texts[index - firstEntry]
    assert(text !== undefined, 'a frame has an event for each of its entries')
    return text
  }

  /** The events from an entry to the end of its frame. */
  restOfFrame(index: number): readonly string[] {
    for (const { firstEntry, texts } of this.#frames.values()) {
      if (index >= firstEntry && index < firstEntry + texts.length) {
        return texts.slice(index - firstEntry)
      }
    }
    const entry = decodeEntry(this.#host.entry(index))
    assert(!isRefusal(entry), 'an entry of the log decodes')
    const { firstEntry, texts } = this.#eventsOf(entry.h)
    return texts.slice(index - firstEntry)
  }

  #wake(): void {
    if (this.#soon) return
    this.#soon = true
    setImmediate(() => {
      this.#soon = false
      for (const reader of this.#readers) reader.pump()
    })
  }

  #eventsOf(height: number): FrameEvents {
    const known = this.#frames.get(height)
    if (known !== undefined) return known
    const frame = this.#host.proofs.frame(height)
    const entries = frame.entries.map((bytes) => latin1Decode(bytes))
    const texts = entries.map((text, at) => {
      // Only entries of an envelope's intents have this member, and no value holds a quote.
      const link = text.includes('"i":"') ? envelopeOf(text) : null
      const envelope = link === null ? undefined : entries[link.entry - frame.firstEntry]
      const event = eventOf({
        text,
        index: frame.firstEntry + at,
        writes: frame.writes[at] ?? '',
        ...(envelope === undefined ? {} : { envelope }),
        memberOf: (kid) => this.#host.registry.memberOf(kid),
        types: this.#host.types,
      })
      return `id: ${event.entry}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`
    })
    const events = { firstEntry: frame.firstEntry, texts }
    for (const oldest of this.#frames.keys()) {
      if (this.#frames.size < framesKept) break
      this.#frames.delete(oldest)
    }
    this.#frames.set(height, events)
    return events
  }
}

const streamHead = [
  'Content-Type',
  'text/event-stream',
  'Cache-Control',
  'no-store',
  'X-Accel-Buffering',
  'no',
]

/** One reader of the feed. */
export class EventStream {
  readonly #ask: Ask
  readonly #feed: Feed
  /** The participant whose entries alone are sent; null for those who hold the ledger. */
  readonly #member: string | null
  #next: number
  #blockedSince: number | null = null
  #wrote = true
  #queued = false

  constructor(ask: Ask, feed: Feed, from: number, member: string | null) {
    this.#ask = ask
    this.#feed = feed
    this.#next = from
    this.#member = member
  }

  begin(): void {
    const { res, node } = this.#ask
    res.writeHead(200, streamHead)
    const end = (): void => void res.end()
    node.open.add(end)
    node.observer.streams(1)
    this.#feed.add(this)
    res.on('drain', () => {
      this.#blockedSince = null
      this.pump()
    })
    res.once('close', () => {
      node.open.delete(end)
      node.observer.streams(-1)
      this.#feed.remove(this)
    })
    res.write('retry: 1000\n\n')
    this.pump()
  }

  /** Sends what is durable and was not sent, as far as the reader takes it. */
  pump(): void {
    const { res, node } = this.#ask
    if (this.#queued || this.#blockedSince !== null || res.writableEnded || res.destroyed) return
    try {
      const more = this.#member === null ? this.#sendAll() : this.#sendNamed(this.#member)
      if (more) this.#goOn()
    } catch (failure) {
      node.observer.failed('events', failure)
      res.destroy()
    }
  }

  /** Keeps proxies from closing a quiet stream, and cuts a reader that takes nothing. */
  beat(stalledMs: number): void {
    const { res } = this.#ask
    if (this.#blockedSince !== null) {
      if (performance.now() - this.#blockedSince > stalledMs) res.destroy()
      return
    }
    if (!this.#wrote && !res.writableEnded) res.write(':\n\n')
    this.#wrote = false
  }

  /** A reader far behind shares the process with everybody else. */
  #goOn(): void {
    this.#queued = true
    setImmediate(() => {
      this.#queued = false
      this.pump()
    })
  }

  #sendAll(): boolean {
    const { size } = this.#ask.served.host.head()
    let sent = 0
    while (this.#next < size && this.#blockedSince === null && sent < turnMax) {
      const texts = this.#feed.restOfFrame(this.#next).slice(0, turnMax - sent)
      this.#next += texts.length
      sent += texts.length
      this.#write(texts.join(''))
    }
    return this.#next < size && this.#blockedSince === null
  }

  #sendNamed(member: string): boolean {
    const { host } = this.#ask.served
    const { size } = host.head()
    if (this.#next >= size) return false
    const found = host.entriesNaming(member, this.#next, namedAhead)
    for (const index of found) {
      this.#next = index + 1
      this.#write(this.#feed.textOf(index))
      if (this.#blockedSince !== null) return false
    }
    if (found.length < namedAhead) this.#next = size
    return found.length === namedAhead
  }

  #write(text: string): void {
    this.#wrote = true
    if (!this.#ask.res.write(text, 'latin1')) this.#blockedSince = performance.now()
  }
}

const feeds = new WeakMap<Served, Feed>()

function feedOf(served: Served, bounds: Bounds): Feed {
  const known = feeds.get(served)
  if (known !== undefined) return known
  const feed = new Feed(served.host, bounds)
  feeds.set(served, feed)
  return feed
}

/**
 * GET events: everything for replicas and the operator, a participant's own entries for itself.
 * Begins after `Last-Event-ID`, else at `from`, else with the next entry.
 */
export function getEvents(ask: Ask): void {
  const caller = knownCaller(ask)
  if (caller === null) return
  const { served, node, req } = ask
  const { size } = served.host.head()
  const last = req.headers['last-event-id']
  const after = typeof last === 'string' ? parseCount(last) : undefined
  if (after === null) return answerProblem(ask, { code: 'node/bad-parameter', at: 'Last-Event-ID' })
  const from = after === undefined ? countOf(queryOf(ask.query, 'from'), 'from', size) : after + 1
  if (isRefusal(from)) return answerProblem(ask, from)
  // A reader that is ahead of the log has read another log.
  if (from > size) return answerProblem(ask, { code: 'node/bad-parameter', at: 'from' })
  const feed = feedOf(served, node.bounds)
  if (feed.readers >= node.bounds.eventStreamsMax) {
    return answerProblem(ask, { code: 'node/too-many-streams' })
  }
  // Who asks for the head alone is told that there is a stream, and is given none.
  if (req.method === 'HEAD') return void ask.res.writeHead(200, streamHead).end()
  const member = readsAll(caller) || caller.kind !== 'member' ? null : caller.member
  new EventStream(ask, feed, from, member).begin()
}
