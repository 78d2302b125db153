// Worklists over a real desk: what waits at the gas company goes out as a GB 18030 file, comes back
// filled in by a spreadsheet, and is carried out; whatever is no answer is named by its cell.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { openText, restored, writeRow } from '#adapters/sources'
import type { Field } from '#blueprint/grammar'
import { sourceOf } from '#blueprint/derive'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { Transfer } from '#test/transfer-world'
import type { Sheet, WorkDesk, WorkOf } from '#apps/node/worklist'
import { cellOf, incoming, NoSheet, outgoing, valueOf } from '#apps/node/worklist'

/** A sheet through the department's own encoding and back, as its spreadsheet would do it. */
async function travelled(sheet: Sheet): Promise<Sheet> {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-worklist-'))
  const path = join(folder, 'list.csv')
  const bytes = sheet.map((row) => writeRow(row, { encoding: 'gb18030', delimiter: ',' }))
  assert.ok(bytes.every((row) => row !== null))
  writeFileSync(path, Buffer.concat(bytes as Uint8Array[]))
  const { form, rows } = await openText(path, {})
  assert.equal(form.encoding?.encoding, 'gb18030')
  const back: string[][] = []
  await rows.scan(({ cells }) => {
    back.push(cells.map(({ text }) => restored(text)))
  })
  rmSync(folder, { recursive: true })
  return back
}

const put = (sheet: Sheet, at: number, cells: { readonly [title: string]: string }): Sheet => {
  const [header = []] = sheet
  return sheet.map((row, index) =>
    index === at
      ? row.map((cell, place) => {
          const title = Object.keys(cells).find((name) => header[place]?.startsWith(name) === true)
          return title === undefined ? cell : (cells[title] ?? '')
        })
      : row,
  )
}

describe('a department whose only tool is a spreadsheet', () => {
  let world: CityWorld
  let transfer: Transfer
  let desk: WorkDesk
  let of: WorkOf
  before(async () => {
    world = await openCityWorld({ sales: 1 })
    const sale = world.city.population.plain[0]
    assert.ok(sale)
    transfer = await new Transfer(world.city, sale).begin()
    await transfer.signAll()
    await transfer.pay('W1')
    await transfer.register()
    desk = transfer.desk('gas')
    const app = world.city.applications.find(({ blueprint }) => blueprint.id === 'bj.home.transfer')
    assert.ok(app)
    const source = sourceOf(app.blueprint, app.types)
    of = { source, act: 'moveGas', by: world.city.member('gas').officers[0] ?? 'o1' }
  })
  after(async () => world.close())

  test('what waits goes out with what was shown, and comes back unanswered', async () => {
    const sheet = await outgoing(desk, of)
    assert.deepEqual(sheet[0], [
      '编号',
      '期限',
      'newTitle.address',
      'newTitle.owners',
      '答复（办理、不办：arrears）',
      '填写 newGas.no',
      '填写 newGas.reading',
      '校验',
    ])
    assert.equal(sheet.length, 2)
    const { buyer, home } = transfer.sale
    assert.ok(sheet[1]?.includes(home.address))
    assert.ok(sheet[1]?.includes(`${buyer.code} ${buyer.name}`))
    const back = await incoming(desk, of, await travelled(sheet))
    assert.deepEqual(back, { decisions: [], unanswered: 1, bad: [] })
  })

  test('whatever is no answer is named by its cell, and nothing is decided', async () => {
    const sheet = await travelled(await outgoing(desk, of))
    const codes = async (changed: Sheet): Promise<readonly string[]> => {
      const { decisions, bad } = await incoming(desk, of, changed)
      assert.deepEqual(decisions.length === 0 || bad.length === 0, true)
      return bad.map(({ at, code }) => `${at} ${code}`)
    }
    const answered = { 答复: '办理', '填写 newGas.no': 'G-1' }
    const wrong: readonly (readonly [Sheet, readonly string[]])[] = [
      [put(sheet, 1, { 答复: '好的' }), ['E2 node/worklist-bad-answer']],
      [put(sheet, 1, { 答复: '不办：other' }), ['E2 node/worklist-bad-answer']],
      [put(sheet, 1, { 答复: '办理' }), ['F2 node/worklist-bad-cell']],
      [
        put(sheet, 1, { 答复: '办理', '填写 newGas.no': 'x'.repeat(999) }),
        ['F2 node/worklist-bad-cell'],
      ],
      [
        put(sheet, 1, { 答复: '不办：arrears', '填写 newGas.no': 'G-1' }),
        ['F2 node/worklist-not-asked'],
      ],
      [put(sheet, 1, { ...answered, 校验: 'AAAAAAAAAAAA' }), ['H2 node/worklist-changed']],
      [put(sheet, 1, { ...answered, 编号: 'none' }), ['A2 node/worklist-unknown-line']],
      [put(sheet, 0, { 期限: '别的' }), ['A1 node/worklist-other-columns']],
    ]
    for (const [changed, expected] of wrong) assert.deepEqual(await codes(changed), expected)
    const good = put(sheet, 1, answered)
    const { bad } = await incoming(desk, of, [...good, good[1] ?? []])
    assert.deepEqual(bad, [{ at: 'A3', code: 'node/worklist-twice' }])
    assert.deepEqual(transfer.open().includes('moveGas'), true)
  })

  test('an answer is carried out, and the same file again finds no line', async () => {
    const sheet = put(await outgoing(desk, of), 1, { 答复: '办理', '填写 newGas.no': '燃气-0001' })
    const back = await travelled(sheet)
    const { decisions, bad } = await incoming(desk, of, back)
    assert.deepEqual(bad, [])
    const [decision] = decisions
    assert.ok(decision)
    assert.deepEqual(decision.deciding.value, { no: '燃气-0001' })
    assert.deepEqual(await desk.decide(decision.deciding), { done: true })
    await world.city.settle()
    assert.deepEqual(transfer.open().includes('moveGas'), false)
    const again = await incoming(desk, of, back)
    assert.deepEqual(again.bad, [{ at: 'A2', code: 'node/worklist-unknown-line' }])
  })

  test('an act whose value has no form in cells has no sheet', async () => {
    const { source, by } = of
    await assert.rejects(outgoing(desk, { source, act: 'none', by }))
    const acts = { ...source.blueprint.acts }
    const two = { ...acts['moveGas'], gives: ['newGas', 'newCable'] }
    const blueprint = { ...source.blueprint, acts: { ...acts, moveGas: two } } as never
    const other = { ...of, source: { ...source, blueprint } }
    await assert.rejects(outgoing(desk, other), NoSheet)
  })
})

test('every writing of a value is read back to it', () => {
  const field = (is: Field['is'], more: object = {}): Field => ({ id: 'f', is, ...more }) as Field
  const same = (of: Field, value: never): void => {
    assert.deepEqual(valueOf(of, cellOf(of, value)), value)
  }
  fc.assert(
    fc.property(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), (number) => {
      same(field('int'), number as never)
      same(field('fen'), number as never)
    }),
  )
  for (const value of [true, false]) same(field('bool'), value as never)
  same(field('day'), '2026-02-28' as never)
  const people = [
    { code: '110101199003071233', name: '练买方' },
    { code: '110105194806120046', name: '𠂇䶮 · 龴' },
  ]
  same(field('person'), people[1] as never)
  same(field('holder', { many: 4 }), people as never)
  for (const cell of ['1.5', '1e3', '', 'x', '9'.repeat(17)]) {
    assert.equal(valueOf(field('int'), cell), undefined)
  }
  for (const cell of ['1.5', '1.555', '', '元'])
    assert.equal(valueOf(field('fen'), cell), undefined)
  assert.equal(valueOf(field('day'), '2026-02-30'), undefined)
  assert.equal(valueOf(field('bool'), 'true'), undefined)
})
