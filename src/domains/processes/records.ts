// The records of cases and where they stand in the state. One record decides everything about a
// case and holds no commitment of an item; commitments stand apart, so that a step reads and writes
// little. Records are canonical texts of printable ASCII; documents stand in them as base64url.
import { assert } from '#base/assert'
import type { Value } from '#ledger/command'
import type { Write } from '#ledger/apply'
import type { Reading } from '#ledger/validate'

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
