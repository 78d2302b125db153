// A firm under two names at real nodes: its application waits for the steward of the register, and
// goes on by itself once he has said who is who. Nobody guesses, and nobody applies twice.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { itemOf } from '#domains/processes'
import type { Desk, DeskTicket, Done } from '#apps/node/desk'
import type { Outcome } from '#apps/node/matching'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { inSystem } from '#test/transfer-world'

const idp = { method: 'idp' } as const
const own = { class: 'own' } as const
const bank = 'bank-lotus'
const consent = { until: '2027-03-01', scope: '开户' }
const other = '练习更名后有限公司'

describe('an application under two names', () => {
  let world: CityWorld
  before(async () => {
    world = await openCityWorld({ officers: true })
  })
  after(async () => world.close())

  const desk = (code: string): Desk => world.city.member(code).desk
  const firm = () => world.city.population.applicant
  const settle = () => world.city.settle()
  const must = (done: Done): void => assert.ok('entry' in done, JSON.stringify(done))

  /** Files for the firm under a name, and asks for an account. */
  async function file(name: string): Promise<string> {
    const { applications } = world.city
    const app = applications.find(({ blueprint }) => blueprint.id === 'bj.firm.account')
    const person = { code: firm().code, name }
    const filing = { party: 'applicant', person, identified: idp }
    const filed = await desk('market').file({ blueprint: app?.identity ?? '', ...filing })
    assert.ok('case' in filed)
    const value = { bank, purpose: 'basic' }
    must(await desk('market').say({ case: filed.case, item: 'request', value }))
    await settle()
    return filed.case
  }

  const licence = (id: string) => {
    const facts = itemOf(world.city.member('market').port.view(), id, 'licence')
    return facts?.available === true
  }

  const linesOf = (id: string) =>
    desk('market')
      .inbox()
      .filter((line) => line.case === id && line.reason !== 'to-be-signed')

  /** The open ticket for which a case waits. */
  async function open(id: string): Promise<DeskTicket> {
    const open = (await desk('market').tickets()).filter(({ cases }) => cases.includes(id))
    const [ticket] = open
    assert.ok(ticket !== undefined && open.length === 1 && ticket.state === 'open')
    return ticket
  }

  /** The letter of the row that is called so, as the steward sees it. */
  async function rowOf(id: string, name: string): Promise<string> {
    const shown = (await desk('market').tickets({ show: 'a-steward' })).find(
      (ticket) => ticket.id === id,
    )
    return shown?.shown?.find(({ names }) => names.includes(name))?.row ?? '?'
  }

  async function decide(
    id: string,
    outcome: Outcome,
    current?: string,
  ): Promise<readonly string[]> {
    const row = current === undefined ? {} : { current: await rowOf(id, current) }
    const [by = ''] = world.city.member('market').officers
    const given = { id, outcome, by, reason: '查阅档案', again: true, ...row }
    const done = await desk('market').decideTicket(given)
    assert.ok('wentOn' in done, JSON.stringify(done))
    await settle()
    return done.wentOn
  }

  async function agreeAndOpen(id: string, name: string): Promise<void> {
    const { representative } = firm()
    const person = { code: representative.code, name: representative.name }
    must(await desk('market').join({ case: id, party: 'legalRep', person, identified: idp }))
    await settle()
    for (const signer of [
      { party: 'applicant', code: firm().code, name },
      { party: 'legalRep', ...person },
    ]) {
      const given = { case: id, act: 'agree', signer, value: consent, means: own }
      assert.ok(!('refused' in (await desk('market').sign(given))))
      await settle()
    }
    const value = { no: '6222', uscc: firm().code }
    assert.deepEqual(await desk(bank).decide({ case: id, act: 'open', value }), { done: true })
  }

  test('same: it waits with a ticket, the steward decides, and the account is opened', async () => {
    const put = 'INSERT INTO gs_enterprise SELECT uscc, ?, state, days_open FROM gs_enterprise'
    inSystem(world.city, 'market', `${put} WHERE uscc = ?`, other, firm().code)
    const id = await file(firm().name)
    const ticket = await open(id)
    assert.deepEqual([ticket.why, ticket.cases, licence(id)], ['names-differ', [id], false])
    const [line] = desk('market').inbox()
    assert.deepEqual(
      [line?.reason, line?.code, line?.ticket],
      ['ambiguous', 'node/mapping-two-rows', ticket.id],
    )
    const word = { id: ticket.id, outcome: 'wrong', reason: '查阅档案' } as const
    for (const [by, code] of [
      [null, 'node/match-unsigned'],
      ['练登记', 'node/unknown-officer'],
    ] as const) {
      const done = await desk('market').decideTicket({ ...word, by })
      assert.ok('refused' in done && done.refused[0]?.code === code)
    }
    assert.deepEqual(await decide(ticket.id, 'same', other), [id])
    assert.equal(licence(id), true)
    await agreeAndOpen(id, firm().name)
    const shown = world.city.member(bank).vault.find({ case: id, name: 'licence', kind: 'copy' })
    const names = shown.flatMap(({ leaves }) => leaves.filter(({ path }) => path === 'name'))
    assert.deepEqual([...new Set(names.map(({ value }) => value))], [other])
    // The next application of this firm meets no doubt, under either name.
    assert.equal(licence(await file(other)), true)
  })

  test('a word that was changed in the book counts no more, and its node says so', async () => {
    const [ticket] = await desk('market').tickets()
    const { decision, id = '' } = ticket ?? {}
    assert.equal(decision?.by, world.city.member('market').officers[0])
    const database = new DatabaseSync(world.city.member('market').layout.tickets)
    database.exec("UPDATE decisions SET reason = '未曾查阅'")
    const waits = await file(firm().name)
    assert.deepEqual([licence(waits), (await open(waits)).id], [false, id])
    type Told = { event: string; code: string; member: string; ticket: string }
    const told = (world.notes as readonly Told[]).flatMap(({ event, ...note }) =>
      event === 'match-decision-uncounted' ? [[note.code, note.member, note.ticket]] : [],
    )
    assert.deepEqual(told, [['validate/approval-other-challenge', 'market', id]])
    database.exec("UPDATE decisions SET reason = '查阅档案'")
    database.close()
    await world.city.member('market').department.changed()
    await settle()
    assert.equal(licence(waits), true)
  })

  test('different: the register answers, and the counter is told what to tell', async () => {
    const [ticket] = await desk('market').tickets()
    const id = await file(other)
    await decide(ticket?.id ?? '', 'different', firm().name)
    const late = await file(other)
    for (const each of [id, late]) {
      const [line, ...more] = linesOf(each)
      assert.deepEqual(
        [line?.reason, line?.item, line?.code, more],
        ['other-name', 'licence', 'node/match-other-name', []],
      )
      assert.equal(licence(each), true)
    }
    const [noted] = linesOf(late)
    assert.ok(noted)
    await desk('market').noted(noted)
    await world.city.member('market').department.changed()
    await settle()
    assert.deepEqual(linesOf(late), [])
    // Under the name that the register has he applies again, and nothing is in doubt.
    const said = { case: late, party: 'applicant', approval: '更正名称后重办' }
    must(await desk('market').withdraw(said))
    await agreeAndOpen(await file(firm().name), firm().name)
    // Another word of the steward, and the register answers otherwise by itself.
    await decide(ticket?.id ?? '', 'same', firm().name)
    assert.deepEqual(linesOf(id), [])
    await agreeAndOpen(id, other)
  })

  test('wrong: it waits until the source is mended, and then goes on by itself', async () => {
    const [ticket] = await desk('market').tickets()
    await decide(ticket?.id ?? '', 'wrong')
    const id = await file(firm().name)
    assert.equal(licence(id), false)
    assert.equal(linesOf(id)[0]?.code, 'node/match-withheld')
    inSystem(world.city, 'market', 'DELETE FROM gs_enterprise WHERE name = ?', other)
    await world.city.member('market').department.changed()
    await settle()
    assert.equal(licence(id), true)
    const all = await desk('market').tickets()
    assert.equal(all.find((each) => each.id === ticket?.id)?.state, 'mended')
  })

  test('a name that the register has nowhere is a ticket, and no word of it leaves', async () => {
    const id = await file('练习从未登记有限公司')
    const { id: ticket, why } = await open(id)
    assert.deepEqual([why, licence(id)], ['name-unlike', false])
    const all = await desk('market').tickets({ show: 'a-steward' })
    const shown = all.find((each) => each.id === ticket)
    assert.deepEqual(shown?.called, [`${firm().code} 练习从未登记有限公司`])
    const before = world.city.node.host.head().size
    const elsewhere = await file('练习从未登记有限公司')
    assert.deepEqual(new Set((await open(id)).cases), new Set([id, elsewhere]))
    assert.deepEqual(new Set(await decide(ticket, 'different')), new Set([id, elsewhere]))
    const types = new Set<string>()
    for (let at = before; at < world.city.node.host.head().size; at += 1) {
      types.add(world.city.member('market').port.entry(at).type ?? 'system')
    }
    assert.deepEqual(
      [...types].filter((type) => !type.startsWith('case.') && type !== 'system'),
      [],
    )
    const { tickets } = world.city.member('market').layout
    const text = readFileSync(tickets, 'latin1')
    for (const secret of [firm().code, firm().name, '练习从未登记']) {
      assert.ok(!text.includes(Buffer.from(secret).toString('latin1')))
    }
    const notes = JSON.stringify(world.notes)
    assert.ok(!notes.includes(firm().code) && !notes.includes('练习'))
  })
})
