// Admission: the one predicate that decides what may become an entry (protocol §5.1). It is a
// function of the command, the block's time and height, the state before the block and facts about
// signatures, so that every node, a proposer and a follower come to the same verdict. What it
// refuses leaves no trace in the log.
import { assert } from '#base/assert'
import type { Bytes } from '#base/bytes'
import type { Command, Intent, Members, Refusal, Schema } from '#ledger/command'
import { checkValue, isRefusal, refuse, windowMs, within } from '#ledger/command'
import { keyInForce, readKey, readMember } from './registry.ts'
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
  /** Hashes (base64url SHA-256) of the documents that a body names; the body fits the schema. */
  readonly documents?: (body: Members) => readonly string[]
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
  /** Whether the key's signature over the signing input holds. */
  verified(key: KeyRecord, signingInput: string, signature: Bytes): boolean
  readonly types: ReadonlyMap<string, CommandRule>
  /** How many of this member and budget class were already admitted in this block. */
  spent(member: string, cls: string): number
}

declare const signed: unique symbol
declare const admitted: unique symbol

/** Who signed a command; only `admitSigner` makes it. */
export type Signer = {
  readonly [signed]: true
  readonly member: MemberRecord
  readonly key: KeyRecord
}

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

const hourMs = 3_600_000

/** Uses of keys that sign commands at all; which of them, a command type says. */
const signingUses: readonly KeyUse[] = ['command', 'oversight']

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

/**
 * Admits the signer of a JWS, once for all its intents: key known, of a use that signs commands,
 * in force at this height, its member active, the signature good; and no document that nobody
 * names. The signature comes last among the checks of the signer, because it costs the most.
 */
export function admitSigner(command: Command, context: AdmissionContext): Signer | Refusal {
  const { kid, alg, signingInput, signature } = command.jws
  const key = readKey(context.view, kid)
  if (key === undefined) return refuse('validate/unknown-key', 'header.kid')
  if (!signingUses.includes(key.use)) return refuse('validate/wrong-key-use', 'header.kid')
  if (key.alg !== alg) return refuse('validate/wrong-algorithm', 'header.alg')
  if (!keyInForce(key, context.height)) return refuse('validate/key-not-in-force', 'header.kid')
  const member = admitMember(key.member, context.view, context.height)
  if (isRefusal(member)) return member
  if (!context.verified(key, signingInput, signature)) {
    return refuse('validate/bad-signature', 'signature')
  }
  const stray = strayDocument(command, context)
  if (stray >= 0) return refuse('validate/document-not-named', `documents[${stray}]`)
  return { member, key } as Signer
}

/** The member's record when it counts at this height. */
export function admitMember(code: string, view: Reading, height: number): MemberRecord | Refusal {
  const member = readMember(view, code)
  if (member === undefined) return refuse('validate/unknown-member')
  if (member.state === 'suspended') return refuse('validate/member-suspended')
  if (member.state === 'left') return refuse('validate/member-left')
  return member.from <= height ? member : refuse('validate/member-not-in-force')
}

/** The position of the first document that no intent names, or -1. */
function strayDocument(command: Command, context: AdmissionContext): number {
  if (command.documents.size === 0) return -1
  const named = new Set<string>()
  for (const intent of command.intents) {
    if (intent === null) continue
    const rule = context.types.get(intent.type)
    if (rule?.documents === undefined || checkValue(rule.body, intent.body) !== null) continue
    for (const hash of rule.documents(intent.body)) named.add(hash)
  }
  return [...command.documents.keys()].findIndex((hash) => !named.has(hash))
}

/**
 * Admits one intent of a command whose signer was admitted: this ledger, a known type that the
 * key and the member's kind may send, `time <= notAfter <= time + 7 d`, (member, id) unseen, a body
 * that fits, documents at hand, the right number of approvals, budget. An intent that is no longer
 * at hand is a defect of the caller.
 */
export function admitIntent(
  command: Command,
  position: number,
  signer: Signer,
  context: AdmissionContext,
): Admitted | Refusal {
  const intent = command.intents[position]
  assert(intent !== undefined && intent !== null, 'only an intent at hand is admitted')
  if (intent.ledger !== context.ledger) return refuse('validate/other-ledger', 'intent.ledger')
  const rule = context.types.get(intent.type)
  if (rule === undefined) return refuse('validate/unknown-type', 'intent.type')
  const refusal =
    checkAuthority(rule, signer) ??
    checkTime(intent, context) ??
    checkSeen(intent, signer, context) ??
    checkBody(rule, intent) ??
    checkCompany(rule, command, position, intent) ??
    checkBudget(rule, signer.member.code, context)
  if (refusal !== null) return refusal
  const member = signer.member.code
  return { command, position, intent, member, key: signer.key, rule } as Admitted
}

function checkAuthority(rule: CommandRule, signer: Signer): Refusal | null {
  if (!rule.use.includes(signer.key.use)) return refuse('validate/wrong-key-use', 'header.kid')
  if (rule.kinds.includes(signer.member.kind)) return null
  return refuse('validate/wrong-member-kind', 'intent.type')
}

function checkTime(intent: Intent, context: AdmissionContext): Refusal | null {
  if (intent.notAfter < context.time) return refuse('validate/expired', 'intent.notAfter')
  if (intent.notAfter <= context.time + windowMs) return null
  return refuse('validate/too-far-ahead', 'intent.notAfter')
}

function checkSeen(intent: Intent, signer: Signer, context: AdmissionContext): Refusal | null {
  if (!context.seen(signer.member.code, intent.id)) return null
  return refuse('validate/duplicate', 'intent.id')
}

function checkBody(rule: CommandRule, intent: Intent): Refusal | null {
  const refusal = checkValue(rule.body, intent.body)
  return refusal === null ? null : within('intent.body', refusal)
}

/** What stands beside the intent: other intents, approvals, documents. */
function checkCompany(
  rule: CommandRule,
  command: Command,
  position: number,
  intent: Intent,
): Refusal | null {
  if (rule.alone === true && command.intents.length !== 1) return refuse('validate/not-alone')
  const approvals = command.approvals[position]?.length ?? 0
  if (approvals < rule.approvals.min || approvals > rule.approvals.max) {
    return refuse('validate/approvals-count', 'payload.approvals')
  }
  if (rule.documents === undefined) return null
  const missing = rule.documents(intent.body).some((hash) => !command.documents.has(hash))
  return missing ? refuse('validate/document-missing', 'documents') : null
}

function checkBudget(rule: CommandRule, member: string, context: AdmissionContext): Refusal | null {
  const { class: cls, perHour, refusedPerHour } = rule.budget
  const record = context.view.get(budgetKey(member, cls)) as BudgetRecord | undefined
  const current = record?.hour === Math.floor(context.time / hourMs)
  const used = (current ? record.used : 0) + context.spent(member, cls)
  if (used >= perHour) return refuse('validate/over-budget')
  if (current && record.refused >= (refusedPerHour ?? perHour)) {
    return refuse('validate/over-budget')
  }
  return null
}
