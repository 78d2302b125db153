// Carrying out a decision that lies in the vault: into the department's own system first, where it
// has one, then onto the ledger. Every step has an id that follows from the attempt, so a crash
// between two of them repeats the step that was interrupted and changes nothing that was done.
import type { Document } from './documents.ts'
import { publicDocument } from './documents.ts'
import { sinkId } from './handed-in.ts'
import { isSource, recheck } from './supplying.ts'
import type { Json } from '#base/canonical'
import { utf8Encode } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import { isSubject, listOf } from '#blueprint/grammar'
import type { Known } from '#blueprint/judge'
import { judgeAct, recordsOf } from '#blueprint/judge'
import { encodeIntent } from '#ledger/command'
import { officersRequired } from '#domains/members'
import { autoId, autoNotAfter, itemOf } from '#domains/processes'
import type { OpenAct } from '#domains/processes'
import type { CaseNow, Decision, Dept } from '#apps/node/casework'
import { Later, commit, commitNote, noteSaid, readAct, saidOf } from '#apps/node/casework'
import { rowOf, sinkMappingOf } from '#apps/node/mapping'
import type { Keys } from '#apps/node/mapping'

/** Carries a decision out; says when to look again where the own system has not answered yet. */
export async function carryOut(
  dept: Dept,
  now: CaseNow,
  open: OpenAct,
  decision: Decision,
): Promise<number | null> {
  if (open.stale) return null
  const refusals = refusalsOf(dept, now, decision)
  if (refusals >= refusalsMax) return refused(dept, now, decision, 'node/refused-often')
  const forbidden = forbiddenBy(dept, now, decision)
  if (forbidden !== null) return refused(dept, now, decision, forbidden)
  const act = now.compiled.blueprint.acts[open.act]
  const endsCase = decision.state.startsWith('no/') && act?.no?.ends === 'case'
  if (endsCase) return conclude(dept, now, { open, decision, refusals })
  if (decision.state === 'done') {
    const known = await readAct(dept, now, open)
    // What was shown when it was decided may have changed its word since: a guard is asked again.
    const [fault] = judgeAct(now.judge, known, proposalOf(decision))
    if (fault !== undefined) return refused(dept, now, decision, fault.code)
    if (await hasMoved(dept, now, open)) return null
    const wait = await handIn(dept, now, decision, known)
    if (wait !== null) return wait.at
  }
  return say(dept, now, { open, decision, refusals })
}

const refusalsMax = 8

/**
 * Whether an item that the act needs fresh says something else now: this member's own registers are
 * asked once more before anything that cannot be undone. A new answer is another attempt.
 */
async function hasMoved(dept: Dept, now: CaseNow, open: OpenAct): Promise<boolean> {
  for (const { item, fresh } of now.compiled.graph.reads.get(open.act) ?? []) {
    if (fresh === null || !isSource(dept, now, item)) continue
    for (const { element } of itemOf(dept.port.view(), now.id, item)?.parts ?? []) {
      if ((await recheck(dept, now, item, element)) !== false) return true
    }
  }
  return false
}

/** The proposal that a decision is, for the judge. */
export function proposalOf(decision: Decision): Parameters<typeof judgeAct>[2] {
  const { act, element, state, value, signers } = decision
  return {
    act,
    state,
    signers,
    ...(element === undefined ? {} : { element }),
    ...(value === undefined ? {} : { value }),
    ...(decision.settled === undefined ? {} : { settled: decision.settledBefore ?? 0 }),
    ...(decision.refunds === true ? { refunds: true } : {}),
  }
}

function refused(dept: Dept, now: CaseNow, decision: Decision, code: string): null {
  const { attempt, act, element } = decision
  dept.inbox.put({
    key: attempt,
    case: now.id,
    reason: 'refused',
    act,
    ...(element === undefined ? {} : { element }),
    code,
    at: dept.clock.wallMs(),
  })
  return null
}

/** How often the ledger has refused what was decided in this attempt. */
function refusalsOf(dept: Dept, now: CaseNow, { act, attempt }: Decision): number {
  const said = saidOf(dept, now, act).filter((each) => each.attempt === attempt)
  return said.filter(({ code }) => code !== null && code !== 'ok').length
}

/** Refusals of the ledger that no waiting helps against: a person decides anew. */
const lasting: readonly string[] = ['processes/hold-broken']

/** The lasting refusal of this very decision, if there is one. */
function forbiddenBy(dept: Dept, now: CaseNow, { act, attempt, n }: Decision): string | null {
  const said = saidOf(dept, now, act).filter((each) => each.attempt === attempt && each.n === n)
  return said.find(({ code }) => code !== null && lasting.includes(code))?.code ?? null
}

/**
 * Hands a decision in to the department's own system; null when it is confirmed or there is none.
 */
async function handIn(
  dept: Dept,
  now: CaseNow,
  decision: Decision,
  known: Known,
): Promise<{ readonly at: number | null } | null> {
  const { act, attempt, value } = decision
  const mapping = sinkMappingOf(dept.settings.mapping, now.compiled.blueprint.id, act)
  if (mapping === undefined || value === undefined) return null
  const sink = dept.sinks[mapping.sink ?? 'main']
  if (sink === undefined) return { at: refused(dept, now, decision, 'node/no-sink') }
  const id = sinkId(decision)
  const soon = dept.clock.wallMs() + dept.settings.sinkRetryMs
  let outcome = await sink.outcome(id)
  if (outcome === 'unknown') {
    const keys: { [key: string]: string | number } = {}
    for (const all of Object.values(known.slots)) {
      for (const [name, each] of Object.entries(all[0] ?? {})) {
        if (typeof each === 'string' || typeof each === 'number') keys[name] = each
      }
    }
    const row = rowOf(mapping, { case: now.id, act, day: now.day, value, keys: keys as Keys })
    await sink.request(id, { table: mapping.table, values: row })
    outcome = await sink.outcome(id)
  }
  if (outcome === 'confirmed') return null
  if (outcome !== 'rejected') return { at: soon }
  dept.inbox.put({
    key: attempt,
    case: now.id,
    reason: 'rejected',
    act,
    ...(decision.element === undefined ? {} : { element: decision.element }),
    at: dept.clock.wallMs(),
  })
  return { at: null }
}

type Saying = {
  readonly open: OpenAct
  readonly decision: Decision
  readonly refusals: number
}

async function say(dept: Dept, now: CaseNow, saying: Saying): Promise<null> {
  const { open, decision } = saying
  const { act, element, attempt } = decision
  const given = await commitGiven(dept, now, decision)
  const gives = Object.fromEntries(given.map(({ item, parts }) => [item, parts]))
  const documents = given.flatMap(({ document }) => document ?? [])
  const body: { readonly [name: string]: Json } = {
    case: now.id,
    act,
    ...(element === undefined ? {} : { element }),
    reads: open.reads,
    gives,
    ...(await notesOf(dept, now, decision)),
    ...(documents[0] === undefined ? {} : { public: documents[0].hash }),
  }
  const code = await submit(dept, now, { ...saying, type: 'case.act', body, documents })
  if (code !== null) return refused(dept, now, decision, code)
  dept.inbox.drop(now.id, attempt)
  return null
}

/**
 * The notes that a command about this act carries. Whether they are there follows from the
 * application alone: where nobody signed or no rule gave anything the note says so inside, or the
 * ledger would tell everybody whether a home is mortgaged and who was refused.
 */
async function notesOf(
  dept: Dept,
  now: CaseNow,
  decision: Decision,
): Promise<{ readonly [name: string]: string }> {
  const act = now.compiled.blueprint.acts[decision.act]
  const isSigned = listOf(act?.by).some((party) => {
    const declared = now.compiled.blueprint.parties[party]
    return declared !== undefined && isSubject(declared)
  })
  const carried = {
    approval: isSigned || act?.through !== undefined,
    rule: act?.rule !== undefined,
  }
  const notes: { [name: string]: string } = {}
  for (const name of ['approval', 'rule'] as const) {
    const value = decision[name]
    if (!carried[name] && value === undefined) continue
    notes[name] = await noteOf(dept, now, { decision, name, value: value ?? null })
  }
  return notes
}

function noteOf(
  dept: Dept,
  now: CaseNow,
  {
    decision,
    name,
    value,
  }: { readonly decision: Decision; readonly name: string; readonly value: Json },
): Promise<string> {
  return commitNote(dept.vault, {
    case: now.id,
    name: decision.act,
    type: name,
    attempt: decision.attempt,
    value,
    now: dept.clock.wallMs(),
  })
}

type Given = {
  readonly item: string
  readonly parts: readonly string[]
  readonly document: Document | null
}

/** Writes what a decision gives into the vault, item by item, and gives the commitments. */
async function commitGiven(
  dept: Dept,
  now: CaseNow,
  decision: Decision,
): Promise<readonly Given[]> {
  const { act, element, attempt, state, value } = decision
  const records = recordsOf(now.judge, act, { state, ...(value === undefined ? {} : { value }) })
  const found: Given[] = []
  for (const [item, parts] of Object.entries(records)) {
    const compiled = now.compiled.items.get(item)
    const commitments: string[] = []
    for (const [at, { leaves }] of parts.entries()) {
      const { commitment } = await commit(dept.vault, {
        case: now.id,
        name: item,
        kind: 'own',
        type: compiled?.type.type ?? '',
        from: act,
        ...(element === undefined ? {} : { element }),
        ...(parts.length === 1 ? {} : { at }),
        attempt,
        leaves,
        now: dept.clock.wallMs(),
        ...(compiled === undefined ? {} : { retain: compiled.type.retain }),
      })
      commitments.push(commitment)
    }
    const values = valuesOf(now, decision, item)
    const document = publicDocument(compiled?.fields ?? [], values)
    found.push({ item, parts: commitments, document })
  }
  return found
}

function valuesOf(
  now: CaseNow,
  { act, state, value }: Decision,
  item: string,
): readonly (Json | undefined)[] {
  if (state !== 'done' || value === undefined) return [undefined]
  const gives = listOf(now.compiled.blueprint.acts[act]?.gives)
  const own = gives.length === 1 ? value : (value as { readonly [item: string]: Json })[item]
  return Array.isArray(own) ? (own as readonly Json[]) : [own]
}

async function conclude(dept: Dept, now: CaseNow, saying: Saying): Promise<null> {
  const { decision } = saying
  const { act, state } = decision
  const outcome = await noteOf(dept, now, { decision, name: 'outcome', value: { act, state } })
  const { reads, element } = saying.open
  const at = element === undefined ? {} : { element }
  const body = { case: now.id, act, ...at, reads, outcome }
  await submit(dept, now, { ...saying, type: 'case.conclude', body, documents: [] })
  dept.inbox.drop(now.id, decision.attempt)
  return null
}

type Submission = Saying & {
  readonly type: string
  readonly body: { readonly [name: string]: Json }
  readonly documents: readonly Document[]
}

/** Says it; null when it stands, or the refusal that lasts. */
async function submit(dept: Dept, now: CaseNow, submission: Submission): Promise<string | null> {
  const { open, decision, refusals, type, body, documents } = submission
  const { port } = dept
  const id = autoId({
    ledger: port.ledger,
    case: now.id,
    act: open.act,
    ...(open.element === undefined ? {} : { element: open.element }),
    member: port.member,
    reads: timedReads(dept, now, open),
    openedHeight: open.openedHeight,
    refusals,
  })
  const { attempt, n } = decision
  await noteSaid(dept, now, { attempt, n, act: open.act, id })
  const notAfter = autoNotAfter(open.openedAt, now.time)
  const approvals = await approvalsOf(dept, now, { submission, id, notAfter })
  const said = await port.submit(type, body, {
    id,
    notAfter,
    ...(documents.length === 0 ? {} : { documents: documents.map(({ bytes }) => bytes) }),
    ...(approvals.length === 0 ? {} : { approvals }),
  })
  if ('receipt' in said) return null
  const { code } = said.refused
  if (lasting.includes(code)) return code
  throw new Later(code)
}

function timedReads(
  dept: Dept,
  now: CaseNow,
  { reads }: OpenAct,
): { readonly [name: string]: { readonly gen: number; readonly asOf: number } } {
  const view = dept.port.view()
  return Object.fromEntries(
    Object.entries(reads).map(([name, gen]) => [
      name,
      { gen, asOf: itemOf(view, now.id, name)?.asOf ?? 0 },
    ]),
  )
}

/**
 * Approvals of the posts that sign a decision by hand, once the department has enrolled officers.
 */
async function approvalsOf(
  dept: Dept,
  now: CaseNow,
  asked: { readonly submission: Submission; readonly id: string; readonly notAfter: number },
): Promise<Awaited<ReturnType<NonNullable<Dept['officers']>['approve']>>> {
  const { port, officers } = dept
  const { open, decision, type, body } = asked.submission
  const compiled = now.compiled.acts.get(open.act)
  const posts = (type === 'case.conclude' ? compiled?.handPosts : compiled?.posts) ?? 0
  if (posts === 0 || officers === null || !officersRequired(port.view(), port.member)) return []
  const { id, notAfter } = asked
  const intent = encodeIntent({ ledger: port.ledger, id, type, body, notAfter })
  const { act, state, value } = decision
  return officers.approve({
    posts: listOf(now.compiled.blueprint.acts[open.act]?.post),
    intent: sha256Text(utf8Encode(intent), 'base64url'),
    shown: { act, state, ...(value === undefined ? {} : { value }) },
  })
}
