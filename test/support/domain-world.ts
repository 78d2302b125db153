// A tiny world for the tests of domains: a state in memory, a height and a time, and commands that
// are decided as the ledger would decide them once admitted. Given a beginning, when commands come,
// then there are outcomes. Nothing here is part of the product.
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Bytes } from '#base/bytes'
import { base64urlEncode, latin1Encode } from '#base/bytes'
import type { PublicJwk } from '#base/crypto'
import { thumbprint } from '#base/crypto'
import type { Refusal, Value } from '#ledger/command'
import { checkValue, encodeIntent, decodeIntent, isRefusal } from '#ledger/command'
import type { CommandType, Context, Decision, Domain, View } from '#ledger/apply'
import { canonicalWrites, decodeWrites } from '#ledger/apply'
import type { KeyUse } from '#ledger/validate'
import { keyInForce, readKey, readMember } from '#ledger/validate'
import type { PracticeMember } from '#domains/members'
import { members, officerOf, possessionMessage, practiceGenesis } from '#domains/members'
import { makeId, makeKey } from './commands.ts'

export const origin = 'ledger.city.example/one'
const beginning = 1_790_000_000_000

/** What a step answered: `ok` or the code of a refusal, and the outcome if there is one. */
export type Answer = { readonly code: string; readonly at?: string; readonly outcome?: Value }

/** A signing key of any algorithm that members register themselves. */
export type AnyKey = {
  readonly kid: string
  readonly alg: 'ES256' | 'Ed25519'
  readonly jwk: PublicJwk
  sign(message: string): string
}

/** A P-256 key that is the same for the same seed. */
export function ecKey(seed: string): AnyKey {
  const key = makeKey(seed)
  const { kid, alg, jwk } = key
  return { kid, alg, jwk, sign: (message) => base64urlEncode(key.sign(message)) }
}

/** A fresh Ed25519 key. */
export function edKey(): AnyKey {
  const { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject } =
    generateKeyPairSync('ed25519')
  const { x } = publicKey.export({ format: 'jwk' })
  assert(x !== undefined)
  const jwk: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x }
  return {
    kid: thumbprint(jwk),
    alg: 'Ed25519',
    jwk,
    sign: (message) => base64urlEncode(sign(null, latin1Encode(message), privateKey)),
  }
}

/** The same random-looking id for the same seed: 16 bytes, base64url. */
export function idOf(seed: string): string {
  return ecKey(`id/${seed}`).kid.slice(0, 21) + 'A'
}

/** Founders with one command key each, made from their codes; `officers` by member. */
export function founders(
  codes: readonly string[],
  officers: { readonly [code: string]: readonly string[] } = {},
): readonly PracticeMember[] {
  return codes.map((code) => ({
    code,
    keys: { command: ecKey(`${code}/command`).jwk },
    rp: { id: `${code}.city.example`, origins: [{ host: `${code}.city.example` }] },
    officers: (officers[code] ?? []).map(officerOffer),
  }))
}

/** Enrolment data of an officer of that name: id, kid and public key, all made from the name. */
export function officerOffer(name: string): {
  readonly officer: string
  readonly kid: string
  readonly alg: 'ES256'
  readonly jwk: PublicJwk
} {
  const { jwk } = ecKey(`officer/${name}`)
  return { officer: idOf(`officer/${name}`), kid: idOf(`kid/${name}`), alg: 'ES256', jwk }
}

/** The body of `key.add` with its proof of possession. */
export function offerOf(
  key: AnyKey,
  of: { readonly member: string; readonly use: KeyUse; readonly bound?: string },
): { readonly [name: string]: Value } {
  const { member, use, bound } = of
  const { alg, jwk, kid } = key
  const message = possessionMessage({ ledger: origin, member, use, kid, of: bound ?? '' })
  return { alg, jwk: jwk as unknown as Value, custody: 'own', proof: key.sign(message) }
}

/** The world: state, height and time move only by its methods. */
export class World implements View {
  readonly state: Map<string, Value> = new Map()
  readonly #types: ReadonlyMap<string, CommandType>
  readonly #domains: readonly Domain[]
  height = 2
  time: number = beginning
  entry = 1

  constructor(params: Value, domains: readonly Domain[] = [members]) {
    this.#domains = domains
    this.#types = new Map(
      domains.flatMap((domain) => domain.types.map((type) => [type.name, type])),
    )
    for (const domain of domains) {
      const writes = domain.genesis?.(params) ?? []
      if (isRefusal(writes)) throw new Error(writes.code)
      this.#keep(domain, writes)
    }
  }

  get(key: string): Value | undefined {
    return this.state.get(key)
  }

  /** Documents that a test has put, by their hash. */
  readonly documents: Map<string, Bytes> = new Map()

  document(hash: string): Bytes | undefined {
    return this.documents.get(hash)
  }

  /** The next block, so much later. */
  next(laterMs = 1_000): this {
    this.height += 1
    this.time += laterMs
    return this
  }

  /** A command of a member, approved by officers of these names; decided and kept. */
  when(
    member: string,
    type: string,
    body: { readonly [name: string]: Value },
    officers: readonly string[] = [],
  ): Answer {
    const rule = this.#types.get(type)
    assert(rule !== undefined, `${type} exists`)
    const before = this.#admit(rule, member, body)
    if (before !== null) return before
    const approvals = officers.map((name) => this.#approval(name))
    for (const approval of approvals) if ('code' in approval) return approval
    const context: Context = {
      ...this.#context(member, type, body),
      approvals: approvals as Context['approvals'],
    }
    this.decided(rule, body, context)
    return this.#take(rule, rule.decide(this, body, context))
  }

  /** Sees every command before it is decided; a world that keeps them says how. */
  decided(_rule: CommandType, _body: { readonly [name: string]: Value }, _context: Context): void {}

  /** As `when`, and it must be answered `ok`. */
  given(
    member: string,
    type: string,
    body: { readonly [name: string]: Value },
    officers: readonly string[] = [],
  ): Answer {
    const answer = this.when(member, type, body, officers)
    assert.equal(answer.code, 'ok', `${type} by ${member}: ${JSON.stringify(answer)}`)
    return answer
  }

  /** The parts of admission that a domain relies on. */
  #admit(rule: CommandType, member: string, body: Value): Refusal | null {
    const record = readMember(this, member)
    if (record === undefined) return { code: 'validate/unknown-member' }
    if (record.state !== 'active') return { code: 'validate/member-suspended' }
    if (!rule.kinds.includes(record.kind)) return { code: 'validate/wrong-member-kind' }
    return checkValue(rule.body, body)
  }

  #approval(name: string): Context['approvals'][number] | Refusal {
    const officer = idOf(`officer/${name}`)
    const record = officerOf(this, officer)
    for (const kid of record?.kids ?? []) {
      const key = readKey(this, kid)
      if (key === undefined || !keyInForce(key, this.height)) continue
      return { kid, officer, member: key.member }
    }
    return { code: 'validate/approval-unknown-key' }
  }

  #context(member: string, type: string, body: { readonly [name: string]: Value }): Context {
    const intent = decodeIntent(
      encodeIntent({ ledger: origin, id: makeId(), type, body, notAfter: this.time + 60_000 }),
    )
    assert(!isRefusal(intent))
    const { height, time, entry } = this
    const kid = ecKey(`${member}/command`).kid
    return { ledger: origin, height, time, entry, member, kid, approvals: [], intent }
  }

  #take(rule: CommandType, decision: Decision): Answer {
    this.entry += 1
    if (decision.code !== 'ok' || !('writes' in decision)) return decision
    const domain = this.#domains.find(({ types }) => types.includes(rule))
    assert(domain !== undefined)
    this.#keep(domain, decision.writes)
    const { outcome } = decision
    assert.equal(outcome === undefined, rule.outcome === undefined, 'an outcome is declared')
    if (outcome === undefined || rule.outcome === undefined) return { code: 'ok' }
    assert.equal(checkValue(rule.outcome, outcome), null, 'an outcome fits its schema')
    return { code: 'ok', outcome }
  }

  #keep(domain: Domain, writes: readonly (readonly [string, Value])[]): void {
    const keys = new Set(writes.map(([key]) => key))
    assert.equal(keys.size, writes.length, 'a key is written once a command')
    for (const [key] of writes) {
      const own = [`${domain.name}/`, ...(domain.effectsOn ?? [])]
      assert(
        own.some((prefix) => key.startsWith(prefix)),
        `${domain.name} may write ${key}`,
      )
    }
    // What the store gives back is read out of the canonical text, and nobody may change it.
    const kept = decodeWrites(canonicalWrites(writes).text)
    assert(kept !== null, 'writes read back')
    for (const [key, value] of kept) {
      if (value === null) this.state.delete(key)
      else this.state.set(key, frozen(structuredClone(value)))
    }
  }
}

function frozen(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const each of Object.values(value)) frozen(each as Value)
  return Object.freeze(value) as Value
}

/** A practice city of these members, the first of which operates it. */
export function city(
  codes: readonly string[],
  officers: { readonly [code: string]: readonly string[] } = {},
): World {
  return new World(practiceGenesis(founders(codes, officers)))
}
