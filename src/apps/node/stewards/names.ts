// How officers of a practice department are called on a command line: by department and place
// (`market-2`), by place alone, or by the beginning of their key's random name. A name of a person
// stands nowhere.
import type { PracticeOfficers } from '#apps/node/officers'
import { keyKey, memberKey } from '#ledger/validate'
import type { KeyRecord, MemberRecord } from '#ledger/validate'
import type { Value } from '#ledger/command'
import type { Registry } from './statement.ts'

const beginningMin = 6

/** Names of a department's officers, in the order of their kids. */
export function officerNames(member: string, kids: readonly string[]): readonly string[] {
  return kids.map((_, at) => `${member}-${at + 1}`)
}

/** The kid that a word names among those of a department, or null. */
export function officerNamed(word: string, member: string, kids: readonly string[]): string | null {
  const at = officerNames(member, kids).findIndex((name, place) => {
    return word === name || word === String(place + 1)
  })
  const named = kids[at]
  if (named !== undefined) return named
  const begun = kids.filter((kid) => kid === word || kid.startsWith(word))
  return word.length >= beginningMin && begun.length === 1 ? (begun[0] ?? null) : null
}

/**
 * Keys of a practice department as its own file has them, for as long as another process holds the
 * city's ledger. Whoever can write that file holds the keys themselves.
 */
export function practiceRegistry(code: string, { rp, enrolled }: PracticeOfficers): Registry {
  const origins = rp.origins.map(({ host }) => `https://${host}`)
  const member: MemberRecord = {
    code,
    kind: 'replica',
    state: 'active',
    from: 0,
    rp: { id: rp.id, origins },
  }
  const records = new Map<string, MemberRecord | KeyRecord>([[memberKey(code), member]])
  for (const { officer, kid, alg, jwk } of enrolled) {
    const key = { kid, member: code, use: 'approve', alg, jwk, custody: 'own' } as const
    records.set(keyKey(kid), { ...key, from: 0, until: null, officer })
  }
  return { view: { get: (key) => records.get(key) as unknown as Value }, height: 1 }
}
