// Credit on the use of gas at real nodes: nothing before consent, then a word and yes or no, and of
// the amounts behind them no byte; after the loan the bank is told of new arrears and of nothing
// else.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { caseOf } from '#domains/processes'
import type { CityMember } from '#apps/node/city'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { onlyInside } from '#test/only-inside'
import { inSystem } from '#test/transfer-world'

const idp = { method: 'idp' } as const
const own = { class: 'own' } as const
const bank = 'bank-lotus'
/** Litres that no practice bill is like, and a text that stands beside them in the row. */
const litres = '8765432101'
const row = 'RAW-71C3-the-whole-bill-of-a-customer'
const value = { until: '2029-03-02', scope: '审批并管理这笔贷款' }

describe('credit on the use of gas', () => {
  let world: CityWorld
  let id = ''
  const said: string[] = []
  before(async () => {
    const log = (note: object): void => void said.push(JSON.stringify(note))
    world = await openCityWorld({ log })
    inSystem(world.city, 'gas', 'ALTER TABLE rq_bill ADD COLUMN detail TEXT')
    const plant = 'UPDATE rq_bill SET average6_dm3 = ?, detail = ? WHERE uscc = ?'
    inSystem(world.city, 'gas', plant, litres, row, firm().code)
  })
  after(async () => world.close())

  const member = (code: string): CityMember => world.city.member(code)
  const must = (done: object): void => assert.ok(!('refused' in done), JSON.stringify(done))

  const firm = (): { readonly code: string; readonly name: string } => {
    const { code, name } = world.city.population.applicant
    return { code, name }
  }

  const rep = (): { readonly code: string; readonly name: string } => {
    const { code, name } = world.city.population.applicant.representative
    return { code, name }
  }

  async function sign(party: string, who: ReturnType<typeof rep>): Promise<void> {
    const signed = { case: id, act: 'agree', signer: { party, ...who }, value, means: own }
    must(await member('market').desk.sign(signed))
    await world.city.settle()
  }

  const shown = (): ReadonlyMap<string, unknown> => {
    const copies = member(bank).vault.find({ case: id, name: 'gasUse' })
    return new Map(copies.flatMap(({ leaves }) => leaves.map(({ path, value: of }) => [path, of])))
  }

  /** How often the ledger names the bank as told of a change. */
  const told = (): number => {
    const { port } = member('gas')
    let count = 0
    for (let at = 0; at < port.head().size; at += 1) {
      const { type, code, outcome } = port.entry(at)
      if (type !== 'watch.changed' || code !== 'ok') continue
      const said = outcome as { readonly case: string; readonly readers: readonly string[] }
      assert.deepEqual(Object.keys(said).toSorted(), ['case', 'item', 'readers', 'watch'])
      if (said.case === id && said.readers.includes(bank)) count += 1
    }
    return count
  }

  async function inGas(set: string): Promise<void> {
    inSystem(world.city, 'gas', `UPDATE rq_bill SET ${set} WHERE uscc = ?`, firm().code)
    await member('gas').department.changed()
    await world.city.settle()
  }

  test('R4, R45: half a consent shows nothing, and the gas company is not even asked', async () => {
    const { desk } = member('market')
    const application = world.city.applications.find(({ blueprint }) => {
      return blueprint.id === 'bj.firm.credit'
    })
    const blueprint = application?.identity ?? ''
    const filed = await desk.file({
      blueprint,
      party: 'applicant',
      person: firm(),
      identified: idp,
    })
    assert.ok('case' in filed)
    id = filed.case
    const request = { bank, fen: 10_000_000, purpose: 'stock' }
    must(await desk.say({ case: id, item: 'request', value: request }))
    await world.city.settle()
    must(await desk.join({ case: id, party: 'legalRep', person: rep(), identified: idp }))
    await sign('applicant', firm())
    const asked = await member(bank).port.submit('case.read', { case: id, act: 'lend', tags: {} })
    assert.equal('refused' in asked && asked.refused.code, 'sharing/no-consent')
    assert.equal(shown().size, 0)
    assert.deepEqual(member('gas').vault.find({ case: id }), [])
  })

  test('R4: with consent the bank is shown the answers and gets no permit for amounts', async () => {
    await sign('legalRep', rep())
    const only = { gasUse: ['average6', 'owed'] }
    const body = { case: id, act: 'lend', tags: {}, only }
    const asked = await member(bank).port.submit('case.read', body)
    assert.equal('refused' in asked && asked.refused.code, 'sharing/field-not-read')
    const loan = { no: 'practice-0300', uscc: firm().code, fen: 10_000_000 }
    const decided = await member(bank).desk.decide({ case: id, act: 'lend', value: loan })
    assert.deepEqual(decided, { done: true })
    await world.city.settle()
    assert.deepEqual(
      [...shown()].map(([path]) => path),
      ['$', 'month', 'arrears', 'band', 'trend'],
    )
    assert.deepEqual([shown().get('arrears'), shown().get('band')], [false, 'very-large'])
    const { port } = member('market')
    assert.equal(caseOf(port.view(), id)?.concluded, true)
  })

  test('R4: the amounts behind a band are in no byte outside of the gas company’s directory', async () => {
    await Promise.all([...world.city.members.values()].map(({ gateway }) => gateway.flush()))
    onlyInside(world, 'gas', { row, values: [litres], id, said })
  })

  test('R48: after the loan new arrears are told, other bills and other bands are not', async () => {
    world.clock.advance(86_400_000)
    await inGas("average6_dm3 = 7000000, due_fen = 1, month = '2026-03'")
    assert.equal(told(), 0)
    await inGas('owed_fen = 1')
    assert.equal(told(), 1)
    await inGas('owed_fen = 2')
    assert.equal(told(), 1, 'more of the same debt is the same answer')
    must(await member('market').desk.revoke({ case: id, item: 'consent', approval: '撤回' }))
    await inGas('owed_fen = 0')
    assert.equal(told(), 1, 'nobody is told after the consent')
  })
})
