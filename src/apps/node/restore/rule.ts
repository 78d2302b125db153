// May a restored directory sign checkpoints? An old copy of a ledger that signs again contradicts
// what it signed before, which nobody can tell from a forgery (threat T3). So a restored directory
// signs nothing until somebody outside has confirmed that its size is not behind what they saw, or
// the operator says by a recorded command that nobody will (invariant S7).
import type { Confirmation } from '#domains/members'

/** What a restore leaves in the directory. Hashes are base64url. */
export type RestoreMark = {
  readonly ledger: string
  /** Where the restored journal ended. */
  readonly height: number
  readonly size: number
  readonly root: string
  /** Unix milliseconds. */
  readonly restored: number
  /** The cosigner that knows of no larger tree, and the size that it knew. */
  readonly confirmed?: { readonly by: string; readonly size: number; readonly time: number }
}

/** What a cosigner is known to have cosigned, and what this ledger has at that size. */
export type Witnessed = {
  readonly by: string
  readonly size: number
  readonly root: string
  /** Our own root at that size, null when we do not come so far. */
  readonly ownRoot: string | null
}

/**
 * Whether checkpoints may be signed. `confirmation` is the ledger's own record of the last
 * `restore.confirm` (`confirmationOf(view, 'restore')` of the members' domain): it counts when it
 * was recorded after the restore and names exactly the restored tree.
 */
export function signs(mark: RestoreMark | null, confirmation: Confirmation | undefined): boolean {
  if (mark === null || mark.confirmed !== undefined) return true
  if (confirmation === undefined || confirmation.height <= mark.height) return false
  return confirmation['size'] === mark.size && confirmation['root'] === mark.root
}

/** Whether a cosigner's latest tree shows that nothing newer than this ledger was signed. */
export function isConfirmedBy({ size, root, ownRoot }: Witnessed): boolean {
  return size > 0 && ownRoot !== null && ownRoot === root
}

/** Why no checkpoint may be signed now; the operator reads these words. */
export type Hold =
  /** The directory was restored, and nobody has confirmed its size. */
  | 'restored-and-unconfirmed'
  /** The cosigners were asked a moment ago, and none has answered yet. */
  | 'asking-cosigners'
  /** None of the cosigners could be asked since the start; they are asked again and again. */
  | 'cosigners-unheard'
  /** A cosigner has cosigned a larger tree than this one: this directory is an older copy. */
  | 'cosigner-knows-more'
  /** A cosigner has cosigned another tree of this log, which is not the beginning of this one. */
  | 'cosigner-knows-other'

/** What one cosigner has said since the start; `unheard` while it could not be asked. */
export type Standing = 'unheard' | 'agrees' | 'knows-more' | 'knows-other'

/** What a cosigner's latest tree says about ours (promise P13). */
export function standingOf({ root, ownRoot }: Witnessed): Standing {
  if (ownRoot === null) return 'knows-more'
  return ownRoot === root ? 'agrees' : 'knows-other'
}

/**
 * What follows from all of them: one that knows more or something else is enough to sign nothing,
 * and one that agrees is enough to sign. Without any configured nobody is asked.
 */
export function holdBy(standings: readonly Standing[]): Hold | null {
  if (standings.includes('knows-other')) return 'cosigner-knows-other'
  if (standings.includes('knows-more')) return 'cosigner-knows-more'
  return standings.length === 0 || standings.includes('agrees') ? null : 'cosigners-unheard'
}
