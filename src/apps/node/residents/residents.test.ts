// The practice city's people and the databases that speak of them.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { isCitizenId, isRealEstateUnit, isUscc } from '#base/codes'
import { changeSource, drawPopulation, practiceCounty, tablesOf, writeSource } from './index.ts'

const banks = ['bank-lotus', 'bank-willow']

test('one seed is one city, and another seed is another', () => {
  const first = drawPopulation({ sales: 5, banks })
  assert.deepEqual(drawPopulation({ sales: 5, banks }), first)
  assert.notDeepEqual(drawPopulation({ sales: 5, banks, seed: 'other' }).people, first.people)
})

test('every code is right in form and nobody’s, and every name says practice', () => {
  const { people, firms, homes } = drawPopulation({ sales: 300, banks })
  for (const { code, name, phone } of people) {
    assert.ok(isCitizenId(code) && code.startsWith(practiceCounty), code)
    assert.ok(name.startsWith('练'))
    assert.doesNotMatch(phone ?? '', /^1[3-9]/)
  }
  for (const { code, name } of firms) assert.ok(isUscc(code) && name.startsWith('练习'))
  for (const { unit, certNo } of homes) {
    assert.ok(isRealEstateUnit(unit))
    assert.ok(certNo.startsWith('练'))
  }
  assert.equal(new Set(people.map(({ code }) => code)).size, people.length)
  assert.equal(new Set(homes.map(({ unit }) => unit)).size, homes.length)
})

test('the cast has what makes registers difficult', () => {
  const { roles, people, mandates } = drawPopulation({ sales: 0, banks })
  const names = people.map(({ name }) => name).join('')
  for (const rare of ['䶮', '龴', '𠂇']) assert.ok(names.includes(rare), rare)
  const [granny] = roles.elderly.sellers
  assert.ok(granny !== undefined && 'phone' in granny && granny.phone === null)
  assert.equal(roles.elderly.home.bank, 'bank-willow')
  const { buyer } = roles.elderly
  assert.ok(buyer.hukou && !buyer.hukouInRegister && buyer.taxYears < 5)
  assert.equal(roles.coOwners.home.owners.filter(({ code }) => code.length === 15).length, 1)
  assert.equal(roles.firm.home.ownerKind, 'firm')
  assert.ok(roles.sealed.home.sealed)
  assert.equal(mandates[0]?.unit, roles.agent.home.unit)
})

test('a source is written once, keeps what its staff change, and is not drawn again', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-residents-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'police.db')
  const population = drawPopulation({ sales: 3, banks })
  const tables = tablesOf('police', population)
  writeSource(path, () => tables)
  const { code } = population.roles.elderly.buyer
  const change = { table: 'czrk_person', where: { id_no: code }, set: { local_hukou: '1' } }
  assert.equal(changeSource(path, change), 1)
  writeSource(path, () => tables)
  const database = new DatabaseSync(path, { readOnly: true })
  const row = database.prepare('SELECT * FROM czrk_person WHERE id_no = ?').get(code)
  assert.equal(row?.['local_hukou'], '1')
  const { n } = database.prepare('SELECT count(*) AS n FROM czrk_person').get() as { n: number }
  assert.equal(n, population.people.length)
  database.close()
})
