// Whether content lets somebody file for a party, and a source supply an item.
import type { Json } from '#base/canonical'
import { isSafeJson } from '#base/canonical'
import { fieldOfPath, itemOfPath } from '#blueprint/check'
import { valueFaults } from '#blueprint/grammar'
import { objectFaults } from './act.ts'
import type { Subject } from './bind.ts'
import { boundTo, isSameSubject, subjectOf } from './bind.ts'
import type { Refusal } from './codes.ts'
import { refusal } from './codes.ts'
import type { Judge } from './compile.ts'
import type { Known } from './known.ts'
import { memberOf } from './known.ts'
import { mayNotBe } from './signers.ts'

/** What a source says of an item: found with a value, or absent or ambiguous. Untrusted. */
export type Supply = { readonly item: string; readonly state?: string; readonly value?: Json }

/** Every reason why a record may not be supplied so; none if it may. Elements come one by one. */
export function judgeSupply(judge: Judge, known: Known, supply: Supply): readonly Refusal[] {
  const { item, state = 'found', value } = supply
  const judged = judge.items.get(item)
  if (judged === undefined || judge.blueprint.evidence[item]?.from === undefined) {
    return [refusal('judge/unknown-name', item)]
  }
  if (state === 'absent' || state === 'ambiguous') {
    return value === undefined ? [] : [refusal('judge/value-misfit')]
  }
  if (state !== 'found') return [refusal('judge/unknown-name', 'state')]
  if (value === undefined || !isSafeJson(value)) return [refusal('judge/value-misfit')]
  const faults = valueFaults(judged.type, value)
  if (faults.length > 0) return faults.map(({ path }) => refusal('judge/value-misfit', path))
  const stranger = namesNobody(judge, known, item, value)
  const named = stranger === null ? [] : [refusal('judge/not-bound', stranger)]
  return [...objectFaults(judge, known, { [item]: value }), ...named]
}

/**
 * The party that a record names without anybody who has filed as it, or null. It is looked up by
 * the keys of those who say that they are that party: about a stranger's thing nothing is said.
 */
function namesNobody(judge: Judge, known: Known, item: string, value: Json): string | null {
  const { evidence, parties } = judge.blueprint
  const keys = (evidence[item]?.key ?? []).map(itemOfPath)
  for (const party of new Set(keys)) {
    const { of, files } = parties[party] ?? {}
    if (of === undefined || files !== true || itemOfPath(of) !== item) continue
    const filed = Object.hasOwn(known.slots, party) ? (known.slots[party] ?? []) : []
    const given = memberOf(value, fieldOfPath(of))
    const named = (Array.isArray(given) ? (given as readonly Json[]) : [given]).flatMap((each) =>
      each === undefined ? [] : (subjectOf(each) ?? []),
    )
    const isKnown = filed.some((keysOf) => {
      const who = subjectOf(keysOf)
      return who !== null && named.some((each) => isSameSubject(each, who))
    })
    if (filed.length > 0 && !isKnown) return party
  }
  return null
}

/** Who files for a party. Untrusted. */
export type Filing = Subject & { readonly party: string }

/**
 * Every reason why somebody may not file or join for a party: evidence that is known names others,
 * or the same person stands on another side. What is not known yet is judged when the party signs.
 */
export function judgeFiling(judge: Judge, known: Known, filing: Filing): readonly Refusal[] {
  const { party, code } = filing
  const declared = Object.hasOwn(judge.blueprint.parties, party)
    ? judge.blueprint.parties[party]
    : undefined
  if (declared?.files !== true) return [refusal('judge/unknown-name', party)]
  const bound = declared.of === undefined ? null : boundTo(judge, known, party)
  const isStranger =
    bound !== null &&
    (bound.kind === 'nobody' ||
      (bound.kind === 'subjects' && !bound.subjects.some((each) => isSameSubject(each, filing))))
  if (isStranger) return [refusal('judge/not-bound', party)]
  const taken = Object.entries(known.slots).some(
    ([other, all]) => mayNotBe(judge, party, other) && all.some((keys) => keys['code'] === code),
  )
  return taken ? [refusal('judge/same-person', party)] : []
}
