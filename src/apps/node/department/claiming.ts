// Claims: an object is claimed by one case at a time. Its register grants the claim under a random
// handle, and knows in its own vault alone which object that is; a second case is told only that
// the object is claimed. Under a claim the register also watches: when its own system says
// something else of the object, every open case with a claim on it has a new generation at once.
import type { Dept } from '#apps/node/casework'
import { randomBytes } from 'node:crypto'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { hmacSha256 } from '#base/crypto'
import { caseOf } from '#domains/processes'
import type { CaseNow, VaultRecord } from '#apps/node/casework'
import { bytesOf, idOf, moreOf, putOnce, slotKeysIn } from '#apps/node/casework'
import { isSource, recheck } from './supplying.ts'

/** Grants or denies what this member is the register of. */
export async function claim(dept: Dept, now: CaseNow): Promise<number | null> {
  if (now.facts.state !== 'open') return null
  for (const object of ownObjects(dept, now)) {
    const before = now.facts.claims[object]
    if (before !== undefined && before !== '') continue
    const [keys] = slotKeysIn(dept, now, object) ?? []
    // The keys come with the first look-up of the object.
    if (keys === undefined) continue
    const shelf = await shelfOf(dept, keys)
    await dept.inTurn(shelf, () => decide(dept, now, { object, shelf }))
  }
  return null
}

function ownObjects({ port }: Dept, now: CaseNow): readonly string[] {
  const { claims = {}, parties } = now.compiled.blueprint
  return Object.keys(claims).filter((object) => {
    const by = claims[object]?.by ?? ''
    return (parties[by]?.member ?? now.facts.members[by]) === port.member
  })
}

async function decide(
  dept: Dept,
  now: CaseNow,
  { object, shelf }: { readonly object: string; readonly shelf: string },
): Promise<void> {
  const { port, vault } = dept
  const id = idOf('claim', shelf, now.id, object)
  const isTaken = claimsOn(dept, shelf).some((other) => other !== now.id && isLive(dept, other))
  if (isTaken && vault.get(id) === null) {
    await putOnce(
      vault,
      claimRecord(dept, { id: idOf('waiting', shelf, now.id), shelf, now, object }),
    )
    if (now.facts.claims[object] === '') return
    await port.submit('claim.deny', { case: now.id, object }, { id: idOf('deny', now.id, object) })
    return
  }
  await putOnce(vault, claimRecord(dept, { id, shelf, now, object }))
  const record = vault.get(id)
  const handle = record === null ? undefined : moreOf(record, 'handle')
  if (typeof handle !== 'string') return
  const body = { case: now.id, object, handle }
  await port.submit('claim.grant', body, { id: idOf('grant', now.id, object) })
}

type Claiming = {
  readonly id: string
  readonly shelf: string
  readonly now: CaseNow
  readonly object: string
}

/** The record of a claim, with a random handle, or of a case that waits for one. */
function claimRecord({ clock }: Dept, { id, shelf, now, object }: Claiming): VaultRecord {
  const isClaim = id === idOf('claim', shelf, now.id, object)
  return {
    id,
    kind: 'note',
    type: isClaim ? 'claim' : 'waiting',
    case: shelf,
    name: object,
    gen: 0,
    leaves: [],
    more: { case: now.id, handle: base64urlEncode(randomBytes(16)) },
    at: clock.wallMs(),
  }
}

/** Has the cases looked at that wait for an object of a case that is over. */
export async function release(dept: Dept, now: CaseNow): Promise<void> {
  for (const object of ownObjects(dept, now)) {
    const [keys] = slotKeysIn(dept, now, object) ?? []
    if (keys === undefined) continue
    const shelf = await shelfOf(dept, keys)
    for (const record of dept.vault.find({ case: shelf, kind: 'note' })) {
      const of = moreOf(record, 'case')
      if (record.type === 'waiting' && typeof of === 'string' && of !== now.id) dept.poke(of)
    }
  }
}

/** Has the counter told that another case has claimed the object. */
export async function sayClaimed(dept: Dept, now: CaseNow): Promise<number | null> {
  if (now.facts.host !== dept.port.member) return null
  for (const [object, handle] of Object.entries(now.facts.claims)) {
    if (handle !== '') continue
    dept.inbox.put({
      key: claimedKey(now, object),
      case: now.id,
      reason: 'claimed',
      item: object,
      at: dept.clock.wallMs(),
    })
  }
  return null
}

/** The desk's key of a claim that was denied. */
export function claimedKey({ id }: Pick<CaseNow, 'id'>, object: string): string {
  return idOf('claimed', id, object)
}

/** The cases that claim what lies on a shelf, or did. */
function claimsOn({ vault }: Dept, shelf: string): readonly string[] {
  return vault.find({ case: shelf, kind: 'note' }).flatMap((record) => {
    const of = moreOf(record, 'case')
    return record.type === 'claim' && typeof of === 'string' ? [of] : []
  })
}

// A delivered case no longer holds its object: what it changed stands in the register.
function isLive({ port }: Dept, id: string): boolean {
  return caseOf(port.view(), id)?.state === 'open'
}

/** The shelf of an object. Its name follows from the keys under a secret, so it says nothing. */
async function shelfOf(dept: Dept, keys: { readonly [key: string]: Json }): Promise<string> {
  const id = idOf('claim-key', dept.port.ledger, dept.port.member)
  if (dept.vault.get(id) === null) {
    await dept.inTurn('claim-key', () =>
      putOnce(dept.vault, {
        id,
        kind: 'note',
        type: 'claim-key',
        case: id,
        name: 'claim-key',
        gen: 0,
        leaves: [],
        more: { key: base64urlEncode(randomBytes(32)) },
        at: dept.clock.wallMs(),
      }),
    )
  }
  const record = dept.vault.get(id)
  const key = record === null ? '' : (moreOf(record, 'key') as string)
  const mac = hmacSha256(bytesOf(key), utf8Encode(encodeCanonical(keys)))
  return base64urlEncode(mac.subarray(0, 16))
}

/** Looks up again what this member says of an object under its claim. Says whether all answered. */
export async function watch(dept: Dept, now: CaseNow): Promise<void> {
  if (now.facts.state !== 'open') return
  for (const object of ownObjects(dept, now)) {
    if ((now.facts.claims[object] ?? '') === '') continue
    for (const [item, { about }] of Object.entries(now.compiled.blueprint.evidence)) {
      if (about === object && isSource(dept, now, item)) await recheck(dept, now, item)
    }
  }
}
