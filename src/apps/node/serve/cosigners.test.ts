// Claims about keys that lie together: a node vouches for its own log with no key that counts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeVkey } from '#ledger/prove'
import type { KeyRecord } from '#ledger/validate'
import { noteKeyOf } from '#adapters/keys'
import { readConfig } from '#apps/node/config'
import type { LedgerHost } from '#apps/node/host'
import { seededKeyStore } from '#test/seeded-keys'
import { cosignersOf, refuseOwnWitness } from './cosigners.ts'

const store = seededKeyStore('serve-cosigners')
store.generate({ use: 'log', member: 'land', custody: 'own', created: 0 })
const held = store.generate({ use: 'cosign', member: 'land', custody: 'hosted', created: 0 })

function registry(custody: 'own' | 'hosted' | null): LedgerHost['registry'] {
  const key = (kid: string): KeyRecord | undefined =>
    custody === null || kid !== held.kid ? undefined : ({ custody } as KeyRecord)
  return { key } as LedgerHost['registry']
}

test('a held cosigner key that the ledger registers as its owner’s own stops the start', () => {
  assert.throws(() => refuseOwnWitness(store, registry('own')), { code: 'keys/log-and-cosign' })
  refuseOwnWitness(store, registry('hosted'))
  refuseOwnWitness(store, registry(null))
})

test('a node is not configured with a cosigner whose key it holds', () => {
  const vkey = encodeVkey(noteKeyOf(held, 'ledger.example/a/land'))
  const words = ['--cosigners', `http://127.0.0.1:1 ${vkey}`]
  const config = readConfig({ words, env: {}, cwd: '.' })
  assert.throws(() => cosignersOf(config, store, () => undefined), { code: 'node/bad-setting' })
})
