// Token Status List (draft-ietf-oauth-status-list, approved for an RFC): the status of many
// certificates in one signed text, for wallets and verifiers that know nothing of the ledger. It is
// derived from the same state as every proof and is no second truth. Compression comes in as a
// parameter, because it is the host's.
import { base64urlDecode, base64urlEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import type { PublicKey } from '#base/crypto'
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import { asciiText, bad, isObject, isSignedBy, readCompact } from './compact.ts'
import { indexesMax } from './records.ts'

export const statusListTyp = 'statuslist+jwt'

/** The zlib format (RFC 1950). `inflate` gives null for damage and for more than `bytesMax`. */
export type Zlib = {
  deflate(bytes: Bytes): Bytes
  inflate(bytes: Bytes, bytesMax: number): Bytes | null
}

/** Bits of one entry (§4.1). */
export type StatusWidth = 1 | 2 | 4 | 8

/** Longest list that is unpacked, in bytes: all indexes of a list of ours, or 2^20 of 8 bits. */
const listBytesMax: number = indexesMax

export type StatusListContent = {
  readonly uri: string
  /** Two bits an index, least significant first, as `statusBytes` gives them. */
  readonly bytes: Bytes
  /** Unix milliseconds of the state that the list is of. */
  readonly asOf: number
  /** Seconds for which a verifier may keep it, and after which it has expired. */
  readonly ttl: number
  readonly lifetime: number
}

/** The payload of a status list token (§5.1), which a `status` key signs under its typ. */
export function statusListPayload(content: StatusListContent, zlib: Zlib): string {
  const iat = Math.floor(content.asOf / 1000)
  const lst = base64urlEncode(zlib.deflate(content.bytes))
  const payload = {
    exp: iat + content.lifetime,
    iat,
    status_list: { bits: 2, lst },
    sub: content.uri,
    ttl: content.ttl,
  }
  return asciiText(encodeCanonical(payload))
}

/** The entry at an index (§4.1); undefined outside the list. */
export function statusIn(bytes: Bytes, bits: StatusWidth, index: number): number | undefined {
  if (!Number.isSafeInteger(index) || index < 0 || index * bits >= bytes.length * 8)
    return undefined
  const at = index * bits
  const byte = bytes[(at - (at % 8)) / 8] ?? 0
  return (byte >> (at % 8)) & ((1 << bits) - 1)
}

/** What a verifier knows when it reads a status list. */
export type StatusQuestion = {
  /** The reference in the credential. */
  readonly uri: string
  readonly index: number
  readonly key: PublicKey
  /** The verifier's clock, Unix milliseconds. */
  readonly nowMs: number
}

/** Untrusted. The entry of one credential in a status list token (§8.3): 0 is valid. */
export function statusFromList(
  token: string,
  { uri, index, key, nowMs }: StatusQuestion,
  zlib: Zlib,
): { readonly status: number; readonly asOf: number } | Refusal {
  const compact = readCompact(token, statusListTyp)
  if (isRefusal(compact)) return compact
  if (!isSignedBy(compact, key)) return bad('certificates/bad-signature')
  const { sub, iat, exp, status_list: list } = compact.payload
  if (typeof iat !== 'number' || !isObject(list)) return bad('certificates/malformed-status-list')
  if (sub !== uri) return bad('certificates/other-status-list')
  if (exp !== undefined && (typeof exp !== 'number' || nowMs >= exp * 1000)) {
    return bad('certificates/status-list-expired')
  }
  const unpacked = unpack(list, zlib)
  if (unpacked === null) return bad('certificates/malformed-status-list')
  const status = statusIn(unpacked.bytes, unpacked.bits, index)
  if (status === undefined) return bad('certificates/index-out-of-range')
  return { status, asOf: iat * 1000 }
}

/** Untrusted. The bytes of a `status_list` object, unpacked; null when it is none. */
export function unpack(
  { bits, lst }: { readonly [name: string]: unknown },
  zlib: Zlib,
): { readonly bits: StatusWidth; readonly bytes: Bytes } | null {
  if (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8) return null
  const packed = typeof lst === 'string' ? base64urlDecode(lst) : null
  const bytes = packed === null ? null : zlib.inflate(packed, listBytesMax)
  return bytes === null ? null : { bits, bytes }
}
