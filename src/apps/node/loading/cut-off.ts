// A load that was cut off between the first table that it changed and the entry in the book by
// which its state counts. How it is undone stands in the book before any table changes, so whoever
// comes next puts everything back as it was. Until then each database that it may have changed has
// a mark beside it: such a system answers nothing, because its rows may be those of no state that
// counts.
import { closeSync, existsSync, fsyncSync, openSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LoadBook, LoadRunning } from './book.ts'
import { Filling } from './filling.ts'

type PathOf = (member: string) => string

function markOf(path: string): string {
  return `${path}.loading`
}

/** Whether the database at a path may have rows of a state that does not count. */
export function isHeld(path: string): boolean {
  return existsSync(markOf(path))
}

/** Marks the databases of members, durable at the return. */
export function hold(members: readonly string[], pathOf: PathOf): void {
  for (const member of members) {
    const mark = markOf(pathOf(member))
    closeSync(openSync(mark, 'w', 0o600))
    const folder = openSync(dirname(mark), 'r')
    fsyncSync(folder)
    closeSync(folder)
  }
}

/** Takes the marks away: what stands in these databases counts. */
export function release({ undoing }: LoadBook, pathOf: PathOf): void {
  const held = undoing.members()
  for (const member of held) rmSync(markOf(pathOf(member)), { force: true })
  if (held.length > 0) undoing.released()
}

/** Puts back what a load that was cut off has changed. Being cut off itself does no harm. */
export function undoCutOff(book: LoadBook, pathOf: PathOf): void {
  const filling = new Filling(pathOf)
  try {
    for (const { place } of book.undoing.all()) if (filling.has(place)) filling.remove([place])
    for (const { place, row } of book.undoing.all()) {
      if (row !== null) filling.restore({ place, values: row })
    }
    filling.commit()
  } catch (error) {
    filling.rollback()
    throw error
  }
  book.undone()
  release(book, pathOf)
}

/**
 * Puts back what a load of this city has left that was cut off, unless one is under way. For those
 * who open the city: whoever loads does it by itself.
 */
export function recoverLoads(directory: string, pathOf: PathOf): void {
  if (!existsSync(join(directory, 'loaded.db'))) return
  try {
    // Whoever asks is not to wait for a load: the marks say that one is under way.
    const book = new LoadBook(directory, 0)
    try {
      undoCutOff(book, pathOf)
    } finally {
      book.close()
    }
  } catch (error) {
    if (!(error instanceof LoadRunning)) throw error
  }
}
