// Where entries and frames stand in the journal. It promises that an entry read through it is the
// one with this index: its leaf hash is computed again and compared with the one kept here.
import { Defect } from '#base/assert'
import type { Bytes } from '#base/bytes'
import type { Frame } from '#ledger/apply'
import type { Disk } from './disk.ts'
import type { Journal, JournalMark } from './journal.ts'
import type { Sealed } from './chunk-log.ts'

export class EntryIndex {
  /** Entries indexed. */
  get size(): number {
    throw new Defect('not built')
  }

  /** Frames indexed: the height of the last. */
  get height(): number {
    throw new Defect('not built')
  }

  /** Adds a frame that stands at `mark.frame`; `leaves` are the leaf hashes of its entries. */
  add(_mark: JournalMark, _frame: Frame, _leaves: readonly Bytes[]): void {
    throw new Defect('not built')
  }

  /** The bytes of one entry, checked. `index` is below `size`. */
  entry(_index: number): Bytes {
    throw new Defect('not built')
  }

  /** Up to `count` entries from `from` on, each checked. */
  entries(_from: number, _count: number): readonly Bytes[] {
    throw new Defect('not built')
  }

  /** Where the frame of a height (1 to `height`) stands, and its first entry. */
  frameOf(_height: number): { readonly position: number; readonly firstEntry: number } {
    throw new Defect('not built')
  }

  /** The height whose frame holds this entry. */
  heightOf(_index: number): number {
    throw new Defect('not built')
  }

  seal(): Sealed {
    throw new Defect('not built')
  }
}

export function openEntryIndex(
  _disk: Disk,
  _journal: Journal,
  _sealed: unknown = null,
): EntryIndex {
  throw new Defect('not built')
}
