// The pack’s mappings over the databases that the generator writes: what a robot finds there.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openSqliteRegister, openSqliteSink } from '#adapters/registers'
import type { Json } from '#base/canonical'
import type { Mapping } from '#apps/node/mapping'
import { decodeMapping, isMapping, itemMappingOf, lookUp, mappingFaults } from '#apps/node/mapping'
import { rowOf, sinkMappingOf } from '#apps/node/mapping'
import { shippedTypes } from '#test/blueprints'
import { drawPopulation, tablesOf, writeSource } from './index.ts'

const pack = new URL('../../../../packs/beijing/mappings/', import.meta.url)
const types = shippedTypes()
const population = drawPopulation({ sales: 2, banks: ['bank-lotus', 'bank-willow'] })
const folder = mkdtempSync(join(tmpdir(), 'lianban-mappings-'))
after(() => rmSync(folder, { recursive: true }))

function mappingOf(member: string): Mapping {
  const text = readFileSync(new URL(`${member}.json`, pack), 'utf8')
  const mapping = decodeMapping(JSON.parse(text) as Json)
  assert.ok(isMapping(mapping), JSON.stringify(mapping))
  return mapping
}

function sourceOf(member: string): string {
  const path = join(folder, `${member}.db`)
  writeSource(path, () => tablesOf(member, population))
  return path
}

async function found(
  member: string,
  typeName: string,
  keys: { readonly [key: string]: string },
): Promise<unknown> {
  const item = itemMappingOf(mappingOf(member), { application: '', item: '', type: typeName })
  const type = types.get(typeName)
  assert.ok(item !== undefined && type !== undefined)
  const rows = openSqliteRegister(sourceOf(member))
  try {
    const answer = await lookUp(item, type, { rows, keys })
    return answer.state === 'found' ? answer.value : answer
  } finally {
    await rows.close()
  }
}

test('every mapping of the pack is read and fits the types that it names', () => {
  for (const file of readdirSync(pack)) {
    const mapping = mappingOf(file.replace('.json', ''))
    assert.deepEqual(mappingFaults(mapping, types, ['main']), [], file)
  }
})

test('registers say what is true of people, and one says what a typist made of it', async () => {
  const { buyer } = population.roles.elderly
  const keys = { code: buyer.code, name: buyer.name }
  assert.deepEqual(await found('police', 'hukou@1', keys), { beijing: false })
  const married = buyer.marriage === 'married'
  assert.deepEqual(await found('civil', 'marriage@1', keys), { married })
  assert.deepEqual(await found('tax', 'tax-years@1', keys), { years: 2 })
  assert.deepEqual(await found('planning', 'home-holdings@1', keys), { count: 0 })
  const other = { ...keys, name: '练别人' }
  const doubt = { state: 'ambiguous', code: 'node/mapping-other-person', at: 'name' }
  assert.deepEqual(await found('police', 'hukou@1', other), doubt)
})

test('a deed with a number of fifteen digits names the same person', async () => {
  const { home, sellers } = population.roles.coOwners
  const title = await found('planning', 'real-estate-title@2', { unit: home.unit })
  const { owners } = title as { readonly owners: readonly Json[] }
  assert.deepEqual(
    owners,
    sellers.map(({ code, name }) => ({ code, name })),
  )
  const [, husband] = sellers
  assert.deepEqual(await found('planning', 'home-holdings@1', { code: husband?.code ?? '' }), {
    count: 1,
  })
})

test('mortgage, firm, mandate and seal are found where they are', async () => {
  const { elderly, firm, sealed, agent } = population.roles
  assert.deepEqual(await found('planning', 'lien-list@1', { unit: elderly.home.unit }), {
    mortgaged: true,
    bank: 'bank-willow',
  })
  const title = async (unit: string): Promise<{ readonly [field: string]: Json }> =>
    (await found('planning', 'real-estate-title@2', { unit })) as { readonly [field: string]: Json }
  assert.equal((await title(firm.home.unit))['ownerKind'], 'firm')
  assert.equal((await title(sealed.home.unit))['sealed'], true)
  const [principal] = agent.sellers
  const mandate = await found('notary', 'mandate@1', { code: principal?.code ?? '' })
  assert.equal((mandate as { readonly agent: { readonly name: string } }).agent.name, '练代理')
  const absent = await found('notary', 'mandate@1', { code: elderly.buyer.code })
  assert.deepEqual(absent, { state: 'absent' })
  const { applicant } = population
  const licence = await found('market', 'business-licence@2', {
    code: applicant.code,
    name: applicant.name,
  })
  const { code, name } = applicant.representative
  assert.deepEqual((licence as { readonly legalRep: Json }).legalRep, { code, name })
})

test('a title that is handed in stands in the registry’s own tables, once', async () => {
  const { home, buyer } = population.roles.carried
  const sink = sinkMappingOf(mappingOf('planning'), 'bj.home.transfer', 'register')
  assert.ok(sink !== undefined)
  const value = {
    certNo: '练(2026)练习区不动产权第9000001号',
    unit: home.unit,
    address: home.address,
    area: home.area,
    ownerKind: 'person',
    owners: [{ code: buyer.code, name: buyer.name }],
    issued: '2026-03-02',
    sealed: false,
    disputed: false,
    noticed: false,
  }
  const values = rowOf(sink, { case: 'c', act: 'register', day: '2026-03-02', value, keys: {} })
  const desk = openSqliteSink(sourceOf('planning'))
  for (let time = 0; time < 2; time += 1) await desk.request('one', { table: sink.table, values })
  assert.equal(await desk.outcome('one'), 'confirmed')
  await desk.close()
  assert.deepEqual(await found('planning', 'real-estate-title@2', { unit: home.unit }), value)
  assert.deepEqual(await found('planning', 'home-holdings@1', { code: buyer.code }), { count: 1 })
})
