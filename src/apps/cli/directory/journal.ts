// The journal's files as they stand, read without opening the stores: beside a running node this
// is the only way, because opening cuts a torn end away. What a crash or a writer at work left at
// the very end is told apart from damage in the same way as at opening.
import fs from 'node:fs'
import { join } from 'node:path'
import type { Bytes } from '#base/bytes'
import { framesIn } from '#apps/cli/archive'
import type { Slice } from '#apps/cli/archive'

/** A segment: its name and its bytes. */
export type SegmentFile = { readonly name: string; readonly base: number; readonly slice: Slice }

const segmentForm = /^([0-9]{16})\.seg$/

/** The segments of the journal below a ledger's root, in order; close them with `closeSegments`. */
export function openSegments(root: string): readonly SegmentFile[] {
  const folder = join(root, 'journal')
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : []
  return names
    .filter((name) => segmentForm.test(name))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => {
      const file = fs.openSync(join(folder, name), 'r')
      const { size } = fs.fstatSync(file)
      return { name, base: Number(name.slice(0, 16)), slice: { file, from: 0, size } }
    })
}

export function closeSegments(segments: readonly SegmentFile[]): void {
  for (const { slice } of segments) fs.closeSync(slice.file)
}

/** A frame and where it ends, or `torn` for bytes at the end that are no whole frame. */
export type FrameFound =
  | { readonly kind: 'frame'; readonly bytes: Bytes; readonly end: number }
  | { readonly kind: 'torn'; readonly at: number; readonly last: boolean }

/** All frames in order; after `torn` there is nothing more. */
export function* framesOf(segments: readonly SegmentFile[]): Generator<FrameFound, void> {
  for (const [i, { base, slice }] of segments.entries()) {
    let end = base
    for (const bytes of framesIn(slice)) {
      if (bytes === null) return yield { kind: 'torn', at: end, last: i === segments.length - 1 }
      end += bytes.length
      yield { kind: 'frame', bytes, end }
    }
    const next = segments[i + 1]
    if (next !== undefined && next.base !== end) return yield { kind: 'torn', at: end, last: false }
  }
}

/** Bytes in all segments. */
export function journalBytes(segments: readonly SegmentFile[]): number {
  return segments.reduce((sum, { slice }) => sum + slice.size, 0)
}
