// The key over all keys of a vault, as a file of its own: lost, and nothing in the vault opens
// again; copied, and the vault is as safe as the copy. The file holds the current key and, while
// keys are being wrapped again, the ones before it. Sealing is AES-256-GCM (NIST SP 800-38D): a key
// for each record, which seals one text ever, and the key over keys, which wraps them. It promises
// that what opens is what was sealed, under the same key and for the same address.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { base64urlDecode, base64urlEncode, concat, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import { Failure } from './disk.ts'

export const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
/** What sealing adds to a text. */
export const sealBytes: number = nonceBytes + tagBytes

const recordWord = 'lianban/vault/record/v1\n'
const keyWord = 'lianban/vault/key/v1\n'

/** Nonce ‖ ciphertext ‖ tag. */
export function seal(key: Bytes, text: Bytes, address: Bytes): Bytes {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(address)
  return concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()])
}

/** The text, or null when key, address or any bit is another. */
export function unseal(key: Bytes, sealed: Bytes, address: Bytes): Bytes | null {
  if (sealed.length < sealBytes) return null
  const nonce = sealed.subarray(0, nonceBytes)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(address)
  decipher.setAuthTag(sealed.subarray(-tagBytes))
  try {
    return concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()])
  } catch {
    return null
  }
}

/** A fresh key for one record. */
export function newKey(): Bytes {
  return new Uint8Array(randomBytes(keyBytes))
}

/** What a record's text is bound to: the member and everything that its header says. */
export function recordAddress(member: string, header: string): Bytes {
  return utf8Encode(`${recordWord}${member}\n${header}`)
}

/** What a wrapped key is bound to: the member, the record, and the frame in which it stands. */
export function keyAddress(member: string, id: string, seq: number): Bytes {
  return utf8Encode(`${keyWord}${member}\n${id}\n${seq}`)
}

/** Whether a text is an id: 16 bytes in base64url. */
export function isRecordId(text: string): boolean {
  return text.length === 22 && base64urlDecode(text)?.length === 16
}

/** Keys over keys by number, from 1; the current one wraps, the others only unwrap. */
export type Kek = {
  readonly current: number
  key(number: number): Bytes | null
}

type KekFile = {
  readonly format: 'lianban-vault-key/1'
  /** The current key last. */
  readonly keys: readonly { readonly number: number; readonly key: string }[]
  readonly check: string
}

const format = 'lianban-vault-key/1'
const fileBytesMax = 4096
const keysMax = 8

/**
 * Makes a key file, which must not exist; durable on return. Its directory must exist. A key that
 * was put together from shares keeps its number.
 */
export function makeKek(
  path: string,
  { number, key }: { readonly number: number; readonly key: Bytes } = { number: 1, key: newKey() },
): Kek {
  if (fs.existsSync(path)) throw new Failure('vault/bad-key-file', `${path} exists already`)
  return store(path, [{ number, key: base64urlEncode(key) }])
}

/** Opens a key file. Throws when it is damaged, or open to other users. */
export function openKek(path: string): Kek {
  return kekOf(readKeys(path))
}

/**
 * Puts a new key before the others; the vault's `rewrap` then wraps every record's key with it. The
 * earlier keys stay in the file until `dropOldKeks`.
 */
export function addKek(path: string): Kek {
  const keys = readKeys(path)
  if (keys.length >= keysMax) {
    throw new Failure('vault/bad-key-file', 'too many keys; drop the old ones first')
  }
  const number = (keys.at(-1)?.number ?? 0) + 1
  return store(path, [...keys, { number, key: base64urlEncode(randomBytes(keyBytes)) }])
}

/** Forgets all keys but the current one: backups of key tables under earlier ones never open. */
export function dropOldKeks(path: string): Kek {
  return store(path, readKeys(path).slice(-1))
}

/** A key that is in no file, for tests and for one that was put together from shares. */
export function kekOf(keys: KekFile['keys']): Kek {
  const byNumber = new Map(keys.map(({ number, key }) => [number, base64urlDecode(key)]))
  return {
    current: keys.at(-1)?.number ?? 1,
    key: (number) => byNumber.get(number) ?? null,
  }
}

function readKeys(path: string): KekFile['keys'] {
  const value = decodeCanonical(readPrivate(path)) as KekFile | null
  const keys = value?.keys
  if (value?.format !== format || !Array.isArray(keys) || keys.length === 0) throw damaged(path)
  if (value.check !== checkOf(keys)) throw damaged(path)
  for (const { number, key } of keys as KekFile['keys']) {
    if (!Number.isSafeInteger(number) || base64urlDecode(key)?.length !== keyBytes) {
      throw damaged(path)
    }
  }
  return keys as KekFile['keys']
}

function readPrivate(path: string): string {
  let file: number
  try {
    file = fs.openSync(path, 'r')
  } catch (error) {
    throw new Failure('vault/bad-key-file', path, error)
  }
  try {
    // Checked on the open file, so that it cannot be exchanged between the check and the reading.
    const { mode, uid } = fs.fstatSync(file)
    const own = process.geteuid?.()
    if (own !== undefined && ((mode & 0o077) !== 0 || uid !== own)) {
      throw new Failure('vault/readable-by-others', `chmod 600 '${path}'; rotate if others had it`)
    }
    const into = Buffer.alloc(fileBytesMax)
    const text = utf8Decode(into.subarray(0, fs.readSync(file, into, 0, fileBytesMax, 0)))
    if (text === null) throw damaged(path)
    return text.trimEnd()
  } finally {
    fs.closeSync(file)
  }
}

function store(path: string, keys: KekFile['keys']): Kek {
  const content: KekFile = { check: checkOf(keys), format, keys }
  const draft = `${path}.new`
  const file = fs.openSync(draft, 'w', 0o600)
  try {
    fs.writeFileSync(file, `${encodeCanonical(content)}\n`)
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
  // If we crash before this, the old file stands; after it, the new one.
  fs.renameSync(draft, path)
  const directory = fs.openSync(dirname(path), 'r')
  try {
    fs.fsyncSync(directory)
  } finally {
    fs.closeSync(directory)
  }
  return kekOf(keys)
}

function checkOf(keys: KekFile['keys']): string {
  return sha256Text(`${format}\n${encodeCanonical(keys)}`, 'base64url')
}

function damaged(path: string): Failure {
  return new Failure('vault/bad-key-file', `${path} is damaged`)
}
