// Claims of the indexes over the journal: entries, frames and namings are found from memory and
// from disk alike, and a record that was not made for its place never answers.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { latin1Decode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { decodeFrame, encodeFrame } from '#ledger/apply'
import { isRefusal } from '#ledger/command'
import { leafHash } from '#ledger/prove'
import type { Sealed } from './derived.ts'
import type { Disk } from './disk.ts'
import { fsDisk } from './disk.ts'
import type { EntryIndex } from './entry-index.ts'
import { openEntryIndex, openMemberIndex } from './entry-index.ts'
import { openJournal } from './journal.ts'

/** In memory where the host has such a place: nothing here is about a real disk's time. */
const place = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const root = fs.mkdtempSync(join(place, 'lianban-index-'))
after(() => fs.rmSync(root, { recursive: true }))
let made = 0

function freshDisk(): { disk: Disk; at: string } {
  const at = join(root, String((made += 1)))
  const disk = fsDisk(at)
  for (const path of ['index', 'members']) disk.change({ kind: 'mkdir', path })
  return { disk, at }
}

function write(disk: Disk, sealed: Sealed): Json {
  for (const { path, at, bytes } of sealed.pieces) {
    const file = disk.open(path, 'append')
    disk.write(file, bytes, at)
    disk.close(file)
  }
  const parts = sealed.parts()
  sealed.saved()
  return parts
}

/** A journal of blocks of so many entries each, indexed; `saveAfter` blocks the index is saved. */
function indexed(blocks: readonly number[], saveAfter: number) {
  const { disk, at } = freshDisk()
  const journal = openJournal(disk, { segmentBytes: 600 })
  let index = openEntryIndex(disk, journal)
  const texts: string[] = []
  const heights: number[] = []
  let parts: Json = null
  for (const [i, count] of blocks.entries()) {
    const entries = Array.from(
      { length: count },
      (_, e) => `entry ${texts.length + e} ${'z'.repeat(e * 7)}`,
    )
    const bytes = encodeFrame(
      {
        height: i + 1,
        time: i,
        code: new Uint8Array(32),
        stateDigest: new Uint8Array(32),
        firstEntry: texts.length,
        entries,
        writes: [...entries.map(() => '[]'), '[]'],
        documents: [],
      },
      journal.end.hash,
    )
    const previous = journal.end.hash
    const mark = journal.append(bytes)
    journal.syncNow()
    const frame = decodeFrame(bytes, previous)
    assert.ok(!isRefusal(frame))
    index.add(
      mark,
      frame,
      frame.entries.map((entry) => leafHash(entry)),
    )
    texts.push(...entries)
    heights.push(...entries.map(() => i + 1))
    if (i + 1 === saveAfter) parts = write(disk, index.seal())
  }
  if (saveAfter === blocks.length) index = openEntryIndex(disk, journal, parts)
  return { disk, at, journal, index, texts, heights, parts }
}

function mustAnswer(index: EntryIndex, texts: readonly string[], heights: readonly number[]): void {
  assert.equal(index.size, texts.length)
  for (const [i, text] of texts.entries()) {
    assert.equal(latin1Decode(index.entry(i)), text)
    assert.equal(index.heightOf(i), heights[i])
  }
  for (let from = 0; from <= texts.length; from += 3) {
    const count = Math.min(7, texts.length - from)
    assert.deepEqual(index.entries(from, count).map(latin1Decode), texts.slice(from, from + count))
  }
}

test('entries and heights are found, in memory, on disk and across the two', () => {
  const script = fc.tuple(fc.array(fc.nat(9), { minLength: 1, maxLength: 12 }), fc.nat(12))
  fc.assert(
    fc.property(script, ([blocks, saveAfter]) => {
      const { index, texts, heights } = indexed(blocks, saveAfter)
      mustAnswer(index, texts, heights)
      for (let height = 1; height <= blocks.length; height += 1) {
        const bytes = index.frame(height)
        assert.equal(Buffer.from(bytes).readBigUInt64BE(40), BigInt(height))
        assert.equal(index.frameOf(height).entryCount, blocks[height - 1])
      }
    }),
    { numRuns: 60 },
  )
})

test('a record of another entry does not answer for this one', () => {
  const { disk, at, journal, parts } = indexed([4, 4], 2)
  const path = join(at, 'index/entries')
  const whole = fs.readFileSync(path)
  for (let a = 0; a < 8; a += 1) {
    for (let b = 0; b < 8; b += 1) {
      if (a === b) continue
      const image = Buffer.from(whole)
      whole.copy(image, a * 16, b * 16, b * 16 + 16)
      fs.writeFileSync(path, image)
      const index = openEntryIndex(disk, journal, parts)
      assert.throws(() => index.entry(a), { code: 'storage/corrupt', fatal: false })
      assert.throws(() => index.entries(0, 8), { code: 'storage/corrupt' })
      index.close()
    }
  }
})

test('a flipped bit in the index is said and never answers', () => {
  const { disk, at, journal, parts, texts, heights } = indexed([2, 0, 3], 3)
  for (const name of ['entries', 'frames']) {
    const path = join(at, 'index', name)
    const whole = fs.readFileSync(path)
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const image = Buffer.from(whole)
      image[bit >> 3]! ^= 1 << (bit & 7)
      fs.writeFileSync(path, image)
      const index = openEntryIndex(disk, journal, parts)
      assert.throws(
        () => {
          mustAnswer(index, texts, heights)
          for (let height = 1; height <= 3; height += 1) index.frame(height)
        },
        { code: 'storage/corrupt' },
        `${name} bit ${bit}`,
      )
      index.close()
    }
    fs.writeFileSync(path, whole)
  }
})

test('namings equal lists, in memory, on disk and across the two', () => {
  const step = fc.record({
    members: fc.subarray(['ga', 'mz', 'kj']),
    skip: fc.nat(5),
    save: fc.nat(9),
  })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 80, size: 'max' }),
      fc.nat(100),
      fc.nat(10),
      (script, from, limit) => {
        const { disk } = freshDisk()
        let index = openMemberIndex(disk)
        const model: Record<string, number[]> = { ga: [], mz: [], kj: [] }
        let entry = 0
        for (const { members, skip, save } of script) {
          for (const member of members) {
            index.add(member, entry)
            index.add(member, entry)
            model[member]!.push(entry)
          }
          entry += 1 + skip
          if (save === 0) index = openMemberIndex(disk, write(disk, index.seal()))
          if (save === 1) write(disk, index.seal())
        }
        for (const member of ['ga', 'mz', 'kj']) {
          const wanted = model[member]!.filter((each) => each >= from).slice(0, limit)
          assert.deepEqual(index.entries(member, from, limit), wanted)
          assert.equal(index.count(member), model[member]!.length)
        }
        index.close()
      },
    ),
    { numRuns: 60 },
  )
})

test('entry indexes beyond 32 bits are kept whole', () => {
  const { disk } = freshDisk()
  const index = openMemberIndex(disk)
  const large = [5, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 3]
  for (const entry of large) index.add('ga', entry)
  assert.deepEqual(openMemberIndex(disk, write(disk, index.seal())).entries('ga', 0, 9), large)
})

test('a naming that was changed, or belongs to another place or member, is said', () => {
  const { disk, at } = freshDisk()
  const index = openMemberIndex(disk)
  for (let i = 0; i < 6; i += 1) {
    index.add('ga', i * 2)
    index.add('mz', i * 2)
  }
  const parts = write(disk, index.seal())
  const path = join(at, 'members', 'ga')
  const whole = fs.readFileSync(path)
  const mustFail = (image: Buffer): void => {
    fs.writeFileSync(path, image)
    assert.throws(() => openMemberIndex(disk, parts).entries('ga', 0, 9), {
      code: 'storage/corrupt',
    })
  }
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const image = Buffer.from(whole)
    image[bit >> 3]! ^= 1 << (bit & 7)
    mustFail(image)
  }
  const swapped = Buffer.from(whole)
  whole.copy(swapped, 0, 10, 20)
  mustFail(swapped)
  mustFail(fs.readFileSync(join(at, 'members', 'mz')))
  mustFail(whole.subarray(0, 59))
})

test('only a member code becomes a file name', () => {
  const index = openMemberIndex(freshDisk().disk)
  for (const name of ['../state', 'A', '', 'a/b']) {
    assert.throws(() => index.add(name, 1), { name: 'Defect' })
  }
})

test('an index of many members holds no file open for each of them', () => {
  const { disk } = freshDisk()
  const index = openMemberIndex(disk)
  for (let n = 0; n < 300; n += 1) index.add(`m${n}`, n)
  const parts = write(disk, index.seal())
  let held = 0
  const counting: Disk = {
    open: (path, mode) => {
      held += 1
      return disk.open(path, mode)
    },
    size: (file) => disk.size(file),
    read: (file, into, from) => disk.read(file, into, from),
    write: (file, bytes, from) => disk.write(file, bytes, from),
    truncate: (file, size) => disk.truncate(file, size),
    sync: (file) => disk.sync(file),
    syncNow: (file) => disk.syncNow(file),
    close: (file) => {
      held -= 1
      disk.close(file)
    },
    change: (change) => disk.change(change),
    list: (path) => disk.list(path),
  }
  const again = openMemberIndex(counting, parts)
  assert.equal(held, 0)
  assert.deepEqual(again.entries('m7', 0, 10), [7])
  again.close()
})
