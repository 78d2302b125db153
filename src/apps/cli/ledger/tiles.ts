// The hash tiles on disk against those that the entries give. A tile that is missing is no fault:
// it is derived, and written by the next snapshot.
import fs from 'node:fs'
import { join } from 'node:path'
import { equal } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { Frontier, HASH_BYTES, leafHash, TILE_HEIGHT, TILE_WIDTH, tilePath } from '#ledger/prove'

/** Takes entries in order and compares every tile that they complete. */
export class TileCheck {
  readonly #folder: string
  readonly #frontier: Frontier = new Frontier()
  readonly #edge: Bytes[] = []
  #wrong: string | null = null
  /** Full tiles that were compared. */
  count = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  take(entry: Bytes): void {
    this.#frontier.append(leafHash(entry), (level, index, hash) => this.#node(level, index, hash))
  }

  /** The first file that differs, or null. */
  wrong(): string | null {
    return this.#wrong
  }

  #node(level: number, index: number, hash: Bytes): void {
    if (level % TILE_HEIGHT !== 0) return
    const at = level / TILE_HEIGHT
    const tile = (this.#edge[at] ??= new Uint8Array(TILE_WIDTH * HASH_BYTES))
    tile.set(hash, (index % TILE_WIDTH) * HASH_BYTES)
    if (index % TILE_WIDTH !== TILE_WIDTH - 1) return
    const id = { level: at, index: (index + 1) / TILE_WIDTH - 1, width: TILE_WIDTH }
    const path = join(this.#folder, tilePath(id).slice('tile/'.length))
    if (!fs.existsSync(path)) return
    this.count += 1
    if (!equal(new Uint8Array(fs.readFileSync(path)), tile)) this.#wrong ??= path
  }
}
