// What a person of the department decides: an act by hand, an item that no register answers, a
// return with its reason, a dispute, another member's task. The desk shows what was read, until
// when it is due, and which noes there are with law and next step; what is decided lies in the
// vault before the robot carries it out.
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { base64urlEncode } from '#base/bytes'
import { isRead, listOf, parseRead } from '#blueprint/grammar'
import { citesOf } from '#blueprint/derive'
import type { Known } from '#blueprint/judge'
import { assess, judgeAct, judgeSupply, recordOfSupply } from '#blueprint/judge'
import { itemOf } from '#domains/processes'
import type { CaseNow, Decision, Dept, InboxLine } from '#apps/node/casework'
import { Later, attemptOf, caseNow, commitNote, decisionOf, dueOf, idOf } from '#apps/node/casework'
import { inputsOf, keepDecision, noteViews, openActOf, readAct, saidOf } from '#apps/node/casework'
import { settledBefore, takeBack } from '#apps/node/casework'
import type { Department } from '#apps/node/department'
import { answerAttempt, disputeKey, wasHandedIn, sayAnswer, slotGens } from '#apps/node/department'
import { taskIn } from '#apps/node/messages'
import type { Done, No } from './filing.ts'
import { no } from './filing.ts'

/** A no that may be said, with its law and what the person can do next. */
export type Refusing = {
  readonly code: string
  readonly ends: 'branch' | 'case'
  readonly law: readonly string[]
  readonly next: string
}

/** A line of the desk with everything that whoever decides needs. */
export type OpenLine = InboxLine & {
  readonly application: string
  readonly due?: number
  /** Days that it is late, 0 while there is time. */
  readonly isLate: boolean
  /** What was read for it. */
  readonly shown: Known | null
  /** What the rule gives, for a decision that the robot may not take. */
  readonly suggestion?: Json
  readonly law: readonly string[]
  readonly noes: readonly Refusing[]
  /** Money that is due in fen: below 0 it is paid back. */
  readonly amount?: number
}

/** A line that says which items that its act reads come from a source that is red. */
export function warned(dept: Dept, line: InboxLine): InboxLine {
  const now = line.act === undefined ? null : caseNow(dept.port, line.case)
  if (now === null) return line
  const reads = listOf(now.compiled.blueprint.acts[line.act ?? '']?.reads).flatMap((text) => {
    const read = parseRead(text)
    return isRead(read) ? [read.item] : []
  })
  const red = dept.sources.redIn(now).flatMap(({ name }) => (reads.includes(name) ? [name] : []))
  return red.length === 0 ? line : { ...line, red }
}

/** Opens a line; null when it is no longer there. */
export async function openLine(dept: Dept, said: InboxLine, by: string): Promise<OpenLine | null> {
  if (said.reason === 'task') return openTask(dept, said)
  const line = warned(dept, said)
  const now = caseNow(dept.port, line.case)
  if (now === null) return null
  const { blueprint } = now.compiled
  const rest = { ...line, application: blueprint.id, law: [], noes: [], isLate: false, shown: null }
  if (line.act === undefined) return rest
  const open = openActOf(dept, now, { act: line.act, element: line.element })
  if (open === undefined) return null
  const known = await readAct(dept, now, open)
  // Who looks is written down before anything is shown.
  await noteViews(dept, now, { open, by })
  const { value } = assess(now.judge, known, line.act, line.element)
  const before = settledBefore(dept, now, open)?.settled ?? 0
  const amount = dueOf(now, known, line.act, before)
  return {
    ...rest,
    ...(open.due === undefined ? {} : { due: open.due }),
    isLate: open.late || (open.due !== undefined && open.due < dept.clock.wallMs()),
    shown: known,
    ...(value === undefined ? {} : { suggestion: value }),
    ...(amount === null ? {} : { amount }),
    ...wordsOf(now, line.act),
  }
}

function wordsOf(
  now: CaseNow,
  act: string,
): { readonly law: readonly string[]; readonly noes: readonly Refusing[] } {
  const { blueprint } = now.compiled
  const declared = blueprint.acts[act]
  const law = citesOf(blueprint, listOf(declared?.law))
  const no = declared?.no
  if (no === undefined) return { law, noes: [] }
  const own = no.law === undefined ? law : citesOf(blueprint, [no.law])
  const noes = Object.entries(no.codes).map(([code, next]) => ({
    code,
    ends: no.ends,
    law: own,
    next,
  }))
  return { law, noes }
}

function openTask(dept: Dept, line: InboxLine): OpenLine | null {
  const record = dept.vault.get(line.key)
  if (record === null) return null
  const task = taskIn(record)
  const now = caseNow(dept.port, task.case)
  const words = now === null ? { law: [], noes: [] } : wordsOf(now, task.act)
  const { due } = task
  return {
    ...line,
    application: task.application,
    ...(due === undefined ? {} : { due }),
    isLate: due !== undefined && due < dept.clock.wallMs(),
    shown: task.known as unknown as Known,
    ...words,
  }
}

/** What a post decides of an act. */
export type Deciding = {
  readonly case: string
  readonly act: string
  readonly element?: number
  /** The value, or the code of a no, or that it does not apply. */
  readonly value?: Json
  readonly no?: string
  readonly notApplicable?: true
  readonly officer?: string
}

/** What became of a decision; the own system may still have to confirm it. */
export type Decided = { readonly done: true } | { readonly waits: string } | No

/** Decides an act by hand, and has it carried out. */
export async function decide(department: Department, deciding: Deciding): Promise<Decided> {
  const { dept } = department
  // Two clerks who decide at one moment decide one after the other.
  const kept = await dept.inTurn(`decide ${deciding.case}`, () => keep(dept, deciding))
  return 'refused' in kept ? kept : settle(department, kept.now, kept)
}

type Kept = {
  readonly now: CaseNow
  readonly act: string
  readonly element: number | undefined
  readonly attempt: string
}

async function keep(dept: Dept, deciding: Deciding): Promise<Kept | No> {
  const now = caseNow(dept.port, deciding.case)
  const open = now === null ? undefined : openActOf(dept, now, deciding)
  if (now === null || open === undefined) return no('node/act-not-open')
  const { act, element, value } = deciding
  const state = stateOf(deciding)
  const known = await readAct(dept, now, open)
  const settled = settledBefore(dept, now, open)?.settled ?? 0
  const faults = judgeAct(now.judge, known, {
    act,
    state,
    signers: [],
    settled,
    ...(element === undefined ? {} : { element }),
    ...(value === undefined || state !== 'done' ? {} : { value }),
    ...(open.refund ? { refunds: true } : {}),
  })
  if (faults.length > 0) return { refused: faults }
  const attempt = attemptOf(now, open)
  const before = decisionOf(dept, attempt)
  if (before !== null && !isSame(before, { state, value })) {
    // What the own system has taken is not decided otherwise behind its back.
    if (await wasHandedIn(dept, now, before)) return no('node/handed-in')
    await takeBack(dept, now, before)
  }
  const { digest } = assess(now.judge, known, act, element)
  const due = state === 'done' ? dueOf(now, known, act, settled) : null
  await keepDecision(dept, now, {
    attempt,
    act,
    ...(element === undefined ? {} : { element }),
    state,
    ...(value === undefined || state !== 'done' ? {} : { value }),
    by: 'hand',
    signers: [],
    inputs: inputsOf(known),
    ...(deciding.officer === undefined ? {} : { officer: deciding.officer }),
    ...(digest === undefined || state !== 'done' ? {} : { rule: base64urlEncode(digest) }),
    ...(due === null ? {} : { settledBefore: settled, settled: settled + due }),
  })
  dept.inbox.drop(now.id, attempt)
  return { now, act, element, attempt }
}

/** Whether it is the same decision again, as after an answer that was lost. */
function isSame(
  before: Decision,
  { state, value }: { readonly state: string; readonly value: Json | undefined },
): boolean {
  if (before.state !== state) return false
  return (
    state !== 'done' || encodeCanonical(before.value ?? null) === encodeCanonical(value ?? null)
  )
}

function stateOf({ no: code, notApplicable }: Deciding): Decision['state'] {
  if (notApplicable === true) return 'na'
  return code === undefined ? 'done' : `no/${code}`
}

/** Looks whether a decision was carried out. */
async function settle(
  department: Department,
  now: CaseNow,
  {
    act,
    element,
    attempt,
  }: { readonly act: string; readonly element: number | undefined; readonly attempt: string },
): Promise<Decided> {
  const { dept } = department
  await department.settle(now.id)
  const said = saidOf(dept, now, act).filter((each) => each.attempt === attempt)
  if (said.some(({ code }) => code === 'ok')) return { done: true }
  const line = dept.inbox.lines(now.id).find(({ key }) => key === attempt)
  const later = caseNow(dept.port, now.id)
  const open = later === null ? undefined : openActOf(dept, later, { act, element })
  // What it rests on has another generation now: there is, or will be, another line for it.
  if (open === undefined || attemptOf(now, open) !== attempt) return no('node/changed')
  return line === undefined
    ? { waits: 'node/under-way' }
    : no(line.code ?? (line.reason === 'rejected' ? 'node/rejected' : 'node/by-hand'))
}

/** Answers by hand for an item of this member that no register answers. */
export async function answerByHand(
  dept: Dept,
  answer: {
    readonly case: string
    readonly item: string
    readonly element?: number
    readonly state: 'found' | 'absent' | 'ambiguous'
    readonly value?: Json
  },
): Promise<Done> {
  const now = caseNow(dept.port, answer.case)
  if (now === null) return no('processes/unknown-case')
  const { item, element, state, value } = answer
  const known: Known = { day: now.day, slots: {}, items: {} }
  const supplied = { item, state, ...(value === undefined ? {} : { value }) }
  const faults = judgeSupply(now.judge, known, supplied)
  if (faults.length > 0) return { refused: faults }
  const gen = itemOf(dept.port.view(), now.id, item)?.gen ?? 0
  const task = {
    item,
    ...(element === undefined ? {} : { element }),
    slots: slotGens(dept, now, item),
    round: `by hand ${gen}`,
  }
  const { leaves } = recordOfSupply(now.judge, item, state, value)
  const attempt = answerAttempt(dept, now, { task, leaves })
  try {
    const asOf = dept.port.head().time
    const said = { task, attempt, answer: 'register', asOf, state }
    const entry = await sayAnswer(dept, now, value === undefined ? said : { ...said, value })
    return { entry }
  } catch (failure) {
    if (!(failure instanceof Later)) throw failure
    return no(failure.code)
  }
}

/** Sends items back to whoever gave them, with the reason; the words lie in the vault. */
export async function giveBack(
  dept: Dept,
  back: {
    readonly case: string
    readonly act: string
    readonly element?: number
    readonly items: readonly string[]
    readonly reason: 'contradicts' | 'incomplete' | 'outdated' | 'unreadable' | 'wrong'
    readonly words: string
  },
): Promise<Done> {
  const now = caseNow(dept.port, back.case)
  const open = now === null ? undefined : openActOf(dept, now, back)
  if (now === null || open === undefined) return no('node/act-not-open')
  const attempt = idOf('return', attemptOf(now, open), ...back.items)
  const note = await commitNote(dept.vault, {
    case: now.id,
    name: back.act,
    type: 'return',
    attempt,
    value: back.words,
    now: dept.clock.wallMs(),
  })
  const { act, element, items, reason } = back
  const said = await dept.port.submit(
    'case.return',
    { case: now.id, act, ...(element === undefined ? {} : { element }), items, reason, note },
    { id: attempt },
  )
  return 'refused' in said ? no(said.refused.code) : { entry: said.receipt.entry }
}

/** Says of a disputed item that it is right, with the reason. */
export async function uphold(
  dept: Dept,
  held: {
    readonly case: string
    readonly item: string
    readonly element?: number
    readonly words: string
  },
): Promise<Done> {
  const now = caseNow(dept.port, held.case)
  if (now === null) return no('processes/unknown-case')
  const { item, element } = held
  const facts = itemOf(dept.port.view(), now.id, item)
  const part = facts?.parts.find((each) => each.element === element)
  if (part === undefined) return no('processes/no-such-name')
  const key = disputeKey(now, item, part.c)
  const statement = await commitNote(dept.vault, {
    case: now.id,
    name: item,
    type: 'uphold',
    attempt: key,
    value: held.words,
    now: dept.clock.wallMs(),
  })
  const said = await dept.port.submit('case.uphold', {
    case: now.id,
    item,
    ...(element === undefined ? {} : { element }),
    statement,
  })
  if ('refused' in said) return no(said.refused.code)
  dept.inbox.drop(now.id, key)
  return { entry: said.receipt.entry }
}
