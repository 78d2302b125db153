// Power loss: at a random operation the machine loses what was not synced, in one of five ways, and
// the ledger must still hold everything that it had acknowledged. The same run with syncs that do
// nothing must fail, or the test would prove nothing.
import { World } from '#simulation/world'
import { Failure } from '#adapters/storage'
import { crashModes } from '#simulation/sim-disk'
import type { Faults } from '#simulation/sim-disk'

export type Images = {
  readonly images: number
  readonly acknowledged: number
  readonly lost: number
  readonly first: string
}

/** So many crash images; every mode of losing in turn. */
export async function run(options: {
  readonly count: number
  readonly seed: number
  readonly faults?: Faults
}): Promise<Images> {
  const result = { images: 0, acknowledged: 0, lost: 0, first: '' }
  for (let i = 0; i < options.count; i += 1) {
    const world = new World({
      seed: options.seed + i,
      ...(options.faults ? { faults: options.faults } : {}),
    })
    try {
      await life(world)
      world.crash(crashModes[i % crashModes.length] ?? 'torn')
      delete world.disk.faults.crashAt
      world.start()
      world.check()
    } catch (error) {
      result.lost += 1
      if (result.first === '')
        result.first = `seed ${options.seed + i}: ${String(error).slice(0, 200)}`
    }
    result.images += 1
    result.acknowledged += world.promised.length
  }
  return result
}

async function life(world: World): Promise<void> {
  world.disk.faults.crashAt = 10 + world.random.below(120)
  try {
    world.start()
    for (let step = 0; step < 40 && !world.disk.powerLost; step += 1) {
      world.send()
      await world.clock.pass(world.random.below(world.random.oneIn(8) ? 12_000 : 4))
    }
  } catch (error) {
    if (!(error instanceof Failure) || !world.disk.powerLost) throw error
  }
}
