// What was decided about records after they were stored: erased, held, released, kept longer or
// shorter. A log of its own, because it outlives the records: a backup in which a record still
// stands is told here that it was erased. Holds nothing of a record but its id.
import { utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import { Failure } from './disk.ts'
import type { Header } from './record.ts'

/** Times are milliseconds. `by` and `why` are codes of the caller, not sentences. */
export type Mark =
  | { readonly mark: 'erase'; readonly id: string; readonly why: string; readonly at: number }
  | { readonly mark: 'hold'; readonly id: string; readonly by: string; readonly at: number }
  | { readonly mark: 'release'; readonly id: string; readonly by: string; readonly at: number }
  | {
      readonly mark: 'keep'
      readonly id: string
      /** When `sweep` erases it. */
      readonly until?: number
      /** Before this nobody erases it. */
      readonly atLeast?: number
      readonly at: number
    }

/** An erasure that happened, as whoever keeps the list of them is told. */
export type Erasure = { readonly id: string; readonly why: string; readonly at: number }

/** A record that never came to be used may always go: its command was refused for good. */
export const unused = 'unused'

type Kept = { readonly until?: number; readonly atLeast?: number }

/** The state that marks add up to. */
export class Marks {
  readonly #erased: Map<string, Erasure> = new Map()
  readonly #holds: Map<string, readonly string[]> = new Map()
  readonly #kept: Map<string, Kept> = new Map()

  take(mark: Mark): void {
    const { id } = mark
    const held = this.#holds.get(id) ?? []
    switch (mark.mark) {
      case 'erase':
        this.#erased.set(id, { id, why: mark.why, at: mark.at })
        this.#holds.delete(id)
        this.#kept.delete(id)
        return
      case 'hold':
        if (!held.includes(mark.by)) this.#holds.set(id, [...held, mark.by])
        return
      case 'release': {
        const left = held.filter((by) => by !== mark.by)
        if (left.length === 0) this.#holds.delete(id)
        else this.#holds.set(id, left)
        return
      }
      case 'keep': {
        const { until, atLeast } = mark
        this.#kept.set(id, {
          ...this.#kept.get(id),
          ...(until === undefined ? {} : { until }),
          ...(atLeast === undefined ? {} : { atLeast }),
        })
      }
    }
  }

  isErased(id: string): boolean {
    return this.#erased.has(id)
  }

  /** Everything that was erased, in the order in which it was. */
  erasures(): readonly Erasure[] {
    return [...this.#erased.values()]
  }

  /** Who holds the record. */
  holders(id: string): readonly string[] {
    return this.#holds.get(id) ?? []
  }

  /** When the record is to go, and before when it may not. */
  keptOf({ id, keepUntil, keepAtLeast }: Header): Kept {
    const { until = keepUntil, atLeast = keepAtLeast } = this.#kept.get(id) ?? {}
    return {
      ...(until === undefined ? {} : { until }),
      ...(atLeast === undefined ? {} : { atLeast }),
    }
  }

  /** Why the record may not be erased now; null when it may. Whoever holds it wins over law. */
  objection(header: Header, why: string, nowMs: number): 'vault/held' | 'vault/kept-by-law' | null {
    if (this.holders(header.id).length > 0) return 'vault/held'
    const { atLeast = 0 } = this.keptOf(header)
    return why !== unused && atLeast > nowMs ? 'vault/kept-by-law' : null
  }
}

/** Marks as the body of one frame. */
export function marksBody(marks: readonly Mark[]): Bytes {
  return utf8Encode(encodeCanonical(marks))
}

/** The marks of a frame's body. Throws when it holds something else. */
export function marksIn(body: Bytes): readonly Mark[] {
  const text = utf8Decode(body)
  const value = text === null ? null : decodeCanonical(text)
  if (!Array.isArray(value)) throw new Failure('vault/log-corrupt', 'marks')
  return value as unknown as readonly Mark[]
}
