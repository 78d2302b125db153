// Consent at real nodes: a bank reads under it while it lives, and from the next block on nothing.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { caseOf, openActs } from '#domains/processes'
import type { Desk } from '#apps/node/desk'
import { openDesk } from '#apps/node/desk'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'

const idp = { method: 'idp' } as const
const own = { class: 'own' } as const

describe('a consent', () => {
  let world: CityWorld
  before(async () => {
    world = await openCityWorld()
  })
  after(async () => world.close())

  test('R40: is withdrawn in the next block, and there is no permit after it', async () => {
    const { city } = world
    const desk = (code: string): Desk => openDesk(city.member(code).department)
    const market = desk('market')
    const firm = city.population.applicant
    const { representative: rep } = firm
    const app = city.applications.find(({ blueprint }) => blueprint.id === 'bj.firm.account')
    const filed = await market.file({
      blueprint: app?.identity ?? '',
      party: 'applicant',
      person: { code: firm.code, name: firm.name },
      identified: idp,
    })
    assert.ok('case' in filed)
    const id = filed.case
    const said = { case: id, item: 'request', value: { bank: 'bank-lotus', purpose: 'basic' } }
    assert.ok('entry' in (await market.say(said)))
    const { port } = city.member('bank-lotus')
    const person = { code: rep.code, name: rep.name }
    await market.join({ case: id, party: 'legalRep', person, identified: idp })
    await city.settle()
    // The bank was bound where everybody sees it, and reads nothing before there is a consent.
    assert.equal(caseOf(port.view(), id)?.members['bank'], 'bank-lotus')
    const before = await port.submit('case.read', { case: id, act: 'grade', tags: {} })
    assert.ok('refused' in before)
    const agree = { case: id, act: 'agree', value: { until: '2027-03-01', scope: '开户' } }
    const firmSigns = { party: 'applicant', code: firm.code, name: firm.name }
    await market.sign({ ...agree, signer: firmSigns, means: own })
    await market.sign({ ...agree, signer: { party: 'legalRep', ...person }, means: own })
    await city.settle()
    // The bank's robot has graded the risk by its rule; a person opens the account.
    const open = openActs(port.view(), id, port.head().time)
    assert.deepEqual(
      open.map(({ act }) => act),
      ['open'],
    )
    const revoked = await market.revoke({ case: id, item: 'consent', approval: '撤回同意' })
    assert.ok('entry' in revoked)
    const after_ = await port.submit('case.read', { case: id, act: 'open', tags: {} })
    assert.deepEqual('refused' in after_ && after_.refused.code, 'sharing/no-consent')
    const value = { no: '6222', uscc: firm.code }
    const decided = await desk('bank-lotus').decide({ case: id, act: 'open', value })
    assert.deepEqual(decided, { refused: [{ code: 'node/act-not-open' }] })
  })
})
