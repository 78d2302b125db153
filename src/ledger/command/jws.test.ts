// The JWS profile: one spelling (invariant L9), every deviation by its own code, and the same
// verdicts as another implementation (jose) on what both may read.
import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { test } from 'node:test'
import { CompactSign, compactVerify, importJWK } from 'jose'
import { importPublicKey, verifySignature } from '#base/crypto'
import { filler, makeKey, signJws } from '#test/commands'
import { decodeJws, jwsAssemble, jwsSigningInput } from './jws.ts'
import { commandBytesMax, headerBytesMax } from './limits.ts'
import { isRefusal } from './refusal.ts'

const typ = 'lianban-command+jws'
const key = makeKey('jws')
const payload = '{"intent":"AAAA"}'
const good = signJws(key, typ, payload)
const [head = '', body = '', tail = ''] = good.split('.')

const base64url = (text: string): string => Buffer.from(text, 'latin1').toString('base64url')
const header = (text: string): string => `${base64url(text)}.${body}.${tail}`
const decode = (text: string): ReturnType<typeof decodeJws> => decodeJws(text, typ, commandBytesMax)

test('a JWS of the profile is decoded into its parts', () => {
  const jws = decode(good)
  assert.ok(!isRefusal(jws))
  assert.equal(jws.alg, 'ES256')
  assert.equal(jws.kid, key.kid)
  assert.equal(jws.typ, typ)
  assert.equal(jws.payload, payload)
  assert.equal(jws.signingInput, `${head}.${body}`)
  assert.equal(jws.signature.length, 64)
  assert.equal(jws.text, good)
  assert.equal(jwsAssemble(jwsSigningInput(jws), jws.signature), good)
})

const refused: readonly (readonly [what: string, text: string, code: string, at: string])[] = [
  ['nothing', '', 'command/jws-parts', 'jws'],
  ['two parts', `${head}.${body}`, 'command/jws-parts', 'jws'],
  ['four parts', `${good}.${tail}`, 'command/jws-parts', 'jws'],
  ['five parts', `${good}..`, 'command/jws-parts', 'jws'],
  ['a text beyond the limit', `${good}${'A'.repeat(commandBytesMax)}`, 'command/oversized', 'jws'],
  [
    'a header beyond its limit',
    `${'A'.repeat(headerBytesMax + 4)}.${body}.${tail}`,
    'command/oversized',
    'header',
  ],
  ['an empty header', `.${body}.${tail}`, 'command/truncated', 'header@0'],
  ['a header that is no JSON', header('alg'), 'command/bad-json', 'header@0'],
  ['a header that is a list', header('[]'), 'command/header-members', 'header'],
  [
    'a header with white space',
    header(`{"alg": "ES256","kid":"${key.kid}","typ":"${typ}"}`),
    'command/whitespace',
    'header@7',
  ],
  [
    'a header with an escape',
    header(`{"alg":"ES25\\u0036","kid":"${key.kid}","typ":"${typ}"}`),
    'command/backslash',
    'header@12',
  ],
  [
    'a header with a key twice',
    header(`{"alg":"none","alg":"ES256","kid":"${key.kid}","typ":"${typ}"}`),
    'command/duplicate-key',
    'header@14',
  ],
  [
    'a header in another order',
    header(`{"typ":"${typ}","alg":"ES256","kid":"${key.kid}"}`),
    'command/header-order',
    'header',
  ],
  [
    'a header without typ',
    header(`{"alg":"ES256","kid":"${key.kid}"}`),
    'command/header-members',
    'header',
  ],
  ...['crit', 'b64', 'jwk', 'jku', 'x5c', 'zip', 'cty'].map(
    (name) =>
      [
        `a header with ${name}`,
        header(`{"alg":"ES256","kid":"${key.kid}","typ":"${typ}","${name}":[]}`),
        'command/header-members',
        'header',
      ] as const,
  ),
  ...[
    'none',
    'None',
    'HS256',
    'EdDSA',
    'Ed25519',
    'RS256',
    'PS256',
    'ES384',
    'ES256K',
    'es256',
  ].map(
    (alg) =>
      [
        `alg ${alg}`,
        header(`{"alg":"${alg}","kid":"${key.kid}","typ":"${typ}"}`),
        'command/bad-alg',
        'header.alg',
      ] as const,
  ),
  [
    'a kid of another length',
    header(`{"alg":"ES256","kid":"tax","typ":"${typ}"}`),
    'command/bad-kid',
    'header.kid',
  ],
  [
    'a kid with spare bits',
    header(`{"alg":"ES256","kid":"${'A'.repeat(42)}B","typ":"${typ}"}`),
    'command/bad-kid',
    'header.kid',
  ],
  [
    'a kid that is a number',
    header(`{"alg":"ES256","kid":1,"typ":"${typ}"}`),
    'command/bad-kid',
    'header.kid',
  ],
  [
    'the typ of another artefact',
    signJws(key, 'lianban-envelope+jws', payload),
    'command/bad-typ',
    'header.typ',
  ],
  [
    'a typ that is no form',
    header(`{"alg":"ES256","kid":"${key.kid}","typ":"JWT"}`),
    'command/bad-typ',
    'header.typ',
  ],
  ['an empty signature', `${head}.${body}.`, 'command/bad-signature', 'signature'],
  [
    'a signature of 63 bytes',
    `${head}.${body}.${'A'.repeat(84)}`,
    'command/bad-signature',
    'signature',
  ],
  [
    'a DER signature',
    `${head}.${body}.${Buffer.alloc(70).toString('base64url')}`,
    'command/bad-signature',
    'signature',
  ],
  ['a payload of one character', `${head}.A.${tail}`, 'command/bad-base64url', 'payload'],
]

for (const [what, text, code, at] of refused) {
  test(`${what} is refused`, () => {
    assert.deepEqual(decode(text), { code, at })
  })
}

/** Spellings that Node's own decoder takes for the same bytes (protocol §29.1). */
function spellings(part: string): readonly string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const lasts = Array.from(alphabet).map((last) => part.slice(0, -1) + last)
  const same = lasts.filter((text) =>
    Buffer.from(text, 'base64url').equals(Buffer.from(part, 'base64url')),
  )
  const standard = part.replaceAll('-', '+').replaceAll('_', '/')
  const others = [`${part}=`, `${part}==`, `${part}\n`, `${part.slice(0, 9)}\n${part.slice(9)}`]
  return [...same, ...others, ` ${part}`, `${part}\u0100`, standard].filter((text) => text !== part)
}

test('a signature has one spelling, though Node reads 16 and more of them (L9)', () => {
  const sixteen = spellings(tail).filter((text) => /^[\w-]+$/.test(text))
  assert.ok(sixteen.length >= 15)
  const known = createPublicKey(key.privateKey)
  for (const text of spellings(tail)) {
    const bytes = Buffer.from(text, 'base64url')
    const asNode = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      { key: known, dsaEncoding: 'ieee-p1363' },
      bytes,
    )
    assert.ok(asNode, 'Node takes the spelling for the same signature')
    assert.deepEqual(decode(`${head}.${body}.${text}`), {
      code: 'command/bad-base64url',
      at: 'signature',
    })
  }
})

test('header and payload have one spelling (L9)', () => {
  for (const text of spellings(head)) {
    const refusal = decode(`${text}.${body}.${tail}`)
    assert.ok(isRefusal(refusal))
    assert.deepEqual(refusal, { code: 'command/bad-base64url', at: 'header' })
  }
  for (const text of spellings(base64url('{"intent":"AAA"}'))) {
    assert.deepEqual(decode(`${head}.${text}.${tail}`), {
      code: 'command/bad-base64url',
      at: 'payload',
    })
  }
})

test('a header that was seen before is judged like one that was not', () => {
  for (let at = 0; at < 3_000; at += 1) {
    const kid = Buffer.from(filler(`header/${at % 1_500}`, 32)).toString('base64url')
    const text = header(`{"alg":"ES256","kid":"${kid}","typ":"${typ}"}`)
    const jws = decode(text)
    assert.ok(!isRefusal(jws) && jws.kid === kid && jws.typ === typ)
    const other = decodeJws(text, 'lianban-receipt+jws', commandBytesMax)
    assert.deepEqual(other, { code: 'command/bad-typ', at: 'header.typ' })
  }
})

test('what we sign, jose verifies; what jose signs, we decode and verify', async () => {
  const theirs = await importJWK({ ...key.jwk }, 'ES256')
  const mine = importPublicKey('ES256', key.jwk)
  assert.ok(mine !== null)
  for (let at = 0; at < 20; at += 1) {
    const text = `{"intent":"${Buffer.from(filler(`jose/${at}`, at * 7)).toString('base64url')}"}`
    const verified = await compactVerify(signJws(key, typ, text), theirs)
    assert.equal(Buffer.from(verified.payload).toString(), text)
    assert.deepEqual({ ...verified.protectedHeader }, { alg: 'ES256', kid: key.kid, typ })
    const signed = await new CompactSign(Buffer.from(text))
      .setProtectedHeader({ alg: 'ES256', kid: key.kid, typ })
      .sign(key.privateKey)
    const jws = decode(signed)
    assert.ok(!isRefusal(jws))
    assert.ok(verifySignature(mine, jws.signingInput, jws.signature))
  }
})

test('whatever jose refuses, we refuse: decode and signature together', async () => {
  const theirs = await importJWK({ ...key.jwk }, 'ES256')
  const mine = importPublicKey('ES256', key.jwk)
  assert.ok(mine !== null)
  const text = signJws(key, typ, payload)
  let accepted = 0
  for (let at = 0; at < text.length; at += 1) {
    const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
    const jws = decode(changed)
    const ours: boolean = !isRefusal(jws) && verifySignature(mine, jws.signingInput, jws.signature)
    const other = await compactVerify(changed, theirs).then(
      () => true,
      () => false,
    )
    if (ours) accepted += 1
    assert.ok(!ours || other, 'we accept nothing that jose refuses')
    assert.ok(!other || !ours || changed === text)
  }
  assert.equal(accepted, 0)
})
