// The disk as the vault sees it, declared here because adapters do not know each other, and the
// vault's failures. Whoever opens a vault hands it a disk that keeps these words: files written at
// positions, durable only after a sync that returned, and 512 bytes written whole or not at all.

/** `append`: made when absent. `read`: must exist. `create`: made when absent, else emptied. */
export type OpenMode = 'append' | 'read' | 'create'

/** A change of directory entries, durable only after `syncDir` of the directory. */
export type Change =
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'syncDir'; readonly path: string }

/**
 * Port: files by paths relative to one root. Failures are thrown as errors with a `code`; one that
 * ends in `/no-space` leaves the files as known as before, any other while writing does not.
 */
export interface Disk {
  open(path: string, mode: OpenMode): number
  /** Bytes in the file. */
  size(file: number): number
  /** Fills `into` from position `at`; gives the bytes read, fewer only at the end of the file. */
  read(file: number, into: Uint8Array, at: number): number
  write(file: number, bytes: Uint8Array, at: number): void
  truncate(file: number, size: number): void
  sync(file: number): Promise<void>
  syncNow(file: number): void
  close(file: number): void
  change(change: Change): void
  /** Names in a directory, sorted; none when it does not exist. */
  list(path: string): readonly string[]
}

/** Every code of this room, each with its meaning. */
export const vaultCodes = [
  ['vault/failed', 'fatal: a write or sync of the vault failed; nothing is stored after it'],
  ['vault/no-space', 'the disk of the vault or of its mirror is full; the record is not stored'],
  ['vault/read-failed', 'the disk of the vault did not read'],
  ['vault/corrupt', 'what was read back is not what was stored; the record is refused'],
  ['vault/log-corrupt', 'fatal: a log of the vault is damaged before its end, or lacks a piece'],
  ['vault/keys-corrupt', 'fatal: the table of keys is damaged'],
  ['vault/keys-missing', 'fatal: records stand in the log whose keys are gone, and nobody erased'],
  ['vault/values-missing', 'fatal: keys stand in the table whose records are gone'],
  ['vault/wrong-key', 'fatal: the key file is not the one of this vault or member'],
  ['vault/other-mirror', 'fatal: the mirror belongs to another vault'],
  ['vault/not-empty', 'a vault is restored into an empty directory only'],
  ['vault/bad-backup', 'the backup is damaged or not whole'],
  ['vault/bad-record', 'the record is out of form or too large'],
  ['vault/id-taken', 'another record was stored under this id'],
  ['vault/unknown-record', 'no record has this id'],
  ['vault/erased', 'the record was erased, and is not stored again'],
  ['vault/held', 'somebody holds the record, so it is not erased'],
  ['vault/kept-by-law', 'the record must be kept longer, so it is not erased'],
  ['vault/closed', 'the vault is closed'],
  ['vault/bad-key-file', 'the key file is damaged'],
  ['vault/readable-by-others', 'the key file is open to other users, or belongs to one'],
  ['vault/bad-share', 'the shares do not belong together, are damaged, or are too few'],
] as const

/** A code of this room. */
export type VaultCode = (typeof vaultCodes)[number][0]

const fatalCodes: ReadonlySet<VaultCode> = new Set<VaultCode>([
  'vault/failed',
  'vault/log-corrupt',
  'vault/keys-corrupt',
  'vault/keys-missing',
  'vault/values-missing',
  'vault/wrong-key',
  'vault/other-mirror',
])

/** Thrown by the vault. `fatal` means that it may only be closed. Messages hold no value. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: VaultCode
  readonly fatal: boolean

  constructor(code: VaultCode, detail = '', cause?: unknown) {
    super(detail === '' ? code : `${code}: ${detail}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.fatal = fatalCodes.has(code)
  }
}

/** What a disk's error while writing means here. */
export function writingFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  const code = codeOf(error)
  if (code.endsWith('/no-space')) return new Failure('vault/no-space', '', error)
  return new Failure('vault/failed', code, error)
}

/** Bytes of a file from a position, all of them. */
export function readWhole(disk: Disk, file: number, at: number, length: number): Uint8Array {
  const into = new Uint8Array(length)
  let count: number
  try {
    count = disk.read(file, into, at)
  } catch (error) {
    throw new Failure('vault/read-failed', codeOf(error), error)
  }
  if (count !== length) throw new Failure('vault/corrupt', `${count} of ${length} bytes`)
  return into
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code ?? String(error)
}
