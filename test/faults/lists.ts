// The longest lists that are promised, tried and loaded by processes that are watched for memory.
import { fork } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { writeBook, writeText } from '#test/source-lists'
import type { ListDone, ListJob } from './lists-worker.ts'

/** 500 MB, in MiB. */
export const mostMib = 476

export type Read = ListDone & { readonly name: string; readonly rows: number }

export type Lists = {
  /** Rows of the text and of the workbook. */
  readonly text: number
  readonly book: number
  readonly verbs: readonly ListJob['verb'][]
}

/** Reads a text and a workbook of so many rows, each time in a process of its own. */
export async function run(rows: Lists): Promise<readonly Read[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lianban-lists-'))
  const [text, book] = [path.join(folder, 'list.csv'), path.join(folder, 'list.xlsx')]
  const done: Read[] = []
  try {
    writeText(text, rows.text, 'gb18030')
    writeBook(book, rows.book)
    for (const verb of rows.verbs) {
      const ofText = { verb, address: text, rows: rows.text }
      const ofBook = { verb, address: book, rows: rows.book }
      done.push({ name: `text ${verb}`, rows: rows.text, ...(await read(ofText)) })
      done.push({ name: `workbook ${verb}`, rows: rows.book, ...(await read(ofBook)) })
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
  return done
}

function read(job: ListJob): Promise<ListDone> {
  const worker = fork(path.join(import.meta.dirname, 'lists-worker.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    worker.once('message', (done: ListDone) => resolve(done))
    worker.once('exit', (code) => reject(new Error(`${job.verb}: the process ended with ${code}`)))
    worker.send(job)
  })
}
