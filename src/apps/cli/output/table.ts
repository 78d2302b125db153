// Quiet tables: columns by spaces, no rules. Chinese characters take two cells of a terminal, so
// widths are counted in cells; long sentences are folded by the same count.

/** Cells that a text takes on a terminal; a table of ranges, wide enough for what we print. */
export function cellsOf(text: string): number {
  let cells = 0
  for (const char of text) cells += isWide(char.codePointAt(0) ?? 0) ? 2 : 1
  return cells
}

function isWide(point: number): boolean {
  if (point < 0x1100) return false
  return (
    point <= 0x115f ||
    (point >= 0x2e80 && point <= 0xa4cf) ||
    (point >= 0xac00 && point <= 0xd7a3) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0xfe30 && point <= 0xfe6f) ||
    (point >= 0xff00 && point <= 0xff60) ||
    (point >= 0xffe0 && point <= 0xffe6) ||
    (point >= 0x20000 && point <= 0x3fffd)
  )
}

/** Lines of a table; the last cell of a row is not padded, so lines end where their text ends. */
export function tableLines(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [at, cell] of row.slice(0, -1).entries()) {
      widths[at] = Math.max(widths[at] ?? 0, cellsOf(cell))
    }
  }
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : padded(cell, widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - cellsOf(cell)))
}

/** Marks that stand at the end of a line rather than at the beginning of the next one. */
const closing = '，。；：、！？）】》”’'
/** And at the beginning of a line rather than at the end of one. */
const opening = '（【《“‘'

/**
 * A sentence as lines of at most so many cells: folded at spaces and between Chinese characters. A
 * word that is longer than a line stays whole. Lines after the first one begin with `indent`.
 */
export function foldLines(text: string, width: number, indent: string): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of piecesOf(text)) {
    const start = lines.length === 0 ? '' : indent
    const fits = cellsOf(start + (line + piece).trimEnd()) <= width
    if (fits || line === '') line += line === '' && lines.length > 0 ? piece.trimStart() : piece
    else {
      lines.push((start + line).trimEnd())
      line = piece.trimStart()
    }
  }
  lines.push(((lines.length === 0 ? '' : indent) + line).trimEnd())
  return lines
}

/** What is never folded: a word with the space after it, a wide character with its marks. */
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = []
  let opened = false
  let inWord = false
  for (const char of text) {
    const wide = cellsOf(char) > 1
    const last = pieces.length - 1
    const stays = opened || closing.includes(char) || (inWord && !wide)
    if (last >= 0 && stays) pieces[last] += char
    else pieces.push(char)
    opened = opening.includes(char)
    inWord = !wide && char !== ' '
  }
  return pieces
}
