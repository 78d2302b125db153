// Claims of the journal: whatever a crash leaves behind, the durable frames come back whole and in
// order; damage of any durable byte is said, and never taken for a torn end.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { encodeFrame } from '#ledger/apply'
import type { Disk } from './disk.ts'
import { Failure, fsDisk } from './disk.ts'
import type { Journal, JournalMark } from './journal.ts'
import { journalStart, openJournal } from './journal.ts'

/** In memory where the host has such a place: nothing here is about a real disk's time. */
const place = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const root = fs.mkdtempSync(join(place, 'lianban-journal-'))
after(() => fs.rmSync(root, { recursive: true }))
let made = 0
const fresh = (): string => join(root, String((made += 1)))
const firstSegment = 'journal/0000000000000000.seg'

function frameAfter(mark: JournalMark, entries: readonly string[]): Uint8Array {
  const content = {
    height: mark.height + 1,
    time: 1_800_000_000_000 + mark.height,
    code: new Uint8Array(32).fill(3),
    stateDigest: new Uint8Array(32).fill(mark.height + 1),
    firstEntry: mark.height,
    entries,
    writes: [...entries.map(() => '[]'), '[["a",1]]'],
    documents: [],
  }
  return encodeFrame(content, mark.hash)
}

function filled(journal: Journal, lengths: readonly number[]): Uint8Array[] {
  return lengths.map((length) => {
    const frame = frameAfter(journal.end, ['x'.repeat(length)])
    journal.append(frame)
    journal.syncNow()
    return frame
  })
}

/** A journal of frames with entries of these lengths, closed; gives its directory and frames. */
function ledger(lengths: readonly number[], segmentBytes = 2 ** 20) {
  const at = fresh()
  const journal = openJournal(fsDisk(at), { segmentBytes })
  const frames = filled(journal, lengths)
  const { end } = journal
  journal.close()
  return { at, frames, end }
}

const heightsOf = (journal: Journal): number[] =>
  [...journal.frames(journalStart)].map(({ mark }) => mark.height)

function reopened(at: string): Journal {
  const journal = openJournal(fsDisk(at))
  journal.close()
  return journal
}

test('frames come back as they were written, over segments', () => {
  const { at, frames } = ledger([10, 700, 300, 30, 5], 400)
  assert.ok(fs.readdirSync(join(at, 'journal')).length > 2)
  const journal = openJournal(fsDisk(at), { segmentBytes: 400 })
  assert.deepEqual(
    [...journal.frames(journalStart)].map(({ bytes }) => Buffer.from(bytes)),
    frames.map((frame) => Buffer.from(frame)),
  )
  const { mark } = [...journal.frames(journalStart)][2]!
  assert.deepEqual(
    [...journal.frames(mark)].map((frame) => frame.mark.height),
    [4, 5],
  )
  filled(journal, [8])
  assert.equal(journal.durable.height, 6)
  journal.close()
})

test('a frame longer than the reading window comes back whole', () => {
  const at = fresh()
  const journal = openJournal(fsDisk(at))
  const entries = Array.from({ length: 40 }, () => 'y'.repeat(60_000))
  journal.append(frameAfter(journal.end, entries))
  journal.syncNow()
  filled(journal, [1, 2])
  journal.close()
  assert.deepEqual(heightsOf(openJournal(fsDisk(at))), [1, 2, 3])
})

test('a journal cut at any byte of its last frame keeps exactly the frames before', () => {
  const { at, frames, end } = ledger([30, 600])
  const path = join(at, firstSegment)
  const whole = fs.readFileSync(path)
  for (let size = end.frame; size < end.end; size += 1) {
    fs.writeFileSync(path, whole.subarray(0, size))
    const journal = reopened(at)
    assert.equal(journal.durable.height, 1)
    assert.equal(fs.statSync(path).size, frames[0]!.length)
  }
  fs.writeFileSync(path, whole)
  assert.equal(reopened(at).durable.height, 2)
})

test('a last frame is torn when any of its sectors is missing', () => {
  const { at, end } = ledger([30, 2000])
  const path = join(at, firstSegment)
  const whole = fs.readFileSync(path)
  const sectors = Math.ceil(whole.length / 512)
  const first = Math.floor(end.frame / 512)
  for (let missing = 1; missing < 2 ** (sectors - first); missing += 1) {
    const image = Buffer.from(whole)
    for (let i = first; i < sectors; i += 1) {
      if ((missing >> (i - first)) % 2 === 1) {
        image.fill(0, Math.max(end.frame, i * 512), Math.min(image.length, (i + 1) * 512))
      }
    }
    fs.writeFileSync(path, image)
    assert.equal(reopened(at).durable.height, 1)
  }
})

test('a file that grew without a byte of the frame keeps the frames before', () => {
  const { at, end } = ledger([30, 40])
  fs.appendFileSync(join(at, firstSegment), new Uint8Array(5000))
  const journal = reopened(at)
  assert.deepEqual(journal.durable, end)
})

test('a flipped bit anywhere in a journal is said at opening', () => {
  const { at } = ledger([25, 3, 520])
  const path = join(at, firstSegment)
  const whole = fs.readFileSync(path)
  for (let byte = 0; byte < whole.length; byte += 1) {
    const image = Buffer.from(whole)
    image[byte]! ^= 1 << ((byte * 5) % 8)
    fs.writeFileSync(path, image)
    assert.throws(() => openJournal(fsDisk(at)), { code: 'storage/journal-corrupt', fatal: true })
    assert.deepEqual(fs.readFileSync(path), image)
  }
})

test('a zeroed block before the last frame is damage, not a torn end', () => {
  const { at, end } = ledger([1500, 1500, 1500, 40])
  const path = join(at, firstSegment)
  const whole = fs.readFileSync(path)
  for (let from = 0; from + 1024 < end.frame; from += 100) {
    fs.writeFileSync(path, Buffer.from(whole).fill(0, from, from + 1024))
    assert.throws(() => openJournal(fsDisk(at)), { code: 'storage/journal-corrupt' })
  }
})

test('frames that changed places are damage', () => {
  const { at, frames } = ledger([50, 50, 50])
  const [a, b, c] = frames as [Uint8Array, Uint8Array, Uint8Array]
  fs.writeFileSync(join(at, firstSegment), Buffer.concat([a, c, b]))
  assert.throws(() => openJournal(fsDisk(at)), { code: 'storage/journal-corrupt' })
})

test('a missing segment is damage', () => {
  const { at } = ledger([400, 400, 400], 300)
  const names = fs.readdirSync(join(at, 'journal')).toSorted()
  for (const name of names.slice(0, -1)) {
    const path = join(at, 'journal', name)
    const content = fs.readFileSync(path)
    fs.rmSync(path)
    assert.throws(() => openJournal(fsDisk(at)), { code: 'storage/journal-corrupt' })
    fs.writeFileSync(path, content)
  }
  assert.equal(reopened(at).durable.height, 3)
})

test('opening from a mark reads only what follows, and a journal that lost it is refused', () => {
  const { at, end } = ledger([30, 40, 50])
  const path = join(at, firstSegment)
  const whole = fs.readFileSync(path)
  const marks = [...openJournal(fsDisk(at)).frames(journalStart)].map(({ mark }) => mark)
  for (const from of marks) {
    const journal = openJournal(fsDisk(at), { from })
    assert.deepEqual(journal.durable, end)
    journal.close()
  }
  fs.writeFileSync(path, whole.subarray(0, end.end - 1))
  assert.throws(() => openJournal(fsDisk(at), { from: end }), { code: 'storage/journal-corrupt' })
  assert.throws(
    () => openJournal(fsDisk(at), { from: { ...marks[0]!, hash: new Uint8Array(32) } }),
    { code: 'storage/journal-corrupt' },
  )
})

test('one frame at a time is less than durable', async () => {
  const journal = openJournal(fsDisk(fresh()))
  journal.append(frameAfter(journal.end, ['a']))
  assert.equal(journal.durable.height, 0)
  assert.throws(() => journal.append(frameAfter(journal.end, ['b'])), { name: 'Defect' })
  const synced = journal.sync()
  assert.equal(journal.durable.height, 0)
  assert.throws(() => journal.append(frameAfter(journal.end, ['b'])), { name: 'Defect' })
  await synced
  assert.equal(journal.durable.height, 1)
  journal.append(frameAfter(journal.end, ['b']))
  journal.cutBack()
  assert.equal(journal.end.height, 1)
  journal.close()
})

/** A disk whose writes stop half-way while `full` says so, as a full disk does. */
function fillable(disk: Disk, state: { full: boolean }): Disk {
  const over = Object.create(disk) as Disk
  for (const name of [
    'open',
    'size',
    'read',
    'truncate',
    'sync',
    'syncNow',
    'close',
    'change',
    'list',
  ] as const) {
    Object.assign(over, {
      [name]: (...args: never[]) => (disk[name] as (...all: never[]) => unknown)(...args),
    })
  }
  over.write = (file, bytes, at) => {
    disk.write(file, state.full ? bytes.subarray(0, bytes.length >> 1) : bytes, at)
    if (state.full) throw new Failure('storage/no-space', false)
  }
  return over
}

for (const segmentBytes of [100, 2 ** 20]) {
  test(`a full disk leaves what is durable and writing resumes, by ${segmentBytes}`, () => {
    const at = fresh()
    const state = { full: false }
    const journal = openJournal(fillable(fsDisk(at), state), { segmentBytes })
    filled(journal, [20, 30])
    const before = journal.durable
    state.full = true
    assert.throws(() => filled(journal, [300]), { code: 'storage/no-space', fatal: false })
    journal.cutBack()
    assert.deepEqual(journal.durable, before)
    assert.throws(() => filled(journal, [300]), { code: 'storage/no-space' })
    assert.deepEqual(heightsOf(journal), [1, 2])
    journal.cutBack()
    state.full = false
    filled(journal, [2, 10])
    assert.deepEqual(heightsOf(journal), [1, 2, 3, 4])
    journal.close()
    assert.equal(reopened(at).durable.height, 4)
  })
}

test('what a killed process left unsynced is durable before it counts', () => {
  const at = fresh()
  const journal = openJournal(fsDisk(at))
  journal.append(frameAfter(journal.end, ['a']))
  journal.close()
  const disk = fsDisk(at)
  const paths = new Map<number, string>()
  const durable: string[] = []
  const watched: Disk = {
    ...disk,
    open: (path, mode) => {
      const file = disk.open(path, mode)
      paths.set(file, path)
      return file
    },
    size: (file) => disk.size(file),
    read: (file, into, from) => disk.read(file, into, from),
    write: (file, bytes, from) => disk.write(file, bytes, from),
    truncate: (file, size) => disk.truncate(file, size),
    sync: (file) => disk.sync(file),
    syncNow: (file) => {
      disk.syncNow(file)
      durable.push(paths.get(file) ?? '')
    },
    close: (file) => disk.close(file),
    change: (change) => {
      disk.change(change)
      if (change.kind === 'syncDir') durable.push(change.path)
    },
    list: (path) => disk.list(path),
  }
  const again = openJournal(watched)
  assert.equal(again.durable.height, 1)
  assert.deepEqual(durable.toSorted(), ['journal', firstSegment])
  again.close()
})
