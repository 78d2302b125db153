// The strict reader of blueprints: the shape as data, and what the shape cannot say. It knows
// nothing of what the names mean; whether the application is sound is the matter of the check.
import type { Json } from '#base/canonical'
import { actsMax, itemsMax, verbs } from './blueprint.ts'
import type { Act, Blueprint, Party } from './blueprint.ts'
import type { Fault, GrammarCode } from './faults.ts'
import { grammarFault } from './faults.ts'
import { join } from './json-text.ts'
import type { LeafName } from './leaf.ts'
import { isRead, parseRead } from './read.ts'
import type { Fields, Shape } from './shape.ts'
import { faultsMax, shapeFaults } from './shape.ts'

const leaf = (name: LeafName): Shape => ({ k: 'leaf', leaf: name })
const words = (...of: readonly string[]): Shape => ({ k: 'enum', of })
const list = (of: Shape, max: number, min = 1): Shape => ({ k: 'list', of, min, max })
const map = (of: Shape, max: number, key: LeafName = 'id'): Shape => ({ k: 'map', key, of, max })
const record = (fields: Fields, optional: Fields = {}): Shape => ({ k: 'record', fields, optional })
const oneOrMany = (of: Shape, max: number): Shape => ({ k: 'either', of: [of, list(of, max, 2)] })

const yes: Shape = { k: 'true' }
const id = leaf('id')
const span = leaf('span')
const feel = leaf('feel')
const line = leaf('line')
const path = leaf('path')
const count: Shape = { k: 'int', min: 0, max: 100_000 }

const law = record(
  { cite: line, from: leaf('day') },
  { until: leaf('day'), deems: yes, unread: yes },
)

const partyKind = words('person', 'firm', 'dept', 'utility', 'bank', 'org')

const party = record(
  { is: { k: 'either', of: [partyKind, { ...sorted(words('firm', 'person')), min: 2 }] } },
  {
    member: leaf('member'),
    class: leaf('class'),
    of: path,
    all: yes,
    files: yes,
    identified: words('holder-key', 'idp', 'window'),
    mandate: record({ item: id, acts: list(id, 16) }, { object: id, price: path, payee: path }),
  },
)

const evidence = record(
  { type: leaf('typeName'), about: id },
  {
    from: id,
    key: list(path, 8),
    else: {
      k: 'one',
      of: {
        ask: record({ by: id, least: words('original', 'copy') }),
        owe: record({ by: id, law: id, within: span }),
        pledge: record({ by: id, law: id }),
      },
    },
    many: yes,
    supersedes: id,
  },
)

const cells: Shape = { k: 'list', of: feel, min: 1, max: 32, free: true }

// A rule is one expression or a table; which members go together is said below.
const rule = record(
  { law: id },
  {
    feel,
    hit: words('A', 'C', 'C+', 'C<', 'C>', 'F', 'U'),
    in: list(feel, 16),
    out: list(id, 8),
    rows: { k: 'list', of: cells, min: 1, max: 128, free: true },
  },
)

const next = words('appeal', 'ask', 'complete', 'correct', 'court', 'refile', 'settle')

const act = record(
  {
    by: oneOrMany(id, 8),
    does: { k: 'enum', of: verbs },
  },
  {
    reads: list(leaf('read'), 32),
    gives: oneOrMany(id, 8),
    when: feel,
    rule: id,
    auto: { k: 'either', of: [yes, feel] },
    after: list(id, 16),
    for: id,
    within: span,
    late: words('consent', 'escalate', 'grant'),
    final: { k: 'either', of: [yes, record({ amount: path, refunds: id })] },
    where: words('counter', 'either', 'online'),
    signature: words('own'),
    consent: id,
    law: oneOrMany(id, 8),
    no: record({ ends: words('branch', 'case'), codes: map(next, 16, 'code') }, { law: id }),
    post: oneOrMany(leaf('post'), 4),
    through: id,
  },
)

const clock = record(
  { acts: list(id, actsMax), law: id, limit: span },
  {
    promise: span,
    rolls: yes,
    extension: span,
    grounds: list(leaf('code'), 16),
    notice: record({ law: id, within: span }),
  },
)

/** The shape of a blueprint. */
export const blueprintShape: Shape = record(
  {
    format: words('lianban/blueprint/1'),
    id: leaf('application'),
    version: { k: 'int', min: 1, max: 9_999 },
    kind: words('sharing', 'processes', 'certificates'),
    origin: words('designed', 'named'),
    lead: id,
    law: map(law, 64),
    parties: map(party, 32),
    evidence: map(evidence, itemsMax),
    acts: map(act, actsMax),
    result: list(id, 16),
    impact: sorted(leaf('line')),
  },
  {
    objects: map(
      record({
        by: id,
        key: map(words('certificate-id', 'real-estate-unit', 'service-item', 'text', 'uscc'), 4),
      }),
      8,
    ),
    alike: list(sorted(id), 8),
    rules: map(rule, 32),
    clocks: map(clock, 8),
    claims: map(record({ by: id, at: id }), 8),
    watches: map(record({ reader: id, reads: leaf('read'), ground: id, until: span }), 8),
    holds: list(feel, 16),
    tail: list(id, 16),
    lapse: span,
    answers: span,
    appeal: record({ law: id, to: leaf('member'), within: span }),
    baseline: record(
      {},
      { fields: count, minutes: count, sheets: count, trips: count, source: line },
    ),
    sample: { k: 'int', min: 1, max: 100_000 },
  },
)

function sorted(of: Shape): Extract<Shape, { readonly k: 'list' }> {
  return { k: 'list', of, min: 1, max: 32, sorted: true }
}

/** The blueprint of a value that was read, or every fault, at most 100. Untrusted. */
export function decodeBlueprint(value: Json): Blueprint | readonly Fault<GrammarCode>[] {
  const found = shapeFaults(blueprintShape, value)
  if (found.length > 0) return found
  const blueprint = value as unknown as Blueprint
  const rest = [...partyFaults(blueprint), ...actFaults(blueprint), ...ruleFaults(blueprint)]
  return rest.length > 0 ? rest.slice(0, faultsMax) : blueprint
}

/** Whether a result of a reader of this room is what was read, and not a list of faults. */
export function isDecoded<T extends object>(
  result: T | readonly Fault<GrammarCode>[],
): result is T {
  return !Array.isArray(result)
}

type Member = readonly [path: string, name: string]

function together(given: readonly Member[], path: string): Fault<GrammarCode>[] {
  if (given.length < 2) return []
  return [grammarFault('grammar/not-together', path, given.map(([, name]) => name).join(', '))]
}

// A party is one member, or bound from evidence, or whoever files; a class narrows what is bound.
function partyFaults({ parties }: Blueprint): Fault<GrammarCode>[] {
  return Object.entries(parties).flatMap(([name, party]) => {
    const place = `parties.${name}`
    const named = (['member', 'of', 'files'] as const).filter((key) => party[key] !== undefined)
    const clash = named.includes('member') && named.length > 1
    const found = clash
      ? together(
          named.map((key) => [place, key]),
          place,
        )
      : []
    if (named.length === 0) {
      found.push(grammarFault('grammar/incomplete', place, 'member | of | files'))
    }
    for (const key of ['all', 'class'] as const) {
      if (party[key] !== undefined && party.of === undefined) {
        found.push(grammarFault('grammar/incomplete', join(place, key), 'of'))
      }
    }
    return [...found, ...subjectFaults(party, place)]
  })
}

function subjectFaults(party: Party, place: string): Fault<GrammarCode>[] {
  const kinds = typeof party.is === 'string' ? [party.is] : party.is
  const isSubject = kinds.some((kind) => kind === 'person' || kind === 'firm')
  const only = isSubject
    ? (['member', 'class'] as const)
    : (['files', 'identified', 'mandate'] as const)
  return only
    .filter((key) => party[key] !== undefined)
    .map((key) => grammarFault('grammar/not-together', join(place, key), `is, ${key}`))
}

function actFaults({ acts }: Blueprint): Fault<GrammarCode>[] {
  return Object.entries(acts).flatMap(([name, act]) => {
    const place = `acts.${name}`
    return [...readFaults(act, place), ...pairFaults(act, place)]
  })
}

function readFaults(act: Act, place: string): Fault<GrammarCode>[] {
  const seen = new Set<string>()
  return (act.reads ?? []).flatMap((text, at) => {
    const spot = join(place, `reads.${at}`)
    const read = parseRead(text, spot)
    if (!isRead(read)) return [read]
    const twice = seen.has(read.item) ? [grammarFault('grammar/duplicate', spot, read.item)] : []
    seen.add(read.item)
    return twice
  })
}

// A member that says nothing without another one is a misunderstanding, not an option.
function pairFaults(act: Act, place: string): Fault<GrammarCode>[] {
  const found: Fault<GrammarCode>[] = []
  if (act.late !== undefined && act.within === undefined) {
    found.push(grammarFault('grammar/incomplete', join(place, 'late'), 'within'))
  }
  if (act.auto !== undefined && act.rule === undefined) {
    found.push(grammarFault('grammar/incomplete', join(place, 'auto'), 'rule'))
  }
  if (act.rule !== undefined && act.gives === undefined) {
    found.push(grammarFault('grammar/incomplete', join(place, 'rule'), 'gives'))
  }
  if (act.no !== undefined && Object.keys(act.no.codes).length === 0) {
    found.push(grammarFault('grammar/too-few', join(place, 'no.codes'), '1'))
  }
  return found
}

function ruleFaults({ rules = {} }: Blueprint): Fault<GrammarCode>[] {
  return Object.entries(rules).flatMap(([name, rule]) => {
    const place = `rules.${name}`
    const table = (['hit', 'in', 'out', 'rows'] as const).filter((key) => key in rule)
    if ('feel' in rule) {
      const both = table.length > 0
      return both ? [grammarFault('grammar/not-together', place, `feel, ${table.join(', ')}`)] : []
    }
    const missing = (['hit', 'in', 'out', 'rows'] as const).filter((key) => !(key in rule))
    if (missing.length > 0)
      return missing.map((key) => grammarFault('grammar/incomplete', place, key))
    return rule.rows.flatMap((row, at) => {
      const wanted = rule.in.length + rule.out.length
      if (row.length === wanted) return []
      const code = row.length > wanted ? 'grammar/too-many' : 'grammar/too-few'
      return [grammarFault(code, `${place}.rows.${at}`, `${wanted}`)]
    })
  })
}
