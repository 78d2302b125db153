// What a register owes: asked for on the ledger, looked up under a permit for the keys, written
// into the vault and only then committed to. A source that does not answer is said to be down and
// asked again; what is ambiguous goes to a person. An item that an open act needs fresher is looked
// up again by itself, and equal content keeps its commitment.
import type { Json } from '#base/canonical'
import type { Leaf } from '#base/commitment'
import type { Known, Needed } from '#blueprint/judge'
import { judgeSupply, recordOfSupply } from '#blueprint/judge'
import { itemOf, owed, standingOf } from '#domains/processes'
import type { Owed } from '#domains/processes'
import type { CaseNow, Dept, VaultRecord } from '#apps/node/casework'
import { Later, commitmentOf, gensText, idOf, readFor, slotKeysIn } from '#apps/node/casework'
import { eachAtOnce, sooner } from '#apps/node/casework'
import type { Found, Keys } from '#apps/node/mapping'
import { itemMappingOf, lookUp } from '#apps/node/mapping'
import { noteOtherName } from '#apps/node/messages'
import type { Task } from './answers.ts'
import { answerAttempt, isSame, sayAnswer, slotGens, supplyBody, toDesk } from './answers.ts'
import { isHandedIn } from './handed-in.ts'

/** Looks up everything that this member owes the case now, and what is to be fresher. */
export async function supplyOwed(dept: Dept, now: CaseNow): Promise<number | null> {
  const mine = owed(dept.port.view(), now.id, now.time).filter(
    ({ by, key }) => by === dept.port.member && key.length > 0,
  )
  return eachAtOnce(mine, (each) => supply(dept, now, taskOf(dept, now, each)))
}

/**
 * The task of something that is asked for now; another generation, answer or day is another one.
 */
export function taskOf(dept: Dept, now: CaseNow, { item, element, slots, fresh }: Owed): Task {
  const facts = itemOf(dept.port.view(), now.id, item)
  const asked = fresh ? 'fresh' : 'owed'
  const round = `${asked} ${facts?.gen ?? 0} ${facts?.asOf ?? 0} ${gensText(slots)} ${now.day}`
  return element === undefined ? { item, slots, round } : { item, slots, element, round }
}

/** Whether this member looks up an item in a register. */
export function isSource({ port }: Dept, now: CaseNow, item: string): boolean {
  const { evidence, parties } = now.compiled.blueprint
  const from = Object.hasOwn(evidence, item) ? evidence[item]?.from : undefined
  if (from === undefined || evidence[item]?.key === undefined) return false
  return (parties[from]?.member ?? now.facts.members[from]) === port.member
}

/** Looks an item up and supplies it; says when to try again where the source is down. */
export async function supply(dept: Dept, now: CaseNow, task: Task): Promise<number | null> {
  const { item, element } = task
  const attempt = idOf('supply', now.id, item, element, task.round)
  const compiled = now.compiled.items.get(item)
  if (compiled === undefined) return null
  const { id: application } = now.compiled.blueprint
  const mapping = itemMappingOf(dept.settings.mapping, {
    application,
    item,
    type: compiled.type.type,
  })
  const rows = dept.registers[mapping?.register ?? 'main']
  if (mapping === undefined || rows === undefined)
    return toDesk(dept, now, task, { reason: 'no-mapping' })
  const slots = await slotsOf(dept, now, task, attempt)
  const asOf = dept.port.head().time
  if (await isHandedIn(dept, now, item)) return attest(dept, now, { task, attempt, asOf })
  let found: Found
  try {
    const stewards = dept.matching ?? undefined
    found = await lookUp(mapping, compiled.type, { rows, keys: keysOf(now, slots, task), stewards })
  } catch (failure) {
    return sayDown(dept, now, task, failure)
  }
  if (found.state === 'ambiguous') return toDesk(dept, now, task, doubtOf(found))
  if (found.state === 'absent' && found.byWord === true) await noteOtherName(dept, now, task)
  const value = found.state === 'found' ? found.value : undefined
  const faults = judgeSupply(
    now.judge,
    { day: now.day, slots, items: {} },
    {
      item,
      state: found.state,
      ...(value === undefined ? {} : { value }),
    },
  )
  const [fault] = faults
  if (fault !== undefined) return toDesk(dept, now, task, { reason: 'ambiguous', code: fault.code })
  const answer = {
    state: found.state,
    answer: 'register',
    asOf,
    ...(value === undefined ? {} : { value }),
  }
  await sayAnswer(dept, now, { task, attempt, ...answer })
  return null
}

function doubtOf({ code, ticket }: Found & { readonly state: 'ambiguous' }): {
  readonly reason: 'ambiguous'
  readonly code: string
  readonly ticket?: string
} {
  return { reason: 'ambiguous', code, ...(ticket === undefined ? {} : { ticket }) }
}

/** Says again what was said, for what has changed in the register since is this very decision. */
async function attest(
  dept: Dept,
  now: CaseNow,
  { task, attempt, asOf }: { readonly task: Task; readonly attempt: string; readonly asOf: number },
): Promise<null> {
  const { item, element } = task
  const facts = itemOf(dept.port.view(), now.id, item)
  const part = facts?.parts.find((each) => each.element === element)
  if (part === undefined) return null
  const body = { ...supplyBody(now, task), answer: 'register', parts: [part.c], asOf }
  const said = await dept.port.submit('case.supply', body, { id: idOf('supplied', attempt) })
  if ('refused' in said) throw new Later(said.refused.code)
  return null
}

/** How long nobody asks a table that waits for a person, unless it says so before, milliseconds. */
const heldMs = 600_000

/** Says that the source does not answer, once, and when it is asked again. */
async function sayDown(dept: Dept, now: CaseNow, task: Task, failure: unknown): Promise<number> {
  const code = (failure as { readonly code?: unknown } | null)?.code
  dept.report({
    level: 'warn',
    event: 'source-down',
    code: typeof code === 'string' ? code : 'node/source-failed',
  })
  const { item, element } = task
  // A table that a person has to look at first says itself when it answers again.
  const isHeld = code === 'node/source-held'
  const again = dept.clock.wallMs() + (isHeld ? heldMs : dept.settings.sourceRetryMs)
  // What was answered before is not taken back because it cannot be confirmed today.
  if (!task.round.startsWith('owed ')) return again
  await dept.port.submit(
    'case.supply',
    { ...supplyBody(now, task), answer: 'down', parts: [], asOf: dept.port.head().time },
    { id: idOf('down', now.id, item, element, task.round) },
  )
  return again
}

/** The keys by which an item is looked up: those that lie in the vault, or else asked for. */
async function slotsOf(
  dept: Dept,
  now: CaseNow,
  { item, element }: Task,
  attempt: string,
): Promise<Known['slots']> {
  const needed = keysNeeded(now, item)
  const { about = '' } = now.compiled.blueprint.evidence[item] ?? {}
  const held: { [slot: string]: Known['slots'][string] } = {}
  for (const slot of Object.keys(needed.slots)) {
    const keys = slotKeysIn(dept, now, slot, slot === about ? element : undefined)
    if (keys !== null) held[slot] = keys
  }
  if (Object.keys(needed.slots).every((slot) => held[slot] !== undefined)) return held
  const one = element === undefined ? {} : { one: { slot: about, element } }
  const permit = element === undefined ? { supply: item } : { supply: item, element }
  return (await readFor(dept, now, { attempt, needed, permit, ...one })).slots
}

function keysNeeded(now: CaseNow, item: string): Needed {
  const slots: { [slot: string]: string[] } = {}
  for (const path of now.compiled.blueprint.evidence[item]?.key ?? []) {
    const at = path.indexOf('.')
    const slot = path.slice(0, at)
    ;(slots[slot] ??= []).push(path.slice(at + 1))
  }
  return { items: {}, slots }
}

/** Keys by their bare names; of a slot with several persons those of the element. */
function keysOf(now: CaseNow, slots: Known['slots'], { item, element }: Task): Keys {
  const { about } = now.compiled.blueprint.evidence[item] ?? {}
  const keys: { [key: string]: string | number } = {}
  for (const [slot, all] of Object.entries(slots)) {
    const one = all[slot === about && all.length > 1 ? (element ?? 0) : 0] ?? {}
    for (const [name, value] of Object.entries(one)) {
      if (typeof value === 'string' || typeof value === 'number') keys[name] = value
    }
  }
  return keys
}

/**
 * Asks sources again that were said to be down: what the ledger has of such an item is none, or
 * something that stands in for it. Says when to ask again.
 */
export async function askDownAgain(dept: Dept, now: CaseNow): Promise<number | null> {
  const view = dept.port.view()
  let again: number | null = null
  for (const [item, { key }] of Object.entries(now.compiled.blueprint.evidence)) {
    if (key === undefined || !isSource(dept, now, item)) continue
    for (const element of downOf(dept, now, item)) {
      const asked = owed(view, now.id, now.time).some(
        (each) => each.item === item && each.element === element,
      )
      if (asked) continue
      const slots = slotGens(dept, now, item)
      const round = `down ${gensText(slots)} ${itemOf(view, now.id, item)?.gen ?? 0} ${now.day}`
      const task = element === undefined ? { item, slots, round } : { item, slots, element, round }
      again = sooner(again, await supply(dept, now, task))
    }
  }
  return again
}

/** Positions of an item whose source was down and has not answered since. */
function downOf(dept: Dept, now: CaseNow, item: string): readonly (number | undefined)[] {
  const states = standingOf(dept.port.view(), now.id)?.record.items[item]?.s ?? {}
  return Object.entries(states).flatMap(([position, { x, u }]) =>
    x === undefined || u === 'register' ? [] : [position === 'all' ? undefined : Number(position)],
  )
}

/** What a register says now of an item that this member has supplied. */
export type SaidAgain = {
  readonly task: Task
  readonly state: 'found' | 'absent'
  readonly value?: Json
  readonly leaves: readonly Leaf[]
  /** What stands on the ledger; undefined where the vault has it no longer. */
  readonly held: VaultRecord | undefined
  readonly asOf: number
}

/**
 * Looks up again what this member has supplied; null where the register has no one answer, or
 * nothing was supplied.
 */
export async function lookAgain(
  dept: Dept,
  now: CaseNow,
  item: string,
  element?: number,
): Promise<SaidAgain | null> {
  const compiled = now.compiled.items.get(item)
  const facts = itemOf(dept.port.view(), now.id, item)
  const part = facts?.parts.find((each) => each.element === element)
  if (compiled === undefined || facts === undefined || part === undefined) return null
  const { id: application } = now.compiled.blueprint
  const type = compiled.type.type
  const mapping = itemMappingOf(dept.settings.mapping, { application, item, type })
  const rows = dept.registers[mapping?.register ?? 'main']
  if (mapping === undefined || rows === undefined) return null
  const task: Task = {
    item,
    ...(element === undefined ? {} : { element }),
    slots: slotGens(dept, now, item),
    round: `again ${part.gen} ${part.c}`,
  }
  const attempt = idOf('supply', now.id, item, element, task.round)
  const slots = await slotsOf(dept, now, task, attempt)
  const asOf = dept.port.head().time
  const stewards = dept.matching ?? undefined
  const keys = keysOf(now, slots, task)
  const found = await lookUp(mapping, compiled.type, { rows, keys, stewards })
  if (found.state === 'ambiguous') {
    toDesk(dept, now, task, doubtOf(found))
    return null
  }
  if (found.state === 'absent' && found.byWord === true) await noteOtherName(dept, now, task)
  const value = found.state === 'found' ? found.value : undefined
  const { leaves } = recordOfSupply(now.judge, item, found.state, value)
  const held = dept.vault
    .find({ case: now.id, name: item, kind: 'own' })
    .find((record) => commitmentOf(record) === part.c)
  const said = { task, state: found.state, leaves, held, asOf }
  return value === undefined ? said : { ...said, value }
}

/**
 * Looks up again what this member has supplied, and supplies it where it says something else now.
 * Says whether it does; null where the register has no one answer or does not answer.
 */
export async function recheck(
  dept: Dept,
  now: CaseNow,
  item: string,
  element?: number,
): Promise<boolean | null> {
  // What this member has just handed in itself is no news of its register.
  if (await isHandedIn(dept, now, item)) return false
  const again = await lookAgain(dept, now, item, element)
  if (again === null) return null
  const { task, leaves, held, state, value, asOf } = again
  if (held !== undefined && isSame(held, leaves)) return false
  const attempt = answerAttempt(dept, now, { task, leaves })
  const said = { task, attempt, state, answer: 'register', asOf }
  await sayAnswer(dept, now, value === undefined ? said : { ...said, value })
  return true
}
