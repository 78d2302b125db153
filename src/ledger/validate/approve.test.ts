// An approval holds only when every part of it is this officer's, for this intent, at this place;
// each other case has its own code.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Approval, ApprovalText, Intent } from '#ledger/command'
import { challengeOf, decodeIntent, isRefusal } from '#ledger/command'
import { height, ledger, makeWorld, time } from '#test/admission'
import { makeAuthenticator } from '#test/authenticator'
import type { AssertionWish } from '#test/authenticator'
import { bytesOf, filler, keyRecord, makeId, makeIntent } from '#test/commands'
import { memberRecord } from '#test/commands'
import { verifyApproval, verifyApprovals } from './approve.ts'
import type { KeyRecord, MemberRecord } from './registry.ts'
import { readKey, readMember } from './registry.ts'

const world = makeWorld()
const [first, second] = world.officers
const shown = Buffer.from(filler('shown', 32)).toString('base64url')

function intentOf(number: number): Intent {
  const body = { member: 'bank' }
  const id = makeId(number)
  const intent = decodeIntent(
    makeIntent({ ledger, id, type: 'member.rekey', body, notAfter: time }),
  )
  assert.ok(!isRefusal(intent))
  return intent
}

const intent = intentOf(1)

function toApproval(text: ApprovalText): Approval {
  const { kid } = text
  const [ad, cd, sig] = [bytesOf(text.ad), bytesOf(text.cd), bytesOf(text.sig)]
  return { kid, ad, cd, sig, shown: text.shown }
}

function codeOf(approval: Approval, more: { readonly member?: MemberRecord } = {}): string {
  const { view, verify } = world
  const verdict = verifyApproval({ view, approval, intent, height, verify, ...more })
  return isRefusal(verdict) ? verdict.code : 'ok'
}

const lie = (lies: Partial<AssertionWish>): string =>
  codeOf(toApproval(first.approve(intent.hash, shown, lies)))

test('honest approvals hold, by ES256 and by RS256, and name officer and member', () => {
  for (const officer of [first, second]) {
    const approval = toApproval(officer.approve(intent.hash, shown))
    const { view, verify } = world
    const verdict = verifyApproval({ view, approval, intent, height, verify })
    const { officer: id } = readKey(view, officer.kid) ?? {}
    assert.deepEqual(verdict, { kid: officer.kid, officer: id, member: 'tax' })
  }
})

test('an approval of another intent, or of something else shown, is none', () => {
  const other = toApproval(first.approve(intentOf(2).hash, shown))
  assert.equal(codeOf(other), 'validate/approval-other-challenge')
  const good = toApproval(first.approve(intent.hash, shown))
  const swapped = { ...good, shown: Buffer.from(filler('other', 32)).toString('base64url') }
  assert.equal(codeOf(swapped), 'validate/approval-other-challenge')
  assert.equal(lie({ challenge: intent.hash }), 'validate/approval-other-challenge')
})

const challenge = challengeOf(intent.hash, shown)
const lies: readonly (readonly [what: string, wish: Partial<AssertionWish>, code: string])[] = [
  ['a registration', { type: 'webauthn.create' }, 'validate/approval-not-an-assertion'],
  ['a payment', { type: 'payment.get' }, 'validate/approval-not-an-assertion'],
  ['client data that are no JSON', { clientData: 'x' }, 'validate/approval-not-an-assertion'],
  ['empty client data', { clientData: '{}' }, 'validate/approval-not-an-assertion'],
  ['another origin', { origin: 'https://evil.example' }, 'validate/approval-other-origin'],
  ['a subdomain', { origin: 'https://x.tax.city.example' }, 'validate/approval-other-origin'],
  ['no TLS', { origin: 'http://tax.city.example' }, 'validate/approval-other-origin'],
  ['a foreign frame', { crossOrigin: true }, 'validate/approval-cross-origin'],
  ['another RP ID', { rpId: 'city.example' }, 'validate/approval-other-relying-party'],
  ['no user present', { flags: 0x04 }, 'validate/approval-user-absent'],
  ['no flags', { flags: 0 }, 'validate/approval-user-absent'],
  ['a user not verified', { flags: 0x01 }, 'validate/approval-user-not-verified'],
  ['backed up though not eligible', { flags: 0x15 }, 'validate/approval-authenticator-data'],
  ['an attested credential', { flags: 0x45 }, 'validate/approval-authenticator-data'],
  [
    'extensions without their flag',
    { extensions: bytesOf('AA') },
    'validate/approval-authenticator-data',
  ],
  ['the flag without extensions', { flags: 0x85 }, 'validate/approval-authenticator-data'],
]

for (const [what, wish, code] of lies) {
  test(`${what} is refused by its own code`, () => {
    assert.equal(lie({ challenge, ...wish }), code)
  })
}

test('what authenticators and browsers may add is accepted', () => {
  assert.equal(lie({ flags: 0x1d, counter: 4_294_967_295 }), 'ok')
  assert.equal(lie({ flags: 0x85, extensions: bytesOf('oWF4AQ') }), 'ok')
  assert.equal(lie({ more: ',"other_keys_can_be_added_here":"x"' }), 'ok')
})

test('authenticator data that are cut short are refused', () => {
  const good = toApproval(first.approve(intent.hash, shown))
  for (let length = 0; length < 37; length += 1) {
    const cut = { ...good, ad: good.ad.slice(0, length) }
    assert.equal(codeOf(cut), 'validate/approval-authenticator-data')
  }
})

test('no changed byte of an assertion verifies', () => {
  for (const officer of [first, second]) {
    const good = toApproval(officer.approve(intent.hash, shown))
    for (const part of ['ad', 'cd', 'sig'] as const) {
      for (let at = 0; at < good[part].length; at += 1) {
        const bytes = good[part].slice()
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
        assert.notEqual(codeOf({ ...good, [part]: bytes }), 'ok', `${part} ${at}`)
      }
    }
  }
})

test('a signature in another form than strict DER is refused', () => {
  const good = toApproval(first.approve(intent.hash, shown))
  const longer = new Uint8Array([...good.sig, 0])
  assert.equal(codeOf({ ...good, sig: longer }), 'validate/approval-bad-signature')
  const raw = world.keys.tax.sign('x')
  assert.equal(codeOf({ ...good, sig: raw }), 'validate/approval-bad-signature')
})

function withKey(more: Partial<KeyRecord>): string {
  const officer = makeAuthenticator({
    rpId: 'tax.city.example',
    origin: 'https://tax.city.example',
  })
  world.putKey(keyRecord(officer, 'tax', 'approve', { officer: makeId(5), ...more }))
  return codeOf(toApproval(officer.approve(intent.hash, shown)))
}

test('only a registered approve key in force approves', () => {
  const stranger = makeAuthenticator({
    rpId: 'tax.city.example',
    origin: 'https://tax.city.example',
  })
  const unknown = toApproval(stranger.approve(intent.hash, shown))
  assert.equal(codeOf(unknown), 'validate/approval-unknown-key')
  assert.equal(withKey({}), 'ok')
  assert.equal(withKey({ use: 'command' }), 'validate/approval-wrong-key-use')
  assert.equal(withKey({ alg: 'Ed25519' }), 'validate/approval-wrong-algorithm')
  assert.equal(withKey({ from: height + 1 }), 'validate/approval-key-not-in-force')
  assert.equal(withKey({ until: height }), 'validate/approval-key-not-in-force')
  assert.equal(withKey({ until: height + 1 }), 'ok')
})

test('a member approves by its own officers, at its own portal, while it is active', () => {
  world.putMember(memberRecord('court'))
  assert.equal(withKey({ member: 'court' }), 'validate/approval-no-relying-party')
  const rp = { id: 'court.city.example', origins: ['https://court.city.example'] }
  world.putMember(memberRecord('court', { rp }))
  assert.equal(withKey({ member: 'court' }), 'validate/approval-other-origin')
  world.putMember(memberRecord('court', { rp, state: 'suspended' }))
  assert.equal(withKey({ member: 'court' }), 'validate/member-suspended')
  const approval = toApproval(first.approve(intent.hash, shown))
  const [tax, housing] = [readMember(world.view, 'tax'), readMember(world.view, 'housing')]
  assert.ok(tax !== undefined && housing !== undefined)
  assert.equal(codeOf(approval, { member: tax }), 'ok')
  assert.equal(codeOf(approval, { member: housing }), 'validate/approval-other-member')
})

function codesOf(approvals: readonly Approval[]): string {
  const { view, verify } = world
  const verdict = verifyApprovals(approvals, { view, intent, height, verify })
  return isRefusal(verdict) ? `${verdict.code} ${verdict.at ?? ''}` : `${verdict.length}`
}

test('two officers count as two, one officer with one or two keys does not', () => {
  const one = toApproval(first.approve(intent.hash, shown))
  const two = toApproval(second.approve(intent.hash, shown))
  assert.equal(codesOf([]), '0')
  assert.equal(codesOf([one, two]), '2')
  assert.equal(codesOf([one, one]), 'validate/same-officer approvals[1].kid')
  const again = makeAuthenticator({ rpId: 'tax.city.example', origin: 'https://tax.city.example' })
  world.putKey(keyRecord(again, 'tax', 'approve', { officer: 'A'.repeat(22) }))
  const otherKey = toApproval(again.approve(intent.hash, shown))
  assert.equal(codesOf([one, two, otherKey]), 'validate/same-officer approvals[2].kid')
})

test('the first approval that does not hold refuses all, at its place', () => {
  const one = toApproval(first.approve(intent.hash, shown))
  const bad = toApproval(second.approve(intent.hash, shown, { flags: 0x01 }))
  assert.equal(codesOf([one, bad]), 'validate/approval-user-not-verified approvals[1].ad')
})
