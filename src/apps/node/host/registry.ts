// The registry as the host needs it beside the state: all keys by kid, so that signers are named
// and a trust policy is written without searching the state. Fed from durable writes alone.
import { base64urlDecode, compareText, utf8Encode } from '#base/bytes'
import { assert } from '#base/assert'
import type { Value } from '#ledger/command'
import { encodeVkey, noteKey, parsePolicy } from '#ledger/prove'
import type { TrustPolicy } from '#ledger/prove'
import type { KeyRecord, MemberRecord } from '#ledger/validate'
import { keyInForce, keyKey, memberKey } from '#ledger/validate'
import { settingsKey } from '#domains/members'

const keyPrefix = keyKey('')
const memberPrefix = memberKey('')

/** Keys and members at the last durable height. */
export class Registry {
  readonly #keys: Map<string, KeyRecord> = new Map()
  readonly #members: Map<string, MemberRecord> = new Map()
  #operator: string | null = null
  #changes = 0

  /** How often it changed: a verdict is as old as the registry under which it was given. */
  get changes(): number {
    return this.#changes
  }

  /** Takes one durable write. */
  change(key: string, value: Value | undefined): void {
    this.#changes += 1
    if (key === settingsKey) {
      const { operator } = (value ?? {}) as { readonly operator?: string }
      this.#operator = operator ?? null
    } else if (key.startsWith(keyPrefix)) {
      if (value === undefined || value === null) this.#keys.delete(key.slice(keyPrefix.length))
      else this.#keys.set(key.slice(keyPrefix.length), value as unknown as KeyRecord)
    } else if (key.startsWith(memberPrefix)) {
      const code = key.slice(memberPrefix.length)
      if (value === undefined || value === null) this.#members.delete(code)
      else this.#members.set(code, value as unknown as MemberRecord)
    }
  }

  key(kid: string): KeyRecord | undefined {
    return this.#keys.get(kid)
  }

  /** The member whose key this is, at whatever height it counted. */
  memberOf(kid: string): string | undefined {
    return this.#keys.get(kid)?.member
  }

  member(code: string): MemberRecord | undefined {
    return this.#members.get(code)
  }

  members(): readonly MemberRecord[] {
    return [...this.#members.values()]
  }

  keys(): readonly KeyRecord[] {
    return [...this.#keys.values()]
  }

  /**
   * The trust policy that the registry implies at this height, as the text of a policy file: the
   * operator's log keys, and every registered cosigner with its owner; hosted keys are named so
   * that they are known not to count. It is the same text whatever order the writes came in, and no
   * member can make it longer than a policy may be.
   */
  policyText(ledger: string, height: number): string {
    const lines: string[] = []
    const inForce = this.keys().filter((key) => keyInForce(key, height))
    const sorted = inForce.toSorted((a, b) => compareText(a.member, b.member) || newestFirst(a, b))
    for (const key of sorted) {
      // Any member may register a log key of its own; it is not this log's.
      const own = this.#operator === null || key.member === this.#operator
      if (key.use === 'log' && own) lines.push(`log ${vkeyOf(ledger, 'note', key)}`)
    }
    for (const key of cosignersOf(sorted)) {
      const role = key.custody === 'own' ? 'validator' : 'hosted'
      const name = `${key.member}-${key.kid}`
      lines.push(
        `#lianban ${role} ${name} ${vkeyOf(cosignerName(ledger, key.member), 'cosignature', key)}`,
      )
      lines.push(`#lianban owner ${name} ${key.member}`)
    }
    lines.push('quorum none')
    return `${lines.join('\n')}\n`
  }

  /** The same, parsed. */
  policy(ledger: string, height: number): TrustPolicy {
    const policy = parsePolicy(utf8Encode(this.policyText(ledger, height)))
    assert('logs' in policy, 'the registry gives a well-formed policy')
    return policy
  }
}

const cosignersOfMemberMax = 4
const cosignersMax = 96

/** The cosigner keys that a policy names: of each member the newest ones, so that all have room. */
function cosignersOf(sorted: readonly KeyRecord[]): readonly KeyRecord[] {
  const named = new Map<string, number>()
  const cosigners = sorted.filter(({ use, member }) => {
    if (use !== 'cosign') return false
    named.set(member, (named.get(member) ?? 0) + 1)
    return (named.get(member) ?? 0) <= cosignersOfMemberMax
  })
  return cosigners.slice(0, cosignersMax)
}

function newestFirst(a: KeyRecord, b: KeyRecord): number {
  return b.from - a.from || compareText(a.kid, b.kid)
}

/** Name of a member's cosigner key in notes: the log's origin, then the member. */
export function cosignerName(ledger: string, member: string): string {
  return `${ledger}/${member}`
}

/** The C2SP vkey of a registered Ed25519 key. */
export function vkeyOf(name: string, use: 'note' | 'cosignature', record: KeyRecord): string {
  const { jwk } = record
  const bytes = jwk.kty === 'OKP' ? base64urlDecode(jwk.x) : null
  const key = bytes === null ? null : noteKey(name, use, bytes)
  assert(key !== null, 'a log or cosigner key is Ed25519')
  return encodeVkey(key)
}
