// The scan: all bytes that leave a department or lie outside of its vault and its own system, read
// in every way, for everything that is somebody's own.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Crowd } from './crowd.ts'
import { Prefixes } from './needles.ts'
import type { Needle, Needles } from './needles.ts'
import { viewsOf } from './views.ts'

/** Something to be scanned; bytes are read when they are needed. */
export type Piece = { readonly name: string; readonly bytes: () => Uint8Array }

/** A secret that was found. */
export type Found = Needle & { readonly where: string; readonly read: string }

/** So many bytes are read at once, and so many of them again with the next. */
const sliceBytes = 16 * 1024 * 1024
const overlap = 256 * 1024

/** A department's own: its system, and letters to people, who read their own names. */
const own = /^members\/[a-z-]+\/(?:[a-z-]+\.db(?:-wal|-shm|-journal)?$|post\/)/

/** Sealed bytes are no strings of 32 bytes that anybody could hash for. */
const vaulted = /^members\/[a-z-]+\/vault\//

function filesBelow(directory: string): readonly string[] {
  const all = readdirSync(directory, { recursive: true, withFileTypes: true })
  return all.flatMap((each) => (each.isFile() ? [join(each.parentPath, each.name)] : []))
}

/**
 * What is scanned of a crowd: every file of the ledger and of the members but what is a
 * department's own, the names of all files, and what was heard (log, figures, events, addresses).
 * Vaults are in it: they hold nothing that is not sealed.
 */
export function piecesOf(crowd: Crowd): readonly Piece[] {
  const files = filesBelow(crowd.city)
  const names = files.map((path) => relative(crowd.city, path))
  const pieces = names
    .filter((name) => !own.test(name))
    .map((name): Piece => ({ name, bytes: () => readFileSync(join(crowd.city, name)) }))
  const heard = filesBelow(crowd.heard).map((path): Piece => {
    return { name: `heard/${relative(crowd.heard, path)}`, bytes: () => readFileSync(path) }
  })
  const listed = { name: 'names of files', bytes: () => Buffer.from(names.join('\n')) }
  return [...pieces, ...heard, listed]
}

/** What a scan saw. */
export type Scanned = {
  readonly found: readonly Found[]
  readonly files: number
  readonly bytes: number
  /** Bytes read in all ways. */
  readonly read: number
  readonly words: Prefixes
}

/** Scans pieces. A secret is told once for each piece and way in which it was found. */
export function scan(pieces: readonly Piece[], needles: Needles): Scanned {
  const found = new Map<string, Found>()
  const words = new Prefixes()
  let bytes = 0
  let read = 0
  for (const piece of pieces) {
    const all = piece.bytes()
    bytes += all.length
    for (let from = 0; from === 0 || from + overlap < all.length; from += sliceBytes - overlap) {
      const see = (view: Uint8Array, how: string): void => {
        read += view.length
        needles.search(view, (needle) => {
          const one = { ...needle, where: piece.name, read: how }
          found.set(JSON.stringify(one), one)
        })
      }
      const viewing = vaulted.test(piece.name) ? { see } : { see, words }
      viewsOf(all.subarray(from, from + sliceBytes), viewing)
    }
  }
  return { found: [...found.values()], files: pieces.length, bytes, read, words }
}

/** A finding in one line. */
export function told({ what, how, where, read }: Found): string {
  return `${JSON.stringify(what)} as ${how} in ${where} (${read})`
}
