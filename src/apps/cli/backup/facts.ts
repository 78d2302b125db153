// What a backup says of itself, and how files get into it: copied once, hashed while they are
// copied, never followed through a link.
import fs from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { hexEncode, utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'

export const backupFormat = 'lianban-backup/1'
export const factsName = 'backup.json'
/** The ledger's own files stand below this folder of a backup. */
export const ledgerFolder = 'ledger/'

/** The content of `backup.json`. Hashes are base64url. */
export type BackupFacts = {
  readonly format: typeof backupFormat
  readonly ledger: string
  /** Unix milliseconds. */
  readonly created: number
  readonly height: number
  readonly size: number
  readonly root: string
  readonly stateDigest: string
  /** Size of the kept checkpoint; null where there was none. */
  readonly checkpoint: number | null
  readonly keys: boolean
}

/** Untrusted. The facts in these bytes; null when they are none. */
export function parseFacts(bytes: Bytes): BackupFacts | null {
  const text = utf8Decode(bytes)
  const value = text === null ? null : decodeCanonical(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const facts = value as { readonly [name: string]: Json }
  const { height, size, root, stateDigest, ledger, checkpoint, created, keys } = facts
  const whole =
    facts['format'] === backupFormat &&
    [height, size, created].every((each) => typeof each === 'number') &&
    [root, stateDigest, ledger].every((each) => typeof each === 'string') &&
    (checkpoint === null || typeof checkpoint === 'number') &&
    typeof keys === 'boolean'
  return whole ? (facts as unknown as BackupFacts) : null
}

const chunkBytes = 1024 * 1024

/** Copies the first `size` bytes of a file, makes them durable, and gives their SHA-256. */
export function copyFile(from: string, to: string, size: number): string {
  fs.mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  const source = fs.openSync(from, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)
  const target = fs.openSync(to, 'wx', 0o600)
  try {
    const hash = createHash('sha256')
    const chunk = new Uint8Array(chunkBytes)
    for (let at = 0; at < size;) {
      const count = fs.readSync(source, chunk, 0, Math.min(chunk.length, size - at), at)
      if (count === 0) throw new Error(`${from} became shorter while it was copied`)
      hash.update(chunk.subarray(0, count))
      writeAll(target, chunk.subarray(0, count))
      at += count
    }
    fs.fsyncSync(target)
    return hexEncode(hash.digest())
  } finally {
    fs.closeSync(source)
    fs.closeSync(target)
  }
}

/** Writes a small file of our own, durable on return. */
export function writeNew(path: string, bytes: Bytes): void {
  fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = fs.openSync(path, 'wx', 0o600)
  try {
    writeAll(file, bytes)
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}

function writeAll(file: number, bytes: Bytes): void {
  let done = 0
  while (done < bytes.length) done += fs.writeSync(file, bytes, done, bytes.length - done)
}

/** Makes the entries of a directory and of all below it durable. */
export function syncTree(path: string): void {
  for (const entry of fs.readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) syncTree(join(path, entry.name))
  }
  const directory = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(directory)
  } finally {
    fs.closeSync(directory)
  }
}

/**
 * Every plain file below a directory by its path with slashes; null when something else is there.
 */
export function filesBelow(root: string): ReadonlyMap<string, number> | null {
  const files = new Map<string, number>()
  for (const entry of fs.readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue
    if (!entry.isFile()) return null
    const path = join(entry.parentPath, entry.name)
    const name = path
      .slice(root.length)
      .replace(/^[/\\]+/, '')
      .replaceAll('\\', '/')
    files.set(name, fs.statSync(path).size)
  }
  return files
}
