// A firm's account and a gift of supplies, told shortly by the real departments of the practice
// city: cases of other applications and other sorts of subjects among the crowd of transfers.
import assert from 'node:assert/strict'
import type { Json } from '#base/canonical'
import { caseOf } from '#domains/processes'
import type { City } from '#apps/node/city'

/** A case that was told, and what was typed in it. */
export type ToldCase = { readonly id: string; readonly said: readonly string[] }

type Someone = { readonly code: string; readonly name: string }

const online = { method: 'idp' } as const

async function filed(
  city: City,
  at: string,
  filing: {
    readonly application: string
    readonly party: string
    readonly person: Someone
    readonly objects?: { readonly [object: string]: { readonly [key: string]: Json } }
  },
): Promise<string> {
  const { application, party, objects } = filing
  const { code, name } = filing.person
  const found = city.applications.find(({ blueprint }) => blueprint.id === application)
  const done = await city.member(at).desk.file({
    blueprint: found?.identity ?? '',
    party,
    person: { code, name },
    ...(objects === undefined ? {} : { objects }),
    identified: online,
  })
  assert.ok('case' in done, JSON.stringify(done))
  return done.case
}

async function decide(
  city: City,
  member: string,
  deciding: {
    readonly case: string
    readonly act: string
    readonly element?: number
    readonly value?: Json
    readonly no?: string
  },
): Promise<void> {
  const done = await city.member(member).desk.decide(deciding)
  assert.deepEqual(done, { done: true }, JSON.stringify(deciding))
  await city.settle()
}

/** A firm opens an account at one of two banks, which read under its consent. */
export async function openAccount(city: City, number: number): Promise<ToldCase> {
  const { applicant } = city.population
  const bank = number % 2 === 0 ? 'bank-lotus' : 'bank-willow'
  const { desk, port } = city.member('market')
  const application = 'bj.firm.account'
  const id = await filed(city, 'market', { application, party: 'applicant', person: applicant })
  const request = { case: id, item: 'request', value: { bank, purpose: 'basic' } }
  assert.ok('entry' in (await desk.say(request)))
  await city.settle()
  const { code, name } = applicant.representative
  const person = { code, name }
  const joined = await desk.join({ case: id, party: 'legalRep', person, identified: online })
  assert.ok('entry' in joined, JSON.stringify(joined))
  await city.settle()
  const scope = `${applicant.name}开立并维护账户`
  const value = { until: '2031-03-02', scope }
  for (const [party, who] of [
    ['applicant', applicant],
    ['legalRep', applicant.representative],
  ] as const) {
    const signer = { party, code: who.code, name: who.name }
    const means = { class: 'own' } as const
    const signed = await desk.sign({ case: id, act: 'agree', signer, value, means })
    assert.ok(!('refused' in signed), JSON.stringify(signed))
  }
  await city.settle()
  const no = `practice-account-${id.slice(0, 8)}`
  await decide(city, bank, { case: id, act: 'open', value: { no, uscc: applicant.code } })
  const filing = `practice-filing-${id.slice(0, 8)}`
  await decide(city, 'pbc', { case: id, act: 'file', value: { no: filing } })
  assert.equal(caseOf(port.view(), id)?.concluded, true)
  return { id, said: [scope, no, filing] }
}

/** A firm gives two lots; the one that passes is carried to a hospital. */
export async function sendSupplies(city: City, number: number): Promise<ToldCase> {
  const { donor, lots } = city.population
  const [lot] = lots
  assert.ok(lot)
  const waybill = `practice-waybill-${number}-${donor.code.slice(-6)}`
  const id = await filed(city, 'redcross', {
    application: 'bj.health.supplies',
    party: 'donor',
    person: donor,
    objects: { goods: { waybill } },
  })
  const value = lots as unknown as Json
  assert.ok('entry' in (await city.member('redcross').desk.say({ case: id, item: 'lots', value })))
  await city.settle()
  for (const [element, each] of lots.entries()) {
    const stored = { lot: each.id, qty: each.qty }
    await decide(city, 'redcross', { case: id, act: 'store', element, value: stored })
  }
  const passes = { lot: lot.id, ok: true }
  await decide(city, 'market', { case: id, act: 'inspect', element: 0, value: passes })
  await decide(city, 'market', { case: id, act: 'inspect', element: 1, no: 'below-standard' })
  const order = { lot: lot.id, qty: lot.qty, to: 'hospital', carrier: 'carrier' }
  await decide(city, 'health', { case: id, act: 'allocate', value: [order] })
  const carried = { lot: lot.id, qty: lot.qty }
  await decide(city, 'carrier', { case: id, act: 'carry', element: 0, value: carried })
  const received = { ...carried, damaged: 0 }
  await decide(city, 'hospital', { case: id, act: 'receive', element: 0, value: received })
  assert.equal(caseOf(city.member('health').port.view(), id)?.concluded, true)
  return { id, said: [waybill] }
}
