// `lianban source export FILE OUT`: the rows of a source as text in the encoding that a
// department's programs read, GB 18030 or UTF-8. Cells that a spreadsheet would run as formulas
// are made harmless. A cell that could not be read, or has no form in the encoding, ends the
// export with its address: nothing is replaced, and no half of a file is left.
import { Failure, letterOf, writeRow } from '#adapters/sources'
import type { Delimiter, Row } from '#adapters/sources'
import type { Ask } from '#apps/cli/command'
import { exits, NewFile, Stop } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { badValue, formOptions, opened, stopOf } from './opening.ts'
import { remedyOf } from './remedies.ts'

const outputs = ['utf-8', 'gb18030'] as const

type Output = { readonly encoding: (typeof outputs)[number]; readonly delimiter: Delimiter }

/** Writes a source as text and answers how much of it was written. */
export async function exportSource(ask: Ask): Promise<Answer> {
  const { FILE: path = '', OUT: out = '' } = ask.operands
  const encoding = outputs.find((each) => each === ask.values['to'])
  if (encoding === undefined) throw badValue('--to', outputs)
  const options = formOptions(ask)
  const progress = ask.terminal.progress('已写行', 'rows written')
  const file = new NewFile(out)
  try {
    const source = await opened(path, options)
    const writer = new RowWriter(file, { encoding, delimiter: ',' })
    if (source.header?.row === 0) {
      writer.add({
        number: 0,
        cells: source.header.names.map((name) => ({ text: name, sort: 'text' })),
      })
    }
    await source.rows.scan((row) => {
      writer.add(row)
      progress(row.number)
    })
    file.keep()
    progress()
    const { rows } = writer
    const done = ask.terminal.words(
      `已写 ${rows} 行（${encoding}）`,
      `${rows} rows written in ${encoding}`,
    )
    return { data: { file: path, out, encoding, rows }, lines: [done] }
  } catch (error) {
    throw error instanceof Failure ? stopOf(error, path) : error
  } finally {
    file.drop()
  }
}

class RowWriter {
  readonly #file: NewFile
  readonly #output: Output
  /** Rows that have been added, a header among them. */
  rows = 0

  constructor(file: NewFile, output: Output) {
    this.#file = file
    this.#output = output
  }

  add(row: Row): void {
    const bad = row.cells.findIndex(({ sort }) => sort === 'bad')
    if (row.flaw === 'sources/wide-row') throw cellStop(row.flaw, String(row.number))
    if (bad >= 0)
      throw cellStop(
        row.cells[bad]?.flaw ?? 'sources/bad-sequence',
        `${letterOf(bad)}${row.number}`,
      )
    const bytes = row.cells.length === 0 ? Buffer.from('\r\n') : this.#bytesOf(row)
    this.rows += 1
    this.#file.write(bytes)
  }

  #bytesOf({ cells, number }: Row): Uint8Array {
    const texts = cells.map((cell) => cell.text)
    const bytes = writeRow(texts, this.#output)
    if (bytes !== null) return bytes
    const at = texts.findIndex((each) => writeRow([each], this.#output) === null)
    throw cellStop('sources/no-form', `${letterOf(at)}${number}`)
  }
}

function cellStop(code: string, at: string): Stop {
  return new Stop({ code, exit: exits.failure, at, remedy: remedyOf(code) })
}
