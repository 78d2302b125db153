// What the node signs itself: checkpoints under the log's key, and statements about refusals under
// its key of use `receipt`. Both keys are found among those held, by what the registry says.
import { assert } from '#base/assert'
import { keyInForce } from '#ledger/validate'
import { encodeCheckpoint, parseCheckpoint } from '#ledger/prove'
import type { KeyStore, HeldKey, HeldUse } from '#adapters/keys'
import { signCheckpoint, signRefusal } from '#adapters/keys'
import type { CheckpointSigner, LedgerHost } from '#apps/node/host'
import type { Statement } from '#apps/node/http'

/**
 * The log's signer over the held keys, of which it takes the one that the registry has in force:
 * while a key is rotated, two are held. Null when none is held.
 */
export function logSigner(store: KeyStore): CheckpointSigner | null {
  if (!store.list().some(({ use }) => use === 'log')) return null
  return {
    sign: (text, inForce) => {
      const key = store.list().find(({ use, kid }) => use === 'log' && inForce(kid))
      if (key === undefined) return null
      const checkpoint = parseCheckpoint(text)
      assert(
        checkpoint !== null && encodeCheckpoint(checkpoint) === text,
        'the ledger signs checkpoints',
      )
      return signCheckpoint(store, key.kid, checkpoint)
    },
  }
}

/** The held key of this use that the registry has in force for a member; undefined without one. */
export function keyInUse(
  store: KeyStore,
  host: LedgerHost,
  use: HeldUse,
  member: string,
): HeldKey | undefined {
  const { height } = host.head()
  return store.list().find((key) => {
    const record = host.registry.key(key.kid)
    if (record === undefined || record.use !== use || record.member !== member) return false
    return keyInForce(record, height)
  })
}

/** Signs statements about refusals as the operating member, while it holds a key for that. */
export function refusalSigner(
  store: KeyStore,
  host: LedgerHost,
  operator: string,
): (statement: Statement) => string | undefined {
  return (statement) => {
    const key = keyInUse(store, host, 'receipt', operator)
    if (key === undefined) return undefined
    return signRefusal(store, key.kid, { ...statement, time: Date.now() })
  }
}
