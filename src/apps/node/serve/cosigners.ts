// The cosigners of a node: those that it is configured with, and the keys that it holds itself. It
// promises that a node never vouches for its own log with a key that counts (protocol.md §10.1).
import type { KeyStore } from '#adapters/keys'
import { noteKeyOf, refuseTogether } from '#adapters/keys'
import { ConfigRefusal, configuredCosigners } from '#apps/node/config'
import type { Config } from '#apps/node/config'
import type { HostNote, LedgerHost } from '#apps/node/host'
import { Cosigners } from '#apps/node/restore'

/**
 * The question that is asked before the node signs. Throws a `ConfigRefusal` for a cosigner whose
 * key is held here: it would only say what we say.
 */
export function cosignersOf(
  config: Config,
  keys: KeyStore,
  report: (note: HostNote) => void,
): Cosigners {
  const addresses = configuredCosigners(config)
  const held = keys.list().filter(({ use }) => use === 'cosign')
  const own = held.map((key) => noteKeyOf(key, key.member).publicKey)
  for (const { url, key } of addresses) {
    if (key === null || !own.some((each) => Buffer.compare(each, key.publicKey) === 0)) continue
    const remedy = `the key of ${url} is held by this node, so that it says nothing new`
    throw new ConfigRefusal('node/bad-setting', 'cosigners', remedy)
  }
  return new Cosigners({ addresses, own, report })
}

/**
 * Throws `keys/log-and-cosign` when a log key lies here beside a cosigner key that the ledger
 * registers as its owner's own: whatever our key file calls it, its cosignatures would count.
 */
export function refuseOwnWitness(keys: KeyStore, registry: LedgerHost['registry']): void {
  const registered = keys.list().map(({ kid, use, custody }) => {
    const known = use === 'cosign' ? registry.key(kid) : undefined
    return { kid, use, custody: known?.custody ?? custody }
  })
  refuseTogether(registered)
}
