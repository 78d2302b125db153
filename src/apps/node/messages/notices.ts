// News of other members. The identity department is told of every filing by the member that hosts
// the person, and tells that person itself: whoever opens a case for a victim cannot keep it from
// her. What it was told lies in its vault under a shelf of the person, whose name says nothing.
import type { Dept } from '#apps/node/casework'
import { takeRefusal } from './letters.ts'
import { randomBytes } from 'node:crypto'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { hmacSha256 } from '#base/crypto'
import { caseOf } from '#domains/processes'
import { Later, bytesOf, idOf, memberOf, moreOf, putOnce } from '#apps/node/casework'

/** Takes what another member tells. Untrusted; what has no meaning here is refused by throwing. */
export async function takeNotice(dept: Dept, from: string, json: Json): Promise<void> {
  if (memberOf(json, 'kind') === 'refused') return takeRefusal(dept, from, json)
  if (memberOf(json, 'kind') !== 'filed') throw new Later('node/unknown-notice')
  const id = memberOf(json, 'case')
  const slot = memberOf(json, 'slot')
  const at = memberOf(json, 'at')
  if (typeof id !== 'string' || typeof slot !== 'string' || typeof at !== 'number') {
    throw new Later('node/unknown-notice')
  }
  // Only the member that hosts the person speaks of her, and only once the filing is durable.
  const facts = caseOf(dept.port.view(), id)
  if (facts?.slots[slot]?.hosts[at] !== from) throw new Later('node/unknown-notice')
  const keys = memberOf(json, 'keys')
  const code = memberOf(keys, 'code')
  const name = memberOf(keys, 'name')
  if (typeof code !== 'string' || typeof name !== 'string') {
    throw new Later('node/unknown-notice')
  }
  const shelf = await shelfOfPerson(dept, code)
  const letter = idOf('letter', id, slot, at)
  const address = await dept.addressOf({ code, name })
  if (dept.notices !== null && address !== null) {
    await dept.notices.send({
      id: letter,
      ...address,
      subject: '办件告知',
      text: letterText({ name, host: from, application: memberOf(json, 'application') }),
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
    more: { notice: json, served: address !== null && dept.notices !== null },
    at: dept.clock.wallMs(),
  })
}

function letterText(of: { name: string; host: string; application: Json | undefined }): string {
  const application = typeof of.application === 'string' ? of.application : ''
  return [
    `${of.name}：`,
    `${of.host} 受理了以您的名义提出的申请（${application}）。如非您本人申请，请立即联系身份管理部门。`,
    `An application (${application}) was filed in your name with ${of.host}. If it was not you,`,
    'tell the identity department at once.',
  ].join('\n')
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
