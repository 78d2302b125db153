// Claims about the trust policy that a registry implies: whose log keys count, that it is one text
// whatever order the records came in, and that no member can make it unusable.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KeyRecord, KeyUse } from '#ledger/validate'
import { keyKey } from '#ledger/validate'
import type { Value } from '#ledger/command'
import { thumbprint } from '#base/crypto'
import { settingsKey } from '#domains/members'
import { Registry } from '#apps/node/host'
import { noteSigner } from '#test/http-world'

const ledger = 'ledger.example/city'
const fromHeight = (from: number, until: number | null = null) => ({ from, until })

function record(member: string, use: KeyUse, more: Partial<KeyRecord> = {}): KeyRecord {
  const { jwk } = noteSigner()
  const kid = thumbprint(jwk)
  const custody = 'own'
  return { kid, member, use, alg: 'Ed25519', jwk, custody, ...fromHeight(1), ...more }
}

function registryOf(records: readonly KeyRecord[], operator: string | null): Registry {
  const registry = new Registry()
  if (operator !== null) registry.change(settingsKey, { operator, practice: false })
  for (const one of records) registry.change(keyKey(one.kid), one as unknown as Value)
  return registry
}

test('a log key of another member than the operator is not this log’s', () => {
  const own = record('land', 'log')
  const registry = registryOf([own, record('tax', 'log')], 'land')
  assert.equal(registry.policy(ledger, 5).logs.length, 1)
  assert.ok(registry.policyText(ledger, 5).includes(`log ${ledger}+`))
  registry.change(settingsKey, { operator: 'tax', practice: false })
  assert.notEqual(registryOf([own], 'land').policyText(ledger, 5), registry.policyText(ledger, 5))
})

test('a registry without a log key in force still gives a policy', () => {
  const ended = record('land', 'log', fromHeight(1, 3))
  assert.deepEqual(registryOf([ended], 'land').policy(ledger, 5).logs, [])
})

test('the policy is the same text whatever order the records came in', () => {
  const records = ['tax', 'land', 'water', 'tax'].flatMap((member) => [
    record(member, 'cosign'),
    record(member, 'log'),
  ])
  const text = registryOf(records, 'land').policyText(ledger, 5)
  assert.equal(registryOf(records.toReversed(), 'land').policyText(ledger, 5), text)
})

test('no number of cosigner keys makes a policy that cannot be read', () => {
  const members = Array.from({ length: 40 }, (_, i) => `member-${'x'.repeat(20)}${i}`)
  const records = members.flatMap((member) =>
    Array.from({ length: 6 }, (_, i) => record(member, 'cosign', fromHeight(i + 1))),
  )
  const registry = registryOf([record('land', 'log'), ...records], 'land')
  const { cosigners } = registry.policy('l'.repeat(120), 50)
  assert.equal(cosigners.length, 96)
  const first = cosigners.filter(({ owner }) => owner === `member-${'x'.repeat(20)}0`)
  assert.equal(first.length, 4)
  const newest = records.filter(({ member, from }) => member === first[0]?.owner && from > 2)
  assert.deepEqual(
    first.map(({ name }) => name).toSorted(),
    newest.map(({ member, kid }) => `${member}-${kid}`).toSorted(),
  )
})
