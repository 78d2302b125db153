// The codes of the published files of a city that stand under two names: tickets of a load, decided
// one by one, and what the register of firms answers before and after by its own mapping.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import type { Json } from '#base/canonical'
import { openSqliteRegister } from '#adapters/registers'
import { openText } from '#adapters/sources'
import { readPack } from '#apps/node/city'
import { decodeLoadFile, isLoadFile, loadAll } from '#apps/node/loading'
import type { LoadFile } from '#apps/node/loading'
import { lookUp } from '#apps/node/mapping'
import { MatchBook, ticketsBeside } from '#apps/node/matching'
import type { MatchTicket, Outcome } from '#apps/node/matching'
import { shippedTypes } from '#test/blueprints'
import { costly } from '#test/costly'
import { openTicketOffice } from '#test/ticket-office'

const data = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'data')
const pack = path.join(import.meta.dirname, '..', '..', 'packs', 'beijing', 'load')
const absent = !fs.existsSync(data) && 'the published files do not lie beside this house'
const skip = absent || costly(6)
const folder = fs.mkdtempSync(path.join(tmpdir(), 'lianban-city-tickets-'))
after(() => fs.rmSync(folder, { recursive: true }))

const pathOf = (member: string): string => path.join(folder, `${member}.db`)
const names = ['listed-companies', 'high-tech-certificates']

async function load(): Promise<readonly string[]> {
  const files = names.map((name): LoadFile => {
    const text = fs.readFileSync(path.join(pack, `${name}.json`), 'utf8')
    const file = decodeLoadFile(JSON.parse(text) as Json)
    assert.ok(isLoadFile(file), JSON.stringify(file))
    return file
  })
  for (const { member } of files.flatMap(({ tables }) => tables)) {
    new DatabaseSync(pathOf(member)).close()
  }
  const results = await loadAll(files, {
    directory: folder,
    pathOf,
    sourceOf: ({ file }) => openText(path.join(data, file), {}),
    now: 1,
    most: 5,
  })
  return results.map(({ state }) => state)
}

type Twice = { readonly code: string; readonly names: readonly string[] }

/** Codes of the register that stand under two names. */
function twice(): readonly Twice[] {
  const database = new DatabaseSync(pathOf('market'), { readOnly: true })
  const rows = database
    .prepare('SELECT uscc, name FROM gs_enterprise ORDER BY uscc, rowid')
    .all() as unknown as readonly { readonly uscc: string; readonly name: string }[]
  database.close()
  const all = Map.groupBy(rows, ({ uscc }) => uscc)
  return [...all].flatMap(([code, each]) =>
    each.length > 1 ? [{ code, names: each.map(({ name }) => name) }] : [],
  )
}

/** How many names the register has under two codes. */
function namedTwice(): number {
  const database = new DatabaseSync(pathOf('market'), { readOnly: true })
  const twin = 'SELECT name FROM gs_enterprise GROUP BY name HAVING count(DISTINCT uscc) > 1'
  const row = database.prepare(`SELECT count(*) AS n FROM (${twin})`).get()
  database.close()
  return Number(row?.['n'])
}

test(
  'each of the fifteen is a ticket; decided, the register answers, and never before',
  { skip },
  async () => {
    assert.deepEqual(await load(), ['loaded', 'loaded'])
    const item = readPack('beijing').mappings.get('market')?.items['business-licence@2']
    const type = shippedTypes().get('business-licence@2')
    assert.ok(item !== undefined && type !== undefined)
    const rows = openSqliteRegister(pathOf('market'))
    const office = openTicketOffice(folder)
    const { bench } = office
    const stewards = new MatchBook(ticketsBeside(pathOf('market')), () => 2, { bench })
    const answer = async (code: string, name: string): Promise<string> => {
      const found = await lookUp(item, type, { rows, keys: { code, name }, stewards })
      if (found.state === 'found') {
        const { name: said } = found.value
        return typeof said === 'string' ? said : ''
      }
      return found.state === 'ambiguous' ? found.code : 'absent'
    }
    const firms = twice()
    assert.equal(firms.length, 15)
    const open = (): readonly MatchTicket[] =>
      stewards.tickets().filter(({ why }) => why === 'names-differ')
    assert.equal(open().length, 15)
    for (const { code, names: called } of firms) {
      for (const name of called) assert.equal(await answer(code, name), 'node/mapping-two-rows')
    }
    const decided = new Map<string, Outcome>()
    for (const [at, { code, names: called }] of firms.entries()) {
      const outcome = (['same', 'different', 'wrong'] as const)[at % 3] ?? 'same'
      const [first = '', second = ''] = called
      const id = stewards.idOf({ why: 'names-differ', table: 'gs_enterprise', subject: [code] })
      const mark = stewards.mark('gs_enterprise', [code], [second])
      const row = stewards.ticket(id)?.rows.find((each) => each.mark === mark)?.row ?? ''
      const current = outcome === 'wrong' ? {} : { current: row }
      const given = { id, outcome, reason: 'looked at the file', ...current }
      assert.equal(await office.decide(stewards, given), null)
      decided.set(id, outcome)
      const answers = [await answer(code, first), await answer(code, second)]
      // The mapping reads brackets of full width as plain ones.
      const plain = second.replaceAll('（', '(').replaceAll('）', ')')
      const expected = {
        same: [plain, plain],
        different: ['absent', plain],
        wrong: ['node/match-withheld', 'node/match-withheld'],
      }
      assert.deepEqual(answers, expected[outcome])
    }
    assert.equal(decided.size, 15)
    assert.deepEqual(await load(), ['unchanged', 'unchanged'])
    assert.ok(open().every(({ id, decision }) => decision?.outcome === decided.get(id)))
    // Branches of one name under two codes are questions too, and two firms until a steward speaks.
    const namesakes = stewards.tickets().filter(({ why }) => why === 'codes-differ')
    assert.equal(namesakes.length, namedTwice())
    const addresses = open().flatMap(({ rows: each }) => each.map(({ from }) => from?.load))
    assert.deepEqual(new Set(addresses), new Set(names))
    stewards.close()
    await rows.close()
  },
)
