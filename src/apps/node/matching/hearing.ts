// A steward may give his word in another process of the department, at a terminal beside the node
// that runs: the book is the same. The node looks at an interval whether there is a new word, and
// then looks again at what waits. Looking costs one query.
import type { MatchBook } from './book.ts'

/** Calls `heard` after each word that was given since; the result ends it. */
export function hearWords(of: {
  readonly book: MatchBook
  readonly clock: { after(ms: number, call: () => void): () => void }
  /** Pause between two looks, milliseconds. */
  readonly everyMs: number
  readonly heard: () => Promise<void>
}): () => void {
  const { book, clock, everyMs, heard } = of
  let known = book.words()
  let isOver = false
  let leave = (): void => undefined
  const later = (): void => {
    if (!isOver) leave = clock.after(everyMs, look)
  }
  const look = (): void => {
    const words = book.words()
    if (words === known) return later()
    known = words
    void heard().finally(later)
  }
  later()
  return () => {
    isOver = true
    leave()
  }
}
