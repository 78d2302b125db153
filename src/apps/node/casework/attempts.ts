// Attempts at acts. An attempt is an act with the generations of what it reads; when one of these
// changes, it is another attempt. What a department decides in one is written into its vault before
// anything is said, and the robot carries it out from there, so a crash at any point repeats
// nothing.
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256 } from '#base/crypto'
import { boundTo, difference, holdsValue, neededFor } from '#blueprint/judge'
import type { Known, Rec, Signer } from '#blueprint/judge'
import { isOfClass } from '#domains/members'
import { itemOf, openActs } from '#domains/processes'
import type { OpenAct } from '#domains/processes'
import type { CaseNow } from './cases.ts'
import { gensText, idOf } from './ids.ts'
import type { Me } from './me.ts'
import { moreOf, putOnce } from './records.ts'
import { readFor, recordsRead } from './shown.ts'
import type { Wanted } from './shown.ts'
import type { Vault, VaultRecord } from './ports.ts'

/**
 * Who decided: the robot, a post by hand, those who signed, or a member that was told of its task.
 */
export type DecidedBy = 'robot' | 'hand' | 'signed' | 'told'

/** What was decided in an attempt, as it lies in the vault. */
export type Decision = {
  readonly attempt: string
  /** Counts decisions of the attempt that were taken back before this one. */
  readonly n: number
  readonly act: string
  readonly element?: number
  /** `done`, `na` or `no/<code>`. */
  readonly state: string
  readonly value?: Json
  readonly by: DecidedBy
  readonly signers: readonly Signer[]
  /** Digest of everything that was read. */
  readonly inputs: string
  /** What earlier rounds have settled in fen, and what they have with this one. */
  readonly settledBefore?: number
  /** What was paid in a case that was refused goes back. */
  readonly refunds?: true
  readonly settled?: number
  /** Digest of rule, inputs and result. */
  readonly rule?: string
  /** Signatures, or the signed answer of the member that did it. */
  readonly approval?: Json
  readonly officer?: string
  readonly at: number
}

/** The id of the attempt that an open act stands for. */
export function attemptOf(now: Pick<CaseNow, 'id'>, open: OpenAct): string {
  const { act, element, reads, round } = open
  return idOf('attempt', now.id, act, element, round, gensText(reads))
}

/** The open act of this name that this member records, if there is one now. */
export function openActOf(
  me: Me,
  now: CaseNow,
  of: { readonly act: string; readonly element?: number | undefined },
): OpenAct | undefined {
  return openActs(me.port.view(), now.id, now.time).find(
    ({ act, element, recorders }) =>
      act === of.act && element === of.element && recorders.includes(me.port.member),
  )
}

/** Writes down that somebody looks at what an attempt was shown. */
export async function noteViews(
  me: Me,
  now: CaseNow,
  { open, by }: { readonly open: OpenAct; readonly by: string },
): Promise<void> {
  const at = me.clock.wallMs()
  const records = recordsRead(me, now, wantedFor(now, open))
  if (records.length === 0) return
  await me.vault.view(...records.map((each) => ({ ...each, at, by, for: attemptOf(now, open) })))
}

/** Everything that an attempt is shown. */
export async function readAct(me: Me, now: CaseNow, open: OpenAct): Promise<Known> {
  return readFor(me, now, wantedFor(now, open))
}

function wantedFor(now: CaseNow, open: OpenAct): Wanted {
  const { act, element } = open
  return {
    attempt: attemptOf(now, open),
    needed: neededFor(now.judge, act),
    permit: element === undefined ? { act } : { act, element },
    // In a case that is over nobody shows anything any more.
    ...(open.refund ? { ownOnly: true as const } : {}),
  }
}

/** A digest of what was read; equal inputs have equal digests. It never leaves the vault. */
export function inputsOf({ items, slots }: Known): string {
  // That a source has nothing is no input; else its late answer would undo what was signed before.
  const held = Object.entries(items).flatMap(([item, recs]) => {
    const some = recs.filter(({ state }) => state !== 'absent')
    return some.length === 0 ? [] : [[item, some] as const]
  })
  const text = encodeCanonical({ items: Object.fromEntries(held), slots } as unknown as Json)
  return base64urlEncode(sha256(utf8Encode(text)))
}

/** The decision of an attempt that counts, or null. */
export function decisionOf({ vault }: Me, attempt: string): Decision | null {
  const record = vault.get(idOf('decision', attempt, takenBack(vault, attempt)))
  return record === null ? null : decisionIn(record)
}

/** How many decisions of an attempt were taken back, because nothing could come of them. */
function takenBack(vault: Vault, attempt: string): number {
  let n = 0
  while (vault.get(idOf('taken-back', attempt, n)) !== null) n += 1
  return n
}

/** Takes a decision back that was not carried out, so that another one can take its place. */
export async function takeBack(
  { vault, clock }: Me,
  now: CaseNow,
  decision: Decision,
): Promise<void> {
  await putOnce(vault, {
    id: idOf('taken-back', decision.attempt, decision.n),
    kind: 'note',
    type: 'taken-back',
    case: now.id,
    name: decision.act,
    gen: 0,
    leaves: [],
    at: clock.wallMs(),
  })
}

/** All decisions of an act in a case, the latest first. */
export function decisionsOf(
  { vault }: Me,
  of: { readonly case: string; readonly act: string; readonly element?: number | undefined },
): readonly Decision[] {
  const records = vault.find({ case: of.case, name: of.act, kind: 'note' })
  return records
    .flatMap((record) => decisionIn(record) ?? [])
    .filter(({ element }) => element === of.element)
    .sort((a, b) => b.at - a.at)
}

function decisionIn(record: VaultRecord): Decision | null {
  if (record.type !== 'decision') return null
  return moreOf(record, 'decision') as unknown as Decision
}

/** Writes what was decided; an attempt has one decision, the first one. */
export async function keepDecision(
  me: Me,
  now: CaseNow,
  decision: Omit<Decision, 'at' | 'n'>,
): Promise<Decision> {
  const before = decisionOf(me, decision.attempt)
  if (before !== null) return before
  const n = takenBack(me.vault, decision.attempt)
  const kept: Decision = { ...decision, n, at: me.clock.wallMs() }
  const { element } = decision
  await me.vault.put({
    id: idOf('decision', decision.attempt, n),
    kind: 'note',
    type: 'decision',
    case: now.id,
    name: decision.act,
    ...(element === undefined ? {} : { element }),
    gen: 0,
    leaves: [],
    more: { decision: kept as unknown as Json },
    at: kept.at,
  })
  return kept
}

/** What earlier completed rounds of a final act have settled, and how; null for none yet. */
export function settledBefore(me: Me, now: CaseNow, open: OpenAct): Decision | null {
  const { act, element } = open
  const attempt = attemptOf(now, open)
  const before = decisionsOf(me, { case: now.id, act, element }).filter(
    (decision) => decision.attempt !== attempt && decision.settled !== undefined,
  )
  const said = saidOf(me, now, act)
  return (
    before.find((each) =>
      said.some(({ attempt: of, code }) => of === each.attempt && code === 'ok'),
    ) ?? null
  )
}

/** The commands by which attempts at an act were said, with what the ledger answered. */
export function saidOf(
  { vault, port }: Me,
  now: Pick<CaseNow, 'id'>,
  act: string,
): readonly { readonly attempt: string; readonly n: Json; readonly code: string | null }[] {
  return vault.find({ case: now.id, name: act, kind: 'note' }).flatMap((record) => {
    const id = moreOf(record, 'id')
    const attempt = moreOf(record, 'attempt')
    if (record.type !== 'said' || typeof id !== 'string' || typeof attempt !== 'string') return []
    const n = moreOf(record, 'n') ?? 0
    return [{ attempt, n, code: port.receipt(id)?.code ?? null }]
  })
}

/** Notes under which command an attempt is said, before it is. */
export async function noteSaid(
  me: Me,
  now: CaseNow,
  {
    attempt,
    n,
    act,
    id,
  }: {
    readonly attempt: string
    /** Number of the decision in its attempt. */
    readonly n: number
    readonly act: string
    readonly id: string
  },
): Promise<void> {
  await putOnce(me.vault, {
    id: idOf('said', attempt, id),
    kind: 'note',
    type: 'said',
    case: now.id,
    name: act,
    gen: 0,
    leaves: [],
    more: { attempt, n, id },
    at: me.clock.wallMs(),
  })
}

/** Fen that the act still has to settle; null where it settles none. */
export function dueOf(now: CaseNow, known: Known, act: string, settled: number): number | null {
  return difference(now.judge, known, act, settled)?.due ?? null
}

/** Whether something that an act gives was voided by a return, so that it has to be done anew. */
export function isReturned(me: Me, now: CaseNow, act: string): boolean {
  const given = now.compiled.acts.get(act)?.gives ?? []
  return given.some((item) => itemOf(me.port.view(), now.id, item)?.void === true)
}

/** The first record of an item that holds a value. */
export function valueRec(known: Known, item: string): Rec | undefined {
  return known.items[item]?.find(holdsValue)
}

/** Whom a party of an act is bound to: a member of the class that is asked for, or null. */
export function boundMember(
  { port }: Pick<Me, 'port'>,
  now: CaseNow,
  {
    known,
    party,
    element,
  }: { readonly known: Known; readonly party: string } & {
    readonly element?: number | undefined
  },
): string | null {
  const bound = boundTo(now.judge, known, party, element)
  if (bound.kind !== 'member') return null
  const { class: of } = now.compiled.blueprint.parties[party] ?? {}
  return isOfClass(port.view(), bound.member, of, now.time) ? bound.member : null
}
