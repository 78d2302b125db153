// Scenarios: stories that a blueprint promises to tell the same way for ever. They are part of its
// identity, and every node plays them before it accepts a publication. People in them are practice
// people, with codes that are valid in form only.
import type { Json } from '#base/canonical'
import type { Fault, GrammarCode } from './faults.ts'
import { grammarFault } from './faults.ts'
import { join } from './json-text.ts'
import type { Fields, Shape } from './shape.ts'
import { shapeFaults } from './shape.ts'

/** What happens in a step of a scenario. */
export type Deed =
  | 'act'
  | 'annul'
  | 'day'
  | 'dispute'
  | 'down'
  | 'extend'
  | 'file'
  | 'join'
  | 'no'
  | 'resume'
  | 'return'
  | 'revoke'
  | 'supplement'
  | 'supply'
  | 'suspend'
  | 'withdraw'

export type Step = {
  readonly do: Deed
  /** The person or member who does it, by alias; else the only one who can. */
  readonly who?: string
  readonly party?: string
  readonly act?: string
  readonly item?: string
  readonly items?: readonly string[]
  readonly field?: string
  /** The code of a no, or the ground of a stop. */
  readonly code?: string
  /** Keys of the objects that a filing names. */
  readonly objects?: { readonly [object: string]: { readonly [key: string]: Json } }
  readonly value?: Json
  /** The position in the list for which the act is done, from 0. */
  readonly element?: number
  readonly day?: string
  readonly span?: string
  /** The last element of a list that is supplied one by one. */
  readonly last?: true
  /** The code with which the step must be refused. */
  readonly refused?: string
}

/** Somebody in a scenario: a person or firm by code and name, or a member by its code. */
export type Player = {
  readonly is: 'firm' | 'member' | 'person'
  readonly code: string
  readonly name?: string
}

/** How a case ends, or that it has not. */
export type Outcome = 'delivered' | 'lapsed' | 'open' | 'refused' | 'withdrawn'

export type Scenario = {
  readonly format: 'lianban/scenario/1'
  readonly id: string
  readonly day: string
  readonly players: { readonly [alias: string]: Player }
  readonly steps: readonly Step[]
  readonly expect: {
    readonly outcome: Outcome
    /** Acts that are open at the end, all of them. */
    readonly open?: readonly string[]
    /** Fields of items at the end, as far as they are promised. */
    readonly items?: { readonly [item: string]: Json }
    /** Amounts in fen that each final act has settled in sum. */
    readonly settled?: { readonly [act: string]: number }
  }
}

/** Scenarios of a blueprint, and steps of a scenario, at most (protocol §29.5). */
export const scenariosMax = 50
export const stepsMax = 200

const id: Shape = { k: 'leaf', leaf: 'id' }
const code: Shape = { k: 'leaf', leaf: 'code' }
const ids = (max: number): Shape => ({ k: 'list', of: id, min: 1, max })
const map = (of: Shape): Shape => ({ k: 'map', key: 'id', of, max: 64 })
const any: Shape = { k: 'any' }

// What each deed needs and what it may have besides `who` and `refused`.
const deeds: {
  readonly [deed in Deed]: { readonly needs: readonly Said[]; readonly may: readonly Said[] }
} = {
  act: { needs: ['act'], may: ['value', 'element', 'party'] },
  annul: { needs: ['item'], may: ['element'] },
  day: { needs: ['day'], may: [] },
  dispute: { needs: ['item', 'field'], may: ['element'] },
  down: { needs: ['item'], may: [] },
  extend: { needs: ['act', 'span'], may: [] },
  file: { needs: ['party'], may: ['objects'] },
  join: { needs: ['party'], may: [] },
  no: { needs: ['act', 'code'], may: ['element', 'party'] },
  resume: { needs: ['act'], may: [] },
  return: { needs: ['act', 'items'], may: ['element'] },
  revoke: { needs: ['item'], may: [] },
  supplement: { needs: ['items'], may: [] },
  supply: { needs: ['item', 'value'], may: ['element', 'party', 'last'] },
  suspend: { needs: ['act', 'code'], may: [] },
  withdraw: { needs: ['party'], may: [] },
}

type Said = Exclude<keyof Step, 'do' | 'who' | 'refused'>

const said: Fields = {
  party: id,
  act: id,
  item: id,
  items: ids(16),
  field: { k: 'leaf', leaf: 'field' },
  code,
  objects: map(map(any)),
  value: any,
  element: { k: 'int', min: 0, max: 999 },
  day: { k: 'leaf', leaf: 'day' },
  span: { k: 'leaf', leaf: 'span' },
  last: { k: 'true' },
}

const step: Shape = {
  k: 'record',
  fields: { do: { k: 'enum', of: Object.keys(deeds) } },
  optional: { ...said, who: id, refused: { k: 'leaf', leaf: 'line' } },
}

const player: Shape = {
  k: 'record',
  fields: {
    is: { k: 'enum', of: ['firm', 'member', 'person'] },
    code: { k: 'leaf', leaf: 'line' },
  },
  optional: { name: { k: 'leaf', leaf: 'line' } },
}

/** The shape of one scenario. */
export const scenarioShape: Shape = {
  k: 'record',
  fields: {
    format: { k: 'enum', of: ['lianban/scenario/1'] },
    id: code,
    day: { k: 'leaf', leaf: 'day' },
    players: map(player),
    steps: { k: 'list', of: step, min: 1, max: stepsMax, free: true },
    expect: {
      k: 'record',
      fields: {
        outcome: { k: 'enum', of: ['delivered', 'lapsed', 'open', 'refused', 'withdrawn'] },
      },
      optional: {
        open: ids(64),
        items: map(any),
        settled: map({ k: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }),
      },
    },
  },
}

/** The scenario of a value that was read, or every fault. Untrusted. */
export function decodeScenario(value: Json): Scenario | readonly Fault<GrammarCode>[] {
  const found = shapeFaults(scenarioShape, value)
  if (found.length > 0) return found
  const scenario = value as unknown as Scenario
  const rest = scenario.steps.flatMap((each, at) => stepFaults(each, `steps.${at}`))
  return rest.length > 0 ? rest : scenario
}

function stepFaults(step: Step, path: string): Fault<GrammarCode>[] {
  const { needs, may } = deeds[step.do]
  const missing = needs.filter((key) => step[key] === undefined)
  const extra = (Object.keys(said) as Said[]).filter(
    (key) => step[key] !== undefined && !needs.includes(key) && !may.includes(key),
  )
  return [
    ...missing.map((key) => grammarFault('grammar/incomplete', path, key)),
    ...extra.map((key) => grammarFault('grammar/unknown-member', join(path, key), step.do)),
  ]
}
