// The refusal codes of this room, one line each. The table in docs/protocol/codes.md is checked
// against this list.
import type { CodeLine } from '#ledger/command'

/** Every code with which a policy, a checkpoint or a proof is refused. */
export const proveCodes: readonly CodeLine[] = [
  ['prove/policy-bytes', 'the trust policy is not UTF-8 text, or is too long'],
  ['prove/policy-line', 'a line of the trust policy has an unknown keyword or form'],
  ['prove/policy-key', 'a vkey in the trust policy is malformed or of the wrong type'],
  ['prove/policy-name', 'a name in the trust policy is taken, unknown or may not stand there'],
  ['prove/policy-duplicate', 'a key, group member or setting stands twice in the trust policy'],
  ['prove/policy-threshold', 'a threshold is below one or above the number of its members'],
  ['prove/policy-quorum', 'the trust policy has no quorum, two, or one that is not defined'],
  ['prove/policy-number', 'a number or hash in the trust policy is malformed or out of bounds'],
  ['prove/malformed-checkpoint', 'the note is not a signed checkpoint of exactly three lines'],
  ['prove/unknown-log', 'the trust policy has no key for the origin of the checkpoint'],
  ['prove/not-signed', 'no key of the log that the trust policy names has signed'],
  ['prove/bad-signature', 'a signature under a key of the trust policy does not verify'],
  ['prove/duplicate-signature', 'one key of the trust policy has two signature lines'],
  ['prove/beyond-retired-size', 'a retired key signed a larger tree than it is pinned to'],
  ['prove/contradicts-retired-root', 'a retired key signed another tree of its pinned size'],
  [
    'prove/bad-consistency',
    'the proof does not lead to the tree that the retired key is pinned to',
  ],
  ['prove/malformed-proof', 'the file is not a .tlog-proof'],
  ['prove/malformed-evidence', 'the file is not an evidence file'],
  ['prove/malformed-entry', 'an entry in the evidence is not an entry of the expected kind'],
  ['prove/not-included', 'the inclusion path does not lead from the entry to the checkpoint'],
  ['prove/not-in-envelope', 'the intent does not stand at its position in its envelope'],
  ['prove/not-last-entry', 'the map-root entry is not the last entry of its checkpoint'],
  ['prove/no-such-map', 'the map-root entry names no such map'],
  ['prove/not-in-map', 'the map proof does not show what is claimed of the record'],
  ['prove/split-view', 'two signed checkpoints of one size have different roots'],
  ['prove/other-log', 'parts of the evidence are from different logs'],
]

/** What lowers or explains a verdict without refusing it. */
export const reasonCodes: readonly CodeLine[] = [
  ['prove/quorum-not-met', 'too few witnesses that the trust policy counts have cosigned'],
  ['prove/hosted-not-counted', 'a cosignature by a key that is not in the custody of its owner'],
  ['prove/cosigned-in-future', 'a cosignature dated ahead of the clock of the verifier'],
  ['prove/under-retired-key', 'only a retired key signed, and nothing leads to its pinned tree'],
  ['prove/not-dated', 'no quorum of cosignatures says when this was the latest checkpoint'],
  ['prove/stale', 'the cosignatures are older than the trust policy allows'],
]
