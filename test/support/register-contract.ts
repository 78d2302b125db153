// What every connector to a department's system must do, whatever the system: the contract that a
// department's robot relies on. A connector's test calls it with a world that it has filled.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Register, Sink } from '#adapters/registers'
import { Failure, rowsMax } from '#adapters/registers'

/** A system that holds the table 住户 with `households` and can be stopped. */
export type RegisterWorld = {
  /** A look-up over the account that may read. */
  readonly register: () => Register
  readonly sink: () => Sink
  /** Does what the department's own system does with a request. */
  readonly settle: (id: string, standing: string) => Promise<void>
  /** Makes the system unreachable for good; the last thing that a test does. */
  readonly stop: () => Promise<void>
}

/** The columns of the table, as the filler of a world makes them. */
export const columns = ['身份证号', 'name', 'rooms', 'square "m"', 'moved'] as const

/** Rows by column, with what is hard: rare characters, great numbers, nothing. */
export const households: readonly (readonly (string | number | bigint | null)[])[] = [
  ['110101199003071233', '练买方', 3, '88.50', '2010-05-06'],
  ['110105194806120046', '𠂇䶮龴', 9007199254740993n, '0.10', '1998-12-31'],
  ['110105195001010063', "O'Neil; DROP TABLE x --", 0, null, null],
  ['twice', '甲', 1, '1.00', '2020-01-01'],
  ['twice', '乙', 2, '2.00', '2020-02-29'],
]

const all = [...columns]
const code = (expected: string) => (error: unknown) =>
  error instanceof Failure && error.code === expected

/** Runs the contract; `open` gives the world, which lives until the last test of the suite. */
export function registerContract(name: string, open: () => Promise<RegisterWorld>): void {
  let world: Promise<RegisterWorld> | null = null
  const the = (): Promise<RegisterWorld> => (world ??= open())
  lookingUp(name, the)
  scanning(name, the)
  deciding(name, the)
  test(`${name}: a system that is gone is unavailable, for questions and for decisions`, async () => {
    const { register, sink, stop } = await the()
    const [asker, giver] = [register(), sink()]
    await stop()
    const question = { table: '住户', where: { name: 'x' }, columns: all, limit: 1 }
    await assert.rejects(asker.find(question), code('registers/unavailable'))
    await assert.rejects(giver.outcome('a'), code('registers/unavailable'))
    await Promise.all([asker.close(), giver.close()])
  })
}

type The = () => Promise<RegisterWorld>

function lookingUp(name: string, the: The): void {
  const find = async (where: { [column: string]: string | number }, limit = 10) => {
    const register = (await the()).register()
    const rows = await register.find({ table: '住户', where, columns: all, limit })
    await register.close()
    return rows.map((row) => columns.map((column) => row[column]))
  }
  test(`${name}: a row is found by its key, whole, with rare characters`, async () => {
    assert.deepEqual(await find({ 身份证号: '110101199003071233' }), [
      ['110101199003071233', '练买方', 3, '88.50', '2010-05-06'],
    ])
    assert.deepEqual(await find({ name: '𠂇䶮龴' }), [
      ['110105194806120046', '𠂇䶮龴', '9007199254740993', '0.10', '1998-12-31'],
    ])
  })
  test(`${name}: a value is never part of the question's text`, async () => {
    assert.equal((await find({ name: "O'Neil; DROP TABLE x --" })).length, 1)
    assert.deepEqual(await find({ name: "' OR '1'='1" }), [])
    assert.deepEqual(await find({ name: '%' }), [])
  })
  test(`${name}: a key is the very text that stands there, and no number stands for a text`, async () => {
    for (const other of ['𠀀䶮龴', "o'neil; drop table x --", '练买房']) {
      assert.deepEqual(await find({ name: other }), [], other)
    }
    assert.deepEqual(await find({ name: 0 }), [])
    assert.equal((await find({ rooms: 3 })).length, 1)
  })
  test(`${name}: nothing, one and several rows are told apart, and the limit holds`, async () => {
    assert.deepEqual(await find({ 身份证号: 'none' }), [])
    assert.equal((await find({ 身份证号: 'twice' })).length, 2)
    assert.equal((await find({ 身份证号: 'twice' }, 1)).length, 1)
    assert.equal((await find({ 身份证号: 'twice', rooms: 2 })).length, 1)
  })
  test(`${name}: what is not there is named, with what is`, async () => {
    const register = (await the()).register()
    const ask = (table: string, asked: string, limit = 1) =>
      register.find({ table, where: { name: 'x' }, columns: [asked], limit })
    await assert.rejects(ask('none', 'name'), code('registers/unknown-table'))
    await assert.rejects(ask('住户', 'none'), (error: unknown) => {
      return code('registers/unknown-column')(error) && String(error).includes('rooms')
    })
    await assert.rejects(ask('住户', 'name', rowsMax + 1), code('registers/bad-question'))
    const nothing = { table: '住户', where: {}, columns: all, limit: 1 }
    await assert.rejects(register.find(nothing), code('registers/bad-question'))
    await register.close()
  })
  test(`${name}: a table is described by its columns and its count`, async () => {
    const register = (await the()).register()
    const described = await register.describe('住户')
    assert.deepEqual(
      described.columns.map((column) => column.name),
      columns,
    )
    assert.equal(described.rows, households.length)
    await assert.rejects(register.describe('none'), code('registers/unknown-table'))
    assert.equal((await register.rights()).canWrite, false)
    await register.close()
  })
}

function scanning(name: string, the: The): void {
  test(`${name}: every row of a table is given, and its tables are named`, async () => {
    const register = (await the()).register()
    const rows: (readonly unknown[])[] = []
    await register.scan('住户', (cells) => {
      rows.push(cells)
    })
    assert.equal(rows.length, households.length)
    assert.deepEqual(rows[1], [
      '110105194806120046',
      '𠂇䶮龴',
      '9007199254740993',
      '0.10',
      '1998-12-31',
    ])
    assert.ok((await register.tables()).includes('住户'))
    await assert.rejects(
      register.scan('none', () => undefined),
      code('registers/unknown-table'),
    )
    await register.close()
  })
}

function deciding(name: string, the: The): void {
  const decision = { table: '住户', values: { name: '新户主', rooms: 2, moved: null } }
  test(`${name}: a decision is requested once however often it is asked`, async () => {
    const { sink, settle } = await the()
    const giver = sink()
    assert.equal(await giver.outcome('a'), 'unknown')
    await Promise.all([giver.request('a', decision), giver.request('a', decision)])
    const reordered = { table: '住户', values: { moved: null, rooms: 2, name: '新户主' } }
    await giver.request('a', reordered)
    assert.equal(await giver.outcome('a'), 'requested')
    await settle('a', 'confirmed')
    await giver.request('a', decision)
    assert.equal(await giver.outcome('a'), 'confirmed')
    await giver.close()
  })
  test(`${name}: another decision under the same id is refused, and a rejection is told`, async () => {
    const { sink, settle } = await the()
    const giver = sink()
    await giver.request('b', decision)
    const other = { table: '住户', values: { ...decision.values, rooms: 3 } }
    await assert.rejects(giver.request('b', other), code('registers/other-decision'))
    await settle('b', 'rejected')
    assert.equal(await giver.outcome('b'), 'rejected')
    await settle('b', 'perhaps')
    await assert.rejects(giver.outcome('b'), code('registers/bad-answer'))
    await giver.close()
  })
}
