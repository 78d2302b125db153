// Sealing of private keys under a passphrase: scrypt (RFC 7914) makes the sealing key, AES-256-GCM
// (NIST SP 800-38D) seals. It promises that the public members of a key file are bound to the
// sealed secret, and that no file can ask for more memory than stated here.
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto'
import { base64urlDecode, base64urlEncode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'

/** What a file says about its sealed secret. */
export type Sealed = {
  /** Logarithm to base 2 of scrypt's N; r is 8 and p is 1. */
  readonly cost: number
  /** 16 bytes, base64url. */
  readonly salt: string
  /** 12 bytes, base64url. */
  readonly nonce: string
  /** Ciphertext followed by the 16 bytes of its tag, base64url. */
  readonly text: string
}

/** Least and most memory that scrypt may take here: 16 MiB and 512 MiB. */
export const sealCostMin = 14
export const sealCostMax = 19

/** The default takes 128 MiB, which is what is advised for passphrases of people. */
export const sealCost = 17

const tagBytes = 16

/** Seals and opens under one passphrase. Sealing keys are derived once for each salt. */
export class Sealer {
  readonly #passphrase: Bytes
  readonly #cost: number
  readonly #derived: Map<string, Bytes> = new Map()
  #salt: string | null = null

  /** `cost` is for new salts; a smaller one than `sealCost` is for tests. */
  constructor(passphrase: Bytes, cost: number = sealCost) {
    this.#passphrase = passphrase
    this.#cost = cost
  }

  /** Seals a secret so that it only opens beside the same public text. */
  seal(secret: Bytes, shown: string): Sealed {
    // One salt for all keys that this process seals: the passphrase is one, and its derivation is
    // the cost of a start. Nonces are random and the keys few, so they do not repeat.
    this.#salt ??= base64urlEncode(randomBytes(16))
    const nonce = randomBytes(12)
    const key = this.#keyFor(this.#cost, this.#salt)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    cipher.setAAD(utf8Encode(shown))
    const body = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()])
    return {
      cost: this.#cost,
      salt: this.#salt,
      nonce: base64urlEncode(nonce),
      text: base64urlEncode(body),
    }
  }

  /** The secret, or null when the passphrase or any byte is another. */
  open({ cost, salt, nonce, text }: Sealed, shown: string): Bytes | null {
    const iv = base64urlDecode(nonce)
    const body = base64urlDecode(text)
    if (iv === null || body === null || base64urlDecode(salt)?.length !== 16) return null
    if (iv.length !== 12 || body.length <= tagBytes) return null
    if (!Number.isInteger(cost) || cost < sealCostMin || cost > sealCostMax) return null
    const key = this.#keyFor(cost, salt)
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
    decipher.setAAD(utf8Encode(shown))
    decipher.setAuthTag(body.subarray(-tagBytes))
    try {
      return Buffer.concat([decipher.update(body.subarray(0, -tagBytes)), decipher.final()])
    } catch {
      return null
    }
  }

  #keyFor(cost: number, salt: string): Bytes {
    const name = `${cost} ${salt}`
    const known = this.#derived.get(name)
    if (known !== undefined) return known
    const bytes = Buffer.from(salt, 'base64url')
    const options = { N: 2 ** cost, r: 8, p: 1, maxmem: 2 ** (cost + 10) + 2 ** 20 }
    const key = scryptSync(this.#passphrase, bytes, 32, options)
    this.#derived.set(name, key)
    return key
  }
}
