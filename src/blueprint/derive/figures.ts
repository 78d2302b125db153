// The figures of an application: what a person hands in, types, and walks, computed from the
// blueprint; and the same before, where somebody has counted it and says where. Without a source
// there is no saving.
import type { Act, Baseline } from '#blueprint/grammar'
import { isSubject, listOf } from '#blueprint/grammar'
import { isByMember } from '#blueprint/check'
import { checklistOf } from './checklist.ts'
import { pageOf } from './form.ts'
import type { Spans } from './path.ts'
import { criticalPathOf } from './path.ts'
import type { Source } from './source.ts'

export type Figures = {
  /** Sheets of paper that are handed in when every register answers. */
  readonly sheets: number
  /** Fields that persons type. */
  readonly fields: number
  /** Visits of somebody who does at the counter whatever can be done there. */
  readonly tripsAtCounter: number
  /** Visits of somebody who does online whatever can be done there. */
  readonly tripsOnline: number
  readonly asked: number
  readonly fetched: number
  readonly savedPercent: number | null
  readonly takes: Spans
  readonly inSequence: Spans
  /** Acts that a robot does, of all acts of members. */
  readonly automatic: number
  readonly acts: number
}

/** The figures of an application as it is. */
export function figuresOf(source: Source): Figures {
  const { blueprint, graph } = source
  const { asked, fetched, savedPercent } = checklistOf(blueprint)
  const { takes, inSequence } = criticalPathOf(source)
  const members = graph.acts.filter((name) => isByMember(blueprint, blueprint.acts[name] as Act))
  return {
    sheets: 0,
    fields: fieldsTyped(source),
    tripsAtCounter: tripsOf(source, 'counter'),
    tripsOnline: tripsOf(source, 'online'),
    asked: asked.length,
    fetched: fetched.length,
    savedPercent,
    takes,
    inSequence,
    automatic: members.filter((name) => blueprint.acts[name]?.auto !== undefined).length,
    acts: members.length,
  }
}

// Keys with which a person files are typed too; what is computed is not.
function fieldsTyped(source: Source): number {
  const { blueprint, graph } = source
  const { asked } = checklistOf(blueprint)
  const typed = graph.acts.flatMap((name) => {
    const act = blueprint.acts[name] as Act
    return isByMember(blueprint, act) || act.rule !== undefined ? [] : listOf(act.gives)
  })
  const items = [...asked.map(({ item }) => item), ...typed]
  const keys = Object.values(blueprint.objects ?? {}).map(({ key }) => Object.keys(key).length)
  const fields = items.map((item) => pageOf(source, item).fields.length)
  return [...keys, ...fields].reduce((sum, each) => sum + each, 0)
}

// A person must come again when what he does next waits for work that somebody else does by hand.
// Everything before such work is one visit.
function tripsOf({ blueprint, graph }: Source, way: 'counter' | 'online'): number {
  const rounds = new Map<string, number>()
  const visits = new Set<number>()
  const { parties } = blueprint
  const windowed = Object.values(parties).some(({ identified }) => identified === 'window')
  // Filing is a visit for whoever does everything at the counter.
  if (way === 'counter' && windowed) visits.add(0)
  for (const name of graph.levels.flat()) {
    const act = blueprint.acts[name] as Act
    const before = (graph.before.get(name) ?? []).filter((each) => graph.main.has(each))
    const round = Math.max(0, ...before.map((each) => rounds.get(each) ?? 0))
    const byHand = isByMember(blueprint, act) && act.auto === undefined
    rounds.set(name, byHand ? round + 1 : round)
    const person = listOf(act.by).some((each) => isSubject(parties[each] ?? { is: 'dept' }))
    if (!person) continue
    if (act.where === 'counter' || (way === 'counter' && act.where === 'either')) visits.add(round)
  }
  return visits.size
}

/** Before and after, or that nobody has counted before. */
export type Saving =
  | { readonly baseline: false }
  | {
      readonly baseline: true
      readonly source: string
      readonly rows: readonly {
        readonly what: 'fields' | 'minutes' | 'sheets' | 'trips'
        readonly before: number
        /** Null where nothing is computed: minutes are measured, not derived. */
        readonly after: number | null
      }[]
    }

/** What an application saves against its baseline. */
export function savingOf(source: Source): Saving {
  const { baseline } = source.blueprint
  if (baseline?.source === undefined) return { baseline: false }
  const figures = figuresOf(source)
  const after = {
    fields: figures.fields,
    minutes: null,
    sheets: figures.sheets,
    trips: figures.tripsAtCounter,
  }
  const rows = (['fields', 'minutes', 'sheets', 'trips'] as const).flatMap((what) => {
    const before = (baseline as Baseline)[what]
    return before === undefined ? [] : [{ what, before, after: after[what] }]
  })
  return { baseline: true, source: baseline.source, rows }
}
