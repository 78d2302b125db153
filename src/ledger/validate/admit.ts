// Admission: the one predicate.
import { assert } from '#base/assert'
import type { Bytes } from '#base/bytes'
import type { Command, Intent, Refusal, Schema, Value } from '#ledger/command'
import type { KeyRecord, KeyUse, MemberKind, MemberRecord, Reading } from './registry.ts'

/** What a command type says about who may send it, in what shape and how often. */
export type CommandRule = {
  readonly name: string
  readonly body: Schema
  /** Uses of the keys that may sign it. */
  readonly use: readonly KeyUse[]
  readonly kinds: readonly MemberKind[]
  readonly budget: {
    readonly class: string
    /** Commands admitted per member, class and hour of block time. */
    readonly perHour: number
    /** Of these, how many may end in an application refusal; absent: as many as `perHour`. */
    readonly refusedPerHour?: number
  }
  readonly approvals: { readonly min: number; readonly max: number }
  /** Hashes (base64url SHA-256) of the documents that a body names. */
  readonly documents?: (body: { readonly [key: string]: Value }) => readonly string[]
  /** It may not share an envelope with other intents (nor, in ordering, a block). */
  readonly alone?: boolean
}

/** Everything that admission depends on: block, state before it, and facts about signatures. */
export type AdmissionContext = {
  readonly ledger: string
  readonly height: number
  /** Block time in milliseconds. */
  readonly time: number
  /** State at height - 1. */
  readonly view: Reading
  /** Whether (member, id) stands in the window or earlier in this block. */
  seen(member: string, id: string): boolean
  verified(key: KeyRecord, signingInput: string, signature: Bytes): boolean
  readonly types: ReadonlyMap<string, CommandRule>
  /** How many of this member and budget class were already admitted in this block. */
  spent(member: string, cls: string): number
}

/** Who signed a command: only `admitSigner` makes it. */
export type Signer = { readonly member: MemberRecord; readonly key: KeyRecord }

declare const admitted: unique symbol

/** An intent that passed the predicate; only `admitIntent` makes it. */
export type Admitted = {
  readonly [admitted]: true
  readonly command: Command
  readonly position: number
  readonly intent: Intent
  readonly member: string
  readonly key: KeyRecord
  readonly rule: CommandRule
}

/** State key of a member's budget counter of one class. */
export function budgetKey(member: string, cls: string): string {
  return `ledger/budget/${member}/${cls}`
}

/** The counter kept under `budgetKey`; `hour` is block time divided by 3,600,000, rounded down. */
export type BudgetRecord = {
  readonly hour: number
  readonly used: number
  readonly refused: number
}

/** Admits the signer of a JWS, once for all its intents. */
export function admitSigner(command: Command, context: AdmissionContext): Signer | Refusal {
  assert(command.intents.length < 0 && context, 'admission is being written')
  return { code: '' }
}

/** Admits one intent of a command whose signer was admitted. */
export function admitIntent(
  command: Command,
  position: number,
  signer: Signer,
  context: AdmissionContext,
): Admitted | Refusal {
  assert(position < 0 && command && signer && context, 'admission is being written')
  return { code: '' }
}
