// Faults that need few lines each: lack of space, failing syncs and writes, replayed commands,
// jumps of the clock, and a rebuild without any domain.
import assert from 'node:assert/strict'
import { Failure } from '#adapters/storage'
import { inlineVerifier } from '#adapters/consensus'
import type { Domain } from '#ledger/apply'
import { decodeSubmission, isRefusal } from '#ledger/command'
import { openHost } from '#apps/node/host'
import { makeIntent, signCommand } from '#test/commands'
import { ledgerName, notes, startTime, taxKey, testMembers } from '#test/memory-ledger'
import { SimClock } from '#simulation/sim-clock'
import { SimDisk } from '#simulation/sim-disk'
import { World } from '#simulation/world'

const code = new Uint8Array(32).fill(1)

/** A disk of a few dozen KiB fills up at random points; space comes back; nothing is lost. */
export async function space({ count, seed }: { count: number; seed: number }): Promise<{
  readonly runs: number
  readonly refused: number
  readonly readsFailed: number
  readonly notResumed: number
  readonly lost: number
}> {
  const result = { runs: 0, refused: 0, readsFailed: 0, notResumed: 0, lost: 0 }
  for (let i = 0; i < count; i += 1) {
    const world = new World({ seed: seed + i, snapshotEvery: 20 })
    const host = world.start()
    await world.clock.pass(10)
    world.disk.faults.space = 30_000 + world.random.below(60_000)
    let seen = false
    for (let step = 0; step < 120 && !(seen && step > 60); step += 1) {
      world.send()
      await world.clock.pass(world.random.below(200))
      if (host.state() === 'no-space') seen = true
      try {
        for (const one of world.promised.slice(-3)) host.receipt(one.member, one.id)
      } catch {
        result.readsFailed += 1
      }
    }
    if (seen) result.refused += 1
    delete world.disk.faults.space
    await world.clock.pass(10_000)
    const before = world.promised.length
    for (let more = 0; more < 4; more += 1) world.send()
    await world.clock.pass(10_000)
    if (host.state() !== 'open' || world.promised.length === before) result.notResumed += 1
    try {
      world.check()
      world.crash('none')
      world.start()
      world.check()
    } catch {
      result.lost += 1
    }
    result.runs += 1
  }
  return result
}

/** The n-th sync or write fails: the ledger stops, acknowledges nothing more, and opens again. */
export async function failing({ count, seed }: { count: number; seed: number }): Promise<{
  readonly runs: number
  readonly acknowledgedAfter: number
  readonly stillOpen: number
  readonly lost: number
}> {
  const result = { runs: 0, acknowledgedAfter: 0, stillOpen: 0, lost: 0 }
  for (let i = 0; i < count; i += 1) {
    const world = new World({ seed: seed + i })
    const at = 4 + world.random.below(40)
    world.disk.faults = i % 2 === 0 ? { failSyncAt: at } : { failWriteAt: at }
    let promisedAtFailure = -1
    try {
      const host = world.start()
      for (let step = 0; step < 80; step += 1) {
        world.send()
        await world.clock.pass(3)
        if (host.state() === 'failed' && promisedAtFailure < 0)
          promisedAtFailure = world.promised.length
      }
      if (promisedAtFailure >= 0) {
        // A repeated command may still be answered with its first receipt: that is a read.
        const ids = new Set(world.promised.slice(0, promisedAtFailure).map((one) => one.id))
        const late = world.promised.slice(promisedAtFailure).filter((one) => !ids.has(one.id))
        result.acknowledgedAfter += late.length
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
    world.crash(i % 4 < 2 ? 'none' : 'torn')
    world.disk.faults = {}
    try {
      world.start()
      world.check()
    } catch {
      result.lost += 1
    }
    result.runs += 1
  }
  return result
}

/** Every command of a ledger again, so many times each, in and out of its window. */
export async function replays({ count, seed }: { count: number; seed: number }): Promise<{
  readonly replays: number
  readonly grown: number
  readonly contradictions: number
}> {
  const clock = new SimClock(startTime)
  const disk = new SimDisk((call) => void clock.after(1, call))
  const open = (): ReturnType<typeof openHost> =>
    openHost({
      disk,
      ledger: ledgerName,
      domains: [testMembers, notes],
      code,
      seed,
      clock,
      verifier: inlineVerifier(),
      signer: null,
      genesis: { params: {}, time: startTime },
      practice: true,
    })
  const host = open()
  const commands = Array.from({ length: 20 }, (_, i) => {
    const intent = makeIntent({
      ledger: ledgerName,
      type: 'notes.set',
      body: { key: 'a', value: i },
      notAfter: startTime + (i % 2 === 0 ? 60_000 : 3_600_000),
    })
    const command = decodeSubmission(signCommand(taxKey, intent))
    assert.ok(!isRefusal(command))
    return command
  })
  const firsts = new Map<string, number>()
  let contradictions = 0
  const result = { replays: 0, grown: 0, contradictions: 0 }
  const sendAll = async (): Promise<void> => {
    const answers = commands.map((command) => host.submit(command))
    await clock.pass(50)
    for (const outcomes of await Promise.all(answers)) {
      const outcome = outcomes[0]
      if (outcome === undefined || !('receipt' in outcome)) continue
      const { id, entry } = outcome.receipt
      if (firsts.get(id) !== undefined && firsts.get(id) !== entry) contradictions += 1
      firsts.set(id, entry)
    }
  }
  await sendAll()
  await clock.pass(30_000)
  const size = (): number => host.head().size
  const before = size()
  for (let i = 0; i < count; i += 1) {
    // Half of them after the window of their `notAfter` has passed.
    if (i === Math.floor(count / 2)) await clock.pass(120_000)
    await sendAll()
    result.replays += commands.length
  }
  result.grown = size() - before
  result.contradictions = contradictions
  return result
}

/**
 * The wall clock of a ledger with officers jumps: no block carries a time that nobody confirmed.
 */
export async function jumps({ count, seed }: { count: number; seed: number }): Promise<{
  readonly jumps: number
  readonly blocksAcross: number
  readonly backwards: number
}> {
  const result = { jumps: 0, blocksAcross: 0, backwards: 0 }
  const year = 365 * 24 * 3_600_000
  for (let i = 0; i < count; i += 1) {
    const world = new World({ seed: seed + i, practice: false })
    const host = world.start()
    for (let step = 0; step < 3; step += 1) {
      world.send()
      await world.clock.pass(5)
    }
    const before = host.head()
    const jump = world.random.pick([
      year,
      -year,
      10 * year,
      3 * 3_600_000,
      -3_600_000,
      90_000,
      -90_000,
    ])
    world.clock.step(jump)
    for (let step = 0; step < 5; step += 1) {
      world.send()
      await world.clock.pass(100)
    }
    if (host.head().height !== before.height) result.blocksAcross += 1
    if (host.head().time < before.time) result.backwards += 1
    result.jumps += 1
  }
  return result
}

/** All domain code throws, and yet the state is rebuilt from the journal, byte for byte. */
export async function rebuild({ seed }: { seed: number }): Promise<{
  readonly records: number
  readonly differing: number
  readonly height: number
}> {
  const world = new World({ seed, snapshotEvery: 1_000_000 })
  const host = world.start()
  for (let step = 0; step < 150; step += 1) {
    world.send()
    await world.clock.pass(world.random.below(400))
  }
  await world.clock.pass(30_000)
  const files = world.disk.crash('none', world.random)
  for (const name of files.keys()) if (!name.startsWith('journal/')) files.delete(name)
  const disk = new SimDisk((call) => void world.clock.after(1, call), files)
  const again = openHost({
    disk,
    ledger: ledgerName,
    domains: [testMembers, notes].map(throwing),
    code,
    seed,
    clock: world.clock,
    verifier: inlineVerifier(),
    signer: null,
    readOnly: true,
  })
  const keys = Array.from({ length: 12 }, (_, i) => `notes/current/n${i}`)
  const more = ['ledger/checkpoint', 'ledger/budget/tax/notes', `members/key/${taxKey.kid}`]
  const differing = [...keys, ...more].filter(
    (key) => again.recordText(key) !== host.recordText(key),
  )
  assert.deepEqual(again.head().stateDigest, host.head().stateDigest)
  return {
    records: keys.length + more.length,
    differing: differing.length,
    height: again.head().height,
  }
}

function throwing(domain: Domain): Domain {
  const no = (): never => {
    throw new Error('domain code ran during a rebuild')
  }
  const { name, codes, maps, effectsOn } = domain
  return {
    name,
    codes,
    ...(maps === undefined ? {} : { maps }),
    ...(effectsOn === undefined ? {} : { effectsOn }),
    genesis: no,
    opening: no,
    types: domain.types.map((type) => ({ ...type, decide: no, documents: no })),
  }
}
