// A firm opens accounts at real nodes: what a bank is refused and what it is shown, what it is told
// of when the firm has another legal representative, and what the old one can no longer do.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { utf8Encode } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import { accessOf, sourceOf } from '#blueprint/derive'
import { textOf } from '#blueprint/grammar'
import { openActs } from '#domains/processes'
import { whoLooked } from '#apps/node/city'
import type { Desk, Done } from '#apps/node/desk'
import { openDesk } from '#apps/node/desk'
import type { LedgerPort } from '#apps/node/ledger-port'
import type { Signed } from '#apps/node/messages'
import { shippedFolder, shippedTypes } from '#test/blueprints'
import { publishedOf } from '#test/case-world'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { inSystem } from '#test/transfer-world'

const idp = { method: 'idp' } as const
const own = { class: 'own' } as const
const consent = { until: '2027-03-01', scope: '开户' }
const [lotus, willow] = ['bank-lotus', 'bank-willow'] as const
const dayMs = 86_400_000

type Someone = { readonly code: string; readonly name: string }

describe('a firm’s account', () => {
  let world: CityWorld
  before(async () => {
    world = await openCityWorld()
  })
  after(async () => world.close())

  const desk = (code: string): Desk => openDesk(world.city.member(code).department)
  const port = (code: string): LedgerPort => world.city.member(code).port
  const applicant = () => world.city.population.applicant
  const settle = () => world.city.settle()

  const must = (done: Done): void => assert.ok('entry' in done, JSON.stringify(done))

  const accounts = () => {
    const id = 'bj.firm.account'
    const app = world.city.applications.find(({ blueprint }) => blueprint.id === id)
    assert.ok(app)
    return app
  }

  /** The same application under a law that ends today, in force; gives its identity. */
  async function underOldLaw(): Promise<string> {
    const { blueprint, scenarios } = shippedFolder('sharing/bj.firm.account')
    const law = {
      ...blueprint.law['account'],
      cite: '旧办法',
      from: '2003-09-01',
      until: '2026-03-02',
    }
    const old = { ...blueprint, version: 2, law: { ...blueprint.law, account: law } }
    const published = publishedOf(old, shippedTypes(), scenarios)
    const texts = [
      published.text,
      textOf(scenarios),
      ...published.types.map((type) => textOf(type)),
    ]
    const [publication = '', played = '', ...types] = texts.map((text) =>
      sha256Text(text, 'base64url'),
    )
    const documents = texts.map((text) => utf8Encode(text))
    const body = { publication, scenarios: played, types }
    const said = await port('market').submit('blueprint.publish', body, { documents })
    assert.ok('receipt' in said, JSON.stringify(said))
    for (const member of ['police', 'tax', 'pbc', lotus]) {
      const agreed = await port(member).submit('blueprint.agree', { blueprint: publication })
      assert.ok('receipt' in agreed, JSON.stringify(agreed))
    }
    return publication
  }

  /** Files for the firm and asks for an account at a bank. */
  async function file(bank: string, identity = accounts().identity): Promise<string> {
    const market = desk('market')
    const { code, name } = applicant()
    const filed = await market.file({
      blueprint: identity,
      party: 'applicant',
      person: { code, name },
      identified: idp,
    })
    assert.ok('case' in filed)
    const value = { bank, purpose: 'basic' }
    must(await market.say({ case: filed.case, item: 'request', value }))
    await settle()
    return filed.case
  }

  async function join(id: string, { code, name }: Someone): Promise<void> {
    const person = { code, name }
    must(await desk('market').join({ case: id, party: 'legalRep', person, identified: idp }))
    await settle()
  }

  async function sign(id: string, party: string, { code, name }: Someone): Promise<Signed> {
    const signer = { party, code, name }
    const given = { case: id, act: 'agree', signer, value: consent, means: own }
    const signed = await desk('market').sign(given)
    await settle()
    return signed
  }

  async function agree(id: string): Promise<void> {
    assert.deepEqual(await sign(id, 'applicant', applicant()), { waits: true })
    assert.deepEqual(await sign(id, 'legalRep', applicant().representative), { done: true })
  }

  /** A bank asks for what an act reads; says the code, and where it stands for everybody. */
  async function ask(
    by: string,
    id: string,
    body: object = { act: 'open' },
  ): Promise<{ readonly code: string; readonly at: number }> {
    const said = await port(by).submit('case.read', { case: id, tags: {}, ...body })
    if ('receipt' in said) return { code: 'ok', at: said.receipt.entry }
    return { code: said.refused.code, at: said.entry ?? -1 }
  }

  const open = (id: string): readonly string[] =>
    openActs(port('market').view(), id, port('market').head().time).map(({ act }) => act)

  /** Fields that others have shown to a member in a case. */
  const shownTo = (member: string, id: string): readonly string[] => {
    const copies = world.city.member(member).vault.find({ case: id, kind: 'copy' })
    const fields = copies.flatMap(({ name, leaves }) =>
      leaves.flatMap(({ path }) => (path === '$' || path === 'tag' ? [] : [`${name}.${path}`])),
    )
    return [...new Set(fields)].toSorted((a, b) => (a < b ? -1 : 1))
  }

  /** Everything that the application lets a bank read of others. */
  const readList = (): readonly string[] => {
    const app = accounts()
    const rows = accessOf(sourceOf(app.blueprint, app.types)).filter(
      ({ party }) => party === 'bank',
    )
    const others = rows.filter(({ item }) => item !== 'risk')
    const fields = others.flatMap(({ item, fields: of }) => of.map((each) => `${item}.${each}`))
    return [...new Set(fields)].toSorted((a, b) => (a < b ? -1 : 1))
  }

  async function openAccount(bank: string, identity?: string): Promise<string> {
    const id = await file(bank, identity)
    await join(id, applicant().representative)
    await agree(id)
    return id
  }

  test('R45: before consent a bank sees no field, and then exactly what its acts read', async () => {
    const id = await file(lotus)
    await join(id, applicant().representative)
    assert.equal((await ask(lotus, id, { act: 'grade' })).code, 'sharing/no-consent')
    assert.equal((await ask(lotus, id)).code, 'sharing/no-consent')
    assert.deepEqual(shownTo(lotus, id), [])
    await agree(id)
    // Its robot has graded the risk; to open the account a person has read the rest.
    assert.deepEqual(open(id), ['open'])
    const value = { no: '6222', uscc: applicant().code }
    assert.deepEqual(await desk(lotus).decide({ case: id, act: 'open', value }), { done: true })
    await settle()
    assert.deepEqual(shownTo(lotus, id), readList())
    assert.equal(shownTo(lotus, id).length, 9)
    assert.deepEqual(shownTo(willow, id), [])
  })

  test('R17: an impostor that is no bank is refused, and every licensed bank is taken', async () => {
    const id = await file(willow)
    const ask = (bank: string): Promise<Done> =>
      desk('market').say({ case: id, item: 'request', value: { bank, purpose: 'basic' } })
    for (const impostor of ['gas', 'pbc', 'nobody']) {
      assert.deepEqual(await ask(impostor), {
        refused: [{ code: 'processes/not-of-class', at: 'bank' }],
      })
      const bind = { case: id, party: 'bank', member: impostor }
      const said = await port('market').submit('case.bind', bind)
      assert.ok('refused' in said)
    }
    must(await ask(lotus))
  })

  test('R2: a request with one fault is refused by its code, and both sides have the entry', async () => {
    const id = await openAccount(lotus)
    const told = new Map<string, { readonly code: string; readonly at: number }>()
    told.set('party', await ask(willow, id))
    told.set('act closed', await ask(lotus, id, { act: 'grade' }))
    told.set('field', await ask(lotus, id, { act: 'open', only: { licence: ['legalRep'] } }))
    told.set('supply', await ask('tax', id, { supply: 'taxFile' }))
    must(await desk('market').revoke({ case: id, item: 'consent', approval: '撤回' }))
    told.set('consent', await ask(lotus, id))
    const approval = '不办了'
    must(await desk('market').withdraw({ case: id, party: 'applicant', approval }))
    await settle()
    told.set('case', await ask(lotus, id))
    const old = await openAccount(lotus, await underOldLaw())
    assert.equal((await ask(lotus, old)).code, 'ok')
    world.clock.advance(dayMs)
    told.set('law', await ask(lotus, old))
    assert.deepEqual(Object.fromEntries([...told].map(([fault, { code }]) => [fault, code])), {
      party: 'sharing/not-party',
      'act closed': 'sharing/act-not-open',
      field: 'sharing/field-not-read',
      supply: 'sharing/not-owed',
      consent: 'sharing/no-consent',
      case: 'sharing/case-closed',
      law: 'sharing/law-not-in-force',
    })
    for (const { code, at } of told.values()) {
      for (const member of [lotus, 'market']) {
        const entry = port(member).entry(at)
        assert.deepEqual([entry.type, entry.code, entry.keys], ['case.read', code, []])
      }
    }
  })

  test('R40: a permit that is out dies within a minute of the withdrawal', async () => {
    const id = await openAccount(willow)
    const { at } = await ask(willow, id)
    const { at: other } = await ask(willow, id)
    must(await desk('market').revoke({ case: id, item: 'consent', approval: '撤回' }))
    assert.equal((await ask(willow, id)).code, 'sharing/no-consent')
    const { gateway } = world.city.member(willow)
    const asked = { owner: 'market', names: ['licence'] }
    // Until then the answer may still be on its way.
    assert.ok('records' in (await gateway.ask({ permit: at, ...asked })))
    world.clock.advance(60_000)
    assert.deepEqual(await gateway.ask({ permit: other, ...asked }), {
      declined: 'node/permit-late',
    })
    // The owner says the same, whatever clock a reader has.
    const owner = await world.city.member('market').department.dept.ways.ask({
      permit: other,
      ...asked,
    })
    assert.deepEqual(owner, { declined: 'node/no-permit' })
  })

  test('R38: she sees who looked and who was refused, complete, and proven to be so', async () => {
    const { city, clock } = world
    for (const { gateway } of city.members.values()) await gateway.flush()
    const covered = (): boolean => {
      const { host } = city.node
      return (host.proofs.checkpoint()?.size ?? 0) >= host.head().size
    }
    for (let left = 20; left > 0 && !covered(); left -= 1) {
      clock.advance(11_000)
      await new Promise((resolve) => setTimeout(resolve, 20))
      await settle()
    }
    assert.ok(covered(), 'a checkpoint covers what was said')
    const { code } = applicant().representative
    const { lines, complete, mismatches, refused } = await whoLooked(city, code)
    assert.deepEqual([complete, mismatches], [true, []])
    const seen = new Set(lines.map(({ reader, for: purpose }) => `${reader} ${purpose}`))
    assert.deepEqual([...seen].toSorted(), [`${lotus} grade`, `${willow} grade`, 'police repId'])
    const isWhole = lines.every(({ byReader, byOwners, owners }) => {
      return byReader && byOwners.length === owners.length
    })
    assert.ok(isWhole, 'both sides of each read have put it under the tags')
    const codes = new Set(refused.map(({ reader, code: why }) => `${reader} ${why}`))
    assert.equal(codes.size, 8)
    assert.ok(codes.has(`${lotus} sharing/no-consent`) && codes.has(`${willow} sharing/not-party`))
    // Of somebody who has no case there is nothing.
    const none = await whoLooked(city, city.population.successor.code)
    assert.deepEqual([none.lines, none.refused], [[], []])
  })

  /** Whom the ledger names since an entry as told of a change, with the case; no value is said. */
  function toldSince(from: number): readonly string[] {
    const told: string[] = []
    for (let at = from; at < port('market').head().size; at += 1) {
      const { type, outcome, code } = port('market').entry(at)
      if (type !== 'watch.changed' || code !== 'ok') continue
      const { case: id, readers, ...rest } = outcome as { case: string; readers: string[] }
      assert.deepEqual(rest, { watch: 'licence', item: 'licence' })
      told.push(...readers.map((reader) => `${reader} ${id}`))
    }
    return told
  }

  test('R46: a new representative: banks are told, the old one no longer signs', async () => {
    const { successor } = world.city.population
    const firm = applicant()
    const [one, two, gone] = [
      await openAccount(lotus),
      await openAccount(willow),
      await openAccount(willow),
    ]
    const value = { no: '6222', uscc: firm.code }
    assert.deepEqual(await desk(lotus).decide({ case: one, act: 'open', value }), { done: true })
    must(await desk('market').revoke({ case: gone, item: 'consent', approval: '撤回' }))
    const half = await file(lotus)
    await join(half, firm.representative)
    assert.deepEqual(await sign(half, 'legalRep', firm.representative), { waits: true })

    world.clock.advance(dayMs)
    const from = port('market').head().size
    const put = 'UPDATE gs_representative SET rep_code = ?, rep_name = ? WHERE uscc = ?'
    inSystem(world.city, 'market', put, successor.code, successor.name, firm.code)
    await world.city.member('market').department.changed()
    await settle()
    const told = toldSince(from)
    assert.equal(new Set(told).size, told.length)
    const banks = [`${lotus} ${one}`, `${willow} ${two}`]
    for (const bank of banks) assert.ok(told.includes(bank))
    assert.ok(!told.some((each) => each.endsWith(gone) || each.endsWith(half)))
    // What is not watched changes daily, and what was told is told once.
    const days = 'UPDATE gs_enterprise SET days_open = days_open + 1 WHERE uscc = ?'
    inSystem(world.city, 'market', days, firm.code)
    await world.city.member('market').department.changed()
    await settle()
    assert.deepEqual(toldSince(from), told)
    const line = desk(lotus)
      .inbox()
      .find((each) => each.case === one)
    assert.deepEqual([line?.reason, line?.item], ['changed', 'licence'])

    await desk(lotus).noted(line!)
    assert.deepEqual(
      desk(lotus)
        .inbox()
        .filter((each) => each.case === one),
      [],
    )

    // What the old one half signed counts no longer, nor does he: the act is to be signed anew.
    assert.deepEqual(await sign(half, 'applicant', firm), { waits: true })
    const old = await sign(half, 'legalRep', firm.representative)
    assert.deepEqual(old, { refused: [{ code: 'judge/not-bound', at: 'legalRep' }] })
    const lines = desk('market')
      .inbox()
      .filter((each) => each.case === half)
    assert.deepEqual(
      lines.map(({ reason, act }) => [reason, act]),
      [['to-be-signed', 'agree']],
    )
    // Who follows him was not identified in that case: it is withdrawn, and begun anew with him.
    assert.deepEqual(await sign(half, 'legalRep', successor), old)
    must(await desk('market').withdraw({ case: half, party: 'applicant', approval: '重办' }))
    const anew = await file(lotus)
    await join(anew, successor)
    assert.deepEqual(await sign(anew, 'applicant', firm), { waits: true })
    assert.deepEqual(await sign(anew, 'legalRep', firm.representative), old)
    assert.deepEqual(await sign(anew, 'legalRep', successor), { done: true })
  })
})
