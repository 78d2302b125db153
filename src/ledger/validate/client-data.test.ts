// Client data are compared by the prefix that an honest browser writes (WebAuthn §5.8.1.2) and
// never parsed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isClientDataFor } from './client-data.ts'

const challenge = 'A'.repeat(43)
const origin = 'https://tax.city.example'
const head = `{"type":"webauthn.get","challenge":"${challenge}"`
const honest = `${head},"origin":"${origin}","crossOrigin":false}`
const holds = (text: string): boolean => isClientDataFor(Buffer.from(text), challenge, origin)

test('honest client data hold, with members that a browser adds behind', () => {
  assert.ok(holds(honest))
  assert.ok(holds(`${honest.slice(0, -1)},"other_keys_can_be_added_here":"do not compare"}`))
  assert.ok(holds(`${honest.slice(0, -1)},"topOrigin":"https://x"}`))
})

test('whatever an honest browser does not write does not hold', () => {
  for (const text of [
    '',
    '{}',
    honest.slice(0, -1),
    `${honest.slice(0, -1)} }`,
    `${honest.slice(0, -1)}]`,
    ` ${honest}`,
    `\ufeff${honest}`,
    honest.replace('webauthn.get', 'webauthn.create'),
    honest.replace('AAAA', 'AAAB'),
    honest.replace(challenge, ''),
    honest.replace('https', 'http'),
    honest.replace(origin, `${origin}.evil.example`),
    honest.replace(origin, 'https://evil.example'),
    honest.replace(origin, `${origin}:8443`),
    honest.replace(origin, `${origin}/`),
    honest.replace('false', 'true'),
    honest.replace(',"crossOrigin":false', ''),
    honest.replace(/"type":"webauthn.get",("challenge":"A*")/, '$1,"type":"webauthn.get"'),
    honest.replace('{', '{"type":"webauthn.create",'),
    honest.replace(':"', ': "'),
  ])
    assert.ok(!holds(text), text)
})
