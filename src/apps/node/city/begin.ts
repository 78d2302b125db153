// What members say before the first case: who may issue which type and belongs to which class,
// decided together; calendars; and the applications, published by their leads and agreed to by
// every fixed party. It promises that a start which was cut off goes on where it stopped: each
// command has an id that follows from what it says.
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256, sha256Text } from '#base/crypto'
import { encodeIntent } from '#ledger/command'
import type { Members } from '#ledger/command'
import { actionDigest, accredited, classType } from '#domains/members'
import type { Action } from '#domains/members'
import type { LedgerPort, SubmitOptions, Submitted } from '#apps/node/ledger-port'
import type { PracticeOfficers } from '#apps/node/officers'
import type { Application, Pack } from '#apps/node/pack'

/** A member's way to the ledger, and its officers, if it has enrolled any. */
export type Speaker = { readonly port: LedgerPort; readonly officers: PracticeOfficers | null }

/** The way of every member to the ledger. */
export type Ports = ReadonlyMap<string, Speaker>

const yearMs = 365 * 86_400_000
/** How long an approved intent waits for a block, milliseconds. */
const patienceMs = 600_000

/** Says everything that is not said yet. Throws when the ledger refuses any of it. */
export async function beginCity(
  pack: Pack,
  applications: readonly Application[],
  ports: Ports,
): Promise<void> {
  await accredit(pack, ports)
  const [publisher] = pack.accreditations.filter(({ type }) => type === 'calendar')
  assert(publisher !== undefined, 'somebody publishes calendars')
  for (const calendar of pack.calendars) {
    const document = sha256Text(calendar, 'base64url')
    await say(speakerOf(ports, publisher.member), 'calendar.publish', { document }, [calendar])
  }
  await Promise.all(applications.map((application) => publishOne(pack, application, ports)))
}

/** Members vote on each accreditation and carry it out. */
async function accredit(pack: Pack, ports: Ports): Promise<void> {
  const classes = pack.members.flatMap(({ code, class: of }) => {
    return of === undefined ? [] : [{ member: code, type: classType(of) }]
  })
  const wanted = [...pack.accreditations, ...classes]
  await Promise.all(wanted.map((each) => accreditOne(pack, ports, each)))
}

async function accreditOne(
  pack: Pack,
  ports: Ports,
  { member, type }: { readonly member: string; readonly type: string },
): Promise<void> {
  const proposer = pack.members.find(({ kind, code }) => kind === 'replica' && code !== member)
  assert(proposer !== undefined, 'somebody else proposes')
  const speaker = speakerOf(ports, proposer.code)
  const { port } = speaker
  const { time } = port.head()
  if (accredited(port.view(), member, type, time)) return
  const proposal = idOf(`accredit/${member}/${type}/${time}`)
  const until = time + 20 * yearMs
  const action: Action = { kind: 'accredit', member, type, from: time, until }
  const plain = action as unknown as Members
  await say(speaker, 'governance.propose', { proposal, action: plain })
  const digest = actionDigest(action)
  const vote = { proposal, action: digest, choice: 'yes' }
  const voters = pack.members.filter(({ kind, code }) => {
    // Whoever proposed for a member does not vote for it; the others are enough.
    return kind === 'replica' && code !== member && code !== proposer.code
  })
  await Promise.all(voters.map(({ code }) => say(speakerOf(ports, code), 'governance.vote', vote)))
  await say(speaker, 'governance.execute', { proposal })
}

async function publishOne(pack: Pack, application: Application, ports: Ports): Promise<void> {
  const { blueprint, identity, scenarios, typeHashes, documents } = application
  const lead = blueprint.parties[blueprint.lead]?.member
  assert(lead !== undefined, 'the lead of an application is a member')
  const body = { publication: identity, scenarios, types: typeHashes }
  await say(speakerOf(ports, lead), 'blueprint.publish', body, documents)
  // Whoever publishes has agreed.
  const others = Object.values(blueprint.parties).flatMap(({ member }) => {
    return member === undefined || member === lead ? [] : [member]
  })
  // Whoever evidence may name, because it is of a class that is asked for, agrees for itself.
  const classes = Object.values(blueprint.parties).map(({ class: of }) => of)
  const named = pack.members.filter(({ class: of }) => of !== undefined && classes.includes(of))
  await Promise.all(
    [...new Set([...others, ...named.map(({ code }) => code)])].map((member) => {
      return say(speakerOf(ports, member), 'blueprint.agree', { blueprint: identity })
    }),
  )
}

function speakerOf(ports: Ports, member: string): Speaker {
  const speaker = ports.get(member)
  assert(speaker !== undefined, `the city has a member ${member}`)
  return speaker
}

/** Says something once: the same thing by the same member is one command for ever. */
async function say(
  speaker: Speaker,
  type: string,
  body: Members,
  documents: readonly Bytes[] = [],
): Promise<void> {
  const { port } = speaker
  const id = idOf(`begin/${port.member}/${type}/${encodeCanonical(body as Json)}`)
  const approved = type.startsWith('governance.')
    ? await approvedBy(speaker, id, { type, body })
    : {}
  const said: Submitted = await port.submit(type, body, { id, documents, ...approved })
  if ('receipt' in said) return
  throw new Error(`${type} by ${port.member}: ${said.refused.code} ${said.refused.at ?? ''}`)
}

/** What members decide together an officer of each of them approves, where they are enrolled. */
async function approvedBy(
  { port, officers }: Speaker,
  id: string,
  { type, body }: { readonly type: string; readonly body: Members },
): Promise<SubmitOptions> {
  if (officers === null) return {}
  const notAfter = port.head().time + patienceMs
  const text = encodeIntent({ ledger: port.ledger, id, type, body, notAfter })
  const intent = sha256Text(utf8Encode(text), 'base64url')
  const approvals = await officers.approve({ posts: ['head'], intent, shown: body as Json })
  return { notAfter, approvals }
}

function idOf(text: string): string {
  return base64urlEncode(sha256(utf8Encode(text)).subarray(0, 16))
}
