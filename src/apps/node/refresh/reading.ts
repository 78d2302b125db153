// Reading a table for its fingerprints: each row becomes a keyed hash of what it is found by and
// one of what is read of it. No value outlives the row that it came from. A large table in a file
// is read in a thread of its own, so that the department goes on answering.
import { createHash, hash } from 'node:crypto'
import { setImmediate as soon } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Register } from '#adapters/registers'
import type { Kept, RefreshBook } from './book.ts'
import { compareStates } from './comparing.ts'
import type { Differences, Print } from './comparing.ts'
import type { Holding } from './holdings.ts'
import { schemaOf } from './holdings.ts'

/** A table as it is now, against the state that counted. */
export type Read = {
  readonly schema: string
  readonly rows: number
  readonly digest: string
  readonly differences: Differences
  /** Columns that are read, as the system declares them. */
  readonly fields: readonly { readonly name: string; readonly is: string }[]
}

/** What was read, until it counts or is let go. */
export type Reading = {
  readonly read: Read
  /** From now on it is what the next state is compared with. */
  keep(kept: Kept): Promise<void>
  close(): Promise<void>
}

/** Where a table is read, and for which resource. */
export type Into = {
  readonly book: RefreshBook
  readonly resource: string
  readonly secret: string
}

/** What a thread needs that reads a table of a file. */
export type Apart = {
  readonly file: string
  readonly bookPath: string
  readonly holding: Holding
  readonly resource: string
  readonly secret: string
}

/** What a thread says. */
export type FromApart =
  | { readonly is: 'read'; readonly read: Read }
  | { readonly is: 'failed'; readonly code: string }
  | { readonly is: 'kept' }

/** Tables with more rows than this are read apart, where their system is a file. */
const hereMax = 20_000

type Cells = readonly (string | number | null)[]

/** Characters of a fingerprint, 132 bits: chance joins no two of a billion rows. */
const printLength = 22

/** The fingerprint of a row's key: what its department finds it by. */
export function keyPrint(secret: string, item: string, cells: Cells): string {
  return printOf(secret, JSON.stringify([item, 'key', cells]))
}

/** Reads a table, here or apart. Throws what the register throws. */
export async function openReading(
  register: Register,
  holding: Holding,
  of: Into & { readonly file: string | null; readonly bookPath: string },
): Promise<Reading> {
  const { book, resource, secret, file, bookPath } = of
  const { rows } = await describe(register, holding.table)
  if (file !== null && rows > hereMax) {
    return readApart({ file, bookPath, holding, resource, secret })
  }
  const read = await readTable(register, holding, of)
  const keep = async (kept: Kept): Promise<void> => book.keep(resource, kept)
  return { read, keep, close: async () => undefined }
}

async function readApart(apart: Apart): Promise<Reading> {
  const worker = new Worker(new URL('./reading-worker.ts', import.meta.url), { workerData: apart })
  const next = (): Promise<FromApart> =>
    new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(failureOf('node/source-failed')))
    })
  const said = await next()
  if (said.is !== 'read') {
    await worker.terminate()
    throw failureOf(said.is === 'failed' ? said.code : 'node/source-failed')
  }
  return {
    read: said.read,
    keep: async (kept) => {
      worker.postMessage(kept)
      await next()
    },
    close: async () => void (await worker.terminate()),
  }
}

function failureOf(code: string): Error {
  return Object.assign(new Error(code), { code })
}

/**
 * Reads a table and compares it. A table that is gone is read as one without columns and rows.
 * Throws what the register throws.
 */
export async function readTable(register: Register, holding: Holding, into: Into): Promise<Read> {
  const { book, resource, secret } = into
  const described = await describe(register, holding.table)
  const names = described.columns.map(({ name }) => name)
  const places = holding.columns.flatMap((name) => {
    const at = names.indexOf(name)
    return at < 0 ? [] : [{ name, at }]
  })
  const keyPlaces = holding.key.flatMap((name) => places.filter((place) => place.name === name))
  const isKeyed = keyPlaces.length === holding.key.length && keyPlaces.length > 0
  book.begin()
  let rows = 0
  if (places.length > 0) {
    await register.scan(holding.table, (cells) => {
      rows += 1
      const row = places.map(({ name, at }) => [name, cells[at] ?? null])
      const print = printOf(secret, JSON.stringify([holding.item, row]))
      const key = keyPlaces.map(({ at }) => cells[at] ?? null)
      book.take(isKeyed ? keyPrint(secret, holding.item, key) : print, print)
    })
  }
  const digest = createHash('sha256')
  const differences = await compareStates(book.before(resource), through(book.now(), digest), {
    moved: (print) => book.moved(print),
    isOwn: (key) => book.isOwn(resource, key),
    pause: () => soon(),
  })
  const fields = described.columns
    .filter(({ name }) => holding.columns.includes(name))
    .map(({ name, type }) => ({ name, is: type === '' ? 'any' : type }))
  const schema = schemaOf(holding, described)
  return { schema, rows, digest: digest.digest('base64url'), differences, fields }
}

async function describe(
  register: Register,
  table: string,
): Promise<Awaited<ReturnType<Register['describe']>>> {
  try {
    return await register.describe(table)
  } catch (failure) {
    const { code } = failure as { readonly code?: unknown }
    if (code !== 'registers/unknown-table') throw failure
    return { columns: [], rows: 0 }
  }
}

/** The same fingerprints, each also in the digest of all. */
function through(
  prints: Iterator<Print>,
  digest: { update(text: string): unknown },
): Iterator<Print> {
  return {
    next: () => {
      const next = prints.next()
      if (next.done !== true) {
        const { key, print, n } = next.value
        digest.update(`${key}${print}${n}\n`)
      }
      return next
    },
  }
}

// SHA-256 over a secret of fixed length and the text, cut to half: what is cut off keeps anybody
// from going on where a hash ends, and one call is six times as fast as an HMAC.
function printOf(secret: string, text: string): string {
  return hash('sha256', secret + text, 'base64url').slice(0, printLength)
}
