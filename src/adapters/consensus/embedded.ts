// The embedded engine: one process orders, applies and keeps. Commands wait while the frame before
// them is synced, so that blocks grow with the load (group commit). An answer leaves only after the
// fsync that made it durable (invariant L1); the first failed fsync stops the engine for good (L2);
// lack of space refuses, cuts back and resumes (L3).
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import type { Command, Refusal } from '#ledger/command'
import type { Applied, AppliedIntent, Machine } from '#ledger/apply'
import { checkpointKey, readCheckpoint } from '#ledger/apply'
import type { AdmissionOutcome, Block, Filled } from '#ledger/order'
import { blockTime, fillBlock, idleMsMax } from '#ledger/order'
import type { Reading } from '#ledger/validate'
import type { Clock } from './clock.ts'
import type { Signing } from './signing.ts'

/** Port: the journal as the engine needs it. */
export interface FrameLog {
  /** Appends a frame to the file without syncing it; throws `Failure`. */
  append(frame: Bytes): void
  /** Resolves once everything appended is durable; a rejection is final. */
  sync(): Promise<void>
  /** Removes what was appended since the last successful sync. */
  cutBack(): void
}

/** The answer to one intent: its entry, or why it has none. */
export type Answer =
  | {
      readonly applied: AppliedIntent
      readonly height: number
      /** Ledger time in milliseconds. */
      readonly time: number
    }
  | { readonly refused: Refusal }

/** What the engine does not decide itself. */
export type EngineOptions = {
  readonly machine: Machine
  /** The durable records, for the engine's own look at the checkpoint. */
  readonly records: Reading
  readonly journal: FrameLog
  readonly signing: Signing
  readonly clock: Clock
  readonly checkpointMs: number
  /** A practice ledger confirms its own clock; everywhere else two officers do. */
  readonly practice: boolean
  /** Commands that may wait; beyond it they are refused with `order/overloaded`. */
  readonly waitingMax?: number
  /** Called while the frame is being synced: work that needs no durability. */
  readonly applied?: (applied: Applied) => void
  /** Called when the block is durable and confirmed, before any answer leaves. */
  readonly durable: (applied: Applied) => void
  /** Called once when the engine has stopped for good. */
  readonly failed: (failure: unknown) => void
  /** Called when a practice ledger goes on over a jump of its clock. */
  readonly jumped?: (reason: string) => void
}

type Waiting = { readonly command: Command; readonly done: (answers: readonly Answer[]) => void }

type State = 'open' | 'no-space' | 'failed' | 'closed'

const spaceRetryMs = 1000

/** Orders and applies commands in one process. */
export class EmbeddedEngine {
  readonly #options: EngineOptions
  readonly #ready: Waiting[] = []
  #waiting = 0
  #state: State = 'open'
  #inFlight = false
  #soon = false
  #last: { wallMs: number; monotonicMs: number } | null = null
  #spaceAt = 0
  #cancelTimer: (() => void) | null = null
  #idle: (() => void)[] = []

  constructor(options: EngineOptions) {
    this.#options = options
    this.#arm()
  }

  /** `open`, or why nothing can be committed. */
  get state(): State {
    return this.#state
  }

  /** Commands that were accepted and have no answer yet. */
  get waiting(): number {
    return this.#waiting
  }

  /**
   * Takes a decoded command and calls `done` once with one answer a position. A
   * `validate/duplicate` answer means that the first receipt is durable and can be read by (member,
   * id).
   */
  submit(command: Command, done: (answers: readonly Answer[]) => void): void {
    const refusal = this.#closedTo()
    if (refusal !== null) return done(command.intents.map(() => ({ refused: refusal })))
    this.#waiting += 1
    const waiting: Waiting = {
      command,
      done: (answers) => {
        this.#waiting -= 1
        done(answers)
      },
    }
    this.#options.signing.check(command, () => {
      this.#ready.push(waiting)
      this.#wake()
    })
  }

  /** Stops taking commands, waits for those accepted, and resolves when nothing is in flight. */
  async close(): Promise<void> {
    if (this.#state === 'open' || this.#state === 'no-space') this.#state = 'closed'
    this.#cancelTimer?.()
    while (this.#waiting > 0 || this.#inFlight) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve)
        this.#wake()
      })
    }
  }

  #closedTo(): Refusal | null {
    if (this.#state === 'failed') return { code: 'order/stopped' }
    if (this.#state === 'closed') return { code: 'order/closing' }
    if (this.#state === 'no-space') {
      if (this.#options.clock.monotonicMs() < this.#spaceAt) return { code: 'order/no-space' }
    }
    if (this.#waiting >= (this.#options.waitingMax ?? 20_000)) return { code: 'order/overloaded' }
    return null
  }

  #wake(): void {
    if (this.#soon || this.#inFlight) return
    this.#soon = true
    this.#options.clock.soon(() => {
      this.#soon = false
      if (!this.#inFlight && this.#state !== 'failed') this.#cut()
    })
  }

  /** Cuts one block from what is ready, if there is anything to cut. */
  #cut(): void {
    const due = this.#emptyBlockDue()
    if (this.#ready.length === 0 && !due) return this.#settleIdle()
    const decided = this.#time()
    if ('code' in decided) return this.#refuseReady(decided)
    const { time, confirming } = decided
    const { machine } = this.#options
    // A command that confirms the time is judged alone, and its time counts only if it is applied:
    // whoever may not confirm would otherwise move the ledger's clock by being refused.
    const queue = (confirming ? this.#ready.slice(0, 1) : this.#ready).map(({ command }) => command)
    const filled = fillBlock(queue, machine.admission(time))
    const taken = this.#ready.splice(0, filled.taken)
    if (filled.commands.length === 0 && (confirming || !due)) {
      answerRefused(taken, filled)
      return this.#wake()
    }
    const block = { height: machine.head().height + 1, time, commands: filled.commands }
    const denied = confirming ? denialOf(machine.deliver(block)) : null
    if (denied !== null) {
      refuseAll(taken, denied)
      return this.#wake()
    }
    this.#commit(block, taken, filled)
  }

  #commit(block: Block, taken: readonly Waiting[], filled: Filled): void {
    const { machine, journal, clock } = this.#options
    const applied = machine.deliver(block)
    this.#last = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() }
    // If we crash before the sync returns, the frame may be whole, torn or absent in the journal:
    // nobody has been answered, and recovery keeps it only if it is whole.
    try {
      journal.append(applied.frame)
    } catch (failure) {
      return this.#notWritten(failure, taken)
    }
    this.#inFlight = true
    this.#options.applied?.(applied)
    journal.sync().then(
      () => this.#durable(applied, taken, filled),
      (failure: unknown) => this.#syncFailed(failure, taken),
    )
  }

  #durable(applied: Applied, taken: readonly Waiting[], filled: Filled): void {
    this.#inFlight = false
    if (this.#state === 'no-space') this.#state = 'open'
    this.#options.machine.confirm(applied)
    this.#options.durable(applied)
    const { height, time } = applied.head
    for (const [i, waiting] of taken.entries()) {
      const outcomes: readonly AdmissionOutcome[] = filled.outcomes[i] ?? []
      waiting.done(
        outcomes.map((outcome) => {
          if ('code' in outcome) return { refused: outcome }
          const intent = applied.intents[outcome.intent]
          assert(intent !== undefined, 'every admitted intent was applied')
          return { applied: intent, height, time }
        }),
      )
    }
    this.#arm()
    this.#settleIdle()
    this.#wake()
  }

  /** Lack of space cuts back to the last durable frame; any other failed write is fatal. */
  #notWritten(failure: unknown, taken: readonly Waiting[]): void {
    if (!isNoSpace(failure)) return this.#fail(failure, taken, 'order/stopped')
    try {
      this.#options.journal.cutBack()
    } catch (second) {
      return this.#fail(second, taken, 'order/stopped')
    }
    if (this.#state === 'open') this.#state = 'no-space'
    this.#spaceAt = this.#options.clock.monotonicMs() + spaceRetryMs
    refuseAll(taken, { code: 'order/no-space' })
    refuseAll(this.#ready.splice(0), { code: 'order/no-space' })
    this.#arm()
    this.#settleIdle()
  }

  #syncFailed(failure: unknown, taken: readonly Waiting[]): void {
    this.#inFlight = false
    // The frame may or may not be on disk, so the outcome is unknown and nothing is acknowledged.
    this.#fail(failure, taken, 'order/outcome-unknown')
  }

  #fail(failure: unknown, taken: readonly Waiting[], code: string): void {
    this.#state = 'failed'
    this.#cancelTimer?.()
    refuseAll(taken, { code })
    refuseAll(this.#ready.splice(0), { code: 'order/stopped' })
    this.#options.failed(failure)
    this.#settleIdle()
  }

  #refuseReady(refusal: Refusal): void {
    refuseAll(this.#ready.splice(0), refusal)
    this.#arm(spaceRetryMs)
    this.#settleIdle()
  }

  /** The time to cut with; while the clock is in doubt, only a confirming command gives one. */
  #time(): { readonly time: number; readonly confirming: boolean } | Refusal {
    const { clock, machine, practice } = this.#options
    const head = machine.head()
    const wallMs = clock.wallMs()
    const clocks = {
      wallMs,
      monotonicMs: clock.monotonicMs(),
      last: this.#last,
      ledgerMs: head.time,
    }
    const decided = blockTime(clocks)
    if ('time' in decided) return { time: decided.time, confirming: false }
    if (practice) {
      this.#options.jumped?.(decided.confirm)
      return { time: Math.max(wallMs, head.time), confirming: false }
    }
    const time = this.#confirmedTime(wallMs)
    if (time === null) return { code: 'order/clock-unconfirmed', at: decided.confirm }
    return { time, confirming: true }
  }

  /** Puts a command that confirms the time to the front and takes its time. */
  #confirmedTime(wallMs: number): number | null {
    const { machine } = this.#options
    for (const [i, waiting] of this.#ready.entries()) {
      const intent = waiting.command.intents[0]
      if (!intent || waiting.command.intents.length !== 1) continue
      if (machine.types.get(intent.type)?.confirmsTime !== true) continue
      const time = intent.body['time']
      if (typeof time !== 'number' || time < machine.head().time) continue
      if (Math.abs(time - wallMs) > confirmSkewMsMax) continue
      this.#ready.unshift(...this.#ready.splice(i, 1))
      return time
    }
    return null
  }

  /** A boundary waits for its map roots, a checkpoint is due, or the ledger was idle too long. */
  #emptyBlockDue(): boolean {
    const { machine, clock, checkpointMs } = this.#options
    const head = machine.head()
    if (head.height === 0) return false
    const checkpoint = this.#checkpoint()
    if (checkpoint.boundary !== 0) return true
    const wallMs = clock.wallMs()
    if (wallMs >= head.time + idleMsMax) return true
    return head.size > checkpoint.covered && Math.floor(wallMs / checkpointMs) > checkpoint.slot
  }

  #checkpoint(): ReturnType<typeof readCheckpoint> {
    return readCheckpoint(this.#options.records.get(checkpointKey))
  }

  /** Sets the timer for the next block that is due without any command. */
  #arm(waitMsMin = 0): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    if (this.#state === 'failed' || this.#state === 'closed') return
    const { machine, clock, checkpointMs } = this.#options
    const head = machine.head()
    if (head.height === 0) return
    const wallMs = clock.wallMs()
    const checkpoint = this.#checkpoint()
    let at = head.time + idleMsMax
    if (checkpoint.boundary !== 0) at = wallMs
    else if (head.size > checkpoint.covered) at = (checkpoint.slot + 1) * checkpointMs
    const wait = Math.min(
      Math.max(at - wallMs, this.#state === 'open' ? waitMsMin : spaceRetryMs),
      60_000,
    )
    this.#cancelTimer = clock.after(wait, () => {
      this.#wake()
      if (!this.#inFlight && !this.#emptyBlockDue()) this.#arm()
    })
  }

  #settleIdle(): void {
    if (this.#waiting > 0 || this.#inFlight) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}

const confirmSkewMsMax = 60_000

/** Why the confirming command of a block would not be applied, or null. */
function denialOf(applied: Applied): Refusal | null {
  const [intent] = applied.intents
  assert(intent !== undefined, 'a confirmation was admitted')
  if (intent.code === 'ok') return null
  return intent.at === undefined ? { code: intent.code } : { code: intent.code, at: intent.at }
}

function isNoSpace(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && failure.code === 'storage/no-space'
}

function refuseAll(waiting: readonly Waiting[], refused: Refusal): void {
  for (const one of waiting) one.done(one.command.intents.map(() => ({ refused })))
}

function answerRefused(taken: readonly Waiting[], filled: Filled): void {
  for (const [i, waiting] of taken.entries()) {
    const outcomes = filled.outcomes[i] ?? []
    waiting.done(
      outcomes.map((outcome) => {
        assert('code' in outcome, 'a block without commands admitted nothing')
        return { refused: outcome }
      }),
    )
  }
}
