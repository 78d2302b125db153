// AES-256-GCM (NIST SP 800-38D) as the vault uses it: a key for each record, which seals one text
// ever, and a key over all keys, which wraps them. Promises: what opens is what was sealed, under
// the same key and for the same address.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { base64urlDecode, concat, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'

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
