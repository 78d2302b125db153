// The city's founders: every member of the pack with keys of its own in a folder of its own. All
// lie on one machine, so all are registered as hosted and the ledger says for ever that it is
// practice; only the cosigner's key belongs to another process.
import { existsSync } from 'node:fs'
import { base64urlEncode } from '#base/bytes'
import type { PublicJwk } from '#base/crypto'
import type { Value } from '#ledger/command'
import type { KeyUse } from '#ledger/validate'
import type { HeldUse, KeyStore } from '#adapters/keys'
import { openFileStore } from '#adapters/keys'
import type { PracticeMember } from '#domains/members'
import { practiceGenesis } from '#domains/members'
import { codeVersion } from '#apps/node/host'
import { openPracticeOfficers } from '#apps/node/officers'
import type { PracticeOfficers } from '#apps/node/officers'
import { held } from '#apps/node/practice'
import { practiceUscc } from '#apps/node/residents'
import { memberLayout } from './layout.ts'
import type { Pack } from '#apps/node/pack'

const usual: readonly HeldUse[] = [
  'command',
  'receipt',
  'transport',
  'encrypt',
  'certificate',
  'status',
]

/** The keys of every member; made where they are not held yet. */
export type KeyRing = ReadonlyMap<string, KeyStore>

/** The officers of each member that has any. */
export type OfficerRing = ReadonlyMap<string, PracticeOfficers>

/** Opens the officers of all members, those who are there; makes them where `make` says so. */
export function openOfficers(directory: string, pack: Pack, make: boolean): OfficerRing {
  return new Map(
    pack.members.flatMap(({ code, officers: count }) => {
      const path = memberLayout(directory, code, code === pack.operator).officers
      if (count === undefined || (!make && !existsSync(path))) return []
      return [[code, openPracticeOfficers(path, code, count)] as const]
    }),
  )
}

/** Opens the key stores of all members of the pack. */
export function openKeyRing(directory: string, pack: Pack): KeyRing {
  return new Map(
    pack.members.map(({ code }) => {
      return [code, openFileStore(memberLayout(directory, code, code === pack.operator).keys)]
    }),
  )
}

/**
 * The founders' parameters. Keys that a broken start made are used again. `cosigner` is the public
 * key of the process that checks every block; `created` is Unix milliseconds.
 */
export function cityParams(
  pack: Pack,
  ring: KeyRing,
  of: {
    readonly cosigner: PublicJwk | null
    readonly created: number
    readonly officers?: OfficerRing
  },
): Value {
  const { cosigner, created } = of
  const ordered = pack.members.toSorted((a, b) => rank(pack, a.code) - rank(pack, b.code))
  const members = ordered.map(({ code, kind, cosigns }): PracticeMember => {
    const keys: { [use in KeyUse]?: PublicJwk } = {}
    const store = ring.get(code)
    const uses = code === pack.operator ? [...usual, 'log' as const] : usual
    if (store !== undefined) for (const use of uses) keys[use] = held(store, code, use, created)
    if (cosigns === true && cosigner !== null) keys.cosign = cosigner
    const serial = pack.members.findIndex((member) => member.code === code) + 1
    const known = of.officers?.get(code)
    const enrolled = known === undefined ? {} : { rp: known.rp, officers: known.enrolled }
    return { code, kind, keys, uscc: practiceUscc('member', serial), ...enrolled }
  })
  return practiceGenesis(members, base64urlEncode(codeVersion()))
}

/** The operator stands first, as a practice ledger wants it; the others as in the pack. */
function rank({ operator }: Pack, code: string): number {
  return code === operator ? 0 : 1
}
