// Quiet tables: columns by spaces, no rules. Chinese characters take two cells of a terminal, so
// widths are counted in cells.

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
