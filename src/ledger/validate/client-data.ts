// Client data of an assertion, read by the limited verification of WebAuthn (Level 3, §5.8.1.2):
// browsers may add members behind the known ones, so that the bytes are compared with the prefix
// that an honest browser must have written, and never parsed.
import { latin1Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'

const comma = 0x2c
const closeRecord = 0x7d

/**
 * Whether client data says `webauthn.get`, exactly this challenge (base64url), exactly this origin
 * and no other frame around it. Untrusted bytes; the origin is ASCII from the registry.
 */
export function isClientDataFor(clientData: Bytes, challenge: string, origin: string): boolean {
  const expected = clientDataPrefix(challenge, origin)
  if (!startsWith(clientData, latin1Encode(expected))) return false
  const next = clientData[expected.length]
  return next === comma || next === closeRecord
}

/** The characters with which honest client data begin, up to `"crossOrigin":false`. */
export function clientDataPrefix(challenge: string, origin: string): string {
  const head = `{"type":"webauthn.get","challenge":"${challenge}"`
  return `${head},"origin":"${origin}","crossOrigin":false`
}

/** Whether client data is that of an assertion with this challenge, whatever its origin. */
export function isClientDataOf(clientData: Bytes, challenge: string): boolean {
  const expected = `{"type":"webauthn.get","challenge":"${challenge}","origin":"`
  return startsWith(clientData, latin1Encode(expected))
}

/** Whether client data calls itself that of an assertion. */
export function isAssertionClientData(clientData: Bytes): boolean {
  return startsWith(clientData, latin1Encode('{"type":"webauthn.get","challenge":"'))
}

/** Whether client data is for this origin but was made inside a frame of another. */
export function isCrossOrigin(clientData: Bytes, challenge: string, origin: string): boolean {
  const expected = clientDataPrefix(challenge, origin).replace(/false$/, 'true')
  return startsWith(clientData, latin1Encode(expected))
}

function startsWith(bytes: Bytes, prefix: Bytes): boolean {
  if (bytes.length < prefix.length) return false
  for (let at = 0; at < prefix.length; at += 1) {
    if (bytes[at] !== prefix[at]) return false
  }
  return true
}
