// Mutated proofs: valid artefacts of every kind that this house makes are changed in a thousand
// ways, and none of the changed ones may be believed as much as the original (P11). A mutant is
// "accepted" when its verdict is as good as that of the artefact it was made from.
import { base64Encode, equal } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'
import { isRefusal } from '#ledger/command'
import {
  compareVerdicts,
  judge,
  mapKeyOf,
  mapValueHash,
  verifyAbsence,
  verifyConsistency,
  verifyEvidence,
  verifyInclusion,
  verifyNoteSignature,
  verifyPresence,
  verifyProofFile,
  lineUnder,
  parseNote,
} from '#ledger/prove'
import type { MapProof, Verdict } from '#ledger/prove'
import { Chance, NOW, flip, makeArtefacts, mutate } from '#test/mutants'
import type { Artefacts } from '#test/mutants'

/** What is mutated; each kind is tried `count` times. */
export const kinds = [
  'inclusion',
  'consistency',
  'map-proof',
  'note',
  'checkpoint',
  'proof-file',
  'evidence',
] as const

export type Kind = (typeof kinds)[number]

export type Outcome = {
  readonly tried: number
  readonly accepted: number
  /** By kind, and the first accepted mutant of it in base64, if there was one. */
  readonly kinds: Readonly<Record<Kind, { tried: number; accepted: number; example?: string }>>
}

/** Mutates `count` times each kind, or only those named. The same seed tries the same mutants. */
export function run(options: {
  readonly count: number
  readonly seed: number
  readonly only?: readonly Kind[]
}): Outcome {
  const made = makeArtefacts()
  const outcome = {} as Record<Kind, { tried: number; accepted: number; example?: string }>
  for (const kind of options.only ?? kinds) {
    const chance = new Chance(options.seed)
    const result: { tried: number; accepted: number; example?: string } = { tried: 0, accepted: 0 }
    while (result.tried < options.count) {
      const mutant = trials[kind](made, chance)
      if (mutant === null) continue
      result.tried++
      if (!mutant.accepted) continue
      result.accepted++
      result.example ??= mutant.bytes
    }
    outcome[kind] = result
  }
  const all = Object.values(outcome)
  return {
    tried: all.reduce((sum, { tried }) => sum + tried, 0),
    accepted: all.reduce((sum, { accepted }) => sum + accepted, 0),
    kinds: outcome,
  }
}

type Trial = { readonly accepted: boolean; readonly bytes: string } | null

const trials: Readonly<Record<Kind, (made: Artefacts, chance: Chance) => Trial>> = {
  inclusion: tryInclusion,
  consistency: tryConsistency,
  'map-proof': tryMapProof,
  note: tryNote,
  checkpoint: (made, chance) =>
    tryBytes(made.checkpoints, chance, (note) => judge({ policy: made.policy, note, nowMs: MS })),
  'proof-file': tryProofFile,
  evidence: (made, chance) =>
    tryBytes(made.evidence, chance, (bytes) => {
      const result = verifyEvidence(bytes, made.policy, MS)
      return isRefusal(result) ? result : result.verdict
    }),
}

const MS = NOW * 1000

/** Verdicts of the valid artefacts, each judged once. */
const judged: WeakMap<Bytes, Verdict | { readonly code: string }> = new WeakMap()

function tryBytes(
  valid: readonly Bytes[],
  chance: Chance,
  verdictOf: (bytes: Bytes) => Verdict | { readonly code: string },
): Trial {
  const original = chance.of(valid)
  const mutant = mutate(original, chance.of(valid), chance)
  // A cut or copy may give back the original, or another of the valid ones: that is no mutant.
  if (valid.some((each) => equal(each, mutant))) return null
  const before = judged.get(original) ?? verdictOf(original)
  judged.set(original, before)
  const after = verdictOf(mutant)
  if ('code' in before) throw new Error('an artefact that was to be valid is refused')
  const accepted = !('code' in after) && compareVerdicts(after, before) >= 0
  return { accepted, bytes: base64Encode(mutant) }
}

function tryProofFile(made: Artefacts, chance: Chance): Trial {
  const { entry, file } = chance.of(made.proofs)
  const mutant = mutate(file, chance.of(made.proofs).file, chance)
  if (equal(mutant, file)) return null
  const verdict = verifyProofFile({ entry, file: mutant, policy: made.policy, nowMs: MS })
  const accepted = !('code' in verdict) && verdict.witnessed === 3
  return { accepted, bytes: base64Encode(mutant) }
}

function tryNote(made: Artefacts, chance: Chance): Trial {
  const original = chance.of(made.notes)
  const mutant = mutate(original, chance.of(made.notes), chance)
  if (made.notes.some((each) => equal(each, mutant))) return null
  const { key } = made.policy.logs[0]!
  const note = parseNote(mutant)
  const line = note === null ? null : lineUnder(key, note)
  const accepted =
    note !== null &&
    line !== null &&
    !isRefusal(line) &&
    verifyNoteSignature(key, note.text, line.signature)
  return { accepted, bytes: base64Encode(mutant) }
}

function tryInclusion({ log }: Artefacts, chance: Chance): Trial {
  const size = 1 + chance.below(log.size)
  const index = chance.below(size)
  const leaf = sha256(Uint8Array.of(0, ...log.entries[index]!))
  const claim = { index, size, leaf, path: log.path(index, size), root: log.checkpoint(size).root }
  if (!verifyInclusion(claim)) throw new Error('a proof that was to hold does not')
  const which = chance.below(5)
  const other =
    which === 0
      ? { ...claim, index: chance.below(2 * log.size) }
      : which === 1
        ? { ...claim, leaf: flip(leaf, chance) }
        : which === 2
          ? { ...claim, root: flip(claim.root, chance) }
          : { ...claim, path: mutatePath(claim.path, chance) }
  if (other.index === index && which === 0) return null
  if (samePath(other.path, claim.path) && which > 2) return null
  return { accepted: verifyInclusion(other), bytes: JSON.stringify(other) }
}

function tryConsistency({ log }: Artefacts, chance: Chance): Trial {
  const to = 2 + chance.below(log.size - 1)
  const from = 1 + chance.below(to - 1)
  const [fromRoot, toRoot] = [log.checkpoint(from).root, log.checkpoint(to).root]
  const claim = { from, to, fromRoot, toRoot, path: log.consistency(from, to) }
  if (!verifyConsistency(claim)) throw new Error('a proof that was to hold does not')
  const which = chance.below(5)
  const other =
    which === 0
      ? { ...claim, fromRoot: flip(fromRoot, chance) }
      : which === 1
        ? { ...claim, toRoot: flip(toRoot, chance) }
        : { ...claim, path: mutatePath(claim.path, chance) }
  if (which > 1 && samePath(other.path, claim.path)) return null
  return { accepted: verifyConsistency(other), bytes: JSON.stringify(other) }
}

function tryMapProof({ log }: Artefacts, chance: Chance): Trial {
  const n = chance.below(600)
  const present = n < 300
  const record = `r/${n}`
  const key = mapKeyOf(record)
  const root = log.maps.root('now')!
  const valueHash = mapValueHash(`{"n":${n}}`)
  const proof = log.maps.prove('now', record)!
  const holds = (other: MapProof, under = root): boolean =>
    present
      ? verifyPresence({ root: under, key, valueHash, proof: other })
      : verifyAbsence({ root: under, key, proof: other })
  if (!holds(proof)) throw new Error('a proof that was to hold does not')
  const { siblings, leaf } = proof
  const i = chance.below(siblings.length)
  const hash = siblings[i]!
  const mutants: readonly MapProof[] = [
    { leaf, siblings: siblings.with(i, hash === null ? root : flip(hash, chance)) },
    { leaf, siblings: siblings.toSpliced(i, 1) },
    { leaf, siblings: siblings.toSpliced(i, 0, chance.of([null, root])) },
    { leaf: leaf === null ? { key, valueHash } : null, siblings },
    { leaf: leaf && { ...leaf, key: flip(leaf.key, chance) }, siblings: [...siblings, root] },
    {
      leaf: leaf && { ...leaf, valueHash: flip(leaf.valueHash, chance) },
      siblings: siblings.with(i, root),
    },
  ]
  const mutant = chance.of(mutants)
  // The opposite of what is so, and another root, are mutants of the claim.
  const claims = [
    (): boolean => holds(mutant),
    (): boolean => holds(proof, flip(root, chance)),
    (): boolean =>
      present
        ? verifyAbsence({ root, key, proof })
        : verifyPresence({ root, key, valueHash, proof }),
  ]
  return { accepted: chance.of(claims)(), bytes: `${record} ${JSON.stringify(mutant)}` }
}

function mutatePath(path: readonly Bytes[], chance: Chance): readonly Bytes[] {
  const some = new Uint8Array(32).fill(chance.below(256))
  if (path.length === 0) return [some]
  const i = chance.below(path.length)
  const j = chance.below(path.length)
  const ways: readonly (readonly Bytes[])[] = [
    path.with(i, flip(path[i]!, chance)),
    path.toSpliced(i, 1),
    path.toSpliced(i, 0, path[j]!),
    path.with(i, path[j]!).with(j, path[i]!),
    [...path, some],
    path.with(i, path[i]!.slice(1)),
  ]
  return chance.of(ways)
}

function samePath(a: readonly Bytes[], b: readonly Bytes[]): boolean {
  return a.length === b.length && a.every((hash, i) => equal(hash, b[i]!))
}
