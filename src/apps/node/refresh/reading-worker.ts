// The thread that reads one large table of a file: it says what it found, and when it is told that
// this counts, it writes it into the department's private book and says so.
import { parentPort, workerData } from 'node:worker_threads'
import { openSqliteRegister } from '#adapters/registers'
import type { Kept } from './book.ts'
import { RefreshBook } from './book.ts'
import { readTable } from './reading.ts'
import type { Apart, FromApart } from './reading.ts'

const { file, bookPath, holding, resource, secret } = workerData as Apart

function say(said: FromApart): void {
  parentPort?.postMessage(said)
}

async function read(): Promise<void> {
  const register = openSqliteRegister(file)
  const book = new RefreshBook(bookPath)
  parentPort?.on('message', (kept: Kept) => {
    book.keep(resource, kept)
    say({ is: 'kept' })
  })
  say({ is: 'read', read: await readTable(register, holding, { book, resource, secret }) })
}

try {
  await read()
} catch (failure) {
  const { code } = failure as { readonly code?: unknown }
  say({ is: 'failed', code: typeof code === 'string' ? code : 'node/source-failed' })
}
