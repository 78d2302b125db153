// Sealed fields over real nodes: their owner answers yes or no, or names a band, and what it was
// computed from is found nowhere outside of the owner's own directory.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { Transfer, inSystem } from '#test/transfer-world'

/**
 * What stands beside the years of tax in the tax office's own row; no practice value is like it.
 */
const planted = 'RAW-9F2C-41years-of-salary-at-17-employers'

describe('a sealed field', () => {
  let world: CityWorld
  let transfer: Transfer
  const said: string[] = []
  before(async () => {
    const log = (note: object): void => void said.push(JSON.stringify(note))
    world = await openCityWorld({ sales: 1, log })
    const [sale] = world.city.population.plain
    assert.ok(sale)
    inSystem(world.city, 'tax', 'ALTER TABLE sw_pit ADD COLUMN detail TEXT')
    const plant = 'UPDATE sw_pit SET years = 41, detail = ? WHERE id_no = ?'
    inSystem(world.city, 'tax', plant, planted, sale.buyer.code)
    transfer = await new Transfer(world.city, sale).begin()
    await transfer.signAll()
    await transfer.pay('R4')
    assert.deepEqual(await transfer.register(), { done: true })
    await Promise.all([...world.city.members.values()].map(({ gateway }) => gateway.flush()))
  })
  after(async () => world.close())

  test('R4: whoever reads it is shown yes or no, and no other field of the record', () => {
    const held = (code: string) =>
      world.city.member(code).vault.find({ case: transfer.id, name: 'taxYears' })
    const own = held('tax').find(({ kind }) => kind === 'own')
    const leaves = (own?.leaves ?? []).map(({ path, value }) => [path, value])
    assert.deepEqual(leaves, [
      ['$', 'found'],
      ['years', 41],
      ['five', true],
    ])
    const copies = [...world.city.members.keys()].flatMap((code) =>
      code === 'tax' ? [] : held(code).map((copy) => [code, copy] as const),
    )
    assert.deepEqual(
      copies.map(([code]) => code),
      ['housing'],
    )
    for (const [, copy] of copies) {
      const shown = copy.leaves.map(({ path, value }) => [path, value])
      assert.deepEqual(shown, [
        ['$', 'found'],
        ['five', true],
      ])
      assert.equal(copy.salt, undefined, 'who is shown a field cannot make the commitment again')
    }
  })

  test('R4: a planted raw value is in no byte outside of its owner’s directory', () => {
    onlyInside(world, 'tax', { values: [planted], id: transfer.id, said })
  })
})

/** Litres and fen that no practice bill is like, beside a text of the same row. */
const bill = { litres: 8_765_432_101, fen: 98_765_432_103 }

describe('a band over sealed amounts', () => {
  let world: CityWorld
  let id = ''
  const said: string[] = []
  const bank = 'bank-lotus'
  const must = (done: object): void => assert.ok(!('refused' in done), JSON.stringify(done))
  before(async () => {
    const log = (note: object): void => void said.push(JSON.stringify(note))
    world = await openCityWorld({ log })
    const { city } = world
    const { applicant } = city.population
    const { representative: rep } = applicant
    inSystem(city, 'gas', 'ALTER TABLE rq_bill ADD COLUMN detail TEXT')
    const plant = 'UPDATE rq_bill SET average6_dm3 = ?, owed_fen = ?, detail = ? WHERE uscc = ?'
    const [litres, fen] = [String(bill.litres), String(bill.fen)]
    inSystem(city, 'gas', plant, litres, fen, planted, applicant.code)
    const { desk } = city.member('market')
    const app = city.applications.find(({ blueprint }) => blueprint.id === 'bj.firm.credit')
    const identified = { method: 'idp' } as const
    const person = { code: applicant.code, name: applicant.name }
    const legalRep = { code: rep.code, name: rep.name }
    const filing = { blueprint: app?.identity ?? '', party: 'applicant', person, identified }
    const filed = await desk.file(filing)
    assert.ok('case' in filed)
    id = filed.case
    const request = { bank, fen: 1_000_000, purpose: 'stock' }
    must(await desk.say({ case: id, item: 'request', value: request }))
    await city.settle()
    must(await desk.join({ case: id, party: 'legalRep', person: legalRep, identified }))
    await city.settle()
    const value = { until: '2029-03-02', scope: '审批这笔贷款' }
    const means = { class: 'own' } as const
    for (const signer of [
      { party: 'applicant', ...person },
      { party: 'legalRep', ...legalRep },
    ]) {
      must(await desk.sign({ case: id, act: 'agree', signer, value, means }))
    }
    await city.settle()
    const no = 'gas-arrears'
    must(await city.member(bank).desk.decide({ case: id, act: 'lend', no }))
    await city.settle()
    await Promise.all([...city.members.values()].map(({ gateway }) => gateway.flush()))
  })
  after(async () => world.close())

  test('R4: the bank is shown a word for the use and yes or no for the debt', () => {
    const held = (code: string) => world.city.member(code).vault.find({ case: id, name: 'gasUse' })
    const own = held('gas').find(({ kind }) => kind === 'own')
    const values = new Map(own?.leaves.map(({ path, value }) => [path, value]))
    assert.deepEqual(
      ['average6', 'owed', 'arrears', 'band'].map((path) => values.get(path)),
      [bill.litres, bill.fen, true, 'very-large'],
    )
    const readers = [...world.city.members.keys()].filter((code) => {
      return code !== 'gas' && held(code).length > 0
    })
    assert.deepEqual(readers, [bank])
    const shown = held(bank).flatMap(({ leaves }) => leaves.map(({ path }) => path))
    assert.deepEqual(shown, ['$', 'month', 'arrears', 'band', 'trend'])
    const told = held(bank).flatMap(({ leaves }) => leaves.map(({ value }) => value))
    assert.deepEqual(told.slice(2, 4), [true, 'very-large'])
  })

  test('R4: the amounts behind it are in no byte outside of the gas company’s directory', () => {
    const values = [planted, String(bill.litres), String(bill.fen)]
    onlyInside(world, 'gas', { values, id, said, stored: [planted] })
  })
})

/** Holds that values are found in no file, note or vault but their owner's. */
function onlyInside(
  world: CityWorld,
  owner: string,
  of: {
    readonly values: readonly string[]
    readonly id: string
    readonly said: readonly string[]
    /** Those that the owner's system writes as texts; all when absent. */
    readonly stored?: readonly string[]
  },
): void {
  const forms = of.values.flatMap((value) => {
    const bytes = Buffer.from(value)
    const encoded = (['hex', 'base64', 'base64url'] as const).map((as) => bytes.toString(as))
    return [bytes, Buffer.from(value, 'utf16le'), ...encoded.map((text) => Buffer.from(text))]
  })
  const isIn = (content: Buffer): boolean => forms.some((form) => content.includes(form))
  const { directory, members } = world.city
  const own = world.city.member(owner).layout.root
  const files = globSync('**', { cwd: directory, withFileTypes: true }).filter((each) =>
    each.isFile(),
  )
  const paths = files.map((each) => join(each.parentPath, each.name))
  const [inside, outside] = [true, false].map((wanted) =>
    paths.filter((path) => !relative(own, path).startsWith('..') === wanted),
  ) as [string[], string[]]
  for (const value of of.stored ?? of.values) {
    assert.ok(
      inside.some((path) => readFileSync(path).includes(value)),
      'it is at its owner’s',
    )
  }
  assert.ok(outside.length > 50)
  assert.deepEqual(
    outside.filter((path) => isIn(readFileSync(path))),
    [],
  )
  // Vaults are encrypted: what others have in them is looked at as they see it.
  for (const { code, vault } of members.values()) {
    const seen = Buffer.from(JSON.stringify(vault.find({ case: of.id })))
    // Its owner holds what it answers from, and even there nothing else of the row.
    if (code === owner) assert.ok(!seen.includes(planted), code)
    else assert.ok(!isIn(seen), code)
  }
  assert.ok(!isIn(Buffer.from(of.said.join('\n'))))
}
