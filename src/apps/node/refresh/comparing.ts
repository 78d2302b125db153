// Two states of one table as fingerprints in one order, compared in a single pass. Rows are counted
// by key: what has the key of before and another content is changed, and a key may stand on several
// rows. It promises memory for the rows of one key alone.

/** Rows of one fingerprint under one key. */
export type Print = { readonly key: string; readonly print: string; readonly n: number }

/** What differs, in rows. */
export type Differences = {
  readonly added: number
  readonly changed: number
  readonly vanished: number
}

/** A fingerprint of which there are other rows than before. */
export type Moved = Print & { readonly was: number }

export type Comparing = {
  /** Called for each fingerprint that differs. */
  readonly moved: (print: Moved) => void
  /** Rows under these keys are not counted: their change is accounted for. */
  readonly isOwn: (key: string) => boolean
  /** Called now and then, so that others get their turn. */
  readonly pause: () => Promise<void>
}

const rowsATurn = 4_000

/** Compares states that are ordered by key and fingerprint. */
export async function compareStates(
  before: Iterator<Print>,
  now: Iterator<Print>,
  { moved, isOwn, pause }: Comparing,
): Promise<Differences> {
  const total = { added: 0, changed: 0, vanished: 0 }
  let [left, right] = [before.next(), now.next()]
  for (let seen = 0; left.done !== true || right.done !== true;) {
    const key = earlier(left, right)
    let [was, is, same] = [0, 0, 0]
    while (isAt(left, key) || isAt(right, key)) {
      const print = earlierPrint(left, right, key)
      const old = isAt(left, key) && left.value.print === print ? left.value.n : 0
      const young = isAt(right, key) && right.value.print === print ? right.value.n : 0
      if (old > 0) left = before.next()
      if (young > 0) right = now.next()
      if (old !== young) moved({ key, print, n: young, was: old })
      was += old
      is += young
      same += Math.min(old, young)
      seen += 1
      if (seen % rowsATurn === 0) await pause()
    }
    if (isOwn(key)) continue
    total.changed += Math.min(was, is) - same
    total.added += Math.max(0, is - was)
    total.vanished += Math.max(0, was - is)
  }
  return total
}

type Next = IteratorResult<Print, unknown>

function isAt(next: Next, key: string): next is IteratorYieldResult<Print> {
  return next.done !== true && next.value.key === key
}

function earlier(left: Next, right: Next): string {
  if (left.done === true) return right.done === true ? '' : right.value.key
  if (right.done === true) return left.value.key
  return left.value.key < right.value.key ? left.value.key : right.value.key
}

function earlierPrint(left: Next, right: Next, key: string): string {
  if (!isAt(left, key)) return isAt(right, key) ? right.value.print : ''
  if (!isAt(right, key)) return left.value.print
  return left.value.print < right.value.print ? left.value.print : right.value.print
}
