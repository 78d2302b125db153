// A department makes a certificate: it draws chance and a free place in its status list, signs with
// its certificate key, and gets the body of the command that brings it onto the ledger. Keep what
// comes back before the command is sent: signed again, it would be another certificate.
import { randomBytes } from 'node:crypto'
import { deflateSync, inflateSync } from 'node:zlib'
import type { Bytes } from '#base/bytes'
import { base64urlEncode } from '#base/bytes'
import type { PublicJwk } from '#base/crypto'
import type { Members, Refusal } from '#ledger/command'
import type { KeyStore } from '#adapters/keys'
import { signJws } from '#adapters/keys'
import { assembleCredential, freeIndex, issueCredential } from '#domains/certificates'
import { statusBytes, statusListPayload, statusListTyp, statusListUri } from '#domains/certificates'
import type { JsonObject, Zlib } from '#domains/certificates'
import { heldInForce } from '#apps/node/ledger-port'
import type { LedgerPort } from '#apps/node/ledger-port'

/** What is asked of a certificate. */
export type CertificateOrder = {
  /** Name of the type for which the member is accredited. */
  readonly type: string
  /** The record that it certifies. */
  readonly fields: JsonObject
  /** Salted commitment to case, item and generation, 32 bytes in base64url. */
  readonly case: string
  /** 16 bytes in base64url; random when absent. */
  readonly handle?: string
  /** First millisecond at which it has expired. */
  readonly until?: number
  /** The holder's P-256 key, when only the holder shall be able to show it. */
  readonly holder?: PublicJwk
  /** Number of the status list; the first when absent. */
  readonly list?: number
}

/** A signed certificate that is not on the ledger yet. */
export type PreparedCertificate = {
  readonly handle: string
  /** SD-JWT with all disclosures: what the holder gets, and the issuer keeps. */
  readonly credential: string
  readonly digest: string
  /** Body of the command `certificate.issue`. */
  readonly body: Members
}

type Speaker = Pick<LedgerPort, 'ledger' | 'member' | 'view' | 'head'>

/** Places in one status list of a department: its size does not tell how many there are. */
const listSize = 65_536
/** Draws of a place before the list counts as full. */
const draws = 64
const decoys = 2

/**
 * A certificate signed with the member's certificate key in force. Refused with `node/missing-key`
 * without one, and with `certificates/index-used` when the status list is full.
 */
export function prepareCertificate(
  port: Speaker,
  keys: KeyStore,
  order: CertificateOrder,
): PreparedCertificate | Refusal {
  const key = heldInForce(keys, port, 'certificate')
  if (key === null) return { code: 'node/missing-key', at: 'certificate' }
  const { type, fields, until, holder, list = 0 } = order
  const { member: issuer, ledger } = port
  const index = freeIndex(port.view(), { issuer, list, size: listSize }, randomBytes(4 * draws))
  if (index === undefined) return { code: 'certificates/index-used' }
  const { typ, payload, disclosures } = issueCredential({
    ledger,
    issuer,
    type,
    issuedAt: port.head().time,
    list,
    index,
    fields,
    secret: new Uint8Array(randomBytes(32)),
    decoys,
    ...(until === undefined ? {} : { until }),
    ...(holder === undefined ? {} : { holder }),
  })
  const jwt = signJws(keys, { kid: key.kid, use: 'certificate', typ, payload })
  const { text: credential, digest } = assembleCredential(jwt, disclosures)
  const handle = order.handle ?? base64urlEncode(randomBytes(16))
  const body = { handle, type, digest, case: order.case, list, index }
  return {
    handle,
    credential,
    digest,
    body: until === undefined ? body : { ...body, until },
  }
}

/** Seconds for which a status list may be kept, and until it has expired. */
const listTtl = 3_600
const listLifetime = 86_400

/** The member's status list as of the durable head, signed with its status key in force. */
export function statusListToken(port: Speaker, keys: KeyStore, list: number): string | Refusal {
  const key = heldInForce(keys, port, 'status')
  if (key === null) return { code: 'node/missing-key', at: 'status' }
  const { ledger, member: issuer } = port
  const bytes = statusBytes(port.view(), { issuer, list, size: listSize })
  const uri = statusListUri(ledger, issuer, list)
  const asOf = port.head().time
  const content = { uri, bytes, asOf, ttl: listTtl, lifetime: listLifetime }
  const payload = statusListPayload(content, zlib)
  return signJws(keys, { kid: key.kid, use: 'status', typ: statusListTyp, payload })
}

/** The zlib format by the host's own library. */
export const zlib: Zlib = {
  deflate: (bytes: Bytes) => new Uint8Array(deflateSync(bytes, { level: 9 })),
  inflate: (bytes: Bytes, maxOutputLength: number) => {
    try {
      return new Uint8Array(inflateSync(bytes, { maxOutputLength }))
    } catch {
      return null
    }
  },
}
