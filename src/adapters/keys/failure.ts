// Failures of the key room: what the world, or whoever set the files up, did wrong with private
// keys. Each says what to do about it, because it is read by an operator in the night.

/**
 * Thrown when keys cannot be kept or used. `fatal` means that the process may not go on with the
 * key store as it is. The message names files and remedies, never a secret.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: KeyCode
  readonly fatal: boolean

  constructor(code: KeyCode, detail: string, cause?: unknown) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.fatal = fatalCodes.has(code)
  }
}

/** Every code that this room throws, each with its meaning. */
export const keyCodes = [
  ['keys/readable-by-others', 'a key file, its directory or a secret is open to other users'],
  ['keys/foreign-owner', 'a key file, its directory or a secret belongs to another user'],
  ['keys/corrupt', 'a key file is damaged, or the key in it is not the one that it names'],
  ['keys/log-and-cosign', 'a log key and a cosigner key that counts would be held together'],
  ['keys/passphrase-needed', 'a key file is sealed and no passphrase was given'],
  ['keys/passphrase-missing-on-file', 'a passphrase was given and a key file is not sealed'],
  ['keys/wrong-passphrase', 'the passphrase does not open a key file, or the file is damaged'],
  ['keys/bad-secret', 'a secret file is empty, too long or not text'],
  ['keys/unknown-key', 'no key of this kid is held'],
  ['keys/wrong-use', 'the key is for another use than the one that was asked'],
  ['keys/not-held', 'keys of this use are never held by a process'],
  ['keys/bad-content', 'the text is none that a key of this use signs'],
  ['keys/not-written', 'a key could not be written'],
  ['keys/not-read', 'a key file or secret could not be read'],
] as const

/** A code of this room. */
export type KeyCode = (typeof keyCodes)[number][0]

const fatalCodes: ReadonlySet<KeyCode> = new Set<KeyCode>([
  'keys/readable-by-others',
  'keys/foreign-owner',
  'keys/corrupt',
  'keys/log-and-cosign',
])

/** The system's own code of an error (`ENOENT`), for the message of a failure. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code ?? 'unknown'
}
