// `lianban source match` on two published files of a city, against a few lines of Python: codes
// that stand in both under other names become tickets, each with its rows and without a value.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { lianban, lianbanJson } from '#test/lianban'

const data = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'data')
const skip = !existsSync(data) && 'the published files do not lie beside this house'
const folder = mkdtempSync(path.join(tmpdir(), 'lianban-match-'))
after(() => {
  rmSync(folder, { recursive: true })
})

test('one code under two names is a ticket, as often as another program counts', { skip }, () => {
  const listed = path.join(data, 'beijing-open-data', '上市公司名录.csv')
  const certified = path.join(data, 'beijing-open-data', '海淀区中关村高新技术企业库.csv')
  const script = path.join(import.meta.dirname, 'match.py')
  const counted = spawnSync('python3', [script, listed, certified], { encoding: 'utf8' })
  const { shared, differ } = JSON.parse(counted.stdout) as { shared: number; differ: number }
  const tickets = path.join(folder, 'tickets.jsonl')
  const columns = ['--code', '统一社会信用代码', '--name', '企业名称,法人单位名称']
  const words = ['source', 'match', listed, certified, ...columns, '--tickets', tickets]
  const { exit, value } = lianbanJson(words)
  const found = value as { same: number; tickets: number; reasons: { [why: string]: number } }
  assert.notEqual(exit, 0)
  assert.deepEqual([found.same + found.tickets, found.tickets], [shared, differ])
  assert.deepEqual(found.reasons, { 'names-differ': differ })
  const lines = readFileSync(tickets, 'utf8').trim().split('\n')
  assert.equal(lines.length, differ)
  for (const line of lines) assert.match(line, /^\{"left":\d+,"right":\d+,"why":"[a-z-]+"\}$/)
  assert.equal(statSync(tickets).mode & 0o077, 0)
})

test('rules are named where they are wrong, and what they declare makes names one', () => {
  const [left, right] = [path.join(folder, 'left.csv'), path.join(folder, 'right.csv')]
  writeFileSync(left, '代码,名称\n11110000000021135M,北京练习有限责任公司\n')
  writeFileSync(right, '代码,名称\n11110000000021135M,北京练习有限公司\n')
  const rules = path.join(folder, 'rules.json')
  const named = ['--code', '代码', '--name', '名称']
  const judged = (): number =>
    lianban(['source', 'match', left, right, ...named, '--rules', rules]).exit
  const ending = { rule: 'ending', from: '有限责任公司', to: '有限公司' }
  const about = { format: 'lianban/matching/1', about: 'firm' }
  writeFileSync(rules, JSON.stringify({ ...about, names: [ending] }))
  assert.equal(judged(), 0)
  assert.notEqual(lianban(['source', 'match', left, right, ...named]).exit, 0)
  writeFileSync(rules, JSON.stringify({ ...about, names: [{ rule: 'alike' }] }))
  const { exit, err } = lianban(['source', 'match', left, right, ...named, '--rules', rules])
  assert.equal(exit, 2)
  assert.match(err, /names\[0\]/)
})

test('persons match by eighteen or fifteen digits and by a former name that a column states', () => {
  const [left, right] = [path.join(folder, 'now.csv'), path.join(folder, 'then.csv')]
  writeFileSync(
    left,
    '身份证号,姓名,曾用名\n110105194806120046,练新名,练旧名；练乳名\n110105195001010063,练·共有,\n',
  )
  writeFileSync(right, '证号,姓名\n110105480612004,练旧名\n110105195001010063,练•他人\n')
  const columns = ['--code', '身份证号,证号', '--name', '姓名', '--former', '曾用名,']
  const { value } = lianbanJson(['source', 'match', left, right, ...columns])
  const { same, by, reasons } = value as { same: number; by: object; reasons: object }
  assert.deepEqual([same, by], [1, { 'code-and-former': 1 }])
  assert.deepEqual(reasons, { 'names-differ': 1 })
})
