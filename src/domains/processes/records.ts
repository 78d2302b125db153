// The words of this room: its refusal codes, the leaves of its commands, and the records of cases
// with where they stand in the state. A refusal speaks of authority, order, inputs and time, never
// of content. One record decides everything about a case and holds no commitment of an item; these
// stand apart, so that a step reads and writes little. Records are canonical texts of printable
// ASCII, so documents stand in them as base64url.
import { assert } from '#base/assert'
import type { Fields, Refusal, Schema, Value } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Context, Decision, View, Write } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import { isActive, officersRequired, successorOf } from '#domains/members'

/** Every code of this room, with what it says. */
export const codeTexts = {
  'processes/act-not-open': 'the act waits for something, is settled, or does not exist',
  'processes/already-agreed': 'this member has agreed to the blueprint',
  'processes/already-filed': 'the case, slot or handle is taken',
  'processes/already-published': 'a blueprint or calendar of this identity is published',
  'processes/answered': 'the source has answered, so nothing takes the place of its answer',
  'processes/bad-blueprint': 'the publication does not pass the check',
  'processes/bad-calendar': 'the document is no calendar, or not the next year of the one in use',
  'processes/bad-document': 'the named document is not what the command needs',
  'processes/bad-element': 'an element is missing, not asked for, or beyond the list',
  'processes/bad-public': 'the public values do not fit the type',
  'processes/bad-time': 'the answer is dated in the future',
  'processes/case-closed': 'the case has ended',
  'processes/claimed': 'the register has denied the claim, or the handle is another claim’s',
  'processes/hold-broken': 'an invariant over public quantities would not hold',
  'processes/identification-too-low': 'the person was identified less surely than is asked',
  'processes/is-final': 'an act that moved money or the world is not undone',
  'processes/no-consent': 'the consent under which the act reads was withdrawn',
  'processes/no-such-name': 'the blueprint does not declare this name',
  'processes/not-a-consent': 'no act reads under this item',
  'processes/not-active': 'the blueprint or the member is not in force',
  'processes/not-agreed': 'the member has not agreed to the blueprint',
  'processes/not-asked': 'nobody asks for this, or not now',
  'processes/not-claimed': 'the claim on the object has not been granted',
  'processes/not-concluded': 'the case has no outcome that this could follow',
  'processes/not-delivered': 'the result is not there yet',
  'processes/not-disputed': 'nobody disputes this',
  'processes/not-due': 'no time has passed that has an effect',
  'processes/not-of-class': 'the member is not of the class that the application asks for',
  'processes/not-party': 'the sender has no part in this',
  'processes/not-taken': 'the task was not delivered to whoever is silent',
  'processes/not-the-source': 'somebody else answers for this item, or not in this way',
  'processes/notice-given': 'what is missing has been said once',
  'processes/officers-required': 'the department’s officers have not approved',
  'processes/outage': 'silence during a declared outage means nothing',
  'processes/scenario-failed': 'a scenario does not end as it says',
  'processes/stale-evidence': 'an input is older than the act allows',
  'processes/stale-read': 'an input has another generation than the command names',
  'processes/too-late': 'the time for this has passed',
  'processes/too-many': 'the case has as much of this as it may have',
  'processes/unknown-blueprint': 'no blueprint of this identity is published',
  'processes/unknown-case': 'there is no such case',
  'processes/wrong-clock': 'the clock is not in a state that allows this',
  'processes/wrong-parts': 'the number of commitments is not that of the item',
  'processes/wrong-slot': 'a slot is missing, unknown, or of another generation',
} as const

export type ProcessesCode = keyof typeof codeTexts

/** The codes of this room, in order. */
export const processesCodes: readonly ProcessesCode[] = Object.freeze(
  Object.keys(codeTexts) as ProcessesCode[],
)

/** A refusal with one of this room's codes. */
export function no(code: ProcessesCode, at?: string): Refusal {
  return at === undefined ? { code } : { code, at }
}

export const id16: Schema = { k: 'bytes', length: 16 }
export const b32: Schema = { k: 'bytes', length: 32 }
export const name: Schema = { k: 'name' }
export const member: Schema = { k: 'member' }
export const time: Schema = { k: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }
/** Elements of a list of persons or things, from 0. */
export const element: Schema = { k: 'int', min: 0, max: 1_023 }
export const generation: Schema = { k: 'int', min: 0, max: 1_000_000 }
/** Commitments of one command. */
export const partsMax = 256
export const parts: Schema = { k: 'list', of: b32, min: 0, max: partsMax }
export const gensByName: Schema = { k: 'map', key: 'name', of: generation, max: 64 }
export const partsByName: Schema = { k: 'map', key: 'name', of: parts, max: 8 }

/** Commands an hour that one member may send, by budget class. */
const hourly = { cases: 2_000_000, clocks: 500_000, publishing: 240 } as const

/** More approvals of officers than this are not admitted. */
export const officersMax = 4

/** A decoded body; its shape was checked at admission. */
export type Question<Body> = {
  readonly view: View
  readonly body: Body
  readonly context: Context
}

/** What differs between one command of this room and another. */
export type Plan<Body> = {
  readonly name: string
  readonly body: Fields
  readonly budget: keyof typeof hourly
  readonly documents?: (body: Body) => readonly string[]
  readonly outcome?: Fields
  readonly decide: (question: Question<Body>) => readonly Write[] | Refusal | Decided
}

/** Writes with an outcome for the entry. */
export type Decided = { readonly writes: readonly Write[]; readonly outcome: Value }

/** The command type of a plan: admission rule and decision in one. */
export function commandType<Body>(plan: Plan<Body>): CommandType {
  const { documents } = plan
  return {
    name: plan.name,
    body: { k: 'record', ...plan.body },
    use: ['command'],
    kinds: ['replica', 'participant'],
    budget: { class: plan.budget, perHour: hourly[plan.budget] },
    approvals: { min: 0, max: officersMax },
    ...(documents === undefined ? {} : { documents: (body) => documents(body as unknown as Body) }),
    ...(plan.outcome === undefined ? {} : { outcome: { k: 'record', ...plan.outcome } }),
    decide: (view, body, context) => {
      if (!isActive(view, context.member)) return no('processes/not-active')
      return decision(plan.decide({ view, body: body as unknown as Body, context }))
    },
  }
}

function decision(result: readonly Write[] | Refusal | Decided): Decision {
  if (isRefusal(result)) return result
  if ('outcome' in result) return { code: 'ok', writes: result.writes, outcome: result.outcome }
  return { code: 'ok', writes: result }
}

/**
 * Why the approvals do not carry a decisive act, or null: once a department has enrolled officers,
 * as many different ones of them as posts sign must have approved (DESIGN §9).
 */
export function officersRefused(view: View, context: Context, posts: number): Refusal | null {
  if (posts === 0 || !officersRequired(view, context.member)) return null
  const own = context.approvals.filter((approval) => approval.member === context.member)
  const officers = new Set(own.map((approval) => approval.officer))
  return officers.size < posts ? no('processes/officers-required') : null
}

/** How a case stands. That its result is delivered follows from its items. */
export type CaseState = 'open' | 'ended' | 'withdrawn' | 'lapsed'

/** A slot: its generation, and by position the commitments to its keys and who hosts them. */
export type SlotRecord = {
  readonly g: number
  readonly c: readonly string[]
  readonly h: readonly string[]
}

/** How surely an item was answered; `owed` stands in for it. */
export type Answer = 'register' | 'original' | 'copy' | 'declared' | 'pledged' | 'owed'

/** What is known of the source of one element (or of all, under the empty name). */
export type SupplyState = {
  /** As of when, in milliseconds; absent as long as nobody answered. */
  readonly t?: number
  readonly u?: Answer
  /** Generations of the items from which the slots and the source were bound. */
  readonly r?: { readonly [item: string]: number }
  /** A list that is not closed yet. */
  readonly p?: 1
  /** When the source said that it cannot answer. */
  readonly x?: number
  /** When a tick found the source late. */
  readonly l?: number
  /** Since when it is asked, as far as the ledger has seen it. */
  readonly o?: number
}

/** The key of a position in a record: that of a whole item has a name, because no key is empty. */
export function positionKey(position: string): string {
  return position === '' ? 'all' : `e${position}`
}

/** What the case knows of an item. */
export type ItemState = {
  readonly g: number
  /** Parts that a return, revocation or annulment has voided, by act or by `supply/<element>`. */
  readonly v?: readonly string[]
  readonly s?: { readonly [element: string]: SupplyState }
  /** How many elements a list has. */
  readonly n?: number
  /** Open disputes. */
  readonly d?: number
}

/** What the case knows of an act, or of one element of it (`act/element`). */
export type ActState = {
  /** Since when it is open, and at which height it opened. */
  readonly o?: number
  readonly h?: number
  /** Generations of its inputs when it was completed, in the order of their names. */
  readonly g?: readonly number[]
  /** Completions so far. */
  readonly n?: number
  /** When it was last completed. */
  readonly t?: number
  /** Generation of its part of each item that it gives for its element. */
  readonly k?: { readonly [item: string]: number }
  /** When a tick found it late. */
  readonly l?: number
  /** When its task was taken up, since it opened. */
  readonly q?: number
  /** Completed by silence. */
  readonly m?: 1
  /** Times in which its clock stood: from, until (0: still). */
  readonly z?: readonly (readonly [number, number])[]
  /** Units by which its limit was extended. */
  readonly x?: number
  /** Sums of a refused case were paid back. */
  readonly y?: 1
}

/** How a case was concluded. */
export type Conclusion = { readonly c: string; readonly t: number; readonly act?: string }

/** Everything that decides about a case. */
export type CaseRecord = {
  readonly blueprint: string
  readonly host: string
  readonly filedAt: number
  readonly entry: number
  readonly state: CaseState
  readonly slots: { readonly [slot: string]: SlotRecord }
  readonly items: { readonly [item: string]: ItemState }
  readonly acts: { readonly [key: string]: ActState }
  /** Members bound from evidence. */
  readonly members?: { readonly [party: string]: string }
  /** Members other than the host that may have somebody join. */
  readonly invited?: readonly string[]
  /** Members to whom an act was delegated. */
  readonly delegates?: { readonly [act: string]: string }
  /** Handles of granted claims by object; a denied one is empty. */
  readonly claims?: { readonly [object: string]: string }
  /** The last deed of a person, in milliseconds. */
  readonly heard: number
  /** When everything missing was said. */
  readonly notice?: number
  readonly conclusion?: Conclusion
  readonly appealed?: number
}

/** One commitment of an item by one giver; `gen` counts this part's own changes. */
export type Part = {
  readonly c: string
  /** The act that gave it, or `supply`. */
  readonly from: string
  readonly element?: number
  readonly by: string
  readonly gen: number
  /** Given by silence: there is no content. */
  readonly deemed?: true
}

/** A dispute of a field: whom it is by, and commitments to field and statement. */
export type Dispute = {
  readonly field: string
  readonly statement: string
  readonly by: string
  readonly at: number
  readonly element?: number
  readonly late?: true
}

/** The commitments of an item. */
export type ItemRecord = {
  readonly gen: number
  readonly parts: readonly Part[]
  readonly asOf: number
  /** Public values by part, each as base64url of its canonical text; empty where there is none. */
  readonly public?: readonly string[]
  readonly disputes?: readonly Dispute[]
  /** Parts of final acts that newer ones have taken the place of. */
  readonly history?: readonly Part[]
}

/** A published blueprint. Its text stands apart. */
export type BlueprintRecord = {
  readonly by: string
  readonly at: number
  readonly state: 'proposed' | 'active' | 'retired'
  readonly parties: readonly string[]
  readonly agreed: readonly string[]
  /** On the stage of scenarios: whoever is named has agreed. */
  readonly everybody?: true
}

/** The documents of a blueprint, each as base64url of its canonical text. */
export type BlueprintTexts = { readonly publication: string; readonly types: readonly string[] }

export const caseKey = (id: string): string => `processes/case/${id}`
export const itemKey = (id: string, item: string): string => `processes/item/${id}/${item}`
export const claimKey = (handle: string): string => `processes/claim/${handle}`
export const blueprintKey = (hash: string): string => `processes/blueprint/${hash}`
export const textsKey = (hash: string): string => `processes/texts/${hash}`
export const calendarKey = 'processes/calendar/years'

/** A record of this room, or undefined. Only this room writes them. */
export function readRecord<T>(view: Reading, key: string): T | undefined {
  const value = view.get(key)
  return value === undefined || value === null ? undefined : (value as unknown as T)
}

/** A write of a record of this room. */
export function write(key: string, record: object | null): Write {
  return [key, record as unknown as Value]
}

/** Whether a member speaks today for one of these: itself, or one whose duties it took over. */
export function speaksFor(view: Reading, code: string, of: readonly string[]): boolean {
  return of.some((each) => successorOf(view, each) === code)
}

/**
 * Whether a member has agreed to a blueprint. Nobody's robot works under one otherwise: what
 * evidence names, or another member delegates to, is only whoever wants to be named.
 */
export function hasAgreed(view: Reading, hash: string, code: string): boolean {
  const record = readRecord<BlueprintRecord>(view, blueprintKey(hash))
  if (record === undefined) return false
  return record.everybody === true || speaksFor(view, code, record.agreed)
}

/** The key of an act in a case: its name, with the element where it is done for each of a list. */
export function actKey(act: string, element?: number): string {
  return element === undefined ? act : `${act}/${element}`
}

/** The act of a key. */
export function actOfKey(key: string): { readonly act: string; readonly element?: number } {
  const at = key.indexOf('/')
  if (at < 0) return { act: key }
  const element = Number(key.slice(at + 1))
  assert(Number.isSafeInteger(element), 'an element of an act is a number')
  return { act: key.slice(0, at), element }
}
