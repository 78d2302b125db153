// Decisions on match tickets as officers sign them: whatever is changed in the book, the word does
// not count, the ticket is open, and the node is told why. Where nobody could sign it says so.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import type { Value } from '#ledger/command'
import { keyKey, memberKey } from '#ledger/validate'
import type { Bench } from '#apps/node/matching'
import { MatchBook } from '#apps/node/matching'
import { openTicketOffice } from '#test/ticket-office'
import { benchOf, decideBy, practiceBench } from './index.ts'
import type { Signing } from './index.ts'

const root = fs.mkdtempSync(join(os.tmpdir(), 'lianban-deciding-'))
after(() => fs.rmSync(root, { recursive: true }))

const ledger = 'practice.example/tickets'
const market = openTicketOffice(root, 'market', ledger)
const tax = openTicketOffice(root, 'tax', ledger)
const [first = '', second = ''] = market.officers.kids
const columns = { code: [{ column: 'uscc', as: 'code' }], names: ['name'] }

let books = 0
const freshPath = (): string => join(root, `${(books += 1)}.db`)

type Opened = { readonly book: MatchBook; readonly told: (readonly [string, string])[] }

function open(path: string, bench: Bench = market.bench): Opened {
  const told: (readonly [string, string])[] = []
  let now = 0
  const doubted = (ticket: string, code: string): number => told.push([ticket, code])
  return { book: new MatchBook(path, () => (now += 1), { bench, doubted }), told }
}

const other = '91000000PRACTICE2X'

function ask(book: MatchBook, names: readonly string[] = ['旧名', '新名'], code = '91'): string {
  const rows = names.map((name) => ({ names: [name], agrees: name === '新名' }))
  const ruled = book.rule({ table: 'firm', code: [code], called: ['新名'], rows, columns })
  return 'ticket' in ruled ? ruled.ticket : ruled.is
}

/** A book in which the first officer has decided; then what is done to its file. */
async function decided(): Promise<{ readonly path: string; readonly id: string }> {
  const path = freshPath()
  const { book, told } = open(path)
  const id = ask(book)
  ask(book, undefined, other)
  assert.equal(
    await market.decide(book, { id, outcome: 'same', current: 'a', reason: '查档' }),
    null,
  )
  assert.deepEqual([ask(book), book.ticket(id)?.decision?.by, told], ['row', first, []])
  book.close()
  return { path, id }
}

function change(path: string, text: string): void {
  const database = new DatabaseSync(path)
  database.exec(text)
  database.close()
}

test('whatever is changed in a decision, it does not count, and its node is told once', async () => {
  const { path, id } = await decided()
  const whole = fs.readFileSync(path)
  const changes = [
    `outcome = 'different'`,
    `outcome = 'wrong'`,
    `current = (SELECT json_extract(marks, '$[1]') FROM tickets WHERE id = '${id}')`,
    `current = NULL`,
    `reason = '另有理由'`,
    `at = at + 1`,
    `at = 'soon'`,
    `signed = NULL`,
    `signed = 'no json'`,
    `signed = replace(signed, '"salt":"', '"salt":"A')`,
    `signed = replace(signed, '"sig":"', '"sig":"A')`,
    `signed = replace(signed, '${first}', '${second}')`,
    `signed = json_set(signed, '$.approvals', json('[]'))`,
    `signed = json_set(signed, '$.approvals', json('[null]'))`,
  ]
  for (const each of changes) {
    fs.writeFileSync(path, whole)
    change(path, `UPDATE decisions SET ${each}`)
    const { book, told } = open(path)
    assert.equal(ask(book), id, each)
    const ticket = book.ticket(id)
    assert.deepEqual([ticket?.state, ticket?.decision], ['open', null], each)
    assert.match(ticket?.uncounted ?? '', /^(?:node|validate|command)\//, each)
    assert.deepEqual(told, [[id, ticket?.uncounted]], each)
    book.close()
  }
  fs.writeFileSync(path, whole)
  const { book } = open(path)
  assert.equal(ask(book), 'row')
  book.close()
})

test('what was signed of one ticket, its rows, a ledger or a member is nothing elsewhere', async () => {
  const { path, id } = await decided()
  const beside = open(path)
  const second = ask(beside.book, undefined, other)
  beside.book.close()
  const whole = fs.readFileSync(path)
  const marks = (of: string): string => `(SELECT marks FROM tickets WHERE id = '${of}')`
  change(path, `UPDATE decisions SET id = '${second}', marks = ${marks(second)}`)
  const moved = open(path)
  assert.equal(ask(moved.book, undefined, other), second)
  assert.deepEqual(moved.told, [[second, 'validate/approval-other-challenge']])
  moved.book.close()
  // The same ticket with another row, and its old word written over the new rows.
  fs.writeFileSync(path, whole)
  const grown = open(path)
  assert.equal(ask(grown.book, ['旧名', '新名', '三名']), id)
  grown.book.close()
  change(path, `UPDATE decisions SET marks = ${marks(id)}`)
  const again = open(path)
  assert.equal(ask(again.book, ['旧名', '新名', '三名']), id)
  again.book.close()
  fs.writeFileSync(path, whole)
  for (const bench of [
    practiceBench('other.example/1', 'market', market.registry),
    practiceBench(ledger, 'tax', tax.registry),
  ]) {
    const { book, told } = open(path, bench)
    assert.equal(ask(book), id)
    assert.deepEqual(told, [[id, 'validate/approval-other-challenge']])
    book.close()
  }
})

test('only an officer of the department decides, and where the post is filled its holder', async () => {
  const { view } = market.registry
  const holder = market.officers.enrolled[1]?.officer ?? ''
  let height = 1
  let posts: Value = {}
  let until: number | null = null
  let state = 'active'
  const read = (key: string): Value | undefined => {
    const record = view.get(key)
    if (key === memberKey('market')) return { ...(record as object), posts }
    if (key === keyKey(second)) return { ...(record as object), until }
    if (key === `members/officer/${holder}`) return { officer: holder, state }
    if (key === 'members/officers/market') return { required: true, enrolled: 2 }
    return record
  }
  const bench = benchOf({ ledger, member: 'market', view: { get: read }, height: () => height })
  const { book, told } = open(freshPath(), bench)
  const id = ask(book)
  const word = { id, outcome: 'same', current: 'a', reason: '查档' } as const
  const foreign: Signing = ({ intent, shown }) =>
    tax.sign({ kids: tax.officers.kids.slice(0, 1), intent, shown })
  const said = async (kid: string | null, sign: Signing | null): Promise<string | null> =>
    decideBy(book, word, { kid, sign })
  assert.equal(await said(first, foreign), 'validate/approval-unknown-key')
  assert.equal(await said(null, market.sign), 'node/match-unsigned')
  assert.equal(await said('nobody', market.sign), 'node/unknown-officer')
  assert.equal(await said(first, null), 'node/no-officers')
  const both: Signing = (asked) => market.sign({ ...asked, kids: [first, second] })
  assert.equal(await said(first, both), 'node/match-unsigned')
  posts = { steward: [holder] }
  height += 1
  assert.equal(await said(first, market.sign), 'node/no-steward-post')
  assert.equal(ask(book), id)
  assert.equal(await said(second, market.sign), null)
  assert.deepEqual([ask(book), told], ['row', []])
  // His word stands when he takes a new key, leaves the post by leaving, and not otherwise.
  const at = async (
    now: { state?: string; posts?: Value; until?: number | null },
    expected: string,
  ): Promise<void> => {
    state = now.state ?? 'active'
    posts = now.posts ?? { steward: [holder] }
    until = now.until ?? null
    height += 1
    assert.equal(ask(book), expected, JSON.stringify(now))
  }
  await at({ until: 3 }, 'row')
  await at({ until: 3, state: 'retired', posts: {} }, 'row')
  await at({ until: 3, state: 'retired', posts: { steward: ['somebody'] } }, 'row')
  assert.deepEqual(told, [])
  await at({ posts: { steward: ['somebody'] } }, id)
  await at({ until: 3, state: 'lost' }, id)
  const over = 'validate/approval-key-not-in-force'
  assert.deepEqual(told, [
    [id, 'node/no-steward-post'],
    [id, over],
  ])
  assert.equal(await said(second, market.sign), over)
  posts = {}
  assert.equal(await said(first, market.sign), null)
  assert.deepEqual([ask(book), book.ticket(id)?.decision?.by], ['row', first])
  book.close()
})

test('rows that change while somebody signs are not those about which he signed', async () => {
  const { book } = open(freshPath())
  const id = ask(book)
  const late: Signing = (asked) => {
    ask(book, ['旧名', '新名', '三名'])
    return market.sign(asked)
  }
  const word = { id, outcome: 'same', current: 'a', reason: '查档' } as const
  const refused = await decideBy(book, word, { kid: first, sign: late })
  assert.equal(refused, 'node/match-rows-changed')
  assert.equal(book.words(), 0)
  book.close()
})

test('a department without officers decides unsigned, until it has enrolled one', async () => {
  const path = freshPath()
  let required = false
  const view = { get: (): Value | undefined => (required ? { required, enrolled: 1 } : undefined) }
  let height = 1
  const bench = benchOf({ ledger, member: 'police', view, height: () => height })
  const { book, told } = open(path, bench)
  const id = ask(book)
  const word = { id, outcome: 'same', current: 'a', reason: '查档' } as const
  assert.equal(await decideBy(book, word, { kid: null, sign: null }), null)
  assert.deepEqual([ask(book), book.ticket(id)?.decision?.by], ['row', null])
  required = true
  height += 1
  assert.equal(ask(book), id)
  assert.deepEqual(told, [[id, 'node/match-unsigned']])
  book.close()
})

test('a word of a book from before anybody signed is not one, where there are officers', async () => {
  const { path, id } = await decided()
  change(path, `ALTER TABLE decisions DROP COLUMN signed; UPDATE decisions SET by_whom = 'a name'`)
  const { book, told } = open(path)
  assert.equal(ask(book), id)
  assert.deepEqual(told, [[id, 'node/match-unsigned']])
  assert.equal(await market.decide(book, { id, outcome: 'wrong', reason: '再查' }, 1), null)
  assert.equal(book.ticket(id)?.decision?.by, second)
  book.close()
})
