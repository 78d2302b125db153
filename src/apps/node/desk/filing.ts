// What persons do at a counter, or from home by way of it: file and join, say what only they know,
// sign, withdraw, take a consent back, say that something is wrong. The counter's node hosts them:
// the keys of their slots lie in its vault and nowhere else. Everything may be repeated under one
// id.
import { randomBytes } from 'node:crypto'
import { base64urlEncode } from '#base/bytes'
import type { Json } from '#base/canonical'
import type { Leaf } from '#base/commitment'
import { leafOf } from '#base/commitment'
import { judgeFiling, judgeSupply, recordOfSupply } from '#blueprint/judge'
import type { Known } from '#blueprint/judge'
import { isSubject } from '#blueprint/grammar'
import { fieldOfPath, itemOfPath } from '#blueprint/check'
import { isOfClass } from '#domains/members'
import { blueprintOf, hasAgreed, itemOf, owed } from '#domains/processes'
import type { Compiled } from '#domains/processes'
import type { CaseNow, Dept } from '#apps/node/casework'
import { Later, caseNow, commit, commitNote, idOf, judgeFor, slotKeysIn } from '#apps/node/casework'
import { memberOf } from '#apps/node/casework'
import { answerAttempt, answeredBefore, sayAnswer, slotGens } from '#apps/node/department'

/** How a person was identified at the counter, and by whom. */
export type Identification = {
  readonly method: 'holder-key' | 'idp' | 'window'
  readonly officer?: string
  readonly second?: string
}

/** A person or firm. */
export type Person = { readonly code: string; readonly name: string }

/** What filing needs. */
export type Filing = {
  /** The identity of the published application. */
  readonly blueprint: string
  readonly party: string
  readonly person: Person
  /** Keys of the objects that this party names. */
  readonly objects?: { readonly [object: string]: { readonly [key: string]: Json } }
  readonly identified: Identification
  /** 16 bytes, base64url: under one id there is one case. Random when absent. */
  readonly id?: string
}

/** A no, with its place. */
export type No = { readonly refused: readonly { readonly code: string; readonly at?: string }[] }

/** What a deed led to. */
export type Done = { readonly entry: number } | No

const none: Known['items'] = {}

/** Files a case for a person. */
export async function file(
  dept: Dept,
  filing: Filing,
): Promise<{ readonly case: string; readonly entry: number } | No> {
  const id = filing.id ?? base64urlEncode(randomBytes(16))
  const compiled = blueprintOf(dept.port.view(), filing.blueprint)
  if (compiled === undefined) return no('processes/unknown-blueprint')
  const { party, person } = filing
  const known: Known = { day: '', slots: {}, items: none }
  const faults = judgeFiling(judgeFor(compiled), known, { party, ...person })
  if (faults.length > 0) return { refused: faults }
  const slots = await commitSlots(dept, { id, compiled, filing, attempt: 'file' })
  if ('refused' in slots) return slots
  const said = await dept.port.submit(
    'case.file',
    {
      case: id,
      blueprint: filing.blueprint,
      party,
      slots: slots.slots,
      identified: filing.identified,
      notice: await noticeOf(dept, id, 'file'),
    },
    { id: idOf('file', id) },
  )
  return 'refused' in said ? no(said.refused.code) : { case: id, entry: said.receipt.entry }
}

/** Files for another person of a case that is there. */
export async function join(
  dept: Dept,
  joining: Omit<Filing, 'blueprint'> & { readonly case: string },
): Promise<Done> {
  const now = caseNow(dept.port, joining.case)
  if (now === null) return no('processes/unknown-case')
  const { party, person } = joining
  const faults = judgeFiling(now.judge, knownSlots(dept, now), { party, ...person })
  if (faults.length > 0) return { refused: faults }
  const attempt = joining.id ?? base64urlEncode(randomBytes(16))
  const { compiled, id } = now
  const slots = await commitSlots(dept, { id, compiled, filing: joining, attempt })
  if ('refused' in slots) return slots
  const { [party]: own = [], ...objects } = slots.slots
  const said = await dept.port.submit(
    'case.join',
    {
      case: id,
      party,
      slot: own[0] ?? '',
      ...(Object.keys(objects).length === 0 ? {} : { slots: objects }),
      identified: joining.identified,
      notice: await noticeOf(dept, id, attempt),
    },
    { id: idOf('join', id, party, attempt) },
  )
  return 'refused' in said ? no(said.refused.code) : { entry: said.receipt.entry }
}

type Slots = {
  readonly id: string
  readonly compiled: Compiled
  readonly filing: Pick<Filing, 'party' | 'person' | 'objects'>
  readonly attempt: string
}

/** Writes the keys of a party and of its objects into the vault, and gives the commitments. */
async function commitSlots(
  dept: Dept,
  { id, compiled, filing, attempt }: Slots,
): Promise<{ readonly slots: { readonly [slot: string]: readonly string[] } } | No> {
  const { party, person, objects = {} } = filing
  const declared = compiled.blueprint.parties[party]
  if (declared === undefined || !isSubject(declared)) return no('processes/no-such-name', 'party')
  const { code, name } = person
  const all: [string, readonly (readonly [string, Json])[]][] = [
    [
      party,
      [
        ['code', code],
        ['name', name],
      ],
    ],
  ]
  for (const [object, keys] of Object.entries(objects)) {
    const wanted = compiled.blueprint.objects?.[object]
    if (wanted?.by !== party) return no('processes/no-such-name', `objects.${object}`)
    const names = Object.keys(wanted.key).sort((a, b) => (a < b ? -1 : 1))
    const missing = names.find((each) => keys[each] === undefined)
    if (missing !== undefined) return no('node/key-missing', `objects.${object}.${missing}`)
    all.push([object, names.map((each) => [each, keys[each] as Json] as const)])
  }
  const slots: { [slot: string]: readonly string[] } = {}
  for (const [slot, keys] of all) {
    const tag = base64urlEncode(randomBytes(32))
    const leaves: readonly Leaf[] = [
      leafOf('$', 'slot'),
      ...keys.map(([path, value]) => leafOf(path, value)),
      leafOf('tag', tag),
    ]
    const { commitment } = await commit(dept.vault, {
      case: id,
      name: slot,
      kind: 'slot',
      type: 'slot',
      from: 'slot',
      attempt,
      leaves,
      now: dept.clock.wallMs(),
    })
    slots[slot] = [commitment]
  }
  return { slots }
}

function noticeOf(dept: Dept, id: string, attempt: string): Promise<string> {
  return commitNote(dept.vault, {
    case: id,
    name: 'notice',
    type: 'notice',
    attempt,
    value: { to: dept.settings.identityMember, about: 'filing' },
    now: dept.clock.wallMs(),
  })
}

/** What this counter knows of who stands in the case. */
function knownSlots(dept: Dept, now: CaseNow): Known {
  const slots: { [slot: string]: Known['slots'][string] } = {}
  for (const slot of Object.keys(now.facts.slots)) {
    const keys = slotKeysIn(dept, now, slot)
    if (keys !== null) slots[slot] = keys
  }
  return { day: now.day, slots, items: none }
}

/** What a person says, or shows, of an item that she supplies. */
export type Said = {
  readonly case: string
  readonly item: string
  readonly element?: number
  /** Of a list all elements. */
  readonly value: Json
  /** The list goes on: more elements follow. */
  readonly more?: true
  /**
   * How sure it is: what she says, a copy, an original; what stands in for a source that is down.
   */
  readonly answer?: 'copy' | 'declared' | 'original' | 'owed' | 'pledged'
}

/** Supplies what a person says, as the member that hosts her. */
export async function say(dept: Dept, said: Said): Promise<Done> {
  const now = caseNow(dept.port, said.case)
  if (now === null) return no('processes/unknown-case')
  const { item, element, value, answer = 'declared' } = said
  const compiled = now.compiled.items.get(item)
  if (compiled === undefined) return no('processes/no-such-name', 'item')
  const known = knownSlots(dept, now)
  const values = compiled.many && Array.isArray(value) ? (value as readonly Json[]) : [value]
  const faults = values.flatMap((each) => judgeSupply(now.judge, known, { item, value: each }))
  if (faults.length > 0) return { refused: faults }
  const stranger = strangerIn(dept, now, item, values)
  if (stranger !== null) return stranger
  const gen = itemOf(dept.port.view(), now.id, item)?.gen ?? 0
  const line = owed(dept.port.view(), now.id, now.time).find(
    (each) => each.item === item && (element === undefined || each.element === element),
  )
  const at = element ?? line?.element
  const task = {
    item,
    ...(at === undefined ? {} : { element: at }),
    slots: line?.slots ?? slotGens(dept, now, item),
    round: `said ${gen} ${answer}`,
  }
  const leaves = values.flatMap((each) => recordOfSupply(now.judge, item, 'found', each).leaves)
  const attempt = answerAttempt(dept, now, { task, leaves })
  // Said again, as after an answer that was lost: it stands there already.
  const before = line === undefined ? answeredBefore(dept, now, { task, leaves }) : null
  if (before !== null) return { entry: before }
  const asOf = dept.port.head().time
  return attemptOfDone(() =>
    sayAnswer(dept, now, {
      task,
      attempt,
      state: 'found',
      value,
      answer,
      asOf,
      ...(said.more === true ? { more: true } : {}),
    }),
  )
}

/** A member that a value names for a party whose class it has not, or that works for nobody. */
function strangerIn(
  { port }: Dept,
  now: CaseNow,
  item: string,
  values: readonly Json[],
): No | null {
  for (const party of Object.values(now.compiled.blueprint.parties)) {
    if (party.of === undefined || isSubject(party) || itemOfPath(party.of) !== item) continue
    const field = fieldOfPath(party.of)
    for (const value of values) {
      const named = memberOf(value, field)
      if (typeof named !== 'string') continue
      if (!isOfClass(port.view(), named, party.class, now.time)) {
        return no('processes/not-of-class', field)
      }
      if (!hasAgreed(port.view(), now.facts.blueprint, named)) {
        return no('processes/not-agreed', field)
      }
    }
  }
  return null
}

async function attemptOfDone(deed: () => Promise<number>): Promise<Done> {
  try {
    return { entry: await deed() }
  } catch (failure) {
    if (!(failure instanceof Later)) throw failure
    return no(failure.code)
  }
}

/** A refusal with one code. */
export function no(code: string, at?: string): No {
  return { refused: [at === undefined ? { code } : { code, at }] }
}
