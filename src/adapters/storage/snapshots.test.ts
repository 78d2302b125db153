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
import { manifestNames, openStores, readManifest } from './snapshots.ts'

/** In memory where the host has such a place: nothing here is about a real disk's time. */
const place = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const root = fs.mkdtempSync(join(place, 'lianban-stores-'))
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
    { numRuns: 15 },
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

test('a damaged file of a snapshot gives way to the older one, then to the journal', async () => {
  const world = await worldOf([60, 'save', 70, 'save', 20])
  world.stores.close()
  const manifests = filesOf(join(world.at, 'snapshots'))
  assert.equal(manifests.length, 2)
  const newest = JSON.parse(fs.readFileSync(manifests[1]!, 'utf8').split('\n')[1]!) as {
    files: string[]
  }
  const image = join(root, 'image')
  const loadedFrom = (damage: () => void): { height: number; damaged: number } => {
    fs.rmSync(image, { recursive: true, force: true })
    fs.cpSync(world.at, image, { recursive: true })
    damage()
    const copy = new World(image)
    mustEqual(copy.stores, copy.head, world.model)
    copy.stores.close()
    const damaged = copy.stores.damaged.length
    return { height: copy.stores.from?.mark.height ?? 0, damaged }
  }
  const spoil = (path: string): void => {
    const bytes = fs.readFileSync(path)
    bytes[bytes.length >> 1]! ^= 4
    fs.writeFileSync(path, bytes)
  }
  const inImage = (path: string): string => join(image, path.slice(world.at.length))
  assert.deepEqual(
    loadedFrom(() => undefined),
    { height: 2, damaged: 0 },
  )
  assert.deepEqual(
    loadedFrom(() => spoil(inImage(manifests[1]!))),
    { height: 1, damaged: 1 },
  )
  for (const each of manifests) {
    assert.ok(
      loadedFrom(() => fs.writeFileSync(inImage(each), '')).height < 2 || each === manifests[0],
    )
  }
  const both = (): void => manifests.forEach((each) => spoil(inImage(each)))
  assert.deepEqual(loadedFrom(both), { height: 0, damaged: 2 })
  for (const path of newest.files) {
    const { height } = loadedFrom(() => fs.rmSync(join(image, path)))
    assert.ok(height < 2, path)
  }
  assert.deepEqual(
    loadedFrom(() => fs.truncateSync(join(image, 'index/entries'), 0)),
    {
      height: 0,
      damaged: 2,
    },
  )
})

test('a journal that ends before the kept checkpoint is refused, and nothing is cut', async () => {
  for (const script of [
    [30, 20],
    [30, 'save', 20],
  ] as const) {
    const world = await worldOf(script)
    await world.stores.checkpoint.save({ size: 50, text: 'note\n' })
    world.reopen()
    world.check()
    world.stores.close()
    const path = filesOf(join(world.at, 'journal')).at(-1)!
    const { frame } = world.head.mark
    const segment = Number(path.slice(-20, -4))
    const whole = fs.readFileSync(path)
    const gone = whole.subarray(0, frame - segment)
    for (const image of [gone, whole.subarray(0, -1), Buffer.concat([gone, Buffer.alloc(900)])]) {
      fs.writeFileSync(path, image)
      assert.throws(() => openStores(fsDisk(world.at), options), {
        code: 'storage/journal-corrupt',
        fatal: true,
      })
      assert.deepEqual(fs.readFileSync(path), image)
    }
  }
})

test('two snapshots are kept, and files that none of them names are removed', async () => {
  const world = await worldOf([50, 'save', 50, 'save', 50, 'save', 500, 'save', 50, 'save'])
  fs.writeFileSync(join(world.at, 'state/9999999999.chunk'), 'left over')
  fs.writeFileSync(join(world.at, 'snapshots/0000000000000001.json.new'), 'half')
  world.reopen()
  assert.deepEqual(fs.readdirSync(join(world.at, 'snapshots')), [
    '0000000000000004.json',
    '0000000000000005.json',
  ])
  const named = filesOf(join(world.at, 'snapshots')).flatMap(
    (path) =>
      (JSON.parse(fs.readFileSync(path, 'utf8').split('\n')[1]!) as { files: string[] }).files,
  )
  for (const place of ['state', 'seen', 'receipts']) {
    const expected = [...new Set(named)].filter((path) => path.startsWith(place)).toSorted()
    assert.deepEqual(
      fs
        .readdirSync(join(world.at, place))
        .map((name) => `${place}/${name}`)
        .toSorted(),
      expected,
    )
  }
  world.check()
})

/** Opens an image and reads everything; `wrong` is an answer that differs from the model. */
function judged(image: string, model: Model): 'found' | 'harmless' | 'wrong' {
  try {
    const copy = new World(image)
    try {
      mustEqual(copy.stores, copy.head, model)
      return copy.stores.damaged.length > 0 ? 'found' : 'harmless'
    } finally {
      copy.stores.close()
    }
  } catch (error) {
    return error instanceof Failure ? 'found' : 'wrong'
  }
}

/** Bits from one flip to the next; 1 flips every bit of every file and takes minutes. */
const strideAsked = Number(process.env['STORED_FLIPS'] ?? 0)

test(
  'no flipped bit in any file of a ledger is ever an answer',
  { timeout: 3_600_000 },
  async () => {
    const world = await worldOf([9, 'save', 5, 'save', 2])
    await world.stores.checkpoint.save({ size: 14, text: 'note\n' })
    world.stores.close()
    const image = join(root, 'flips')
    fs.cpSync(world.at, image, { recursive: true })
    const counts = { found: 0, harmless: 0, wrong: 0 }
    for (const path of filesOf(world.at)) {
      const whole = fs.readFileSync(path)
      const most = Math.max(41, Math.ceil(whole.length / 2))
      const stride = strideAsked > 0 ? strideAsked : most
      for (let bit = 0; bit < whole.length * 8; bit += stride) {
        const flipped = Buffer.from(whole)
        flipped[bit >> 3]! ^= 1 << (bit & 7)
        fs.rmSync(image, { recursive: true })
        fs.cpSync(world.at, image, { recursive: true })
        fs.writeFileSync(join(image, path.slice(world.at.length)), flipped)
        const verdict = judged(image, world.model)
        counts[verdict] += 1
        assert.notEqual(verdict, 'wrong', `${path.slice(world.at.length)} bit ${bit}`)
      }
    }
    assert.ok(counts.found > 100, JSON.stringify(counts))
  },
)

/** Files of snapshots that no manifest names: they would fill the disk further. */
function unnamed(disk: Disk): readonly string[] {
  const manifests = manifestNames(disk).map((name) => readManifest(disk, name))
  const named = manifests.flatMap((content) => (content as { files: readonly string[] }).files)
  const there = ['state', 'seen', 'receipts'].flatMap((place) =>
    disk.list(place).map((name) => `${place}/${name}`),
  )
  return there.filter((path) => !named.includes(path))
}

test('lack of space during a snapshot loses nothing, and the next succeeds', async () => {
  const at = fresh()
  const disk = fsDisk(at)
  let room = Infinity
  const tight: Disk = {
    open: (path, mode) => disk.open(path, mode),
    size: (file) => disk.size(file),
    read: (file, into, from) => disk.read(file, into, from),
    write: (file, bytes, from) => {
      room -= bytes.length
      if (room < 0) throw new Failure('storage/no-space', false)
      disk.write(file, bytes, from)
    },
    truncate: (file, size) => disk.truncate(file, size),
    sync: (file) => disk.sync(file),
    syncNow: (file) => disk.syncNow(file),
    close: (file) => disk.close(file),
    change: (change) => disk.change(change),
    list: (path) => disk.list(path),
  }
  const world = new World(at, tight)
  world.commit(acts(0, 100))
  await world.save()
  for (let left = 0; left < 20_000; left += 700) {
    world.commit(acts(world.head.size, 20))
    room = left
    await world.save().catch((error: unknown) => {
      assert.ok(error instanceof Failure && error.code === 'storage/no-space' && !error.fatal)
    })
    room = Infinity
    world.check()
    assert.deepEqual(unnamed(disk), [])
  }
  await world.save()
  world.reopen()
  assert.equal(world.stores.from?.mark.height, world.head.mark.height)
  world.check()
})
