// Reading a table for its fingerprints: each row becomes a keyed hash of what it is found by and
// one of what is read of it. No value outlives the row that it came from.
import { createHash, createHmac } from 'node:crypto'
import { setImmediate as soon } from 'node:timers/promises'
import type { Register } from '#adapters/registers'
import type { RefreshBook } from './book.ts'
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

type Cells = readonly (string | number | null)[]

/** Bytes of a fingerprint, in base64url 22 characters: chance joins no two of a billion rows. */
const printBytes = 16

/** The fingerprint of a row's key: what its department finds it by. */
export function keyPrint(secret: Uint8Array, item: string, cells: Cells): string {
  return printOf(secret, JSON.stringify([item, 'key', cells]))
}

/**
 * Reads a table and compares it. A table that is gone is read as one without columns and rows.
 * Throws what the register throws.
 */
export async function readTable(
  register: Register,
  holding: Holding,
  into: { readonly book: RefreshBook; readonly resource: string; readonly secret: Uint8Array },
): Promise<Read> {
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

function printOf(secret: Uint8Array, text: string): string {
  return createHmac('sha256', secret)
    .update(text)
    .digest()
    .subarray(0, printBytes)
    .toString('base64url')
}
