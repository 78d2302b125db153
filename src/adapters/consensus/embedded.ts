// The embedded engine: one process orders, applies and keeps. Commands wait while the frame before
// them is synced, so that blocks grow with the load (group commit). An answer leaves only after the
// fsync that made it durable (invariant L1); the first failed fsync stops the engine for good (L2);
// lack of space refuses, cuts back and resumes (L3).
import type { Bytes } from '#base/bytes'
import type { Command, Refusal } from '#ledger/command'
import type { Applied, Machine } from '#ledger/apply'
import { checkpointKey, frameBytesMax, readCheckpoint } from '#ledger/apply'
import type { Filled } from '#ledger/order'
import { blockTime, commandBytes, fillBlock, idleMsMax } from '#ledger/order'
import type { Reading } from '#ledger/validate'
import type { Answer, Waiting } from './answers.ts'
import { answerAll, denialOf, refuseAll } from './answers.ts'
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
  /** The same in bytes of commands, intents and documents; 256 MiB when absent. */
  readonly waitingBytesMax?: number
  /** Longest frame that is written; the journal's bound when absent. */
  readonly frameMax?: number
  /** Called while the frame is being synced: work that needs no durability. */
  readonly applied?: (applied: Applied) => void
  /** Called when the block is durable and confirmed, before any answer leaves. */
  readonly durable: (applied: Applied) => void
  /** Called once when the engine has stopped for good. */
  readonly failed: (failure: unknown) => void
  /** Called when a practice ledger goes on over a jump of its clock, once a jump. */
  readonly jumped?: (reason: string) => void
  /** Why no block of this height may be cut here, as the failure that then ends the engine. */
  readonly stopsBefore?: (height: number) => unknown
}

type State = 'open' | 'no-space' | 'failed' | 'closed'

const spaceRetryMs = 1000
const waitingDefault = 20_000
const waitingBytesDefault = 256 * 1024 * 1024

type Cut = {
  readonly time: number
  readonly filled: Filled
  /** Null when nothing was admitted and no block is due. */
  readonly applied: Applied | null
}

/** Orders and applies commands in one process. */
export class EmbeddedEngine {
  readonly #options: EngineOptions
  readonly #ready: Waiting[] = []
  #waiting = 0
  #waitingBytes = 0
  #state: State = 'open'
  #inFlight = false
  #soon = false
  #last: { wallMs: number; monotonicMs: number } | null = null
  #spaceAt = 0
  #jumped: string | null = null
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
    const bytes = commandBytes(command)
    const refusal = this.#closedTo(bytes)
    if (refusal !== null) return done(command.intents.map(() => ({ refused: refusal })))
    this.#waiting += 1
    this.#waitingBytes += bytes
    const waiting: Waiting = {
      command,
      done: (answers) => {
        this.#waiting -= 1
        this.#waitingBytes -= bytes
        done(answers)
      },
    }
    this.#options.signing.check(command, () => {
      if (this.#state === 'failed') {
        refuseAll([waiting], { code: 'order/stopped' })
        return this.#settleIdle()
      }
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

  #closedTo(bytes: number): Refusal | null {
    if (this.#state === 'failed') return { code: 'order/stopped' }
    if (this.#state === 'closed') return { code: 'order/closing' }
    if (this.#state === 'no-space') {
      if (this.#options.clock.monotonicMs() < this.#spaceAt) return { code: 'order/no-space' }
    }
    const { waitingMax, waitingBytesMax } = this.#options
    const full =
      this.#waiting >= (waitingMax ?? waitingDefault) ||
      this.#waitingBytes + bytes > (waitingBytesMax ?? waitingBytesDefault)
    return full ? { code: 'order/overloaded' } : null
  }

  #wake(): void {
    if (this.#soon || this.#inFlight) return
    this.#soon = true
    this.#options.clock.soon(() => {
      this.#soon = false
      if (this.#inFlight || this.#state === 'failed') return
      // After the last answer of a closing ledger its files are closed.
      if (this.#state === 'closed' && this.#waiting === 0) return this.#settleIdle()
      this.#cutOrFail()
    })
  }

  #cutOrFail(): void {
    try {
      this.#cut()
    } catch (failure) {
      // A defect, or a store that cannot be read: nothing was written, and nothing will be.
      this.#fail(failure, [], 'order/stopped')
    }
  }

  /** Cuts one block from what is ready, if there is anything to cut. */
  #cut(): void {
    const { machine, stopsBefore } = this.#options
    const stop = stopsBefore?.(machine.head().height + 1) ?? null
    if (stop !== null) return this.#fail(stop, [], 'order/stopped')
    const due = this.#emptyBlockDue()
    if (this.#ready.length === 0 && !due) return this.#settleIdle()
    const decided = this.#time()
    if ('code' in decided) return this.#refuseReady(decided)
    const { filled, applied } = this.#fill(decided, due)
    const taken = this.#ready.splice(0, filled.taken)
    if (applied === null) {
      answerAll(taken, filled, null)
      return this.#wake()
    }
    const denied = decided.confirming ? denialOf(applied) : null
    if (denied !== null) {
      refuseAll(taken, denied)
      return this.#wake()
    }
    this.#commit(applied, taken, filled)
  }

  /** Admits and applies what fits into one block and one frame; changes nothing. */
  #fill(at: { readonly time: number; readonly confirming: boolean }, due: boolean): Cut {
    const { machine, frameMax = frameBytesMax } = this.#options
    const { time, confirming } = at
    const height = machine.head().height + 1
    // A command that confirms the time is judged alone, and its time counts only if it is applied:
    // whoever may not confirm would otherwise move the ledger's clock by being refused.
    let queue = (confirming ? this.#ready.slice(0, 1) : this.#ready).map(({ command }) => command)
    for (;;) {
      const filled = fillBlock(queue, machine.admission(time))
      const { commands, taken } = filled
      if (commands.length === 0 && (confirming || !due)) return { time, filled, applied: null }
      const applied = machine.deliver({ height, time, commands })
      if (applied.frame.length <= frameMax || taken < 2) return { time, filled, applied }
      queue = queue.slice(0, taken >> 1)
    }
  }

  #commit(applied: Applied, taken: readonly Waiting[], filled: Filled): void {
    const { journal, clock } = this.#options
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
    try {
      this.#options.machine.confirm(applied)
      this.#options.durable(applied)
    } catch (failure) {
      // Memory may no longer be what the journal says, and only a start from disk mends that.
      return this.#fail(failure, taken, 'order/outcome-unknown')
    }
    // The next block is on its way to the disk before these answers leave, so that what they cause
    // (responses, further submissions) is done while the disk works.
    if (this.#ready.length > 0) this.#cutOrFail()
    answerAll(taken, filled, applied)
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
    if ('time' in decided) {
      this.#jumped = null
      return { time: decided.time, confirming: false }
    }
    if (practice) {
      if (this.#jumped !== decided.confirm) this.#options.jumped?.(decided.confirm)
      this.#jumped = decided.confirm
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

  /**
   * A boundary waits for its map roots, a checkpoint is due, or the ledger was idle too long. After
   * lack of space an empty block shows that there is room again, though nobody sends a command.
   */
  #emptyBlockDue(): boolean {
    const { machine, clock, checkpointMs } = this.#options
    const head = machine.head()
    if (head.height === 0) return false
    if (this.#state === 'no-space') return clock.monotonicMs() >= this.#spaceAt
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
    if (checkpoint.boundary !== 0 || this.#state === 'no-space') at = wallMs
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

function isNoSpace(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && failure.code === 'storage/no-space'
}
