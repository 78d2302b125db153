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
 * Does something of each; one that has to wait holds up no other. Gives the earliest time that any of
 * them names, or throws the first `Later` when all have had their turn.
 */
export async function eachInTurn<T>(
  list: readonly T[],
  deed: (each: T) => Promise<number | null>,
): Promise<number | null> {
  let soonest: number | null = null
  let first: Later | null = null
  for (const each of list) {
    try {
      const at = await deed(each)
      if (at !== null && (soonest === null || at < soonest)) soonest = at
    } catch (failure) {
      if (!(failure instanceof Later)) throw failure
      first ??= failure
    }
  }
  if (first !== null) throw first
  return soonest
}
