// The written no. Whoever refuses a case tells the counters that host its persons why, with the
// code alone; each counter puts the letter together from the blueprint and its texts, so that none
// can leave out law, next step or appeal, and serves it. On the ledger stands only that the case
// ended.
import type { Json } from '#base/canonical'
import type { TextPack } from '#blueprint/grammar'
import { listOf } from '#blueprint/grammar'
import type { Letter } from '#blueprint/derive'
import { refusalLetter } from '#blueprint/derive'
import type { CaseNow, Dept } from '#apps/node/casework'
import { Later, caseNow, decisionsOf, idOf, memberOf, moreOf, putOnce } from '#apps/node/casework'

/** Tells the counters of a case's persons why this member has refused it. */
export async function tellRefusal(dept: Dept, now: CaseNow): Promise<number | null> {
  const { refusedBy } = now.facts
  if (refusedBy === undefined) return null
  const id = idOf('told-refusal', now.id)
  if (dept.vault.get(id) !== null) return null
  const [last] = decisionsOf(dept, { case: now.id, act: refusedBy })
  if (last === undefined || !last.state.startsWith('no/')) return null
  const notice = { kind: 'refused', case: now.id, act: refusedBy, code: last.state.slice(3) }
  for (const host of hostsOf(now)) {
    if (host === dept.port.member) await takeRefusal(dept, host, notice)
    else {
      const told = await dept.ways.tell(host, 'notices', notice)
      if ('refused' in told) throw new Later(told.refused)
    }
  }
  await putOnce(dept.vault, noteOf(dept, now, { id, type: 'told-refusal', more: {} }))
  return null
}

/** Members that host persons of a case. */
function hostsOf({ facts, compiled }: CaseNow): ReadonlySet<string> {
  const slots = Object.entries(facts.slots).filter(
    ([slot]) => compiled.blueprint.objects?.[slot] === undefined,
  )
  return new Set(slots.flatMap(([, { hosts }]) => hosts))
}

type Noted = { readonly id: string; readonly type: string; readonly more: Json }

function noteOf(
  { clock }: Dept,
  now: CaseNow,
  { id, type, more }: Noted,
): Parameters<typeof putOnce>[1] {
  const place = { id, kind: 'note', type, case: now.id, name: now.facts.refusedBy ?? '' } as const
  return { ...place, gen: 0, leaves: [], more, at: clock.wallMs() }
}

/** Takes the reason of a no from the member that said it. Untrusted. */
export async function takeRefusal(dept: Dept, from: string, json: Json): Promise<void> {
  const id = memberOf(json, 'case')
  const code = memberOf(json, 'code')
  const now = typeof id === 'string' ? caseNow(dept.port, id) : null
  const act = now?.facts.refusedBy
  if (now === null || act === undefined || memberOf(json, 'act') !== act) {
    throw new Later('node/unknown-notice')
  }
  const declared = now.compiled.blueprint.acts[act]
  const isKnown = typeof code === 'string' && Object.hasOwn(declared?.no?.codes ?? {}, code)
  const { parties } = now.compiled.blueprint
  const speaks = [...listOf(declared?.by), ...listOf(declared?.through)].map(
    (party) => parties[party]?.member ?? now.facts.members[party],
  )
  if (!isKnown || ![...speaks, now.facts.host].includes(from)) {
    throw new Later('node/unknown-notice')
  }
  await putOnce(
    dept.vault,
    noteOf(dept, now, { id: idOf('refusal', now.id), type: 'refusal', more: { act, code } }),
  )
  await showLetter(dept, now)
}

/** Lays a letter that has to be served on the desk of the counter. */
export async function showLetter(dept: Dept, now: CaseNow): Promise<number | null> {
  if (!hasLetter(dept, now)) return null
  dept.inbox.put({
    key: letterKey(now),
    case: now.id,
    reason: 'letter',
    ...(now.facts.refusedBy === undefined ? {} : { act: now.facts.refusedBy }),
    at: dept.clock.wallMs(),
  })
  return null
}

/** Whether a letter waits to be served. */
export function hasLetter({ vault }: Dept, now: CaseNow): boolean {
  const isThere = vault.get(idOf('refusal', now.id)) !== null
  return isThere && vault.get(idOf('served', now.id)) === null
}

/** The desk's key of a letter. */
export function letterKey({ id }: Pick<CaseNow, 'id'>): string {
  return idOf('letter of refusal', id)
}

/** The letter of a case that was refused, or null. */
export function letterOf(dept: Dept, id: string): Letter | null {
  const now = caseNow(dept.port, id)
  const record = dept.vault.get(idOf('refusal', id))
  const act = record === null ? undefined : moreOf(record, 'act')
  const code = record === null ? undefined : moreOf(record, 'code')
  if (now === null || typeof act !== 'string' || typeof code !== 'string') return null
  const { blueprint, types, graph } = now.compiled
  const pack = dept.settings.texts?.(blueprint.id) ?? bare(blueprint.id)
  return refusalLetter({ blueprint, types, graph }, pack, act, code)
}

// Without texts a letter names acts and reasons as the blueprint does.
function bare(title: string): TextPack {
  const none = { parties: {}, evidence: {}, acts: {}, no: {}, posts: {} }
  return { format: 'lianban/text/1', language: 'zh', title, about: '', ...none }
}

/** Notes how and when a letter was served; clocks of an appeal begin there. */
export async function serveLetter(dept: Dept, id: string, how: Json): Promise<boolean> {
  const now = caseNow(dept.port, id)
  if (now === null || letterOf(dept, id) === null) return false
  const served = { id: idOf('served', id), type: 'served', more: { how } }
  await putOnce(dept.vault, noteOf(dept, now, served))
  dept.inbox.drop(id, letterKey(now))
  return true
}
