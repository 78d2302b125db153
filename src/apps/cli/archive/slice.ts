// A stretch of a file: what an archive holds, read without taking it into memory.
import fs from 'node:fs'
import type { Bytes } from '#base/bytes'
import { hexEncode } from '#base/bytes'
import { createHash } from 'node:crypto'
import { frameHeaderBytes, frameLength } from '#ledger/apply'

/** Bytes from `from` on, `size` of them, of an open file. */
export type Slice = { readonly file: number; readonly from: number; readonly size: number }

/** The whole of a file. */
export function wholeFile(file: number): Slice {
  return { file, from: 0, size: fs.fstatSync(file).size }
}

/** Bytes of the slice; fewer only at its end. */
export function readSlice({ file, from, size }: Slice, at: number, length: number): Bytes {
  const into = new Uint8Array(Math.max(0, Math.min(length, size - at)))
  let done = 0
  while (done < into.length) {
    const count = fs.readSync(file, into, done, into.length - done, from + at + done)
    if (count === 0) return into.subarray(0, done)
    done += count
  }
  return into
}

const chunkBytes = 1024 * 1024

/** Hexadecimal SHA-256 of a slice, the same as `sha256sum` prints. */
export function hashSlice(slice: Slice, progress?: (done: number) => void): string {
  const hash = createHash('sha256')
  for (let at = 0; at < slice.size; at += chunkBytes) {
    const chunk = readSlice(slice, at, chunkBytes)
    // A file that became shorter has another hash; nothing more is to be read.
    if (chunk.length === 0) break
    hash.update(chunk)
    progress?.(chunk.length)
  }
  return hexEncode(hash.digest())
}

/** The frames that stand one after another in a slice; null where none stands whole. */
export function* framesIn(slice: Slice): Generator<Bytes | null, void> {
  let window: Bytes = new Uint8Array(0)
  let start = 0
  const hold = (at: number, length: number): Bytes => {
    if (at < start || at + length > start + window.length) {
      window = readSlice(slice, at, Math.max(length, chunkBytes))
      start = at
    }
    return window.subarray(at - start, at - start + length)
  }
  for (let at = 0; at < slice.size;) {
    const length = frameLength(hold(at, frameHeaderBytes))
    if (length === null || at + length > slice.size) return yield null
    yield hold(at, length)
    at += length
  }
}
