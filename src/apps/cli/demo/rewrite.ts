// Putting a rewritten history in the place of the true one, as an operator could who holds the
// directory and all keys: journal, checkpoint and everything derived from them.
import fs from 'node:fs'
import { join } from 'node:path'
import { utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import { isRefusal } from '#ledger/command'
import { Frontier, leafHash } from '#ledger/prove'
import { decodeFrame } from '#ledger/apply'
import { signedCheckpoint } from '#adapters/keys'
import type { KeyStore } from '#adapters/keys'
import { fsDisk, openCheckpointStore } from '#adapters/storage'
import { closeSegments, framesOf, openSegments } from '#apps/cli/directory'
import { derivedFolders } from '#apps/cli/ledger'

/** All whole frames of the journal below a ledger's root. */
export function readFrames(root: string): readonly Bytes[] {
  const segments = openSegments(root)
  try {
    return [...framesOf(segments)].flatMap((found) =>
      found.kind === 'frame' ? [found.bytes.slice()] : [],
    )
  } finally {
    closeSegments(segments)
  }
}

/** Size and root of the tree over the entries of frames; at most `sizeMax` entries. */
export function treeOf(
  frames: readonly Bytes[],
  sizeMax: number = Number.MAX_SAFE_INTEGER,
): { readonly size: number; readonly root: Bytes } {
  const tree = new Frontier()
  let previous: Bytes = new Uint8Array(32)
  for (const bytes of frames) {
    const frame = decodeFrame(bytes, previous)
    assert(!isRefusal(frame), 'frames of a history follow one another')
    previous = frame.hash
    for (const entry of frame.entries) if (tree.size < sizeMax) tree.append(leafHash(entry))
  }
  return { size: tree.size, root: tree.root() }
}

/** Replaces the ledger below a root by other frames, with a checkpoint under the log's own key. */
export async function replaceHistory(
  root: string,
  frames: readonly Bytes[],
  signing: { readonly keys: KeyStore; readonly ledger: string },
): Promise<void> {
  for (const name of [...derivedFolders, 'journal', 'checkpoint']) {
    fs.rmSync(join(root, name), { recursive: true, force: true })
  }
  fs.mkdirSync(join(root, 'journal'), { mode: 0o700 })
  const file = fs.openSync(join(root, 'journal', `${'0'.repeat(16)}.seg`), 'wx', 0o600)
  for (const bytes of frames) fs.writeSync(file, bytes)
  fs.closeSync(file)
  const log = signing.keys.list().find(({ use }) => use === 'log')
  if (log === undefined) return
  const tree = treeOf(frames)
  const note = signedCheckpoint(signing.keys, log.kid, { origin: signing.ledger, ...tree })
  const text = utf8Decode(note)
  assert(text !== null, 'a note is text')
  await openCheckpointStore(fsDisk(root)).save({ size: tree.size, text })
}
