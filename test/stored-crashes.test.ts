// Claims of the stores under power loss: whatever a disk that keeps its word may lose at any point,
// every acknowledged block is there after it, at most the one being written came through as well,
// and every store answers as the model of exactly those blocks. Without syncs the same run fails.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bytes } from '#base/bytes'
import { openStores } from '#adapters/storage'
import { Random } from './simulation/random.ts'
import { crashModes, SimDisk } from './simulation/sim-disk.ts'
import type { Faults } from './simulation/sim-disk.ts'
import { Model, catchUp, frameOf, headJson, mustEqual, take } from './support/stored-ledger.ts'
import type { Act, Head } from './support/stored-ledger.ts'

const options = { seed: 5, chunkBytes: 512, segmentBytes: 2500 }
const soon = (call: () => void): void => queueMicrotask(call)
const runs = Number(process.env['STORED_CRASHES'] ?? 80)

type Blocks = (readonly [Bytes, readonly Act[]])[]

function actsFrom(from: number, count: number, random: Random): Act[] {
  return Array.from({ length: count }, (_, i) => ({
    member: random.pick(['ga', 'mz']),
    id: `id${from + i}`,
    names: ['ga', 'kj', 'mz'].slice(0, 1 + random.below(3)),
    writes: [[`acts/${random.below(30)}`, random.oneIn(4) ? null : { n: from + i }] as const],
    ...(random.oneIn(8) ? { document: `document ${random.below(50)}` } : {}),
  }))
}

/** Commits and saves until the disk fails; gives what was written and how much acknowledged. */
async function run(
  disk: SimDisk,
  random: Random,
): Promise<{ blocks: Blocks; acknowledged: number }> {
  const blocks: Blocks = []
  let acknowledged = 0
  try {
    const stores = openStores(disk, options)
    let head: Head = catchUp(stores)
    let saving: Promise<void> | null = null
    for (let i = 0; i < 60; i += 1) {
      const acts = actsFrom(head.size, random.below(30), random)
      const bytes = frameOf(head, acts)
      blocks.push([bytes, acts])
      const mark = stores.journal.append(bytes)
      if (random.oneIn(2)) stores.journal.syncNow()
      else await stores.journal.sync()
      acknowledged += 1
      head = take(stores, head, { mark, bytes })
      if (saving === null && random.oneIn(5)) {
        saving = stores.save({ mark: head.mark, head: headJson(head) })
        saving.catch(() => undefined)
      } else if (saving !== null && random.oneIn(2)) {
        await saving
        saving = null
      }
    }
    await saving
  } catch (error) {
    assert.equal((error as { fatal?: boolean }).fatal, true, String(error))
  }
  return { blocks, acknowledged }
}

/** What is lost of what was acknowledged, or the error of an opening that fails. */
async function lossOf(
  seed: number,
  faults: Faults,
  loaded: { snapshots: number } = { snapshots: 0 },
): Promise<string | null> {
  const random = new Random(seed)
  const disk = new SimDisk(soon)
  disk.faults = { crashAt: 1 + random.below(1200), ...faults }
  const { blocks, acknowledged } = await run(disk, random)
  const files = disk.crash(random.pick(crashModes), random)
  try {
    const stores = openStores(new SimDisk(soon, files), options)
    const head = catchUp(stores)
    const { height } = head.mark
    if (stores.from !== null) loaded.snapshots += 1
    if (height !== acknowledged && height !== acknowledged + 1) return `${height}/${acknowledged}`
    mustEqual(stores, head, Model.of(blocks.slice(0, height)))
    return null
  } catch (error) {
    return String(error)
  }
}

test('no crash loses an acknowledged block or leaves a store that answers otherwise', async () => {
  const loaded = { snapshots: 0 }
  for (let seed = 1; seed <= runs; seed += 1) {
    assert.equal(await lossOf(seed, {}, loaded), null, `seed ${seed}`)
  }
  assert.ok(loaded.snapshots > runs / 3, String(loaded.snapshots))
})

test('the same run finds a disk that drops syncs', async () => {
  let losses = 0
  for (let seed = 1; seed <= 40; seed += 1) {
    if ((await lossOf(seed, { dropSyncs: true })) !== null) losses += 1
  }
  assert.ok(losses > 10, String(losses))
})

test('the same run finds a disk that drops the syncs of directories', async () => {
  let losses = 0
  for (let seed = 1; seed <= 40; seed += 1) {
    if ((await lossOf(seed, { dropDirectorySyncs: true })) !== null) losses += 1
  }
  assert.ok(losses > 10, String(losses))
})
