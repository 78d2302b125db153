// News of other members. The identity department is told of every filing by the member that hosts
// the person, and tells that person itself: whoever opens a case for a victim cannot keep it from
// her. What it was told lies in its vault under a shelf of the person, whose name says nothing.
import type { Dept } from '#apps/node/casework'
import { takeRefusal } from './letters.ts'
import { takeOtherName } from './other-names.ts'
import { randomBytes } from 'node:crypto'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { hmacSha256 } from '#base/crypto'
import type { Blueprint } from '#blueprint/grammar'
import type { Signer } from '#blueprint/judge'
import { Later, bytesOf, caseNow, idOf, memberOf, moreOf, openedSlot } from '#apps/node/casework'
import { putOnce } from '#apps/node/casework'

/** Takes what another member tells. Untrusted; what has no meaning here is refused by throwing. */
export async function takeNotice(dept: Dept, from: string, json: Json): Promise<void> {
  if (memberOf(json, 'kind') === 'refused') return takeRefusal(dept, from, json)
  if (memberOf(json, 'kind') === 'agent') return takeAgent(dept, from, json)
  if (memberOf(json, 'kind') === 'other-name') return takeOtherName(dept, from, json)
  if (memberOf(json, 'kind') !== 'filed') throw new Later('node/unknown-notice')
  const id = memberOf(json, 'case')
  const slot = memberOf(json, 'slot')
  const at = memberOf(json, 'at')
  if (typeof id !== 'string' || typeof slot !== 'string' || typeof at !== 'number') {
    throw new Later('node/unknown-notice')
  }
  // Only the member that hosts the person speaks of her, and only once the filing is durable.
  const now = caseNow(dept.port, id)
  const known = Object.hasOwn(now?.facts.slots ?? {}, slot) ? now?.facts.slots[slot] : undefined
  if (now === null || known?.hosts[at] !== from) throw new Later('node/unknown-notice')
  // And of nobody else but her: a victim is told of whatever was filed in her name.
  const keys = openedSlot(known.commitments[at] ?? '', memberOf(json, 'openings'))
  if (keys === null) throw new Later('node/unknown-notice')
  const { code, name } = keys
  const application = now.compiled.blueprint.id
  const notice: Json = { kind: 'filed', case: id, application, slot, at, host: from, keys }
  const shelf = await shelfOfPerson(dept, code)
  const letter = idOf('letter', id, slot, at)
  const [address] = await dept.addressesOf({ code, name })
  if (dept.notices !== null && address !== undefined) {
    await dept.notices.send({
      id: letter,
      ...address,
      subject: '办件告知',
      text: letterText(name, namesOf(dept, now.compiled.blueprint, from)),
    })
  }
  await putOnce(dept.vault, {
    id: letter,
    kind: 'note',
    type: 'filed',
    case: shelf,
    name: slot,
    gen: 0,
    leaves: [],
    more: { notice, served: address !== undefined && dept.notices !== null },
    at: dept.clock.wallMs(),
  })
}

/** What the host and the application are called in letters; their codes where nobody named them. */
function namesOf(
  dept: Dept,
  blueprint: Blueprint,
  host: string,
): { readonly host: string; readonly application: string } {
  const texts = dept.settings.texts?.(blueprint.id)
  const party = Object.entries(blueprint.parties).find(([, { member }]) => member === host)
  const named = party === undefined ? undefined : texts?.parties[party[0]]
  return { host: named ?? host, application: texts?.title ?? blueprint.id }
}

function letterText(
  name: string,
  { host, application }: { readonly host: string; readonly application: string },
): string {
  return [
    `${name}：`,
    `${host}受理了以您的名义提出的申请：${application}。如非您本人申请，请立即联系身份管理部门。`,
    'An application was filed in your name. If it was not you, tell the identity department at',
    'once.',
  ].join('\n')
}

/**
 * Tells the identity department that an agent signs for a person, so that she hears of it before
 * anything is final. Says whether it was taken: otherwise the signature is not.
 */
export async function tellPrincipal(
  dept: Dept,
  {
    case: id,
    act,
    signer,
  }: { readonly case: string; readonly act: string; readonly signer: Signer },
): Promise<{ readonly taken: true } | { readonly refused: string }> {
  const { party, code, name, agent } = signer
  if (agent === undefined) return { taken: true }
  const by = { code: agent.code, name: agent.name }
  const notice: Json = { kind: 'agent', case: id, act, party, keys: { code, name }, agent: by }
  const { identityMember } = dept.settings
  if (identityMember !== dept.port.member) return dept.ways.tell(identityMember, 'notices', notice)
  await takeAgent(dept, dept.port.member, notice)
  return { taken: true }
}

/** Ways by which a person is told that an agent signs for her, at most. */
const waysMax = 2

/** Tells a person by two ways that somebody signs for her. Untrusted. */
async function takeAgent(dept: Dept, from: string, json: Json): Promise<void> {
  const [id, act, party] = ['case', 'act', 'party'].map((each) => memberOf(json, each))
  const { code, name } = personIn(memberOf(json, 'keys'))
  const agent = personIn(memberOf(json, 'agent'))
  if (typeof id !== 'string' || typeof act !== 'string' || typeof party !== 'string') {
    throw new Later('node/unknown-notice')
  }
  // Only who hosts the case or somebody of this party speaks of a signature.
  const now = caseNow(dept.port, id)
  const slots = now?.facts.slots ?? {}
  const slot = Object.hasOwn(slots, party) ? slots[party] : undefined
  const hosts = [now?.facts.host, ...(slot?.hosts ?? [])]
  const isAct = now?.compiled.acts.get(act)?.by.includes(party) === true
  if (slot === undefined || !isAct || !hosts.includes(from)) {
    throw new Later('node/unknown-notice')
  }
  // Under a key of the vault: from the id of a letter nobody finds whom it is about.
  const shelf = await shelfOfPerson(dept, code)
  // And only of somebody of whom it is known that she stands there: nobody else gets a letter.
  const isHers = slot.hosts.some(
    (_, at) => dept.vault.get(idOf('letter', id, party, at))?.case === shelf,
  )
  if (!isHers) throw new Later('node/unknown-notice')
  const letter = idOf('agent', id, act, party, shelf, await shelfOfPerson(dept, agent.code))
  const addresses = (await dept.addressesOf({ code, name })).slice(0, waysMax)
  for (const address of dept.notices === null ? [] : addresses) {
    const text = [
      `${name}：`,
      `${agent.name} 以您的代理人身份在 ${from} 签字（${act}）。如非您委托，请立即联系身份管理部门。`,
      `${agent.name} signs for you (${act}) at ${from}. If you did not ask for it,`,
      'tell the identity department at once.',
    ].join('\n')
    const sent = { id: idOf(letter, address.channel), ...address, subject: '代理告知', text }
    await dept.notices?.send(sent)
  }
  await putOnce(dept.vault, {
    id: letter,
    kind: 'note',
    type: 'agent',
    case: shelf,
    name: party,
    gen: 0,
    leaves: [],
    more: { notice: json, served: addresses.map(({ channel }) => channel) },
    at: dept.clock.wallMs(),
  })
}

/** Longest name of a person or firm in a letter, characters. */
const nameMax = 128

function personIn(json: Json | undefined): { readonly code: string; readonly name: string } {
  const [code, name] = [memberOf(json, 'code'), memberOf(json, 'name')]
  if (typeof code !== 'string' || typeof name !== 'string') throw new Later('node/unknown-notice')
  if (name.length > nameMax) throw new Later('node/unknown-notice')
  return { code, name }
}

/** What this member was told about a person: the cases that name her, with her subject tags. */
export async function toldAbout(dept: Dept, code: string): Promise<readonly Json[]> {
  const shelf = await shelfOfPerson(dept, code)
  return dept.vault.find({ case: shelf, kind: 'note' }).flatMap((record) => {
    const notice = moreOf(record, 'notice')
    return record.type === 'filed' && notice !== undefined ? [notice] : []
  })
}

/** The shelf of a person: the code under a key that lies in the vault. */
export async function shelfOfPerson(dept: Dept, code: string): Promise<string> {
  const id = idOf('person-key', dept.port.ledger, dept.port.member)
  if (dept.vault.get(id) === null) {
    await dept.inTurn('person-key', () =>
      putOnce(dept.vault, {
        id,
        kind: 'note',
        type: 'person-key',
        case: id,
        name: 'person-key',
        gen: 0,
        leaves: [],
        more: { key: base64urlEncode(randomBytes(32)) },
        at: dept.clock.wallMs(),
      }),
    )
  }
  const record = dept.vault.get(id)
  const key = record === null ? '' : (moreOf(record, 'key') as string)
  return base64urlEncode(hmacSha256(bytesOf(key), utf8Encode(code)).subarray(0, 16))
}
