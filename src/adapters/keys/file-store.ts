// Keys as files in a directory of their owner: the key store of a machine without an HSM. It
// promises that a directory opens completely or not at all, and that a key which `generate` has
// answered for is there after a crash.
import { diffieHellman, createPublicKey, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { latin1Encode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { importPublicKey } from '#base/crypto'
import type { PublicJwk } from '#base/crypto'
import { Failure } from './failure.ts'
import { decodeKeyFile, encodeKeyFile, keyFileBytesMax, keyFileName, makeKey } from './key-file.ts'
import type { FileFault, PrivateKey } from './key-file.ts'
import { heldFor, isHeldUse, isSignable, refuseTogether } from './key-store.ts'
import type { HeldKey, HeldUse, KeyRequest, KeyStore } from './key-store.ts'
import { finishedFiles, openPrivateDirectory, readPrivateFile } from './private-files.ts'
import { removePrivateFile, replacePrivateFile } from './private-files.ts'
import { Sealer } from './sealing.ts'

/** How the secrets in the files are kept. */
export type FileStoreOptions = {
  /** Without one the files hold the keys as they are, and their mode is what protects them. */
  readonly passphrase?: Bytes
  /** Logarithm of scrypt's N for files that are written; `sealCost` when absent. */
  readonly cost?: number
}

const suffix = '.jwk'

/**
 * Opens a directory of keys, made when absent. Throws a `Failure` that names the file for whatever
 * is open to others, damaged, sealed without a passphrase, or not to be held together.
 */
export function openFileStore(path: string, options: FileStoreOptions = {}): FileStore {
  openPrivateDirectory(path)
  return new FileStore(path, sealerOf(options))
}

/** The key store over a directory. */
export class FileStore implements KeyStore {
  readonly #path: string
  readonly #sealer: Sealer | null
  #keys: ReadonlyMap<string, PrivateKey>

  /** Use `openFileStore`, which checks the directory. */
  constructor(path: string, sealer: Sealer | null) {
    this.#path = path
    this.#sealer = sealer
    this.#keys = loadKeys(path, sealer)
    refuseTogether([...this.#keys.values()])
  }

  /** Reads the directory again: keys that another process made or removed. */
  refresh(): void {
    const keys = loadKeys(this.#path, this.#sealer)
    refuseTogether([...keys.values()])
    this.#keys = keys
  }

  generate(request: KeyRequest): HeldKey {
    // Untrusted: the use may come from a command line.
    if (!isHeldUse(request.use)) {
      throw new Failure('keys/not-held', 'the key of an officer stays with the officer')
    }
    this.refresh()
    const key = makeKey(request)
    refuseTogether([...this.#keys.values(), key])
    replacePrivateFile(this.#path, keyFileName(key), encodeKeyFile(key, this.#sealer))
    this.#keys = new Map([...this.#keys, [key.kid, key]])
    return shown(key)
  }

  list(): readonly HeldKey[] {
    const keys = [...this.#keys.values()]
    return keys.toSorted((a, b) => (keyFileName(a) < keyFileName(b) ? -1 : 1)).map(shown)
  }

  find(kid: string): HeldKey | undefined {
    const key = this.#keys.get(kid)
    return key === undefined ? undefined : shown(key)
  }

  sign(kid: string, use: HeldUse, message: Bytes | string): Bytes {
    const key = heldFor(this.#keys.get(kid), kid, use)
    if (!isSignable(use, message)) {
      throw new Failure('keys/wrong-use', `a key for ${use} does not sign this`)
    }
    const data = typeof message === 'string' ? utf8Encode(message) : message
    if (key.alg === 'Ed25519') return plain(sign(null, data, key.secret))
    return plain(sign('sha256', data, { key: key.secret, dsaEncoding: 'ieee-p1363' }))
  }

  agree(kid: string, peer: PublicJwk): Bytes {
    const key = heldFor(this.#keys.get(kid), kid, 'encrypt')
    // Untrusted: a point off the curve would give away the key bit by bit.
    const known = importPublicKey('ES256', peer)
    if (known === null) throw new Failure('keys/bad-content', 'the other key is not on P-256')
    const publicKey = createPublicKey({ key: { ...known.jwk }, format: 'jwk' })
    return plain(diffieHellman({ privateKey: key.secret, publicKey }))
  }

  transportKey(kid: string): KeyObject {
    return heldFor(this.#keys.get(kid), kid, 'transport').secret
  }

  remove(kid: string): void {
    const key = this.#keys.get(kid)
    if (key === undefined) throw new Failure('keys/unknown-key', `no key ${kid} is held`)
    removePrivateFile(this.#path, keyFileName(key))
    this.#keys = new Map([...this.#keys].filter(([held]) => held !== kid))
  }
}

/**
 * Writes every key of a directory anew: under a passphrase, under another one, or under none. A
 * run that was interrupted is completed by the same call.
 */
export function resealFiles(path: string, from: FileStoreOptions, to: FileStoreOptions): number {
  openPrivateDirectory(path)
  const [before, after] = [sealerOf(from), sealerOf(to)]
  let written = 0
  for (const name of keyFiles(path)) {
    const bytes = readPrivateFile(join(path, name), keyFileBytesMax)
    if (typeof decodeKeyFile(bytes, name, after) === 'object') continue
    const key = opened(decodeKeyFile(bytes, name, before), join(path, name))
    replacePrivateFile(path, name, encodeKeyFile(key, after))
    written += 1
  }
  return written
}

function sealerOf({ passphrase, cost }: FileStoreOptions): Sealer | null {
  return passphrase === undefined ? null : new Sealer(passphrase, cost)
}

function loadKeys(path: string, sealer: Sealer | null): ReadonlyMap<string, PrivateKey> {
  const keys = new Map<string, PrivateKey>()
  for (const name of keyFiles(path)) {
    const file = join(path, name)
    const key = opened(decodeKeyFile(readPrivateFile(file, keyFileBytesMax), name, sealer), file)
    keys.set(key.kid, key)
  }
  return keys
}

function keyFiles(path: string): readonly string[] {
  return finishedFiles(path).filter((name) => name.endsWith(suffix))
}

function opened(result: PrivateKey | FileFault, file: string): PrivateKey {
  switch (result) {
    case 'damaged':
      throw new Failure('keys/corrupt', `${file} is damaged; restore it or move it away`)
    case 'sealed':
      throw new Failure('keys/passphrase-needed', `${file} is sealed; name the passphrase file`)
    case 'not-sealed':
      throw new Failure('keys/passphrase-missing-on-file', `${file} is not sealed; seal the keys`)
    case 'not-opened':
      throw new Failure('keys/wrong-passphrase', `${file} does not open with this passphrase`)
    default:
      return result
  }
}

/** The public side: the secret stays behind. */
function shown({ kid, use, alg, member, custody, created, jwk }: PrivateKey): HeldKey {
  return { kid, use, alg, member, custody, created, jwk }
}

/** Bytes of our own, not a view of Node's pool. */
function plain(buffer: Buffer): Bytes {
  return latin1Encode(buffer.toString('latin1'))
}
