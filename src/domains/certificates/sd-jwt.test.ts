// Reading SD-JWT: the published example of RFC 9901 to the last byte, credentials of our own under
// an independent judge (jose), and one negative case for every rule of its section 7.
import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { CompactSign, compactVerify } from 'jose'
import fc from 'fast-check'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import { importPublicKey, sha256Text } from '#base/crypto'
import type { PublicKey } from '#base/crypto'
import { isRefusal } from '#ledger/command'
import {
  assembleCredential,
  caseCommitment,
  certificateType,
  issueCredential,
  showFields,
} from './credential.ts'
import type { JsonObject } from './compact.ts'
import { disclosureDigest, verifyCredential } from './sd-jwt.ts'
import type { CredentialDemand } from './sd-jwt.ts'

// RFC 9901 §5.1 and §5.2: the example, its issuer's key (appendix A.5), and a presentation of it.
const published = {
  jwt:
    'eyJhbGciOiAiRVMyNTYiLCAidHlwIjogImV4YW1wbGUrc2Qtand0In0.eyJfc2QiOiBbIkNyUWU3UzVrcUJBSHQt' +
    'bk1ZWGdjNmJkdDJTSDVhVFkxc1VfTS1QZ2tqUEkiLCAiSnpZakg0c3ZsaUgwUjNQeUVNZmVadTZKdDY5dTVxZWha' +
    'bzdGN0VQWWxTRSIsICJQb3JGYnBLdVZ1Nnh5bUphZ3ZrRnNGWEFiUm9jMkpHbEFVQTJCQTRvN2NJIiwgIlRHZjRv' +
    'TGJnd2Q1SlFhSHlLVlFaVTlVZEdFMHc1cnREc3JaemZVYW9tTG8iLCAiWFFfM2tQS3QxWHlYN0tBTmtxVlI2eVoy' +
    'VmE1TnJQSXZQWWJ5TXZSS0JNTSIsICJYekZyendzY002R242Q0pEYzZ2Vks4QmtNbmZHOHZPU0tmcFBJWmRBZmRF' +
    'IiwgImdiT3NJNEVkcTJ4Mkt3LXc1d1BFemFrb2I5aFYxY1JEMEFUTjNvUUw5Sk0iLCAianN1OXlWdWx3UVFsaEZs' +
    'TV8zSmx6TWFTRnpnbGhRRzBEcGZheVF3TFVLNCJdLCAiaXNzIjogImh0dHBzOi8vaXNzdWVyLmV4YW1wbGUuY29t' +
    'IiwgImlhdCI6IDE2ODMwMDAwMDAsICJleHAiOiAxODgzMDAwMDAwLCAic3ViIjogInVzZXJfNDIiLCAibmF0aW9u' +
    'YWxpdGllcyI6IFt7Ii4uLiI6ICJwRm5kamtaX1ZDem15VGE2VWpsWm8zZGgta284YUlLUWM5RGxHemhhVllvIn0s' +
    'IHsiLi4uIjogIjdDZjZKa1B1ZHJ5M2xjYndIZ2VaOGtoQXYxVTFPU2xlclAwVmtCSnJXWjAifV0sICJfc2RfYWxn' +
    'IjogInNoYS0yNTYiLCAiY25mIjogeyJqd2siOiB7Imt0eSI6ICJFQyIsICJjcnYiOiAiUC0yNTYiLCAieCI6ICJU' +
    'Q0FFUjE5WnZ1M09IRjRqNFc0dmZTVm9ISVAxSUxpbERsczd2Q2VHZW1jIiwgInkiOiAiWnhqaVdXYlpNUUdIVldL' +
    'VlE0aGJTSWlyc1ZmdWVjQ0U2dDRqVDlGMkhaUSJ9fX0.MczwjBFGtzf-6WMT-hIvYbkb11NrV1WMO-jTijpMPNbs' +
    'wNzZ87wY2uHz-CXo6R04b7jYrpj9mNRAvVssXou1iw',
  disclosures: {
    familyName: 'WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImZhbWlseV9uYW1lIiwgIkRvZSJd',
    givenName: 'WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd',
    email: 'WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgImVtYWlsIiwgImpvaG5kb2VAZXhhbXBsZS5jb20iXQ',
    phone: 'WyJlSThaV205UW5LUHBOUGVOZW5IZGhRIiwgInBob25lX251bWJlciIsICIrMS0yMDItNTU1LTAxMDEiXQ',
    verified: 'WyJRZ19PNjR6cUF4ZTQxMmExMDhpcm9BIiwgInBob25lX251bWJlcl92ZXJpZmllZCIsIHRydWVd',
    address:
      'WyJBSngtMDk1VlBycFR0TjRRTU9xUk9BIiwgImFkZHJlc3MiLCB7InN0cmVldF9hZGRyZXNzIjogIjEyMyBNYWlu' +
      'IFN0IiwgImxvY2FsaXR5IjogIkFueXRvd24iLCAicmVnaW9uIjogIkFueXN0YXRlIiwgImNvdW50cnkiOiAiVVMi' +
      'fV0',
    birthdate: 'WyJQYzMzSk0yTGNoY1VfbEhnZ3ZfdWZRIiwgImJpcnRoZGF0ZSIsICIxOTQwLTAxLTAxIl0',
    updated: 'WyJHMDJOU3JRZmpGWFE3SW8wOXN5YWpBIiwgInVwZGF0ZWRfYXQiLCAxNTcwMDAwMDAwXQ',
    us: 'WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIlVTIl0',
    de: 'WyJuUHVvUW5rUkZxM0JJZUFtN0FuWEZBIiwgIkRFIl0',
  },
  keyBinding:
    'eyJhbGciOiAiRVMyNTYiLCAidHlwIjogImtiK2p3dCJ9.eyJub25jZSI6ICIxMjM0NTY3ODkwIiwgImF1ZCI6ICJ' +
    'odHRwczovL3ZlcmlmaWVyLmV4YW1wbGUub3JnIiwgImlhdCI6IDE3NDg1MzcyNDQsICJzZF9oYXNoIjogIjBfQWY' +
    'tMkItRWhMV1g1eWRoX3cyeHp3bU82aU02NkJfMlFDRWFuSTRmVVkifQ.T3SIus2OidNl41nmVkTZVCKKhOAX97aO' +
    'ldMyHFiYjHm261eLiJ1YiuONFiMN8QlCmYzDlBLAdPvrXh52KaLgUQ',
} as const
const publishedKey = importPublicKey('ES256', {
  kty: 'EC',
  crv: 'P-256',
  x: 'b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ',
  y: 'Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8',
}) as PublicKey
const typ = 'example+sd-jwt'
const kbTime = 1_748_537_244

function textOf(...disclosures: readonly string[]): string {
  return [published.jwt, ...disclosures, ''].join('~')
}

const asked: CredentialDemand = { key: publishedKey, nowMs: kbTime * 1000, holder: null, typ }

function codeOf(text: string, demand: CredentialDemand): string {
  const read = verifyCredential(text, demand)
  return isRefusal(read) ? read.code : 'ok'
}

test('the example of RFC 9901 verifies, and shows what its disclosures say and no more', () => {
  const { disclosures } = published
  const all = verifyCredential(textOf(...Object.values(disclosures)), asked)
  assert(!isRefusal(all))
  const { _sd, cnf: _cnf, ...claims } = all.claims
  assert.equal(_sd, undefined)
  assert.deepEqual(JSON.parse(JSON.stringify(claims)), {
    iss: 'https://issuer.example.com',
    iat: 1_683_000_000,
    exp: 1_883_000_000,
    sub: 'user_42',
    given_name: 'John',
    family_name: 'Doe',
    email: 'johndoe@example.com',
    phone_number: '+1-202-555-0101',
    phone_number_verified: true,
    address: {
      street_address: '123 Main St',
      locality: 'Anytown',
      region: 'Anystate',
      country: 'US',
    },
    birthdate: '1940-01-01',
    updated_at: 1_570_000_000,
    nationalities: ['US', 'DE'],
  })
  const some = verifyCredential(textOf(disclosures.de), asked)
  assert(!isRefusal(some))
  assert.deepEqual([...(some.claims['nationalities'] as readonly string[])], ['DE'])
  assert.equal(some.claims['given_name'], undefined)
})

test('the presentation of RFC 9901 is bound to its holder, verifier and question', () => {
  const { familyName, address, givenName, us } = published.disclosures
  const shown = textOf(familyName, address, givenName, us)
  const text = `${shown}${published.keyBinding}`
  const holder = { audience: 'https://verifier.example.org', nonce: '1234567890', ageMax: 60 }
  const demand = { ...asked, holder }
  assert.equal(codeOf(text, demand), 'ok')
  assert.equal(codeOf(shown, demand), 'certificates/no-key-binding')
  assert.equal(codeOf(text, asked), 'certificates/unexpected-key-binding')
  const refused = (more: object): string =>
    codeOf(text, { ...demand, holder: { ...holder, ...more } })
  assert.equal(refused({ nonce: '1234567891' }), 'certificates/bad-key-binding')
  assert.equal(refused({ audience: 'https://other.example.org' }), 'certificates/bad-key-binding')
  const late = { ...demand, nowMs: (kbTime + 61) * 1000 }
  assert.equal(codeOf(text, late), 'certificates/bad-key-binding')
  // One disclosure less is another presentation.
  const less = `${textOf(familyName, address, givenName)}${published.keyBinding}`
  assert.equal(codeOf(less, demand), 'certificates/bad-key-binding')
})

test('a certificate is not one of another typ, nor the older one', () => {
  assert.equal(codeOf(textOf(), { ...asked, typ: 'dc+sd-jwt' }), 'certificates/wrong-typ')
  const old = signed({ vct: 'a' }, { typ: 'vc+sd-jwt' })
  assert.equal(codeOf(`${old}~`, own), 'certificates/wrong-typ')
})

test('an expired credential is refused, and one that is not valid yet', () => {
  assert.equal(
    codeOf(textOf(), { ...asked, nowMs: 1_883_000_000_000 }),
    'certificates/credential-expired',
  )
  const early = signed({ vct: 'a', nbf: 2_000_000_000 })
  assert.equal(codeOf(`${early}~`, own), 'certificates/not-yet-valid')
})

const pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } = generateKeyPairSync(
  'ec',
  { namedCurve: 'P-256' },
)
const jwk = pair.publicKey.export({ format: 'jwk' }) as { readonly x: string; readonly y: string }
const publicJwk = { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y } as const
const own: CredentialDemand = {
  key: importPublicKey('ES256', publicJwk) as PublicKey,
  nowMs: kbTime * 1000,
  holder: null,
}

function signed(payload: object, header: object = {}): string {
  const part = (value: object): string => base64urlEncode(utf8Encode(JSON.stringify(value)))
  const input = `${part({ alg: 'ES256', typ: 'dc+sd-jwt', ...header })}.${part(payload)}`
  const key = { key: pair.privateKey, dsaEncoding: 'ieee-p1363' } as const
  return `${input}.${base64urlEncode(sign('sha256', Buffer.from(input), key))}`
}

const salt = 'A'.repeat(22)
const hide = (...content: readonly unknown[]): string =>
  base64urlEncode(utf8Encode(JSON.stringify([salt, ...content])))
const digest = disclosureDigest

test('every rule of processing has a case that breaks it', () => {
  const name = hide('name', 'Zhang')
  const element = hide('Zhang')
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ['duplicate-digest', { _sd: [digest(name), digest(name)] }, [name]],
    ['duplicate-digest', { _sd: [digest(name)], a: { _sd: [digest(name)] } }, [name]],
    ['duplicate-digest', { _sd: ['x'], a: [{ '...': 'x' }] }, []],
    ['duplicate-digest', { _sd: [digest(name)] }, [name, name]],
    ['unreferenced-disclosure', { _sd: [] }, [name]],
    ['unreferenced-disclosure', { _sd: [digest(name)] }, [name, element]],
    ['name-collision', { _sd: [digest(name)], name: 'Li' }, [name]],
    [
      'name-collision',
      { _sd: [digest(name), digest(hide('name', 'Li'))] },
      [name, hide('name', 'Li')],
    ],
    ['forbidden-name', { _sd: [digest(hide('_sd', []))] }, [hide('_sd', [])]],
    ['forbidden-name', { _sd: [digest(hide('...', 'x'))] }, [hide('...', 'x')]],
    ['forbidden-name', { a: { '...': 'x' } }, []],
    ['forbidden-name', { a: [{ '...': 'x', b: 1 }] }, []],
    ['forbidden-name', { _sd: [digest(hide('exp', 1))] }, [hide('exp', 1)]],
    ['forbidden-name', { _sd: [digest(hide('status', {}))] }, [hide('status', {})]],
    ['forbidden-name', { cnf: { _sd: [digest(name)] } }, [name]],
    ['forbidden-name', { status: { list: [{ '...': digest(element) }] } }, [element]],
    ['malformed-disclosure', { a: [{ '...': digest(name) }] }, [name]],
    ['malformed-disclosure', { _sd: [digest(element)] }, [element]],
    ['malformed-disclosure', { _sd: [digest('e30')] }, ['e30']],
    ['malformed-claims', { _sd: 'x' }, []],
    ['malformed-claims', { _sd: [1] }, []],
    ['unknown-hash', { _sd_alg: 'sha-512' }, []],
    ['ok', { _sd: [digest(name)], a: [{ '...': digest(element) }] }, [name, element]],
    [
      'ok',
      { _sd: [digest(hide('a', { _sd: [digest(name)] }))] },
      [hide('a', { _sd: [digest(name)] }), name],
    ],
  ]
  for (const [code, payload, disclosures] of cases) {
    const text = [signed({ vct: 'a', ...payload }), ...disclosures, ''].join('~')
    const want = code === 'ok' ? 'ok' : `certificates/${code}`
    assert.equal(codeOf(text, own), want, JSON.stringify(payload))
  }
})

test('headers that could change the meaning of a signature are refused', () => {
  const code = (header: object): string => codeOf(`${signed({ vct: 'a' }, header)}~`, own)
  assert.equal(code({}), 'ok')
  assert.equal(code({ alg: 'none' }), 'certificates/wrong-algorithm')
  assert.equal(code({ alg: 'HS256' }), 'certificates/wrong-algorithm')
  assert.equal(code({ crit: ['b64'], b64: false }), 'certificates/critical-header')
  assert.equal(code({ x5c: ['MIIB'], kid: 'a' }), 'ok')
  assert.equal(code({ x5c: 'MIIB' }), 'certificates/malformed-credential')
  assert.equal(codeOf(signed({ vct: 'a' }), own), 'certificates/malformed-credential')
  assert.equal(codeOf('~', own), 'certificates/malformed-credential')
})

const content = {
  ledger: 'city.example/one',
  issuer: 'land',
  type: 'real-estate-title',
  issuedAt: kbTime * 1000 + 250,
  until: kbTime * 1000 + 86_400_000,
  list: 3,
  index: 77,
  fields: {
    certNo: '京(2026)朝不动产权第0000001号',
    area: 8_905,
    owners: [
      { code: 'x', name: '张三' },
      { code: 'y', name: '李四' },
    ],
  },
  secret: new Uint8Array(32).fill(7),
  holder: publicJwk,
  decoys: 3,
} as const

function issued(more: object = {}): { readonly text: string; readonly digest: string } {
  const { payload, disclosures } = issueCredential({ ...content, ...more })
  const input = JSON.parse(payload) as object
  assert.equal(JSON.stringify(input) !== '', true)
  const header = base64urlEncode(utf8Encode('{"alg":"ES256","kid":"k","typ":"dc+sd-jwt"}'))
  const signing = `${header}.${base64urlEncode(utf8Encode(payload))}`
  const key = { key: pair.privateKey, dsaEncoding: 'ieee-p1363' } as const
  const signature = base64urlEncode(sign('sha256', Buffer.from(signing), key))
  return assembleCredential(`${signing}.${signature}`, disclosures)
}

test('our credential holds for jose and for us, and hides every field', async () => {
  const { text, digest: known } = issued()
  const [jwt = ''] = text.split('~')
  assert.equal(known, sha256Text(jwt, 'base64url'))
  const { payload, protectedHeader } = await compactVerify(jwt, pair.publicKey)
  assert.equal(protectedHeader.typ, 'dc+sd-jwt')
  const open = Buffer.from(payload).toString()
  assert(!/certNo|8905|owners|张|\\u5f20/.test(open), 'nothing of the record is open')
  const read = verifyCredential(text, own)
  assert(!isRefusal(read))
  assert.deepEqual(JSON.parse(JSON.stringify(read.claims['item'])), content.fields)
  assert.deepEqual(JSON.parse(JSON.stringify(read.claims['status'])), {
    status_list: { idx: 77, uri: 'https://city.example/one/statuslists/land/3' },
  })
})

test('what jose signs we read', async () => {
  const payload = { vct: 'urn:x', _sd_alg: 'sha-256', _sd: [digest(hide('name', 'Zhang'))] }
  const jwt = await new CompactSign(utf8Encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'ES256', typ: 'dc+sd-jwt' })
    .sign(createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })))
  const read = verifyCredential(`${jwt}~${hide('name', 'Zhang')}~`, own)
  assert(!isRefusal(read))
  assert.equal(read.claims['name'], 'Zhang')
  assert.equal(createPublicKey(pair.privateKey).type, 'public')
})

test('a holder shows the fields of his choice, and the issuer’s digest stays', () => {
  const { text } = issued()
  const shown = showFields(text, ['owners', 'nothing'])
  assert(typeof shown === 'string')
  const read = verifyCredential(shown, own)
  assert(!isRefusal(read))
  assert.deepEqual(JSON.parse(JSON.stringify(read.claims['item'])), {
    owners: content.fields.owners,
  })
  assert.equal(shown.split('~')[0], text.split('~')[0])
  const none = showFields(text, [])
  assert(typeof none === 'string' && none.split('~').length === 2)
})

test('the same chance gives the same text, other chance no common digest', () => {
  const digests = (secret: Uint8Array): readonly string[] => {
    const { payload } = issueCredential({ ...content, secret })
    return (JSON.parse(payload) as { item: { _sd: string[] } }).item._sd
  }
  const first = digests(new Uint8Array(32).fill(1))
  assert.deepEqual(digests(new Uint8Array(32).fill(1)), first)
  assert.equal(first.length, 6)
  const other = digests(new Uint8Array(32).fill(2))
  assert.equal(
    other.some((each) => first.includes(each)),
    false,
  )
})

test('the commitment to a case opens to one case, item and generation', () => {
  const salt = new Uint8Array(32).fill(3)
  const of = { case: 'A'.repeat(22), item: 'newTitle', gen: 1 }
  const made = caseCommitment(salt, of)
  assert.equal(made.length, 43)
  assert.equal(caseCommitment(salt, of), made)
  const others = [
    { ...of, gen: 2 },
    { ...of, item: 'title' },
    { ...of, case: 'B'.repeat(22) },
  ]
  for (const other of others) assert.notEqual(caseCommitment(salt, other), made)
  assert.notEqual(caseCommitment(new Uint8Array(32).fill(4), of), made)
})

test('a new version of a form needs no new accreditation', () => {
  assert.equal(certificateType('real-estate-title@2'), 'real-estate-title')
  assert.equal(certificateType('lot-pass'), 'lot-pass')
})

test('no changed character leaves a credential that says something else', () => {
  const { text } = issued({ decoys: 0 })
  const whole = verifyCredential(text, own)
  assert(!isRefusal(whole))
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.integer({ min: 0, max: 6 }), (at, bit) => {
      const changed = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit))
      const read = verifyCredential(text.slice(0, at) + changed + text.slice(at + 1), own)
      assert(isRefusal(read), `a changed character at ${at}`)
    }),
    { numRuns: 300 },
  )
})

test('whatever text comes in, there is an answer', () => {
  const claims = (text: string): JsonObject | null => {
    const read = verifyCredential(text, own)
    return isRefusal(read) ? null : read.claims
  }
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.json(), (text, json) => {
      assert.equal(claims(text), null)
      const hidden = base64urlEncode(utf8Encode(json))
      claims([signed({ vct: 'a', _sd: [digest(hidden)] }), hidden, ''].join('~'))
    }),
    { numRuns: 100 },
  )
})
