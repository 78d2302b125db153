// Claims about archives: any system's tar and sha256sum read them, the same content gives the same
// bytes, and no changed bit goes unnoticed.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { spawnSync } from 'node:child_process'
import { encodeCheckpoint, encodeNote, Frontier, leafHash, parsePolicy } from '#ledger/prove'
import { decodeFrame } from '#ledger/apply'
import { isRefusal } from '#ledger/command'
import { utf8Encode } from '#base/bytes'
import { checkArchive, framesIn, History, parseSums, sumsText, tarFiles } from '#apps/cli/archive'
import { wholeFile, writeArchive } from '#apps/cli/archive'
import type { ExportSource } from '#apps/cli/archive'
import { command, ledgerName, memoryLedger, startTime } from '#test/memory-ledger'
import { logLine, signerOf } from '#test/proofs'
import { scratch } from '#test/lianban'
import { encodeEntryBundle } from '#ledger/prove'

const place = scratch('archive')
after(() => place.remove())
const log = signerOf(ledgerName, 'note')

function history(): { readonly frames: readonly Uint8Array[]; readonly entries: Uint8Array[] } {
  const { frames, block } = memoryLedger()
  for (let at = 1; at <= 4; at += 1) {
    block([command('notes.set', { key: 'a', value: at })], startTime + at * 1000)
  }
  const entries: Uint8Array[] = []
  let previous: Uint8Array = new Uint8Array(32)
  for (const bytes of frames) {
    const frame = decodeFrame(bytes, previous)
    assert.ok(!isRefusal(frame))
    previous = frame.hash
    entries.push(...frame.entries)
  }
  return { frames, entries }
}

const { frames, entries } = history()

function source(): ExportSource {
  const tree = new Frontier()
  for (const entry of entries) tree.append(leafHash(entry))
  const checkpoint = { origin: ledgerName, size: tree.size, root: tree.root() }
  const text = encodeCheckpoint(checkpoint)
  return {
    ledger: ledgerName,
    checkpoint: encodeNote({ text, signatures: [logLine(log, text)] }),
    size: tree.size,
    height: frames.length,
    policy: `log ${log.vkey}\nquorum none\n`,
    frame: (height) => frames[height - 1] as Uint8Array,
    tile: ({ level }) => (level === 'entries' ? encodeEntryBundle(entries) : null),
  }
}

const policy = parsePolicy(utf8Encode(`log ${log.vkey}\nquorum none\n`))
assert.ok(!isRefusal(policy))
const options = { policy, nowMs: startTime }

function write(name: string): string {
  const path = join(place.path, name)
  const file = fs.openSync(path, 'w')
  writeArchive(file, source())
  fs.closeSync(file)
  return path
}

function check(path: string): ReturnType<typeof checkArchive> {
  const file = fs.openSync(path, 'r')
  try {
    return checkArchive(wholeFile(file), options)
  } finally {
    fs.closeSync(file)
  }
}

test('an export holds and comes to the tree of its checkpoint', () => {
  const walked = check(write('whole.tar'))
  assert.ok(!isRefusal(walked))
  assert.deepEqual([walked.height, walked.size], [frames.length, entries.length])
  assert.equal(walked.verdict.grade, 'witnessed')
})

test('the same ledger gives the same archive, byte for byte', () => {
  assert.deepEqual(fs.readFileSync(write('one.tar')), fs.readFileSync(write('two.tar')))
})

test('tar and sha256sum of the system read it', () => {
  const path = write('system.tar')
  const folder = join(place.path, 'system')
  fs.mkdirSync(folder)
  assert.equal(spawnSync('tar', ['-xf', path, '-C', folder]).status, 0)
  const sums = spawnSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: folder })
  assert.equal(sums.status, 0)
})

test('no changed bit of an archive is taken, wherever it stands', () => {
  const path = write('flips.tar')
  const whole = fs.readFileSync(path)
  for (let offset = 0; offset < whole.length; offset += 97) {
    const changed = Buffer.from(whole)
    changed[offset] = (changed[offset] ?? 0) ^ (1 << (offset % 8))
    fs.writeFileSync(path, changed)
    assert.ok(isRefusal(check(path)), `bit at ${offset}`)
  }
  for (const cut of [1, 512, 1024, whole.length >> 1]) {
    fs.writeFileSync(path, whole.subarray(0, whole.length - cut))
    assert.ok(isRefusal(check(path)), `cut by ${cut}`)
  }
})

test('sums have one form', () => {
  const sums = new Map([
    ['b', 'ab'.repeat(32)],
    ['a/c.d', '0'.repeat(64)],
  ])
  const text = sumsText(sums)
  assert.deepEqual(parseSums(utf8Encode(text)), new Map([...sums].toReversed()))
  for (const other of [text.toUpperCase(), text.replace('  ', ' '), text.trimEnd(), `${text}\n`]) {
    assert.equal(parseSums(utf8Encode(other)), null)
  }
  assert.equal(parseSums(utf8Encode(text.replace('a/c.d', '../c'))), null)
})

test('history is refused where a frame, a digest or an entry does not follow', () => {
  const walk = (list: readonly Uint8Array[]): string => {
    const past = new History()
    for (const bytes of list) {
      const taken = past.take(bytes)
      if (isRefusal(taken)) return taken.code
    }
    return 'ok'
  }
  assert.equal(walk(frames), 'ok')
  assert.equal(walk(frames.slice(1)), 'apply/frame-hash')
  assert.equal(walk([...frames.slice(0, 2), ...frames.slice(3)]), 'apply/frame-hash')
})

test('frames are found in a file, and what is none ends them', () => {
  const path = join(place.path, 'frames')
  fs.writeFileSync(path, Buffer.concat([...frames, Buffer.from('torn')]))
  const file = fs.openSync(path, 'r')
  const found = [...framesIn(wholeFile(file))]
  fs.closeSync(file)
  assert.equal(found.length, frames.length + 1)
  assert.equal(found.at(-1), null)
})

test('an archive with two files of one name, or something behind its end, is none', () => {
  const path = write('double.tar')
  const whole = fs.readFileSync(path)
  const twice = Buffer.concat([whole.subarray(0, -1024), whole])
  for (const bytes of [twice, Buffer.concat([whole, Buffer.from('x'.repeat(512))])]) {
    fs.writeFileSync(path, bytes)
    const file = fs.openSync(path, 'r')
    assert.equal(tarFiles(wholeFile(file)), null)
    fs.closeSync(file)
  }
})
