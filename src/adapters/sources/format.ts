// What a file truly is, told by its content and never by its name: the kind of container, and for
// text its encoding, found by reading all of it strictly. What cannot be told is said, not guessed.
import fs from 'node:fs/promises'
import { Failure } from './codes.ts'
import type { FileCode } from './codes.ts'
import { gbSize } from './gb18030.ts'

/** Kinds that can be read as rows. */
export type Kind = 'text' | 'xlsx' | 'sqlite'

export type Encoding = 'ascii' | 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030'

export const encodings: readonly Encoding[] = ['ascii', 'utf-8', 'utf-16le', 'utf-16be', 'gb18030']

const chunkBytes = 256 * 1024
const headBytes = 64 * 1024

/** Reads a file from its beginning in chunks that are valid until the next one. Untrusted. */
export async function readChunks(
  path: string,
  take: (chunk: Uint8Array, offset: number) => void | Promise<void>,
  most: number = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  const file = await opened(path)
  try {
    const chunk = new Uint8Array(chunkBytes)
    for (let offset = 0; offset < most;) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(chunkBytes, most - offset), offset)
      if (bytesRead === 0) return
      await take(chunk.subarray(0, bytesRead), offset)
      offset += bytesRead
    }
  } catch (error) {
    throw error instanceof Failure ? error : notRead(error)
  } finally {
    await file.close()
  }
}

async function opened(path: string): Promise<fs.FileHandle> {
  try {
    return await fs.open(path, 'r')
  } catch (error) {
    throw notRead(error)
  }
}

function notRead(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' && /^E[A-Z]+$/.test(code)
    ? new Failure('sources/not-read', code, error)
    : error
}

/** The first bytes of a file, enough to tell its kind and its delimiter. */
export async function headOf(path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  await readChunks(path, (chunk) => void parts.push(chunk.slice()), headBytes)
  return Buffer.concat(parts)
}

const refused: readonly (readonly [RegExp, FileCode])[] = [
  [/^<\?xml[^>]*>[^]{0,400}urn:schemas-microsoft-com:office:spreadsheet/, 'sources/xml-sheet'],
  [
    /^(?:<!--[^]{0,400}?-->\s*)?<(?:!doctype\s+html|html|head|body|table|meta)/i,
    'sources/html-table',
  ],
  [
    /^(?:<\?xml|%PDF-|\{\\rtf|\u0089PNG|\u00ff\u00d8\u00ff|Rar!|7z\u00bc\u00af|\u001f\u008b)/,
    'sources/not-a-table',
  ],
]

/** The kind of a file by its first bytes. A `Failure` for kinds that are known and not read. */
export function kindOf(head: Uint8Array): Kind {
  if (head.length === 0) throw new Failure('sources/empty', 'no byte')
  const latin = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1')
  if (/^PK(?:\u0003\u0004|\u0005\u0006)/.test(latin)) return 'xlsx'
  if (latin.startsWith('SQLite format 3\0')) return 'sqlite'
  if (latin.startsWith('\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1')) throw oldExcel(latin)
  const bare = latin
    .replaceAll('\0', '')
    .replace(/^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)?\s*/, '')
  for (const [pattern, code] of refused) {
    if (pattern.test(bare)) throw new Failure(code, 'told by its first bytes')
  }
  return 'text'
}

function oldExcel(latin: string): Failure {
  // A protected workbook is the same container with a stream of this name in UTF-16.
  const locked = latin.includes('E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e')
  return new Failure(locked ? 'sources/encrypted' : 'sources/old-excel', 'told by its first bytes')
}

/** What reading all bytes as one encoding met. */
type Count = { multi: number; bad: number; first: number | null }

export type EncodingVerdict = {
  readonly encoding: Encoding
  readonly mark: boolean
  /** Whether every byte fits this encoding and no other that is tried. */
  readonly certain: boolean
  /** Sequences that are no character. */
  readonly bad: number
  /** Byte offset of the first of them. */
  readonly firstBad: number | null
}

/** Reads all bytes of a text as each encoding at once, strictly, and says which one they fit. */
export class EncodingProbe {
  readonly #utf8: Count = { multi: 0, bad: 0, first: null }
  readonly #gb: Count = { multi: 0, bad: 0, first: null }
  #utf8Rest: Uint8Array = new Uint8Array(0)
  #gbRest: Uint8Array = new Uint8Array(0)
  #head: Uint8Array = new Uint8Array(0)
  #seen = 0
  readonly #nulls = [0, 0]

  push(chunk: Uint8Array): void {
    if (this.#seen === 0) this.#head = chunk.slice(0, 4)
    for (let at = 0; at < Math.min(chunk.length, headBytes - this.#seen); at += 1) {
      if (chunk[at] === 0)
        this.#nulls[(this.#seen + at) % 2] = (this.#nulls[(this.#seen + at) % 2] ?? 0) + 1
    }
    this.#utf8Rest = this.#walk({
      rest: this.#utf8Rest,
      chunk,
      count: this.#utf8,
      sizeOf: utf8Size,
    })
    this.#gbRest = this.#walk({ rest: this.#gbRest, chunk, count: this.#gb, sizeOf: gbSize })
    this.#seen += chunk.length
  }

  #walk({ rest, chunk, count, sizeOf }: Walk): Uint8Array {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const base = this.#seen - rest.length
    // No character is longer than four bytes; the last three wait for the next chunk.
    const end = chunk.length === 0 ? bytes.length : Math.max(0, bytes.length - 3)
    let at = 0
    while (at < end) {
      if ((bytes[at] as number) < 0x80) {
        at += 1
        continue
      }
      const size = sizeOf(bytes, at)
      if (size === 0) {
        count.bad += 1
        count.first ??= base + at
      } else count.multi += 1
      at += Math.max(1, size)
    }
    return bytes.slice(at)
  }

  /** What the text is in; null where it fits nothing well enough to be named. */
  end(): EncodingVerdict | null {
    this.push(new Uint8Array(0))
    const [first = 0, second = 0, third = 0] = this.#head
    if (first === 0xff && second === 0xfe) return verdict('utf-16le', true)
    if (first === 0xfe && second === 0xff) return verdict('utf-16be', true)
    const mark = first === 0xef && second === 0xbb && third === 0xbf
    const [even = 0, odd = 0] = this.#nulls
    const units = Math.min(this.#seen, headBytes) / 2
    if (odd > units * 0.2 && even < odd * 0.05) return verdict('utf-16le', false)
    if (even > units * 0.2 && odd < even * 0.05) return verdict('utf-16be', false)
    if (mark) return counted('utf-8', true, this.#utf8)
    if (this.#utf8.bad === 0 && this.#utf8.multi === 0) return verdict('ascii', false)
    if (this.#utf8.bad === 0) return verdict('utf-8', false)
    if (this.#gb.bad === 0) return verdict('gb18030', false)
    return this.#lesser()
  }

  /** The encoding that nearly all sequences fit, when the other one is far from it. */
  #lesser(): EncodingVerdict | null {
    const [utf8, gb] = [this.#utf8, this.#gb]
    if (utf8.bad * 50 <= utf8.multi && utf8.bad * 10 <= gb.bad) return counted('utf-8', false, utf8)
    if (gb.bad * 50 <= gb.multi && gb.bad * 10 <= utf8.bad) return counted('gb18030', false, gb)
    return null
  }
}

type Walk = {
  readonly rest: Uint8Array
  readonly chunk: Uint8Array
  readonly count: Count
  readonly sizeOf: (bytes: Uint8Array, at: number) => number
}

function verdict(encoding: Encoding, mark: boolean): EncodingVerdict {
  return { encoding, mark, certain: true, bad: 0, firstBad: null }
}

function counted(encoding: Encoding, mark: boolean, { bad, first }: Count): EncodingVerdict {
  return { encoding, mark, certain: bad === 0, bad, firstBad: first }
}

/** Bytes of the UTF-8 character at `at` (RFC 3629 §4); 0 when none begins here. */
export function utf8Size(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number
  if (lead < 0x80) return 1
  const size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (size === 0 || at + size > bytes.length) return 0
  const second = bytes[at + 1] as number
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  if (second < least || second > most) return 0
  for (let next = at + 2; next < at + size; next += 1) {
    if (((bytes[next] as number) & 0xc0) !== 0x80) return 0
  }
  return size
}
