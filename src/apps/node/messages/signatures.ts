// Signatures of persons. They are collected by the member that records the act, wherever they are
// given; when all have signed one value and nothing in it is against content, the act is decided
// and the robot carries it out. Nothing of a signature but a commitment to all of them leaves the
// vault.
import type { Dept } from '#apps/node/casework'
import { randomBytes } from 'node:crypto'
import { base64urlEncode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import type { Refusal, Signer } from '#blueprint/judge'
import { judgeAct } from '#blueprint/judge'
import type { OpenAct } from '#domains/processes'
import type { CaseNow } from '#apps/node/casework'
import { Later, attemptOf, caseNow, dueOf, inputsOf, keepDecision } from '#apps/node/casework'
import { memberOf, moreOf, openActOf, readAct, settledBefore } from '#apps/node/casework'
import { openedSlot, slotKeysIn } from '#apps/node/casework'
import { tellPrincipal } from './notices.ts'

/** How a signature was given: by the person's own key, or with assistance at a counter. */
export type Means =
  | { readonly class: 'own'; readonly proof?: Json }
  | { readonly class: 'assisted'; readonly officer: string; readonly second: string }

/** A signature of one person (or her agent) for a party. */
export type Signature = {
  readonly case: string
  readonly act: string
  readonly element?: number
  readonly signer: Signer
  readonly value: Json
  readonly means: Means
}

/** What became of a signature. */
export type Signed =
  | { readonly done: true }
  /** Others have to sign as well. */
  | { readonly waits: true }
  /** It was handed to the member that records the act. */
  | { readonly sent: string }
  | { readonly refused: readonly { readonly code: string; readonly at?: string }[] }

/** Takes a signature at the member that records the act. */
export async function sign(dept: Dept, given: Signature): Promise<Signed> {
  return dept.inTurn(`sign ${given.case}`, () => signInTurn(dept, given))
}

async function signInTurn(dept: Dept, given: Signature): Promise<Signed> {
  const now = caseNow(dept.port, given.case)
  const open = now === null ? undefined : openActOf(dept, now, given)
  if (now === null || open === undefined) return no('node/act-not-open')
  const act = now.compiled.blueprint.acts[given.act]
  const { means } = given
  if (means.class === 'assisted') {
    if (act?.signature === 'own') return no('node/own-signature-needed')
    if (act?.where === 'online') return no('node/not-at-a-counter')
    if (means.officer === means.second) return no('node/second-officer-needed')
  }
  if (!hasFiled(dept, now, given.signer)) {
    return { refused: [{ code: 'judge/not-bound', at: given.signer.party }] }
  }
  const known = await readAct(dept, now, open)
  const inputs = inputsOf(known)
  const before = collected(dept, now, { open, inputs })
  const signers = [...before.filter((each) => !isSame(each.signer, given.signer)), given].map(
    ({ signer, value }) => ({ ...signer, value }),
  )
  const settled = settledBefore(dept, now, open)?.settled ?? 0
  const faults = judgeAct(now.judge, known, {
    act: given.act,
    ...(given.element === undefined ? {} : { element: given.element }),
    value: given.value,
    signers,
    settled,
    ...(open.refund ? { refunds: true } : {}),
  })
  const wrong = faults.filter(({ code }) => code !== 'judge/missing-signer')
  if (wrong.length > 0) return { refused: wrong }
  const told = await tellPrincipal(dept, given)
  if ('refused' in told) return no(told.refused)
  await keep(dept, now, { given, open, inputs })
  if (faults.length > 0) return { waits: true }
  const all = collected(dept, now, { open, inputs })
  const due = dueOf(now, known, given.act, settled)
  await keepDecision(dept, now, {
    attempt: attemptOf(now, open),
    act: given.act,
    ...(given.element === undefined ? {} : { element: given.element }),
    state: 'done',
    value: given.value,
    by: 'signed',
    signers: all.map(({ signer }) => signer),
    inputs,
    approval: all as unknown as Json,
    ...(due === null ? {} : { settledBefore: settled, settled: settled + due }),
  })
  dept.poke(given.case)
  return { done: true }
}

function no(code: string): Signed {
  return { refused: [{ code }] }
}

/**
 * Whether a signer is among those who were identified for the party, where evidence binds it. If it
 * names somebody else by now, what registers said of the one who filed is about another person; and
 * who was never filed was told of nothing.
 */
function hasFiled(dept: Dept, now: CaseNow, { party, code }: Signer): boolean {
  const declared = now.compiled.blueprint.parties[party]
  if (declared?.of === undefined || declared.files !== true) return true
  const filed = slotKeysIn(dept, now, party)
  return filed === null || filed.some((keys) => keys['code'] === code)
}

type Of = { readonly open: OpenAct; readonly inputs: string }

/** Signatures of this round over these very inputs. */
function collected(
  { vault }: Pick<Dept, 'vault'>,
  now: CaseNow,
  { open, inputs }: Of,
): readonly Signature[] {
  return vault.find({ case: now.id, name: open.act, kind: 'note' }).flatMap((record) => {
    const isOne = record.type === 'signature' && record.element === open.element
    const isNow = moreOf(record, 'inputs') === inputs && moreOf(record, 'round') === open.round
    return isOne && isNow ? [moreOf(record, 'signature') as unknown as Signature] : []
  })
}

async function keep(
  { vault, clock }: Dept,
  now: CaseNow,
  { given, open, inputs }: Of & { readonly given: Signature },
): Promise<void> {
  const { act, element } = given
  const { round } = open
  const text = encodeCanonical(given as unknown as Json)
  const before = collected({ vault }, now, { open, inputs })
  if (before.some((each) => encodeCanonical(each as unknown as Json) === text)) return
  await vault.put({
    id: base64urlEncode(randomBytes(16)),
    kind: 'note',
    type: 'signature',
    case: now.id,
    name: act,
    ...(element === undefined ? {} : { element }),
    gen: 0,
    leaves: [],
    more: { signature: given as unknown as Json, inputs, round },
    at: clock.wallMs(),
  })
}

function isSame(a: Signer, b: Signer): boolean {
  return a.party === b.party && a.code === b.code
}

/** Takes a signature that was given at another member's counter. Untrusted. */
export async function takeSignature(dept: Dept, from: string, json: Json): Promise<void> {
  const given = memberOf(json, 'signature') as unknown as Signature | undefined
  if (typeof given?.case !== 'string' || typeof given.signer?.party !== 'string') {
    throw new Later('node/unknown-task')
  }
  const now = caseNow(dept.port, given.case)
  const { slots = {} } = now?.facts ?? {}
  const slot = Object.hasOwn(slots, given.signer.party) ? slots[given.signer.party] : undefined
  // A counter speaks for those whom it hosts, and of several for no other.
  const isHosted = slot?.commitments.some((c, at) => {
    const { code, name } = openedSlot(c, memberOf(json, 'openings')) ?? {}
    return slot.hosts[at] === from && code === given.signer.code && name === given.signer.name
  })
  if (isHosted !== true) throw new Later('node/unknown-task')
  const signed = await sign(dept, given)
  if ('refused' in signed) throw new Later(signed.refused[0]?.code ?? 'node/act-not-open')
}

/** Refusals of content, as a counter shows them. */
export type Refusals = readonly Refusal[]
