// One look at a case: every step of the robot in its order. A step changes the ledger or the vault
// and never keeps a place in the case, so a look may end anywhere and begin anew.
import type { Dept, Step } from '#apps/node/casework'
import { eachInTurn } from '#apps/node/casework'
import { itemOf, openActs, owed } from '#domains/processes'
import type { CaseNow } from '#apps/node/casework'
import { attemptOf, caseNow, idOf } from '#apps/node/casework'
import { actOpen } from './acting.ts'
import {
  answerDisputes,
  bind,
  concludeDelivered,
  disputeKey,
  disputedIn,
  showUntold,
  tellFiled,
  tick,
  untoldIn,
} from './chores.ts'
import { changedLines, showChanged } from './chores.ts'
import { hasLetter, letterKey, showLetter, tellRefusal } from '#apps/node/messages'
import { otherNameLines, showOtherName, tellOtherName } from '#apps/node/messages'
import { claim, claimedKey, sayClaimed } from './claiming.ts'
import { askDownAgain, supplyOwed } from './supplying.ts'
import { redKey } from '#apps/node/attesting'

const steps: readonly Step[] = [
  supplyOwed,
  askDownAgain,
  tellOtherName,
  showOtherName,
  claim,
  sayClaimed,
  bind,
  actOpen,
  async (dept, now) => dept.certify?.(dept, now) ?? null,
  answerDisputes,
  showChanged,
  async (dept, now) => showRed(dept, now),
  concludeDelivered,
  tellFiled,
  showUntold,
  tellRefusal,
  showLetter,
  tick,
]

/** Looks at a case once; says when it wants to be looked at again by itself. */
export async function look(dept: Dept, id: string): Promise<number | null> {
  const first = caseNow(dept.port, id)
  if (first === null || !isConcerned(dept, first)) return null
  let now = first
  let height = dept.port.head().height
  try {
    return await eachInTurn(steps, async (step) => {
      // Each step sees what the step before it has changed.
      if (dept.port.head().height !== height) {
        height = dept.port.head().height
        now = caseNow(dept.port, id) ?? now
      }
      return step(dept, now)
    })
  } finally {
    dept.inbox.keep(id, liveKeys(dept, caseNow(dept.port, id) ?? now))
  }
}

/** Whether this member has a part in the case. */
export function isConcerned({ port, settings }: Dept, now: CaseNow): boolean {
  const { facts, compiled } = now
  const { member } = port
  if (settings.identityMember === member) return true
  if (facts.host === member || Object.values(facts.members).includes(member)) return true
  if (Object.values(compiled.blueprint.parties).some((party) => party.member === member))
    return true
  if (Object.values(facts.slots).some(({ hosts }) => hosts.includes(member))) return true
  return openActs(port.view(), now.id, now.time).some(({ recorders }) => recorders.includes(member))
}

/** Lays on the desk that the source of something that this member uses is red. */
function showRed({ sources, inbox, clock }: Dept, now: CaseNow): null {
  for (const { name: item, news: source } of sources.usedIn(now)) {
    const line = { key: redKey(now.id, item, source), case: now.id, item, source }
    inbox.put({ ...line, reason: 'source-red', at: clock.wallMs() })
  }
  return null
}

/** Keys of everything of a case that may lie on the desk now. */
function liveKeys(dept: Dept, now: CaseNow): ReadonlySet<string> {
  const view = dept.port.view()
  const keys = new Set<string>()
  for (const open of openActs(view, now.id, now.time)) keys.add(attemptOf(now, open))
  for (const { item, element } of owed(view, now.id, now.time)) {
    keys.add(idOf('owed', now.id, item, element))
  }
  for (const [object, handle] of Object.entries(now.facts.claims)) {
    if (handle === '' && now.facts.state === 'open') keys.add(claimedKey(now, object))
  }
  for (const key of untoldIn(dept, now)) keys.add(key)
  if (hasLetter(dept, now)) keys.add(letterKey(now))
  for (const { key } of changedLines(dept, now)) keys.add(key)
  for (const { key } of otherNameLines(dept, now)) keys.add(key)
  for (const { name, news } of dept.sources.usedIn(now)) keys.add(redKey(now.id, name, news))
  for (const item of disputedIn(dept, now)) {
    const parts = itemOf(view, now.id, item)?.parts ?? []
    for (const { c } of parts) keys.add(disputeKey(now, item, c))
  }
  return keys
}
