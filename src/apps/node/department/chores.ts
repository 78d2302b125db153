// What else a department's robot does of a case: it has persons told that a case names them, binds
// members that evidence names, looks at disputed fields again, tells watchers of changes, concludes
// what is delivered, and says that time has passed.
import type { Dept } from '#apps/node/casework'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { listOf } from '#blueprint/grammar'
import { isOfClass } from '#domains/members'
import { fieldOfPath, itemOfPath } from '#blueprint/check'
import { hasAgreed, hasPassed, itemOf, openActs, owed, standingOf } from '#domains/processes'
import type { CaseNow } from '#apps/node/casework'
import { Later, commitNote, commitmentOf, dayOf, idOf, moreOf, putOnce } from '#apps/node/casework'
import { slotOpenings, storedLeaves } from '#apps/node/casework'
import { isRead, parseRead } from '#blueprint/grammar'
import type { Watch } from '#blueprint/grammar'
import { cases, changedOf, readersOf } from '#domains/sharing'
import { isSource, lookAgain, recheck } from './supplying.ts'

/** Has the identity department tell everybody whom this member has filed. */
export async function tellFiled(dept: Dept, now: CaseNow): Promise<number | null> {
  const { port, vault, clock } = dept
  for (const [slot, { commitments, hosts }] of Object.entries(now.facts.slots)) {
    if (now.compiled.blueprint.objects?.[slot] !== undefined) continue
    for (const [at, c] of commitments.entries()) {
      const id = idOf('told', now.id, slot, c)
      if (hosts[at] !== port.member || vault.get(id) !== null) continue
      const record = vault
        .find({ case: now.id, name: slot, kind: 'slot' })
        .find((each) => commitmentOf(each) === c)
      if (record === undefined) throw new Later('node/record-lost')
      const notice: Json = {
        kind: 'filed',
        case: now.id,
        slot,
        at,
        openings: slotOpenings(record),
      }
      const { identityMember } = dept.settings
      if (identityMember === port.member) await dept.takeNotice(port.member, notice)
      else {
        const told = await dept.ways.tell(identityMember, 'notices', notice)
        if ('refused' in told) throw new Later(told.refused)
      }
      await putOnce(vault, {
        id,
        kind: 'note',
        type: 'told',
        case: now.id,
        name: slot,
        gen: 0,
        leaves: [],
        at: clock.wallMs(),
      })
    }
  }
  return null
}

/** How long a host may take to have a person told, milliseconds. */
const tellMs = 600_000

/** Persons of a case of whom the identity department was not told, by the keys of their lines. */
export function untoldIn(
  { port, vault, settings }: Dept,
  { id, facts, compiled, time }: CaseNow,
): readonly string[] {
  if (settings.identityMember !== port.member || time < facts.filedAt + tellMs) return []
  if (facts.state !== 'open' && facts.state !== 'delivered') return []
  const persons = Object.entries(facts.slots).filter(
    ([slot]) => compiled.blueprint.objects?.[slot] === undefined,
  )
  return persons.flatMap(([slot, { commitments }]) =>
    commitments.flatMap((_, at) =>
      vault.get(idOf('letter', id, slot, at)) === null ? [idOf('untold', id, slot, at)] : [],
    ),
  )
}

/**
 * As the identity department: lays on the desk that somebody was filed and nobody has said whom. A
 * counter that keeps a case from the person whom it names is found by its silence.
 */
export async function showUntold(dept: Dept, now: CaseNow): Promise<number | null> {
  const { settings, port, clock, inbox } = dept
  if (settings.identityMember !== port.member) return null
  for (const key of untoldIn(dept, now)) {
    inbox.put({ key, case: now.id, reason: 'untold', at: clock.wallMs() })
  }
  return now.time < now.facts.filedAt + tellMs ? now.facts.filedAt + tellMs : null
}

/** Binds members whom evidence of this member's own names and who act themselves. */
export async function bind(dept: Dept, now: CaseNow): Promise<number | null> {
  if (now.facts.state !== 'open') return null
  const { parties, acts } = now.compiled.blueprint
  for (const [party, { of, class: kind }] of Object.entries(parties)) {
    if (of === undefined || kind === undefined) continue
    const isActing = Object.values(acts).some(
      (act) => act.through === undefined && listOf(act.by).includes(party),
    )
    const item = now.compiled.items.get(itemOfPath(of))
    const isPublic = item?.fields.some(({ id }) => id === fieldOfPath(of)) === true
    if (!isActing || item === undefined || isPublic) continue
    const facts = itemOf(dept.port.view(), now.id, item.name)
    const part = facts?.available === true ? facts.parts[0] : undefined
    if (part?.by !== dept.port.member) continue
    const record = dept.vault
      .find({ case: now.id, name: item.name, kind: 'own' })
      .find((each) => commitmentOf(each) === part.c)
    const member = record?.leaves.find(({ path }) => path === fieldOfPath(of))?.value
    if (typeof member !== 'string' || now.facts.members[party] === member) continue
    // Whoever is not of the class, or has not agreed, may be and do so later.
    if (!isOfClass(dept.port.view(), member, kind, now.time)) continue
    if (!hasAgreed(dept.port.view(), now.facts.blueprint, member)) continue
    await dept.port.submit(
      'case.bind',
      { case: now.id, party, member },
      { id: idOf('bind', now.id, party, member, facts?.gen) },
    )
  }
  return null
}

/** Looks at disputed items of this member again; what stays as it is goes to a person. */
export async function answerDisputes(dept: Dept, now: CaseNow): Promise<number | null> {
  for (const item of disputedIn(dept, now)) {
    const facts = itemOf(dept.port.view(), now.id, item)
    for (const { by, element, c } of facts?.parts ?? []) {
      if (by !== dept.port.member) continue
      const key = disputeKey(now, item, c)
      if (isSource(dept, now, item) && (await recheck(dept, now, item, element)) === true) continue
      dept.inbox.put({
        key,
        case: now.id,
        reason: 'disputed',
        item,
        ...(element === undefined ? {} : { element }),
        at: dept.clock.wallMs(),
      })
    }
  }
  return null
}

/** Items of a case that somebody disputes now. */
export function disputedIn({ port }: Dept, { id }: CaseNow): readonly string[] {
  const items = standingOf(port.view(), id)?.record.items ?? {}
  // What was taken back is given anew, and so the dispute is over.
  return Object.keys(items).filter((item) => {
    const { d = 0, v = [] } = items[item] ?? {}
    return d > 0 && v.length === 0
  })
}

/** The desk's key of a dispute. */
export function disputeKey({ id }: CaseNow, item: string, commitment: string): string {
  return idOf('dispute', id, item, commitment)
}

/**
 * As the source of what others watch: says that it has changed, once for each change and never
 * what, and supplies it anew while the case is open. What was seen lies in the vault first, so a
 * change that was not said before a crash is said at the next look.
 */
export async function sayChanged(dept: Dept, now: CaseNow): Promise<void> {
  const { port, vault, clock } = dept
  for (const [name, watch] of Object.entries(now.compiled.blueprint.watches ?? {})) {
    const item = itemOfPath(watch.reads)
    if (!isSource(dept, now, item)) continue
    const again = await lookAgain(dept, now, item)
    if (again?.held === undefined) continue
    const seen = vault
      .find({ case: now.id, name, kind: 'note' })
      .filter(({ type }) => type === 'watched')
    const before = seen.findLast(({ gen }) => gen === seen.length)
    const text = watchedText(watch, storedLeaves(again.leaves))
    const known =
      before === undefined ? watchedText(watch, again.held.leaves) : moreOf(before, 'text')
    let count = seen.length
    let isTold = before !== undefined && moreOf(before, 'told') === true
    if (text !== known) {
      count += 1
      const readers = readersOf(cases, port.view(), { case: now.id, name }, port.head().time)
      isTold = readers !== undefined && readers.length > 0
      await putOnce(vault, {
        id: idOf('watched', now.id, name, count),
        kind: 'note',
        type: 'watched',
        case: now.id,
        name,
        gen: count,
        leaves: [],
        more: { text, told: isTold },
        at: clock.wallMs(),
      })
    }
    const id = idOf('changed', now.id, name, count)
    if (isTold) await port.submit('watch.changed', { case: now.id, watch: name }, { id })
    if (now.facts.state === 'open') await recheck(dept, now, item)
  }
}

/** Whether somebody watches on in a case what this member's registers say. */
export function isWatched(dept: Dept, now: CaseNow): boolean {
  const { port } = dept
  return Object.entries(now.compiled.blueprint.watches ?? {}).some(([name, { reads }]) => {
    if (!isSource(dept, now, itemOfPath(reads))) return false
    const readers = readersOf(cases, port.view(), { case: now.id, name }, port.head().time)
    return readers !== undefined && readers.length > 0
  })
}

/** The state and the watched fields of a record, as one text. */
function watchedText(
  { reads }: Watch,
  leaves: readonly { readonly path: string; readonly value: Json }[],
): string {
  const read = parseRead(reads)
  const fields = isRead(read) ? read.fields : null
  const shown = leaves.filter(({ path }) => path === '$' || fields?.includes(path) !== false)
  return encodeCanonical(shown as unknown as Json)
}

/** Lays on the desk that something has changed which this member watches. */
export async function showChanged(dept: Dept, now: CaseNow): Promise<number | null> {
  for (const { key, item } of changedLines(dept, now)) {
    const line = { key, case: now.id, reason: 'changed', item } as const
    dept.inbox.put({ ...line, at: dept.clock.wallMs() })
  }
  return null
}

/** Changes of what this member watches that nobody here has noted. */
export function changedLines(
  { port, vault }: Dept,
  now: CaseNow,
): readonly { readonly key: string; readonly item: string }[] {
  const { watches = {}, parties } = now.compiled.blueprint
  return Object.entries(watches).flatMap(([name, { reader, reads }]) => {
    if ((parties[reader]?.member ?? now.facts.members[reader]) !== port.member) return []
    const changed = changedOf(port.view(), now.id, name)
    if (changed === undefined) return []
    const key = idOf('changed', now.id, name, changed.count)
    return vault.get(idOf('noted', key)) === null ? [{ key, item: itemOfPath(reads) }] : []
  })
}

/** Concludes a case whose result is there, as the member that leads it. */
export async function concludeDelivered(dept: Dept, now: CaseNow): Promise<number | null> {
  const { facts, compiled } = now
  const { lead, parties, result } = compiled.blueprint
  if (facts.state !== 'delivered' || facts.concluded) return null
  if ((parties[lead]?.member ?? facts.members[lead]) !== dept.port.member) return null
  const view = dept.port.view()
  const gens = result.map((item) => itemOf(view, now.id, item)?.gen ?? 0).join(' ')
  const outcome = await commitNote(dept.vault, {
    case: now.id,
    name: 'outcome',
    type: 'outcome',
    attempt: gens,
    value: { outcome: 'delivered', result: [...result] },
    now: dept.clock.wallMs(),
  })
  await dept.port.submit(
    'case.conclude',
    { case: now.id, outcome },
    { id: idOf('conclude', now.id, gens) },
  )
  return null
}

/**
 * Says that time has passed, as the member that leads the case: once a day, when it has an effect.
 */
export async function tick(dept: Dept, now: CaseNow): Promise<number | null> {
  const { lead, parties } = now.compiled.blueprint
  if (now.facts.state !== 'open' && now.facts.state !== 'delivered') return null
  if ((parties[lead]?.member ?? now.facts.members[lead]) !== dept.port.member) return null
  // Ledger time stands while nothing happens; a tick is judged by the time of its own block.
  const wallMs = Math.max(dept.clock.wallMs(), now.time)
  if (hasEffect(dept, now, wallMs)) {
    await dept.port.submit(
      'case.tick',
      { case: now.id },
      { id: idOf('tick', now.id, dayOf(wallMs), now.facts.state) },
    )
  }
  return nextDay(wallMs)
}

/** Whether a tick would cause something at a time. */
function hasEffect(dept: Dept, now: CaseNow, wallMs: number): boolean {
  const view = dept.port.view()
  const { blueprint } = now.compiled
  const open = openActs(view, now.id, wallMs)
  if (open.some(({ due, late }) => due !== undefined && due < wallMs && !late)) return true
  const asked = owed(view, now.id, wallMs).filter(({ fresh }) => !fresh)
  const isPersons = (item: string): boolean =>
    blueprint.parties[blueprint.evidence[item]?.from ?? '']?.files === true
  const standing = standingOf(view, now.id)
  const isSilent = asked.some(({ item, element, since }) => {
    const known =
      standing?.supplyOf(item, element === undefined ? '' : `${element}`)?.l !== undefined
    return !known && !isPersons(item) && hasPassed(view, blueprint.answers, since, wallMs)
  })
  if (isSilent) return true
  const { lapse } = blueprint
  if (standing === undefined || standing.hasFinal('plain') || standing.delivered()) return false
  const waitsForPersons =
    asked.every(({ item }) => isPersons(item)) &&
    open.every(({ act }) => (now.compiled.acts.get(act)?.persons.length ?? 0) > 0)
  if (lapse === undefined || !waitsForPersons) return false
  const since = [
    standing.record.heard,
    ...open.map(({ openedAt }) => openedAt),
    ...asked.map((each) => each.since),
  ]
  return hasPassed(view, lapse, Math.max(...since), wallMs)
}

const dayMs = 86_400_000

/** A minute after the civil day of an instant is over, in China. */
function nextDay(ms: number): number {
  return (Math.floor((ms + shanghaiMs) / dayMs) + 1) * dayMs - shanghaiMs + 60_000
}

const shanghaiMs = 28_800_000
