// What a scenario is played with: the commands of the kernel of cases, and how a case stands by its
// own word. The kernel hands itself over, so this room knows nothing of how it keeps a case.
import type { CommandType, Write } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import type { Judge } from '#blueprint/judge'

/** A case as the kernel says that it stands. */
export type CaseView = {
  readonly host: string
  readonly state: string
  readonly delivered: boolean
  readonly concluded: boolean
  /** The act whose no ended it. */
  readonly refusedBy?: string
  readonly slots: { readonly [slot: string]: SlotView }
  /** Members bound visibly, by party. */
  readonly members: { readonly [party: string]: string }
  /** Handles of claims by object; empty where it was denied. */
  readonly claims: { readonly [object: string]: string }
}

export type SlotView = {
  readonly gen: number
  readonly filed: boolean
  readonly commitments: readonly string[]
}

/** An act that is open. */
export type OpenView = {
  readonly act: string
  readonly element?: number
  readonly recorders: readonly string[]
  /** It was completed before and settles a difference. */
  readonly difference: boolean
  /** The case was refused, and what was paid goes back. */
  readonly refund: boolean
  /** An input must be answered anew before. */
  readonly stale: boolean
}

/** An act, open or not. */
export type ActView = {
  /** The code with which it would be refused now, or null. */
  readonly closed: string | null
  readonly recorders: readonly string[]
  readonly reads: { readonly [name: string]: number }
  readonly refund: boolean
}

/** A commitment that is in force, by giver. */
export type PartView = { readonly c: string; readonly from: string; readonly element?: number }

/** What a source is asked for now. */
export type OwedView = {
  readonly item: string
  readonly element?: number
  readonly by: string
  readonly slots: { readonly [slot: string]: number }
  /** It was answered, and an open act needs an answer of today. */
  readonly fresh: boolean
}

/** The kernel of cases, over the one blueprint that is played. */
export type Kernel = {
  /** Identity of the blueprint. */
  readonly hash: string
  readonly judge: Judge
  readonly types: ReadonlyMap<string, CommandType>
  /** The records with which a stage begins: the blueprint in force, and the calendar. */
  readonly begin: readonly Write[]
  caseOf(view: Reading, id: string): CaseView | undefined
  openActs(view: Reading, id: string, time: number): readonly OpenView[]
  owed(view: Reading, id: string, time: number): readonly OwedView[]
  actOf(view: Reading, id: string, act: ActAt): ActView | undefined
  /** Commitments in force by item; items that nobody has given or answered are missing. */
  partsOf(view: Reading, id: string): ReadonlyMap<string, readonly PartView[]>
  /** The member that speaks for a party, or for the person at a position of its slot. */
  speakerOf(view: Reading, id: string, who: Speaker): string | undefined
}

export type ActAt = { readonly act: string; readonly element?: number }
export type Speaker = { readonly party: string; readonly position: number }

/** The key of an act in a case, by element where it is done for each of a list. */
export function placeOf(act: string, element?: number): string {
  return element === undefined ? act : `${act}/${element}`
}
