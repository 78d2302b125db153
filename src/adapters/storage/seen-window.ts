// The window of ids: every (member, id) that may not be used again because its command could still
// be in time. It promises an exact answer that depends on the ids and the ledger's time alone.
import { Defect } from '#base/assert'
import type { Disk } from './disk.ts'
import type { Sealed } from './chunk-log.ts'

export type SeenOptions = {
  /** Secret of this process, so that nobody can choose ids that collide. */
  readonly seed: number
}

/** Implements the machine's port `IdWindow`. */
export class SeenWindow {
  has(_member: string, _id: string): boolean {
    throw new Defect('not built')
  }

  /** `notAfter` in milliseconds; the id is seen until the ledger's time is past it. */
  add(_member: string, _id: string, _notAfter: number): void {
    throw new Defect('not built')
  }

  /** Moves the window to the ledger's time in milliseconds, which never goes back. */
  expire(_time: number): void {
    throw new Defect('not built')
  }

  /** Ids held, those included that are past but not yet swept. */
  get count(): number {
    throw new Defect('not built')
  }

  seal(): Sealed {
    throw new Defect('not built')
  }
}

export function openSeenWindow(
  _disk: Disk,
  _options: SeenOptions,
  _sealed: unknown = null,
): SeenWindow {
  throw new Defect('not built')
}
