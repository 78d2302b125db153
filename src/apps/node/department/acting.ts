// Open acts. What a robot may do it does: it completes what does not apply, what a rule gives, what
// owes no difference, and what was decided before on the very same inputs. Everything else lies on
// the desk with the reason, or goes to the member that evidence names.
import type { Dept, Reason } from '#apps/node/casework'
import { eachAtOnce } from '#apps/node/casework'
import type { Json } from '#base/canonical'
import { base64urlEncode } from '#base/bytes'
import { fieldOfPath } from '#blueprint/check'
import { isSubject, listOf } from '#blueprint/grammar'
import type { Known } from '#blueprint/judge'
import { assess } from '#blueprint/judge'
import { openActs } from '#domains/processes'
import type { OpenAct } from '#domains/processes'
import type { CaseNow, Decision } from '#apps/node/casework'
import {
  attemptOf,
  boundMember,
  decisionOf,
  decisionsOf,
  dueOf,
  idOf,
  inputsOf,
} from '#apps/node/casework'
import { isReturned, keepDecision, memberOf, readAct, settledBefore } from '#apps/node/casework'
import { carryOut } from './carrying-out.ts'
import { sendTask } from '#apps/node/messages'

/** Does what can be done of every open act that this member records. */
export async function actOpen(dept: Dept, now: CaseNow): Promise<number | null> {
  const mine = openActs(dept.port.view(), now.id, now.time).filter(({ recorders }) =>
    recorders.includes(dept.port.member),
  )
  return eachAtOnce(mine, (open) => actOne(dept, now, open))
}

async function actOne(dept: Dept, now: CaseNow, open: OpenAct): Promise<number | null> {
  const attempt = attemptOf(now, open)
  const decided = decisionOf(dept, attempt)
  if (decided !== null) return carryOut(dept, now, open, decided)
  if (dept.inbox.has(now.id, attempt)) return null
  // What an act needs fresher is answered first; its answer brings the case back here.
  if (open.stale) return null
  const known = await readAct(dept, now, open)
  const decision = byRobot(dept, now, { open, known, attempt })
  if (decision !== null) return carryOut(dept, now, open, await keepDecision(dept, now, decision))
  await handOver(dept, now, { open, known, attempt })
  return null
}

type Attempt = { readonly open: OpenAct; readonly known: Known; readonly attempt: string }

/** What the robot may decide by itself; null where a person or another member has to. */
function byRobot(
  dept: Dept,
  now: CaseNow,
  { open, known, attempt }: Attempt,
): Omit<Decision, 'at' | 'n'> | null {
  const { act, element } = open
  const inputs = inputsOf(known)
  const base = {
    attempt,
    act,
    ...(element === undefined ? {} : { element }),
    by: 'robot' as const,
    signers: [],
    inputs,
  }
  const assessed = assess(now.judge, known, act, element)
  if (assessed.applies === false && !open.refund) return { ...base, state: 'na' }
  if (assessed.applies === 'unknown') return null
  const before = settledBefore(dept, now, open)
  if (open.refund) return before === null ? null : payBack(now, base, before)
  const due = dueOf(now, known, act, before?.settled ?? 0)
  if (before !== null && due === 0) return again(base, before, before.settled)
  const [last] = decisionsOf(dept, { case: now.id, act, element })
  const isSame = last !== undefined && last.inputs === inputs
  // What was sent back or annulled on the same inputs is a person's to decide.
  if (isSame && isReturned(dept, now, act)) return null
  if (isSame && due === null) return again(base, last)
  const { auto, value, digest } = assessed
  if (!auto || value === undefined) return null
  const rule = digest === undefined ? {} : { rule: base64urlEncode(digest) }
  return { ...base, state: 'done', value, ...rule }
}

/** What was settled in a case that was refused goes back, to the fen. */
function payBack(
  now: CaseNow,
  base: Omit<Decision, 'at' | 'n' | 'state'>,
  { value, settled = 0 }: Decision,
): Omit<Decision, 'at' | 'n'> {
  const { final } = now.compiled.blueprint.acts[base.act] ?? {}
  const field = typeof final === 'object' ? fieldOfPath(final.amount) : ''
  const isPaid = memberOf(value, field) !== undefined
  const paid = isPaid
    ? { ...(value as { readonly [field: string]: Json }), [field]: settled }
    : value
  return {
    ...base,
    state: 'done',
    ...(paid === undefined ? {} : { value: paid }),
    settledBefore: settled,
    settled: 0,
    refunds: true,
  }
}

/** The same decision for new generations of equal inputs: equal content, equal commitments. */
function again(
  base: Omit<Decision, 'at' | 'n' | 'state'>,
  last: Decision,
  settled?: number,
): Omit<Decision, 'at' | 'n'> {
  const { state, value, signers, approval, officer } = last
  return {
    ...base,
    state,
    signers,
    ...(value === undefined ? {} : { value }),
    ...(approval === undefined ? {} : { approval }),
    ...(officer === undefined ? {} : { officer }),
    ...(settled === undefined ? {} : { settledBefore: settled, settled }),
  }
}

async function handOver(dept: Dept, now: CaseNow, attempt: Attempt): Promise<void> {
  const { open, known } = attempt
  const { blueprint } = now.compiled
  const act = blueprint.acts[open.act]
  if (act === undefined) return
  const assessed = assess(now.judge, known, open.act, open.element)
  const byPersons = listOf(act.by).some((party) => {
    const declared = blueprint.parties[party]
    return declared !== undefined && isSubject(declared)
  })
  let reason: Reason = act.auto === undefined ? 'by-hand' : 'not-automatic'
  if (assessed.applies === 'unknown') reason = 'unknown'
  else if (byPersons) reason = 'to-be-signed'
  else if (act.through !== undefined) {
    const [party = ''] = listOf(act.by)
    const bound = boundMember(dept, now, { known, party, element: open.element })
    if (bound === null) reason = 'unknown'
    else if (bound !== dept.port.member) {
      await sendTask(dept, now, { ...attempt, to: bound, party })
      reason = 'told'
    }
  }
  await take(dept, now, open)
  dept.inbox.put({
    key: attempt.attempt,
    case: now.id,
    reason,
    act: open.act,
    ...(open.element === undefined ? {} : { element: open.element }),
    at: dept.clock.wallMs(),
  })
}

/** Where silence has an effect, the ledger is told that the task lies on the desk. */
async function take(dept: Dept, now: CaseNow, open: OpenAct): Promise<void> {
  const late = now.compiled.blueprint.acts[open.act]?.late
  if (open.taken || (late !== 'consent' && late !== 'grant')) return
  const { act, element, openedHeight } = open
  const body: { readonly [name: string]: Json } = { case: now.id, act }
  await dept.port.submit('case.take', element === undefined ? body : { ...body, element }, {
    id: idOf('take', now.id, act, element, openedHeight),
  })
}
