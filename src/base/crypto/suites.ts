// Cryptographic suites by name. Every format carries the name of its suite, so that a second suite
// is data and not a change of format.

/** Which algorithm a suite uses for which purpose. */
export type Suite = {
  readonly id: string
  /** Signs commands, whose verdict decides what is in the state. */
  readonly command: 'ES256'
  /** Signs checkpoints and cosignatures, as C2SP asks. */
  readonly log: 'Ed25519'
  readonly hash: 'SHA-256'
}

/** The suites that this code version knows, by id. */
export const suites: { readonly 'p256-sha256': Suite } = Object.freeze({
  'p256-sha256': Object.freeze({
    id: 'p256-sha256',
    command: 'ES256',
    log: 'Ed25519',
    hash: 'SHA-256',
  }),
})

/** The suite of that name, else null. */
export function suiteOf(id: string): Suite | null {
  return id === 'p256-sha256' ? suites['p256-sha256'] : null
}
