// Match tickets: one question is one ticket, a decision counts while its rows are the same, nothing
// is answered that nobody has decided, and the file says nothing of anybody.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { MatchBook, matchCodes, matchTexts } from './index.ts'
import { openTicketOffice } from '#test/ticket-office'
import type { Outcome, Ruled } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'lianban-tickets-'))
after(() => rmSync(folder, { recursive: true }))

const office = openTicketOffice(folder)
const { bench } = office

let books = 0
function openBook(path: string = join(folder, `${(books += 1)}.db`)): MatchBook {
  let now = 0
  return new MatchBook(path, () => (now += 1), { bench })
}

const code = '91000000PRACTICE1X'
const columns = { code: [{ column: 'uscc', as: 'code' }], names: ['name'] }

/** Looks a code up whose rows have these names, for somebody who is called so. */
function rule(book: MatchBook, called: string, names: readonly string[], of = code): Ruled {
  return book.rule({
    table: 'firm',
    code: [of],
    called: [called],
    rows: names.map((name) => ({ names: [name], agrees: name === called })),
    columns,
  })
}

function ticketOf(ruled: Ruled): string {
  assert.equal(ruled.is, 'open')
  return 'ticket' in ruled ? ruled.ticket : ''
}

/** The letter by which a ticket names the row that is called so. */
function letter(book: MatchBook, id: string, name: string): string {
  const mark = book.mark('firm', [code], [name])
  return book.ticket(id)?.rows.find((row) => row.mark === mark)?.row ?? '?'
}

async function say(book: MatchBook, id: string, outcome: Outcome, current?: string): Promise<void> {
  const more = current === undefined ? {} : { current: letter(book, id, current) }
  const refused = await office.decide(book, { id, outcome, reason: '查档', ...more })
  assert.equal(refused, null)
}

test('the same question is one ticket, in this life and the next', () => {
  const path = join(folder, 'lives.db')
  const book = openBook(path)
  const id = ticketOf(rule(book, '旧名', ['旧名', '新名']))
  assert.equal(ticketOf(rule(book, '新名', ['新名', '旧名'])), id)
  const question = { why: 'names-differ', table: 'firm', subject: [code] } as const
  const marks = ['旧名', '新名'].map((name) => book.mark('firm', [code], [name]))
  assert.equal(book.open({ ...question, marks }, { by: 'load', columns }), id)
  book.close()
  const again = openBook(path)
  assert.equal(ticketOf(rule(again, '旧名', ['旧名', '新名'])), id)
  const [ticket, ...more] = again.tickets()
  assert.deepEqual([ticket?.why, ticket?.by, ticket?.state], ['names-differ', 'look-up', 'open'])
  assert.deepEqual(more, [])
  again.close()
})

test('same: the row that counts answers for either name; different: for its own alone', async () => {
  const names = ['旧名', '新名']
  const same = openBook()
  await say(same, ticketOf(rule(same, '旧名', names)), 'same', '新名')
  assert.deepEqual(rule(same, '旧名', names), { is: 'row', at: 1 })
  assert.deepEqual(rule(same, '新名', names), { is: 'row', at: 1 })
  const different = openBook()
  const id = ticketOf(rule(different, '旧名', names))
  await say(different, id, 'different', '新名')
  assert.deepEqual(rule(different, '新名', names), { is: 'row', at: 1 })
  assert.deepEqual(rule(different, '旧名', names), { is: 'none' })
  const neither = openBook()
  await say(neither, ticketOf(rule(neither, '旧名', names)), 'different')
  assert.deepEqual(rule(neither, '新名', names), { is: 'none' })
})

test('wrong: the rows are withheld until the source says something else', async () => {
  const book = openBook()
  const id = ticketOf(rule(book, '旧名', ['旧名', '新名']))
  await say(book, id, 'wrong')
  assert.deepEqual(rule(book, '旧名', ['旧名', '新名']), { is: 'withheld', ticket: id })
  assert.deepEqual(rule(book, '新名', ['新名']), { is: 'row', at: 0 })
  assert.equal(book.ticket(id)?.state, 'mended')
  assert.equal(
    await office.decide(book, { id, outcome: 'wrong', reason: '查档', again: true }),
    'node/match-mended',
  )
})

test('a ticket opens again when its rows change, and its decision comes back with them', async () => {
  const book = openBook()
  const id = ticketOf(rule(book, '旧名', ['旧名', '新名']))
  await say(book, id, 'same', '新名')
  assert.equal(ticketOf(rule(book, '旧名', ['旧名', '新名', '三名'])), id)
  assert.deepEqual([book.ticket(id)?.state, book.ticket(id)?.earlier], ['open', 1])
  assert.deepEqual(rule(book, '旧名', ['旧名', '新名']), { is: 'row', at: 1 })
})

test('a name that no row has is a ticket of its own, for each such name', async () => {
  const book = openBook()
  const id = ticketOf(rule(book, '别名', ['本名']))
  assert.notEqual(ticketOf(rule(book, '冒名', ['本名'])), id)
  assert.deepEqual(rule(book, '本名', ['本名']), { is: 'row', at: 0 })
  await say(book, id, 'same')
  assert.deepEqual(rule(book, '别名', ['本名']), { is: 'row', at: 0 })
  assert.equal(rule(book, '冒名', ['本名']).is, 'open')
  await say(book, ticketOf(rule(book, '冒名', ['本名'])), 'different')
  assert.deepEqual(rule(book, '冒名', ['本名']), { is: 'none' })
  assert.equal(rule(book, '别名', ['改名']).is, 'open')
})

test('of two codes of one name the one that does not count is none, or withheld', async () => {
  const codes = ['91000000PRACTICE1X', '91000000PRACTICE2X']
  for (const [outcome, other] of [
    ['same', 'none'],
    ['different', 'row'],
    ['wrong', 'withheld'],
  ] as const) {
    const book = openBook()
    const marks = codes.map((each) => book.mark('firm', [each], ['一名']))
    const question = { why: 'codes-differ', table: 'firm', subject: ['一名'], marks } as const
    const id = book.open(question, { by: 'load', columns })
    for (const each of codes) assert.equal(rule(book, '一名', ['一名'], each).is, 'row')
    const current = book.ticket(id)?.rows.find(({ mark }) => mark === marks[1])?.row ?? '?'
    const row = outcome === 'different' ? {} : { current }
    assert.equal(await office.decide(book, { id, outcome, reason: '查档', ...row }), null)
    assert.equal(rule(book, '一名', ['一名'], codes[0]).is, other)
    assert.equal(rule(book, '一名', ['一名'], codes[1]).is, 'row')
  }
})

test('a word that is not whole is not taken, and a second one only if it says so', async () => {
  const book = openBook()
  const id = ticketOf(rule(book, '旧名', ['旧名', '新名']))
  const whole = { id, outcome: 'same', current: 'a', reason: '查档' } as const
  assert.equal(await office.decide(book, { ...whole, id: '0' }), 'node/match-unknown-ticket')
  assert.equal(await office.decide(book, { ...whole, reason: ' ' }), 'node/match-no-reason')
  assert.equal(await office.decide(book, { ...whole, current: 'z' }), 'node/match-no-row')
  const { current, ...rowless } = whole
  assert.equal(await office.decide(book, rowless), 'node/match-no-row')
  assert.equal(await office.decide(book, whole), null)
  assert.equal(await office.decide(book, whole), 'node/match-decided')
  assert.equal(await office.decide(book, { ...whole, current: 'b', again: true }), null)
  assert.equal(book.ticket(id)?.decision?.current, 'b')
  const unlike = ticketOf(rule(book, '别名', ['本名']))
  assert.equal(
    await office.decide(book, { ...whole, id: unlike, current }),
    'node/match-row-not-asked',
  )
})

test('rows that nothing tells apart are no question of who is who', () => {
  const book = openBook()
  assert.deepEqual(rule(book, '一名', ['一名', '一名']), { is: 'twins' })
  assert.deepEqual(book.tickets(), [])
})

const spelling = fc.string({ unit: fc.constantFrom('甲', '乙', '丙', '公', '司'), minLength: 1 })
const spellings = fc.uniqueArray(spelling, { minLength: 1, maxLength: 4 })
const book = openBook()

test('without a steward only one row that agrees is an answer, whatever the names', () => {
  fc.assert(
    fc.property(spelling, spellings, (called, names) => {
      const of = JSON.stringify([called, names])
      const ruled = rule(book, called, names, of)
      const sure = names.length === 1 && names[0] === called
      assert.equal(ruled.is, sure ? 'row' : 'open')
      if (!sure) assert.equal(book.ticket(ticketOf(ruled))?.rows.length, names.length)
    }),
    { numRuns: 300 },
  )
})

const outcomes = fc.constantFrom<Outcome>('same', 'different', 'wrong')

/** Takes every word, with or without a signature: what is judged here is what it says. */
const trusting = { ledger: 'l', member: 'm', height: () => 0, takes: () => null, holds: () => null }

test('with a steward no row is an answer but the one that agrees or that was named', () => {
  const said = new MatchBook(join(folder, 'said.db'), () => 1, { bench: trusting })
  fc.assert(
    fc.property(spelling, spellings, outcomes, fc.nat(4), (called, names, outcome, at) => {
      const of = JSON.stringify([called, names, outcome, at])
      const first = rule(said, called, names, of)
      if (first.is !== 'open') return
      const { rows = [], why } = said.ticket(ticketOf(first)) ?? {}
      const chosen = rows[at]?.row
      const row = chosen === undefined ? {} : { current: chosen }
      const given = { id: ticketOf(first), outcome, reason: '查档', ...row }
      const statement = said.prepare(given)
      const isTaken =
        typeof statement === 'object' && said.decide(given, { statement, signature: null }) === null
      const ruled = rule(said, called, names, of)
      if (!isTaken) return assert.equal(ruled.is, 'open')
      if (ruled.is !== 'row') return undefined
      const mark = said.mark('firm', [of], [names[ruled.at] ?? ''])
      const isNamed = rows.find((each) => each.row === chosen)?.mark === mark
      const isOnly = why === 'name-unlike' && outcome === 'same' && names.length === 1
      return assert.ok(isNamed || isOnly)
    }),
    { numRuns: 300 },
  )
  said.close()
})

test('the file is its owner’s alone and holds no code and no name', async () => {
  const path = join(folder, 'quiet.db')
  const quiet = openBook(path)
  await say(quiet, ticketOf(rule(quiet, '张三丰公司', ['张三丰公司', '李四光公司'])), 'wrong')
  quiet.close()
  assert.equal(statSync(path).mode & 0o077, 0)
  const files = readdirSync(folder).filter((name) => name.startsWith('quiet'))
  for (const name of files) {
    const text = readFileSync(join(folder, name), 'utf8')
    for (const secret of [code, '张三丰', '李四光']) assert.ok(!text.includes(secret), name)
  }
})

test('every code of the room has its line on the page of codes, and words in both languages', () => {
  const page = new URL('../../../../docs/protocol/codes.md', import.meta.url)
  const text = readFileSync(page, 'utf8')
  for (const [code, meaning] of matchCodes) {
    assert.ok(text.includes(`| \`${code}\` | ${meaning} |`), code)
    assert.ok(/\p{Script=Han}/u.test(matchTexts[code]?.zh ?? '') && matchTexts[code]?.en, code)
  }
})
