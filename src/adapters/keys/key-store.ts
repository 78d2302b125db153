// Private keys as the product sees them: a small port that makes, lists and uses keys and never
// shows one. It promises that one key has one use (invariant M1) wherever the key lives, and that
// the key which signs the log is not held beside a key whose cosignature would count.
import type { KeyObject } from 'node:crypto'
import type { Bytes } from '#base/bytes'
import type { PublicJwk } from '#base/crypto'
import type { KeyUse } from '#ledger/validate'
import { Failure } from './failure.ts'

/** Uses of the keys that a process holds. Officers hold theirs themselves. */
export type HeldUse = Exclude<KeyUse, 'approve'>

/** What is asked of a new key. */
export type KeyRequest = {
  readonly use: HeldUse
  /** Code of the member whose key it is. */
  readonly member: string
  /** `hosted` when the machine is not the member's own; such a key never raises a grade. */
  readonly custody: 'own' | 'hosted'
  /** Unix milliseconds, for people; nothing is decided by it. */
  readonly created: number
}

/** The public side of a held key. */
export type HeldKey = KeyRequest & {
  /** RFC 7638 thumbprint of `jwk`, 43 characters. */
  readonly kid: string
  readonly alg: 'ES256' | 'Ed25519'
  readonly jwk: PublicJwk
}

/**
 * Port: the private keys of one process. Synchronous, so that a simulation of the whole node is a
 * function of its seed; PKCS#11 is synchronous by itself, and a remote seal is reached through a
 * local agent or a worker on which the caller waits. Every method that names a key throws
 * `keys/unknown-key` when it is not held, and `keys/wrong-use` when its use is another.
 */
export interface KeyStore {
  /** Makes a key; it survives a crash once this returns. May throw `keys/log-and-cosign`. */
  generate(request: KeyRequest): HeldKey
  /** All keys, by use and then by kid. */
  list(): readonly HeldKey[]
  find(kid: string): HeldKey | undefined
  /**
   * 64 bytes over the message: r and s for ES256, an Ed25519 signature for `log` and `cosign`. Keys
   * that are not for signing sign only what `isSignable` allows them, else `keys/wrong-use`.
   */
  sign(kid: string, use: HeldUse, message: Bytes | string): Bytes
  /** ECDH (NIST SP 800-56A §5.7.1.2) of an `encrypt` key with a P-256 point: 32 bytes. */
  agree(kid: string, peer: PublicJwk): Bytes
  /** The private key of a `transport` key, because the TLS stack signs by itself. */
  transportKey(kid: string): KeyObject
  /** Destroys a key for good. Registered keys end on the ledger first. */
  remove(kid: string): void
}

/** The algorithm of a use (protocol.md §4): Ed25519 for what C2SP specifies, ES256 otherwise. */
export function algorithmOf(use: HeldUse): 'ES256' | 'Ed25519' {
  return use === 'log' || use === 'cosign' ? 'Ed25519' : 'ES256'
}

const heldUses: readonly HeldUse[] = [
  'command',
  'receipt',
  'certificate',
  'status',
  'log',
  'cosign',
  'transport',
  'encrypt',
  'oversight',
]

/** Whether a text names a use of which a process may hold keys. */
export function isHeldUse(text: string): text is HeldUse {
  return (heldUses as readonly string[]).includes(text)
}

/**
 * Throws `keys/log-and-cosign` when these keys together could sign a log and vouch for it
 * (protocol.md §10.1). The process calls it with all keys of all its stores. A hosted cosigner key
 * may stand beside a log key, because its cosignature counts nowhere.
 */
export function refuseTogether(keys: readonly Pick<HeldKey, 'kid' | 'use' | 'custody'>[]): void {
  const log = keys.find(({ use }) => use === 'log')
  const cosigner = keys.find(({ use, custody }) => use === 'cosign' && custody === 'own')
  if (log === undefined || cosigner === undefined) return
  throw new Failure(
    'keys/log-and-cosign',
    `log key ${log.kid} and cosigner key ${cosigner.kid} in one place make the cosignature ` +
      'worthless: move the cosigner key to another machine, or register it as hosted',
  )
}

/** How a proof of possession begins (docs/protocol/members.md): no other signed text does. */
export const possessionPrefix = 'lianban/possession/v1\0'

/**
 * Whether a key of this use signs this message. Transport keys sign handshakes, inside the TLS
 * stack, and once their proof of possession; keys for encryption sign nothing.
 */
export function isSignable(use: HeldUse, message: Bytes | string): boolean {
  if (use === 'encrypt') return false
  if (use !== 'transport') return true
  return typeof message === 'string' && message.startsWith(possessionPrefix)
}

/** The key, when it is held and has this use; throws otherwise. */
export function heldFor<Key extends HeldKey>(
  held: Key | undefined,
  kid: string,
  use: HeldUse,
): Key {
  if (held === undefined) throw new Failure('keys/unknown-key', `no key ${kid} is held`)
  if (held.use === use) return held
  throw new Failure('keys/wrong-use', `key ${kid} is for ${held.use} and does not act as ${use}`)
}
