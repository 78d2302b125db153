// A ledger in a simulated world: the real host, engine, stores and state machine over a disk that
// loses power and a clock that the seed moves. Clients send, repeat and retry; power fails at any
// operation; after each restart everything that was promised is checked against what is there.
import assert from 'node:assert/strict'
import type { Command } from '#ledger/command'
import { decodeSubmission, isRefusal } from '#ledger/command'
import { Machine } from '#ledger/apply'
import { leafHash, Maps, rootAt } from '#ledger/prove'
import { Frontier } from '#ledger/prove'
import { replayFrame } from '#ledger/read'
import { inlineVerifier, Signing } from '#adapters/consensus'
import type { Disk } from '#adapters/storage'
import { Failure } from '#adapters/storage'
import type { HostNote, LedgerHost } from '#apps/node/host'
import { openHost } from '#apps/node/host'
import { ledgerName, notes, startTime, taxKey, testMembers, gasKey } from '#test/memory-ledger'
import { makeId, makeIntent, signCommand, signEnvelope } from '#test/commands'
import { encodeSubmission } from '#ledger/command'
import { Random } from './random.ts'
import { SimClock } from './sim-clock.ts'
import type { CrashMode, Faults } from './sim-disk.ts'
import { crashModes, SimDisk } from './sim-disk.ts'

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

const code = new Uint8Array(32).fill(1)
const domains = [testMembers, notes]

/** One simulated machine with its ledger. */
export class World {
  readonly random: Random
  readonly clock: SimClock = new SimClock(startTime)
  readonly promised: Promised[] = []
  readonly notes: HostNote[] = []
  disk: SimDisk
  host: LedgerHost | null = null
  #options: WorldOptions
  #sent: Command[] = []
  #number = 0
  /** The first answer that contradicted an earlier one. */
  #broken: unknown = null
  restarts = 0
  pending = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.random = new Random(options.seed)
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
      disk: this.disk as Disk,
      ledger: ledgerName,
      domains,
      code,
      seed: this.#options.seed,
      verifier: inlineVerifier(),
      signer: null,
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

  /** A client sends something new, or something old again. */
  send(): void {
    const host = this.host
    if (host === null) return
    const again = this.#sent.length > 0 && this.random.oneIn(5)
    const command = again ? this.random.pick(this.#sent) : this.#newCommand()
    if (!again) this.#sent.push(command)
    this.pending += 1
    void host
      .submit(command)
      .then((outcomes) => {
        this.pending -= 1
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
    this.host = null
    this.clock.clear()
    this.pending = 0
    this.disk = this.#newDisk(files)
  }

  /** Puts other files in the place of the disk's. */
  restore(files: Map<string, Buffer>): void {
    this.disk = this.#newDisk(files)
  }

  /** The whole history, re-executed, gives what the host holds. */
  checkAll(host: LedgerHost): void {
    this.#checkHistory(host)
  }

  /** Everything that was promised is there, and everything that is there is consistent. */
  check(): void {
    const host = this.host
    assert.ok(host !== null)
    if (this.#broken !== null) throw this.#broken as Error
    for (const receipt of this.promised) {
      const found = host.receipt(receipt.member, receipt.id)
      assert.ok(found !== null, `acknowledged command ${receipt.entry} is lost`)
      assert.equal(found.entry, receipt.entry)
      assert.equal(found.leaf, receipt.leaf)
      assert.equal(found.code, receipt.code)
    }
    this.#checkHistory(host)
  }

  /** Re-executes the whole journal on an empty machine and compares state, tree and receipts. */
  #checkHistory(host: LedgerHost): void {
    const { machine, records } = emptyMachine()
    const frontier = new Frontier()
    for (let height = 1; height <= host.head().height; height += 1) {
      const result = replayFrame(machine, host.proofs.frameBytes(height))
      assert.ok(!('what' in result), `height ${height}: ${JSON.stringify(result)}`)
      machine.confirm(result.applied)
      for (const entry of result.frame.entries) frontier.append(leafHash(entry))
    }
    assert.deepEqual(machine.head().stateDigest, host.head().stateDigest)
    assert.equal(machine.head().size, host.head().size)
    for (const [key, text] of records) assert.equal(host.recordText(key), text, key)
    assert.deepEqual(rootAt(host.proofs.nodes(), host.head().size), frontier.root())
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

  #newCommand(): Command {
    const key = this.random.oneIn(3) ? gasKey : taxKey
    const text = this.random.oneIn(6)
      ? encodeSubmission(
          signEnvelope(
            key,
            Array.from({ length: 1 + this.random.below(4) }, () => this.#intent()),
          ),
        )
      : signCommand(key, this.#intent())
    const command = decodeSubmission(text)
    if (isRefusal(command)) throw new Error(command.code)
    return command
  }

  #intent(): string {
    this.#number += 1
    const note = `n${this.random.below(12)}`
    const drop = this.random.oneIn(5)
    return makeIntent({
      ledger: ledgerName,
      id: makeId(this.#options.seed * 1_000_000 + this.#number),
      type: drop ? 'notes.drop' : 'notes.set',
      body: drop ? { key: note } : { key: note, value: this.random.below(20) - 2 },
      notAfter: this.clock.wallMs() + 1 + this.random.below(7 * 24 * 3_600_000),
    })
  }
}

function emptyMachine(): { machine: Machine; records: Map<string, string> } {
  const records = new Map<string, string>()
  const window = new Map<string, number>()
  const store = {
    get: (key: string) => {
      const text = records.get(key)
      return text === undefined ? undefined : (JSON.parse(text) as never)
    },
    apply: (key: string, text: string | null) => {
      if (text === null) records.delete(key)
      else records.set(key, text)
    },
  }
  const machine = new Machine({
    ledger: ledgerName,
    code,
    domains,
    records: store,
    window: {
      has: (member, id) => window.has(`${member}/${id}`),
      add: (member, id, notAfter) => void window.set(`${member}/${id}`, notAfter),
      expire: (time) => {
        for (const [id, notAfter] of window) if (notAfter < time) window.delete(id)
      },
    },
    maps: new Maps(),
    documents: () => undefined,
    signatures: new Signing(inlineVerifier(), store),
  })
  return { machine, records }
}

/** One seed: some lives of a machine, each ended by a crash at a random operation, then healing. */
export async function simulate(options: WorldOptions): Promise<{ readonly promised: number }> {
  const world = new World(options)
  const lives = 1 + world.random.below(3)
  for (let life = 0; life < lives; life += 1) {
    world.disk.faults.crashAt = 1 + world.random.below(160)
    try {
      world.start()
      for (let step = 0; step < 60 && !world.disk.powerLost; step += 1) {
        world.send()
        await world.clock.pass(world.random.below(world.random.oneIn(8) ? 15_000 : 4))
      }
    } catch (error) {
      if (!(error instanceof Failure) || !world.disk.powerLost) throw error
    }
    world.crash(world.random.pick(crashModes))
  }
  // Healing: the faults end, the ledger starts, keeps its word, and goes on.
  delete world.disk.faults.crashAt
  const host = world.start()
  world.check()
  const before = host.head().size
  for (let i = 0; i < 5; i += 1) world.send()
  await world.clock.pass(30_000)
  assert.equal(world.pending, 0, 'every command was answered')
  assert.ok(host.head().size >= before)
  world.check()
  const closed = host.close()
  await world.clock.pass(1000)
  await closed
  return { promised: world.promised.length }
}
