// What persons and clerks meet at the desks of real nodes.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { CityWorld } from '#test/city-world'
import { dayOf } from '#adapters/vault'
import { openCityWorld } from '#test/city-world'
import { Transfer, assisted, inSystem } from '#test/transfer-world'

const dayMs = 86_400_000

describe('at the desks of real nodes', () => {
  let world: CityWorld
  let used = 0
  before(async () => {
    world = await openCityWorld({ sales: 7 })
  })
  after(async () => world.close())

  const plain = (): Transfer => {
    const sale = world.city.population.plain[used]
    used += 1
    assert.ok(sale)
    return new Transfer(world.city, sale)
  }

  test('R3: nobody is asked about a person before she files, and she is told', async () => {
    const transfer = plain()
    await transfer.file()
    await world.city.settle()
    const { port } = world.city.member('planning')
    const permits = (): readonly string[] => {
      const found: string[] = []
      for (let at = 0; at < port.head().size; at += 1) {
        const { type, outcome, member } = port.entry(at)
        const of = outcome as { readonly case?: string; readonly supply?: string } | undefined
        const isSupply = type === 'case.read' && of?.case === transfer.id
        if (isSupply && of.supply !== undefined) found.push(`${member} ${of.supply}`)
      }
      return found
    }
    // The object is the registry's own matter, and the registry is the host: no permit was needed.
    assert.deepEqual(permits(), [])
    assert.deepEqual(transfer.owed(), [])
    const told = await transfer.desk('police').toldAbout(transfer.seller.code)
    assert.equal(told.length, 1)
    assert.deepEqual(await transfer.desk('police').toldAbout(transfer.sale.buyer.code), [])
    await transfer.join('buyer', transfer.sale.buyer)
    await world.city.settle()
    assert.deepEqual(permits().toSorted(), ['civil marriage', 'police hukou', 'tax taxYears'])
    assert.equal((await transfer.desk('police').toldAbout(transfer.sale.buyer.code)).length, 1)
  })

  test('R7: what is older than a decision allows is read again by itself', async () => {
    const transfer = await plain().begin()
    await transfer.signAll()
    await transfer.pay('R7')
    const asOf = transfer.item('title')?.asOf ?? 0
    world.clock.advance(dayMs)
    const { port, department } = world.city.member('planning')
    const open = department.dept.inbox.lines(transfer.id)[0]
    assert.equal(open?.act, 'register')
    const body = { case: transfer.id, act: 'register', reads: {}, gives: {} }
    await port.submit('case.act', body)
    // A block of the new day makes the ledger's clock see it; the title of yesterday no longer
    // counts.
    assert.ok((transfer.item('title')?.asOf ?? 0) >= asOf)
    assert.deepEqual(await transfer.register(), { done: true })
    assert.ok((transfer.item('title')?.asOf ?? 0) >= asOf + dayMs / 2)
    assert.equal(transfer.item('title')?.gen, 1)
    assert.equal(transfer.facts().delivered, true)
  })

  test('R10: a typo after the tax was paid settles the difference and no more', async () => {
    const transfer = await plain().begin()
    await transfer.signAll()
    const first = await transfer.pay('T1')
    const back = { case: transfer.id, act: 'register', items: ['contract'], words: '笔误' }
    const returned = await transfer.desk('planning').giveBack({ ...back, reason: 'wrong' })
    assert.ok('entry' in returned)
    await world.city.settle()
    assert.deepEqual(transfer.lines(), ['planning to-be-signed sign'])
    // The same contract again: what was paid is what is due, and nobody is asked for anything.
    await transfer.signAll()
    assert.deepEqual(transfer.open(), ['register'])
    assert.ok('entry' in (await transfer.desk('planning').giveBack({ ...back, reason: 'wrong' })))
    await world.city.settle()
    const more = 100_000_000
    await transfer.signAll(transfer.contract(transfer.sale.fen + more))
    assert.equal(await transfer.pay('T2'), (more * first) / transfer.sale.fen)
    assert.deepEqual(await transfer.register(), { done: true })
  })

  test('R12: a failed automatic check ends in a reasoned decision of a post', async () => {
    const transfer = plain()
    const { buyer } = transfer.sale
    const change = "UPDATE czrk_person SET local_hukou = '0' WHERE id_no = ?"
    inSystem(world.city, 'police', change, buyer.code)
    inSystem(world.city, 'tax', 'UPDATE sw_pit SET years = 1 WHERE id_no = ?', buyer.code)
    await transfer.begin()
    const housing = transfer.desk('housing')
    const line = housing.inbox().find((each) => each.case === transfer.id)
    assert.equal(line?.reason, 'not-automatic')
    const open = line === undefined ? null : await housing.open(line)
    assert.deepEqual(open?.suggestion, { ok: false })
    assert.deepEqual(open?.noes, [
      { code: 'not-eligible', ends: 'case', law: ['京政办发〔2011〕8号 [?]'], next: 'appeal' },
    ])
    assert.ok(open?.due !== undefined)
    const no = { case: transfer.id, act: 'checkBuyer', no: 'not-eligible' }
    assert.deepEqual(await housing.decide(no), { done: true })
    await world.city.settle()
    assert.deepEqual([transfer.facts().state, transfer.facts().refusedBy], ['ended', 'checkBuyer'])
    // The counter serves the letter; on the ledger stands neither the code nor a word of it.
    assert.deepEqual(transfer.lines(), ['planning letter checkBuyer'])
    const letter = transfer.desk('planning').letter(transfer.id)
    assert.equal(letter?.title, '不予办理决定书')
    assert.ok(letter.lines.some((text) => text.startsWith('理由: ') && !text.includes('not-')))
    assert.ok(letter.lines.some((text) => text.includes('行政复议法')))
    const proof = { by: 'post', on: '2026-03-03' }
    assert.equal(await transfer.desk('planning').served(transfer.id, proof), true)
    assert.deepEqual(transfer.lines(), [])
    const appeal = await transfer.desk('planning').appeal({ case: transfer.id, words: '不服' })
    assert.ok('entry' in appeal)
  })

  test('R12: whoever asks gets a person in the place of a robot', async () => {
    const transfer = await plain().begin()
    await transfer.signAll()
    const dispute = { case: transfer.id, item: 'bill', field: 'fen', words: '请人工复核' }
    assert.ok('entry' in (await transfer.desk('planning').dispute(dispute)))
    await world.city.settle()
    assert.deepEqual(transfer.lines(), ['tax to-be-signed pay', 'tax disputed bill'])
    const tax = transfer.desk('tax')
    const annul = { case: transfer.id, item: 'bill', law: 'deed4', words: '人工复核' }
    assert.ok('entry' in (await tax.annul(annul)))
    await world.city.settle()
    assert.deepEqual(transfer.lines(), ['tax not-automatic assess'])
    const line = tax.inbox().find((each) => each.case === transfer.id)
    const { vault } = world.city.member('tax')
    const seen = (): number => vault.viewsOf(dayOf(world.clock.wallMs()))?.count ?? 0
    const before = seen()
    const open = line === undefined ? null : await tax.open(line, 'o3')
    // Who looked at what is written down before it is shown: the contract, the holdings, the title.
    assert.equal(seen() - before, 3)
    const value = open?.suggestion
    assert.ok(value !== undefined)
    const decided = await tax.decide({ case: transfer.id, act: 'assess', value, officer: 'o3' })
    assert.deepEqual(decided, { done: true })
    await world.city.settle()
    assert.deepEqual(transfer.lines(), ['tax to-be-signed pay'])
  })

  test('R17: all owners sign and no impostor; the mortgage’s own bank releases it', async () => {
    const transfer = new Transfer(world.city, world.city.population.roles.coOwners)
    await transfer.begin()
    const [first, second] = transfer.owners()
    assert.ok(first && second)
    assert.deepEqual(await transfer.sign('buyer', transfer.sale.buyer), { waits: true })
    const impostor = await transfer.sign('seller', world.city.population.second)
    assert.ok('refused' in impostor)
    assert.ok(impostor.refused.some(({ code }) => code === 'judge/not-bound'))
    assert.deepEqual(await transfer.sign('seller', first), { waits: true })
    assert.deepEqual(await transfer.sign('seller', second), { done: true })
    await world.city.settle()
    assert.deepEqual(transfer.open(), ['pay'])

    const mortgaged = new Transfer(world.city, world.city.population.roles.elderly)
    const register = "UPDATE czrk_person SET local_hukou = '1' WHERE id_no = ?"
    inSystem(world.city, 'police', register, mortgaged.sale.buyer.code)
    await mortgaged.begin()
    await mortgaged.checkBank()
    await mortgaged.signAll()
    const banks = ['bank-lotus', 'bank-willow']
    const asked = banks.filter((code) =>
      mortgaged
        .desk(code)
        .inbox()
        .some((line) => line.case === mortgaged.id),
    )
    assert.deepEqual(asked, [mortgaged.sale.home.bank])
    assert.equal(await mortgaged.release(), true)
    // That there is a mortgage, and at which bank, is not to be seen: the registry recorded it.
    assert.ok(mortgaged.entries().every((entry) => !banks.some((bank) => entry.includes(bank))))
  })

  test('R32: an assisted signature needs a second officer, and stays marked as one', async () => {
    const transfer = await plain().begin()
    const alone = { ...assisted, second: assisted.officer }
    assert.deepEqual(await transfer.sign('buyer', transfer.sale.buyer, { means: alone }), {
      refused: [{ code: 'node/second-officer-needed' }],
    })
    await transfer.signAll()
    const { vault } = world.city.member('planning')
    const notes = vault.find({ case: transfer.id, name: 'sign', kind: 'note' })
    const means = notes
      .filter(({ type }) => type === 'signature')
      .map(
        ({ more }) => (more as { signature: { means: { class: string } } }).signature.means.class,
      )
    assert.deepEqual(means, ['assisted', 'assisted'])
  })

  test('R39: a disputed field is put right by its owner, and the rest follows', async () => {
    const transfer = plain()
    const { buyer } = transfer.sale
    const put = 'UPDATE czrk_person SET local_hukou = ? WHERE id_no = ?'
    inSystem(world.city, 'police', put, '0', buyer.code)
    inSystem(world.city, 'tax', 'UPDATE sw_pit SET years = 1 WHERE id_no = ?', buyer.code)
    await transfer.begin()
    assert.ok(transfer.lines().includes('housing not-automatic checkBuyer'))
    const dispute = { case: transfer.id, item: 'hukou', field: 'beijing', words: '户口在北京' }
    assert.ok('entry' in (await transfer.desk('planning').dispute(dispute)))
    await world.city.settle()
    // The register says the same, so a person of the police looks; everything else goes on.
    assert.ok(transfer.lines().includes('police disputed hukou'))
    inSystem(world.city, 'police', put, '1', buyer.code)
    await world.city.member('police').department.changed()
    await world.city.settle()
    assert.deepEqual(transfer.lines(), ['planning to-be-signed sign'])
    assert.equal(transfer.item('hukou')?.disputed, false)
  })
})
