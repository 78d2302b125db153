// Checking an export: every file is the one of its sums, the frames hang together from the first
// one on, what they come to is the tree of the checkpoint, and the entry bundles beside them hold
// the same entries. Nothing in the archive is believed, its own policy least of all.
import { base64Encode, equal, hexEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'
import { isRefusal } from '#ledger/command'
import type { Refusal } from '#ledger/command'
import { decodeEntryBundle, judge, leafHash, parseTilePath } from '#ledger/prove'
import type { TrustPolicy, Verdict } from '#ledger/prove'
import { Frontier } from '#ledger/prove'
import { History } from './history.ts'
import type { Slice } from './slice.ts'
import { framesIn, hashSlice, readSlice } from './slice.ts'
import { parseSums, sumsBytesMax, sumsName } from './sums.ts'
import { tarFiles } from './tar.ts'

/** What an archive or a run of frames comes to. */
export type Walked = {
  readonly ledger: string | null
  readonly height: number
  readonly size: number
  readonly root: string
  readonly stateDigest: Bytes
  readonly verdict: Verdict
}

export type CheckOptions = {
  readonly policy: TrustPolicy
  readonly nowMs: number
  readonly progress?: (done: number, of: number) => void
}

export const framesFolder = 'frames/'
export const checkpointName = 'checkpoint'

/** Untrusted. Checks a whole archive. */
export function checkArchive(archive: Slice, options: CheckOptions): Walked | Refusal {
  const files = tarFiles(archive)
  const sums = files === null ? null : sumsOf(files)
  if (files === null || sums === null) return { code: 'cli/archive-malformed' }
  const damaged = damagedIn(files, sums)
  if (damaged !== null) return { code: 'cli/archive-damaged', at: damaged }
  const note = files.get(checkpointName)
  if (note === undefined) return { code: 'cli/archive-malformed', at: checkpointName }
  const frames = [...files.keys()].filter((name) => name.startsWith(framesFolder)).toSorted(byName)
  const slices = frames.flatMap((name) => files.get(name) ?? [])
  const walked = checkFrames(slices, readSlice(note, 0, noteBytesMax), options)
  if (isRefusal(walked)) return walked
  return checkBundles(files, walked) ?? walked
}

const noteBytesMax = 262_145

function byName(a: string, b: string): number {
  return a < b ? -1 : 1
}

function sumsOf(files: ReadonlyMap<string, Slice>): ReadonlyMap<string, string> | null {
  const slice = files.get(sumsName)
  if (slice === undefined || slice.size > sumsBytesMax) return null
  const sums = parseSums(readSlice(slice, 0, slice.size))
  return sums !== null && sums.size === files.size - 1 ? sums : null
}

function damagedIn(
  files: ReadonlyMap<string, Slice>,
  sums: ReadonlyMap<string, string>,
): string | null {
  for (const [name, sum] of sums) {
    const slice = files.get(name)
    if (slice === undefined || hashSlice(slice) !== sum) return name
  }
  return null
}

/**
 * Untrusted. Walks frames from the first one on and compares them with a checkpoint, judged under
 * the policy. Frames behind the checkpoint are refused: it says nothing of them.
 */
export function checkFrames(
  slices: readonly Slice[],
  note: Bytes,
  { policy, nowMs, progress }: CheckOptions,
): Walked | Refusal {
  const verdict = judge({ policy, note, nowMs })
  if (isRefusal(verdict)) return { ...verdict, at: verdict.at ?? checkpointName }
  const { origin, size, root } = verdict.checkpoint!
  const history = new History({ sizes: [size] })
  const total = slices.reduce((sum, slice) => sum + slice.size, 0)
  let done = 0
  for (const slice of slices) {
    for (const bytes of framesIn(slice)) {
      const taken = bytes === null ? { code: 'apply/frame-form' } : history.take(bytes)
      if (isRefusal(taken)) return taken
      done += bytes?.length ?? 0
      progress?.(done, total)
    }
  }
  const { head } = history
  if (history.ledger !== origin) return { code: 'cli/other-ledger', at: origin }
  if (head.size < size) return { code: 'cli/behind-checkpoint', at: `size ${head.size}` }
  const own = history.rootAt(size)
  if (head.size !== size || own === undefined || !equal(own, root)) {
    return { code: 'cli/not-under-checkpoint', at: `size ${size}` }
  }
  const { height, stateDigest } = head
  return { ledger: origin, height, size, root: base64Encode(root), stateDigest, verdict }
}

/** The C2SP side of an archive: its entry bundles hold the very entries of the tree. */
function checkBundles(files: ReadonlyMap<string, Slice>, walked: Walked): Refusal | null {
  const bundles = [...files].flatMap(([name, slice]) => {
    const id = parseTilePath(name)
    return id !== null && id.level === 'entries' ? [{ name, slice, id }] : []
  })
  const tree = new Frontier()
  for (const { name, slice, id } of bundles.toSorted((a, b) => a.id.index - b.id.index)) {
    const entries = decodeEntryBundle(readSlice(slice, 0, slice.size), id.width)
    if (entries === null || id.index * 256 !== tree.size) {
      return { code: 'cli/archive-malformed', at: name }
    }
    for (const entry of entries) tree.append(leafHash(entry))
  }
  const same = tree.size === walked.size && base64Encode(tree.root()) === walked.root
  return same ? null : { code: 'cli/not-under-checkpoint', at: 'tile/entries' }
}

/** Hexadecimal SHA-256 of bytes, as the sums have it. */
export function sumOf(bytes: Bytes): string {
  return hexEncode(sha256(bytes))
}
