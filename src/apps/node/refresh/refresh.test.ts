// A department's own system changes behind its node: what is said on the ledger, what waits for a
// second person and answers nothing meanwhile, what other members are told, and what an announced
// change does. In the practice city, with real nodes, tables and gateways.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { driftOf } from '#domains/sharing'
import type { Json } from '#base/canonical'
import { caseOf, itemOf } from '#domains/processes'
import type { SourceState } from '#apps/node/attesting'
import type { InboxLine } from '#apps/node/casework'
import type { CityMember } from '#apps/node/city'
import type { Done } from '#apps/node/desk'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { inSystem } from '#test/transfer-world'

const dayMs = 86_400_000
const licences = 'table.gs-enterprise'
const idp = { method: 'idp' } as const

describe('a source that changes behind its department', () => {
  let world: CityWorld
  before(async () => {
    world = await openCityWorld({ officers: true })
    for (let serial = 1; serial <= 97; serial += 1) {
      sql('INSERT INTO gs_enterprise (uscc, name, state, days_open) VALUES (?, ?, 1, 30)', [
        `made ${serial}`,
        `练习企业${serial}`,
      ])
    }
  })
  after(async () => world.close())

  const market = (): CityMember => world.city.member('market')
  const bank = (): CityMember => world.city.member('bank-lotus')
  const size = (): number => market().port.head().size
  const sql = (statement: string, values: readonly string[] = []): void =>
    inSystem(world.city, 'market', statement, ...values)
  const must = (done: Done): void => assert.ok('entry' in done, JSON.stringify(done))

  async function scan(): Promise<SourceState> {
    const states = await market().refresh.scan({ atOnce: true })
    await world.city.settle()
    const found = states.find(({ item }) => item === licences)
    assert.ok(found)
    return found
  }

  const onLedger = (state: SourceState): string | undefined =>
    driftOf(market().port.view(), state.resource)?.state

  const linesOf = (member: CityMember, reason: InboxLine['reason']): readonly InboxLine[] =>
    member.desk.inbox().filter((line) => line.reason === reason)

  async function file(): Promise<string> {
    const { code, name } = world.city.population.applicant
    const filed = await market().desk.file({
      blueprint: accounts(),
      party: 'applicant',
      person: { code, name },
      identified: idp,
    })
    assert.ok('case' in filed)
    const value = { bank: 'bank-lotus', purpose: 'basic' }
    must(await market().desk.say({ case: filed.case, item: 'request', value }))
    await world.city.settle()
    return filed.case
  }

  const accounts = (): string => {
    const app = world.city.applications.find(({ blueprint }) => blueprint.id === 'bj.firm.account')
    return app?.identity ?? ''
  }

  async function agree(id: string): Promise<void> {
    const { applicant } = world.city.population
    const rep = applicant.representative
    const person = { code: rep.code, name: rep.name }
    must(await market().desk.join({ case: id, party: 'legalRep', person, identified: idp }))
    await world.city.settle()
    for (const [party, signer] of [
      ['applicant', { code: applicant.code, name: applicant.name }],
      ['legalRep', person],
    ] as const) {
      const means = { class: 'own' } as const
      const value = { until: '2027-03-01', scope: '开户' }
      const signature = { case: id, act: 'agree', signer: { party, ...signer }, value, means }
      await market().desk.sign(signature)
      await world.city.settle()
    }
  }

  async function decide(code: string, id: string, act: string, value: Json): Promise<void> {
    const { desk, officers } = world.city.member(code)
    const officer = officers.at(-1)
    const deciding = { case: id, act, value, ...(officer === undefined ? {} : { officer }) }
    assert.deepEqual(await desk.decide(deciding), { done: true })
    await world.city.settle()
  }

  const isSupplied = (id: string): boolean =>
    itemOf(market().port.view(), id, 'licence')?.available === true

  test('a table is published at its first scan, and nothing is said while nothing changes', async () => {
    const state = await scan()
    assert.deepEqual([state.state, state.changed, onLedger(state)], ['green', 0, 'green'])
    assert.ok(state.rows >= 97)
    const before = size()
    await scan()
    assert.equal(size(), before)
  })

  test('a few rows that the own staff changes are said with their counts, and stay green', async () => {
    const { resource } = await scan()
    sql("UPDATE gs_enterprise SET name = '改名' WHERE uscc IN ('made 1', 'made 2')")
    sql("DELETE FROM gs_enterprise WHERE uscc = 'made 3'")
    sql("INSERT INTO gs_enterprise (uscc, name, state) VALUES ('made 98', '新企业', 1)")
    const { state, added, changed, vanished } = await scan()
    assert.deepEqual([state, added, changed, vanished], ['green', 1, 2, 1])
    assert.equal(driftOf(bank().port.view(), resource)?.changed, 4)
  })

  test('more than a tenth waits, answers nothing, and is answered after a second officer', async () => {
    sql("UPDATE gs_enterprise SET days_open = 31 WHERE uscc GLOB 'made [12]?'")
    const state = await scan()
    assert.deepEqual([state.state, state.changed, onLedger(state)], ['waits', 20, 'green'])
    const [line] = linesOf(market(), 'source')
    assert.equal(line?.source?.state, 'waits')
    assert.equal(line.source.due, line.source.since + dayMs)
    const id = await file()
    assert.equal(isSupplied(id), false)
    const { refresh, officers } = market()
    assert.deepEqual(await refresh.confirm({ item: licences, seen: 'otherone' }), {
      code: 'node/source-other-state',
    })
    const said = await refresh.confirm({ item: licences, seen: state.seen ?? '' })
    assert.ok('entry' in said, JSON.stringify(said))
    await world.city.settle()
    assert.ok(officers.length > 1)
    assert.equal(isSupplied(id), true)
    assert.deepEqual(linesOf(market(), 'source'), [])
    assert.deepEqual(await refresh.confirm({ item: licences, seen: 'x' }), {
      code: 'node/source-not-waiting',
    })
  })

  test('a column that is gone turns red at once, and who reads or watches it is told', async () => {
    const id = await file()
    await agree(id)
    const over = await file()
    await agree(over)
    const { code } = world.city.population.applicant
    await decide('bank-lotus', over, 'open', { no: '6222', uscc: code })
    await decide('pbc', over, 'file', { no: 'F1' })
    assert.equal(caseOf(bank().port.view(), over)?.concluded, true)
    assert.equal(linesOf(bank(), 'source-red').length, 0)
    sql('ALTER TABLE gs_enterprise RENAME COLUMN days_open TO days')
    const state = await scan()
    assert.deepEqual([state.state, onLedger(state)], ['red', 'red'])
    const [line] = linesOf(bank(), 'source-red').filter((each) => each.case === id)
    assert.equal(line?.item, 'licence')
    const { since, ...source } = line.source ?? { since: 0 }
    const { resource, entry } = state
    assert.deepEqual(source, { resource, member: 'market', item: licences, state: 'red', entry })
    assert.ok(since > 0)
    const pending = bank()
      .desk.inbox()
      .find((each) => each.case === id && each.act === 'open')
    assert.deepEqual(pending?.red, ['licence'])
    // The account is open, and the bank watches on.
    assert.ok(linesOf(bank(), 'source-red').some((each) => each.case === over))
    assert.deepEqual(linesOf(world.city.member('pbc'), 'source-red'), [])
    assert.deepEqual(linesOf(world.city.member('bank-willow'), 'source-red'), [])
    const again = size()
    await scan()
    assert.equal(size(), again, 'red is said once')
    sql('ALTER TABLE gs_enterprise RENAME COLUMN days TO days_open')
    assert.equal((await scan()).state, 'green')
    assert.deepEqual(linesOf(bank(), 'source-red'), [])
  })

  test('an announced change is neither red nor held, until its day is over', async () => {
    const until = world.clock.wallMs() + 5 * dayMs
    const { refresh } = market()
    const announced = await refresh.announce({ item: 'gs_enterprise', until, reason: '换系统' })
    assert.ok('entry' in announced, JSON.stringify(announced))
    sql('ALTER TABLE gs_enterprise RENAME COLUMN days_open TO days')
    const state = await scan()
    assert.deepEqual([state.state, onLedger(state)], ['announced', 'announced'])
    assert.deepEqual(linesOf(bank(), 'source-red'), [])
    world.clock.advance(6 * dayMs)
    assert.equal((await scan()).state, 'red')
    // Who answers for the columns that there are now publishes them.
    const { seen = '' } = await scan()
    assert.ok('entry' in (await refresh.confirm({ item: licences, seen: seen })))
    assert.equal((await scan()).state, 'green')
    sql('ALTER TABLE gs_enterprise RENAME COLUMN days TO days_open')
    const back = await scan()
    assert.ok('entry' in (await refresh.confirm({ item: licences, seen: back.seen ?? '' })))
  })

  test('what nobody looks at in time turns red by itself, and its desk still has the line', async () => {
    sql("UPDATE gs_enterprise SET days_open = 32 WHERE uscc GLOB 'made [34]?'")
    assert.equal((await scan()).state, 'waits')
    world.clock.advance(3 * dayMs)
    await scan()
    const state = await scan()
    assert.deepEqual([state.state, onLedger(state)], ['waits', 'red'])
    assert.equal(linesOf(market(), 'source').length, 1)
    const again = size()
    await scan()
    assert.equal(size(), again)
    assert.ok(
      'entry' in (await market().refresh.confirm({ item: licences, seen: state.seen ?? '' })),
    )
    assert.equal(onLedger(await scan()), 'green')
  })

  test('an owner that says nothing any more is red to all when its promise of freshness is over', async () => {
    assert.equal((await scan()).state, 'green')
    const id = await file()
    await agree(id)
    world.clock.advance(3 * dayMs)
    // Time passes on the ledger with the next block.
    await file()
    assert.ok(bank().department.sources.isAnyRed(bank().port.head().time))
    assert.ok(linesOf(bank(), 'source-red').some((line) => line.case === id))
    assert.equal((await scan()).state, 'green')
    assert.deepEqual(linesOf(bank(), 'source-red'), [])
  })
})
