// The tree's hash tiles (C2SP tlog-tiles): full ones as files, the growing ones in memory. It
// promises that a tile it gives stands under the tree's right edge, which travels in snapshots; a
// file that is missing or damaged is learned again from the entries.
import { Defect } from '#base/assert'
import type { Bytes } from '#base/bytes'
import type { HashTileId } from '#ledger/prove'
import type { Disk } from './disk.ts'
import type { Sealed } from './chunk-log.ts'

/** Implements prove's `TileSource`; `node` is a `NodeSink` for the frontier. */
export class TileStore {
  /** Leaves taken in. */
  get size(): number {
    throw new Defect('not built')
  }

  /** Told of every complete node by `Frontier.append`. */
  readonly node = (_level: number, _index: number, _hash: Bytes): void => {
    throw new Defect('not built')
  }

  /** Bytes of a tile of the present size or a smaller one; null when the tree has no such tile. */
  tile(_id: HashTileId): Bytes | null {
    throw new Defect('not built')
  }

  seal(): Sealed {
    throw new Defect('not built')
  }
}

/** `leaf` gives the leaf hash of an entry, computed from its checked bytes. */
export function openTileStore(
  _disk: Disk,
  _leaf: (index: number) => Bytes,
  _sealed: unknown = null,
): TileStore {
  throw new Defect('not built')
}
