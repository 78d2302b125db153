// Keeping the place of a department. What the department has to do is known at every moment: cases
// that are not over, cases that wait to be looked at, lines on its desk, cases that are watched.
// The place is this state at one moment together with the entries that were read until then, so it
// is never ahead of what was done; whatever was done after it is done again, and changes nothing.
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { LedgerPort } from '#apps/node/ledger-port'
import type { Report } from '#apps/node/casework'
import type { PlaceBook, Place, Stand } from './book.ts'
import type { PlaceLost } from './codes.ts'

/** Port: where the place of a department is kept; `PlaceBook` is it. */
export type PlaceStore = Pick<PlaceBook, 'read' | 'write' | 'stand' | 'forget'>

export type KeepingOptions = {
  /** Absent: the department reads from the beginning every time. */
  readonly store: PlaceStore | undefined
  readonly port: Pick<LedgerPort, 'ledger' | 'member' | 'head' | 'entry'>
  /** Entries between two places; 512 when absent. */
  readonly every?: number | undefined
  /** Settings that decide which cases concern the department. */
  readonly settings: Json
  /** How a case stands now; null: it may be forgotten. */
  readonly standOf: (id: string) => Stand | null
  /** Resources of which the ledger has an attestation. */
  readonly sources: () => readonly string[]
  readonly report: Report
}

/**
 * Counts up when a department begins to look for something in cases that are over: a place that
 * was written before lacks them.
 */
const looking = 1

/** Entries between two places: what is read again after a kill. */
const entriesAPlace = 512

/** A start without a place reads so much that its operator wants to know why. */
const entriesUntold = 1_000

/** Keeps the place of one department. */
export class Keeping {
  readonly #options: KeepingOptions
  readonly #whose: string
  /** Cases that may stand otherwise than was written. */
  readonly #touched: Set<string> = new Set()
  #written = 0

  constructor(options: KeepingOptions) {
    const { port, settings } = options
    const { ledger, member } = port
    this.#options = options
    const whose: Json = { looking, ledger, member, settings }
    this.#whose = options.store === undefined ? '' : sha256Text(encodeCanonical(whose), 'hex')
  }

  /** Where to go on; null: at the beginning, and the operator is told why. */
  find(): Place | null {
    const { store, port, report } = this.#options
    if (store === undefined) return null
    const found = store.read(this.#whose)
    const code = typeof found === 'string' ? found : misfitOf(port, found)
    if (typeof found === 'object' && code === null) {
      this.#written = found.next
      return found
    }
    store.forget()
    const { size } = port.head()
    const isFirst = code === 'node/place-missing' && size <= entriesUntold
    report({
      level: isFirst ? 'info' : 'warn',
      event: 'read-anew',
      code: code ?? '',
      entries: size,
    })
    return null
  }

  /** A case may stand otherwise than before. */
  touch(id: string): void {
    if (this.#options.store !== undefined) this.#touched.add(id)
  }

  /** Writes the place when enough entries were read since the last one. */
  read(next: number): void {
    if (next - this.#written >= (this.#options.every ?? entriesAPlace)) this.write(next)
  }

  /**
   * Has it on disk that a case waits to be looked at, before another member hears that it was told
   * something: that member will not say it again. Throws when it cannot be written.
   */
  promise(id: string, next: number): void {
    const { store, standOf } = this.#options
    if (store === undefined || standOf(id) === null) return
    const before = store.stand(id)
    this.touch(id)
    if (before === null || before === 'watched') this.#write(next)
  }

  /** Writes the place now. A disk that does not take it makes the next start longer, no more. */
  write(next: number): void {
    try {
      this.#write(next)
    } catch (error) {
      if ((error as { readonly errcode?: unknown }).errcode === undefined) throw error
      const code = 'node/place-not-written'
      this.#options.report({ level: 'warn', event: 'place-not-written', code })
    }
  }

  #write(next: number): void {
    const { store, port, standOf, sources } = this.#options
    if (store === undefined) return
    const cases = new Map([...this.#touched].map((id) => [id, standOf(id)]))
    store.write(this.#whose, {
      next,
      mark: markBefore(port, next),
      sources: sources().toSorted(),
      cases,
    })
    this.#written = next
    this.#touched.clear()
  }
}

/** Why a place is none on this ledger as it stands; null: it is one. */
function misfitOf(
  port: Pick<LedgerPort, 'head' | 'entry'>,
  { next, mark }: Place,
): PlaceLost | null {
  if (next > port.head().size) return 'node/place-ahead'
  return mark === markBefore(port, next) ? null : 'node/place-other'
}

/** Which entry stands before a place: its time, and who said what under which id. */
function markBefore(port: Pick<LedgerPort, 'entry'>, next: number): string {
  if (next === 0) return ''
  const { height, time, kind, member = '', type = '', id = '', system } = port.entry(next - 1)
  const said: Json = [next, height, time, kind, member, type, id, (system ?? null) as Json]
  return sha256Text(encodeCanonical(said), 'hex')
}
