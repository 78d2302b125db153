// GB 18030 as tables: strict decoding that says where a sequence is bad, and the way back, which
// the platform does not have. The tables are read off the platform's decoder once, at first use
// (the mapping of the WHATWG Encoding Standard, which has the characters of GB 18030-2022).
// Whatever is encoded decodes to the same text. Bytes come back as they were but for 18 characters
// that had a form of four bytes before 2022 and have one of two bytes since: both are read, the new
// one is written.

const pairs = 126 * 190
const quads = 39_420
const none = 0xfffd

type Tables = {
  /** Code unit of each two-byte sequence; 0 where there is none. */
  readonly two: Uint16Array
  /** Code unit of each four-byte sequence of the BMP; 0 where there is none. */
  readonly four: Uint16Array
  /** The sequence of each code unit: two bytes up to 0xffff, four above; 0 where there is none. */
  readonly back: Uint32Array
}

let made: Tables | undefined

function tables(): Tables {
  made ??= makeTables()
  return made
}

function makeTables(): Tables {
  const back = new Uint32Array(0x10000)
  const two = new Uint16Array(pairs)
  const four = new Uint16Array(quads)
  const decoder = new TextDecoder('gb18030')
  const fill = (table: Uint16Array, bytesOf: (at: number) => readonly number[]): void => {
    for (let at = 0; at < table.length; at += 1) {
      const bytes = bytesOf(at)
      const text = decoder.decode(Uint8Array.from(bytes))
      const unit = text.length === 1 ? text.charCodeAt(0) : none
      if (unit === none || unit < 0x80) continue
      const second = back[unit] !== 0
      if (second && table === two) continue
      table[at] = unit
      if (!second) back[unit] = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
    }
  }
  fill(two, pairBytes)
  fill(four, quadBytes)
  return { two, four, back }
}

function pairBytes(at: number): readonly number[] {
  const trail = at % 190
  return [0x81 + Math.floor(at / 190), trail < 63 ? 0x40 + trail : 0x41 + trail]
}

function quadBytes(at: number): readonly number[] {
  const hundreds = Math.floor(at / 10)
  const thousands = Math.floor(hundreds / 126)
  return [
    0x81 + Math.floor(thousands / 10),
    0x30 + (thousands % 10),
    0x81 + (hundreds % 126),
    0x30 + (at % 10),
  ]
}

/**
 * Bytes of the character at `at`: 1, 2 or 4; 0 when no character begins here. Bytes after the end
 * make the sequence bad, so a caller with more to come keeps back an unfinished one.
 */
export function gbSize(bytes: Uint8Array, at: number, end: number = bytes.length): number {
  const lead = bytes[at] as number
  if (lead < 0x80) return 1
  if (lead === 0x80 || lead === 0xff || at + 1 >= end) return 0
  const second = bytes[at + 1] as number
  if (second >= 0x40) {
    if (second === 0x7f || second === 0xff) return 0
    return tables().two[pairAt(lead, second)] === 0 ? 0 : 2
  }
  if (second < 0x30 || second > 0x39 || at + 3 >= end) return 0
  return pointOfFour(bytes, at) === 0 ? 0 : 4
}

function pairAt(lead: number, trail: number): number {
  return (lead - 0x81) * 190 + trail - (trail < 0x7f ? 0x40 : 0x41)
}

function pointOfFour(bytes: Uint8Array, at: number): number {
  const [lead, second, third, last] = bytes.subarray(at, at + 4) as unknown as [
    number,
    number,
    number,
    number,
  ]
  if (third < 0x81 || third > 0xfe || last < 0x30 || last > 0x39) return 0
  const index = (((lead - 0x81) * 10 + second - 0x30) * 126 + third - 0x81) * 10 + last - 0x30
  if (index < quads) return tables().four[index] as number
  // From 90308130 on, one after the other: the characters above the BMP.
  const above = index - 189_000
  return above >= 0 && above < 0x100000 ? above + 0x10000 : 0
}

/** The text, or the offset of the first byte that begins no character. */
export function gbDecode(bytes: Uint8Array): string | number {
  const units: number[] = []
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const size = gbSize(bytes, at)
    if (size === 0) return at
    if (size === 1) units.push(bytes[at] as number)
    else if (size === 2) {
      units.push(tables().two[pairAt(bytes[at] as number, bytes[at + 1] as number)] as number)
    } else {
      const point = pointOfFour(bytes, at)
      if (point < 0x10000) units.push(point)
      else units.push(0xd7c0 + (point >> 10), 0xdc00 | (point & 0x3ff))
    }
    at += size
    if (units.length >= 4095) text += String.fromCharCode(...units.splice(0))
  }
  return text + String.fromCharCode(...units)
}

/** The text in GB 18030, or the index of the first character that has no form in it. */
export function gbEncode(text: string): Uint8Array | number {
  const bytes = new Uint8Array(text.length * 4)
  let size = 0
  for (let at = 0; at < text.length; at += 1) {
    const point = text.codePointAt(at) as number
    const code = codeOf(point)
    if (code === 0 && point !== 0) return at
    if (code < 0x80) bytes[size++] = code
    else {
      if (code > 0xffff) {
        bytes[size++] = code >>> 24
        bytes[size++] = (code >>> 16) & 0xff
      }
      bytes[size++] = (code >>> 8) & 0xff
      bytes[size++] = code & 0xff
    }
    if (point > 0xffff) at += 1
  }
  return bytes.subarray(0, size)
}

/** The bytes of a character as one number; 0 where it has no form, as for lone surrogates. */
function codeOf(point: number): number {
  if (point < 0x80) return point
  if (point < 0x10000) return tables().back[point] as number
  return quadBytes(point - 0x10000 + 189_000).reduce((sum, byte) => sum * 256 + byte, 0)
}
