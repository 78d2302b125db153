// Reading SD-JWT (RFC 9901) and SD-JWT VC (typ `dc+sd-jwt`): what a credential says once the
// disclosures that came with it are put in their places. It promises that nothing is shown which
// the issuer's signature does not cover, that every disclosure is used once, and that whether the
// holder must sign is decided by whoever verifies and never by what arrived.
import type { Json } from '#base/canonical'
import { importPublicKey, sha256Text } from '#base/crypto'
import type { PublicKey } from '#base/crypto'
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { Compact, FileCode, JsonObject } from './compact.ts'
import { bad, isObject, isSignedBy, jsonOf, readCompact, textMax } from './compact.ts'

/** The only typ of a certificate; the older `vc+sd-jwt` is another kind of thing. */
export const credentialTyp = 'dc+sd-jwt'
export const keyBindingTyp = 'kb+jwt'

/** Most disclosures of one credential. */
export const disclosuresMax = 512

/** Claims of a certificate that are never hidden, what stands inside them included (SD-JWT VC). */
const alwaysOpen: readonly string[] = [
  'iss',
  'nbf',
  'exp',
  'cnf',
  'vct',
  'vct#integrity',
  'aka_vcts',
  'status',
]

/** The parts of an SD-JWT, nothing of which is verified. */
export type SdJwt = {
  /** The issuer-signed JWT as text. */
  readonly jwt: string
  readonly compact: Compact
  readonly disclosures: readonly string[]
  readonly keyBinding: string | null
  /** Everything up to and including the last tilde: what the holder's signature covers. */
  readonly presented: string
}

/** Untrusted. Splits an SD-JWT, with or without the holder's signature at its end (§4). */
export function parseSdJwt(text: string, typ: string = credentialTyp): SdJwt | Refusal {
  if (text.length > textMax) return bad('certificates/malformed-credential')
  const parts = text.split('~')
  const [jwt = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined || rest.length > disclosuresMax) {
    return bad('certificates/malformed-credential')
  }
  const compact = readCompact(jwt, typ)
  if (isRefusal(compact)) return compact
  const presented = text.slice(0, text.length - last.length)
  return {
    jwt,
    compact,
    disclosures: rest,
    keyBinding: last === '' ? null : last,
    presented,
  }
}

/** The name under which a disclosure is found: base64url SHA-256 of its text (§4.2.3). */
export function disclosureDigest(disclosure: string): string {
  return sha256Text(disclosure, 'base64url')
}

type Found = { readonly content: readonly Json[]; used: boolean }

// What is read may look like a refusal (`{"code": …}`), so that a no is a mark and stands here.
type Walk = {
  readonly found: Map<string, Found>
  readonly seen: Set<string>
  refusal: Refusal | null
}

const REFUSED = Symbol('refused')
type Read<Value> = Value | typeof REFUSED

function stop(walk: Walk, code: FileCode, at?: string): typeof REFUSED {
  walk.refusal ??= bad(code, at)
  return REFUSED
}

/** Objects and arrays inside one another after all disclosures are in their places. */
const depthMax = 24

/**
 * The claims with every disclosure in its place and all digests removed (§7.1, step 3), or why the
 * disclosures do not belong. The signature is not checked here.
 */
export function disclosedClaims(of: SdJwt): { readonly claims: JsonObject } | Refusal {
  const { payload } = of.compact
  const hash = payload['_sd_alg']
  if (hash !== undefined && hash !== 'sha-256') return bad('certificates/unknown-hash', '_sd_alg')
  const walk: Walk = { found: new Map(), seen: new Set(), refusal: null }
  const malformed = bad('certificates/malformed-disclosure')
  for (const disclosure of of.disclosures) {
    const content = jsonOf(disclosure)
    if (!isDisclosure(content)) return malformed
    const digest = disclosureDigest(disclosure)
    if (walk.found.has(digest)) return bad('certificates/duplicate-digest')
    walk.found.set(digest, { content, used: false })
  }
  const { _sd_alg: _, ...signed } = payload
  const claims = openObject(walk, signed, { depth: 0, top: true, closed: false })
  if (claims === REFUSED) return walk.refusal ?? malformed
  for (const { used } of walk.found.values()) {
    if (!used) return bad('certificates/unreferenced-disclosure')
  }
  return { claims }
}

function isDisclosure(content: Json | undefined): content is readonly Json[] {
  if (!Array.isArray(content) || content.length < 2 || content.length > 3) return false
  // 128 bits of salt make 22 characters of base64url; other issuers may encode it otherwise.
  if (typeof content[0] !== 'string' || content[0].length < 16) return false
  return content.length === 2 || typeof content[1] === 'string'
}

type Where = {
  readonly depth: number
  /** Whether this object holds the claims of the whole credential. */
  readonly top: boolean
  /** Whether it stands inside a claim that is never hidden. */
  readonly closed: boolean
}

function openValue(walk: Walk, value: Json, where: Omit<Where, 'top'>): Read<Json> {
  if (where.depth > depthMax) return stop(walk, 'certificates/malformed-claims')
  if (isObject(value)) return openObject(walk, value, { ...where, top: false })
  return Array.isArray(value) ? openArray(walk, value as readonly Json[], where) : value
}

function openObject(walk: Walk, value: JsonObject, where: Where): Read<JsonObject> {
  const { _sd: digests = [], ...plain } = value
  if (!Array.isArray(digests)) return stop(walk, 'certificates/malformed-claims', '_sd')
  if (digests.length > 0 && where.closed) return stop(walk, 'certificates/forbidden-name', '_sd')
  const claims: { [name: string]: Json } = { __proto__: null } as never
  const depth = where.depth + 1
  for (const [name, member] of Object.entries(plain)) {
    if (name === '...') return stop(walk, 'certificates/forbidden-name')
    const closed = where.closed || (where.top && alwaysOpen.includes(name))
    const opened = openValue(walk, member, { depth, closed })
    if (opened === REFUSED) return REFUSED
    claims[name] = opened
  }
  for (const digest of digests as readonly Json[]) {
    const content = take(walk, digest)
    if (content === REFUSED) return REFUSED
    if (content === null) continue
    const name = hiddenName(walk, content, { claims, top: where.top })
    if (name === REFUSED) return REFUSED
    const opened = openValue(walk, content[2] as Json, { depth, closed: false })
    if (opened === REFUSED) return REFUSED
    claims[name] = opened
  }
  return claims
}

/** The name of a hidden claim, when a claim of that name may come to stand here. */
function hiddenName(
  walk: Walk,
  content: readonly Json[],
  { claims, top }: { readonly claims: JsonObject; readonly top: boolean },
): Read<string> {
  const [, name] = content
  if (content.length !== 3 || typeof name !== 'string') {
    return stop(walk, 'certificates/malformed-disclosure')
  }
  if (name === '_sd' || name === '...' || name === '__proto__') {
    return stop(walk, 'certificates/forbidden-name')
  }
  if (top && (alwaysOpen.includes(name) || name === '_sd_alg')) {
    return stop(walk, 'certificates/forbidden-name', 'top')
  }
  return Object.hasOwn(claims, name) ? stop(walk, 'certificates/name-collision') : name
}

function openArray(
  walk: Walk,
  value: readonly Json[],
  where: Omit<Where, 'top'>,
): Read<readonly Json[]> {
  const opened: Json[] = []
  const depth = where.depth + 1
  for (const element of value) {
    let shown: Json = element
    let { closed } = where
    if (isObject(element) && Object.hasOwn(element, '...')) {
      if (closed || Object.keys(element).length !== 1) {
        return stop(walk, 'certificates/forbidden-name')
      }
      const content = take(walk, element['...'])
      if (content === REFUSED) return REFUSED
      if (content === null) continue
      if (content.length !== 2) return stop(walk, 'certificates/malformed-disclosure')
      shown = content[1] as Json
      closed = false
    }
    const each = openValue(walk, shown, { depth, closed })
    if (each === REFUSED) return REFUSED
    opened.push(each)
  }
  return opened
}

/** The content under a digest, null for one that is not disclosed; a digest is met once. */
function take(walk: Walk, digest: Json | undefined): Read<readonly Json[] | null> {
  if (typeof digest !== 'string') return stop(walk, 'certificates/malformed-claims', '_sd')
  if (walk.seen.has(digest)) return stop(walk, 'certificates/duplicate-digest')
  walk.seen.add(digest)
  const found = walk.found.get(digest)
  if (found === undefined) return null
  found.used = true
  return found.content
}

/** What a verifier asks of the holder's signature: for whom, for which question, and how fresh. */
export type KeyBindingDemand = {
  readonly audience: string
  readonly nonce: string
  /** Longest age of the holder's signature, in seconds. */
  readonly ageMax: number
}

export type CredentialDemand = {
  readonly key: PublicKey
  /** The verifier's clock, Unix milliseconds; null to leave `exp` and `nbf` to the caller. */
  readonly nowMs: number | null
  /** Null when the holder need not sign, and then may not. */
  readonly holder: KeyBindingDemand | null
  readonly typ?: string
}

/** A credential that holds. */
export type Credential = { readonly sdJwt: SdJwt; readonly claims: JsonObject }

/** Untrusted. Verifies an SD-JWT (§7) under the issuer's key and the verifier's own demands. */
export function verifyCredential(text: string, demand: CredentialDemand): Credential | Refusal {
  const sdJwt = parseSdJwt(text, demand.typ)
  if (isRefusal(sdJwt)) return sdJwt
  if (!isSignedBy(sdJwt.compact, demand.key)) return bad('certificates/bad-signature')
  const disclosed = disclosedClaims(sdJwt)
  if (isRefusal(disclosed)) return disclosed
  const { claims } = disclosed
  const { nowMs, holder } = demand
  const late = nowMs === null ? null : outOfTime(claims, nowMs)
  if (late !== null) return late
  const bound = holderRefusal(sdJwt, claims, { holder, nowMs })
  return bound ?? { sdJwt, claims }
}

function outOfTime({ exp, nbf }: JsonObject, nowMs: number): Refusal | null {
  if (exp !== undefined && typeof exp !== 'number')
    return bad('certificates/malformed-claims', 'exp')
  if (nbf !== undefined && typeof nbf !== 'number')
    return bad('certificates/malformed-claims', 'nbf')
  if (nbf !== undefined && nowMs < nbf * 1000) return bad('certificates/not-yet-valid')
  return exp !== undefined && nowMs >= exp * 1000 ? bad('certificates/credential-expired') : null
}

/** Clocks of honest holders may be ahead of the verifier's by this much, in seconds. */
const skewSeconds = 300

function holderRefusal(
  { keyBinding, presented }: SdJwt,
  { cnf }: JsonObject,
  { holder, nowMs }: Pick<CredentialDemand, 'holder' | 'nowMs'>,
): Refusal | null {
  if (holder === null) {
    return keyBinding === null ? null : bad('certificates/unexpected-key-binding')
  }
  if (keyBinding === null) return bad('certificates/no-key-binding')
  const signed = readCompact(keyBinding, keyBindingTyp)
  if (isRefusal(signed)) return bad('certificates/bad-key-binding', signed.code.slice(13))
  const key = holderKey(isObject(cnf) ? cnf['jwk'] : undefined)
  if (key === null) return bad('certificates/bad-key-binding', 'cnf')
  if (!isSignedBy(signed, key)) return bad('certificates/bad-key-binding', 'signature')
  const { aud, nonce, sd_hash: hash, iat } = signed.payload
  if (hash !== sha256Text(presented, 'base64url')) {
    return bad('certificates/bad-key-binding', 'sd_hash')
  }
  if (aud !== holder.audience) return bad('certificates/bad-key-binding', 'aud')
  if (nonce !== holder.nonce) return bad('certificates/bad-key-binding', 'nonce')
  if (typeof iat !== 'number') return bad('certificates/bad-key-binding', 'iat')
  if (nowMs === null) return null
  const age = Math.floor(nowMs / 1000) - iat
  return age > holder.ageMax || age < -skewSeconds
    ? bad('certificates/bad-key-binding', 'iat')
    : null
}

/** The key in `cnf`: only what makes the key, whatever else stands beside it. */
function holderKey(jwk: Json | undefined): PublicKey | null {
  if (!isObject(jwk)) return null
  const { kty, crv, x, y } = jwk
  if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string') return null
  return importPublicKey('ES256', { kty, crv, x, y })
}
