// A ledger in memory with some members whose keys one process holds, for tests of whoever speaks
// through a port: real blocks, real signatures, time that a test moves or the system's own.
// Nothing here is part of the product.
import type { CommandType, Domain, Write } from '#ledger/apply'
import type { Value } from '#ledger/command'
import { keyKey, memberKey, readKey } from '#ledger/validate'
import type { KeyUse } from '#ledger/validate'
import { inlineVerifier } from '#adapters/consensus'
import type { Clock } from '#adapters/consensus'
import type { HeldUse, KeyStore } from '#adapters/keys'
import type { Disk } from '#adapters/storage'
import type { LedgerHost } from '#apps/node/host'
import { openHost } from '#apps/node/host'
import { seededKeyStore } from './seeded-keys.ts'

export const portLedger = 'ledger.example/port'

/** Uses of the keys that a department's node holds. */
export const departmentUses: readonly HeldUse[] = ['command', 'receipt', 'encrypt', 'transport']

/** The keys of some members, each in a store of its own; the same for the same codes. */
export function keysOfMembers(
  codes: readonly string[],
  uses: readonly HeldUse[] = departmentUses,
): ReadonlyMap<string, KeyStore> {
  const stores = new Map<string, KeyStore>()
  for (const member of codes) {
    const store = seededKeyStore(`port/${member}`)
    for (const use of uses) store.generate({ use, member, custody: 'own', created: 0 })
    stores.set(member, store)
  }
  return stores
}

/** Registers members and their keys without any governance. */
export function registering(
  stores: ReadonlyMap<string, KeyStore>,
  more: readonly Write[] = [],
): Domain {
  return {
    name: 'members',
    types: [rotate],
    codes: [],
    genesis: () => [...registryWrites(stores), ...more],
  }
}

const digest = { k: 'bytes', length: 32 } as const

/** Puts a transport key in the place of another one, from the next block on. */
const rotate: CommandType = {
  name: 'test.rotate',
  body: { k: 'record', fields: { old: digest, kid: digest, x: digest, y: digest } },
  use: ['command'],
  kinds: ['replica', 'participant'],
  budget: { class: 'test', perHour: 1_000 },
  approvals: { min: 0, max: 0 },
  decide: (view, body, { member, height }) => {
    const old = readKey(view, body['old'] as string)
    const kid = body['kid'] as string
    const jwk = { kty: 'EC', crv: 'P-256', x: body['x'] as string, y: body['y'] as string }
    const kids = (view.get(`members/keys/${member}`) ?? []) as readonly string[]
    const next = { ...old, kid, jwk, from: height + 1, until: null }
    const writes: Write[] = [
      [keyKey(kid), next as unknown as Value],
      [`members/keys/${member}`, [...kids, kid]],
    ]
    if (old !== undefined) writes.push([keyKey(old.kid), { ...old, until: height + 1 } as never])
    return { code: 'ok', writes }
  },
}

/** The records of members and their keys, in force from the first block. */
export function registryWrites(stores: ReadonlyMap<string, KeyStore>): readonly Write[] {
  const writes: Write[] = []
  for (const [code, store] of stores) {
    writes.push([memberKey(code), { code, kind: 'replica', state: 'active', from: 1 }])
    const held = store.list()
    writes.push([`members/keys/${code}`, held.map(({ kid }) => kid)])
    for (const { kid, use, alg, jwk, custody } of held) {
      const record = { kid, member: code, use: use as KeyUse, alg, jwk, custody, from: 1 }
      writes.push([keyKey(kid), { ...record, until: null } as unknown as Value])
    }
  }
  return writes
}

/** Opens the ledger on a disk; a second opening goes on where the first one stopped. */
export function openPortHost(options: {
  readonly disk: Disk
  readonly clock: Clock
  readonly domains: readonly Domain[]
  /** A practice ledger follows a clock that a test moves. */
  readonly practice?: boolean
  readonly readOnly?: boolean
}): LedgerHost {
  return openHost({
    ...options,
    ledger: portLedger,
    code: new Uint8Array(32).fill(1),
    seed: 7,
    verifier: inlineVerifier(),
    signer: null,
    genesis: { params: {}, time: options.clock.wallMs() },
  })
}
