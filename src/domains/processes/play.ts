// Scenarios of a publication: what an author promises about whole cases. They are read here and
// played with the commands of this room before the publication is accepted; one that does not come
// true refuses it. Work is bounded by the scenarios and their steps.
import { decodeCanonical } from '#base/canonical'
import type { Refusal, Value } from '#ledger/command'
import type { CommandType, Write } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import type { Publication, Scenario, TypeBook } from '#blueprint/grammar'
import { decodeScenario, isDecoded, scenariosMax } from '#blueprint/grammar'
import { judgeOf } from '#blueprint/judge'
import type { ActView, Kernel, PartView, Untrue } from '#domains/scenarios'
import { firstUntrue } from '#domains/scenarios'
import { caseOf, openActs, owed } from './reads.ts'
import type { BlueprintRecord, BlueprintTexts, ItemRecord } from './records.ts'
import { actKey, blueprintKey, calendarKey, itemKey, no } from './records.ts'
import { readRecord, textsKey, write } from './records.ts'
import { speakerOf, standingOf } from './case.ts'
import type { CompiledItem } from './compile.ts'
import type { Standing } from './standing.ts'

/** Longest canonical text of all scenarios, in UTF-16 code units. */
const scenariosTextMax = 524_288

/** The scenarios of a document's text, or null. Untrusted. */
export function scenariosOf(text: string | null): readonly Scenario[] | null {
  const list = text === null ? null : decodeCanonical(text, { lengthMax: scenariosTextMax })
  if (!Array.isArray(list) || list.length > scenariosMax) return null
  const scenarios: Scenario[] = []
  for (const each of list) {
    const scenario = decodeScenario(each)
    if (!isDecoded(scenario)) return null
    scenarios.push(scenario)
  }
  return scenarios
}

/** A publication that passed the check, with everything that playing it needs. */
export type Playing = {
  /** Identity of the publication. */
  readonly hash: string
  readonly publication: Publication
  readonly types: TypeBook
  readonly texts: BlueprintTexts
  readonly scenarios: readonly Scenario[]
  /** The command types with which cases are played. */
  readonly commands: readonly CommandType[]
  /** The state of the ledger; only its calendar is read. */
  readonly base: Reading
}

/** Why a publication's scenarios refuse it, or null. `at` names scenario and step. */
export function playScenarios(playing: Playing): Refusal | null {
  const found = untrueOf(playing)
  return found === null ? null : no('processes/scenario-failed', found.at)
}

/** The first place at which a scenario does not come true, for authors; null if all come true. */
export function untrueOf(playing: Playing): Untrue | null {
  return firstUntrue(kernelOf(playing), playing.scenarios)
}

/** The kernel of cases over one publication, as scenarios are played with it. */
export function kernelOf({ hash, publication, types, texts, commands, base }: Playing): Kernel {
  return {
    hash,
    judge: judgeOf(publication.blueprint, types),
    types: new Map(commands.map((type) => [type.name, type])),
    begin: beginning(hash, texts, base),
    caseOf,
    openActs,
    owed,
    actOf: (view, id, { act: name, element }) => {
      const standing = standingOf(view, id)
      const act = standing?.compiled.acts.get(name)
      if (standing === undefined || act === undefined) return undefined
      const found: ActView = {
        closed: standing.closed(act, element),
        recorders: standing.recorders(act, element),
        reads: standing.readsOf(act, element),
        refund: standing.paysBack(act, element),
      }
      return found
    },
    partsOf,
    speakerOf: (view, id, { party, position }) => {
      const standing = standingOf(view, id)
      return standing === undefined ? undefined : speakerOf(standing, party, `${position}`)
    },
  }
}

// The blueprint is in force on the stage, whoever has still to agree to it on the ledger.
function beginning(hash: string, texts: BlueprintTexts, base: Reading): readonly Write[] {
  const none = { by: '', at: 0, parties: [], agreed: [] } as const
  const record: BlueprintRecord = { ...none, state: 'active', everybody: true }
  const calendar: Value | undefined = base.get(calendarKey)
  return [
    write(blueprintKey(hash), record),
    write(textsKey(hash), texts),
    ...(calendar === undefined ? [] : [[calendarKey, calendar] as const]),
  ]
}

function partsOf(view: Reading, id: string): ReadonlyMap<string, readonly PartView[]> {
  const standing = standingOf(view, id)
  const found = new Map<string, readonly PartView[]>()
  for (const item of standing?.compiled.items.values() ?? []) {
    const parts = standing === undefined ? null : inForce(view, standing, item)
    if (parts !== null) found.set(item.name, parts)
  }
  return found
}

function inForce(
  view: Reading,
  standing: Standing,
  item: CompiledItem,
): readonly PartView[] | null {
  const record = readRecord<ItemRecord>(view, itemKey(standing.id, item.name))
  const isDown = item.from !== undefined && standing.available(item.name) === 'down'
  if (record === undefined) return isDown ? [] : null
  return record.parts.filter(({ from, element, deemed }) => {
    const key = from === 'supply' ? `supply/${element ?? ''}` : actKey(from, element)
    return deemed !== true && !standing.isVoid(item.name, key)
  })
}
