// Officers of a department: who of it may approve, known here by random ids alone. The first
// enrolment binds the department for good, so that a stolen node key cannot decide anything; every
// later change of officers needs other officers, two of them as soon as there are two.
import type { PublicJwk } from '#base/crypto'
import type { Refusal, Schema } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Context, Write } from '#ledger/apply'
import type { KeyRecord, Reading } from '#ledger/validate'
import { keyKey, readKey } from '#ledger/validate'
import type { OfficerStatus, OfficerStep } from './lifecycle.ts'
import { officerTable, step } from './lifecycle.ts'
import { commandType, no, refused } from './authority.ts'
import type { OfficerRecord } from './records.ts'
import { memberOf, memberWrites, officerKey, officerOf, officersKey } from './records.ts'
import { officersOf, thumbprintKey, write } from './records.ts'
import { algSchema, endingKey, freshKey, handleSchema, heightsAheadMax, jwkSchema } from './keys.ts'

/** The posts of a department that the ledger knows; a closed list, since a name is a free text. */
export const posts = [
  'head',
  'steward',
  'clerk',
  'decider',
  'approver',
  'publisher',
  'responder',
  'security',
  'operator',
  'auditor',
] as const

/** The holder and his substitutes. */
export const postHoldersMax = 8

/** Two people who are not the one concerned, as soon as the department has two. */
const two = 2

type KeyBody = {
  readonly officer: string
  /** Random, so that it says nothing about who it is. */
  readonly kid: string
  readonly alg: KeyRecord['alg']
  readonly jwk: PublicJwk
}

const officerField: Schema = handleSchema
const keyFields = {
  officer: officerField,
  kid: handleSchema,
  alg: algSchema,
  jwk: jwkSchema,
}

/** Where an officer of the sending department stands; another department's is unknown. */
function statusIn(
  view: Reading,
  officer: string,
  member: string,
): { readonly status: OfficerStatus; readonly record: OfficerRecord | undefined } {
  const record = officerOf(view, officer)
  if (record !== undefined && record.member !== member) return { status: 'none', record: undefined }
  return { status: record?.state ?? 'none', record }
}

/** The officer's record if he may take this step, or the refusal. */
function officerFor(
  view: Reading,
  of: { readonly officer: string; readonly member: string },
  kind: OfficerStep,
): OfficerRecord | Refusal {
  const { status, record } = statusIn(view, of.officer, of.member)
  const stop = refused(step(officerTable, status, kind))
  return stop ?? record ?? no('members/officer-unknown')
}

/** An officer's new key, counting from the next block on, with its thumbprint; or the refusal. */
export function officersNewKey(
  view: Reading,
  body: KeyBody,
  of: { readonly member: string; readonly height: number },
): { readonly key: KeyRecord; readonly print: string } | Refusal {
  const { kid, alg, jwk, officer } = body
  if (readKey(view, kid) !== undefined) return no('members/key-known')
  const custody = 'own'
  const print = freshKey(view, { use: 'approve', alg, jwk, custody })
  if (isRefusal(print)) return print
  const { member, height: before } = of
  const from = before + 1
  const key = {
    kid,
    member,
    use: 'approve',
    alg,
    jwk,
    custody,
    from,
    until: null,
    officer,
  } as const
  return { key, print }
}

/** Officer, key and thumbprint after a new key; the thumbprint finds the key again. */
export function officerWrites(
  record: OfficerRecord,
  fresh: { readonly key: KeyRecord; readonly print: string },
): readonly Write[] {
  const { key, print } = fresh
  return [
    write(officerKey(record.officer), record),
    write(keyKey(key.kid), key),
    [thumbprintKey(print), key.kid],
  ]
}

const enrol = commandType<KeyBody>({
  name: 'officer.enrol',
  body: { fields: keyFields },
  budget: 'officers',
  officers: two,
  concerns: (body) => [body.officer],
  decide: ({ view, body, context }) => {
    const { member, height } = context
    if (officerOf(view, body.officer) !== undefined) return no('members/officer-known')
    // Approvals without a relying party never hold: the department would lock itself out.
    if (memberOf(view, member)?.rp === undefined) return no('members/no-relying-party')
    const { enrolled } = officersOf(view, member)
    return withNewKey(view, body, context, {
      writes: [write(officersKey(member), { required: true, enrolled: enrolled + 1 })],
      record: {
        officer: body.officer,
        member,
        state: 'active',
        kids: [body.kid],
        since: height + 1,
      },
    })
  },
})

function withNewKey(
  view: Reading,
  body: KeyBody,
  context: Context,
  of: { readonly writes: readonly Write[]; readonly record: OfficerRecord },
): readonly Write[] | Refusal {
  const fresh = officersNewKey(view, body, context)
  return isRefusal(fresh) ? fresh : [...of.writes, ...officerWrites(of.record, fresh)]
}

/** Ends the officer's live keys at the given height at the latest. */
function endOfficersKeys(
  view: Reading,
  record: OfficerRecord,
  at: { readonly height: number; readonly until: number },
): readonly Write[] {
  const ending: Write[] = []
  for (const kid of record.kids) {
    const key = readKey(view, kid)
    if (key === undefined || (key.until !== null && key.until <= at.height)) continue
    ending.push(write(keyKey(kid), endingKey(key, at.height, at.until)))
  }
  return ending
}

/** The kids among these whose keys have not ended. */
function liveKids(view: Reading, record: OfficerRecord, height: number): readonly string[] {
  return record.kids.filter((kid) => {
    const key = readKey(view, kid)
    return key !== undefined && (key.until === null || key.until > height)
  })
}

type RotateBody = KeyBody & { readonly overlap: number }

const rotate = commandType<RotateBody>({
  name: 'officer.rotate',
  body: {
    fields: { ...keyFields, overlap: { k: 'int', min: 0, max: heightsAheadMax } },
  },
  budget: 'officers',
  officers: two,
  decide: ({ view, body, context, officers }) => {
    const { member, height } = context
    const record = officerFor(view, { officer: body.officer, member }, 'rotate')
    if (isRefusal(record)) return record
    // His old key shows that it is he, another officer approves: his own approval is not counted.
    if (!officers.includes(body.officer)) return no('members/no-possession')
    if (!officers.some((officer) => officer !== body.officer)) return no('members/own-approval')
    const until = height + 1 + body.overlap
    const kids = [...liveKids(view, record, height), body.kid]
    return withNewKey(view, body, context, {
      writes: endOfficersKeys(view, record, { height, until }),
      record: { ...record, kids },
    })
  },
})

const reset = commandType<KeyBody>({
  name: 'officer.reset',
  body: { fields: keyFields },
  budget: 'officers',
  officers: two,
  concerns: (body) => [body.officer],
  decide: ({ view, body, context, officers }) => {
    const { member, height } = context
    const record = officerFor(view, { officer: body.officer, member }, 'reset')
    if (isRefusal(record)) return record
    // Two persons, however few the department has enrolled.
    if (officers.length < two) return no('members/officers-required')
    return withNewKey(view, body, context, {
      writes: endOfficersKeys(view, record, { height, until: height + 1 }),
      record: { ...record, state: 'active', kids: [body.kid], since: height + 1 },
    })
  },
})

type OfficerBody = { readonly officer: string }

const lose = commandType<OfficerBody>({
  name: 'officer.lose',
  body: { fields: { officer: officerField } },
  budget: 'officers',
  // A loss is reported at once, by whoever is at the department's node; it gives nobody anything.
  officers: 0,
  decide: ({ view, body, context }) => {
    const { member, height } = context
    const record = officerFor(view, { officer: body.officer, member }, 'lose')
    if (isRefusal(record)) return record
    return [
      ...endOfficersKeys(view, record, { height, until: height + 1 }),
      write(officerKey(body.officer), { ...record, state: 'lost', kids: [], since: height + 1 }),
    ]
  },
})

const retire = commandType<OfficerBody>({
  name: 'officer.retire',
  body: { fields: { officer: officerField } },
  budget: 'officers',
  officers: 1,
  decide: ({ view, body, context }) => {
    const { member, height } = context
    const record = officerFor(view, { officer: body.officer, member }, 'retire')
    if (isRefusal(record)) return record
    return [
      ...endOfficersKeys(view, record, { height, until: height + 1 }),
      write(officerKey(body.officer), { ...record, state: 'retired', kids: [], since: height + 1 }),
      ...leavePosts(view, member, body.officer),
    ]
  },
})

function leavePosts(view: Reading, code: string, officer: string): readonly Write[] {
  const member = memberOf(view, code)
  const held = Object.entries(member?.posts ?? {})
  if (member === undefined || !held.some(([, holders]) => holders.includes(officer))) return []
  const left = held
    .map(([post, holders]) => [post, holders.filter((each) => each !== officer)] as const)
    .filter(([, holders]) => holders.length > 0)
  return memberWrites(view, { ...member, posts: Object.fromEntries(left) })
}

type PostBody = { readonly post: string; readonly officers: readonly string[] }

const assign = commandType<PostBody>({
  name: 'post.assign',
  body: {
    fields: {
      post: { k: 'enum', of: posts },
      officers: { k: 'list', of: officerField, min: 0, max: postHoldersMax },
    },
  },
  budget: 'officers',
  officers: 1,
  concerns: (body) => body.officers,
  decide: ({ view, body, context }) => {
    const member = memberOf(view, context.member)
    if (member === undefined) return no('members/unknown-member')
    for (const officer of body.officers) {
      const record = officerFor(view, { officer, member: context.member }, 'post')
      if (isRefusal(record)) return record
    }
    if (new Set(body.officers).size !== body.officers.length) return no('members/same-officer')
    const others = Object.entries(member.posts ?? {}).filter(([post]) => post !== body.post)
    const posts = body.officers.length === 0 ? others : [...others, [body.post, body.officers]]
    return memberWrites(view, { ...member, posts: Object.fromEntries(posts) })
  },
})

export const officerTypes: readonly CommandType[] = [enrol, rotate, reset, lose, retire, assign]
