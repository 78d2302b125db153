// Asserts: the program's own claims about itself. A claim that does not hold is a defect, so the
// process stops rather than go on with a state that nobody has thought about. Input from outside
// is never asserted; it is refused with a code.

/** A broken claim of the program about itself; whoever catches it may only stop the process. */
export class Defect extends Error {
  override readonly name = 'Defect'
}

/** Throws a `Defect` that names the claim when the condition does not hold. */
export function assert(condition: unknown, claim: string): asserts condition {
  if (!condition) throw new Defect(claim)
}

/** Marks a branch that the types say cannot be reached. */
export function never(value: never, claim = 'unreachable'): never {
  throw new Defect(`${claim}: ${String(value)}`)
}
