// The pack of the practice city has whom the applications name, and they have what is asked.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { isRefusal } from '#ledger/command'
import { listOf } from '#blueprint/grammar'
import { foundersWrites } from '#domains/members'
import { itemMappingOf, sinkMappingOf } from '#apps/node/mapping'
import { drawPopulation, tablesOf } from '#apps/node/residents'
import { cityParams, openKeyRing, readApplication, readPack } from './index.ts'

const pack = readPack('beijing')
const applications = pack.applications.map(readApplication)
const codes = pack.members.map(({ code }) => code)

test('eleven sectors, at least two banks, and everybody whom an application names', () => {
  const sectors = pack.members.flatMap(({ sector }) => sector ?? [])
  assert.deepEqual(
    sectors.toSorted((a, b) => a - b),
    Array.from({ length: 11 }, (_, at) => at + 1),
  )
  assert.ok(pack.members.filter((member) => member.class === 'bank').length >= 2)
  for (const { blueprint } of applications) {
    for (const { member, class: of } of Object.values(blueprint.parties)) {
      if (member !== undefined) assert.ok(codes.includes(member), `${blueprint.id}: ${member}`)
      if (of !== undefined) assert.ok(pack.members.some((each) => each.class === of))
    }
    assert.ok(codes.includes(blueprint.appeal?.to ?? ''))
  }
})

test('whoever acts by a post has it, and whoever is looked up in a register has a mapping', () => {
  for (const { blueprint } of applications) {
    for (const { post, by } of Object.values(blueprint.acts)) {
      const { member, class: of } = blueprint.parties[listOf(by)[0] ?? ''] ?? {}
      for (const one of listOf(post ?? [])) {
        const holders = pack.members.filter((each) => each.code === member || each.class === of)
        assert.ok(
          holders.some(({ posts }) => posts.includes(one)),
          `${blueprint.id}: ${one}`,
        )
      }
    }
    for (const [item, { type, from, key }] of Object.entries(blueprint.evidence)) {
      const member = blueprint.parties[from ?? '']?.member
      if (member === undefined || key === undefined) continue
      const mapping = pack.mappings.get(member)
      const found = mapping && itemMappingOf(mapping, { application: blueprint.id, item, type })
      assert.ok(found !== undefined, `${member} finds ${item}`)
    }
  }
})

test('tables that mappings name are those that the generator writes', () => {
  const banks = pack.members.flatMap(({ code, class: of }) => (of === 'bank' ? [code] : []))
  const population = drawPopulation({ sales: 0, banks })
  for (const [member, mapping] of pack.mappings) {
    const tables = tablesOf(member, population).map(({ name }) => name)
    for (const { table } of Object.values(mapping.items)) {
      if (table !== undefined) assert.ok(tables.includes(table), `${member}: ${table}`)
    }
    for (const { table } of Object.values(mapping.acts ?? {})) {
      assert.ok(tables.includes(table), `${member}: ${table}`)
    }
  }
  assert.ok(sinkMappingOf(pack.mappings.get('planning')!, 'bj.home.transfer', 'register'))
})

test('the founders begin a ledger, and a start that was cut off makes no second keys', (t) => {
  const directory = mkdtempSync(`${tmpdir()}/lianban-founders-`)
  t.after(() => rmSync(directory, { recursive: true }))
  const created = 1_772_413_200_000
  const begin = (): unknown => {
    return cityParams(pack, openKeyRing(directory, pack), { cosigner: null, created })
  }
  const params = begin()
  assert.deepEqual(begin(), params)
  assert.ok(!isRefusal(foundersWrites(JSON.parse(JSON.stringify(params)))))
})
