// The kernel of cases alone: the home transfer as its commands were decided once, decided again and
// again over the state before each. Records are read out of their texts as a store gives them; no
// signature, no frame and no disk is part of it.
import type { Command, Value } from '#ledger/command'
import type { CommandType, Context, View } from '#ledger/apply'
import { fillBlock } from '#ledger/order'
import { members } from '#domains/members'
import { processes } from '#domains/processes'
import { sharing } from '#domains/sharing'
import { CaseWorld, shipped } from '#test/case-world'
import { makeIntent, makeKey, signCommand } from '#test/commands'
import { idOf } from '#test/domain-world'
import { decoded, emptyLedger, ledgerName } from '#test/memory-ledger'
import type { Sizes } from './sizes.ts'
import type { Figure } from './stats.ts'
import { median, quantile } from './stats.ts'

/** One command as it was decided: on which state, and with what. */
type Step = {
  readonly type: CommandType
  readonly body: { readonly [name: string]: Value }
  readonly context: Context
  readonly view: View
}

class Recorded extends CaseWorld {
  readonly steps: Step[] = []

  override decided(type: CommandType, body: Step['body'], context: Context): void {
    const kept = new Map([...this.state].map(([key, value]) => [key, JSON.stringify(value)]))
    const view: View = {
      get: (key) => {
        const text = kept.get(key)
        return text === undefined ? undefined : (JSON.parse(text) as Value)
      },
      document: () => undefined,
    }
    this.steps.push({ type, body, context, view })
  }
}

/** A transfer from its filing to its end, as steps. */
function transfer(): readonly Step[] {
  const world = new Recorded(shipped('processes/bj.home.transfer'))
  world.file('seller', 'planning')
  world.join('buyer', 'planning')
  world.run()
  return world.steps
}

/** The permits for all acts of a transfer, each asked for by whoever records the act. */
function permits(): readonly Step[] {
  const world = new Recorded(shipped('processes/bj.home.transfer'), [sharing])
  world.file('seller', 'planning')
  world.join('buyer', 'planning')
  const asked = new Set<string>()
  do {
    world.next()
    for (const { act, recorders } of world.open()) {
      if (asked.has(act)) continue
      asked.add(act)
      world.given(recorders[0] ?? '', 'case.read', { case: world.id, act, tags: {} })
    }
  } while (world.step())
  return world.steps.filter(({ type }) => type.name === 'case.read')
}

/** Cases that run beside one another through the state machine. */
const cases = 60

/**
 * Home transfers a second through the whole state machine in one thread: decoded commands are
 * admitted with their signatures, decided, and put in frames. No disk is part of it.
 */
function throughMachine(steps: readonly Step[], rounds: number): Figure {
  const samples = Array.from({ length: rounds }, (_, round) => {
    const { machine, records } = emptyLedger([members, processes])
    const first = steps[0]
    if (first === undefined) throw new Error('a transfer has steps')
    const world = new CaseWorld(shipped('processes/bj.home.transfer'))
    machine.confirm(machine.genesis(world.params, first.context.time - 1))
    for (const [key, value] of world.state) {
      if (key.startsWith('processes/')) records.set(key, JSON.stringify(value))
    }
    const blocks = steps.map((step) => blockOf(step, round))
    const started = performance.now()
    for (const [at, { commands, time }] of blocks.entries()) {
      const filled = fillBlock(commands, machine.admission(time))
      const applied = machine.deliver({
        height: machine.head().height + 1,
        time,
        commands: filled.commands,
      })
      machine.confirm(applied)
      const refused = applied.intents.find(({ code }) => code !== 'ok')
      if (refused !== undefined || applied.intents.length !== cases) {
        throw new Error(`step ${at}: ${refused?.code ?? 'not admitted'}`)
      }
    }
    return (cases * 1000) / (performance.now() - started)
  })
  return {
    name: 'home transfers through the state machine, one thread',
    value: median(samples),
    unit: '/s',
    floor: 50,
    goal: 50,
    samples,
    note: `${cases} at a time, ${steps.length} signed commands each, no disk`,
  }
}

/** The same step of all cases: every case has its own ids. */
function blockOf({ type, body, context }: Step, round: number): Block {
  const key = makeKey(`${context.member}/command`)
  const commands = Array.from({ length: cases }, (_, at) => {
    const own = idOf(`bench ${round} ${at}`)
    const handle = body['handle'] === undefined ? {} : { handle: idOf(`claim ${round} ${at}`) }
    const intent = makeIntent({
      ledger: ledgerName,
      type: type.name,
      body: { ...body, case: own, ...handle },
      notAfter: context.time + 60_000,
    })
    return decoded(signCommand(key, intent))
  })
  return { commands, time: context.time }
}

type Block = { readonly commands: readonly Command[]; readonly time: number }

/** Microseconds a step of the kernel: of all commands of a transfer, and of its acts alone. */
export function kernel(sizes: Sizes): Figure[] {
  const steps = transfer()
  const acts = steps.filter(({ type }) => type.name === 'case.act')
  const rounds = Math.max(3, sizes.rounds)
  return [
    figureOf('kernel step: case.act of a home transfer', acts, { rounds, bound: 100 }),
    figureOf(`kernel step: all ${steps.length} commands of a home transfer`, steps, { rounds }),
    figureOf('permit: case.read for each act of a home transfer', permits(), { rounds }),
    throughMachine(steps, rounds),
  ]
}

function figureOf(
  name: string,
  steps: readonly Step[],
  { rounds, bound }: { readonly rounds: number; readonly bound?: number },
): Figure {
  const repeats = 200
  const each: number[] = []
  for (let warm = 0; warm < 50; warm += 1) for (const step of steps) decide(step)
  const samples = Array.from({ length: rounds }, () => {
    const costs = steps.map((step) => {
      const started = performance.now()
      for (let at = 0; at < repeats; at += 1) decide(step)
      return ((performance.now() - started) * 1000) / repeats
    })
    each.push(...costs)
    return costs.reduce((sum, cost) => sum + cost, 0) / costs.length
  })
  return {
    name,
    value: median(samples),
    unit: 'us',
    samples,
    ...(bound === undefined ? {} : { floor: bound, goal: bound, below: true }),
    note: `the costliest of its steps ${quantile(each, 1).toFixed(0)} us`,
  }
}

function decide({ type, body, context, view }: Step): void {
  const { code } = type.decide(view, body, context)
  if (code !== 'ok') throw new Error(code)
}
