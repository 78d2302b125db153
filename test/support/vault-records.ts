// Records, keys and ids for tests of the vault, each from a number.
import { base64urlEncode, u32be } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { commitmentOf, kekOf } from '#adapters/vault'
import type { Kek, VaultRecord } from '#adapters/vault'

/** 16 bytes that end in the number. */
export function recordId(n: number): string {
  const bytes = new Uint8Array(16)
  bytes.set(u32be(n), 12)
  return base64urlEncode(bytes)
}

/** A supplied title of a home; `more` changes members of it. */
export function homeTitle(n: number, more: Partial<VaultRecord> = {}): VaultRecord {
  const salt = new Uint8Array(32).fill(n % 251)
  salt.set(u32be(n))
  return {
    id: recordId(n),
    kind: 'own',
    type: 'home-title',
    case: recordId(1_000_000 + (n % 3)),
    name: `item-${n % 5}`,
    gen: 1,
    salt: base64urlEncode(salt),
    leaves: [
      { path: '$', value: 'found' },
      { path: 'owner', value: { code: '110101199003070038', name: '王小明' } },
      { path: 'area', value: n },
      { path: 'remark', value: null },
    ],
    at: 1_700_000_000_000 + n,
    ...more,
  }
}

export function commitmentTo(record: VaultRecord): Bytes {
  const commitment = commitmentOf(record)
  if (commitment === null) throw new Error('a record without a commitment')
  return commitment
}

/** A key over keys that is the same on every run. */
export const vaultKek: Kek = kekOf([
  { number: 1, key: base64urlEncode(new Uint8Array(32).fill(7)) },
])
