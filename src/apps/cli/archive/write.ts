// Writing an export: the ledger up to its newest checkpoint as one tar file. It holds the frames as
// they stand in the journal, and beside them the checkpoint, entry bundles and hash tiles of C2SP
// tlog-tiles, so that tools which know nothing of frames can check the log as well.
import fs from 'node:fs'
import { createHash } from 'node:crypto'
import { hexEncode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { TILE_WIDTH, tilePath } from '#ledger/prove'
import type { TileId } from '#ledger/prove'
import { checkpointName, framesFolder, sumOf } from './check.ts'
import { sumsName, sumsText } from './sums.ts'
import { tarEnd, tarFill, tarHeader } from './tar.ts'

/** What an export is made from: durable facts of one ledger. */
export type ExportSource = {
  readonly ledger: string
  /** The signed checkpoint, and the height whose frame ends at its size. */
  readonly checkpoint: Bytes
  readonly size: number
  readonly height: number
  readonly policy: string
  readonly frame: (height: number) => Bytes
  readonly tile: (id: TileId) => Bytes | null
  readonly progress?: (done: number, of: number) => void
}

/** A file of frames is ended when it has reached this size. */
const framesFileMax = 128 * 1024 * 1024

/** Writes the archive into an open file and gives its sums. */
export function writeArchive(file: number, source: ExportSource): ReadonlyMap<string, string> {
  const sums = new Map<string, string>()
  const add = (name: string, content: Bytes): void => {
    writeAll(file, tarHeader(name, content.length))
    writeAll(file, content)
    writeAll(file, tarFill(content.length))
    sums.set(name, sumOf(content))
  }
  add('README.md', utf8Encode(readme(source)))
  add(checkpointName, source.checkpoint)
  add('policy', utf8Encode(source.policy))
  addFrames(file, source, sums)
  for (const id of tilesOf(source.size)) {
    const bytes = source.tile(id)
    if (bytes !== null) add(tilePath(id), bytes)
  }
  const text = utf8Encode(sumsText(sums))
  writeAll(file, tarHeader(sumsName, text.length))
  writeAll(file, text)
  writeAll(file, tarFill(text.length))
  writeAll(file, tarEnd())
  return sums
}

/** Frames in files named by their first height. Sizes are found before anything is written. */
function addFrames(file: number, source: ExportSource, sums: Map<string, string>): void {
  let from = 1
  while (from <= source.height) {
    const lengths: number[] = []
    let size = 0
    for (let height = from; height <= source.height && size < framesFileMax; height += 1) {
      const { length } = source.frame(height)
      lengths.push(length)
      size += length
    }
    const name = `${framesFolder}${String(from).padStart(16, '0')}`
    const hash = createHash('sha256')
    writeAll(file, tarHeader(name, size))
    for (const at of lengths.keys()) {
      const bytes = source.frame(from + at)
      hash.update(bytes)
      writeAll(file, bytes)
      source.progress?.(from + at, source.height)
    }
    writeAll(file, tarFill(size))
    sums.set(name, hexEncode(hash.digest()))
    from += lengths.length
  }
}

/** Every tile and bundle of a tree of this size, partial ones at the right edge included. */
function* tilesOf(size: number): Generator<TileId, void> {
  let width = size
  for (let level = 0; width > 0; level += 1) {
    const whole = Math.floor(width / TILE_WIDTH)
    const rest = width % TILE_WIDTH
    for (let index = 0; index < whole + (rest > 0 ? 1 : 0); index += 1) {
      const of = index < whole ? TILE_WIDTH : rest
      yield { level, index, width: of }
      if (level === 0) yield { level: 'entries', index, width: of }
    }
    width = whole
  }
}

function writeAll(file: number, bytes: Bytes): void {
  let done = 0
  while (done < bytes.length) done += fs.writeSync(file, bytes, done, bytes.length - done)
}

function readme({ ledger, size, height }: ExportSource): string {
  return `# Export of the ledger ${ledger}

Entries 0 to ${size - 1}, blocks 1 to ${height}, as one POSIX tar file.

- \`SHA256SUMS\`: check every file with \`sha256sum -c SHA256SUMS\`.
- \`checkpoint\`: the signed checkpoint of this size (C2SP tlog-checkpoint).
- \`tile/\`: hash tiles and entry bundles (C2SP tlog-tiles); any client of that format can check
  that the entries are those of the checkpoint.
- \`frames/\`: the journal, frames one after another; their form is in docs/protocol of Lianban.
- \`policy\`: the trust policy that the ledger's own registry implied. Do not believe it because it
  lies here: take your policy from somewhere else.

With Lianban: \`lianban verify FILE --policy YOUR-POLICY\`, no network needed.
`
}
