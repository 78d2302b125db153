// Law, silence and time: no power without an article in force, no no without a ground and a next
// step, no silence that makes a fact, a payment, a record or a title, no act of a member without a
// time, and nothing promised that the statutory clock or the acts themselves contradict.
import type { Act, Blueprint, ClockRule, Fault, Verb } from '#blueprint/grammar'
import { isSubject, listOf } from '#blueprint/grammar'
import { dayOfText, parseSpan } from '#blueprint/time'
import type { Span } from '#blueprint/time'
import { fault } from './faults.ts'
import type { Draft } from './graph.ts'
import { ancestorsOf, byName } from './graph.ts'
import { lawsCited } from './names.ts'

/** Verbs that change what somebody may, must or has. */
export const powers: ReadonlySet<Verb> = new Set<Verb>([
  'decide',
  'inspect',
  'issue',
  'publish',
  'revoke',
])

/** Everything that is wrong about law, silence and time. */
export function lawFaults(draft: Draft): readonly Fault[] {
  const { blueprint, graph } = draft
  return [
    ...articleFaults(draft),
    ...graph.acts.flatMap((name) => {
      const act = blueprint.acts[name] as Act
      const place = `acts.${name}`
      return [
        ...powerFaults(blueprint, act, place),
        ...silenceFaults(draft, act, place),
        ...timeFaults(blueprint, act, place),
      ]
    }),
    ...appealFaults(blueprint),
    ...answerFaults(blueprint),
    ...byName(Object.keys(blueprint.clocks ?? {})).flatMap((name) =>
      clockFaults(draft, (blueprint.clocks ?? {})[name] as ClockRule, `clocks.${name}`),
    ),
  ]
}

function articleFaults({ blueprint, day }: Draft): Fault[] {
  const cited = lawsCited(blueprint)
  return byName(Object.keys(blueprint.law)).flatMap((name) => {
    const place = `law.${name}`
    const { from, until, unread, cite } = blueprint.law[name] as Blueprint['law'][string]
    const begins = dayOfText(from) ?? day
    const ends = until === undefined ? day : (dayOfText(until) ?? day)
    if (until !== undefined && ends < begins) {
      return [fault('check/law-backwards', `${place}.until`, until)]
    }
    if (!cited.has(name)) return []
    if (begins > day) return [fault('check/law-not-in-force', `${place}.from`, from)]
    if (ends < day) return [fault('check/law-not-in-force', `${place}.until`, until)]
    return unread === true ? [fault('check/law-unread', place, cite)] : []
  })
}

/** Whether any of those who act is a member, so that the act is an office's and not a person's. */
export function isByMember({ parties }: Blueprint, act: Act): boolean {
  return listOf(act.by).some((name) => {
    const party = parties[name]
    return party !== undefined && !isSubject(party)
  })
}

function powerFaults(blueprint: Blueprint, act: Act, place: string): Fault[] {
  const found: Fault[] = []
  if (powers.has(act.does) && listOf(act.law).length === 0) {
    found.push(fault('check/power-without-law', place, act.does))
  }
  if (listOf(act.post).length > 2) {
    found.push(fault('check/many-signatures', `${place}.post`, listOf(act.post).join(', ')))
  }
  if (!isByMember(blueprint, act)) return found
  const needsPost = act.auto !== undefined || act.does === 'decide' || act.does === 'revoke'
  if (needsPost && act.post === undefined) found.push(fault('check/no-post', place, act.does))
  if (act.no === undefined) found.push(fault('check/cannot-say-no', place))
  else if (act.no.law === undefined && act.law === undefined) {
    found.push(fault('check/no-without-law', `${place}.no`))
  }
  return found
}

function silenceFaults({ blueprint, types }: Draft, act: Act, place: string): Fault[] {
  const { late } = act
  if (late === undefined || late === 'escalate') return []
  const spot = `${place}.late`
  const fits = late === 'consent' ? act.does === 'opine' : act.does === 'decide'
  if (!fits) return [fault('check/silence-creates', spot, `${act.does}, ${late}`)]
  const titles = listOf(act.gives).filter((item) => {
    const evidence = blueprint.evidence[item]
    const type = types.get(evidence?.type ?? '')
    return type?.certificate === true || evidence?.supersedes !== undefined
  })
  if (titles.length > 0) return [fault('check/silence-title', spot, titles.join(', '))]
  if (late === 'consent') return []
  const deems = listOf(act.law).some((law) => blueprint.law[law]?.deems === true)
  return deems ? [] : [fault('check/silence-without-law', spot)]
}

function timeFaults(blueprint: Blueprint, act: Act, place: string): Fault[] {
  const untimed = isByMember(blueprint, act) && act.within === undefined
  return untimed ? [fault('check/no-time', place)] : []
}

function appealFaults(blueprint: Blueprint): Fault[] {
  if (blueprint.appeal !== undefined) return []
  const ending = byName(Object.keys(blueprint.acts)).find((name) => {
    const act = blueprint.acts[name] as Act
    return isByMember(blueprint, act) && (powers.has(act.does) || act.no?.ends === 'case')
  })
  return ending === undefined ? [] : [fault('check/no-appeal', 'appeal', `acts.${ending}`)]
}

function answerFaults({ evidence, parties, answers }: Blueprint): Fault[] {
  if (answers !== undefined) return []
  const asked = byName(Object.keys(evidence)).find((name) => {
    const source = parties[evidence[name]?.from ?? '']
    return source !== undefined && !isSubject(source)
  })
  return asked === undefined ? [] : [fault('check/no-answer-time', 'answers', `evidence.${asked}`)]
}

function clockFaults(draft: Draft, clock: ClockRule, place: string): Fault[] {
  const limit = parseSpan(clock.limit)
  const promise = clock.promise === undefined ? null : parseSpan(clock.promise)
  if (limit === null) return []
  const { acts } = draft.blueprint
  const timed = clock.acts.filter((name) => acts[name]?.within !== undefined)
  const other = timed.find((name) => parseSpan(acts[name]?.within ?? '')?.unit !== limit.unit)
  if (other !== undefined) return [fault('check/units-differ', `acts.${other}.within`, clock.limit)]
  if (promise !== null && promise.unit !== limit.unit) {
    return [fault('check/units-differ', `${place}.promise`, clock.limit)]
  }
  if (promise !== null && promise.count > limit.count) {
    return [fault('check/promise-over-limit', `${place}.promise`, clock.limit)]
  }
  const least = promise ?? limit
  const longest = longestChain(draft, timed)
  if (longest <= least.count) return []
  return [fault('check/over-limit', `${place}.acts`, `${longest}${least.unit}`)]
}

/** The longest chain of these acts, in the unit that all of them share. */
function longestChain({ blueprint, graph }: Draft, acts: readonly string[]): number {
  const spans = new Map<string, number>()
  for (const name of graph.levels.flat()) {
    if (!acts.includes(name)) continue
    const own = (parseSpan(blueprint.acts[name]?.within ?? '') as Span).count
    const earlier = [...ancestorsOf(graph, name)].map((each) => spans.get(each) ?? 0)
    spans.set(name, own + Math.max(0, ...earlier))
  }
  return Math.max(0, ...spans.values())
}
