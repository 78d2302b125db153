// The entries that name a member, for members that do not hold the whole ledger. One file a member
// with the indexes in rising order, every record with its own checksum.
import { Defect } from '#base/assert'
import type { Disk } from './disk.ts'
import type { Sealed } from './chunk-log.ts'

export class MemberIndex {
  /** Notes that an entry names a member. Entries rise; the same entry twice counts once. */
  add(_member: string, _entry: number): void {
    throw new Defect('not built')
  }

  /** Up to `limit` entries that name the member, from entry `from` on, rising. */
  entries(_member: string, _from: number, _limit: number): readonly number[] {
    throw new Defect('not built')
  }

  /** Entries that name the member. */
  count(_member: string): number {
    throw new Defect('not built')
  }

  seal(): Sealed {
    throw new Defect('not built')
  }
}

export function openMemberIndex(_disk: Disk, _sealed: unknown = null): MemberIndex {
  throw new Defect('not built')
}
