// What a member with a valid key can tell others that is not true: it signs for nobody whom it does
// not host, names nobody else to the identity department, and asks nobody for what is not its own.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Json } from '#base/canonical'
import { attemptOf, caseNow, slotOpenings, slotRecordOf } from '#apps/node/casework'
import type { CaseNow, Dept } from '#apps/node/casework'
import { itemOf, openActs } from '#domains/processes'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { Transfer, assisted } from '#test/transfer-world'

describe('a hostile member', () => {
  let world: CityWorld
  let transfer: Transfer
  before(async () => {
    world = await openCityWorld()
    transfer = new Transfer(world.city, world.city.population.roles.coOwners)
    await transfer.file()
    await transfer.join('buyer', transfer.sale.buyer)
    const [, husband] = transfer.owners()
    assert.ok(husband)
    await transfer.desk('planning').invite({ case: transfer.id, member: 'housing' })
    const joined = await transfer.desk('housing').join({
      case: transfer.id,
      party: 'seller',
      person: husband,
      identified: { method: 'holder-key' },
    })
    assert.ok('entry' in joined, JSON.stringify(joined))
    const { fen, way } = transfer.sale
    await transfer.say('offer', { fen, way })
    await transfer.say('plan', { fundLoan: false })
    await world.city.settle()
  })
  after(async () => world.close())

  const dept = (member: string): Dept => world.city.member(member).department.dept
  const now = (member: string): CaseNow => {
    const found = caseNow(dept(member).port, transfer.id)
    assert.ok(found)
    return found
  }
  const tell = (by: string, to: string, path: 'notices' | 'tasks', json: Json): Promise<object> =>
    dept(by).ways.tell(to, path, json)
  const refused = { refused: 'node/not-taken' }

  /** The openings of the co-owner whom housing hosts. */
  const husbandOpenings = (): Json => {
    const { code } = transfer.owners()[1] ?? { code: '' }
    const record = slotRecordOf(dept('housing'), now('housing'), { party: 'seller', code })
    assert.ok(record)
    return slotOpenings(record)
  }

  test('a counter signs for the co-owner whom it hosts, and not for the other', async () => {
    const signatureOf = (signer: { readonly code: string; readonly name: string }): Json => ({
      kind: 'signature',
      signature: {
        case: transfer.id,
        act: 'sign',
        signer: { party: 'seller', ...signer },
        value: transfer.contract(),
        means: { ...assisted },
      },
      openings: husbandOpenings(),
    })
    const [wife, husband] = transfer.owners()
    assert.ok(wife && husband)
    assert.deepEqual(transfer.lines(), ['planning to-be-signed sign'])
    assert.deepEqual(await tell('housing', 'planning', 'tasks', signatureOf(wife)), refused)
    assert.deepEqual(await tell('gas', 'planning', 'tasks', signatureOf(husband)), refused)
    const taken = await tell('housing', 'planning', 'tasks', signatureOf(husband))
    assert.deepEqual(taken, { taken: true })
  })

  test('whoever filed in the name of somebody cannot have another told of it', async () => {
    const notice = (more: object): Json => ({
      kind: 'filed',
      case: transfer.id,
      slot: 'seller',
      at: 1,
      openings: husbandOpenings(),
      ...more,
    })
    const other = husbandOpenings() as { [at: number]: object }
    const forged = [other[0], { ...other[1], value: '"110101199001011237"' }, other[2], other[3]]
    assert.deepEqual(
      await tell('housing', 'police', 'notices', notice({ openings: forged as Json })),
      refused,
    )
    assert.deepEqual(await tell('housing', 'police', 'notices', notice({ at: 0 })), refused)
    assert.deepEqual(await tell('gas', 'police', 'notices', notice({})), refused)
    assert.deepEqual(await tell('housing', 'police', 'notices', notice({})), { taken: true })
  })

  test('nobody who does not stand in the case gets a letter of an agent', async () => {
    const agent = { code: '110101199001011237', name: '生人' }
    const notice = (keys: { readonly code: string; readonly name: string }): Json => ({
      kind: 'agent',
      case: transfer.id,
      act: 'sign',
      party: 'seller',
      keys: { ...keys },
      agent,
    })
    const [, husband] = transfer.owners()
    assert.ok(husband)
    const { code, name } = transfer.sale.buyer
    assert.deepEqual(await tell('housing', 'police', 'notices', notice({ code, name })), refused)
    assert.deepEqual(await tell('gas', 'police', 'notices', notice(husband)), refused)
    assert.deepEqual(await tell('housing', 'police', 'notices', notice(husband)), { taken: true })
  })

  test('about a home the registry says nothing to whoever files as its seller and is not', async () => {
    const other = new Transfer(world.city, world.city.population.roles.firm)
    const app = world.city.applications.find(({ blueprint }) => blueprint.id === 'bj.home.transfer')
    const { home } = other.sale
    const { code, name } = transfer.sale.buyer
    const filed = await other.desk('gas').file({
      blueprint: app?.identity ?? '',
      party: 'seller',
      person: { code, name },
      objects: { home: { unit: home.unit } },
      identified: { method: 'holder-key' },
    })
    assert.ok('case' in filed, JSON.stringify(filed))
    other.id = filed.case
    await world.city.settle()
    assert.equal(itemOf(dept('gas').port.view(), other.id, 'title'), undefined)
    const [line] = dept('planning').inbox.lines(other.id)
    assert.deepEqual(
      [line?.item, line?.reason, line?.code],
      ['title', 'ambiguous', 'judge/not-bound'],
    )
  })

  test('a counter that keeps a case from the person whom it names is found', async () => {
    const sale = world.city.population.roles.agent
    const app = world.city.applications.find(({ blueprint }) => blueprint.id === 'bj.home.transfer')
    const id = 'HOSTILEHOSTILEHOSTILEA'
    const slots = { seller: ['A'.repeat(43)], home: ['B'.repeat(42) + 'A'] }
    const said = await dept('gas').port.submit('case.file', {
      case: id,
      blueprint: app?.identity ?? '',
      party: 'seller',
      slots,
      identified: { method: 'holder-key' },
      notice: 'C'.repeat(42) + 'A',
    })
    assert.ok('receipt' in said, `${JSON.stringify(said)} ${sale.home.unit.length}`)
    await world.city.settle()
    const lines = (): readonly string[] =>
      dept('police')
        .inbox.lines()
        .map(({ reason, case: of }) => `${reason} ${of === id}`)
    assert.deepEqual(lines(), [])
    world.clock.advance(700_000)
    await dept('gas').port.submit('case.tick', { case: id })
    await world.city.member('police').department.settle(id)
    assert.deepEqual(lines(), ['untold true'])
  })

  test('nobody is asked to act by a member that does not record the act', async () => {
    const { port } = dept('gas')
    const open = openActs(port.view(), transfer.id, now('gas').time)[0]
    assert.ok(open)
    const task = {
      kind: 'act',
      attempt: attemptOf(now('gas'), open),
      case: transfer.id,
      act: open.act,
      party: 'lender',
      known: {},
    }
    assert.deepEqual(await tell('gas', 'bank-lotus', 'tasks', task), refused)
    assert.deepEqual(await tell('planning', 'bank-lotus', 'tasks', task), refused)
    assert.deepEqual(await tell('gas', 'bank-lotus', 'tasks', { ...task, act: 'release' }), refused)
    assert.deepEqual(dept('bank-lotus').inbox.lines(), [])
  })
})
