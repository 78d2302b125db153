// Sales over the nodes of the practice city that are not told in the story: two co-owners, a firm,
// an agent under a mandate, a mortgage that moves along, and a city that stops in the middle.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { caseOf, itemOf } from '#domains/processes'
import { whoLooked } from '#apps/node/city'
import type { Sale } from '#apps/node/residents'
import type { Someone, Stage } from '#apps/cli/story'
import { openStage } from '#apps/cli/story'

const application = 'bj.home.transfer'
let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close(false))

/** Files a sale at the registry's counter, with everybody who sells and the buyer. */
async function filed({ home, sellers, buyer, fen, way }: Sale): Promise<string> {
  const [first, ...others] = sellers
  assert.ok(first !== undefined)
  const objects = { home: { unit: home.unit } }
  const id = await stage.file('planning', application, { party: 'seller', person: first, objects })
  for (const person of others) await stage.join('planning', id, { party: 'seller', person })
  await stage.say('planning', id, 'offer', { fen, way })
  await stage.join('planning', id, { party: 'buyer', person: buyer })
  await stage.say('planning', id, 'plan', { fundLoan: false })
  await stage.settle()
  return id
}

const contract = (fen: number, payee: string): { [field: string]: string | number } => {
  return { fen, payee, signed: '2026-03-02' }
}

async function trySign(
  id: string,
  party: string,
  person: Someone,
  of: { readonly fen: number; readonly payee: string; readonly agent?: Someone },
): Promise<string> {
  const { code, name } = person
  const { agent, fen, payee } = of
  const said = await stage.member('planning').desk.sign({
    case: id,
    act: 'sign',
    signer: { party, code, name, ...(agent === undefined ? {} : { agent }) },
    value: contract(fen, payee),
    means: { class: 'own' },
  })
  await stage.settle()
  if ('refused' in said) return said.refused[0]?.code ?? ''
  return 'done' in said ? 'done' : 'waits'
}

async function finish(id: string, sale: Sale, serial: number): Promise<void> {
  const { home, buyer } = sale
  const [line] = stage
    .member('tax')
    .desk.inbox()
    .filter((each) => each.case === id)
  assert.ok(line !== undefined, 'the tax is due')
  const due = await stage.member('tax').desk.open(line)
  const value = { no: `practice-${serial}`, fen: due?.amount ?? 0 }
  await stage.sign('planning', id, 'pay', { value, who: [['buyer', buyer]] })
  await stage.decide('planning', id, 'register', {
    value: {
      certNo: `练(2026)练习区不动产权第${8_000_000 + serial}号`,
      unit: home.unit,
      address: home.address,
      area: home.area,
      ownerKind: 'person',
      owners: [{ code: buyer.code, name: buyer.name }],
      issued: '2026-03-02',
      sealed: false,
      disputed: false,
      noticed: false,
    },
  })
  assert.equal(caseOf(stage.member('planning').port.view(), id)?.delivered, true)
}

test('both co-owners sign, though the deed has one of them with a number of fifteen digits', async () => {
  const sale = stage.city.population.roles.coOwners
  const id = await filed(sale)
  const [wife, husband] = sale.sellers
  assert.ok(wife !== undefined && husband !== undefined)
  const of = { fen: sale.fen, payee: 'practice-joint' }
  assert.equal(await trySign(id, 'buyer', sale.buyer, of), 'waits')
  assert.equal(await trySign(id, 'seller', wife, of), 'waits')
  assert.equal(await trySign(id, 'seller', stage.city.population.second, of), 'judge/not-bound')
  assert.equal(await trySign(id, 'seller', husband, of), 'done')
  await finish(id, sale, 1)
})

test('a firm sells when market supervision has found it in business, and all eleven sectors act', async () => {
  const sale = stage.city.population.roles.firm
  const id = await filed(sale)
  const [firm] = sale.sellers
  assert.ok(firm !== undefined)
  const value = { name: firm.name, status: 'active' }
  await stage.decide('market', id, 'checkSeller', { value })
  const of = { fen: sale.fen, payee: 'practice-firm' }
  await trySign(id, 'buyer', sale.buyer, of)
  assert.equal(await trySign(id, 'seller', firm, of), 'done')
  await finish(id, sale, 2)
  for (const [member, act] of [
    ['power', 'movePower'],
    ['gas', 'moveGas'],
    ['cable', 'moveCable'],
  ] as const) {
    await stage.decide(member, id, act, { value: { no: `practice-${member}` } })
  }
  const { members, pack } = stage.city
  const sectors = pack.members.filter(({ sector }) => sector !== undefined)
  assert.deepEqual(
    [...doers(id)].filter((code) => members.get(code)?.pack.sector !== undefined).toSorted(),
    sectors.map(({ code }) => code).toSorted(),
  )
})

/** Members that have acted or supplied something in a case. */
function doers(id: string): ReadonlySet<string> {
  const { port } = stage.member('planning')
  const found = new Set<string>()
  for (let entry = 0; entry < port.head().size; entry += 1) {
    const { type, code, member, keys } = port.entry(entry)
    const isDeed = type === 'case.act' || type === 'case.supply'
    if (isDeed && code === 'ok' && keys.includes(`processes/case/${id}`)) found.add(member ?? '')
  }
  return found
}

test('an agent signs on the terms of the mandate, and on no others', async () => {
  const { roles, nephew, mandates } = stage.city.population
  const sale = roles.agent
  const [principal] = sale.sellers
  const [mandate] = mandates
  assert.ok(principal !== undefined && mandate !== undefined)
  const id = await filed(sale)
  const agent = { code: nephew.code, name: nephew.name }
  const { floor, payee } = mandate
  const without = { fen: sale.fen, payee, agent }
  assert.equal(await trySign(id, 'seller', principal, without), 'judge/outside-mandate')
  // Nobody waits for a mandate: the notary looks it up when an agent comes.
  const said = await stage.member('notary').desk.lookUp({ case: id, item: 'mandate', element: 0 })
  assert.ok('entry' in said, JSON.stringify(said))
  await stage.settle()
  const { fen } = sale
  const low = { fen: floor - 1, payee, agent }
  assert.equal(await trySign(id, 'seller', principal, low), 'judge/below-floor')
  const own = { fen, payee: 'practice-nephew', agent }
  assert.equal(await trySign(id, 'seller', principal, own), 'judge/not-the-payee')
  assert.equal(await trySign(id, 'buyer', sale.buyer, { fen, payee }), 'waits')
  assert.equal(await trySign(id, 'seller', principal, { fen, payee, agent }), 'done')
  // She was told by two ways, before anything is final, and by whom the title may move.
  const told = stage
    .member('police')
    .post.sent()
    .filter(({ subject }) => subject === '代理告知')
  assert.deepEqual(
    told.map(({ channel }) => channel),
    ['message', 'post'],
  )
  assert.ok(told.every(({ text }) => text.includes(nephew.name) && text.includes(principal.name)))
  assert.equal(caseOf(stage.member('planning').port.view(), id)?.delivered, false)
  await finish(id, sale, 3)
})

test('while a register is down a pledge stands in for its answer, and is checked once it is back', async () => {
  const [sale] = stage.city.population.plain
  assert.ok(sale !== undefined)
  const { source } = stage.member('civil').layout
  const rename = (from: string, to: string): void => {
    const database = new DatabaseSync(source)
    database.exec(`ALTER TABLE ${from} RENAME TO ${to}`)
    database.close()
  }
  rename('hy_status', 'hy_away')
  const id = await filed(sale)
  const view = (): ReturnType<typeof itemOf> => {
    return itemOf(stage.member('planning').port.view(), id, 'marriage')
  }
  const early = await stage.member('planning').desk.say({
    case: id,
    item: 'marriage',
    value: { married: false },
    answer: 'pledged',
  })
  assert.ok('entry' in early, JSON.stringify(early))
  await stage.settle()
  assert.equal(view()?.sure, 'pledged')
  rename('hy_away', 'hy_status')
  await stage.pass(10_000)
  await stage.until(() => (view()?.sure === 'register' ? true : undefined))
  const late = await stage.member('planning').desk.say({
    case: id,
    item: 'marriage',
    value: { married: false },
    answer: 'pledged',
  })
  assert.ok('refused' in late)
  assert.equal(late.refused[0]?.code, 'processes/answered')
})

test('a mortgage moves along, and a city that stops in between goes on where it stopped', async () => {
  const sale = stage.city.population.roles.carried
  const id = await filed(sale)
  const [seller] = sale.sellers
  assert.ok(seller !== undefined)
  await stage.decide('banking', id, 'checkBank', { value: { licensed: true } })
  const of = { fen: sale.fen, payee: 'practice-mover' }
  assert.equal(await trySign(id, 'buyer', sale.buyer, of), 'waits')
  await stage.close(true)
  stage = await openStage(stage.root)
  await stage.settle()
  assert.equal(stage.city.resumed, true)
  assert.equal(await trySign(id, 'seller', seller, of), 'done')
  assert.equal(await stage.answerTasks('bank-lotus', { kind: 'carried' }), 1)
  await finish(id, sale, 4)
})

test('after all of that everybody’s own list of reads is proven complete', async () => {
  await stage.checkpointed()
  const { roles } = stage.city.population
  for (const { sellers, buyer } of [roles.coOwners, roles.agent, roles.carried]) {
    for (const person of [...sellers, buyer]) {
      const { lines, mismatches } = await whoLooked(stage.city, person.code)
      assert.deepEqual(mismatches, [], person.name)
      assert.ok(lines.length > 5, person.name)
    }
  }
})
