// Cases for key thumbprints (RFC 7638, and RFC 8037 appendix A.3 for Ed25519).
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import { base64url, bytesOf, fromHex } from './material.ts'

// RFC 7638 §3.1.
const RSA_N =
  '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP' +
  'ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY' +
  '368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f' +
  'M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
const RFC_7638 = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'
// RFC 8032 §7.1 test 1, whose key RFC 8037 appendix A.3 uses.
const OKP_X = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
const RFC_8037 = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'

type Jwk = Readonly<Record<string, string>>

export function thumbprintFile(): object {
  const point = p256.getPublicKey(bytesOf('thumbprint/p256'), false)
  const ec = {
    kty: 'EC',
    crv: 'P-256',
    x: base64url(point.subarray(1, 33)),
    y: base64url(point.subarray(33)),
  }
  const cases = [
    of('RFC 7638 section 3.1', { kty: 'RSA', n: RSA_N, e: 'AQAB' }, ['e', 'kty', 'n']),
    of('RFC 8037 appendix A.3', { kty: 'OKP', crv: 'Ed25519', x: base64url(OKP_X) }, [
      'crv',
      'kty',
      'x',
    ]),
    of('a P-256 key', ec, ['crv', 'kty', 'x', 'y']),
  ]
  assert.equal(cases[0]?.thumbprint, RFC_7638)
  assert.equal(cases[1]?.thumbprint, RFC_8037)
  return { valid: cases }
}

function of(claim: string, jwk: Jwk, names: readonly string[]): { thumbprint: string } {
  const input = `{${names.map((name) => `"${name}":"${jwk[name]}"`).join(',')}}`
  const thumbprint = createHash('sha256').update(input).digest('base64url')
  return { claim, jwk, input, thumbprint } as { thumbprint: string }
}
