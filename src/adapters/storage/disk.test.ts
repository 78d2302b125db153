// What the real disk does beyond the contract that all disks share (test/support/disk-contract.ts).
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fsDisk, lockDirectory } from './disk.ts'

const root = fs.mkdtempSync(join(tmpdir(), 'lianban-disk-'))
after(() => fs.rmSync(root, { recursive: true }))
let made = 0
const fresh = (): string => join(root, String((made += 1)))

test('files and directories are the owner’s alone', () => {
  const at = fresh()
  const disk = fsDisk(at)
  disk.change({ kind: 'mkdir', path: 'd' })
  disk.close(disk.open('d/a', 'append'))
  assert.equal(fs.statSync(at).mode & 0o777, 0o700)
  assert.equal(fs.statSync(join(at, 'd')).mode & 0o777, 0o700)
  assert.equal(fs.statSync(join(at, 'd/a')).mode & 0o777, 0o600)
})

test('after a failed write everything that writes fails, and reading goes on', () => {
  const disk = fsDisk(fresh())
  const good = disk.open('a', 'append')
  disk.write(good, Uint8Array.of(5), 0)
  const readOnly = disk.open('a', 'read')
  const failure = { code: 'storage/write-failed', fatal: true }
  assert.throws(() => disk.write(readOnly, Uint8Array.of(1), 0), failure)
  assert.throws(() => disk.write(good, Uint8Array.of(1), 0), failure)
  assert.throws(() => disk.truncate(good, 0), failure)
  assert.throws(() => disk.syncNow(good), failure)
  assert.throws(() => disk.open('b', 'append'), failure)
  assert.throws(() => disk.change({ kind: 'remove', path: 'a' }), failure)
  assert.equal(disk.read(good, new Uint8Array(1), 0), 1)
})

test('a failed sync is fatal and latched', async () => {
  const disk = fsDisk(fresh())
  const file = disk.open('a', 'append')
  disk.close(file)
  await assert.rejects(() => disk.sync(file), { code: 'storage/sync-failed', fatal: true })
  assert.throws(() => disk.open('b', 'create'), { code: 'storage/sync-failed', fatal: true })
})

const full = fs.existsSync('/dev/full') ? false : 'this host has no /dev/full'
test('lack of space is not fatal and not latched', { skip: full }, () => {
  const at = fresh()
  const disk = fsDisk(at)
  fs.symlinkSync('/dev/full', join(at, 'full'))
  const file = disk.open('full', 'append')
  assert.throws(() => disk.write(file, Uint8Array.of(1), 0), {
    code: 'storage/no-space',
    fatal: false,
  })
  const other = disk.open('a', 'append')
  disk.write(other, Uint8Array.of(1), 0)
  assert.equal(disk.size(other), 1)
})

test('a directory has one holder, and is free after it lets go', () => {
  const at = fresh()
  const release = lockDirectory(at)
  assert.throws(() => lockDirectory(at), { code: 'storage/locked', fatal: true })
  release()
  lockDirectory(at)()
  assert.deepEqual(fs.readdirSync(at), [])
})

test('the lock of a process that is gone is taken over', () => {
  const at = fresh()
  fs.mkdirSync(at)
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  fs.writeFileSync(join(at, 'lock'), `${pid} 1 boot`)
  const release = lockDirectory(at)
  assert.equal(fs.readFileSync(join(at, 'lock'), 'latin1').split(' ')[0], String(process.pid))
  release()
})

const proc = fs.existsSync('/proc/self/stat') ? false : 'this host has no /proc'
test('a lock with the id of a process that began later is stale', { skip: proc }, () => {
  const at = fresh()
  const release = lockDirectory(at)
  const lock = fs.readFileSync(join(at, 'lock'), 'latin1')
  release()
  fs.writeFileSync(join(at, 'lock'), lock.replace(/ [0-9]+ /, ' 1 '))
  lockDirectory(at)()
})

test('a lock file that says nothing is taken over', () => {
  const at = fresh()
  fs.mkdirSync(at)
  fs.writeFileSync(join(at, 'lock'), '')
  lockDirectory(at)()
})
