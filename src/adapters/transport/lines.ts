// Lines out of a stream of bytes, and newline-delimited JSON over HTTP. It promises bounded lines
// of UTF-8, and never gives a line that the stream did not end: what a broken connection leaves is
// not an answer.
import { concat, utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { HttpClient, StreamRequest } from './client.ts'
import { Failure } from './failure.ts'

const lf = 0x0a
const cr = 0x0d

/** Splits bytes into lines. Throws `transport/oversized-answer` and `transport/bad-answer`. */
export class LineReader {
  readonly #bytesMax: number
  readonly #bareCr: boolean
  #rest: Bytes[] = []
  #size = 0
  #afterCr = false

  /** `bareCr`: a line may also end with CR or CRLF, as in server-sent events. */
  constructor(bytesMax: number, bareCr: boolean) {
    this.#bytesMax = bytesMax
    this.#bareCr = bareCr
  }

  /** Whether the stream stands inside a line. */
  get isInside(): boolean {
    return this.#size > 0
  }

  /** The lines that these bytes end, without their ends. */
  push(bytes: Bytes): string[] {
    const lines: string[] = []
    let start = 0
    const bareCr = this.#bareCr && bytes.includes(cr)
    for (let at = endIn(bytes, 0, bareCr); at >= 0; at = endIn(bytes, start, bareCr)) {
      const crlf = this.#afterCr && at === start && bytes[at] === lf && !this.isInside
      if (!crlf) lines.push(this.#take(bytes.subarray(start, at)))
      this.#afterCr = bytes[at] === cr
      start = at + 1
    }
    this.#keep(bytes.subarray(start))
    return lines
  }

  #keep(bytes: Bytes): void {
    if (bytes.length === 0) return
    this.#afterCr = false
    this.#size += bytes.length
    if (this.#size > this.#bytesMax) {
      throw new Failure('transport/oversized-answer', `a line of over ${this.#bytesMax} bytes`)
    }
    this.#rest.push(bytes)
  }

  #take(last: Bytes): string {
    this.#keep(last)
    const line = utf8Decode(concat(this.#rest))
    this.#rest = []
    this.#size = 0
    if (line === null) throw new Failure('transport/bad-answer', 'a line is not UTF-8')
    return line
  }
}

function endIn(bytes: Bytes, from: number, bareCr: boolean): number {
  const end = bytes.indexOf(lf, from)
  const bare = bareCr ? bytes.indexOf(cr, from) : -1
  return bare >= 0 && (end < 0 || bare < end) ? bare : end
}

export type LinesRequest = StreamRequest & {
  /** Longest line, bytes. */
  readonly lineBytesMax?: number
}

const lineBytesMaxDefault = 262_144

/**
 * The lines of an answer in newline-delimited JSON, as they come. The body may be a stream too: it
 * is sent as fast as the server reads, while the lines are read. Nothing is sent twice.
 */
export async function* readLines(
  client: HttpClient,
  request: LinesRequest,
): AsyncGenerator<string, void> {
  const headers = { accept: 'application/x-ndjson', ...request.headers }
  const { parts } = await client.stream({ ...request, headers })
  const reader = new LineReader(request.lineBytesMax ?? lineBytesMaxDefault, false)
  for await (const part of parts) yield* reader.push(part)
  if (reader.isInside) throw new Failure('transport/bad-answer', 'the last line has no end')
}
