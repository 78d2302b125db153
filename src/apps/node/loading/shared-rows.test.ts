// Rows that more than one source says: they stand once, and as long as anybody says them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firms, loadingCity } from '#test/loading-world'

const { make: _made, ...plain } = firms
const [table] = firms.tables
const listOf = (name: string): object => ({
  ...plain,
  name,
  file: `${name}.csv`,
  fields: { ...firms.fields, state: { column: '电话', as: 'text' } },
  tables: [{ ...table, columns: { uscc: 'uscc', name: 'name', state: 'state' } }],
})
const [park, club] = [listOf('park'), listOf('club')]
const one = '甲公司,11110000000021135M,1'
const other = '乙公司,11110000000021039C,2'
const all = { second: 'b' }

test('a row that two lists say goes when neither says it any longer', async () => {
  const { load, rows } = loadingCity()
  await load([[park, [one, other]]])
  await load([[club, [one]]])
  assert.equal(rows().length, 2)
  await load([[park, [other]]], all)
  assert.deepEqual(
    rows().map(({ name }) => name),
    ['乙公司', '甲公司'],
    'the club still says it',
  )
  const [again] = await load([[club, [one]]])
  assert.equal(again?.state, 'unchanged')
  await load([[club, [other]]], all)
  assert.deepEqual(
    rows().map(({ name }) => name),
    ['乙公司'],
  )
  await load([[park, [one]]], all)
  assert.deepEqual(
    rows().map(({ name }) => name),
    ['乙公司', '甲公司'],
    'now it is the club’s',
  )
})

test('who wrote a row may change it, and another spelling of its name shares it too', async () => {
  const { load, rows } = loadingCity()
  await load([[park, ['甲 公司,11110000000021135M,1']]])
  await load([[club, [one]]])
  const standing = (): unknown => rows().map(({ name, state }) => [name, state])
  assert.deepEqual(standing(), [['甲 公司', '1']])
  await load([[park, ['甲 公司,11110000000021135M,3']]], all)
  assert.deepEqual(standing(), [['甲 公司', '3']])
  await load([[park, [other]]], all)
  assert.deepEqual(standing(), [
    ['乙公司', '2'],
    ['甲 公司', '3'],
  ])
  await load([[club, [other]]], all)
  assert.deepEqual(standing(), [['乙公司', '2']])
})

test('a row that one list says twice stays while it says it once', async () => {
  const { load, rows } = loadingCity()
  const twice = { ...park, key: ['uscc', 'name', 'state'] }
  await load([[twice, [one, '甲公司,11110000000021135M,2']]])
  assert.equal(rows().length, 1)
  await load([[twice, ['甲公司,11110000000021135M,2']]], all)
  assert.equal(rows().length, 1)
  await load([[twice, [other]]], all)
  assert.deepEqual(
    rows().map(({ name }) => name),
    ['乙公司'],
  )
})

test('when a load file means something else by the same rows, all of them are written anew', async () => {
  const { load, rows } = loadingCity()
  await load([[park, [one, other]]])
  const swapped = { ...park, tables: [{ ...table, columns: { uscc: 'uscc', name: 'name' } }] }
  const [waiting] = await load([[swapped, [one, other]]])
  assert.equal(waiting?.state, 'waits')
  const [loaded] = await load([[swapped, [one, other]]], all)
  assert.deepEqual([loaded?.state, loaded?.difference.changed], ['loaded', 2])
  assert.deepEqual(
    rows().map(({ state }) => state),
    [null, null],
  )
})

test('a row of which the register says something else counts, is named, and changes nothing', async () => {
  const world = loadingCity()
  const founding = {
    member: 'market',
    table: 'founding',
    identify: ['uscc'],
    columns: { uscc: 'uscc', day: 'day', state: { constant: '1' } },
  }
  const day = { column: '电话', as: 'day', order: 'year-first' }
  const list = { ...plain, fields: { ...firms.fields, day }, tables: [founding] }
  const other = { ...list, name: 'other', file: 'other.csv' }
  const closed = {
    ...other,
    name: 'closed',
    file: 'closed.csv',
    tables: [{ ...founding, columns: { ...founding.columns, state: { constant: '3' } } }],
  }
  const line = (of: string): string => `甲公司,11110000000021135M,${of}`
  const results = await world.load([
    [list, [line('2001-01-01')]],
    [{ ...other, name: 'same', file: 'same.csv' }, [line('2001/1/1')]],
    [other, [line('2020-01-01')]],
    [closed, [line('2001-01-01')]],
  ])
  assert.deepEqual(
    results.map(({ otherwise }) => otherwise['market.founding']?.list().map(({ row }) => row)),
    [undefined, undefined, [2], [2]],
  )
  assert.deepEqual(
    world.rows('founding').map((row) => [row['day'], row['state']]),
    [['20010101', '1']],
  )
})
