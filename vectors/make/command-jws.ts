// Cases for the JWS profile: parts, header, and the one spelling of each part.
import { intent, key, of, single } from './command-parts.ts'
import type { Refused } from './command-parts.ts'
import { commandTyp, headerOf, jwsOf, text64 } from './signing.ts'

const [head = '', payload = '', signature = ''] = single.split('.')

export function jwsCases(): Refused[] {
  return [...parts(), ...headers(), ...spellings()]
}

function parts(): Refused[] {
  return [
    of('two parts', `${head}.${payload}`, 'jws-parts', 'jws'),
    of('four parts', `${single}.AAAA`, 'jws-parts', 'jws'),
    of('49,153 characters', [single, ['A', 49_153 - single.length]], 'oversized', 'jws'),
    of(
      'a header of 260 characters',
      [['A', 260], `.${payload}.${signature}`],
      'oversized',
      'header',
    ),
    of(
      'a signature of 63 bytes',
      `${head}.${payload}.${signature.slice(0, 84)}`,
      'bad-signature',
      'signature',
    ),
    of('no signature', `${head}.${payload}.`, 'bad-signature', 'signature'),
  ]
}

const withHeader = (header: string): string => jwsOf(key, header, `{"intent":"${text64(intent)}"}`)

function headers(): Refused[] {
  const { kid } = key
  const more = ['crit', 'b64', 'jwk', 'jku', 'x5c', 'zip'].map((name) =>
    of(
      `a header with ${name}`,
      withHeader(`${headerOf(kid, commandTyp).slice(0, -1)},"${name}":1}`),
      'header-members',
      'header',
    ),
  )
  const algorithms = ['none', 'HS256', 'EdDSA', 'Ed25519', 'RS256', 'ES384'].map((alg) =>
    of(
      `alg ${alg}`,
      withHeader(`{"alg":"${alg}","kid":"${kid}","typ":"${commandTyp}"}`),
      'bad-alg',
      'header.alg',
    ),
  )
  return [
    ...more,
    ...algorithms,
    of(
      'a header in another order',
      withHeader(`{"kid":"${kid}","alg":"ES256","typ":"${commandTyp}"}`),
      'header-order',
      'header',
    ),
    of(
      'a header without typ',
      withHeader(`{"alg":"ES256","kid":"${kid}"}`),
      'header-members',
      'header',
    ),
    of(
      'a header with white space',
      withHeader(`{"alg":"ES256", "kid":"${kid}","typ":"${commandTyp}"}`),
      'whitespace',
      'header@15',
    ),
    of(
      'alg twice',
      withHeader(`{"alg":"none","alg":"ES256","kid":"${kid}","typ":"${commandTyp}"}`),
      'duplicate-key',
      'header@14',
    ),
    of('a kid that is a name', withHeader(headerOf('tax', commandTyp)), 'bad-kid', 'header.kid'),
    of(
      'a kid with spare bits',
      withHeader(headerOf(`${'A'.repeat(42)}B`, commandTyp)),
      'bad-kid',
      'header.kid',
    ),
    of('another typ', withHeader(headerOf(kid, 'lianban-receipt+jws')), 'bad-typ', 'header.typ'),
    of('the typ JWT', withHeader(headerOf(kid, 'JWT')), 'bad-typ', 'header.typ'),
  ]
}

/** The other spellings of a part that lenient decoders read as the same bytes. */
function spellings(): Refused[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const first = alphabet.indexOf(signature.slice(-1))
  const others = [...Array(15).keys()].map((at) => alphabet.charAt(first + at + 1))
  const wrong = (claim: string, last: string): Refused =>
    of(claim, `${head}.${payload}.${last}`, 'bad-base64url', 'signature')
  return [
    ...others.map((last) => wrong(`spare bits: ${last}`, signature.slice(0, -1) + last)),
    wrong('padding', `${signature}==`),
    wrong('a newline', `${signature.slice(0, 40)}\n${signature.slice(40)}`),
    wrong('a newline behind', `${signature}\n`),
    wrong('the other alphabet', signature.replaceAll('-', '+').replaceAll('_', '/')),
    of('a padded header', `${head}=.${payload}.${signature}`, 'bad-base64url', 'header'),
    of('a padded payload', `${head}.${payload}=.${signature}`, 'bad-base64url', 'payload'),
  ]
}
