// The records of the members' domain: where each stands in the state and how it is read. Only this
// room writes them, so a record that does not have its shape is a defect and not bad input.
import { assert } from '#base/assert'
import type { PublicJwk } from '#base/crypto'
import type { Value } from '#ledger/command'
import type { Write } from '#ledger/apply'
import type { KeyRecord, KeyUse, MemberKind, MemberRecord, Reading } from '#ledger/validate'
import { keyKey, memberKey, readKey, readMember } from '#ledger/validate'

/** A member as this room keeps it: what admission needs, and how it came and went. */
export type Membership = MemberRecord & {
  /** Registered code of the organisation (GB 32100). */
  readonly uscc?: string
  /** Salted commitment to the agreement by which it joined, base64url SHA-256. */
  readonly document?: string
  /** Height of the last change of state. */
  readonly since: number
  /** Block time in milliseconds from which it is no longer a member. */
  readonly endedAt?: number
  /** The member that took over its duties. */
  readonly succeededBy?: string
}

/** Every member by code, replicas that are active apart: they are the electorate. */
export type Roll = {
  readonly all: readonly string[]
  readonly replicas: readonly string[]
}

/** What was said once about the whole ledger. */
export type Settings = {
  readonly practice: boolean
  /** The member that runs the embedded ledger. */
  readonly operator: string
}

export type OfficerState = 'active' | 'lost' | 'retired'

/** An officer: a random id. Who it is stands in the department's vault alone. */
export type OfficerRecord = {
  readonly officer: string
  readonly member: string
  readonly state: OfficerState
  /** Kids of the keys that have not ended, oldest first. */
  readonly kids: readonly string[]
  readonly since: number
}

/** Whether a department's decisive acts need its officers. */
export type OfficersRecord = {
  readonly required: boolean
  /** Officers enrolled since the requirement was last lowered; it only grows. */
  readonly enrolled: number
}

/** A code version and the first height at which it runs. */
export type CodeFrom = { readonly code: string; readonly from: number }

/** The plan of moving to another engine: all as voted. */
export type Handover = {
  readonly engine: string
  readonly members: readonly string[]
  readonly logKeys: { readonly [member: string]: string }
  readonly quorum: number
  readonly initialHeight: number
}

/** What begins at a height that is still to come. */
export type Pending = {
  readonly upgrades: readonly CodeFrom[]
  readonly handover?: Handover
}

export type Redaction = {
  readonly entry: number
  readonly leaf: string
  readonly law: string
  readonly height: number
}

export type Confirmation = {
  readonly height: number
  readonly by: string
  readonly [fact: string]: Value
}

/** Times of validity in milliseconds, `until` exclusive; `by` is a member or `governance`. */
export type Interval = {
  readonly from: number
  readonly until: number
  readonly by: string
  readonly height: number
}

export type AccreditationRecord = {
  readonly member: string
  readonly type: string
  readonly intervals: readonly Interval[]
}

export type MarkKind = 'hold' | 'disputed' | 'frozen'

export type Mark = { readonly kind: MarkKind; readonly by: string; readonly height: number }

/** An outage in milliseconds of ledger time, `until` exclusive. */
export type Outage = { readonly from: number; readonly until: number }

// Two slashes in every key: an address with one slash is a refusal code.
export const rollKey = 'members/ledger/roll'
export const settingsKey = 'members/ledger/settings'
export const codeKey = 'members/ledger/code'
export const pendingKey = 'members/ledger/pending'
export const handoverKey = 'members/ledger/handover'
export const timeKey = 'members/ledger/time'
export const restoreKey = 'members/ledger/restore'
export const openOutageKey = 'members/outage/open'
export const joiningKey = (code: string): string => `members/joining/${code}`
export const liveKeysKey = (code: string): string => `members/keys/${code}`
export const thumbprintKey = (thumbprint: string): string => `members/thumbprint/${thumbprint}`
export const officerKey = (officer: string): string => `members/officer/${officer}`
export const officersKey = (code: string): string => `members/officers/${code}`
export const proposalKey = (id: string): string => `members/proposal/${id}`
export const successionKey = (code: string): string => `members/succession/${code}`
export const redactionKey = (entry: number): string => `members/redaction/${entry}`
export const accreditorKey = (code: string, type: string): string =>
  `members/accreditor/${code}/${type}`
export const accreditationPrefix = 'members/accreditation/'
export const accreditationKey = (code: string, type: string): string =>
  `${accreditationPrefix}${code}/${type}`
export const markKey = (handle: string): string => `members/mark/${handle}`
export const outageKey = (slot: number): string => `members/outage/${slot}`

/** A record of this room, or undefined. */
export function readRecord<T>(view: Reading, key: string): T | undefined {
  const value = view.get(key)
  return value === undefined || value === null ? undefined : (value as unknown as T)
}

/** A write of a record of this room. */
export function write(key: string, record: object | null): Write {
  return [key, record as unknown as Value]
}

/** The member with everything that this room knows of it. */
export function memberOf(view: Reading, code: string): Membership | undefined {
  return readMember(view, code) as Membership | undefined
}

/** Whether the member exists and is active. */
export function isActive(view: Reading, code: string): boolean {
  return readMember(view, code)?.state === 'active'
}

/** All members, and the active replicas. */
export function rollOf(view: Reading): Roll {
  const roll = readRecord<Roll>(view, rollKey)
  assert(roll !== undefined, 'a ledger has a roll from its genesis on')
  return roll
}

export function settingsOf(view: Reading): Settings {
  const settings = readRecord<Settings>(view, settingsKey)
  assert(settings !== undefined, 'a ledger has settings from its genesis on')
  return settings
}

/** Records of the member's own keys (not its officers') that were live when last changed. */
export function keysOf(view: Reading, code: string): readonly KeyRecord[] {
  const kids = readRecord<readonly string[]>(view, liveKeysKey(code)) ?? []
  return kids.map((kid) => {
    const record = readKey(view, kid)
    assert(record !== undefined, 'a listed key has a record')
    return record
  })
}

/**
 * The heights at which a key counts, `until` exclusive: its own interval, ended earlier when its
 * member has left.
 */
export function keyInterval(
  view: Reading,
  kid: string,
): { readonly from: number; readonly until: number | null } | undefined {
  const record = readKey(view, kid)
  if (record === undefined) return undefined
  const member = memberOf(view, record.member)
  const left = member?.state === 'left' ? member.since : null
  return { from: record.from, until: earlier(record.until, left) }
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null || a < b ? a : b
}

export function officerOf(view: Reading, officer: string): OfficerRecord | undefined {
  return readRecord<OfficerRecord>(view, officerKey(officer))
}

export function officersOf(view: Reading, code: string): OfficersRecord {
  return readRecord<OfficersRecord>(view, officersKey(code)) ?? { required: false, enrolled: 0 }
}

/**
 * Whether the department's decisive acts (decide, sign, issue, revoke, export) need an officer's
 * approval: from its first enrolment until a governance command lowers it.
 */
export function officersRequired(view: Reading, code: string): boolean {
  return officersOf(view, code).required
}

/** Officers of a post: the holder first, then the substitutes in their order. */
export function postHolders(view: Reading, code: string, post: string): readonly string[] {
  return memberOf(view, code)?.posts?.[post] ?? []
}

/** The member that answers today for what `code` did: follows successions to their end. */
export function successorOf(view: Reading, code: string): string {
  let current = code
  for (let step = 0; step < successionDepthMax; step += 1) {
    const next = memberOf(view, current)?.succeededBy
    if (next === undefined) return current
    current = next
  }
  return current
}

/** The code version in force at a height, base64url, or undefined when none was ever named. */
export function codeAt(view: Reading, height: number): string | undefined {
  const versions = readRecord<readonly CodeFrom[]>(view, codeKey) ?? []
  let found: CodeFrom | undefined
  for (const version of versions) if (version.from <= height) found = version
  return found?.code
}

export function pendingOf(view: Reading): Pending {
  return readRecord<Pending>(view, pendingKey) ?? { upgrades: [] }
}

/** The order to withhold an entry's bytes, if there is one. */
export function redactionOf(view: Reading, entry: number): Redaction | undefined {
  return readRecord<Redaction>(view, redactionKey(entry))
}

/** The last confirmation of the clock, of a restored size. */
export function confirmationOf(view: Reading, of: 'time' | 'restore'): Confirmation | undefined {
  return readRecord<Confirmation>(view, of === 'time' ? timeKey : restoreKey)
}

/** A new state of a member, and the roll that follows from it. */
export function memberWrites(view: Reading, record: Membership): readonly Write[] {
  const roll = rollOf(view)
  const electing = record.kind === 'replica' && record.state === 'active'
  const next: Roll = {
    all: withText(roll.all, record.code),
    replicas: electing ? withText(roll.replicas, record.code) : without(roll.replicas, record.code),
  }
  const changed = next.all !== roll.all || next.replicas !== roll.replicas
  const own = write(memberKey(record.code), record)
  return changed ? [own, write(rollKey, next)] : [own]
}

/** The key's record and the list of its member's live keys. */
export function keyWrites(
  view: Reading,
  member: string,
  height: number,
  changed: readonly KeyRecord[],
): readonly Write[] {
  const live = new Map(keysOf(view, member).map((record) => [record.kid, record]))
  for (const record of changed) live.set(record.kid, record)
  const kids = [...live.values()]
    .filter((record) => record.until === null || record.until > height)
    .map((record) => record.kid)
  return [
    ...changed.map((record) => write(keyKey(record.kid), record)),
    write(liveKeysKey(member), kids),
  ]
}

/**
 * Several changes on top of one another: reads see what was put before. One key is written once,
 * whatever was put under it on the way.
 */
export class Draft implements Reading {
  readonly #view: Reading
  readonly #writes: Map<string, Value> = new Map()

  constructor(view: Reading) {
    this.#view = view
  }

  get(key: string): Value | undefined {
    const value = this.#writes.get(key)
    if (value === undefined) return this.#view.get(key)
    return value === null ? undefined : value
  }

  put(writes: readonly Write[]): this {
    for (const [key, value] of writes) this.#writes.set(key, value)
    return this
  }

  writes(): readonly Write[] {
    return [...this.#writes]
  }
}

/** The list with the text in it, sorted; the same list when it is in it already. */
export function withText(list: readonly string[], text: string): readonly string[] {
  if (list.includes(text)) return list
  return [...list, text].sort((a, b) => (a < b ? -1 : 1))
}

/** The list without the text; the same list when it is not in it. */
export function without(list: readonly string[], text: string): readonly string[] {
  return list.includes(text) ? list.filter((each) => each !== text) : list
}

/** Successions are followed this far; a chain of departments never comes near it. */
export const successionDepthMax = 64

/** What the domain says of a key before it is registered. */
export type OfferedKey = {
  readonly use: KeyUse
  readonly alg: KeyRecord['alg']
  readonly jwk: PublicJwk
  readonly custody: KeyRecord['custody']
}

export type { KeyRecord, KeyUse, MemberKind, Reading }
