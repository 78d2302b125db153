// The mark of a restore as a file beside the journal. It promises that a mark which cannot be read
// stops the node: a damaged mark is no permission.
import { latin1Decode, utf8Decode, utf8Encode } from '#base/bytes'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { Reading } from '#ledger/validate'
import { Failure } from '#adapters/storage'
import type { Disk } from '#adapters/storage'
import { confirmationOf } from '#domains/members'
import { signs } from './rule.ts'
import type { Hold, RestoreMark } from './rule.ts'

const path = 'restored'
const bytesMax = 4096

/** The mark on this disk; null where nothing was restored. Throws `storage/corrupt` (fatal). */
export function readRestoreMark(disk: Disk): RestoreMark | null {
  if (!disk.list('').includes(path)) return null
  const file = disk.open(path, 'read')
  try {
    const bytes = new Uint8Array(Math.min(disk.size(file), bytesMax))
    disk.read(file, bytes, 0)
    const text = utf8Decode(bytes.subarray(44))
    const whole = text !== null && latin1Decode(bytes.subarray(0, 44)) === `${sumOf(text)}\n`
    const value = whole ? decodeCanonical(text) : null
    if (value === null) throw new Failure('storage/corrupt', true, path)
    return value as unknown as RestoreMark
  } finally {
    disk.close(file)
  }
}

/** Writes or replaces the mark; durable on return. */
export function writeRestoreMark(disk: Disk, mark: RestoreMark): void {
  const text = encodeCanonical(mark as unknown as Json)
  const file = disk.open(`${path}.new`, 'create')
  try {
    disk.write(file, utf8Encode(`${sumOf(text)}\n${text}`), 0)
    disk.syncNow(file)
  } finally {
    disk.close(file)
  }
  // If we crash here, the old mark stands, or none and nothing was restored yet.
  disk.change({ kind: 'rename', from: `${path}.new`, to: path })
  disk.change({ kind: 'syncDir', path: '' })
}

function sumOf(text: string): string {
  return sha256Text(text, 'base64url')
}

/**
 * The hook of whoever signs checkpoints, asked before each: true where nothing was restored, and
 * where the restored size is confirmed. The mark is read once; a confirmation by a cosigner is
 * given to a running node through its restart, one by a recorded command counts at once.
 */
export function maySign(disk: Disk, view: Reading): () => boolean {
  const mark = readRestoreMark(disk)
  let may = mark === null
  return () => {
    if (!may) may = signs(mark, confirmationOf(view, 'restore'))
    return may
  }
}

/**
 * Everything that keeps this directory from signing, asked before each signature: its mark, and
 * what the cosigners have said since the start (`asked`). Null when it may sign.
 */
export function heldBy(may: () => boolean, asked: (() => Hold | null) | null): () => Hold | null {
  return () => (may() ? (asked?.() ?? null) : 'restored-and-unconfirmed')
}
