// What keeps a department from going on now and will pass: another member is silent, a permit was
// refused because the case has just moved, a source is down. The queue looks again after a pause.

/** Why a case has to wait. The code says nothing of its content. */
export class Later extends Error {
  override readonly name = 'Later'
  readonly code: string
  readonly fatal = false
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/**
 * Does something of each; one that has to wait holds up no other. Gives the earliest time that any
 * of them names, or throws the first `Later` when all have had their turn.
 */
export async function eachInTurn<T>(
  list: readonly T[],
  deed: (each: T) => Promise<number | null>,
): Promise<number | null> {
  const done: (number | null | Later)[] = []
  for (const each of list) done.push(await deed(each).catch(laterOf))
  return soonestOf(done)
}

/** As `eachInTurn`, but all at once. */
export async function eachAtOnce<T>(
  list: readonly T[],
  deed: (each: T) => Promise<number | null>,
): Promise<number | null> {
  return soonestOf(await Promise.all(list.map((each) => deed(each).catch(laterOf))))
}

function laterOf(failure: unknown): Later {
  if (failure instanceof Later) return failure
  throw failure
}

function soonestOf(done: readonly (number | null | Later)[]): number | null {
  const later = done.find((each) => each instanceof Later)
  if (later !== undefined) throw later
  const times = done.filter((each) => typeof each === 'number')
  return times.length === 0 ? null : Math.min(...times)
}
