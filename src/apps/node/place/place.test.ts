// The place of a department: written whole, believed only as it was written, and never taken for
// that of another ledger, another history or other settings.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, test } from 'node:test'
import type { LedgerPort } from '#apps/node/ledger-port'
import type { KeepingOptions, Stand } from './index.ts'
import { Keeping, PlaceBook, placeCodes } from './index.ts'

const directory = mkdtempSync(join(tmpdir(), 'lianban-place-'))
after(() => rmSync(directory, { recursive: true, force: true }))

let files = 0
const fresh = (): string => join(directory, `${(files += 1)}.db`)

const two: ReadonlyMap<string, Stand> = new Map([
  ['case-1', 'open'],
  ['case-2', 'watched'],
])

/** A file with two cases, read to entry 7. */
function written(path: string = fresh()): string {
  const book = new PlaceBook(path)
  assert.equal(book.read('me'), 'node/place-missing')
  book.write('me', { next: 7, mark: 'm', sources: ['s'], cases: two })
  book.close()
  return path
}

/** What a file says, opened anew. */
function said(path: string, whose = 'me'): unknown {
  const book = new PlaceBook(path)
  const place = book.read(whose)
  book.close()
  return typeof place === 'string' ? place : { ...place, cases: [...place.cases] }
}

const whole = { next: 7, mark: 'm', sources: ['s'], cases: [...two] }

describe('the file of a place', () => {
  test('is found again as it was written, and only its owner can read it', () => {
    const path = written()
    assert.deepEqual(said(path), whole)
    assert.equal(statSync(path).mode & 0o077, 0)
  })

  test('changes case by case, and forgets those that concern nobody', () => {
    const path = written()
    const book = new PlaceBook(path)
    book.read('me')
    const cases = new Map<string, Stand | null>([
      ['case-1', 'waiting'],
      ['case-2', null],
      ['case-3', 'open'],
      ['never-there', null],
    ])
    book.write('me', { next: 9, mark: 'n', sources: [], cases })
    assert.deepEqual([book.stand('case-1'), book.stand('case-2')], ['waiting', null])
    book.close()
    const left = [
      ['case-1', 'waiting'],
      ['case-3', 'open'],
    ]
    assert.deepEqual(said(path), { next: 9, mark: 'n', sources: [], cases: left })
  })

  test('that is another’s is not believed', () => {
    assert.equal(said(written(), 'you'), 'node/place-other')
  })

  test('of which a case was taken away, or put in, is not believed', () => {
    for (const statement of [
      "DELETE FROM cases WHERE id = 'case-1'",
      "INSERT INTO cases VALUES ('case-9', 'open')",
      "UPDATE cases SET stand = 'watched'",
      "UPDATE cases SET stand = 'gone'",
      'UPDATE place SET next = 8',
      "UPDATE place SET sources = '[]'",
    ]) {
      const path = written()
      const book = new PlaceBook(path)
      change(path, statement)
      assert.equal(book.read('me'), 'node/place-damaged', statement)
      book.close()
    }
  })

  test('with a changed byte is as it was written or not believed, and can be begun anew', () => {
    const path = written()
    const bytes = readFileSync(path)
    const states = new Set<unknown>()
    const texts = ['lianban', 'case-1', 'watched', 'CREATE', 'SQLite'].map((text) =>
      bytes.indexOf(text),
    )
    const header = Array.from({ length: 100 }, (_, at) => at)
    const places = [...header, ...texts.filter((at) => at >= 0)]
    for (const at of places) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 0x55
      const other = fresh()
      writeFileSync(other, changed)
      const book = new PlaceBook(other)
      const found = book.read('me')
      if (typeof found === 'object') {
        assert.deepEqual({ ...found, cases: [...found.cases] }, whole, `byte ${at}`)
      } else {
        states.add(found)
        book.forget()
        book.write('me', { next: 1, mark: '', sources: [], cases: new Map() })
        assert.equal(typeof book.read('me'), 'object', `byte ${at}`)
      }
      book.close()
    }
    assert.deepEqual([...states], ['node/place-damaged'])
  })

  test('that was cut off anywhere is not believed', () => {
    const path = written()
    for (const length of [1, 99, 4_096, 8_192, readFileSync(path).length - 1]) {
      const cut = fresh()
      writeFileSync(cut, readFileSync(path))
      truncateSync(cut, length)
      // So short a file is an empty one to SQLite.
      const code = length === 1 ? 'node/place-missing' : 'node/place-damaged'
      assert.equal(said(cut), code, `${length} bytes`)
    }
  })
})

function change(path: string, statement: string): void {
  const database = new DatabaseSync(path)
  database.exec(statement)
  database.close()
}

/** A ledger of so many entries; the branch is the name of its history. */
function portOf(size: number, branch = 'a'): KeepingOptions['port'] {
  const entry = (index: number): object => {
    return { height: index, time: index, kind: 'command', id: `${branch} ${index}` }
  }
  const port = { ledger: 'l', member: 'tax', head: () => ({ height: 1, size, time: 1 }), entry }
  return port as unknown as LedgerPort
}

type Kept = { readonly keeping: Keeping; readonly book: PlaceBook; readonly told: object[] }

/** Keeps the place in a file, for cases that stand as a test says. */
function keeping(
  path: string,
  of: Partial<KeepingOptions> & { stands?: Map<string, Stand> },
): Kept {
  const book = new PlaceBook(path)
  const told: object[] = []
  const { stands = new Map(two), ...more } = of
  const options = {
    store: book,
    port: portOf(10),
    settings: null,
    sources: () => ['s'],
    standOf: (id: string) => stands.get(id) ?? null,
    report: (note: object) => void told.push(note),
    ...more,
  }
  return { keeping: new Keeping(options), book, told }
}

/** A file with a place at entry 7. */
function kept(): string {
  const path = fresh()
  const { keeping: first, book } = keeping(path, {})
  assert.equal(first.find(), null)
  first.touch('case-1')
  first.touch('case-2')
  first.write(7)
  book.close()
  return path
}

/** What a later life finds in it: the entry at which it goes on, or what it tells its operator. */
function foundBy(path: string, of: Partial<KeepingOptions>): unknown {
  const { keeping: later, book, told } = keeping(path, of)
  const place = later.find()
  book.close()
  return place === null ? told : place.next
}

describe('a department that keeps its place', () => {
  test('goes on at it', () => {
    assert.equal(foundBy(kept(), {}), 7)
    assert.equal(foundBy(kept(), { port: portOf(7) }), 7)
  })

  test('says why it begins at the beginning instead', () => {
    const anew = (code: string, entries = 10, level = 'warn'): object[] => {
      return [{ level, event: 'read-anew', code, entries }]
    }
    assert.deepEqual(foundBy(kept(), { port: portOf(6) }), anew('node/place-ahead', 6))
    assert.deepEqual(foundBy(kept(), { port: portOf(10, 'b') }), anew('node/place-other'))
    assert.deepEqual(foundBy(kept(), { settings: 'other' }), anew('node/place-other'))
    const elsewhere = { ...portOf(10), ledger: 'm' }
    assert.deepEqual(foundBy(kept(), { port: elsewhere }), anew('node/place-other'))
    const bad = fresh()
    writeFileSync(bad, 'no database at all, whatever else it may be')
    assert.deepEqual(foundBy(bad, {}), anew('node/place-damaged'))
    // Of a ledger that has just begun there is nothing to go on from.
    assert.deepEqual(foundBy(fresh(), {}), anew('node/place-missing', 10, 'info'))
    const long = { port: portOf(5_000) }
    assert.deepEqual(foundBy(fresh(), long), anew('node/place-missing', 5_000))
  })

  test('writes it after so many entries, and what was not touched stays as it was', () => {
    const path = fresh()
    const stands = new Map<string, Stand>(two)
    const { keeping: one, book } = keeping(path, { stands, every: 3 })
    one.find()
    one.touch('case-1')
    one.read(2)
    assert.equal(book.stand('case-1'), null)
    one.read(3)
    assert.equal(book.stand('case-1'), 'open')
    stands.delete('case-1')
    one.read(6)
    assert.equal(book.stand('case-1'), 'open')
    one.touch('case-1')
    one.read(8)
    assert.equal(book.stand('case-1'), 'open')
    one.read(9)
    assert.equal(book.stand('case-1'), null)
    book.close()
  })

  test('has a forgotten case on disk before another member hears that it was told of it', () => {
    const path = fresh()
    const stands = new Map<string, Stand>()
    const { keeping: one, book } = keeping(path, { stands })
    one.find()
    // A task about nothing that is left to do is no promise.
    one.promise('case-5', 4)
    assert.equal(typeof book.read('anybody'), 'string')
    stands.set('case-5', 'waiting')
    one.promise('case-5', 4)
    book.close()
    const place = keeping(path, { stands })
    assert.deepEqual([...(place.keeping.find()?.cases ?? [])], [['case-5', 'waiting']])
    place.book.close()
  })

  test('works on when its disk is full, and says so', () => {
    const full = Object.assign(new Error('full'), { errcode: 13 })
    const store = {
      read: () => 'node/place-missing' as const,
      forget: () => undefined,
      stand: () => null,
      write: () => {
        throw full
      },
    }
    const { keeping: one, book, told } = keeping(fresh(), { store })
    one.find()
    one.touch('case-1')
    one.write(8)
    const code = 'node/place-not-written'
    assert.deepEqual(told.at(-1), { level: 'warn', event: 'place-not-written', code })
    // Another member is told no, and says it again.
    assert.throws(() => one.promise('case-1', 8), full)
    book.close()
  })
})

test('each code stands on the page of codes with its meaning', () => {
  const page = readFileSync(new URL('../../../../docs/protocol/codes.md', import.meta.url), 'utf8')
  for (const [code, meaning] of placeCodes) assert.ok(page.includes(`| \`${code}\` | ${meaning} |`))
})
