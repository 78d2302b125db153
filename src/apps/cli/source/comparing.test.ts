// `lianban source compare`: the next state of a list against the last.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { lianban, lianbanJson } from '#test/lianban'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lianban-states-'))
after(() => {
  fs.rmSync(folder, { recursive: true })
})

function listOf(name: string, body: readonly string[]): string {
  const made = path.join(folder, name)
  fs.writeFileSync(made, `${['编号,名称,数', ...body].join('\n')}\n`)
  return made
}

const hundred = Array.from({ length: 100 }, (_, at) => `k${at},第${at}号,${at}`)

test('the next state of a list is compared row by row under its key', () => {
  const old = listOf('old.csv', hundred)
  const next = ['k200,新号,1', ...hundred.slice(1, 50), 'k50,改名,50', ...hundred.slice(51)]
  const { exit, value } = lianbanJson(['source', 'compare', old, listOf('next.csv', next)])
  assert.equal(exit, 0)
  const { added, changed, vanished, same, first, secondPerson } = value
  assert.deepEqual([added, changed, vanished, same, secondPerson], [1, 1, 1, 98, false])
  assert.deepEqual(first, [
    { row: 2, is: 'added' },
    { row: 52, is: 'changed' },
    { row: 2, is: 'vanished' },
  ])
})

test('more differences than allowed, or other columns, need a second person', () => {
  const old = listOf('old.csv', hundred)
  const fewer = lianbanJson(['source', 'compare', old, listOf('fewer.csv', hundred.slice(10))])
  assert.deepEqual([fewer.exit, fewer.value['secondPerson'], fewer.value['percent']], [5, true, 10])
  const allowed = ['source', 'compare', old, path.join(folder, 'fewer.csv'), '--most', '10']
  assert.equal(lianban(allowed).exit, 0)
  const wider = path.join(folder, 'wider.csv')
  fs.writeFileSync(wider, fs.readFileSync(old, 'utf8').replaceAll('\n', ',x\n'))
  const { exit, value } = lianbanJson(['source', 'compare', old, wider])
  assert.deepEqual(
    [exit, value['changed'], value['columns']],
    [5, 0, { added: ['x'], vanished: [] }],
  )
})

test('a key that is not there, and a cell that cannot be read, end the comparison', () => {
  const old = listOf('old.csv', hundred)
  assert.equal(lianban(['source', 'compare', old, old, '--key', '无此列']).exit, 2)
  const broken = path.join(folder, 'broken.csv')
  const bytes = Buffer.from(`编号,名称,数\n${'甲,乙,1\n'.repeat(100)}`)
  fs.writeFileSync(broken, Buffer.concat([bytes, Buffer.from([0x6b, 0x2c, 0xff, 0x2c, 0x31])]))
  assert.match(lianban(['source', 'compare', old, broken]).err, /sources\/bad-sequence \[B102\]/)
})

test('rows that go, come or change under a repeated key are counted', () => {
  const many = Array.from({ length: 50 }, (_, at) => `同键,第${at}号,${at}`)
  const old = listOf('many.csv', [...many, ...hundred])
  const ask = (name: string, rows: readonly string[]): unknown => {
    const made = listOf(name, [...rows, ...hundred])
    const { exit, value } = lianbanJson(['source', 'compare', old, made, '--key', 'A'])
    const { added, changed, vanished, same } = value
    return [exit, added, changed, vanished, same]
  }
  assert.deepEqual(ask('gone.csv', many.slice(0, 10)), [5, 0, 0, 40, 110])
  assert.deepEqual(ask('more.csv', [...many, ...many]), [5, 50, 0, 0, 150])
  const alike = many.map((line, at) => (at < 20 ? (many[0] ?? '') : line))
  assert.deepEqual(ask('alike.csv', alike), [5, 0, 19, 0, 131])
})
