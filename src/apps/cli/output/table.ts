// Quiet tables: columns by spaces, no rules. Chinese characters take two cells of a terminal, so
// widths are counted in cells; long sentences are folded by the same count.

/** Colours, and marks that stand upon the character before them: they take no cell of their own. */
const weightless = /\u001b\[[0-9;]*m|\p{Mn}|[\u200b-\u200d]/gu

/** Cells that a text takes on a terminal; a table of ranges, wide enough for what we print. */
export function cellsOf(text: string): number {
  let cells = 0
  for (const char of text.replaceAll(weightless, '')) {
    cells += isWide(char.codePointAt(0) ?? 0) ? 2 : 1
  }
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

export type TableForm = {
  /** Columns of counts, which stand to the right, their head among them. */
  readonly numbers?: readonly number[]
  /** Cells of a line; the last cell of a row is folded where it does not fit. */
  readonly width?: number
}

/** A last cell gets at least so many cells of a line, or a line of its own. */
const lastCellsMin = 20

/** Lines of a table; the last cell of a row is not padded, so lines end where their text ends. */
export function tableLines(
  rows: readonly (readonly string[])[],
  { numbers = [], width = Infinity }: TableForm = {},
): readonly string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [at, cell] of row.entries()) {
      if (at === row.length - 1 && !numbers.includes(at)) continue
      widths[at] = Math.max(widths[at] ?? 0, cellsOf(cell))
    }
  }
  return rows.flatMap((row) => {
    const cells = row.map((cell, at) => {
      const blanks = ' '.repeat(Math.max(0, (widths[at] ?? 0) - cellsOf(cell)))
      if (numbers.includes(at)) return blanks + cell
      return at === row.length - 1 ? cell : cell + blanks
    })
    const line = cells.join('  ').trimEnd()
    return cellsOf(line) <= width ? [line] : foldedRow(cells, width)
  })
}

/** A row that is wider than its lines: what stands last goes on below itself. */
function foldedRow(cells: readonly string[], width: number): readonly string[] {
  const first = cells.slice(0, -1).join('  ')
  const last = cells.at(-1) ?? ''
  const start = first === '' ? 0 : cellsOf(first) + 2
  const below = ' '.repeat(6)
  const own = foldLines(last, Math.max(lastCellsMin, width - below.length), '')
  const beside = foldLines(last, Math.max(lastCellsMin, width - start), '')
  if (width - start >= lastCellsMin && beside.length <= own.length + 1) {
    const [head = '', ...rest] = beside
    const begin = first === '' ? head : `${first}  ${head}`
    return [begin.trimEnd(), ...rest.map((line) => ' '.repeat(start) + line)]
  }
  const isWide = cells.length > 1 && cellsOf(first.trimEnd()) > width
  const lead = isWide ? foldedRow(cells.slice(0, -1), width) : [first.trimEnd()]
  return [...lead, ...own.map((line) => below + line)]
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
