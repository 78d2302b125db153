// A ledger in a simulated world: the real host, engine, stores and state machine over a disk that
// loses power and a clock that the seed moves. Clients send, repeat and retry; power fails at any
// operation; after each restart everything that was promised is checked against what is there.
import assert from 'node:assert/strict'
import { base64urlDecode, base64urlEncode, utf8Encode } from '#base/bytes'
import { sha256 } from '#base/crypto'
import type { Command } from '#ledger/command'
import type { Domain } from '#ledger/apply'
import { parseCheckpoint, parseSignedCheckpoint, rootAt } from '#ledger/prove'
import { signedIntentOf } from '#ledger/read'
import { inlineVerifier } from '#adapters/consensus'
import type { HostNote, LedgerHost } from '#apps/node/host'
import { openHost } from '#apps/node/host'
import { ledgerName, notes, startTime, testMembers } from '#test/memory-ledger'
import { Clients } from './clients.ts'
import { Random } from './random.ts'
import { checkHistory } from './rerun.ts'
import { SimClock } from './sim-clock.ts'
import type { CrashMode, Faults } from './sim-disk.ts'
import { SimDisk } from './sim-disk.ts'
import { logLine } from './sim-follower.ts'

/** What a client was told, and may hold the ledger to for ever. */
export type Promised = {
  readonly member: string
  readonly id: string
  readonly entry: number
  readonly leaf: string
  readonly code: string
}

export type WorldOptions = {
  readonly seed: number
  readonly segmentBytes?: number
  readonly snapshotEvery?: number
  readonly faults?: Faults
  /** False: the clock is guarded as in earnest. */
  readonly practice?: boolean
  /** Replaces the real code with a planted bug; used to show that the checks bite. */
  readonly open?: typeof openHost
}

export const code: Uint8Array = new Uint8Array(32).fill(1)
export const domains: readonly Domain[] = [testMembers, notes]

/** One simulated machine with its ledger. */
export class World {
  readonly random: Random
  readonly clock: SimClock = new SimClock(startTime)
  readonly promised: Promised[] = []
  readonly notes: HostNote[] = []
  /** Roots that the log's key has signed, by size, over all lives. */
  readonly signed: Map<number, string> = new Map()
  disk: SimDisk
  host: LedgerHost | null = null
  #options: WorldOptions
  #clients: Clients
  #sent: Command[] = []
  readonly #unanswered: Set<Command> = new Set()
  /** The first answer or signature that contradicted an earlier one. */
  #broken: unknown = null
  restarts = 0
  pending = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.random = new Random(options.seed)
    this.#clients = new Clients(this.random, options.seed)
    this.disk = this.#newDisk()
  }

  #newDisk(files?: Map<string, Buffer>): SimDisk {
    const disk = new SimDisk((call) => void this.clock.after(1, call), files)
    disk.faults = { ...this.#options.faults }
    return disk
  }

  /** Starts the ledger on the disk as it is. Throws `Failure` when it refuses to. */
  start(): LedgerHost {
    const open = this.#options.open ?? openHost
    this.host = open({
      disk: this.disk,
      ledger: ledgerName,
      domains,
      code,
      seed: this.#options.seed,
      verifier: inlineVerifier(),
      signer: { sign: (text) => this.#sign(text) },
      genesis: { params: { founders: 2 }, time: startTime },
      practice: this.#options.practice !== false,
      clock: this.clock,
      snapshotEvery: this.#options.snapshotEvery ?? 40,
      segmentBytes: this.#options.segmentBytes ?? 20_000,
      report: (note) => void this.notes.push(note),
    })
    this.restarts += 1
    return this.host
  }

  /** The log's key: it remembers what it signed, and that no size ever had two roots. */
  #sign(text: string): ReturnType<typeof logLine> {
    const checkpoint = parseCheckpoint(text)
    assert.ok(checkpoint !== null)
    const root = base64urlEncode(checkpoint.root)
    const before = this.signed.get(checkpoint.size)
    if (before !== undefined && before !== root) {
      this.#broken ??= new Error(`two roots are signed at size ${checkpoint.size}`)
    }
    this.signed.set(checkpoint.size, root)
    return logLine(text)
  }

  /** A client sends something new, or something old again. */
  send(): void {
    const again = this.#sent.length > 0 && this.random.oneIn(5)
    if (again) return this.submit(this.random.pick(this.#sent))
    const command = this.#clients.next(this.clock.wallMs())
    this.#sent.push(command)
    this.submit(command)
  }

  /** Clients that were left without an answer ask again. */
  retry(): void {
    const waiting = [...this.#unanswered]
    this.#unanswered.clear()
    for (const command of waiting) this.submit(command)
  }

  /** The operator confirms what the clock shows. */
  confirmTime(): void {
    this.submit(this.#clients.confirming(this.clock.wallMs()))
  }

  submit(command: Command): void {
    const { host } = this
    if (host === null) return
    this.pending += 1
    this.#unanswered.add(command)
    void host
      .submit(command)
      .then((outcomes) => {
        // What a process says that is gone, nobody hears.
        if (this.host !== host) return undefined
        this.pending -= 1
        this.#unanswered.delete(command)
        for (const outcome of outcomes) {
          if ('receipt' in outcome) this.#hold(outcome.receipt)
        }
        return undefined
      })
      .catch((error: unknown) => {
        this.#broken ??= error
      })
  }

  /** Power fails: the process is gone, and the disk is what the crash left of it. */
  crash(mode: CrashMode): void {
    const files = this.disk.crash(mode, this.random)
    this.#gone()
    this.disk = this.#newDisk(files)
  }

  /** The process is killed; the machine keeps what it wrote, synced or not. */
  kill(): void {
    this.#gone()
    const faults = { ...this.#options.faults }
    this.disk = this.disk.released((call) => void this.clock.after(1, call))
    this.disk.faults = faults
  }

  #gone(): void {
    this.host = null
    this.clock.clear()
    this.pending = 0
  }

  /** Puts other files in the place of the disk's. */
  restore(files: Map<string, Buffer>): void {
    this.disk = this.#newDisk(files)
  }

  /** The whole history, re-executed, gives what the host holds. */
  checkAll(host: LedgerHost): void {
    const guarded = this.#options.practice === false
    checkHistory(host, { domains, code, guarded })
  }

  /** Everything that was promised is there, and everything that is there is consistent. */
  check(): void {
    const { host } = this
    assert.ok(host !== null)
    if (this.#broken !== null) throw this.#broken as Error
    for (const receipt of this.promised) this.checkPromise(host, receipt)
    this.#checkSigned(host)
    this.checkAll(host)
  }

  /** The receipt is there as it was given, and so is the document that its command published. */
  checkPromise(host: LedgerHost, receipt: Promised): void {
    const found = host.receipt(receipt.member, receipt.id)
    assert.ok(found !== null, `acknowledged command ${receipt.entry} is lost`)
    assert.equal(found.entry, receipt.entry)
    assert.equal(found.leaf, receipt.leaf)
    assert.equal(found.code, receipt.code)
    if (found.type !== 'notes.publish' || found.code !== 'ok') return
    const hash = signedIntentOf(host.entry(found.entry))?.intent.body['document']
    assert.ok(typeof hash === 'string')
    const document = host.document(hash)
    assert.ok(document !== undefined, `the document of entry ${found.entry} is lost`)
    assert.deepEqual(Buffer.from(sha256(document)), Buffer.from(base64urlDecode(hash) ?? []))
  }

  /** No size was signed that is not here with this very root; the kept one is the newest. */
  #checkSigned(host: LedgerHost): void {
    const { size } = host.head()
    for (const [at, root] of this.signed) {
      assert.ok(at <= size, `size ${at} was signed and is not durable`)
      assert.equal(base64urlEncode(rootAt(host.proofs.nodes(), at) ?? new Uint8Array()), root)
    }
    const kept = host.proofs.checkpoint()
    const signed = kept === null ? null : parseSignedCheckpoint(utf8Encode(kept.text))
    if (signed === null) return
    const { checkpoint } = signed
    assert.equal(this.signed.get(checkpoint.size), base64urlEncode(checkpoint.root))
  }

  #hold(receipt: Promised): void {
    const { member, id, entry, leaf, code: answer } = receipt
    const before = this.promised.find((one) => one.member === member && one.id === id)
    if (before === undefined) {
      this.promised.push({ member, id, entry, leaf, code: answer })
      return
    }
    assert.deepEqual({ entry, leaf }, { entry: before.entry, leaf: before.leaf })
  }
}
