// Sharing over real cases of the shipped applications.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Value } from '#ledger/command'
import { caseOf } from '#domains/processes'
import { b32, idOf } from '#test/sharing-world'
import { CaseWorld, shipped } from '#test/case-world'
import { fieldsFor, readersOf, sharing } from './index.ts'
import { cases } from './sharing.ts'

const home = shipped('processes/bj.home.transfer')
const account = shipped('sharing/bj.firm.account')

type Outcome = {
  readonly reads: { readonly [name: string]: number }
  readonly owners: { readonly [member: string]: readonly string[] }
}

function read(world: CaseWorld, by: string, body: object): { code: string; outcome: Outcome } {
  const whole = { case: world.id, tags: {}, ...body } as { [name: string]: Value }
  return world.when(by, 'case.read', whole) as { code: string; outcome: Outcome }
}

function transfer(): CaseWorld {
  const world = new CaseWorld(home, [sharing])
  world.file('seller', 'planning')
  world.join('buyer', 'planning')
  return world
}

test('nothing is shown before anybody has filed, and keys only to whom an answer is owed', () => {
  const world = new CaseWorld(home, [sharing])
  assert.equal(read(world, 'police', { supply: 'hukou' }).code, 'sharing/unknown-case')
  world.file('seller', 'planning')
  assert.equal(read(world, 'police', { supply: 'hukou' }).code, 'sharing/not-owed')
  assert.equal(read(world, 'housing', { act: 'checkBuyer' }).code, 'sharing/act-not-open')
  world.join('buyer', 'planning')
  const { code, outcome } = read(world, 'police', { supply: 'hukou' })
  assert.equal(code, 'ok')
  assert.deepEqual(outcome.reads, { buyer: 1 })
  assert.deepEqual(outcome.owners, { planning: ['buyer'] })
  assert.equal(read(world, 'civil', { supply: 'hukou' }).code, 'sharing/not-party')
})

test('R3: of whoever has not filed nothing is shown, whoever asks and for whatever', () => {
  const { evidence, acts } = home.blueprint
  const size = Number(process.env['LIANBAN_CASES'] ?? '20')
  const world = new CaseWorld(home, [sharing])
  const all = [...new Set(Object.values(home.blueprint.parties).flatMap((p) => p.member ?? []))]
  for (let n = 0; n < size; n += 1) {
    world.id = idOf(`opened ${n}`)
    // A window opens a case of somebody; the other side has not come.
    const [here, absent] = n % 2 === 0 ? ['seller', 'buyer'] : ['buyer', 'seller']
    assert.equal(world.file(here, 'planning').code, 'ok')
    for (const by of all) {
      for (const supply of Object.keys(evidence)) {
        const { code, outcome } = read(world, by, { supply })
        if (code !== 'ok') continue
        assert.notEqual(evidence[supply]?.about, absent, `${by} ${supply}`)
        assert.ok(!(absent in outcome.reads))
      }
      for (const act of Object.keys(acts)) {
        const { code, outcome } = read(world, by, { act })
        if (code === 'ok') assert.ok(!(absent in outcome.reads), `${by} ${act}`)
      }
    }
  }
})

test('in a whole home transfer every reader gets a permit for what its act needs, from its owners', () => {
  const world = transfer()
  let permits = 0
  for (let round = 0; round < 200; round += 1) {
    for (const line of world.open()) {
      for (const by of line.recorders) {
        const { code, outcome } = read(world, by, { act: line.act })
        assert.equal(code, 'ok', line.act)
        permits += 1
        const compiled = cases.blueprintOf(world, home.hash)
        assert(compiled !== undefined)
        const fields = fieldsFor(compiled, { act: line.act })
        const slots = caseOf(world, world.id)?.slots ?? {}
        for (const each of Object.keys(outcome.reads)) {
          assert.ok(fields.has(each) || slots[each] !== undefined, `${line.act} ${each}`)
        }
        assert.ok(!(by in outcome.owners), 'nobody asks itself')
      }
    }
    world.next()
    if (!world.step()) break
  }
  assert.equal(caseOf(world, world.id)?.state, 'delivered')
  assert.ok(permits >= 15)
  assert.equal(read(world, 'gas', { act: 'moveGas' }).code, 'sharing/act-not-open', 'it is settled')
})

test('whoever a lien names gets no permit in its own name: to ask would show that it is named', () => {
  const world = transfer()
  for (let n = 0; n < 200 && !world.openNames().includes('release'); n += 1) world.step()
  assert.ok(world.openNames().includes('release'))
  assert.equal(read(world, 'icbc', { act: 'release' }).code, 'sharing/not-party')
  assert.equal(read(world, 'planning', { act: 'release' }).code, 'ok')
})

test('no permit follows the withdrawal of a consent or of a case, whatever was open', () => {
  const world = new CaseWorld(account, [sharing])
  const filed = world.file('applicant', 'market', 'idp')
  assert.equal(filed.code, 'ok', JSON.stringify(filed))
  world.state.set(`processes/case/${world.id}`, {
    ...(world.get(`processes/case/${world.id}`) as { [name: string]: Value }),
    members: { bank: 'icbc' },
  })
  for (let n = 0; n < 40 && !world.openNames().includes('grade'); n += 1) {
    world.next()
    if (caseOf(world, world.id)?.slots['legalRep']?.filed !== true) {
      world.join('legalRep', 'market', 'idp')
    }
    if (!world.step()) break
  }
  assert.ok(world.openNames().includes('grade'), world.openNames().join())
  const asked = read(world, 'icbc', { act: 'grade', tags: { applicant: b32('t') } })
  assert.equal(asked.code, 'ok')
  const watch = { case: world.id, name: 'licence' }
  assert.deepEqual(readersOf(cases, world, watch, world.time), ['icbc'])
  const body = { case: world.id, item: 'consent', approval: b32('approval') }
  assert.equal(world.when('market', 'case.revoke', body).code, 'ok')
  assert.equal(read(world, 'icbc', { act: 'grade' }).code, 'sharing/no-consent')
  assert.equal(read(world, 'icbc', { act: 'open' }).code, 'sharing/no-consent')
  assert.deepEqual(readersOf(cases, world, watch, world.time), [])
})
