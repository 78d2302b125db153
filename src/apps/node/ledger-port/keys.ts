// Which held key speaks for a member now: held by this process, and in force by the registry at the
// durable height. While a key is rotated two are held; the newest in force is taken.
import type { HeldKey, HeldUse, KeyStore } from '#adapters/keys'
import { keyInForce, readKey } from '#ledger/validate'
import type { KeyUse } from '#ledger/validate'
import type { LedgerPort } from './port.ts'

/** The held key of this use that counts for the port's member at its head; null without one. */
export function heldInForce(
  keys: KeyStore,
  port: Pick<LedgerPort, 'view' | 'head' | 'member'>,
  use: HeldUse,
): HeldKey | null {
  const view = port.view()
  const { height } = port.head()
  let newest: { readonly key: HeldKey; readonly from: number } | null = null
  for (const key of keys.list()) {
    if (key.use !== use || key.member !== port.member) continue
    const record = readKey(view, key.kid)
    if (record === undefined || record.member !== port.member || record.use !== use) continue
    if (!keyInForce(record, height)) continue
    if (newest === null || record.from > newest.from) newest = { key, from: record.from }
  }
  return newest?.key ?? null
}

/** The registered key, when it counts for this member and use at the head; null otherwise. */
export function keyInForceOf(
  port: Pick<LedgerPort, 'view' | 'head'>,
  kid: string,
  of: { readonly member: string; readonly use: KeyUse },
): ReturnType<typeof readKey> | null {
  const record = readKey(port.view(), kid)
  if (record === undefined || record.member !== of.member || record.use !== of.use) return null
  return keyInForce(record, port.head().height) ? record : null
}
