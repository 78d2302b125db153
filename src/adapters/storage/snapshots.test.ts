// Claims of the stores together: whenever the process ends, what opens again equals what was
// committed; a damaged snapshot gives way to the older one and that to the journal; no flipped bit
// in any file is ever an answer; lack of space loses nothing.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { Model, catchUp, frameOf, headJson, mustEqual, take } from '#test/stored-ledger'
import type { Act, Head } from '#test/stored-ledger'
import type { Disk } from './disk.ts'
import { Failure, fsDisk } from './disk.ts'
import type { Stores } from './snapshots.ts'
import { openStores } from './snapshots.ts'

const root = fs.mkdtempSync(join(tmpdir(), 'lianban-stores-'))
after(() => fs.rmSync(root, { recursive: true }))
let made = 0
const fresh = (): string => join(root, String((made += 1)))
const options = { seed: 7, chunkBytes: 400, segmentBytes: 3000 }

/** A ledger in a directory with the model that it must equal. */
class World {
  readonly at: string
  stores: Stores
  head: Head
  readonly model = new Model()

  constructor(at: string, disk: Disk = fsDisk(at)) {
    this.at = at
    this.stores = openStores(disk, options)
    this.head = catchUp(this.stores)
  }

  commit(acts: readonly Act[]): void {
    const bytes = frameOf(this.head, acts)
    const mark = this.stores.journal.append(bytes)
    this.stores.journal.syncNow()
    this.model.add(bytes, acts)
    this.head = take(this.stores, this.head, { mark, bytes })
  }

  save(): Promise<void> {
    return this.stores.save({ mark: this.head.mark, head: headJson(this.head) })
  }

  /** Opens again without closing: the process was killed. */
  reopen(): void {
    this.stores.close()
    this.stores = openStores(fsDisk(this.at), { ...options, seed: made })
    this.head = catchUp(this.stores)
  }

  check(): void {
    mustEqual(this.stores, this.head, this.model)
  }
}

function act(n: number, extra: Partial<Act> = {}): Act {
  return {
    member: n % 2 === 0 ? 'ga' : 'mz',
    id: `id${n}`,
    names: n % 3 === 0 ? ['kj', 'ga'] : ['ga'],
    writes: [[`acts/${n % 17}`, n % 5 === 0 ? null : { n }]],
    ...(n % 11 === 0 ? { document: `document ${n}` } : {}),
    ...extra,
  }
}

const acts = (from: number, count: number): Act[] =>
  Array.from({ length: count }, (_, i) => act(from + i))

async function worldOf(script: readonly (number | 'save')[]): Promise<World> {
  const world = new World(fresh())
  for (const step of script) {
    if (step === 'save') await world.save()
    else world.commit(acts(world.head.size, step))
  }
  return world
}

/** Every file below a directory, as paths. */
function filesOf(at: string): string[] {
  return fs
    .readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

test('what opens again equals what was committed, over saves and ends at any step', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.nat(40) },
    { weight: 2, arbitrary: fc.constant('save' as const) },
    { weight: 2, arbitrary: fc.constant('reopen' as const) },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 4, maxLength: 30, size: 'max' }),
      async (script) => {
        const world = new World(fresh())
        for (const each of script) {
          if (each === 'save') await world.save()
          else if (each === 'reopen') world.reopen()
          else world.commit(acts(world.head.size, each))
        }
        world.check()
        world.reopen()
        world.check()
        world.stores.close()
        fs.rmSync(world.at, { recursive: true })
      },
    ),
    { numRuns: 25 },
  )
})

test('writing goes on while a snapshot is written, and the snapshot is of its moment', async () => {
  const world = await worldOf([300, 'save', 500])
  const saving = world.save()
  for (let i = 0; i < 20; i += 1) {
    world.commit(acts(world.head.size, 30))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await saving
  world.check()
  world.reopen()
  assert.equal(world.stores.from?.mark.height, 2)
  world.check()
})
