// Match tickets of a load: opened in the department's own book, the same for the same files, and
// decided once while the rows that they are about are the same.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { firms as listed, loadingCity } from '#test/loading-world'
import { openTicketOffice } from '#test/ticket-office'
import type { Json } from '#base/canonical'
import { openText } from '#adapters/sources'
import { MatchBook, ticketsBeside } from '#apps/node/matching'
import type { MatchTicket } from '#apps/node/matching'
import { decodeLoadFile, isLoadFile, loadAll } from './index.ts'
import type { LoadFile, LoadResult } from './index.ts'

const root = fs.mkdtempSync(join(os.tmpdir(), 'lianban-load-tickets-'))
after(() => fs.rmSync(root, { recursive: true }))

const office = openTicketOffice(root)
const own = { name: '练习', terms: 'made up' }

function fileOf(name: string, firms: object = {}, as = 'uscc'): LoadFile {
  const file = decodeLoadFile({
    format: 'lianban/load/1',
    name,
    zh: name,
    en: name,
    steward: 'market',
    file: `${name}.csv`,
    source: own,
    fields: { uscc: { column: '代码', as }, name: { column: '名称', as: 'text' } },
    key: ['uscc'],
    tables: [
      {
        member: 'market',
        table: 'firm',
        identify: ['uscc', 'name'],
        firms: { code: 'uscc', name: 'name', ...firms },
        columns: { uscc: 'uscc', name: 'name' },
      },
    ],
  } as Json)
  assert.ok(isLoadFile(file), JSON.stringify(file))
  return file
}

const files = ['park', 'club'].map((name) => fileOf(name))
const [one, two] = ['11110000000021135M', '11110000000021039C']
const source = join(root, 'market.db')
new DatabaseSync(source).close()

/** Loads the two lists, by their lines. */
async function load(
  park: readonly string[],
  club: readonly string[],
  chosen: readonly LoadFile[] = files,
): Promise<readonly LoadResult[]> {
  const texts = new Map([
    ['park', park],
    ['club', club],
  ])
  return loadAll(chosen, {
    directory: root,
    pathOf: () => source,
    sourceOf: async ({ name, file }) => {
      const lines = ['代码,名称', ...(texts.get(name) ?? [])]
      fs.writeFileSync(join(root, file), `${lines.join('\r\n')}\r\n`)
      return openText(join(root, file), {})
    },
    now: 1,
    most: 1_000,
  })
}

function inBook<T>(use: (book: MatchBook) => T): T {
  const book = new MatchBook(ticketsBeside(source), () => 1, { bench: office.bench })
  try {
    return use(book)
  } finally {
    book.close()
  }
}

const tickets = (): readonly MatchTicket[] => inBook((book) => book.tickets())
const addresses = ({ rows }: MatchTicket): readonly string[] =>
  rows.map(({ from }) => `${from?.load}:${from?.row}`).toSorted()

test('a load opens a ticket with the rows of both sources, once however often it is loaded', async () => {
  const park = [`${one},甲公司`, `${two},乙公司`]
  const [, first] = await load(park, [`${one},甲集团`, `${two},乙 公司`])
  const [ticket, ...more] = tickets()
  assert.ok(ticket !== undefined && more.length === 0)
  assert.deepEqual([ticket.why, ticket.by, ticket.state], ['names-differ', 'load', 'open'])
  assert.deepEqual(addresses(ticket), ['club:2', 'park:2'])
  assert.deepEqual(
    first?.tickets.map(({ id }) => id),
    [ticket.id],
  )
  const again = await load(park, [`${one},甲集团`, `${two},乙 公司`])
  assert.deepEqual(
    again.map(({ state }) => state),
    ['unchanged', 'unchanged'],
  )
  assert.deepEqual(tickets(), [ticket])
  for (const { tickets: asked, ticketsOpen } of again) {
    assert.deepEqual([asked, ticketsOpen], [[], [`market/${ticket.id}`]], 'none new, one waits')
  }
})

test('a decision survives a state that says the same of it, and no other one', async () => {
  const [ticket] = tickets()
  const { id = '' } = ticket ?? {}
  const given = { id, outcome: 'same', current: 'a', reason: '更名' } as const
  const book = new MatchBook(ticketsBeside(source), () => 1, { bench: office.bench })
  assert.equal(await office.decide(book, given), null)
  book.close()
  const [three] = ['11110000000021063W']
  await load([`${one},甲公司`, `${three},丙公司`], [`${one},甲集团`, `${two},乙公司`])
  assert.deepEqual([tickets()[0]?.state, tickets().length], ['decided', 1])
  await load([`${one},甲公司`, `${three},丙公司`], [`${one},甲控股`, `${two},乙公司`])
  const [reopened] = tickets()
  assert.deepEqual([reopened?.id, reopened?.state, reopened?.earlier], [id, 'open', 1])
})

test('one name under two valid codes is a ticket too, also where only a rule makes it one', async () => {
  const [three, four] = ['11110000000021063W', '11110000693225666K']
  await load([`${three},丁公司`], [`${four},丁　公司`])
  const found = tickets().filter(({ why }) => why === 'codes-differ')
  assert.deepEqual(found.map(addresses), [['club:2', 'park:2']])
})

test('names are one by the rules of the load file, and persons by either of their numbers', async () => {
  const ending = { rule: 'ending', from: '有限责任公司', to: '有限公司' }
  const firms = ['park', 'club'].map((name) => fileOf(name, { names: [ending] }))
  const [, declared] = await load([`${one},戊有限责任公司`], [`${one},戊有限公司`], firms)
  assert.deepEqual(declared?.tickets, [])
  const about = { about: 'person', names: [{ rule: 'dots' }] }
  const persons = ['park', 'club'].map((name) => fileOf(name, about, 'code'))
  const [now, then, another] = ['110105194806120046', '110105480612004', '110105195001010063']
  const lists = [[`${now},练•甲`], [`${then},练·甲`, `${another},练·甲`]] as const
  const [, same] = await load(...lists, persons)
  assert.deepEqual(same?.tickets, [])
  const [, renamed] = await load([`${now},练•甲`], [`${then},练乙`], persons)
  assert.deepEqual(
    renamed?.tickets.map(({ why }) => why),
    ['names-differ'],
  )
})

test('what a load reports and keeps of tickets holds no code and no name', async () => {
  const results = await load([`${one},甲公司`], [`${one},甲集团`])
  const text = JSON.stringify(results.map(({ tickets: said }) => said))
  const book = fs.readFileSync(ticketsBeside(source), 'latin1')
  for (const secret of [one, '甲公司', '甲集团']) {
    assert.ok(!text.includes(secret))
    assert.ok(!book.includes(Buffer.from(secret).toString('latin1')))
  }
  assert.equal(fs.statSync(ticketsBeside(source)).mode & 0o077, 0)
})

test('rows without a code are nobody’s, and thousands of them cost no more than others', async () => {
  const world = loadingCity()
  const { make: _, ...firms } = listed
  const [table] = firms.tables
  const uscc = { ...firms.fields.uscc, empty: true }
  const list = {
    ...firms,
    fields: { ...firms.fields, uscc },
    key: ['name'],
    tables: [{ ...table, columns: { uscc: 'uscc', name: 'name' } }],
  }
  const many = Array.from({ length: 3_000 }, (_each, at) => `企业${at}号,,`)
  const began = performance.now()
  const [first] = await world.load([[list, many]])
  assert.ok(performance.now() - began < 10_000)
  assert.deepEqual([first?.written, first?.tickets], [{ 'market.firm': 3_000 }, []])
  const lines = ['企业 1号,,', `企业2号,${one},`, '另一企业,,']
  const [other] = await world.load([[{ ...list, name: 'other', file: 'other.csv' }, lines]])
  assert.deepEqual(
    other?.tickets.map(({ why, row }) => [why, row]),
    [
      ['codes-differ', 2],
      ['codes-differ', 3],
    ],
  )
})
