// Judging a checkpoint: how much the log's word is worth under a trust policy, in the four grades
// durable < checkpointed < witnessed(k) < validated(k). It promises that only keys in their
// owner's custody raise a grade, that one bad signature of a known key refuses the whole note,
// and that "current" is dated by the cosigners' clocks and never by the log's.
import { equal } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import type { Refusal } from '#ledger/command'

import { parseSignedCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { lineUnder, verifyCosignature, verifyNoteSignature } from './note.ts'
import type { NoteKey, SignedNote } from './note.ts'
import { reachesQuorum, reachesValidators } from './policy.ts'
import type { Cosigner, RetiredLog, TrustPolicy } from './policy.ts'
import { verifyConsistency } from './tree-proof.ts'

/**
 * How much an entry is worth. `durable`: written by the node, signed by nobody. `checkpointed`:
 * under the log's signature, the quorum not reached. `witnessed`: the policy's quorum is reached.
 * `validated`: organisations that executed everything again have cosigned.
 */
export type Grade = 'durable' | 'checkpointed' | 'witnessed' | 'validated'

/** What does not refuse a note but lowers or explains its verdict. */
export type Reason = {
  readonly code:
    | 'prove/quorum-not-met'
    | 'prove/hosted-not-counted'
    | 'prove/cosigned-in-future'
    | 'prove/under-retired-key'
    | 'prove/not-dated'
    | 'prove/stale'
  /** The cosigner's name in the policy, where the reason is about one. */
  readonly at?: string
}

export type Verdict = {
  readonly grade: Grade
  /** Organisations, apart from hosted keys, whose witness keys cosigned. */
  readonly witnessed: number
  /** Organisations, apart from hosted keys, whose validators' keys cosigned. */
  readonly validated: number
  /** Whether a retired key alone stands behind it, without a proof that leads to its pin. */
  readonly underRetiredKey: boolean
  /** Unix seconds since which the quorum has held this checkpoint the latest; null if undated. */
  readonly asOf: number | null
  /** Whether `asOf` is within the policy's age; null when the policy names no age. */
  readonly fresh: boolean | null
  readonly checkpoint: Checkpoint | null
  readonly reasons: readonly Reason[]
}

export type Judgement = {
  readonly policy: TrustPolicy
  /** The signed checkpoint as received. */
  readonly note: Bytes
  /** The verifier's own clock, Unix milliseconds. */
  readonly nowMs: number
  /** Consistency path from the checkpoint to a retired key's pinned tree, where one is at hand. */
  readonly toPin?: readonly Bytes[]
}

/** What is asked of a verdict: a grade, and how many organisations behind it. */
export type Requirement = {
  readonly grade: Grade
  readonly k?: number
  readonly allowRetiredKey?: boolean
}

/** Clocks of honest cosigners may be ahead of the verifier's by this much, in seconds. */
export const MAX_SKEW_SECONDS = 300

const RANK: Readonly<Record<Grade, number>> = {
  durable: 0,
  checkpointed: 1,
  witnessed: 2,
  validated: 3,
}

/** The verdict of an entry that is on disk and under no checkpoint yet. */
export const DURABLE: Verdict = {
  grade: 'durable',
  witnessed: 0,
  validated: 0,
  underRetiredKey: false,
  asOf: null,
  fresh: null,
  checkpoint: null,
  reasons: [],
}

/** The verdict in one word: `durable`, `checkpointed`, `witnessed(3)`, `validated(2)`. */
export function gradeText({ grade, witnessed, validated, underRetiredKey }: Verdict): string {
  const counted = grade === 'witnessed' ? witnessed : grade === 'validated' ? validated : null
  const word = counted === null ? grade : `${grade}(${counted})`
  return underRetiredKey ? `${word} under retired key` : word
}

/** Order of two verdicts: by grade, then by the number behind it. */
export function compareVerdicts(a: Verdict, b: Verdict): -1 | 0 | 1 {
  const rank = RANK[a.grade] - RANK[b.grade]
  const difference = rank === 0 ? backing(a) - backing(b) : rank
  return difference < 0 ? -1 : difference > 0 ? 1 : 0
}

/** Whether a verdict is worth at least what is asked. */
export function meets(verdict: Verdict, { grade, k = 0, allowRetiredKey }: Requirement): boolean {
  if (verdict.underRetiredKey && allowRetiredKey !== true) return false
  const above = RANK[verdict.grade] - RANK[grade]
  return above > 0 || (above === 0 && backing(verdict) >= k)
}

/** Judges a signed checkpoint. Refused notes say nothing; accepted ones say how much. */
export function judge(judgement: Judgement): Verdict | Refusal {
  const { policy, note, nowMs } = judgement
  const signed = parseSignedCheckpoint(note)
  if (signed === null) return { code: 'prove/malformed-checkpoint' }
  const standing = judgeLog(judgement, signed.checkpoint, signed.note)
  if (isRefusal(standing)) return standing
  const counted = countCosigners(policy, signed.note, nowMs)
  if (isRefusal(counted)) return counted
  const { witnesses, validators } = counted
  const quorum = reachesQuorum(policy, namesOf(witnesses))
  const validates = reachesValidators(policy, namesOf(validators))
  const asOf = dateOf(policy, witnesses, validators)
  const maxAge = policy.freshSeconds
  const fresh = maxAge === null ? null : asOf !== null && nowMs - asOf * 1000 <= maxAge * 1000
  const reasons: Reason[] = [...standing.reasons, ...counted.reasons]
  if (!quorum) reasons.push({ code: 'prove/quorum-not-met' })
  if (asOf === null) reasons.push({ code: 'prove/not-dated' })
  if (asOf !== null && fresh === false) reasons.push({ code: 'prove/stale' })
  return {
    grade: validates ? 'validated' : quorum ? 'witnessed' : 'checkpointed',
    witnessed: ownersOf(witnesses),
    validated: ownersOf(validators),
    underRetiredKey: standing.underRetiredKey,
    asOf,
    fresh,
    checkpoint: signed.checkpoint,
    reasons,
  }
}

type Standing = { readonly underRetiredKey: boolean; readonly reasons: readonly Reason[] }

/** Whether a key of the log itself signed: an active one, or a retired one within its pin. */
function judgeLog(
  judgement: Judgement,
  checkpoint: Checkpoint,
  note: SignedNote,
): Standing | Refusal {
  const { logs, retired } = judgement.policy
  const isOfLog = ({ key }: { key: NoteKey }): boolean => key.name === checkpoint.origin
  const active = logs.filter(isOfLog)
  const old = retired.filter(isOfLog)
  if (active.length + old.length === 0) return { code: 'prove/unknown-log' }
  let signed = false
  for (const { key } of active) {
    const found = lineUnder(key, note)
    if (found === null) continue
    if (isRefusal(found)) return found
    if (!verifyNoteSignature(key, note.text, found.signature)) return badSignature(key)
    signed = true
  }
  let standing: Standing | null = signed ? { underRetiredKey: false, reasons: [] } : null
  for (const log of old) {
    const found = lineUnder(log.key, note)
    if (found === null) continue
    if (isRefusal(found)) return found
    if (!verifyNoteSignature(log.key, note.text, found.signature)) return badSignature(log.key)
    if (standing?.underRetiredKey === false) continue
    const pinned = judgePin(log, checkpoint, judgement.toPin)
    if (isRefusal(pinned)) return pinned
    standing = pinned
  }
  return standing ?? { code: 'prove/not-signed' }
}

/** A retired key speaks only for its pinned tree and what came before it (protocol.md §26). */
function judgePin(
  pin: RetiredLog,
  { size, root }: Checkpoint,
  toPin: readonly Bytes[] | undefined,
): Standing | Refusal {
  if (size > pin.size) return { code: 'prove/beyond-retired-size' }
  if (size === pin.size) {
    if (!equal(root, pin.root)) return { code: 'prove/contradicts-retired-root' }
    return { underRetiredKey: false, reasons: [] }
  }
  if (toPin === undefined) {
    return { underRetiredKey: true, reasons: [{ code: 'prove/under-retired-key' }] }
  }
  const claim = { from: size, to: pin.size, fromRoot: root, toRoot: pin.root, path: toPin }
  if (!verifyConsistency(claim)) return { code: 'prove/bad-consistency' }
  return { underRetiredKey: false, reasons: [] }
}

type Dated = { readonly cosigner: Cosigner; readonly seconds: number }

type Counted = {
  readonly witnesses: readonly Dated[]
  readonly validators: readonly Dated[]
  readonly reasons: readonly Reason[]
}

function countCosigners(policy: TrustPolicy, note: SignedNote, nowMs: number): Counted | Refusal {
  const witnesses: Dated[] = []
  const validators: Dated[] = []
  const reasons: Reason[] = []
  for (const cosigner of policy.cosigners) {
    const { key, name, role } = cosigner
    const found = lineUnder(key, note)
    if (found === null) continue
    if (isRefusal(found)) return found
    const seconds = verifyCosignature(key, note.text, found.signature)
    if (seconds === null) return badSignature(key)
    if (role === 'hosted') reasons.push({ code: 'prove/hosted-not-counted', at: name })
    else if (seconds * 1000 > nowMs + MAX_SKEW_SECONDS * 1000) {
      reasons.push({ code: 'prove/cosigned-in-future', at: name })
    } else if (role === 'witness') witnesses.push({ cosigner, seconds })
    else validators.push({ cosigner, seconds })
  }
  return { witnesses, validators, reasons }
}

function badSignature(key: NoteKey): Refusal {
  return { code: 'prove/bad-signature', at: key.name }
}

/**
 * The k-th newest cosignature for any quorum: the latest time such that those who signed then or
 * later reach it by themselves. The newer of the witnesses' and the validators' dates, since both
 * state that they hold no later tree.
 */
function dateOf(
  policy: TrustPolicy,
  witnesses: readonly Dated[],
  validators: readonly Dated[],
): number | null {
  const byWitnesses = newest(witnesses, (names) => reachesQuorum(policy, names))
  const byValidators = newest(validators, (names) => reachesValidators(policy, names))
  if (byWitnesses === null || byValidators === null) return byWitnesses ?? byValidators
  return Math.max(byWitnesses, byValidators)
}

function newest(
  dated: readonly Dated[],
  suffices: (names: ReadonlySet<string>) => boolean,
): number | null {
  const names = new Set<string>()
  for (const { cosigner, seconds } of dated.toSorted((a, b) => b.seconds - a.seconds)) {
    names.add(cosigner.name)
    if (suffices(names)) return seconds
  }
  return null
}

function namesOf(dated: readonly Dated[]): ReadonlySet<string> {
  return new Set(dated.map(({ cosigner }) => cosigner.name))
}

function ownersOf(dated: readonly Dated[]): number {
  return new Set(dated.map(({ cosigner }) => cosigner.owner)).size
}

function backing({ grade, witnessed, validated }: Verdict): number {
  return grade === 'validated' ? validated : grade === 'witnessed' ? witnessed : 0
}
