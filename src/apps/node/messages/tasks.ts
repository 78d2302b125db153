// What members tell each other about cases. A member that evidence names does its act by answering
// a task: the register that records the act for it asks, and its signed answer lies in the vault of
// both. Whoever is asked keeps the task before it says that it was taken, and whoever asked judges
// the answer like any other completion.
import type { Dept } from '#apps/node/casework'
import type { Json } from '#base/canonical'
import type { Known } from '#blueprint/judge'
import { judgeAct } from '#blueprint/judge'
import { openActs } from '#domains/processes'
import type { OpenAct } from '#domains/processes'
import type { CaseNow, Decision, VaultRecord } from '#apps/node/casework'
import { Later, attemptOf, boundMember, caseNow, decisionOf, dueOf } from '#apps/node/casework'
import { idOf, inputsOf, keepDecision, memberOf, moreOf, openActOf } from '#apps/node/casework'
import { putOnce, readAct, settledBefore } from '#apps/node/casework'

/** An act that another member asks this one to do. */
export type ToldTask = {
  readonly kind: 'act'
  /** Names the attempt at the member that asks. */
  readonly attempt: string
  readonly from: string
  readonly case: string
  readonly application: string
  readonly blueprint: string
  readonly act: string
  readonly party: string
  readonly element?: number
  /** What the act reads, as it was shown to the member that asks for this very act. */
  readonly known: Json
  readonly due?: number
}

/** The shelf of the vault on which tasks of other members lie. */
export function taskShelf({ port }: Dept): string {
  return idOf('tasks', port.ledger, port.member)
}

/** Tells a member of its act. It is told again at every start; a repeat changes nothing there. */
export async function sendTask(
  dept: Dept,
  now: CaseNow,
  of: {
    readonly open: OpenAct
    readonly known: Known
    readonly attempt: string
    readonly to: string
    readonly party: string
  },
): Promise<void> {
  const { act, element, due } = of.open
  const task: ToldTask = {
    kind: 'act',
    attempt: of.attempt,
    from: dept.port.member,
    case: now.id,
    application: now.compiled.blueprint.id,
    blueprint: now.facts.blueprint,
    act,
    party: of.party,
    ...(element === undefined ? {} : { element }),
    known: of.known as unknown as Json,
    ...(due === undefined ? {} : { due }),
  }
  const told = await dept.ways.tell(of.to, 'tasks', task as unknown as Json)
  if ('refused' in told) throw new Later(told.refused)
}

/** Takes what another member tells. Untrusted; what has no meaning here is refused by throwing. */
export async function takeTask(dept: Dept, from: string, json: Json): Promise<void> {
  const kind = memberOf(json, 'kind')
  if (kind === 'act') return takeAct(dept, from, json)
  if (kind === 'answer') return takeAnswer(dept, from, json)
  if (kind === 'signature') return dept.takeSignature(from, json)
  throw new Later('node/unknown-task')
}

async function takeAct(dept: Dept, from: string, json: Json): Promise<void> {
  const attempt = textOf(json, 'attempt')
  const now = caseNow(dept.port, textOf(json, 'case'))
  // Only whoever records an act that is open asks for it, once, and only a party of it is asked.
  if (now === null || !isAskedBy(dept, now, { from, attempt, json })) {
    throw new Later('node/unknown-task')
  }
  const { id: application } = now.compiled.blueprint
  const task = { ...(json as object), application, blueprint: now.facts.blueprint } as Json
  const id = idOf('task', from, attempt)
  if (dept.vault.get(id) === null) {
    await dept.vault.put({
      id,
      kind: 'note',
      type: 'task',
      case: taskShelf(dept),
      name: textOf(json, 'act'),
      gen: 0,
      leaves: [],
      more: { from, task },
      at: dept.clock.wallMs(),
    })
  }
  showTask(dept, id)
}

function isAskedBy(
  { port }: Dept,
  now: CaseNow,
  of: { readonly from: string; readonly attempt: string; readonly json: Json },
): boolean {
  const [act, party] = [textOf(of.json, 'act'), textOf(of.json, 'party')]
  const open = openActs(port.view(), now.id, now.time).find(
    (each) => each.act === act && each.element === memberOf(of.json, 'element'),
  )
  if (open?.recorders.includes(of.from) !== true) return false
  const isBound = now.compiled.blueprint.parties[party]?.of !== undefined
  const isParty = now.compiled.acts.get(act)?.by.includes(party) === true
  return isParty && isBound && attemptOf(now, open) === of.attempt
}

function showTask(dept: Dept, id: string): void {
  const record = dept.vault.get(id)
  if (record === null || dept.vault.get(idOf('answered', id)) !== null) return
  const task = taskIn(record)
  dept.inbox.put({
    key: id,
    case: task.case,
    reason: 'task',
    act: task.act,
    ...(task.element === undefined ? {} : { element: task.element }),
    at: record.at,
  })
}

/**
 * Finds the tasks again that nobody has answered, at a start: in these cases, or, with null, in
 * whatever the vault has. An act that is open no longer, or has other inputs by now, is no task.
 */
export function findTasks(dept: Dept, cases: readonly string[] | null): void {
  for (const id of cases ?? casesOfTasks(dept)) {
    const now = caseNow(dept.port, id)
    if (now === null) continue
    for (const open of openActs(dept.port.view(), id, now.time)) {
      const attempt = attemptOf(now, open)
      for (const from of open.recorders) showTask(dept, idOf('task', from, attempt))
    }
  }
}

function casesOfTasks(dept: Dept): ReadonlySet<string> {
  const records = dept.vault.find({ case: taskShelf(dept), kind: 'note' })
  return new Set(records.flatMap((each) => (each.type === 'task' ? [taskIn(each).case] : [])))
}

/** The task of a record. */
export function taskIn(record: VaultRecord): ToldTask {
  return moreOf(record, 'task') as unknown as ToldTask
}

/**
 * Answers a task; the answer lies in the vault before it is told. Says what the other side says.
 */
export async function answerTask(
  dept: Dept,
  id: string,
  said: { readonly state: string; readonly value?: Json; readonly officer?: string },
): Promise<{ readonly taken: true } | { readonly refused: string }> {
  const record = dept.vault.get(id)
  if (record === null) return { refused: 'node/unknown-task' }
  const task = taskIn(record)
  const answer = {
    kind: 'answer',
    attempt: task.attempt,
    case: task.case,
    act: task.act,
    party: task.party,
    ...(task.element === undefined ? {} : { element: task.element }),
    ...said,
  }
  const told = await dept.ways.tell(task.from, 'tasks', answer)
  if ('refused' in told) return told
  await putOnce(dept.vault, {
    id: idOf('answered', id),
    kind: 'note',
    type: 'answered',
    case: taskShelf(dept),
    name: task.act,
    gen: 0,
    leaves: [],
    more: { answer },
    at: dept.clock.wallMs(),
  })
  dept.inbox.drop(task.case, id)
  return told
}

async function takeAnswer(dept: Dept, from: string, json: Json): Promise<void> {
  const attempt = textOf(json, 'attempt')
  const now = caseNow(dept.port, textOf(json, 'case'))
  const element = memberOf(json, 'element')
  const act = textOf(json, 'act')
  // An answer to an attempt that is over changes nothing.
  if (now === null || decisionOf(dept, attempt) !== null) return
  const of = typeof element === 'number' ? { act, element } : { act }
  const open = openActOf(dept, now, of)
  if (open === undefined || attemptOf(now, open) !== attempt) return
  const known = await readAct(dept, now, open)
  const party = textOf(json, 'party')
  if (boundMember(dept, now, { known, party, element: open.element }) !== from) {
    throw new Later('judge/not-bound')
  }
  const state = textOf(json, 'state')
  const value = memberOf(json, 'value')
  const before = settledBefore(dept, now, open)?.settled ?? 0
  const due = dueOf(now, known, act, before)
  const signers = [{ party, code: from, name: from }]
  const decision: Omit<Decision, 'at' | 'n'> = {
    attempt,
    act,
    ...('element' in of ? { element: of.element } : {}),
    state,
    ...(value === undefined ? {} : { value }),
    by: 'told',
    signers,
    inputs: inputsOf(known),
    approval: { by: from, answer: json },
    ...(due === null ? {} : { settledBefore: before, settled: before + due }),
  }
  const [fault] = judgeAct(now.judge, known, {
    act,
    state,
    signers,
    settled: before,
    ...('element' in of ? { element: of.element } : {}),
    ...(value === undefined ? {} : { value }),
  })
  if (fault !== undefined) throw new Later(fault.code)
  await keepDecision(dept, now, decision)
  dept.inbox.drop(now.id, attempt)
  dept.poke(now.id)
}

function textOf(json: Json, name: string): string {
  const text = memberOf(json, name)
  if (typeof text !== 'string') throw new Later('node/unknown-task')
  return text
}
