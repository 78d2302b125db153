// The state: the records of the last confirmed height, in memory, as a log of records with a
// compact index over it. It promises that a record is what the last write of its key said, that it
// needs little more memory than the texts themselves, and that a snapshot writes only what is new.
import { Defect } from '#base/assert'
import type { Value } from '#ledger/command'
import type { Disk } from './disk.ts'
import type { Sealed } from './snapshots.ts'

export type StateOptions = {
  /** Secret of this process, so that nobody can choose keys that collide. */
  readonly seed: number
  /** Bytes of a chunk of the log; 1 MiB when absent. No record is longer. */
  readonly chunkBytes?: number
  /** Most decoded values kept; 4,096 when absent. */
  readonly cached?: number
}

/** The records by key (printable ASCII). Values come back frozen: they are shared. */
export class StateStore {
  get(_key: string): Value | undefined {
    throw new Defect('not built')
  }

  /** The canonical text of a record, as written. */
  text(_key: string): string | undefined {
    throw new Defect('not built')
  }

  /** Writes a record's canonical text; null removes it. */
  apply(_key: string, _text: string | null): void {
    throw new Defect('not built')
  }

  /** Records now. */
  get count(): number {
    throw new Defect('not built')
  }

  /** Bytes held, index included. */
  get bytes(): number {
    throw new Defect('not built')
  }

  /** All records, in no order that means anything. */
  records(): Iterable<readonly [key: string, text: string]> {
    throw new Defect('not built')
  }

  seal(): Sealed {
    throw new Defect('not built')
  }
}

export function openStateStore(
  _disk: Disk,
  _options: StateOptions,
  _sealed: unknown = null,
): StateStore {
  throw new Defect('not built')
}
