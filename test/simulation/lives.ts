// Lives of a simulated machine. Each ends by a crash or a kill at a random operation; then the
// faults end, the ledger starts, keeps its word and goes on. By their number, some seeds guard the
// clock and let it step, and some have a follower behind a bad network.
import assert from 'node:assert/strict'
import { Defect } from '#base/assert'
import { Failure } from '#adapters/storage'
import { crashModes } from './sim-disk.ts'
import { SimFollower } from './sim-follower.ts'
import { code, domains, World } from './world.ts'

export type Lived = { readonly promised: number; readonly cosigned: number }

const steps = [-7_200_000, -90_000, -30_000, 30_000, 90_000, 3 * 3_600_000, 30 * 24 * 3_600_000]

/** One seed. Throws what does not hold. */
export async function simulate({ seed }: { readonly seed: number }): Promise<Lived> {
  const guarded = seed % 4 === 0
  const world = new World({ seed, practice: !guarded })
  const follower = seed % 3 === 0 ? followerOf(world) : null
  const lives = 1 + world.random.below(4)
  for (let life = 0; life < lives; life += 1) {
    world.disk.faults.crashAt = 1 + world.random.below(world.random.oneIn(3) ? 40 : 160)
    try {
      world.start()
      world.retry()
      await world.clock.pass(world.random.below(5))
      // Some lives end as soon as those who ask again have their answers.
      const busy = world.random.oneIn(3) ? 0 : 60
      for (let step = 0; step < busy && !world.disk.powerLost; step += 1) {
        world.send()
        if (guarded && world.random.oneIn(20)) world.clock.step(world.random.pick(steps))
        if (guarded && world.random.oneIn(4)) world.confirmTime()
        if (follower !== null && world.random.oneIn(3)) pollOf(world, follower)
        await world.clock.pass(world.random.below(world.random.oneIn(8) ? 15_000 : 4))
      }
    } catch (error) {
      if (!(error instanceof Failure) || !world.disk.powerLost) throw error
    }
    if (world.random.oneIn(3)) world.kill()
    else world.crash(world.random.pick(crashModes))
  }
  delete world.disk.faults.crashAt
  await heal(world, guarded)
  if (follower !== null) await settleFollower(world, follower)
  await close(world)
  return { promised: world.promised.length, cosigned: follower?.cosigned.size ?? 0 }
}

/** The ledger starts, keeps its word, takes new commands, and keeps its word again. */
async function heal(world: World, guarded: boolean): Promise<void> {
  const host = world.start()
  world.check()
  const before = host.head().size
  world.retry()
  // A clock that was behind the ledger comes back; one that jumped is confirmed.
  if (guarded) await world.clock.pass(Math.max(0, host.head().time - world.clock.wallMs()) + 1000)
  if (guarded) world.confirmTime()
  await world.clock.pass(100)
  for (let i = 0; i < 5; i += 1) world.send()
  await world.clock.pass(30_000)
  assert.equal(world.pending, 0, 'every command was answered')
  assert.equal(host.state(), 'open', String(host.failure()))
  assert.ok(host.head().size > before, 'the ledger goes on')
  const kept = host.proofs.checkpoint()
  assert.ok(kept !== null && kept.size >= before, 'a checkpoint follows')
  world.check()
}

async function close(world: World): Promise<void> {
  const closed = world.host?.close()
  await world.clock.pass(1000)
  await closed
}

export function followerOf(world: World): SimFollower {
  return new SimFollower({ random: world.random, clock: world.clock, domains, code })
}

function pollOf(world: World, follower: SimFollower): void {
  if (world.host === null || world.disk.powerLost) return
  follower.poll(world.host)
}

/** The network heals: the follower comes to the same history and has cosigned nothing else. */
async function settleFollower(world: World, follower: SimFollower): Promise<void> {
  const { host } = world
  assert.ok(host !== null)
  follower.network.healed = true
  for (let i = 0; i < 400 && follower.follower.height < host.head().height; i += 1) {
    follower.poll(host)
    await world.clock.pass(5)
  }
  follower.poll(host)
  await world.clock.pass(50)
  assert.equal(follower.follower.alarm, null)
  assert.deepEqual(follower.host.head(), host.head())
  for (const [size, root] of follower.cosigned) assert.equal(world.signed.get(size), root)
}

/**
 * Bits rot while the machine lives: whatever is read back is right or refused, and a start is right
 * or refused. Gives whether the damage was noticed.
 */
export async function rot({ seed }: { readonly seed: number }): Promise<'noticed' | 'harmless'> {
  const world = new World({ seed, snapshotEvery: 25 })
  let noticed = false
  const looked = (act: () => void): void => {
    try {
      act()
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof Defect)) throw error
      noticed = true
    }
  }
  const truth = (): void => {
    const { host } = world
    if (host === null) return
    for (const one of world.promised) looked(() => world.checkPromise(host, one))
    looked(() => world.checkAll(host))
  }
  world.start()
  for (let step = 0; step < 80; step += 1) {
    world.send()
    await world.clock.pass(world.random.below(world.random.oneIn(8) ? 12_000 : 4))
    if (step > 20 && world.random.oneIn(12)) flip(world)
  }
  await world.clock.pass(20_000)
  truth()
  if (world.random.oneIn(2)) world.kill()
  else world.crash('all')
  looked(() => void world.start())
  truth()
  return noticed ? 'noticed' : 'harmless'
}

function flip(world: World): void {
  const files = [...world.disk.files()].filter(([, bytes]) => bytes.length > 0)
  const [path, bytes] = world.random.pick(files)
  world.disk.flip(path, world.random.below(bytes.length * 8))
}

/**
 * The operator puts an old copy of the whole disk in place and goes on from there under the log's
 * key. Gives what the follower says of it.
 */
export async function rewrite({ seed }: { readonly seed: number }): Promise<string> {
  const world = new World({ seed })
  const follower = followerOf(world)
  follower.network.healed = true
  const live = async (count: number): Promise<void> => {
    for (let step = 0; step < count; step += 1) {
      world.send()
      await world.clock.pass(200 + world.random.below(2000))
      pollOf(world, follower)
      await world.clock.pass(10)
    }
  }
  world.start()
  await live(8)
  const old = world.disk.crash('all', world.random)
  await live(12 + world.random.below(8))
  const before = new Map(follower.cosigned)
  world.kill()
  world.restore(old)
  world.start()
  await live(40)
  for (const [size, root] of before) assert.equal(follower.cosigned.get(size), root)
  return follower.follower.alarm?.what ?? 'nothing'
}
