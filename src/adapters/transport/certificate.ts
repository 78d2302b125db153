// Certificates of transport keys: a self-signed X.509 certificate (RFC 5280) that carries the key
// through TLS and says nothing else. It promises that the certificate speaks of the key alone: who
// the key belongs to, and from when to when, stands in the registry.
import { createPublicKey, webcrypto } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { importPublicKey, thumbprint } from '#base/crypto'
import type { PublicJwk } from '#base/crypto'
import { Failure } from './failure.ts'

/** A transport key with its certificate, as TLS takes them. */
export type TransportIdentity = {
  /** RFC 7638 thumbprint of the key. */
  readonly kid: string
  /** The certificate, PEM. */
  readonly certificate: string
  /** The private key, PKCS #8 in PEM. */
  readonly key: string
}

/** Dates for the certificate; nobody who reads it by our rules looks at them. */
export type CertificateDates = { readonly notBefore: Date; readonly notAfter: Date }

/** RFC 5280 §4.1.2.5: a certificate without a well-defined end says so by this date. */
const forever: CertificateDates = {
  notBefore: new Date(0),
  notAfter: new Date('9999-12-31T23:59:59Z'),
}

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const

/** Makes the certificate of a P-256 key. Throws `transport/bad-key` for any other. */
export async function transportCertificate(
  key: KeyObject,
  dates: CertificateDates = forever,
): Promise<TransportIdentity> {
  if (key.type !== 'private') throw new Failure('transport/bad-key', 'not a private key')
  const publicKey = createPublicKey(key)
  const kid = kidOf(publicKey)
  if (kid === null) throw new Failure('transport/bad-key', 'not a key on P-256')
  const { X509CertificateGenerator } = await loadLibrary()
  const keys = {
    privateKey: key.toCryptoKey(curve, false, ['sign']),
    publicKey: publicKey.toCryptoKey(curve, true, ['verify']),
  }
  const signingAlgorithm = { ...curve, hash: 'SHA-256' }
  // The name is the kid: a name of the member would be a second, unchecked claim.
  const name = `CN=${kid}`
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { serialNumber: '01', name, keys, signingAlgorithm, ...dates },
    webcrypto,
  )
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { kid, certificate: certificate.toString('pem'), key: pem }
}

/** The thumbprint of a public key; null when it is not one of P-256. Untrusted: a peer's key. */
export function kidOf(publicKey: KeyObject): string | null {
  if (publicKey.asymmetricKeyType !== 'ec') return null
  if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return null
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' })
  const known = importPublicKey('ES256', { kty, crv, x, y } as PublicJwk)
  return known === null ? null : thumbprint(known.jwk)
}

/** The part of the library that is used here; its own types speak of a browser's globals. */
type Library = {
  readonly X509CertificateGenerator: {
    createSelfSigned(
      request: CertificateDates & {
        readonly serialNumber: string
        readonly name: string
        readonly keys: { readonly privateKey: unknown; readonly publicKey: unknown }
        readonly signingAlgorithm: object
      },
      crypto: unknown,
    ): Promise<{ toString(format: 'pem'): string }>
  }
}

type Metadata = {
  getMetadata?: (key: unknown, target: object) => unknown
  getOwnMetadata?: (key: unknown, target: object) => unknown
  defineMetadata?: (key: unknown, value: unknown, target: object) => void
}

/**
 * Loads the library when a certificate is made, once in the life of a process: 70 ms that no other
 * command waits for. One of its dependencies keeps notes about its own classes by three functions
 * that a language proposal once put on `Reflect`, and does not load where they are missing.
 */
async function loadLibrary(): Promise<Library> {
  const reflect = Reflect as Metadata
  if (reflect.getMetadata === undefined) {
    const notes = new WeakMap<object, Map<unknown, unknown>>()
    const read = (key: unknown, target: object): unknown => notes.get(target)?.get(key)
    reflect.getMetadata = read
    reflect.getOwnMetadata = read
    reflect.defineMetadata = (key, value, target) => {
      const known = notes.get(target) ?? new Map<unknown, unknown>()
      notes.set(target, known.set(key, value))
    }
  }
  const library: string = '@peculiar/x509'
  return (await import(library)) as Library
}
