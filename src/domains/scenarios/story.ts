// Scenarios of a publication: what an author promises about whole cases. Each is played with the
// kernel's own decisions and the judge over practice content, and must be refused where it says so
// and end as it says; a publication with one that does not is refused by every node. Work is
// bounded by the scenarios and their steps.
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import type { Player, Scenario, Step } from '#blueprint/grammar'
import { isSubject, listOf } from '#blueprint/grammar'
import type { Signer } from '#blueprint/judge'
import { judgeFiling, judgeSupply } from '#blueprint/judge'
import { dayOfText, startOfDay } from '#blueprint/time'
import type { Plain } from './deeds.ts'
import { commandOf, isPlain } from './deeds.ts'
import type { Kernel } from './kernel.ts'
import { placeOf } from './kernel.ts'
import type { Completion } from './players.ts'
import { Players } from './players.ts'
import type { Body, Work } from './world.ts'
import { actIn, itemIn, wordHash, World } from './world.ts'

/** Where a scenario does not come true: `scenarios.<id>.steps.<n>` or `scenarios.<id>.expect.…`. */
export type Untrue = { readonly at: string; readonly wanted: string; readonly found: string }

/** Commands and looks at open acts that all scenarios of a publication may take together. */
export const workMax = 25_000

/**
 * The first place at which a scenario does not come true; null if all come true. One for which
 * no work is left does not.
 */
export function firstUntrue(
  kernel: Kernel,
  scenarios: readonly Scenario[],
  most: number = workMax,
): Untrue | null {
  const work: Work = { left: most }
  for (const scenario of scenarios) {
    const found = new Story(kernel, scenario, work).play()
    if (found !== null) return found
  }
  return null
}

/** Offices open at nine. */
const morningMs = 32_400_000

function morningOf(day: string): number {
  const number = dayOfText(day)
  assert(number !== null, 'a scenario that was read has days')
  return startOfDay(number) + morningMs
}

/** What signers of an act have signed so far. */
type Pending = { readonly signers: readonly Signer[] }

/** One scenario while it is played. */
export class Story {
  readonly scenario: Scenario
  readonly world: World
  readonly players: Players
  readonly #pending: Map<string, Pending> = new Map()

  constructor(kernel: Kernel, scenario: Scenario, work: Work) {
    this.scenario = scenario
    this.world = new World(kernel, { id: scenario.id, time: morningOf(scenario.day), work })
    this.players = new Players(this.world)
  }

  play(): Untrue | null {
    for (const [at, step] of this.scenario.steps.entries()) {
      const codes = this.#step(step)
      const wanted = step.refused ?? 'ok'
      if (!codes.includes(wanted)) {
        const place = `scenarios.${this.scenario.id}.steps.${at}`
        return { at: place, wanted, found: codes.join(', ') }
      }
      this.players.robots()
    }
    return this.#end()
  }

  #player(alias: string | undefined): Player | undefined {
    return alias === undefined ? undefined : this.scenario.players[alias]
  }

  /** The member that a step names, or null. */
  #member(step: Step): string | null {
    const player = this.#player(step.who)
    return player?.is === 'member' ? player.code : null
  }

  /** Does what a step says; the codes with which it is answered, `ok` alone if nobody refuses. */
  #step(step: Step): readonly string[] {
    const { do: deed } = step
    if (isPlain(deed)) return [this.#sends(step, deed)]
    switch (deed) {
      case 'file':
      case 'join':
        return this.#files(step)
      case 'supply':
        return this.#supplies(step, null)
      case 'down':
        return this.#supplies(step, 'down')
      case 'act':
      case 'no':
        return this.#acts(step)
      case 'day':
        return this.#waits(step)
    }
  }

  #files(step: Step): readonly string[] {
    const { world } = this
    const { blueprint } = world.kernel.judge
    const { party = '' } = step
    const player = this.#player(step.who)
    const { code = '', name = '' } = player ?? {}
    const refused = judgeFiling(world.kernel.judge, world.known(), { party, code, name })
    if (refused.length > 0) return refused.map((each) => each.code)
    const method = blueprint.parties[party]?.identified ?? 'window'
    const slot = world.keepKeys(party, { code, name })
    const objects = Object.fromEntries(
      Object.entries(step.objects ?? {}).map(([object, keys]) => [
        object,
        [world.keepKeys(object, keys)],
      ]),
    )
    const both = { party, identified: { method }, notice: wordHash('notice') }
    if (step.do === 'file') {
      const blueprintHash = world.kernel.hash
      const slots = { ...objects, [party]: [slot] }
      return [world.send(world.lead, 'case.file', { ...both, blueprint: blueprintHash, slots })]
    }
    const more: Body = step.objects === undefined ? {} : { slots: objects }
    return [world.send(world.lead, 'case.join', { ...both, slot, ...more })]
  }

  #supplies(step: Step, said: 'down' | null): readonly string[] {
    const { world, players } = this
    const item = itemIn(world.kernel, step.item ?? '')
    if (item === null) return ['processes/no-such-name']
    const value = step.value ?? null
    const answer = said ?? players.answerOf(item, step.party)
    if (value !== null) {
      const supply = { item: item.name, value }
      const refused = judgeSupply(world.kernel.judge, world.known(), supply)
      if (refused.length > 0) return refused.map(({ code }) => code)
    }
    const element = item.each ? (step.element ?? 0) : undefined
    const last = step.last === true
    const member = this.#sourceOf(step, item.evidence.from ?? '')
    return [players.supply(item, { value, element, member, answer, last })]
  }

  /** The member that speaks for whoever answers in a step. */
  #sourceOf(step: Step, from: string): string {
    const named = this.#member(step)
    if (named !== null) return named
    const { world } = this
    const who = { party: step.party ?? from, position: step.element ?? 0 }
    return world.kernel.speakerOf(world, world.id, who) ?? world.lead
  }

  #acts(step: Step): readonly string[] {
    const { act = '', element } = step
    const { world, players } = this
    const at = { act, ...(element === undefined ? {} : { element }) }
    const declared = actIn(world.kernel, act)
    const view = world.kernel.actOf(world, world.id, at)
    if (declared === null || view === undefined) return ['processes/unknown-case']
    const key = placeOf(act, element)
    if (view.closed === null && !players.refresh()) return ['processes/stale-evidence']
    const [recorder = world.lead] = view.recorders
    const member = declared.through === undefined ? (this.#member(step) ?? recorder) : recorder
    const state = step.do === 'no' ? `no/${step.code ?? ''}` : 'done'
    const signer = this.#signer(step)
    const before = this.#pending.get(key)?.signers ?? []
    const others = before.filter((each) => !isSame(each, signer))
    const signers = signer === null ? before : [...others, signer]
    const completion: Completion = {
      act,
      element,
      state,
      member,
      signers,
      ...(step.value === undefined ? {} : { value: step.value }),
    }
    if (view.closed !== null) return [players.complete(completion)]
    const refused = players.judge(completion, world.known(), view.refund).map(({ code }) => code)
    const missing = refused.length > 0 && refused.every((code) => code === 'judge/missing-signer')
    if (missing && signer !== null) {
      this.#pending.set(key, { signers })
      return ['ok']
    }
    if (refused.length > 0) return refused
    this.#pending.delete(key)
    if (step.do === 'no' && declared.no?.ends === 'case') {
      return [world.send(member, 'case.conclude', { ...at, outcome: wordHash(`no ${key}`) })]
    }
    return [players.complete(completion)]
  }

  /** Who signs in a step: a person for a party, an agent under his mandate, a bound member. */
  #signer(step: Step): Signer | null {
    const { kernel } = this.world
    const { blueprint } = kernel.judge
    const by = listOf(actIn(kernel, step.act ?? '')?.by)
    const party = step.party ?? by[0] ?? ''
    const declared = blueprint.parties[party]
    const player = this.#player(step.who)
    const value: { readonly value?: Json } = step.value === undefined ? {} : { value: step.value }
    if (declared === undefined || declared.member !== undefined) return null
    if (player?.is === 'member') return { party, code: player.code, name: '', ...value }
    if (!isSubject(declared)) return null
    const filed = (this.world.known().slots[party] ?? []).flatMap(({ code, name }) =>
      typeof code === 'string' && typeof name === 'string' ? [{ code, name }] : [],
    )
    const [first] = filed
    if (player === undefined) return first === undefined ? null : { party, ...first, ...value }
    const self = { code: player.code, name: player.name ?? '' }
    const principal = this.#principalOf(party, self)
    if (principal === null) return { party, ...self, ...value }
    return { party, ...principal, agent: self, ...value }
  }

  /** Whom somebody represents who is not of the party himself; null if nobody. */
  #principalOf(party: string, self: Person): Person | null {
    const { mandate } = this.world.kernel.judge.blueprint.parties[party] ?? {}
    if (mandate === undefined) return null
    for (const { fields } of this.world.known().items[mandate.item] ?? []) {
      const agent = personOf(fields['agent'])
      const principal = personOf(fields['principal'])
      if (agent !== null && principal !== null && agent.code === self.code) return principal
    }
    return null
  }

  #waits({ day }: Step): readonly string[] {
    const { world } = this
    world.time = Math.max(world.time, morningOf(day ?? this.scenario.day))
    // A tick that finds nothing to say is no fault of the story.
    world.send(world.lead, 'case.tick', {})
    return ['ok']
  }

  #sends(step: Step, deed: Plain): string {
    const { world } = this
    const { kernel, id, lead } = world
    const { act = '', element } = step
    const view = kernel.actOf(world, id, { act, ...(element === undefined ? {} : { element }) })
    const [law = ''] = Object.keys(kernel.judge.blueprint.law)
    const { member, type, body } = commandOf(deed, step, {
      own: this.#member(step),
      host: kernel.caseOf(world, id)?.host ?? lead,
      recorder: view?.recorders[0] ?? lead,
      lead,
      law,
    })
    return world.send(member, type, body)
  }

  /** Where the end is not the one that was promised, or null. */
  #end(): Untrue | null {
    const { id, expect } = this.scenario
    const untrue = (at: string, wanted: string, found: string): Untrue => ({
      at: `scenarios.${id}.expect.${at}`,
      wanted,
      found,
    })
    const outcome = this.#outcome()
    if (outcome !== expect.outcome) return untrue('outcome', expect.outcome, outcome)
    if (expect.open !== undefined) {
      const open = [...new Set(this.players.open().map(({ act }) => act))].sort(byText)
      const wanted = [...expect.open].sort(byText)
      if (open.join(' ') !== wanted.join(' ')) {
        return untrue('open', wanted.join(' '), open.join(' '))
      }
    }
    for (const [item, wanted] of Object.entries(expect.items ?? {})) {
      const found = this.#valuesOf(item)
      if (!promised(wanted, found)) {
        return untrue(`items.${item}`, encodeCanonical(wanted), encodeCanonical(found))
      }
    }
    for (const [act, wanted] of Object.entries(expect.settled ?? {})) {
      const found = this.players.settled(act)
      if (found !== wanted) return untrue(`settled.${act}`, `${wanted}`, `${found}`)
    }
    return null
  }

  #outcome(): string {
    const facts = this.world.kernel.caseOf(this.world, this.world.id)
    if (facts === undefined) return 'open'
    if (facts.refusedBy !== undefined) return 'refused'
    if (facts.state === 'withdrawn' || facts.state === 'lapsed') return facts.state
    return facts.delivered ? 'delivered' : 'open'
  }

  #valuesOf(item: string): readonly Json[] {
    const recs = this.world.known().items[item] ?? []
    const given = recs.filter(({ state }) => state === 'found' || state === 'done')
    return given.map(({ fields }) => fields)
  }
}

type Person = { readonly code: string; readonly name: string }

function personOf(value: Json | undefined): Person | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { code, name } = value as { readonly [member: string]: Json }
  return typeof code === 'string' && typeof name === 'string' ? { code, name } : null
}

function isSame(a: Signer, b: Signer | null): boolean {
  return b !== null && a.party === b.party && a.code === b.code
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** Whether values have the fields that were promised: of one value an object, of several a list. */
function promised(wanted: Json, found: readonly Json[]): boolean {
  if (Array.isArray(wanted)) {
    const list = wanted as readonly Json[]
    return list.length === found.length && list.every((each, at) => has(found[at], each))
  }
  const [only, ...others] = found
  if (wanted === null) return only === undefined
  return others.length === 0 && has(only, wanted)
}

function has(found: Json | undefined, wanted: Json): boolean {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return false
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return false
  const values = found as { readonly [field: string]: Json }
  return Object.entries(wanted).every(
    ([field, value]) => encodeCanonical(values[field] ?? null) === encodeCanonical(value),
  )
}
