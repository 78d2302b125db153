// Signature checks outside the state machine. A verdict is a fact about bytes, so it may be found
// in any thread and in any order; the machine checks again whatever it has no fact for.
import type { Bytes } from '#base/bytes'
import type { PublicKey } from '#base/crypto'
import { importPublicKey, verifyDer, verifySignature } from '#base/crypto'
import { assert } from '#base/assert'
import type { KeyRecord } from '#ledger/validate'

/** One check. `form` tells how the signature is encoded. */
export type Check = {
  readonly key: KeyRecord
  /** ASCII text (a JWS signing input) or bytes. */
  readonly message: string | Bytes
  readonly signature: Bytes
  readonly form: 'raw' | 'der'
}

/**
 * Port: answers checks. `done` is called exactly once for each check, from a later turn or at once;
 * a verifier that was closed answers false to what is still waiting.
 */
export interface Verifier {
  check(check: Check, done: (holds: boolean) => void): void
  close(): Promise<void>
}

/**
 * Imported keys by kid. A kid never changes its key, so an import is kept as long as it is used.
 */
export class KeyRing {
  readonly #keys: Map<string, PublicKey> = new Map()

  /** The usable key of a registered record. */
  of(record: Pick<KeyRecord, 'kid' | 'alg' | 'jwk'>): PublicKey {
    const id = `${record.kid}/${record.alg}`
    const known = this.#keys.get(id)
    if (known !== undefined) return known
    if (this.#keys.size >= keysMax) this.#keys.clear()
    const key = importPublicKey(record.alg, record.jwk)
    assert(key !== null, 'a registered key was checked when it was registered')
    this.#keys.set(id, key)
    return key
  }
}

const keysMax = 10_000

/** The verdict of one check in this thread. */
export function verdict(ring: KeyRing, check: Check): boolean {
  const key = ring.of(check.key)
  if (check.form === 'raw' || check.key.alg !== 'ES256') {
    return verifySignature(key, check.message, check.signature)
  }
  assert(typeof check.message !== 'string', 'an assertion signs bytes')
  return verifyDer(key, check.message, check.signature)
}

/** Answers every check at once in the calling thread: for simulations and single commands. */
export function inlineVerifier(): Verifier {
  const ring = new KeyRing()
  return {
    check: (check, done) => done(verdict(ring, check)),
    close: () => Promise.resolve(),
  }
}
