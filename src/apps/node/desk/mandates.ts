// A mandate is looked up when an agent comes, by the member that keeps it: the keys of the person
// whom he acts for are read under a permit, so her list says that somebody looked.
import { itemOf } from '#domains/processes'
import type { Dept } from '#apps/node/casework'
import { Later, caseNow } from '#apps/node/casework'
import { slotGens, supply } from '#apps/node/department'
import type { Done } from './filing.ts'
import { no } from './filing.ts'

/** Looks a mandate up and supplies what is found, also that there is none. */
export async function lookUpMandate(
  dept: Dept,
  {
    case: id,
    item,
    element,
  }: { readonly case: string; readonly item: string; readonly element?: number },
): Promise<Done> {
  const now = caseNow(dept.port, id)
  if (now === null) return no('processes/unknown-case')
  const { parties } = now.compiled.blueprint
  const isMandate = Object.values(parties).some(({ mandate }) => mandate?.item === item)
  if (!isMandate) return no('processes/no-such-name', 'item')
  const gen = itemOf(dept.port.view(), id, item)?.gen ?? 0
  const task = {
    item,
    ...(element === undefined ? {} : { element }),
    slots: slotGens(dept, now, item),
    round: `mandate ${gen} ${now.day}`,
  }
  try {
    await supply(dept, now, task)
  } catch (failure) {
    if (!(failure instanceof Later)) throw failure
    return no(failure.code)
  }
  const facts = itemOf(dept.port.view(), id, item)
  if (facts === undefined || facts.gen === gen) return no('node/under-way')
  return { entry: entryOf(dept, `processes/item/${id}/${item}`) }
}

/** The newest entry that wrote a record. */
function entryOf({ port }: Dept, key: string): number {
  let entry = port.head().size - 1
  while (entry > 0 && !port.entry(entry).keys.includes(key)) entry -= 1
  return entry
}
