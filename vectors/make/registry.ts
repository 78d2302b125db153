// The registry under which cases of admission and approvals are judged: members, keys of every
// use, officers' passkeys, command types as data.
import { base64url, bytesOf } from './material.ts'
import { keyOf, passkeyOf, rsaPasskeyOf } from './signing.ts'
import type { Key, Passkey } from './signing.ts'

export const ledger = 'ledger.city.example/2026'
export const height = 100
/** Block time, milliseconds. */
export const time = 1_800_000_000_000

export const tax: Key = keyOf('tax')
export const bank: Key = keyOf('bank')

/** Passkeys of two officers of tax, and of one of court. */
export const first: Passkey = passkeyOf('first')
export const second: Passkey = rsaPasskeyOf('second')
export const judge: Passkey = passkeyOf('judge')

export const rpOf = (member: string): { readonly id: string; readonly origins: string[] } => ({
  id: `${member}.city.example`,
  origins: [`https://${member}.city.example`, `https://portal.${member}.city.example:8443`],
})

export const officerOf = (passkey: Passkey): string =>
  base64url(bytesOf(`officer/${passkey.kid}`, 16))

/** Uses of keys other than `command`; a key for each stands in the registry. */
export const otherUses: readonly string[] =
  'receipt certificate status log cosign approve transport encrypt oversight'.split(' ')

type Records = { readonly [key: string]: object }

export const keyRecord = (
  key: { readonly kid: string; readonly jwk: object },
  member: string,
  more: object = {},
): Records => {
  const record = { kid: key.kid, member, use: 'command', alg: 'ES256', jwk: key.jwk }
  const terms = { custody: 'own', from: 1, until: null }
  return { [`members/key/${key.kid}`]: { ...record, ...terms, ...more } }
}

export const memberRecord = (code: string, more: object = {}): Records => ({
  [`members/member/${code}`]: { code, kind: 'replica', state: 'active', from: 1, ...more },
})

const approveKey = (passkey: Passkey, member: string): Records =>
  keyRecord(passkey, member, { use: 'approve', alg: passkey.alg, officer: officerOf(passkey) })

export const registry: Records = {
  ...memberRecord('tax', { rp: rpOf('tax') }),
  ...memberRecord('court', { rp: rpOf('court') }),
  ...memberRecord('archive'),
  ...memberRecord('bank', { kind: 'participant' }),
  ...memberRecord('fund', { state: 'suspended' }),
  ...memberRecord('office', { state: 'left' }),
  ...memberRecord('heat', { from: height + 1 }),
  ...keyRecord(tax, 'tax'),
  ...keyRecord(bank, 'bank'),
  ...keyRecord(keyOf('fund'), 'fund'),
  ...keyRecord(keyOf('office'), 'office'),
  ...keyRecord(keyOf('heat'), 'heat'),
  ...keyRecord(keyOf('orphan'), 'nobody'),
  ...keyRecord(keyOf('early'), 'tax', { from: height + 1 }),
  ...keyRecord(keyOf('ended'), 'tax', { until: height }),
  ...keyRecord(keyOf('ending'), 'tax', { until: height + 1 }),
  ...keyRecord(keyOf('rsa'), 'tax', { alg: 'RS256' }),
  ...Object.assign({}, ...otherUses.map((use) => keyRecord(keyOf(use), 'tax', { use }))),
  ...approveKey(first, 'tax'),
  ...approveKey(second, 'tax'),
  ...approveKey(judge, 'court'),
}

const governance = { class: 'governance', perHour: 10 }

/** Command types; `documents` names the field of the body that holds a document's hash. */
export const types: readonly object[] = [
  {
    name: 'case.act',
    body: {
      k: 'record',
      fields: {
        case: { k: 'bytes', length: 16 },
        act: { k: 'name' },
        reads: { k: 'map', key: 'name', of: { k: 'int', min: 1, max: 999_999 }, max: 16 },
        reason: { k: 'enum', of: ['incomplete', 'outdated'] },
      },
      optional: ['reason'],
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
    budget: governance,
    approvals: { min: 2, max: 4 },
  },
  {
    name: 'blueprint.publish',
    body: { k: 'record', fields: { document: { k: 'bytes', length: 32 } } },
    use: ['command'],
    kinds: ['replica'],
    budget: governance,
    approvals: { min: 0, max: 0 },
    documents: 'document',
  },
  {
    name: 'time.confirm',
    body: { k: 'record', fields: { time: { k: 'int', min: 0, max: 4_000_000_000_000 } } },
    use: ['command', 'oversight'],
    kinds: ['replica'],
    budget: governance,
    approvals: { min: 0, max: 2 },
    alone: true,
  },
]
