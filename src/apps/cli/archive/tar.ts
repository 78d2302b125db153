// The container of an export: a POSIX ustar archive (IEEE Std 1003.1, pax "ustar Interchange
// Format"), because every system has a program that opens one. Plain files with short names, no
// owner, no time, so that the same content gives the same bytes.
import { asciiDecode, latin1Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Slice } from './slice.ts'
import { readSlice } from './slice.ts'

export const blockBytes = 512

/** Longest name in an archive; longer ones would need a second field. */
const nameMax = 100
/** Eleven octal digits. */
const sizeMax = 8 ** 11 - 1
/** Most files of an archive that is read. */
const filesMax = 1_000_000

/** The header block of a file. Throws RangeError for what the format cannot say. */
export function tarHeader(name: string, size: number): Bytes {
  if (name.length > nameMax || size > sizeMax) throw new RangeError(`${name}: not for this archive`)
  const block = new Uint8Array(blockBytes)
  const put = (at: number, text: string): void => block.set(latin1Encode(text), at)
  put(0, name)
  put(100, '0000644\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, `${size.toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0')
  put(156, '0')
  put(257, 'ustar\u000000')
  put(148, `${sumOf(block).toString(8).padStart(6, '0')}\0 `)
  return block
}

/** The zeros that fill the last block of a file of this size. */
export function tarFill(size: number): Bytes {
  return new Uint8Array((blockBytes - (size % blockBytes)) % blockBytes)
}

/** The two empty blocks with which an archive ends. */
export function tarEnd(): Bytes {
  return new Uint8Array(2 * blockBytes)
}

/**
 * Untrusted. The files of an archive by name; null when a header is damaged, a name stands twice,
 * something else than a plain file is in it, or the end is missing.
 */
export function tarFiles(archive: Slice): ReadonlyMap<string, Slice> | null {
  const files = new Map<string, Slice>()
  let at = 0
  while (at + 2 * blockBytes <= archive.size) {
    const block = readSlice(archive, at, blockBytes)
    if (block.every((byte) => byte === 0)) return endsHere(archive, at) ? files : null
    const head = headOf(block)
    if (head === null || files.has(head.name) || files.size >= filesMax) return null
    at += blockBytes
    if (at + head.size > archive.size) return null
    files.set(head.name, { file: archive.file, from: archive.from + at, size: head.size })
    const fill = readSlice(archive, at + head.size, tarFill(head.size).length)
    if (fill.some((byte) => byte !== 0)) return null
    at += head.size + fill.length
  }
  return null
}

/** Whether only zeros stand from here on: what hides behind the end is in no manifest. */
function endsHere(archive: Slice, from: number): boolean {
  for (let at = from; at < archive.size; at += 65_536) {
    if (readSlice(archive, at, 65_536).some((byte) => byte !== 0)) return false
  }
  return true
}

function headOf(block: Bytes): { readonly name: string; readonly size: number } | null {
  const name = textAt(block, 0, nameMax)
  const size = textAt(block, 124, 12)
  if (name === null || size === null || !/^[0-7]{11}$/.test(size)) return null
  const count = Number.parseInt(size, 8)
  const safe = /^[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)*$/.test(name)
  if (!safe) return null
  // The header has one form: what would be written is what must stand there.
  const again = tarHeader(name, count)
  return again.every((byte, i) => byte === block[i]) ? { name, size: count } : null
}

function textAt(block: Bytes, at: number, length: number): string | null {
  const field = block.subarray(at, at + length)
  const end = field.indexOf(0)
  return asciiDecode(end < 0 ? field : field.subarray(0, end))
}

function sumOf(block: Bytes): number {
  let sum = 8 * 32
  for (const [i, byte] of block.entries()) sum += i >= 148 && i < 156 ? 0 : byte
  return sum
}
