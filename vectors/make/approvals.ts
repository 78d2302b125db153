// Cases for officers' approvals: WebAuthn assertions over an intent and over what was shown.
import { Buffer } from 'node:buffer'
import { base64url, bytesOf, flipped } from './material.ts'
import { first, height, judge, keyRecord, ledger, officerOf, registry } from './registry.ts'
import { memberRecord, rpOf, second, time } from './registry.ts'
import { hash64, passkeyOf, sha256 } from './signing.ts'
import type { Passkey } from './signing.ts'

type Approval = {
  readonly kid: string
  readonly ad: string
  readonly cd: string
  readonly sig: string
  readonly shown: string
}

/** What an assertion says; what is absent is as an honest browser and authenticator say it. */
type Wish = {
  readonly member?: string
  readonly shown?: string
  readonly challenge?: string
  readonly type?: string
  readonly origin?: string
  readonly crossOrigin?: boolean
  readonly more?: string
  readonly clientData?: string
  readonly rpId?: string
  readonly flags?: number
  readonly extensions?: Buffer
}

const body = { member: 'bank' }
const id = base64url(bytesOf('approvals/id', 16))
const intent = JSON.stringify({ ledger, id, type: 'member.rekey', body, notAfter: time })
const shown = base64url(bytesOf('approvals/shown'))
const label = Buffer.from('lianban/approve/v1\0', 'latin1')

/** SHA-256(label ‖ SHA-256(intent) ‖ shown), base64url. */
const challengeOf = (text: string, seen: string): string =>
  hash64(Buffer.concat([label, sha256(text), Buffer.from(seen, 'base64url')]))

function approve(passkey: Passkey, wish: Wish = {}): Approval {
  const rp = rpOf(wish.member ?? 'tax')
  const seen = wish.shown ?? shown
  const client = {
    type: wish.type ?? 'webauthn.get',
    challenge: wish.challenge ?? challengeOf(intent, seen),
    origin: wish.origin ?? rp.origins[0],
    crossOrigin: wish.crossOrigin ?? false,
  }
  const text = wish.clientData ?? `${JSON.stringify(client).slice(0, -1)}${wish.more ?? ''}}`
  const cd = Buffer.from(text)
  const flags = Buffer.of(wish.flags ?? 0x05, 0, 0, 0, 9)
  const extensions = wish.extensions ?? Buffer.alloc(0)
  const ad = Buffer.concat([sha256(wish.rpId ?? rp.id), flags, extensions])
  const sig = passkey.sign(Buffer.concat([ad, sha256(cd)]))
  return {
    kid: passkey.kid,
    ad: base64url(ad),
    cd: base64url(cd),
    sig: base64url(sig),
    shown: seen,
  }
}

const by = (passkey: Passkey, member = 'tax'): object => ({
  kid: passkey.kid,
  officer: officerOf(passkey),
  member,
})

type Refused = {
  readonly claim: string
  readonly approvals: readonly Approval[]
  readonly code: string
  readonly at: string
}

const of = (
  claim: string,
  code: string,
  at: string,
  ...approvals: readonly Approval[]
): Refused => ({
  claim,
  approvals,
  code: `validate/${code}`,
  at: `approvals[${approvals.length - 1}].${at}`,
})

const again = passkeyOf('again')

export function approvalsFile(): object {
  const late = keyRecord(passkeyOf('late'), 'tax', {
    use: 'approve',
    officer: id,
    from: height + 1,
  })
  const bare = keyRecord(passkeyOf('bare'), 'archive', { use: 'approve', officer: id })
  const log = keyRecord(passkeyOf('log'), 'tax', { use: 'approve', alg: 'Ed25519', officer: id })
  const gone = keyRecord(passkeyOf('gone'), 'fund', { use: 'approve', officer: id })
  const other = keyRecord(again, 'tax', { use: 'approve', officer: officerOf(first) })
  const sign = keyRecord(passkeyOf('sign'), 'tax')
  const fund = memberRecord('fund', { state: 'suspended', rp: rpOf('fund') })
  return {
    context: { height, intent },
    challenges: [shown, base64url(bytesOf('other'))].map((seen) => ({
      intentHash: hash64(intent),
      shown: seen,
      challenge: challengeOf(intent, seen),
    })),
    registry: { ...registry, ...fund, ...late, ...bare, ...log, ...gone, ...other, ...sign },
    valid: valid(),
    invalid: [...keys(), ...clientData(), ...authenticatorData(), ...signatures()],
  }
}

function valid(): object[] {
  const of_ = (
    claim: string,
    approvals: readonly Approval[],
    approvers: readonly object[],
  ): object => ({
    claim,
    approvals,
    approvers,
  })
  const alone = (claim: string, wish: Wish): object =>
    of_(claim, [approve(first, wish)], [by(first)])
  const court = approve(judge, { member: 'court' })
  return [
    of_('ES256', [approve(first)], [by(first)]),
    of_('RS256', [approve(second)], [by(second)]),
    of_('two officers', [approve(first), approve(second)], [by(first), by(second)]),
    of_('officers of two members', [approve(first), court], [by(first), by(judge, 'court')]),
    alone('the second origin of the member', { origin: rpOf('tax').origins[1] ?? '' }),
    alone('members that a browser adds', {
      more: ',"other_keys_can_be_added_here":"do not compare"',
    }),
    alone('a synced passkey', { flags: 0x1d }),
    alone('extensions', { flags: 0x85, extensions: Buffer.from('a1617801', 'hex') }),
  ]
}

function keys(): Refused[] {
  const label_ = (name: string, wish: Wish = {}): Approval => approve(passkeyOf(name), wish)
  return [
    of('a passkey that nobody registered', 'approval-unknown-key', 'kid', label_('stranger')),
    of('a key of use command', 'approval-wrong-key-use', 'kid', label_('sign')),
    of('a key registered as Ed25519', 'approval-wrong-algorithm', 'kid', label_('log')),
    of('a key before its first height', 'approval-key-not-in-force', 'kid', label_('late')),
    of('a member without a portal', 'approval-no-relying-party', 'kid', label_('bare')),
    of('a suspended member', 'member-suspended', 'kid', label_('gone', { member: 'fund' })),
    of('an officer twice', 'same-officer', 'kid', approve(first), approve(first)),
    of('an officer with two passkeys', 'same-officer', 'kid', approve(first), approve(again)),
    of('the kid of another officer', 'approval-bad-signature', 'sig', {
      ...approve(first),
      kid: again.kid,
    }),
  ]
}

function clientData(): Refused[] {
  const wrong = (claim: string, code: string, wish: Wish): Refused =>
    of(claim, `approval-${code}`, 'cd', approve(first, wish))
  const challenge = challengeOf(intent, shown)
  const origin = rpOf('tax').origins[0] ?? ''
  const head = `{"type":"webauthn.get","challenge":"${challenge}","origin":"${origin}"`
  const swapped = { ...approve(first), shown: base64url(bytesOf('other')) }
  return [
    wrong('a registration', 'not-an-assertion', { type: 'webauthn.create' }),
    wrong('no client data', 'not-an-assertion', { clientData: '{}' }),
    wrong('a space', 'not-an-assertion', {
      clientData: `${head.replace(':', ': ')},"crossOrigin":false}`,
    }),
    wrong('members in another order', 'not-an-assertion', {
      clientData: `{"challenge":"${challenge}","type":"webauthn.get"}`,
    }),
    wrong('type twice', 'not-an-assertion', {
      clientData: `{"type":"webauthn.create",${head.slice(1)},"crossOrigin":false}`,
    }),
    wrong('another challenge', 'other-challenge', { challenge: hash64('x') }),
    wrong('the hash of the intent as challenge', 'other-challenge', { challenge: hash64(intent) }),
    of('something else was shown', 'approval-other-challenge', 'cd', swapped),
    wrong('another site', 'other-origin', { origin: 'https://tax.city.example.evil.example' }),
    wrong('the origin of another member', 'other-origin', {
      origin: rpOf('court').origins[0] ?? '',
    }),
    wrong('no TLS', 'other-origin', { origin: 'http://tax.city.example' }),
    wrong('another port', 'other-origin', { origin: `${origin}:444` }),
    wrong('no crossOrigin', 'other-origin', { clientData: `${head}}` }),
    wrong('client data that do not end', 'other-origin', {
      clientData: `${head},"crossOrigin":false`,
    }),
    wrong('a foreign frame', 'cross-origin', { crossOrigin: true }),
  ]
}

function authenticatorData(): Refused[] {
  const wrong = (claim: string, code: string, wish: Wish): Refused =>
    of(claim, `approval-${code}`, 'ad', approve(first, wish))
  const good = approve(first)
  const short = { ...good, ad: base64url(Buffer.from(good.ad, 'base64url').subarray(0, 36)) }
  return [
    wrong('the RP ID of the city', 'other-relying-party', { rpId: 'city.example' }),
    wrong('the RP ID of another member', 'other-relying-party', { rpId: rpOf('court').id }),
    wrong('no user present', 'user-absent', { flags: 0x04 }),
    wrong('a user who was not verified', 'user-not-verified', { flags: 0x01 }),
    wrong('backed up though not eligible', 'authenticator-data', { flags: 0x15 }),
    wrong('an attested credential', 'authenticator-data', { flags: 0x45 }),
    wrong('extensions without their flag', 'authenticator-data', { extensions: Buffer.of(0xa0) }),
    wrong('the flag of extensions without any', 'authenticator-data', { flags: 0x85 }),
    of('36 bytes', 'approval-authenticator-data', 'ad', short),
  ]
}

function signatures(): Refused[] {
  const good = approve(first)
  const rsa = approve(second)
  const sig = Buffer.from(good.sig, 'base64url')
  const wrong = (claim: string, given: Approval, bytes: Uint8Array): Refused =>
    of(claim, 'approval-bad-signature', 'sig', { ...given, sig: base64url(bytes) })
  const counter = flipped(Buffer.from(good.ad, 'base64url'), 36)
  return [
    wrong('a bit changed in s', good, flipped(sig, sig.length - 1)),
    wrong('a byte behind the DER', good, Buffer.concat([sig, Buffer.of(0)])),
    wrong('r and s without DER', good, bytesOf('raw', 64)),
    wrong(
      'a bit changed in an RS256 signature',
      rsa,
      flipped(Buffer.from(rsa.sig, 'base64url'), 9),
    ),
    of('another counter', 'approval-bad-signature', 'sig', { ...good, ad: base64url(counter) }),
  ]
}
