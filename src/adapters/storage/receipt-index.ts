// From (member, id) to the entry that answered it, for ever. A small table in memory and sorted
// runs on disk that are merged as they grow. It promises a lookup of a few block reads at any size,
// each block checked, and bounded work for every command added.
import { Defect } from '#base/assert'
import type { Disk } from './disk.ts'
import type { Sealed } from './chunk-log.ts'

export type ReceiptOptions = {
  /** Ids kept in memory before they become a run; 16,384 when absent. */
  readonly runLength?: number
}

export class ReceiptIndex {
  add(_member: string, _id: string, _entry: number): void {
    throw new Defect('not built')
  }

  /** Index of the newest entry under this id. */
  find(_member: string, _id: string): number | undefined {
    throw new Defect('not built')
  }

  get count(): number {
    throw new Defect('not built')
  }

  seal(): Sealed {
    throw new Defect('not built')
  }
}

export function openReceiptIndex(
  _disk: Disk,
  _options: ReceiptOptions = {},
  _sealed: unknown = null,
): ReceiptIndex {
  throw new Defect('not built')
}
