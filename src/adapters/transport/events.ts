// Server-sent events (WHATWG HTML §9.2), read for ever: a connection that breaks is opened again
// from the last event that was given. It promises each event once and in order, given a server that
// resumes after the id that it is told; an event that was cut off is not given.
import type { Bytes } from '#base/bytes'
import { isPassing } from './client.ts'
import type { HttpClient } from './client.ts'
import { Failure } from './failure.ts'
import { LineReader } from './lines.ts'

export type ServerEvent = {
  /** The id to resume after; null when the server gave none yet. */
  readonly id: string | null
  /** `message` when the server names no other. */
  readonly event: string
  readonly data: string
}

export type EventsRequest = {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** The last event that the caller has dealt with; null for none. */
  readonly lastEventId?: string | null
  /** Longest silence before the connection counts as broken, milliseconds. */
  readonly idleMs?: number
  /** Longest event, bytes. */
  readonly eventBytesMax?: number
  /** Connections in a row that may fail; without end when absent. */
  readonly attempts?: number
  /** Ends the reading, without a failure. */
  readonly signal?: AbortSignal
}

/** Servers send a comment every 15 seconds at least, so three are missing. */
const idleMsDefault = 45_000
const eventBytesMaxDefault = 1_048_576
const retryMsMax = 60_000

/** Puts lines together into events. Throws `transport/oversized-answer`. */
export class EventReader {
  readonly #lines: LineReader
  readonly #bytesMax: number
  #data: string[] = []
  #size = 0
  #event = ''
  #id: string | null
  #begun = false
  /** What the server asks to wait before the next connection, milliseconds. */
  retryMs: number | null = null

  constructor(bytesMax: number, lastEventId: string | null) {
    this.#bytesMax = bytesMax
    this.#lines = new LineReader(bytesMax, true)
    this.#id = lastEventId
  }

  /** The events that these bytes complete. Untrusted. */
  push(bytes: Bytes): ServerEvent[] {
    const events: ServerEvent[] = []
    for (const line of this.#lines.push(bytes)) {
      const text = this.#begun ? line : line.replace(/^\ufeff/, '')
      this.#begun = true
      if (text !== '') this.#field(text)
      else if (this.#data.length > 0) events.push(this.#dispatch())
      else this.#clear()
    }
    return events
  }

  #dispatch(): ServerEvent {
    const event = this.#event === '' ? 'message' : this.#event
    const data = this.#data.join('\n')
    this.#clear()
    return { id: this.#id, event, data }
  }

  #clear(): void {
    this.#data = []
    this.#size = 0
    this.#event = ''
  }

  #field(line: string): void {
    const colon = line.indexOf(':')
    if (colon === 0) return
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'data') {
      this.#size += value.length + 1
      if (this.#size > this.#bytesMax) {
        throw new Failure('transport/oversized-answer', `an event of over ${this.#bytesMax} bytes`)
      }
      this.#data.push(value)
    }
    if (name === 'event') this.#event = value
    // Only what can go back in a header: printable ASCII.
    if (name === 'id' && /^[\x21-\x7e]{1,128}$/.test(value)) this.#id = value
    if (name === 'retry' && /^\d{1,9}$/.test(value)) {
      this.retryMs = Math.min(Number(value), retryMsMax)
    }
  }
}

/**
 * Events from after `lastEventId` on, until the signal aborts or the server says by status 204
 * that there will be none. Throws what waiting cannot mend: a refused peer, a status 4xx, an
 * answer that is no event stream, or the last failure of `attempts` in a row.
 */
export async function* readEvents(
  client: HttpClient,
  request: EventsRequest,
): AsyncGenerator<ServerEvent, void> {
  const { signal, attempts = Number.POSITIVE_INFINITY } = request
  const place = { last: request.lastEventId ?? null, retryMs: 0 }
  for (let failed = 0; !isAborted(signal);) {
    try {
      for await (const event of connection(client, request, place)) {
        failed = 0
        // Before it is given: whoever stops after an event has dealt with it.
        place.last = event.id
        yield event
      }
      if (place.retryMs === ended) return
    } catch (failure) {
      if (isAborted(signal)) return
      failed += 1
      if (!isPassing(failure) || failed >= attempts) throw failure
    }
    await client.pause(failed + 1, signal ?? null, place.retryMs).catch(() => null)
  }
}

const ended = -1

// A function, because the signal changes while the compiler thinks that it does not.
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

type Place = { last: string | null; retryMs: number }

/** The events of one connection, to its end. */
async function* connection(
  client: HttpClient,
  request: EventsRequest,
  place: Place,
): AsyncGenerator<ServerEvent, void> {
  const { url, signal, idleMs = idleMsDefault, eventBytesMax = eventBytesMaxDefault } = request
  const resume = place.last === null ? {} : { 'last-event-id': place.last }
  const { status, headers, parts } = await client.stream({
    url,
    headers: { accept: 'text/event-stream', ...request.headers, ...resume },
    idleMs,
    ...(signal === undefined ? {} : { signal }),
  })
  const type = headers['content-type'] ?? ''
  if (status === 204 || !/^text\/event-stream(?:;|$)/.test(type)) {
    await parts.return()
    if (status !== 204) throw new Failure('transport/bad-answer', 'the answer is no event stream')
    place.retryMs = ended
    return
  }
  const reader = new EventReader(eventBytesMax, place.last)
  for await (const part of parts) {
    yield* reader.push(part)
    place.retryMs = reader.retryMs ?? place.retryMs
  }
}
