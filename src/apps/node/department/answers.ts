// Answers of a source: what was found about an item, written into the vault and only then committed
// to on the ledger. Content that did not change keeps its commitment; what is said again after an
// answer that was lost is one entry; and no id of a command follows from content.
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import type { Leaf } from '#base/commitment'
import { itemOfPath } from '#blueprint/check'
import { recordOfSupply } from '#blueprint/judge'
import { itemOf } from '#domains/processes'
import type { CaseNow, Dept, VaultRecord } from '#apps/node/casework'
import { Later, commit, commitmentOf, idOf, moreOf, storedLeaves } from '#apps/node/casework'
import { publicDocument } from './documents.ts'

/** One item that this member is to look up: because it is owed, or to be as fresh as asked. */
export type Task = {
  readonly item: string
  readonly element?: number
  /** Slots that the answer names, each with its generation. */
  readonly slots: { readonly [slot: string]: number }
  /** Names the attempt: what the answer is to. */
  readonly round: string
}

/** Lays an item that no register answers on the desk. */
export function toDesk(
  dept: Dept,
  now: CaseNow,
  { item, element }: Task,
  why: {
    readonly reason: 'ambiguous' | 'no-mapping'
    readonly code?: string
    readonly ticket?: string
  },
): null {
  const { reason, code, ticket } = why
  const key = idOf('owed', now.id, item, element)
  const before = dept.inbox.lines(now.id).find((line) => line.key === key)
  // A line says why it lies there now.
  if (before !== undefined && (before.code !== code || before.ticket !== ticket)) {
    dept.inbox.drop(now.id, key)
  }
  dept.inbox.put({
    key,
    case: now.id,
    reason,
    item,
    ...(element === undefined ? {} : { element }),
    ...(code === undefined ? {} : { code }),
    ...(ticket === undefined ? {} : { ticket }),
    at: dept.clock.wallMs(),
  })
  return null
}

/** What every answer for a task says. */
export function supplyBody(
  now: CaseNow,
  { item, element, slots }: Task,
): { readonly [name: string]: Json } {
  const body = { case: now.id, item, slots }
  return element === undefined ? body : { ...body, element }
}

/** One answer of a source, ready to be committed to. */
export type Answer = {
  readonly task: Task
  readonly attempt: string
  readonly state: 'found' | 'absent' | 'ambiguous'
  readonly value?: Json
  readonly answer: string
  readonly asOf: number
  /** The list is not complete yet. */
  readonly more?: boolean
}

/**
 * Writes an answer into the vault and says it on the ledger. Throws `Later` where it is refused.
 */
export async function sayAnswer(dept: Dept, now: CaseNow, said: Answer): Promise<number> {
  const { task, attempt, state, value } = said
  const { item, element } = task
  const compiled = now.compiled.items.get(item)
  const values = compiled?.many === true && Array.isArray(value) ? (value as Json[]) : [value]
  const parts: string[] = []
  let asOf = said.asOf
  for (const [at, each] of values.entries()) {
    const { leaves } = recordOfSupply(now.judge, item, state, each)
    const { record, commitment } = await commit(dept.vault, {
      case: now.id,
      name: item,
      kind: 'own',
      type: compiled?.type.type ?? '',
      from: 'supply',
      ...(element === undefined ? {} : { element }),
      ...(values.length === 1 ? {} : { at }),
      attempt,
      leaves,
      more: { asOf, attempt },
      now: dept.clock.wallMs(),
      ...(compiled === undefined ? {} : { retain: compiled.type.retain }),
    })
    parts.push(commitment)
    // What was written before a crash keeps the time at which it was true.
    const before = (record.more as { readonly asOf?: Json } | undefined)?.asOf
    if (typeof before === 'number') asOf = before
  }
  const shown = publicDocument(compiled?.fields ?? [], values)
  const body = {
    ...supplyBody(now, task),
    answer: said.answer,
    parts,
    asOf,
    ...(compiled?.many === true && said.more !== true ? { last: true } : {}),
    ...(shown === null ? {} : { public: shown.hash }),
  }
  const id = unsaidId(dept, attempt)
  if (id === null) throw new Later('node/refused-often')
  const result = await dept.port.submit('case.supply', body, {
    id,
    ...(shown === null ? {} : { documents: [shown.bytes] }),
  })
  if ('refused' in result) throw new Later(result.refused.code)
  dept.inbox.drop(now.id, idOf('owed', now.id, item, element))
  return result.receipt.entry
}

/**
 * The attempt of an answer that is not given for the first time: the one that holds this very
 * content already, else a new one. Its name says nothing of the content.
 */
export function answerAttempt(
  dept: Dept,
  now: CaseNow,
  { task, leaves }: { readonly task: Task; readonly leaves: readonly Leaf[] },
): string {
  const records = dept.vault
    .find({ case: now.id, name: task.item, kind: 'own' })
    .filter(({ element }) => element === task.element)
  const attemptAt = (n: number): string =>
    idOf('answer', now.id, task.item, task.element, task.round, n)
  const found = records.find((record) => isSame(record, leaves))
  const known = found === undefined ? undefined : moreOf(found, 'attempt')
  const before = records.map((_, n) => attemptAt(n)).find((attempt) => attempt === known)
  return before ?? attemptAt(records.length)
}

/** The entry of an answer of this very content that still stands, or null. */
export function answeredBefore(
  dept: Dept,
  now: CaseNow,
  { task, leaves }: { readonly task: Task; readonly leaves: readonly Leaf[] },
): number | null {
  const facts = itemOf(dept.port.view(), now.id, task.item)
  const part = facts?.parts.find(({ element }) => element === task.element)
  if (part === undefined || facts?.void === true) return null
  const record = dept.vault
    .find({ case: now.id, name: task.item, kind: 'own' })
    .find((each) => commitmentOf(each) === part.c && isSame(each, leaves))
  const attempt = record === undefined ? undefined : moreOf(record, 'attempt')
  if (typeof attempt !== 'string') return null
  const receipts = saidIds(attempt).flatMap((id) => dept.port.receipt(id) ?? [])
  return receipts.find(({ code }) => code === 'ok')?.entry ?? null
}

/** Generations of the slots of an item: of the slot, or of the item from which it is bound. */
export function slotGens(dept: Dept, now: CaseNow, item: string): Task['slots'] {
  const { blueprint, items } = now.compiled
  const gens: { [slot: string]: number } = {}
  for (const slot of items.get(item)?.slots ?? []) {
    const owner = blueprint.objects?.[slot]?.by ?? slot
    const party = blueprint.parties[owner]
    const binding = party?.of === undefined || party.files === true ? null : itemOfPath(party.of)
    gens[slot] =
      binding === null
        ? (now.facts.slots[slot]?.gen ?? 0)
        : (itemOf(dept.port.view(), now.id, binding)?.gen ?? 0)
  }
  return gens
}

const refusalsMax = 8

/** The ids under which an answer may be said: another one after each refusal. */
function saidIds(attempt: string): readonly string[] {
  return Array.from({ length: refusalsMax }, (_, n) => idOf('supplied', attempt, n))
}

/** The id under which an answer is said now; null when the ledger has refused it often. */
function unsaidId({ port }: Dept, attempt: string): string | null {
  const ids = saidIds(attempt)
  return ids.find((id) => (port.receipt(id)?.code ?? 'ok') === 'ok') ?? null
}

/** Whether a record holds these leaves. */
export function isSame(record: VaultRecord, leaves: readonly Leaf[]): boolean {
  const text = encodeCanonical(record.leaves as Json)
  return text === leavesText(leaves)
}

function leavesText(leaves: readonly Leaf[]): string {
  return encodeCanonical(storedLeaves(leaves) as Json)
}
