// Reading requests. A body is bounded in bytes and in time before a byte of it is looked at, so
// that neither a large nor a slow sender can hold more than its share.
import type { IncomingMessage } from 'node:http'
import { latin1Decode } from '#base/bytes'
import type { Refusal } from '#ledger/command'
import type { Deadlines } from './served.ts'

const oversized: Refusal = { code: 'node/body-oversized' }
const tooSlow: Refusal = { code: 'node/too-slow' }

/** The media type of a body in lower case without parameters; null for a coded body. */
export function mediaTypeOf(req: IncomingMessage): string | null {
  const coding = req.headers['content-encoding']
  if (coding !== undefined && coding !== 'identity') return null
  const type = req.headers['content-type']
  if (type === undefined) return null
  const end = type.indexOf(';')
  return (end < 0 ? type : type.slice(0, end)).trim().toLowerCase()
}

/** How a body is read. */
export type BodyLimits = { readonly bytesMax: number; readonly ms: number }

/**
 * Reads a whole body and calls `done` once: with the bytes, or with the reason why not. A sender
 * that goes away is not answered.
 */
export function readBody(
  req: IncomingMessage,
  limits: BodyLimits,
  deadlines: Deadlines,
  done: (body: Buffer | Refusal) => void,
): void {
  const length = req.headers['content-length']
  if (length !== undefined && Number(length) > limits.bytesMax) return done(oversized)
  let first: Buffer | null = null
  let rest: Buffer[] | null = null
  let size = 0
  let open = true
  const close = (body: Buffer | Refusal): void => {
    if (!open) return
    open = false
    deadlines.end(req)
    done(body)
  }
  deadlines.begin(req, limits.ms, () => close(tooSlow))
  req.on('data', (chunk: Buffer) => {
    if (!open) return
    size += chunk.length
    if (size > limits.bytesMax) return close(oversized)
    if (first === null) first = chunk
    else if (rest === null) rest = [first, chunk]
    else rest.push(chunk)
  })
  req.on('end', () => close(rest === null ? (first ?? empty) : Buffer.concat(rest)))
  req.on('close', () => {
    if (!open) return
    open = false
    deadlines.end(req)
  })
}

const empty = Buffer.alloc(0)

/** Deadlines of requests, looked at by one timer for all of them. */
export class DeadlineTable implements Deadlines {
  readonly #waiting: Map<IncomingMessage, { readonly by: number; readonly late: () => void }> =
    new Map()
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => this.#sweep(), sweepMs)
    this.#timer.unref()
  }

  begin(req: IncomingMessage, ms: number, late: () => void): void {
    this.#waiting.set(req, { by: performance.now() + ms, late })
  }

  end(req: IncomingMessage): void {
    this.#waiting.delete(req)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #sweep(): void {
    const now = performance.now()
    for (const [req, { by, late }] of this.#waiting) {
      if (by > now) continue
      this.#waiting.delete(req)
      late()
    }
  }
}

const sweepMs = 500

/**
 * Cuts a stream of bytes into lines. Bytes become characters one to one, so that whatever is not
 * ASCII arrives as such at the decoder that refuses it.
 */
export class LineCutter {
  readonly #lineMax: number
  #part = ''

  constructor(lineMax: number) {
    this.#lineMax = lineMax
  }

  /** The lines that end in this chunk; null when one is longer than the limit. */
  take(chunk: Buffer): readonly string[] | null {
    const text = latin1Decode(chunk)
    const lines: string[] = []
    let at = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      const line = this.#part + text.slice(at, end)
      if (line.length > this.#lineMax) return null
      this.#part = ''
      lines.push(line)
      at = end + 1
    }
    this.#part += at === 0 ? text : text.slice(at)
    return this.#part.length > this.#lineMax ? null : lines
  }

  /** What stands after the last line break. */
  end(): string {
    const last = this.#part
    this.#part = ''
    return last
  }
}
