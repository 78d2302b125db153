// `lianban source export FILE OUT`: the rows of a source as text in the encoding that a
// department's programs read, GB 18030 or UTF-8. Cells that a spreadsheet would run as formulas
// are made harmless. A cell that could not be read, or has no form in the encoding, ends the
// export with its address: nothing is replaced, and no half of a file is left.
import fs from 'node:fs'
import { Failure, letterOf, writeRow } from '#adapters/sources'
import type { Delimiter, Row } from '#adapters/sources'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, text } from '#apps/cli/output'
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
  const file = created(out)
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
    writer.end()
    progress()
    const { rows } = writer
    const done = ask.terminal.words(
      `已写 ${rows} 行（${encoding}）`,
      `${rows} rows written in ${encoding}`,
    )
    return { data: { file: path, out, encoding, rows }, lines: [done] }
  } catch (error) {
    fs.rmSync(out)
    throw error instanceof Failure ? stopOf(error, path) : error
  } finally {
    fs.closeSync(file)
  }
}

/** A new file; one that exists is never written over. */
function created(path: string): number {
  try {
    return fs.openSync(path, 'wx', 0o600)
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw new Stop({
      code: 'cli/not-written',
      exit: exits.failure,
      at: path,
      text: text(`无法写入（${code}）`, `cannot be written (${code})`),
    })
  }
}

const blockBytes = 256 * 1024

class RowWriter {
  readonly #file: number
  readonly #output: Output
  #waiting: Uint8Array[] = []
  #size = 0
  /** Rows that have been added, a header among them. */
  rows = 0

  constructor(file: number, output: Output) {
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
    this.#waiting.push(bytes)
    this.#size += bytes.length
    if (this.#size >= blockBytes) this.end()
  }

  #bytesOf({ cells, number }: Row): Uint8Array {
    const texts = cells.map((cell) => cell.text)
    const bytes = writeRow(texts, this.#output)
    if (bytes !== null) return bytes
    const at = texts.findIndex((each) => writeRow([each], this.#output) === null)
    throw cellStop('sources/no-form', `${letterOf(at)}${number}`)
  }

  /** Writes what still waits. */
  end(): void {
    const bytes = Buffer.concat(this.#waiting)
    for (let at = 0; at < bytes.length;) at += fs.writeSync(this.#file, bytes, at)
    this.#waiting = []
    this.#size = 0
  }
}

function cellStop(code: string, at: string): Stop {
  return new Stop({ code, exit: exits.failure, at, remedy: remedyOf(code) })
}
