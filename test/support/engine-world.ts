// An embedded engine over a ledger in memory: a clock that moves only when told, a journal whose
// syncs the test answers, and checks of signatures that the test may hold back. Nothing here is
// part of the product.
import type { Applied } from '#ledger/apply'
import type { Answer, Clock, EngineOptions, Verifier } from '#adapters/consensus'
import { EmbeddedEngine, inlineVerifier, Signing } from '#adapters/consensus'
import type { MemoryLedger } from './memory-ledger.ts'
import { command, memoryLedger, startTime } from './memory-ledger.ts'

type Sync = { readonly resolve: () => void; readonly reject: (error: unknown) => void }

/** A failure with a code, as the storage throws them. */
export class TestFailure extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** What a client was told so far. */
export type Told = { answers: readonly Answer[] | null }

export type Wish = { readonly key?: never; readonly id?: string; readonly notAfter?: number }

export type EngineWorld = {
  readonly ledger: MemoryLedger
  readonly engine: EmbeddedEngine
  readonly world: {
    wallMs: number
    monotonicMs: number
    readonly syncs: Sync[]
    readonly appended: Uint8Array[]
    cutBacks: number
    appendFails: Error | null
    /** Thrown by the callback for a durable block. */
    durableFails: Error | null
    readonly durable: Applied[]
    readonly failed: unknown[]
    readonly jumps: string[]
    readonly timers: Set<{ readonly at: number; readonly call: () => void }>
  }
  /** Lets time pass and calls what is due. */
  readonly pass: (ms: number) => Promise<void>
  /** Answers the sync with this number. */
  readonly synced: (number: number) => Promise<void>
  readonly submit: (wish?: Wish) => Told
}

export type EngineWorldOptions = Partial<EngineOptions> & {
  readonly verifier?: Verifier
  readonly ledger?: MemoryLedger
}

export function engineWorld(options: EngineWorldOptions = {}): EngineWorld {
  const { verifier, ledger: given, ...more } = options
  const ledger = given ?? memoryLedger()
  const store = {
    get: (key: string) => {
      const text = ledger.records.get(key)
      return text === undefined ? undefined : (JSON.parse(text) as never)
    },
  }
  const world = newWorld()
  const engine = new EmbeddedEngine({
    machine: ledger.machine,
    records: store,
    journal: {
      append: (frame) => {
        if (world.appendFails) throw world.appendFails
        world.appended.push(frame)
      },
      sync: () =>
        new Promise((resolve, reject) => {
          world.syncs.push({ resolve, reject })
        }),
      cutBack: () => void (world.cutBacks += 1),
    },
    signing: new Signing(verifier ?? inlineVerifier(), store),
    clock: clockOf(world),
    checkpointMs: 10_000,
    practice: false,
    durable: (applied) => {
      if (world.durableFails) throw world.durableFails
      world.durable.push(applied)
    },
    failed: (failure) => void world.failed.push(failure),
    jumped: (reason) => void world.jumps.push(reason),
    ...more,
  })
  const pass = async (ms: number): Promise<void> => {
    world.wallMs += ms
    world.monotonicMs += ms
    const due = [...world.timers].filter((timer) => timer.at <= world.monotonicMs)
    for (const timer of due) {
      world.timers.delete(timer)
      timer.call()
    }
    await settle()
  }
  const submit = (wish: Wish = {}): Told => {
    const held: Told = { answers: null }
    engine.submit(
      command('notes.set', { key: 'a', value: 1 }, { notAfter: world.wallMs + 1e6, ...wish }),
      (answers) => {
        held.answers = answers
      },
    )
    return held
  }
  const synced = async (number: number): Promise<void> => {
    world.syncs[number]?.resolve()
    await settle()
  }
  return { ledger, engine, world, pass, synced, submit }
}

function newWorld(): EngineWorld['world'] {
  return {
    wallMs: startTime + 1000,
    monotonicMs: 5000,
    syncs: [],
    appended: [],
    cutBacks: 0,
    appendFails: null,
    durableFails: null,
    durable: [],
    failed: [],
    jumps: [],
    timers: new Set(),
  }
}

function clockOf(world: EngineWorld['world']): Clock {
  return {
    wallMs: () => world.wallMs,
    monotonicMs: () => world.monotonicMs,
    after: (ms, call) => {
      const timer = { at: world.monotonicMs + ms, call }
      world.timers.add(timer)
      return () => world.timers.delete(timer)
    },
    soon: (call) => queueMicrotask(call),
  }
}

export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve()
}

/** The code of the first answer, if there is one. */
export function codeOf(held: Told): string | undefined {
  const answer = held.answers?.[0]
  return answer && 'refused' in answer ? answer.refused.code : answer?.applied.code
}
