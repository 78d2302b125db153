// Claims of the scrub: a sound ledger has no findings, whatever was saved and loaded; every kind of
// damage, old but whole content included, is one; and it goes in steps with progress.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { encodeCheckpoint } from '#ledger/prove'
import { Model, catchUp, frameOf, headJson, mustEqual, take } from '#test/stored-ledger'
import type { Act, Head } from '#test/stored-ledger'
import { fsDisk } from './disk.ts'
import { scrub } from './scrub.ts'
import type { ScrubReport } from './scrub.ts'
import type { Stores } from './snapshots.ts'
import { openStores } from './snapshots.ts'

/** In memory where the host has such a place: nothing here is about a real disk's time. */
const place = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const root = fs.mkdtempSync(join(place, 'lianban-scrub-'))
after(() => fs.rmSync(root, { recursive: true }))
const options = { seed: 3, chunkBytes: 1024, segmentBytes: 20_000 }

const act = (n: number): Act => ({
  member: 'ga',
  id: `id${n}`,
  names: n % 2 === 0 ? ['ga', 'mz'] : ['ga'],
  writes: [
    [`acts/${n % 40}`, n % 7 === 0 ? null : { n, s: 'a]},b', l: [1, [2, {}]] }],
    [`more/${n % 9}`, n % 2 === 0 ? 'x,[' : -n],
  ],
  ...(n % 50 === 0 ? { document: `document ${n}` } : {}),
})

function open(at: string): { stores: Stores; head: Head } {
  const stores = openStores(fsDisk(at), options)
  return { stores, head: catchUp(stores) }
}

/** A closed ledger of 600 entries in 12 frames with two snapshots and a checkpoint. */
async function build(at: string): Promise<Model> {
  const held = open(at)
  const model = new Model()
  for (let block = 0; block < 12; block += 1) {
    const acts = Array.from({ length: 50 }, (_, i) => act(block * 50 + i))
    const bytes = frameOf(held.head, acts)
    const mark = held.stores.journal.append(bytes)
    held.stores.journal.syncNow()
    held.head = take(held.stores, held.head, { mark, bytes })
    model.add(bytes, acts)
    if (block === 6 || block === 10) {
      await held.stores.save({ mark: held.head.mark, head: headJson(held.head) })
    }
    if (block === 8) {
      const { size } = held.head
      const text = encodeCheckpoint({ origin: 'test', size, root: held.head.frontier.root() })
      await held.stores.checkpoint.save({ size, text: `${text}\n— test AAAAAAAA\n` })
    }
  }
  held.stores.close()
  return model
}

function scrubbed(stores: Stores, at: string): ScrubReport & { readonly steps: number } {
  const run = scrub(fsDisk(at), stores)
  let steps = 0
  for (let next = run.next(); ; next = run.next()) {
    if (next.done === true) return { ...next.value, steps }
    assert.ok(next.value.done <= next.value.of)
    steps += 1
  }
}

const sound = join(root, 'sound')
const model = await build(sound)
let copies = 0

/** A copy of the sound ledger, opened; `spoil` changes its files first, or after the opening. */
function copy(spoil: {
  before?: (at: string) => void
  after?: (at: string, stores: Stores) => void
}) {
  const at = join(root, `copy${(copies += 1)}`)
  fs.cpSync(sound, at, { recursive: true })
  spoil.before?.(at)
  const { stores, head } = open(at)
  spoil.after?.(at, stores)
  return { at, stores, head, report: scrubbed(stores, at) }
}

const filesFound = ({ findings }: ScrubReport): string[] => findings.map(({ file }) => file)

function flip(path: string, byte = 20): void {
  const bytes = fs.readFileSync(path)
  bytes[byte]! ^= 8
  fs.writeFileSync(path, bytes)
}

const firstIn = (at: string, name: string): string =>
  join(at, name, fs.readdirSync(join(at, name)).toSorted()[0]!)

test('a sound ledger has no findings and every byte of its journal was read', () => {
  const { report, stores } = copy({})
  assert.deepEqual(report.findings, [])
  assert.equal(report.frames, 12)
  assert.equal(report.entries, 600)
  assert.equal(report.bytes, stores.journal.durable.end)
  assert.ok(report.steps > 12)
})

test('a changed byte of any store is found by its file', () => {
  const spoilers: Record<string, (at: string) => void> = {
    journal: (at) => flip(firstIn(at, 'journal'), 3000),
    index: (at) => flip(join(at, 'index/entries'), 1605),
    members: (at) => flip(join(at, 'members', 'mz'), 100),
    documents: (at) => {
      const directory = firstIn(at, 'documents')
      flip(join(directory, fs.readdirSync(directory)[0]!), 2)
    },
    'tiles/0/000': (at) => flip(join(at, 'tiles/0/000'), 5000),
    checkpoint: (at) => flip(join(at, 'checkpoint'), 60),
    'snapshots/0000000000000011.json': (at) =>
      flip(join(at, 'snapshots/0000000000000011.json'), 90),
    'snapshots/0000000000000007.json': (at) => flip(join(at, 'snapshots/0000000000000007.json'), 9),
  }
  for (const [file, spoil] of Object.entries(spoilers)) {
    const { report } = copy({ after: spoil })
    assert.ok(filesFound(report).includes(file), `${file}: ${filesFound(report).join(' ')}`)
  }
  for (const store of ['state', 'seen', 'receipts']) {
    const { report } = copy({ after: (at) => flip(firstIn(at, store)) })
    assert.match(filesFound(report).join(' '), /snapshots/, store)
  }
})

test('old but whole content is found: a tile of another place, an index of another frame', () => {
  const tile = copy({
    after: (at) => fs.copyFileSync(join(at, 'tiles/0/000'), join(at, 'tiles/0/001')),
  })
  assert.deepEqual(filesFound(tile.report), ['tiles/0/001'])
  const index = copy({
    after: (at) => {
      const bytes = fs.readFileSync(join(at, 'index/frames'))
      bytes.copy(bytes, 16, 32, 48)
      fs.writeFileSync(join(at, 'index/frames'), bytes)
    },
  })
  assert.deepEqual(filesFound(index.report), ['index'])
})

test('a state that the recorded writes do not give is found', () => {
  for (const [key, text] of [
    ['acts/3', '{"n":1}'],
    ['acts/3', null],
    ['acts/new', '1'],
  ] as const) {
    const { report } = copy({ after: (_, stores) => stores.state.apply(key, text) })
    assert.deepEqual(filesFound(report), ['state'])
  }
})

test('a checkpoint that the journal does not give is found', async () => {
  for (const [size, text] of [
    [450, encodeCheckpoint({ origin: 'test', size: 450, root: new Uint8Array(32) })],
    [601, encodeCheckpoint({ origin: 'test', size: 601, root: new Uint8Array(32) })],
  ] as const) {
    const { at, stores } = copy({})
    await stores.checkpoint.save({ size, text: `${text}\n— test AAAAAAAA\n` })
    assert.deepEqual(filesFound(scrubbed(stores, at)), ['checkpoint'])
  }
})

test('a tile that was found is whole after the next snapshot', async () => {
  const { at, stores, head, report } = copy({
    before: (path) => fs.rmSync(join(path, 'tiles/0/000')),
  })
  assert.deepEqual(filesFound(report), ['tiles/0/000'])
  await stores.save({ mark: head.mark, head: headJson(head) })
  assert.deepEqual(scrubbed(stores, at).findings, [])
  mustEqual(stores, head, model)
})
