// The answer that a register has a code and has it under another name: a steward has looked, so it
// is no doubt any more, and whoever applied is to hear of it. The ledger has only that the register
// answered; why is told to the counters that host the person, and to nobody else. It promises that
// such a counter has a line until somebody there has noted it, or the register says otherwise.
import type { Json } from '#base/canonical'
import { itemOf } from '#domains/processes'
import type { ItemFacts } from '#domains/processes'
import type { CaseNow, Dept } from '#apps/node/casework'
import { Later, caseNow, commitmentOf, idOf, memberOf, moreOf } from '#apps/node/casework'
import { putOnce } from '#apps/node/casework'

/** What is told to a counter, and what its line says. */
export const otherNameCode = 'node/match-other-name'

type Part = ItemFacts['parts'][number]

/** Notes that a steward's word is why a register has no such entry. */
export async function noteOtherName(
  dept: Dept,
  now: CaseNow,
  { item, element }: { readonly item: string; readonly element?: number },
): Promise<void> {
  const id = idOf('other-name', now.id, item, element)
  const more: Json = { item, element: element ?? null }
  await putOnce(dept.vault, noteOf(dept, now, { id, type: 'other-name', more }))
}

/** As the register: tells the counters of the person, once for each such answer. */
export async function tellOtherName(dept: Dept, now: CaseNow): Promise<number | null> {
  if (now.facts.state !== 'open') return null
  for (const record of dept.vault.find({ case: now.id, kind: 'note' })) {
    if (record.type !== 'other-name') continue
    const item = moreOf(record, 'item')
    const element = moreOf(record, 'element')
    if (typeof item !== 'string') continue
    const part = partOf(itemOf(dept.port.view(), now.id, item), element)
    if (part === undefined || !isAbsent(dept, now, item, part)) continue
    const { c } = part
    const notice: Json = { kind: 'other-name', case: now.id, item, element: element ?? null, c }
    for (const host of hostsOf(now, item, element)) {
      const id = idOf('told-other-name', now.id, item, c, host)
      if (dept.vault.get(id) !== null) continue
      if (host === dept.port.member) await takeOtherName(dept, host, notice)
      else {
        const told = await dept.ways.tell(host, 'notices', notice)
        if ('refused' in told) throw new Later(told.refused)
      }
      await putOnce(dept.vault, noteOf(dept, now, { id, type: 'told-other-name', more: {} }))
    }
  }
  return null
}

/** Takes such news of a register about a person who is hosted here. Untrusted. */
export async function takeOtherName(dept: Dept, from: string, json: Json): Promise<void> {
  const [id, item, c] = ['case', 'item', 'c'].map((each) => memberOf(json, each))
  const element = memberOf(json, 'element')
  const now = typeof id === 'string' ? caseNow(dept.port, id) : null
  if (now === null || typeof item !== 'string' || typeof c !== 'string') {
    throw new Later('node/unknown-notice')
  }
  // Only the register speaks of what it has answered, and only to who hosts the person.
  const part = partOf(itemOf(dept.port.view(), now.id, item), element)
  const isHere = hostsOf(now, item, element).includes(dept.port.member)
  if (part?.by !== from || part.c !== c || !isHere) throw new Later('node/unknown-notice')
  const note = { id: lineKey(now, item, c), type: 'heard-other-name' }
  const more: Json = { item, c, element: element ?? null }
  await putOnce(dept.vault, noteOf(dept, now, { ...note, more }))
  await showOtherName(dept, now)
}

/** Lays on the desk of the counter that the person is to be told. */
export async function showOtherName(dept: Dept, now: CaseNow): Promise<number | null> {
  for (const { key, item } of otherNameLines(dept, now)) {
    const line = { key, case: now.id, reason: 'other-name', item, code: otherNameCode } as const
    dept.inbox.put({ ...line, at: dept.clock.wallMs() })
  }
  return null
}

/** Such answers that stand, and that nobody at this counter has noted. */
export function otherNameLines(
  { port, vault }: Dept,
  now: CaseNow,
): readonly { readonly key: string; readonly item: string }[] {
  if (now.facts.state !== 'open') return []
  return vault.find({ case: now.id, kind: 'note' }).flatMap((record) => {
    const [item, c] = [moreOf(record, 'item'), moreOf(record, 'c')]
    if (record.type !== 'heard-other-name' || typeof item !== 'string') return []
    const part = partOf(itemOf(port.view(), now.id, item), moreOf(record, 'element'))
    const stands = part?.c === c && vault.get(idOf('noted', record.id)) === null
    return stands ? [{ key: record.id, item }] : []
  })
}

function lineKey({ id }: CaseNow, item: string, c: string): string {
  return idOf('heard-other-name', id, item, c)
}

function partOf(facts: ItemFacts | undefined, element: Json | undefined): Part | undefined {
  if (facts?.void === true) return undefined
  return facts?.parts.find((part) => part.element === (element ?? undefined))
}

/** Whether what stands on the ledger is that there is none. */
function isAbsent({ vault }: Dept, now: CaseNow, item: string, { c }: Part): boolean {
  const records = vault.find({ case: now.id, name: item, kind: 'own' })
  const record = records.find((each) => commitmentOf(each) === c)
  return record?.leaves.some(({ path, value }) => path === '$' && value === 'absent') === true
}

/** Members that host the person whom an item is about. */
function hostsOf(now: CaseNow, item: string, element: Json | undefined): readonly string[] {
  const about = now.compiled.blueprint.evidence[item]?.about ?? ''
  const slot = Object.hasOwn(now.facts.slots, about) ? now.facts.slots[about] : undefined
  const all = slot?.hosts ?? []
  return [...new Set(typeof element === 'number' ? all.slice(element, element + 1) : all)]
}

function noteOf(
  { clock }: Dept,
  now: CaseNow,
  { id, type, more }: { readonly id: string; readonly type: string; readonly more: Json },
): Parameters<typeof putOnce>[1] {
  const place = { kind: 'note', case: now.id, name: type, gen: 0, leaves: [] } as const
  return { ...place, id, type, more, at: clock.wallMs() }
}
