// The members of the practice ledger: departments that nobody works in. Their codes are right in
// form only, their keys lie in one process and are registered as hosted, and the ledger says for
// ever that it is practice.
import { assert } from '#base/assert'
import { base64urlEncode } from '#base/bytes'
import { usccCheck } from '#base/codes'
import type { PublicJwk } from '#base/crypto'
import type { Value } from '#ledger/command'
import type { KeyUse } from '#ledger/validate'
import type { HeldUse, KeyStore } from '#adapters/keys'
import { practiceGenesis } from '#domains/members'
import { codeVersion } from '#apps/node/host'

/** A department of the practice ledger; the first one runs it. */
export type PracticeDepartment = {
  readonly code: string
  readonly zh: string
  readonly en: string
  readonly uscc: string
  /** Uses of the keys that the node holds for it. */
  readonly uses: readonly HeldUse[]
}

const usual: readonly HeldUse[] = ['command', 'receipt', 'transport']

/** The three departments. */
export const departments: readonly PracticeDepartment[] = [
  {
    code: 'land',
    zh: '不动产登记（练习）',
    en: 'land registry (practice)',
    uscc: usccOf('PRACT0001'),
    uses: [...usual, 'log'],
  },
  {
    code: 'tax',
    zh: '税务（练习）',
    en: 'tax office (practice)',
    uscc: usccOf('PRACT0002'),
    uses: usual,
  },
  {
    code: 'water',
    zh: '供水（练习）',
    en: 'water utility (practice)',
    uscc: usccOf('PRACT0003'),
    uses: usual,
  },
]

/** The department whose follower watches the ledger. */
export const followedBy = 'tax'

/** A code with a right check character whose area, 000000, is none. */
function usccOf(organisation: string): string {
  const body = `11000000${organisation}`
  const check = usccCheck(body)
  assert(check !== null, 'a practice code has the form of one')
  return body + check
}

/** Makes the keys that are not held yet and gives the founders' parameters. */
export function practiceParams(
  store: KeyStore,
  cosigner: PublicJwk | null,
  created: number,
): Value {
  const members = departments.map(({ code, uscc, uses }) => {
    const keys: { [use in KeyUse]?: PublicJwk } = {}
    for (const use of uses) keys[use] = held(store, code, use, created)
    if (code === followedBy && cosigner !== null) keys.cosign = cosigner
    return { code, uscc, keys, ...(code === 'water' ? { kind: 'participant' as const } : {}) }
  })
  return practiceGenesis(members, base64urlEncode(codeVersion()))
}

/** The member's key of this use; made when it is not held, so that a broken start goes on. */
export function held(store: KeyStore, member: string, use: HeldUse, created: number): PublicJwk {
  const known = store.list().find((key) => key.member === member && key.use === use)
  return (known ?? store.generate({ use, member, custody: 'hosted', created })).jwk
}
