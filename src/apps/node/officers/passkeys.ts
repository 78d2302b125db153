// Officers of the practice city: nobody is there to touch a passkey, so the machine has one for
// each of them and makes the assertions that a browser and an authenticator would make (WebAuthn
// Level 3 §6.3.3). It is for practice alone: a real department's officers hold theirs themselves.
import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import { assert } from '#base/assert'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { PublicJwk } from '#base/crypto'
import { challengeOf } from '#ledger/command'
import type { ApprovalText } from '#ledger/command'
import type { FoundersOfficer } from '#domains/members'

/** The relying party of a practice department: a name that no browser resolves. */
export type PracticeRelyingParty = {
  readonly id: string
  readonly origins: readonly { readonly host: string }[]
}

/** Officers of one department with their passkeys. */
export type PracticeOfficers = {
  readonly rp: PracticeRelyingParty
  /** As founders enrol them. */
  readonly enrolled: readonly FoundersOfficer[]
  /** Random ids of their keys, by position. */
  readonly kids: readonly string[]
  /**
   * Approvals of an intent (its base64url SHA-256) and of what was shown: by the officers of these
   * keys, or else by one for each post.
   */
  approve(asked: {
    readonly posts: readonly string[]
    readonly kids?: readonly string[]
    readonly intent: string
    readonly shown: Json
  }): Promise<readonly ApprovalText[]>
}

type Secret = { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
type Kept = { readonly officer: string; readonly kid: string; readonly jwk: Secret }

const format = 'lianban/practice-officers/1'
/** User present and verified. */
const flags = 0x05

/** Opens the officers in a file, or makes so many. */
export function openPracticeOfficers(
  path: string,
  department: string,
  count: number,
): PracticeOfficers {
  if (!existsSync(path)) makeOfficers(path, count)
  const read = JSON.parse(readFileSync(path, 'utf8')) as { format: string; officers: Kept[] }
  assert(read.format === format, 'a file of practice officers says so')
  const host = `${department}.practice.example`
  const rp = { id: host, origins: [{ host }] }
  return {
    rp,
    kids: read.officers.map(({ kid }) => kid),
    enrolled: read.officers.map(({ officer, kid, jwk }) => {
      const { kty, crv, x, y } = jwk
      return { officer, kid, alg: 'ES256', jwk: { kty, crv, x, y } as PublicJwk }
    }),
    approve: async ({ posts, kids, intent, shown }) => {
      const seen = sha256Text(utf8Encode(encodeCanonical(shown)), 'base64url')
      const signing =
        kids === undefined
          ? read.officers.slice(0, Math.max(1, posts.length))
          : kids.flatMap((kid) => read.officers.filter((officer) => officer.kid === kid))
      return signing.map((officer) => approvalOf(officer, host, { intent, seen }))
    },
  }
}

function makeOfficers(path: string, count: number): void {
  const officers = Array.from({ length: count }, () => ({
    officer: base64urlEncode(randomBytes(16)),
    kid: base64urlEncode(randomBytes(16)),
    jwk: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  }))
  writeFileSync(path, `${JSON.stringify({ format, officers })}\n`, { mode: 0o600, flag: 'wx' })
}

function approvalOf(
  { kid, jwk }: Kept,
  host: string,
  { intent, seen }: { readonly intent: string; readonly seen: string },
): ApprovalText {
  const challenge = challengeOf(intent, seen)
  const origin = `https://${host}`
  const known = { type: 'webauthn.get', challenge, origin, crossOrigin: false }
  const clientData = utf8Encode(JSON.stringify(known))
  const head = Uint8Array.of(flags, 0, 0, 0, 0)
  const authenticator = Buffer.concat([digest(utf8Encode(host)), head])
  const message = Buffer.concat([authenticator, digest(clientData)])
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  return {
    kid,
    ad: base64urlEncode(authenticator),
    cd: base64urlEncode(clientData),
    sig: base64urlEncode(sign('sha256', message, key)),
    shown: seen,
  }
}

function digest(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}
