// Text with delimiters (RFC 4180 and what is met besides) as rows, byte by byte, with bounded
// memory; and the way back. No delimiter but `|` can be part of a character in the encodings read
// here, so rows are cut as bytes and each cell is decoded by itself: a sequence that is no
// character spoils its cell and no other. Beyond the RFC, each with its code: quotation marks
// inside plain cells, text after a closing mark, marks that are never closed (the mark then counts
// as a character, so the damage ends with its line), single CR or LF as line ends, rows of any
// width.
import { cellBytesMax } from './cells.ts'
import type { Cell, Row } from './cells.ts'
import type { CellCode } from './codes.ts'
import { utf8Size } from './format.ts'
import type { Encoding } from './format.ts'
import { gbDecode, gbEncode } from './gb18030.ts'

export type Delimiter = ',' | '\t' | ';' | '|'

export const delimiters: readonly Delimiter[] = [',', '\t', ';', '|']

/** The longest quoted or plain cell in bytes, and the most cells of a row. */
const limits = {
  cellBytes: cellBytesMax,
  rowBytes: 4 * 1024 * 1024,
  rowCells: 16_384,
} as const

const quote = 0x22
const lf = 0x0a
const cr = 0x0d

export type DelimitedOptions = {
  readonly encoding: Encoding
  /** null: each line is one cell. */
  readonly delimiter: Delimiter | null
  readonly take: (row: Row) => void
}

/** Takes bytes in chunks and gives rows. UTF-16 is turned into UTF-8 on the way. Untrusted. */
export class DelimitedReader {
  readonly #take: (row: Row) => void
  readonly #delimiter: number
  readonly #gb: boolean
  readonly #wide: Utf16 | null
  #rest: Buffer = Buffer.alloc(0)
  /** Offset in the file of the first byte of the rest. */
  #base = 0
  #number = 0
  #skipping = false
  #begun = false
  #afterCr = false

  constructor({ encoding, delimiter, take }: DelimitedOptions) {
    this.#take = take
    this.#delimiter = delimiter === null ? -1 : delimiter.charCodeAt(0)
    this.#gb = encoding === 'gb18030'
    this.#wide = encoding.startsWith('utf-16') ? new Utf16(encoding === 'utf-16be') : null
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#wide === null ? chunk : this.#wide.push(chunk)
    this.#rest = Buffer.concat([this.#rest, bytes])
    if (!this.#begun && this.#rest.length < 3) return
    this.#begin()
    this.#cut(false)
  }

  end(): void {
    if (this.#wide !== null) this.#rest = Buffer.concat([this.#rest, this.#wide.end()])
    this.#begin()
    this.#cut(true)
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    const mark = this.#rest[0] === 0xef && this.#rest[1] === 0xbb && this.#rest[2] === 0xbf
    if (mark && !this.#gb) this.#drop(3)
  }

  #drop(count: number): void {
    this.#rest = this.#rest.subarray(count)
    this.#base += count
  }

  /** Cuts all rows that have ended, and at the end the last one. */
  #cut(last: boolean): void {
    let at = 0
    const { length } = this.#rest
    while (at < length) {
      // LF after CR belongs to the line end before, in whichever chunk it comes.
      if (this.#afterCr && this.#rest[at] === lf) at += 1
      this.#afterCr = false
      if (at >= length) break
      const next = this.#skipping ? this.#skip(at) : this.#row(at, last)
      if (next < 0) break
      at = next
    }
    this.#drop(at)
  }

  /** Passes over what is left of a row that was too long; its row has been given already. */
  #skip(from: number): number {
    for (let at = from; at < this.#rest.length; at += 1) {
      const byte = this.#rest[at]
      if (byte === lf || byte === cr) {
        this.#skipping = false
        this.#afterCr = byte === cr
        return at + 1
      }
    }
    return this.#rest.length
  }

  /** Gives the row that begins here; where the next one begins, or -1 while this one goes on. */
  #row(from: number, last: boolean): number {
    const cells: Cell[] = []
    let wide = false
    let at = from
    for (;;) {
      const cell = this.#rest[at] === quote ? this.#quoted(at, last) : this.#plain(at)
      if (cell === null) return -1
      const ended = cell.end < this.#rest.length ? this.#rest[cell.end] : undefined
      const over = cell.end - from > limits.rowBytes || cell.end - at > limits.cellBytes * 2
      if (ended === undefined && !last && !over) return -1
      if (cells.length < limits.rowCells) cells.push(this.#cellOf(cell))
      else wide = true
      if (ended === this.#delimiter && !over) {
        at = cell.end + 1
        continue
      }
      const blank = cell.end === from
      this.#give(blank ? [] : cells, wide || (over && ended === this.#delimiter))
      this.#afterCr = ended === cr
      this.#skipping = over && ended !== cr && ended !== lf
      return Math.min(cell.end + 1, this.#rest.length)
    }
  }

  #give(cells: readonly Cell[], wide: boolean): void {
    this.#number += 1
    const row: Row = { number: this.#number, cells }
    this.#take(wide ? { ...row, flaw: 'sources/wide-row' } : row)
  }

  #plain(from: number): Piece {
    const bytes = this.#rest
    let at = from
    let flaw: CellCode | undefined
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at] as number
      if (byte === this.#delimiter || byte === lf || byte === cr) break
      if (byte === quote) flaw = 'sources/stray-quote'
      // `|` may be the second byte of a character.
      else if (byte > 0x80 && this.#gb && bytes[at + 1] === 0x7c) at += 1
    }
    return { from, to: Math.min(at, bytes.length), end: at, doubled: false, flaw }
  }

  /** A cell in quotation marks; null while its end may still come. */
  #quoted(from: number, last: boolean): Piece | null {
    const bytes = this.#rest
    let doubled = false
    for (let at = from + 1; ; at += 2) {
      at = bytes.indexOf(quote, at)
      const open = at < 0 && bytes.length - from <= limits.cellBytes
      if (open && !last) return null
      if (at < 0 || at - from > limits.cellBytes) return this.#unclosed(from)
      if (at + 1 >= bytes.length && !last) return null
      if (bytes[at + 1] === quote) {
        doubled = true
        continue
      }
      const tail = this.#plain(at + 1)
      const clean = tail.end === at + 1
      if (clean) return { from: from + 1, to: at, end: at + 1, doubled, flaw: undefined }
      return {
        from: from + 1,
        to: tail.to,
        end: tail.end,
        doubled: true,
        flaw: 'sources/text-after-quote',
      }
    }
  }

  #unclosed(from: number): Piece {
    return { ...this.#plain(from), flaw: 'sources/unclosed-quote' }
  }

  #cellOf({ from, to, doubled, flaw }: Piece): Cell {
    if (to - from > limits.cellBytes) return { text: '', sort: 'bad', flaw: 'sources/long-cell' }
    const text = this.#decode(from, to)
    if (typeof text === 'number') {
      const offset = this.#wide === null ? { offset: this.#base + text } : {}
      return { text: '', sort: 'bad', flaw: 'sources/bad-sequence', ...offset }
    }
    const whole = doubled ? text.replaceAll('""', '"') : text
    return flaw === undefined ? { text: whole, sort: 'text' } : { text: whole, sort: 'text', flaw }
  }

  /** The text, or where in the rest a byte begins no character. */
  #decode(from: number, to: number): string | number {
    const bytes = this.#rest.subarray(from, to)
    if (this.#gb) {
      const text = gbDecode(bytes)
      return typeof text === 'number' ? from + text : text
    }
    const text = bytes.toString('utf8')
    if (!text.includes('\ufffd')) return text
    for (let at = 0; at < bytes.length;) {
      const size = utf8Size(bytes, at)
      if (size === 0) return from + at
      at += size
    }
    return text
  }
}

/** Where a cell stands in the rest: its text, and the delimiter or line end after it. */
type Piece = {
  readonly from: number
  readonly to: number
  readonly end: number
  readonly doubled: boolean
  readonly flaw: CellCode | undefined
}

/** UTF-16 as UTF-8. Lone surrogates keep a form that no decoder takes, so they are found. */
class Utf16 {
  readonly #high: number
  #rest: Buffer = Buffer.alloc(0)
  #begun = false

  constructor(bigEndian: boolean) {
    this.#high = bigEndian ? 0 : 1
  }

  push(chunk: Uint8Array): Buffer {
    const bytes = Buffer.concat([this.#rest, chunk])
    let end = bytes.length - (bytes.length % 2)
    if (end >= 2 && (this.#unit(bytes, end - 2) & 0xfc00) === 0xd800) end -= 2
    this.#rest = bytes.subarray(end)
    return this.#turn(bytes, end)
  }

  /** What is left: a lone surrogate, or half a unit. */
  end(): Buffer {
    const odd = this.#rest.length % 2 === 1 ? [Buffer.of(0xff)] : []
    return Buffer.concat([this.#turn(this.#rest, this.#rest.length - odd.length), ...odd])
  }

  #unit(bytes: Buffer, at: number): number {
    return ((bytes[at + this.#high] as number) << 8) | (bytes[at + 1 - this.#high] as number)
  }

  #turn(bytes: Buffer, end: number): Buffer {
    const out = Buffer.alloc((end / 2) * 3)
    let size = 0
    for (let at = 0; at < end; at += 2) {
      const unit = this.#unit(bytes, at)
      const next = at + 2 < end ? this.#unit(bytes, at + 2) : 0
      const pair = (unit & 0xfc00) === 0xd800 && (next & 0xfc00) === 0xdc00
      if (!this.#begun && unit === 0xfeff) {
        this.#begun = true
        continue
      }
      this.#begun = true
      if (unit < 0x80) out[size++] = unit
      else if (unit < 0x800) {
        out[size++] = 0xc0 | (unit >> 6)
        out[size++] = 0x80 | (unit & 0x3f)
      } else if (pair) {
        const point = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff)
        size += out.write(String.fromCodePoint(point), size, 'utf8')
        at += 2
      } else {
        out[size++] = 0xe0 | (unit >> 12)
        out[size++] = 0x80 | ((unit >> 6) & 0x3f)
        out[size++] = 0x80 | (unit & 0x3f)
      }
    }
    return out.subarray(0, size)
  }
}

// Spreadsheets of East Asia take full-width marks for the plain ones.
const formulaLike = /^'*[=+\-@\t\r\n＝＋－＠]/
const madeHarmless = /^'+[=+\-@\t\r\n＝＋－＠]/
const plainNumber = /^[+-]?\d+(?:\.\d+)?$/

/**
 * A line of a table for people: cells that a spreadsheet would run as a formula get an apostrophe,
 * which `restored` takes away again. Null when a character has no form in the encoding.
 */
export function writeRow(
  cells: readonly string[],
  { encoding, delimiter }: { encoding: 'utf-8' | 'gb18030'; delimiter: Delimiter },
): Uint8Array | null {
  const line = cells.map((cell) => quoted(neutral(cell), delimiter)).join(delimiter)
  // A single empty cell would otherwise read as a blank line.
  const text = `${line === '' ? '""' : line}\r\n`
  if (encoding === 'utf-8') return text.isWellFormed() ? Buffer.from(text, 'utf8') : null
  const bytes = gbEncode(text)
  return typeof bytes === 'number' ? null : bytes
}

function neutral(cell: string): string {
  return formulaLike.test(cell) && !plainNumber.test(cell) ? `'${cell}` : cell
}

function quoted(cell: string, delimiter: Delimiter): string {
  const special = cell.includes(delimiter) || /["\r\n]/.test(cell)
  return special ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** The cell as it was before `writeRow` made it harmless. */
export function restored(cell: string): string {
  return madeHarmless.test(cell) ? cell.slice(1) : cell
}
