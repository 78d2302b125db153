// The turns of a case: what goes back, what never does, how it ends, and what leaves a mark.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Value } from '#ledger/command'
import { accreditationPrefix, classType } from '#domains/members'
import { caseOf, consentLives, itemOf } from '#domains/processes'
import { shippedTypes } from '#test/blueprints'
import type { Published } from '#test/case-world'
import { CaseWorld, publishedOf, shipped, wordHash } from '#test/case-world'
import { idOf } from '#test/domain-world'

const home = shipped('processes/bj.home.transfer')
const account = shipped('sharing/bj.firm.account')

function filed(): CaseWorld {
  const world = new CaseWorld(home)
  assert.equal(world.file('seller', 'planning').code, 'ok')
  assert.equal(world.join('buyer', 'housing').code, 'ok')
  return world
}

/** A case in which everything before an act is done, and nothing else is open. */
function until(act: string): CaseWorld {
  const world = filed()
  for (let step = 0; ; step += 1) {
    assert.ok(step < 100)
    const open = world.openNames()
    if (open.length === 1 && open[0] === act && world.owed().every(({ fresh }) => fresh)) break
    world.next()
    const other = world.open().findIndex((each) => each.act !== act && !each.stale)
    const own = world.owed().filter(({ fresh }) => !fresh).length
    const claimed = caseOf(world, world.id)?.claims['home'] !== undefined
    if (own > 0 || !claimed) assert.ok(world.step())
    else assert.equal(world.act(world.open()[other]?.act ?? '').code, 'ok')
  }
  return world
}

function send(world: CaseWorld, by: string, type: string, body: object): string {
  return world.when(by, type, { case: world.id, ...body } as { readonly [k: string]: Value }).code
}

const back = { reason: 'wrong', note: wordHash('note') }

test('a return makes the item void, and what rested on it is done again', () => {
  const world = until('register')
  const of = (items: readonly string[], by = 'planning'): string =>
    send(world, by, 'case.return', { act: 'register', items, ...back })
  assert.equal(of(['contract'], 'tax'), 'processes/not-party')
  assert.equal(of(['hukou']), 'processes/not-asked')
  assert.equal(of(['receipt']), 'processes/is-final')
  assert.equal(of(['contract', 'receipt']), 'processes/is-final')
  assert.equal(of(['contract']), 'ok')
  assert.equal(itemOf(world, world.id, 'contract')?.void, true)
  assert.equal(itemOf(world, world.id, 'contract')?.gen, 1)
  assert.equal(itemOf(world, world.id, 'receipt')?.available, false)
  assert.deepEqual(world.openNames(), ['sign'])
  assert.equal(of(['contract']), 'processes/act-not-open')
  // The same contract again is still another generation: it was returned.
  const parts = itemOf(world, world.id, 'contract')?.parts.map(({ c }) => c) ?? []
  assert.equal(world.act('sign', '', { gives: { contract: parts } }).code, 'ok')
  assert.equal(itemOf(world, world.id, 'contract')?.gen, 2)
})

test('a return across a payment opens its difference, and an equal bill opens none', () => {
  const world = until('register')
  const signAgain = (word: string): void => {
    assert.equal(
      send(world, 'planning', 'case.return', { act: 'register', items: ['contract'], ...back }),
      'ok',
    )
    assert.equal(world.act('sign', word).code, 'ok')
    world.act('lend')
    for (const act of ['release', 'carry']) {
      if (world.openNames().includes(act)) {
        assert.equal(world.act(act, '', { by: 'planning', gives: same(world, act) }).code, 'ok')
      }
    }
  }
  signAgain('same sum')
  // The tax office comes to the same bill: its robot commits to the same, and nobody pays.
  assert.equal(world.act('assess', '', { gives: same(world, 'assess') }).code, 'ok')
  assert.deepEqual(world.openNames(), ['register'])
  signAgain('other sum')
  assert.equal(world.act('assess').code, 'ok')
  const pay = world.open().find(({ act }) => act === 'pay')
  assert.equal(pay?.difference, true)
  assert.equal(pay?.round, 2)
  assert.equal(itemOf(world, world.id, 'receipt')?.available, false)
  assert.equal(world.act('pay').code, 'ok')
  assert.equal(world.act('pay').code, 'processes/act-not-open')
  // The receipt of the first payment stays in the item’s history.
  const kept = world.get(`processes/item/${world.id}/receipt`) as { readonly history: object[] }
  assert.equal(kept.history.length, 1)
})

/** What an act gave last time, by item: its own part. */
function same(world: CaseWorld, act: string): { readonly [item: string]: readonly string[] } {
  const given = home.blueprint.acts[act]?.gives as string
  const parts = itemOf(world, world.id, given)?.parts.filter(({ from }) => from === act) ?? []
  return { [given]: parts.map(({ c }) => c) }
}

test('a case whose persons stay silent after a return lapses, and what was paid goes back', () => {
  const world = until('register')
  assert.equal(
    send(world, 'planning', 'case.return', {
      act: 'register',
      items: ['contract'],
      reason: 'wrong',
      note: wordHash('note'),
    }),
    'ok',
  )
  assert.deepEqual(world.openNames(), ['sign'])
  world.next(91 * 86_400_000)
  assert.equal(send(world, 'planning', 'case.tick', {}), 'ok')
  assert.equal(caseOf(world, world.id)?.state, 'lapsed')
  assert.deepEqual(caseOf(world, world.id)?.claims, {})
  assert.deepEqual(
    world.open().map(({ act, refund }) => [act, refund]),
    [['pay', true]],
  )
  assert.equal(world.act('pay', 'refund').code, 'ok')
  assert.deepEqual(world.openNames(), [])
  assert.equal(world.act('pay', 'again', { by: 'tax' }).code, 'processes/case-closed')
})

test('a no of a deciding act ends the case, frees its claim and opens the refund alone', () => {
  const world = until('register')
  const handle = caseOf(world, world.id)?.claims['home'] ?? ''
  assert.ok(world.get(`processes/claim/${handle}`) !== undefined)
  const outcome = wordHash('refused')
  const conclude = (by: string, body: object): string =>
    send(world, by, 'case.conclude', { outcome, ...body })
  assert.equal(conclude('planning', {}), 'processes/not-delivered')
  assert.equal(conclude('tax', { act: 'register' }), 'processes/not-party')
  assert.equal(conclude('gas', { act: 'moveGas' }), 'processes/act-not-open')
  const reads = world.open()[0]?.reads ?? {}
  const older = { ...reads, title: 0 }
  assert.equal(conclude('planning', { act: 'register', reads: older }), 'processes/stale-read')
  assert.equal(conclude('planning', { act: 'register', reads }), 'ok')
  const facts = caseOf(world, world.id)
  assert.equal(facts?.state, 'ended')
  assert.equal(facts?.refusedBy, 'register')
  assert.equal(world.get(`processes/claim/${handle}`), undefined)
  assert.deepEqual(world.owed(), [])
  assert.deepEqual(
    world.open().map(({ act, refund, difference }) => ({ act, refund, difference })),
    [{ act: 'pay', refund: true, difference: true }],
  )
  assert.equal(world.answer('hukou').code, 'processes/case-closed')
  assert.equal(world.act('pay').code, 'ok')
  assert.deepEqual(world.open(), [])
  assert.equal(world.act('pay', '', { by: 'tax' }).code, 'processes/case-closed')
})

test('a delivered case is concluded by its lead, and its tail goes on until it is done', () => {
  const world = until('register')
  for (const item of ['liens', 'title']) assert.equal(world.answer(item).code, 'ok')
  assert.equal(world.act('register').code, 'ok')
  const outcome = wordHash('delivered')
  assert.equal(send(world, 'tax', 'case.conclude', { outcome }), 'processes/not-party')
  assert.equal(send(world, 'planning', 'case.conclude', { outcome }), 'ok')
  assert.equal(send(world, 'planning', 'case.conclude', { outcome }), 'processes/case-closed')
  assert.equal(caseOf(world, world.id)?.state, 'delivered')
  assert.equal(caseOf(world, world.id)?.concluded, true)
  assert.deepEqual(world.openNames(), ['moveCable', 'moveGas', 'movePower'])
  // A register that corrects itself now asks nobody to do again what was decided.
  assert.equal(world.answer('title', 'later').code, 'ok')
  assert.deepEqual(world.openNames(), ['moveCable', 'moveGas', 'movePower'])
  for (const act of ['moveCable', 'moveGas', 'movePower']) assert.equal(world.act(act).code, 'ok')
  assert.equal(caseOf(world, world.id)?.state, 'ended')
  assert.equal(caseOf(world, world.id)?.delivered, true)
})

test('a person withdraws until the first act that cannot be undone', () => {
  const approval = wordHash('approval')
  const early = filed()
  const withdraw = (world: CaseWorld, by: string, party: string): string =>
    send(world, by, 'case.withdraw', { party, approval })
  assert.equal(withdraw(early, 'housing', 'seller'), 'processes/not-party')
  assert.equal(withdraw(early, 'planning', 'home'), 'processes/no-such-name')
  assert.equal(withdraw(early, 'planning', 'constructor'), 'processes/no-such-name')
  assert.equal(withdraw(early, 'housing', 'buyer'), 'ok')
  assert.equal(caseOf(early, early.id)?.state, 'withdrawn')
  assert.equal(early.answer('title').code, 'processes/case-closed')
  const late = until('register')
  assert.equal(withdraw(late, 'planning', 'seller'), 'processes/is-final')
  // An application without final acts is over for its persons when it has delivered.
  const done = agreed()
  done.run()
  assert.equal(withdraw(done, 'market', 'applicant'), 'processes/is-final')
})

test('whoever took over a department speaks where that one spoke', () => {
  const world = filed()
  const before = world.get('members/member/housing') as object
  world.state.set('members/member/housing', { ...before, state: 'left', succeededBy: 'civil' })
  assert.equal(world.owed().find(({ item }) => item === 'hukou')?.by, 'police')
  const withdrawn = { party: 'buyer', approval: wordHash('approval') }
  assert.equal(send(world, 'market', 'case.withdraw', withdrawn), 'processes/not-party')
  for (const { item } of world.owed()) assert.equal(world.answer(item).code, 'ok')
  // The housing department’s checks are now those of its successor.
  const check = world.open().find(({ act }) => act === 'checkBuyer')
  assert.deepEqual(check?.recorders, ['civil'])
  assert.equal(send(world, 'civil', 'case.withdraw', withdrawn), 'ok')
})

/** A firm’s account for which consent was given. */
function agreed(application: Published = account): CaseWorld {
  const world = new CaseWorld(application)
  world.file('applicant', 'market', 'idp')
  world.answer('request')
  world.answer('licence')
  assert.deepEqual(world.openNames(), [])
  world.join('legalRep', 'market', 'idp')
  assert.equal(world.act('agree').code, 'ok')
  return world
}

test('a member that evidence names is bound visibly, by whoever knows', () => {
  const world = agreed()
  world.answer('repId')
  assert.equal(world.act('grade', '', { by: 'icbc' }).code, 'processes/not-party')
  const bind = (by: string, body: object): string => send(world, by, 'case.bind', body)
  assert.equal(bind('tax', { party: 'bank', member: 'icbc' }), 'processes/not-party')
  assert.equal(bind('market', { party: 'tax', member: 'icbc' }), 'processes/no-such-name')
  assert.equal(bind('market', { party: 'bank', member: 'nobody' }), 'processes/not-active')
  assert.equal(bind('market', { party: 'bank', member: 'icbc' }), 'ok')
  assert.deepEqual(caseOf(world, world.id)?.members, { bank: 'icbc' })
  assert.equal(world.act('grade').code, 'ok')
})

test('an impostor that is no bank is bound by nobody, and any licensed bank is', () => {
  const world = agreed()
  world.answer('repId')
  const bind = (member: string): string => {
    return send(world, 'market', 'case.bind', { party: 'bank', member })
  }
  // A member like any other, and one whose licence is over.
  assert.equal(bind('pbc'), 'processes/not-of-class')
  world.state.delete(`${accreditationPrefix}ccb/${classType('bank')}`)
  assert.equal(bind('ccb'), 'processes/not-of-class')
  assert.equal(bind('post'), 'ok')
  const delegate = (member: string): string => {
    return send(world, 'post', 'case.delegate', { act: 'grade', member })
  }
  assert.equal(delegate('pbc'), 'processes/not-of-class')
  assert.equal(delegate('icbc'), 'ok')
  world.state.delete(`${accreditationPrefix}post/${classType('bank')}`)
  assert.equal(world.act('grade', '', { by: 'post' }).code, 'processes/not-of-class')
})

test('nobody is made to work under an application to which it has not agreed', () => {
  const { bank: _bank, ...parties } = account.blueprint.parties
  const bank = { is: 'bank', of: 'request.bank' } as const
  const blueprint = { ...account.blueprint, parties: { ...parties, bank } }
  const world = agreed(publishedOf(blueprint, shippedTypes(), []))
  world.answer('repId')
  const key = `processes/blueprint/${world.published.hash}`
  const record = world.state.get(key) as { readonly agreed: readonly string[] }
  world.state.set(key, { ...record, agreed: record.agreed.filter((code) => code !== 'xiehe') })
  const say = (type: string, body: object): string => send(world, 'market', type, body)
  assert.equal(say('case.bind', { party: 'bank', member: 'xiehe' }), 'processes/not-agreed')
  assert.equal(say('case.bind', { party: 'bank', member: 'post' }), 'ok')
  const delegated = send(world, 'post', 'case.delegate', { act: 'grade', member: 'xiehe' })
  assert.equal(delegated, 'processes/not-agreed')
})

test('a member is bound for as long as the evidence stands that names it', () => {
  const world = agreed()
  world.answer('repId')
  send(world, 'market', 'case.bind', { party: 'bank', member: 'icbc' })
  assert.equal(world.openNames()[0], 'grade')
  assert.equal(world.answer('request', 'another bank').code, 'ok')
  assert.deepEqual(caseOf(world, world.id)?.members, {})
  world.act('agree')
  assert.equal(world.act('grade', '', { by: 'icbc' }).code, 'processes/not-party')
})

test('with a consent that is taken back nobody reads, and it can be given again', () => {
  const world = agreed()
  world.answer('repId')
  send(world, 'market', 'case.bind', { party: 'bank', member: 'icbc' })
  const approval = wordHash('approval')
  const revoke = (by: string, item: string): string =>
    send(world, by, 'case.revoke', { item, approval })
  assert.equal(revoke('market', 'licence'), 'processes/not-a-consent')
  assert.equal(revoke('tax', 'consent'), 'processes/not-party')
  assert.equal(consentLives(world, world.id, 'consent'), true)
  assert.equal(revoke('market', 'consent'), 'ok')
  assert.equal(consentLives(world, world.id, 'consent'), false)
  assert.equal(revoke('market', 'consent'), 'processes/no-consent')
  assert.equal(world.act('grade', '', { by: 'icbc' }).code, 'processes/no-consent')
  assert.deepEqual(world.openNames(), ['agree'])
  assert.equal(world.act('agree').code, 'ok')
  assert.equal(itemOf(world, world.id, 'consent')?.gen, 2)
  assert.equal(world.act('grade').code, 'ok')
})

test('a disputed field is marked until its owner upholds or corrects it', () => {
  const world = until('register')
  const statement = wordHash('statement')
  const dispute = (by: string, item: string): string =>
    send(world, by, 'case.dispute', { item, field: wordHash('beijing'), statement })
  assert.equal(dispute('gas', 'hukou'), 'processes/not-party')
  assert.equal(dispute('planning', 'newGas'), 'processes/no-such-name')
  assert.equal(dispute('planning', 'hukou'), 'ok')
  assert.equal(itemOf(world, world.id, 'hukou')?.disputed, true)
  const uphold = (by: string): string =>
    send(world, by, 'case.uphold', { item: 'hukou', statement })
  assert.equal(uphold('tax'), 'processes/not-the-source')
  assert.equal(uphold('police'), 'ok')
  assert.equal(uphold('police'), 'processes/not-disputed')
  assert.equal(dispute('housing', 'hukou'), 'ok')
  assert.equal(world.answer('hukou', 'corrected').code, 'ok')
  assert.equal(itemOf(world, world.id, 'hukou')?.disputed, false)
  assert.deepEqual(world.openNames(), ['checkBuyer'])
})

test('an annulment under a law opens again even what is final, and after the outcome', () => {
  const world = filed()
  world.run()
  send(world, 'planning', 'case.conclude', { outcome: wordHash('outcome') })
  assert.equal(caseOf(world, world.id)?.state, 'ended')
  const annul = (by: string, body: object): string =>
    send(world, by, 'case.annul', { note: wordHash('note'), ...body })
  assert.equal(annul('tax', { item: 'newTitle', law: 'reg22' }), 'processes/not-party')
  assert.equal(annul('planning', { item: 'newTitle', law: 'none' }), 'processes/no-such-name')
  assert.equal(annul('planning', { item: 'title', law: 'reg22' }), 'processes/no-such-name')
  assert.equal(annul('planning', { item: 'newTitle', law: 'reg22' }), 'ok')
  assert.equal(caseOf(world, world.id)?.state, 'open')
  assert.deepEqual(world.openNames(), ['register'])
})

test('whoever was refused appeals once and in time, and the refusal can be annulled', () => {
  const world = until('register')
  const statement = wordHash('statement')
  const appeal = (by: string): string => send(world, by, 'case.appeal', { statement })
  assert.equal(appeal('housing'), 'processes/not-concluded')
  const outcome = wordHash('refused')
  assert.equal(send(world, 'planning', 'case.conclude', { act: 'register', outcome }), 'ok')
  assert.equal(appeal('tax'), 'processes/not-party')
  assert.equal(appeal('housing'), 'ok')
  assert.equal(appeal('housing'), 'processes/already-filed')
  assert.equal(caseOf(world, world.id)?.appealed, true)
  const note = wordHash('note')
  // What was paid went back in between, so it is owed again.
  assert.equal(world.act('pay').code, 'ok')
  const annulled = send(world, 'planning', 'case.annul', { item: 'newTitle', law: 'review', note })
  assert.equal(annulled, 'ok')
  assert.deepEqual(
    world.open().map(({ act, round, difference, refund }) => ({ act, round, difference, refund })),
    [{ act: 'pay', round: 3, difference: true, refund: false }],
  )
  assert.equal(world.act('pay').code, 'ok')
  assert.deepEqual(world.openNames(), ['register'])
})

test('an act is delegated by whoever may record it', () => {
  const world = until('register')
  const delegate = (by: string, member: string): string =>
    send(world, by, 'case.delegate', { act: 'register', member })
  assert.equal(delegate('tax', 'market'), 'processes/not-party')
  assert.equal(delegate('planning', 'nobody'), 'processes/not-active')
  assert.equal(delegate('planning', 'icbc'), 'ok')
  assert.equal(delegate('planning', 'market'), 'ok')
  assert.deepEqual(world.open()[0]?.recorders, ['planning', 'market'])
})

test('an object is claimed by one case: its register grants under a handle, or denies', () => {
  const world = filed()
  const body = (handle: string): object => ({ object: 'home', handle: idOf(handle) })
  assert.equal(send(world, 'tax', 'claim.grant', body('a')), 'processes/not-the-source')
  const other = { object: 'buyer', handle: idOf('a') }
  assert.equal(send(world, 'planning', 'claim.grant', other), 'processes/no-such-name')
  assert.equal(send(world, 'planning', 'claim.deny', { object: 'home' }), 'ok')
  for (const { item } of world.owed()) world.answer(item)
  world.act('checkBuyer')
  for (const { item } of world.owed()) world.answer(item)
  assert.equal(world.act('sign', '', { by: 'planning' }).code, 'processes/claimed')
  assert.equal(send(world, 'planning', 'claim.grant', body('a')), 'ok')
  assert.equal(send(world, 'planning', 'claim.grant', body('b')), 'processes/already-filed')
  const first = world.id
  world.id = idOf('case 2')
  world.file('seller', 'planning')
  assert.equal(send(world, 'planning', 'claim.grant', body('a')), 'processes/claimed')
  assert.equal(
    world.when('planning', 'case.withdraw', {
      case: first,
      party: 'seller',
      approval: wordHash('approval'),
    }).code,
    'ok',
  )
  assert.equal(send(world, 'planning', 'claim.grant', body('a')), 'ok')
})
