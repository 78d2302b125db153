// Lifecycles: complete, closed, and with endings that nothing leaves.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Table } from './lifecycle.ts'
import { joiningTable, keyTable, membersCodes, memberTable } from './lifecycle.ts'
import { officerTable, outageTable, proposalTable } from './lifecycle.ts'

const tables: { readonly [name: string]: Table<string, string> } = {
  member: memberTable,
  joining: joiningTable,
  key: keyTable,
  officer: officerTable,
  proposal: proposalTable,
  outage: outageTable,
}

function exits(table: Table<string, string>, status: string): readonly string[] {
  return Object.values(table[status] ?? {}).flatMap((cell) => ('to' in cell ? [cell.to] : []))
}

test('every lifecycle answers every step in every status', () => {
  for (const [name, table] of Object.entries(tables)) {
    const kinds = Object.keys(Object.values(table)[0] ?? {}).toSorted()
    assert(kinds.length > 0)
    for (const [status, row] of Object.entries(table)) {
      assert.deepEqual(Object.keys(row).toSorted(), kinds, `${name} ${status}`)
      for (const cell of Object.values(row)) {
        if ('to' in cell) assert(cell.to in table, `${name} ${status} leads to a status`)
        else assert((membersCodes as readonly string[]).includes(cell.refuse))
      }
    }
  }
})

test('what has ended stays ended', () => {
  assert.deepEqual(exits(memberTable, 'left'), [])
  assert.deepEqual(exits(keyTable, 'ended'), [])
  assert.deepEqual(exits(officerTable, 'retired'), [])
  assert.deepEqual(exits(joiningTable, 'activated'), [])
  for (const status of ['executed', 'withdrawn', 'vetoed', 'lapsed']) {
    assert.deepEqual(exits(proposalTable, status), [], status)
  }
})

test('no step of a key leads from ending or ended back into force', () => {
  for (const status of ['ending', 'ended'] as const) {
    for (const next of exits(keyTable, status)) assert.notEqual(next, 'in-force')
  }
})

test('every code of the room is used by it, and every code that it uses is listed', () => {
  const here = new URL('.', import.meta.url)
  const product = readdirSync(here)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, here), 'utf8'))
    .join('\n')
  const uses = new Map<string, number>()
  for (const [, code = ''] of product.matchAll(/'(members\/[a-z0-9-]+)'/g)) {
    uses.set(code, (uses.get(code) ?? 0) + 1)
  }
  assert.deepEqual([...uses.keys()].toSorted(), [...membersCodes].toSorted())
  // Once in the list and at least once where it is said.
  for (const [code, count] of uses) assert(count >= 2, code)
})
