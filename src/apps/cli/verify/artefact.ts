// What a file is. Kinds are told apart by their first bytes alone, so that a file is read by one
// decoder and never by whichever of them happens to accept it.
import { latin1Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { PROOF_MAGIC } from '#ledger/prove'

export type ArtefactKind =
  | 'proof'
  | 'evidence'
  | 'checkpoint'
  | 'frames'
  | 'archive'
  | 'jws'
  | 'submission'
  | 'divergence'
  | 'certificate'

/** Bytes of the head that tell the kind. */
export const headBytes = 512

/** The kind of a file that begins like this; null for everything else. Untrusted. */
export function kindOf(head: Bytes): ArtefactKind | null {
  const text = latin1Decode(head)
  if (text.startsWith(`${PROOF_MAGIC}\n`)) return 'proof'
  if (text.startsWith('LBF1')) return 'frames'
  if (text.slice(257, 265) === 'ustar\u000000') return 'archive'
  if (/^eyJ[\w-]*\.[\w-]*\.?/.test(text)) return 'jws'
  if (text.startsWith('{"command":"') || text.startsWith('{"envelope":"')) return 'submission'
  if (text.startsWith('{')) return kindOfJson(text)
  return /^[^\n+]+\n[0-9]{1,16}\n[A-Za-z0-9+/]{43}=\n/.test(text) ? 'checkpoint' : null
}

/** Canonical JSON has its keys in order, so the marks of a kind stand near the beginning. */
function kindOfJson(text: string): ArtefactKind | null {
  if (text.startsWith('{"checkpoint":"')) return 'certificate'
  if (/^\{"(?:entry|envelope|format|record)":/.test(text)) return 'evidence'
  return /^\{"(?:entry|frame|height|kind|note|ownRoot)":/.test(text) ? 'divergence' : null
}
