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
    // A pipe can be read once only, and a device without end.
    if (!(await fs.stat(path)).isFile()) throw new Failure('sources/not-read', 'no file')
    return await fs.open(path, 'r')
  } catch (error) {
    throw error instanceof Failure ? error : notRead(error)
  }
}

function notRead(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' && /^E[A-Z]+$/.test(code)
    ? new Failure('sources/not-read', code, error)
    : error
}

/** What tells one state of a file from another. */
export async function stateOf(path: string): Promise<string> {
  const { ino, mtimeNs, size } = await fs.stat(path, { bigint: true }).catch((error: unknown) => {
    throw notRead(error)
  })
  return `${ino} ${mtimeNs} ${size}`
}

/** Reads a file that must still be what it was, whatever else reading it meets. */
export async function unchanged(
  path: string,
  state: string,
  read: () => Promise<void>,
): Promise<void> {
  try {
    await read()
  } catch (error) {
    throw error instanceof Failure && (await stateOf(path)) !== state ? changed() : error
  }
  if ((await stateOf(path)) !== state) throw changed()
}

function changed(): Failure {
  return new Failure('sources/changed', 'the file')
}

/** The first bytes of a file, enough to tell its kind and its delimiter. */
export async function headOf(path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  await readChunks(path, (chunk) => void parts.push(chunk.slice()), headBytes)
  return Buffer.concat(parts)
}

/** The kind of a file, told by its content, or the `Failure` that says why it is not read. */
export async function kindOfFile(path: string): Promise<Kind> {
  const head = await headOf(path)
  const at = streamNamesAt(head)
  if (at === null) return kindOf(head)
  const names = Buffer.alloc(headBytes)
  const file = await opened(path)
  try {
    const { bytesRead } = await file.read(names, 0, names.length, at)
    return kindOf(Buffer.concat([head, names.subarray(0, bytesRead)]))
  } finally {
    await file.close()
  }
}

type Known = readonly [pattern: RegExp, code: FileCode, name: string]

/** Kinds that are told by their first bytes, blanks and byte order marks before text aside. */
const refused: readonly Known[] = [
  [
    /^<\?xml[^>]*>[^]{0,400}urn:schemas-microsoft-com:office:spreadsheet/,
    'sources/xml-sheet',
    'SpreadsheetML 2003',
  ],
  [
    /^(?:<!--[^]{0,400}?-->\s*)?<(?:!doctype\s+html|html|head|body|table|meta)/i,
    'sources/html-table',
    'HTML',
  ],
  [/^<\?xml/, 'sources/not-a-table', 'XML'],
  [/^(?:\[\s*)?\{\s*"/, 'sources/not-a-table', 'JSON'],
  [/^%PDF-/, 'sources/document', 'PDF'],
  [/^\{\\rtf/, 'sources/document', 'RTF'],
]

/** Kinds that are told by bytes that no text begins with. */
const refusedRaw: readonly Known[] = [
  [/^\u0009(?:\0\u0004\0|[\u0002\u0004\u0008][\u0006\u0008]\0)/, 'sources/old-excel', 'BIFF'],
  [/^\u0089PNG\r\n/, 'sources/document', 'PNG'],
  [/^\u00ff\u00d8\u00ff/, 'sources/document', 'JPEG'],
  [/^GIF8[79]a/, 'sources/document', 'GIF'],
  [/^(?:II\*\0|MM\0\*)/, 'sources/document', 'TIFF'],
  [/^RIFF[^]{4}WEBP/, 'sources/document', 'WebP'],
  [/^Rar!\u001a/, 'sources/archive', 'RAR'],
  [/^7z\u00bc\u00af/, 'sources/archive', '7z'],
  [/^\u001f\u008b/, 'sources/archive', 'gzip'],
  [/^\u00fd7zXZ/, 'sources/archive', 'xz'],
  [/^BZh[1-9]1AY&SY/, 'sources/archive', 'bzip2'],
  [/^(?:PAR1|ORC)[\0-\u0008\u000e-\u001f]/, 'sources/other-database', 'Parquet, ORC'],
  [/^(?:ARROW1|Obj\u0001)/, 'sources/other-database', 'Arrow, Avro'],
  [/^\0\u0001\0\0Standard (?:Jet|ACE) DB/, 'sources/other-database', 'Access'],
]

/** Kinds of ZIP containers besides workbooks, by the names of their members. */
const refusedZips: readonly Known[] = [
  [/^xl\/workbook\.bin$/m, 'sources/other-sheet', '.xlsb'],
  [/^Index(?:\.zip$|\/)/m, 'sources/other-sheet', '.numbers'],
  [/^content\.xml$/m, 'sources/other-sheet', '.ods'],
  [/^(?:word|ppt)\//m, 'sources/document', 'Office'],
]

/** What a ZIP container without a workbook is, as the `Failure` that names it. */
export function containerWithout(members: Iterable<string>): Failure {
  const names = [...members].join('\n')
  const known = refusedZips.find(([pattern]) => pattern.test(names))
  return new Failure(known?.[1] ?? 'sources/archive', known?.[2] ?? 'ZIP')
}

/** The kind of a file by its first bytes. A `Failure` for kinds that are known and not read. */
export function kindOf(head: Uint8Array): Kind {
  if (head.length === 0) throw new Failure('sources/empty', 'no byte')
  const latin = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1')
  if (/^PK(?:\u0003\u0004|\u0005\u0006)/.test(latin)) return 'xlsx'
  if (latin.startsWith('SQLite format 3\0')) return 'sqlite'
  if (latin.startsWith(ole)) throw inOle(latin)
  if (isDbase(head)) throw new Failure('sources/other-database', 'dBase')
  const bare = latin
    .replaceAll('\0', '')
    .replace(/^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)?\s*/, '')
  const known =
    refusedRaw.find(([pattern]) => pattern.test(latin)) ??
    refused.find(([pattern]) => pattern.test(bare))
  if (known !== undefined) throw new Failure(known[1], known[2])
  return 'text'
}

const ole = '\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1'

/** What OLE containers hold, by the names of their streams; the rest are old workbooks. */
const streams: readonly (readonly [name: string, code: FileCode])[] = [
  ['EncryptedPackage', 'sources/encrypted'],
  ['WordDocument', 'sources/document'],
  ['PowerPoint Document', 'sources/document'],
]

function inOle(latin: string): Failure {
  const known = streams.find(([name]) => latin.includes(Array.from(name).join('\0')))
  if (known !== undefined) return new Failure(known[1], known[0])
  return new Failure('sources/old-excel', latin.includes('B\0o\0o\0k\0\0') ? 'BIFF5' : 'BIFF8, .et')
}

/**
 * Where the names of an OLE container's streams stand ([MS-CFB] 2.2): its head alone may not reach
 * them. Null for other files.
 */
export function streamNamesAt(head: Uint8Array): number | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  if (bytes.length < 512 || bytes.toString('latin1', 0, 8) !== ole) return null
  const shift = bytes.readUInt16LE(30)
  return shift === 9 || shift === 12 ? (bytes.readUInt32LE(48) + 1) * 2 ** shift : null
}

/** A table of dBase: its version, the day of its last change, and a header that ends as it says. */
function isDbase(head: Uint8Array): boolean {
  const [version = 0, , month = 0, day = 0] = head
  if (![0x03, 0x30, 0x31, 0x83, 0x8b, 0xf5].includes(version) || head.length < 32) return false
  const size = (head[8] ?? 0) + (head[9] ?? 0) * 256
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 && size >= 33 && head[size - 1] === 0x0d
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
