// Decisions that have gone into the department's own system: what has changed there since is no
// news, and is not decided otherwise behind its back.
import { listOf } from '#blueprint/grammar'
import { openActs } from '#domains/processes'
import type { CaseNow, Decision, Dept } from '#apps/node/casework'
import { attemptOf, decisionOf, idOf } from '#apps/node/casework'
import { sinkMappingOf } from '#apps/node/mapping'

/** Whether a decision that takes the place of an item has gone into the own system already. */
export async function isHandedIn(dept: Dept, now: CaseNow, item: string): Promise<boolean> {
  const { blueprint } = now.compiled
  for (const open of openActs(dept.port.view(), now.id, now.time)) {
    const gives = listOf(blueprint.acts[open.act]?.gives)
    if (!gives.some((each) => blueprint.evidence[each]?.supersedes === item)) continue
    const decision = decisionOf(dept, attemptOf(now, open))
    if (decision !== null && (await wasHandedIn(dept, now, decision))) return true
  }
  return false
}

/** Whether a decision has gone into the own system, and was not rejected there. */
export async function wasHandedIn(dept: Dept, now: CaseNow, decision: Decision): Promise<boolean> {
  const mapping = sinkMappingOf(dept.settings.mapping, now.compiled.blueprint.id, decision.act)
  const sink = dept.sinks[mapping?.sink ?? 'main']
  if (mapping === undefined || sink === undefined) return false
  const outcome = await sink.outcome(sinkId(decision))
  return outcome === 'requested' || outcome === 'confirmed'
}

/** The id under which a decision is handed in. */
export function sinkId({ attempt, n }: Decision): string {
  return idOf('sink', attempt, n)
}
