// A small registry and the context of an admission, for tests that judge commands without a node:
// three members, their keys, two officers with passkeys, four command types. Signatures are
// verified for real.
import { importPublicKey, verifyDer, verifySignature } from '#base/crypto'
import type { PublicKey } from '#base/crypto'
import type { Value } from '#ledger/command'
import { keyKey, memberKey } from '#ledger/validate'
import type { AdmissionContext, CommandRule, KeyRecord, MemberRecord } from '#ledger/validate'
import type { Reading, VerifyAssertion } from '#ledger/validate'
import { makeAuthenticator } from './authenticator.ts'
import type { Authenticator } from './authenticator.ts'
import { keyRecord, makeKey, memberRecord } from './commands.ts'
import type { TestKey } from './commands.ts'
import { rsaTestKey } from './rsa-test-key.ts'

export const ledger = 'ledger.city.example/2026'
export const height = 100
/** Block time, milliseconds. */
export const time = 1_800_000_000_000
export const hourMs = 3_600_000

/** Command types as admission sees them. */
export const rules: readonly CommandRule[] = [
  {
    name: 'case.act',
    body: {
      k: 'record',
      fields: {
        case: { k: 'bytes', length: 16 },
        act: { k: 'name' },
        reads: { k: 'map', key: 'name', of: { k: 'int', min: 1, max: 999_999 }, max: 16 },
      },
    },
    use: ['command'],
    kinds: ['replica', 'participant'],
    budget: { class: 'act', perHour: 1_000, refusedPerHour: 10 },
    approvals: { min: 0, max: 2 },
  },
  {
    name: 'member.rekey',
    body: { k: 'record', fields: { member: { k: 'member' } } },
    use: ['command'],
    kinds: ['replica'],
    budget: { class: 'governance', perHour: 10 },
    approvals: { min: 2, max: 4 },
  },
  {
    name: 'blueprint.publish',
    body: { k: 'record', fields: { document: { k: 'bytes', length: 32 } } },
    use: ['command'],
    kinds: ['replica'],
    budget: { class: 'publish', perHour: 5 },
    approvals: { min: 0, max: 0 },
    documents: (body) => [body['document'] as string],
  },
  {
    name: 'time.confirm',
    body: { k: 'record', fields: { time: { k: 'int', min: 0, max: 4_000_000_000_000 } } },
    use: ['command', 'oversight'],
    kinds: ['replica'],
    budget: { class: 'governance', perHour: 10 },
    approvals: { min: 0, max: 2 },
    alone: true,
  },
]

/** The registry of a test, open to change. */
export type World = {
  readonly records: Map<string, Value>
  readonly view: Reading
  /** Keys of use `command`, by member: tax and housing are replicas, bank a participant. */
  readonly keys: { readonly [member in 'tax' | 'housing' | 'bank']: TestKey }
  /** Officers of tax: the first with an ES256 passkey, the second with an RS256 one. */
  readonly officers: readonly [Authenticator, Authenticator]
  putKey(record: KeyRecord): void
  putMember(record: MemberRecord): void
  context(more?: Partial<AdmissionContext>): AdmissionContext
  readonly verify: VerifyAssertion
}

export const relyingParty: { readonly id: string; readonly origins: readonly string[] } = {
  id: 'tax.city.example',
  origins: ['https://tax.city.example'],
}

/** A registry; its keys are the same each time. */
export function makeWorld(): World {
  const records = new Map<string, Value>()
  const view: Reading = { get: (key) => records.get(key) }
  const putKey = (record: KeyRecord): void => void records.set(keyKey(record.kid), record)
  const putMember = (record: MemberRecord): void =>
    void records.set(memberKey(record.code), record as Value)
  const keys = { tax: makeKey('tax'), housing: makeKey('housing'), bank: makeKey('bank') }
  putMember(memberRecord('tax', { rp: relyingParty }))
  putMember(memberRecord('housing'))
  putMember(memberRecord('bank', { kind: 'participant' }))
  for (const [member, key] of Object.entries(keys)) putKey(keyRecord(key, member))
  const place = { rpId: relyingParty.id, origin: relyingParty.origins[0] as string }
  const first = makeAuthenticator({ ...place, seed: 'first' })
  const second = makeAuthenticator({ ...place, seed: 'second', rsa: rsaTestKey }, 'RS256')
  putKey(keyRecord(first, 'tax', 'approve', { officer: 'A'.repeat(22) }))
  putKey(keyRecord(second, 'tax', 'approve', { officer: `${'A'.repeat(21)}Q` }))
  const types = new Map(rules.map((rule) => [rule.name, rule]))
  const context = (more: Partial<AdmissionContext> = {}): AdmissionContext => ({
    ledger,
    height,
    time,
    view,
    types,
    seen: () => false,
    spent: () => 0,
    verified: (key, input, signature) => verifySignature(imported(key), input, signature),
    ...more,
  })
  const verify: VerifyAssertion = (key, message, signature) =>
    key.alg === 'ES256'
      ? verifyDer(imported(key), message, signature)
      : verifySignature(imported(key), message, signature)
  return { records, view, keys, officers: [first, second], putKey, putMember, context, verify }
}

const importedKeys = new Map<string, PublicKey>()

function imported(record: KeyRecord): PublicKey {
  const name = JSON.stringify(record.jwk)
  const known = importedKeys.get(name) ?? importPublicKey(record.alg, record.jwk)
  if (known === null) throw new Error('a test registers sound keys only')
  importedKeys.set(name, known)
  return known
}
