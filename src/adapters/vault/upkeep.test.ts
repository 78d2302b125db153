// Backups of a vault bring back what was stored and nothing that was erased, and an inspection
// finds what ails it. Key files and their shares are the other half.
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fsDisk, lockDirectory } from '#adapters/storage'
import { Random } from '#simulation/random'
import { SimDisk } from '#simulation/sim-disk'
import { commitmentTo, homeTitle, recordId, vaultKek } from '#test/vault-records'
import { addKek, backupVault, dropOldKeks, inspectVault, joinKey } from './index.ts'
import { keysBackupMs, makeKek, openKek, openVault, restoreVault, splitKey } from './index.ts'
import type { BackupTarget, Kek, RestoreOptions, Vault } from './index.ts'

const nowMs = 1_800_000_000_000
const member = 'housing'
const diskOf = (files?: Map<string, Buffer>): SimDisk => new SimDisk(setImmediate, files)
const open = (disk: SimDisk, kek: Kek = vaultKek): Vault =>
  openVault({ disk, member, kek, now: () => nowMs, segmentBytes: 3000 })
const refused = (code: string): { code: string } => ({ code })
const target = (): BackupTarget & { values: SimDisk; keys: SimDisk } => ({
  values: diskOf(),
  keys: diskOf(),
})
const directory = mkdtempSync(join(tmpdir(), 'lianban-vault-'))
after(() => rmSync(directory, { recursive: true, force: true }))

async function filled(disk: SimDisk, from: number, to: number): Promise<Vault> {
  const vault = open(disk)
  for (let n = from; n <= to; n += 1) await vault.put(homeTitle(n))
  return vault
}

function restore(from: BackupTarget, more: Partial<RestoreOptions> = {}): SimDisk {
  const to = diskOf()
  restoreVault({ to, from, erased: [], member, kek: vaultKek, nowMs, ...more })
  return diskOf(to.crash('none', new Random(1)))
}

test('a backup restores every record, mark and view; a second one copies only what is new', async () => {
  const disk = diskOf()
  const vault = await filled(disk, 1, 20)
  const to = target()
  await backupVault(vault, disk, to, nowMs)
  await vault.erase(recordId(3), 'law')
  await vault.hold(recordId(4), 'court')
  await vault.view({ at: nowMs, by: 'robot', record: recordId(5), for: 'permit' })
  await vault.put(homeTitle(21))
  const before = to.values.writes
  await backupVault(vault, disk, to, nowMs + 1)
  assert.ok(to.values.writes - before < 8, 'old segments are not written again')
  const later = open(restore(to))
  assert.equal(later.size, 20)
  assert.equal(later.get(recordId(3)), null)
  assert.deepEqual(later.get(recordId(21)), homeTitle(21))
  assert.deepEqual(later.holders(recordId(4)), ['court'])
  assert.deepEqual(later.viewsOf(20834), vault.viewsOf(20834))
  await later.put(homeTitle(22))
})

test('records that are stored during a backup do not spoil it', async () => {
  const disk = diskOf()
  const vault = await filled(disk, 1, 10)
  const to = target()
  const more = Array.from({ length: 40 }, (_, at) => homeTitle(11 + at))
  await Promise.all([
    backupVault(vault, disk, to, nowMs),
    ...more.map(async (record, at) => {
      for (let turn = 0; turn < at; turn += 1) await new Promise(setImmediate)
      await vault.put(record)
    }),
  ])
  const later = open(restore(to))
  assert.ok(later.size >= 10)
  for (const { id } of later.all()) assert.deepEqual(later.get(id), vault.get(id))
})

test('an erasure after the backup is replayed, and its key is not even written', async () => {
  const disk = diskOf()
  const vault = await filled(disk, 1, 6)
  const to = target()
  await backupVault(vault, disk, to, nowMs)
  const naive = open(restore(to))
  assert.notEqual(naive.get(recordId(2)), null)
  const files = restore(to, { erased: [recordId(2)] })
  const later = open(files)
  assert.equal(later.get(recordId(2)), null)
  await assert.rejects(later.put(homeTitle(2)), refused('vault/erased'))
  assert.ok(
    !files
      .files()
      .get('keys/table.bin')
      ?.includes(Buffer.from(recordId(2), 'base64url')),
  )
})

test('what the vault or its mirror has since the backup is brought along', async () => {
  const disk = diskOf()
  const vault = await filled(disk, 1, 6)
  const to = target()
  await backupVault(vault, disk, to, nowMs)
  await vault.put(homeTitle(7))
  await vault.erase(recordId(1), 'law')
  const later = open(restore(to, { since: disk }))
  assert.equal(later.size, 6)
  assert.deepEqual(later.get(recordId(7)), homeTitle(7))
  assert.equal(later.get(recordId(1)), null)
})

test('records whose keys are in no table are named as lost', async () => {
  const disk = diskOf()
  const vault = await filled(disk, 1, 6)
  const [to, newer] = [target(), target()]
  await backupVault(vault, disk, to, nowMs)
  await vault.put(homeTitle(7))
  await backupVault(vault, disk, newer, nowMs)
  const back = diskOf()
  const mixed = { values: newer.values, keys: to.keys }
  const { lost, records } = restoreVault({
    to: back,
    from: mixed,
    erased: [],
    member,
    kek: vaultKek,
    nowMs,
  })
  assert.deepEqual(lost, [recordId(7)])
  assert.equal(records, 6)
  assert.equal(open(back).size, 6)
})

test('a damaged, foreign, expired or incomplete backup is refused', async () => {
  const disk = diskOf()
  const vault = await filled(disk, 1, 20)
  const to = target()
  await backupVault(vault, disk, to, nowMs)
  const bad = refused('vault/bad-backup')
  for (const which of ['values', 'keys'] as const) {
    for (const [path, bytes] of to[which].files()) {
      for (const bit of [5, bytes.length * 4, bytes.length * 8 - 12]) {
        if (bytes.length === 0) continue
        const copy = diskOf(to[which].crash('none', new Random(1)))
        copy.flip(path, bit)
        assert.throws(() => restore({ ...to, [which]: copy }), { name: 'Failure' }, path)
      }
      const files = to[which].crash('none', new Random(1))
      files.delete(path)
      assert.throws(() => restore({ ...to, [which]: diskOf(files) }), { name: 'Failure' }, path)
    }
  }
  assert.throws(() => restore(to, { member: 'tax' }), bad)
  assert.throws(() => restore(to, { nowMs: nowMs + keysBackupMs + 1 }), bad)
  assert.throws(() => restore(to, { to: disk }), refused('vault/not-empty'))
})

test('tables of keys are kept thirty days, so an erased key is in no backup after that', async () => {
  const disk = diskOf()
  const vault = await filled(disk, 1, 3)
  const to = target()
  await backupVault(vault, disk, to, nowMs)
  await vault.erase(recordId(2), 'law')
  await backupVault(vault, disk, to, nowMs + 10)
  assert.equal(to.keys.list('').length, 4)
  await backupVault(vault, disk, to, nowMs + keysBackupMs + 1)
  assert.equal(to.keys.list('').length, 4)
  const secret = Buffer.from(recordId(2), 'base64url')
  assert.ok([...to.keys.files().values()].every((bytes) => !bytes.includes(secret)))
})

test('an inspection finds what does not open, copies without end and what is overdue', async () => {
  const disk = diskOf()
  const vault = await filled(disk, 1, 4)
  await vault.put(homeTitle(5, { kind: 'copy' }))
  await vault.put(homeTitle(6, { kind: 'copy', keepUntil: nowMs - 1 }))
  await vault.put(homeTitle(7, { keepUntil: nowMs - 1 }))
  await vault.hold(recordId(7), 'court')
  await vault.erase(recordId(3), 'law')
  const expected = [1, 2, 3, 9].map((n) => ({
    id: recordId(n),
    commitment: commitmentTo(homeTitle(n)),
  }))
  disk.flip('values/0000000000000000.seg', 8 * 250)
  assert.deepEqual(inspectVault(vault, expected, nowMs), {
    records: 6,
    unreadable: [recordId(1)],
    unopenable: [1, 3, 9].map(recordId),
    endless: 1,
    overdue: 2,
    held: 1,
  })
})

test('a key file is its owner’s alone, and a damaged one is refused', () => {
  const path = join(directory, 'kek')
  makeKek(path)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.throws(() => makeKek(path), refused('vault/bad-key-file'))
  assert.equal(openKek(path).current, 1)
  chmodSync(path, 0o640)
  assert.throws(() => openKek(path), refused('vault/readable-by-others'))
  chmodSync(path, 0o600)
  writeFileSync(path, readFileSync(path, 'utf8').replace('"number":1', '"number":2'))
  assert.throws(() => openKek(path), refused('vault/bad-key-file'))
  assert.throws(() => openKek(join(directory, 'none')), refused('vault/bad-key-file'))
})

test('a key over keys is changed while the old one is still there, and then dropped', async () => {
  const path = join(directory, 'turned')
  const disk = diskOf()
  const vault = open(disk, makeKek(path))
  for (const n of [1, 2, 3]) await vault.put(homeTitle(n))
  const to = target()
  await backupVault(vault, disk, to, nowMs)
  await vault.rewrap(addKek(path))
  await vault.put(homeTitle(4))
  const kek = dropOldKeks(path)
  assert.equal(kek.current, 2)
  assert.equal(kek.key(1), null)
  const later = open(diskOf(disk.crash('none', new Random(1))), openKek(path))
  for (const n of [1, 2, 3, 4]) assert.deepEqual(later.get(recordId(n)), homeTitle(n))
  // The table in the backup is wrapped by a key that nobody has any more.
  const back = diskOf()
  const { lost } = restoreVault({ to: back, from: to, erased: [], member, kek, nowMs })
  assert.deepEqual(lost, [1, 2, 3].map(recordId))
})

test('a lost key file is made again from shares', async () => {
  const path = join(directory, 'shared')
  makeKek(path)
  const kek = addKek(path)
  const disk = diskOf()
  await open(disk, kek).put(homeTitle(1))
  const shares = splitKey({ number: 2, key: kek.key(2) as Uint8Array }, { k: 3, n: 5 })
  rmSync(path)
  const again = makeKek(path, joinKey([shares[4], shares[0], shares[2]] as string[]))
  assert.equal(again.current, 2)
  assert.deepEqual(
    open(diskOf(disk.crash('none', new Random(1))), again).get(recordId(1)),
    homeTitle(1),
  )
})

test('on the real disk one process has the vault', async () => {
  const root = join(directory, 'real')
  const options = { member, kek: vaultKek, lock: () => lockDirectory(root) }
  const vault = openVault({ disk: fsDisk(root), ...options })
  await vault.put(homeTitle(1))
  assert.throws(() => openVault({ disk: fsDisk(root), ...options }), refused('storage/locked'))
  await vault.close()
  const later = openVault({ disk: fsDisk(root), ...options })
  assert.deepEqual(later.get(recordId(1)), homeTitle(1))
  await later.close()
})
