// Who looked at what: a line for each view, written before anything is shown. The lines of a day
// are a chain of hashes that begins with chance, so its head may be published without saying
// anything, and a line that was changed, left out or added afterwards gives another head.
import { randomBytes } from 'node:crypto'
import { base64urlDecode, base64urlEncode, concat, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { sha256 } from '#base/crypto'
import { Failure } from './disk.ts'

/** One look at a record: ids and codes, no values. */
export type View = {
  /** Milliseconds. */
  readonly at: number
  /** The officer's kid, the member that asked, or the robot's name. */
  readonly by: string
  readonly record: string
  /** The command, permit or duty that it was for. */
  readonly for: string
  readonly paths?: readonly string[]
}

/** What a day adds up to, fit to be published. `root` is 32 bytes in base64url. */
export type DayOfViews = { readonly root: string; readonly count: number }

/** A line of the log: the beginning of a day's chain, or a view in it. */
export type ViewLine =
  | { readonly day: number; readonly seed: string }
  | { readonly day: number; readonly view: View }

const word = utf8Encode('lianban/view/v1')
const dayMs = 86_400_000
/** Days are China's. */
const offsetMs = 28_800_000

/** Days since 1970-01-01 in China. */
export function dayOf(ms: number): number {
  return Math.floor((ms + offsetMs) / dayMs)
}

/** The chains of all days. */
export class Views {
  readonly #days: Map<number, { head: Bytes; count: number }> = new Map()

  take(line: ViewLine): void {
    if ('seed' in line) {
      this.#days.set(line.day, { head: base64urlDecode(line.seed) as Bytes, count: 0 })
      return
    }
    const day = this.#days.get(line.day)
    if (day === undefined) throw new Failure('vault/log-corrupt', 'views of a day not begun')
    day.head = nextHead(day.head, line.view)
    day.count += 1
  }

  /** What is written for these views: a seed before the first of a day. */
  linesFor(views: readonly View[]): readonly ViewLine[] {
    const begun = new Set(this.#days.keys())
    return views.flatMap((view): readonly ViewLine[] => {
      const day = dayOf(view.at)
      const first = !begun.has(day)
      begun.add(day)
      const line = { day, view }
      return first ? [{ day, seed: base64urlEncode(randomBytes(32)) }, line] : [line]
    })
  }

  of(day: number): DayOfViews | null {
    const found = this.#days.get(day)
    return found === undefined ? null : { root: base64urlEncode(found.head), count: found.count }
  }
}

/** What the lines of one day add up to, for whoever is shown them and has the published root. */
export function rootOfViews(seed: string, views: readonly View[]): DayOfViews | null {
  const first = base64urlDecode(seed)
  if (first?.length !== 32) return null
  return { root: base64urlEncode(views.reduce(nextHead, first)), count: views.length }
}

export function linesBody(lines: readonly ViewLine[]): Bytes {
  return utf8Encode(encodeCanonical(lines as readonly Json[]))
}

export function linesIn(body: Bytes): readonly ViewLine[] {
  const text = utf8Decode(body)
  const value = text === null ? null : decodeCanonical(text)
  if (!Array.isArray(value)) throw new Failure('vault/log-corrupt', 'views')
  return value as unknown as readonly ViewLine[]
}

function nextHead(head: Bytes, view: View): Bytes {
  return sha256(concat([word, head, utf8Encode(encodeCanonical(view as Json))]))
}
