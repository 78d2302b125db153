// The national codes over the vectors, and what a check character catches.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  CERTIFICATE_ROOT,
  certificateIdCheck,
  citizenIdCheck,
  codeKinds,
  isCertificateId,
  isCitizenId,
  isCode,
  isServiceItemBasic,
  isServiceItemHandling,
  isServiceItemImplementation,
  isUscc,
  toRealEstateUnit,
  usccCheck,
} from './index.ts'
import type { CodeKind } from './index.ts'

type Codes = {
  readonly valid: readonly string[]
  readonly invalid: readonly { readonly claim: string; readonly text: string }[]
}
const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/codes.json', import.meta.url), 'utf8'),
) as Readonly<Record<CodeKind, Codes>> & {
  readonly checks: readonly { kind: CodeKind; body: string; check: string }[]
  readonly noChecks: readonly { kind: CodeKind; body: string }[]
}

const checkOf = (kind: CodeKind, body: string): string | null => {
  if (kind === 'uscc') return usccCheck(body)
  return kind === 'citizen-id' ? citizenIdCheck(body) : certificateIdCheck(body)
}

for (const kind of codeKinds) {
  test(`${kind}: codes have the verdict of the vectors`, () => {
    for (const text of vectors[kind].valid) assert.ok(isCode(kind, text), text)
    for (const { claim, text } of vectors[kind].invalid) {
      assert.equal(isCode(kind, text), false, claim)
    }
  })

  test(`${kind}: no text makes a check fail otherwise than by false`, () => {
    const near = fc.string({ unit: fc.constantFrom(...'0019AXMZ.\n办'.split('')), maxLength: 60 })
    fc.assert(fc.property(near, (text) => typeof isCode(kind, text) === 'boolean'))
  })
}

test('check characters are those of the vectors', () => {
  for (const { kind, body, check } of vectors.checks) assert.equal(checkOf(kind, body), check, body)
  for (const { kind, body } of vectors.noChecks) assert.equal(checkOf(kind, body), null, body)
})

const letters = '0123456789ABCDEFGHJKLMNPQRTUWXY'.split('')
const usccBody = fc
  .tuple(fc.constantFrom('11', '12', '91', '92', 'MA'), digits(6), word(9))
  .map((parts) => parts.join(''))

function digits(size: number): fc.Arbitrary<string> {
  const unit = fc.constantFrom(...'0123456789'.split(''))
  return fc.string({ unit, minLength: size, maxLength: size })
}

function word(size: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...letters), minLength: size, maxLength: size })
}

test('a USCC with one character changed, or two neighbours exchanged, is refused', () => {
  fc.assert(
    fc.property(usccBody, fc.nat({ max: 16 }), fc.constantFrom(...letters), (body, at, letter) => {
      const code = body + usccCheck(body)
      assert.ok(isUscc(code))
      const changed = code.slice(0, at) + letter + code.slice(at + 1)
      assert.equal(isUscc(changed), changed === code)
      const pair = code.slice(at, at + 2)
      const exchanged = code.slice(0, at) + pair.charAt(1) + pair.charAt(0) + code.slice(at + 2)
      assert.equal(isUscc(exchanged), exchanged === code)
    }),
  )
})

test('a citizen number is refused for every day that no calendar has', () => {
  for (let year = 1896; year <= 1905; year += 1) {
    for (let month = 0; month <= 13; month += 1) {
      for (let day = 0; day <= 32; day += 1) {
        const date = new Date(Date.UTC(year, month - 1, day))
        const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
        const stamp = `${year}${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}`
        assert.equal(citizenIdCheck(`110101${stamp}001`) !== null, isReal && month > 0, stamp)
      }
    }
  }
})

test('a citizen number with one digit changed is refused', () => {
  fc.assert(
    fc.property(digits(3), fc.nat({ max: 16 }), fc.nat({ max: 9 }), (serial, at, digit) => {
      const body = `11010119800101${serial}`
      const code = body + citizenIdCheck(body)
      assert.ok(isCitizenId(code))
      const changed = code.slice(0, at) + String(digit) + code.slice(at + 1)
      assert.equal(isCitizenId(changed), changed === code)
    }),
  )
})

test('a certificate identifier is the same with and without its root', () => {
  fc.assert(
    fc.property(usccBody, digits(3), word(12), (owner, type, serial) => {
      const body = `${owner}${usccCheck(owner)}${type}.110000.${serial}.001`
      const check = certificateIdCheck(body)
      assert.ok(check !== null)
      assert.equal(certificateIdCheck(CERTIFICATE_ROOT + body), check)
      assert.ok(isCertificateId(`${body}.${check}`))
      assert.ok(isCertificateId(`${CERTIFICATE_ROOT}${body}.${check}`))
    }),
  )
})

test('a unit code is found in its printed form', () => {
  assert.equal(
    toRealEstateUnit('152201 009 009 GB 00054 F 0303 1101'),
    '152201009009GB00054F03031101',
  )
  assert.equal(toRealEstateUnit(`${' '.repeat(100)}152201009009GB00054F03031101`), null)
  assert.equal(toRealEstateUnit('152201-009-009-GB-00054-F-0303-1101'), null)
})

test('the three forms of a service item are told apart', () => {
  const [implementation = '', , handling = '', basic = ''] = vectors['service-item'].valid
  assert.deepEqual(
    [implementation, handling, basic].map((text) => [
      isServiceItemImplementation(text),
      isServiceItemHandling(text),
      isServiceItemBasic(text),
    ]),
    [
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ],
  )
})
