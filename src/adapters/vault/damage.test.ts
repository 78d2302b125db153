// A vault that lost, mixed up or got back old pieces of itself says so, and one whose disk is full
// or fails stores nothing that it does not answer for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base64urlEncode } from '#base/bytes'
import { sha256 } from '#base/crypto'
import { Random } from '#simulation/random'
import { SimDisk } from '#simulation/sim-disk'
import { homeTitle, recordId, vaultKek } from '#test/vault-records'
import { kekOf, openVault } from './index.ts'
import type { Vault } from './index.ts'

const VALUES = 'values/0000000000000000.seg'
const TABLE = 'keys/table.bin'
const MARKS = 'marks/0000000000000000.seg'
const SLOT = 128

const diskOf = (files?: Map<string, Buffer>): SimDisk => new SimDisk(setImmediate, files)
const open = (disk: SimDisk, mirror?: SimDisk): Vault =>
  openVault({
    disk,
    member: 'housing',
    kek: vaultKek,
    now: () => 1_800_000_000_000,
    ...(mirror === undefined ? {} : { mirror }),
  })
const imageOf = (disk: SimDisk): Map<string, Buffer> => disk.crash('none', new Random(1))
const refused = (code: string): { code: string } => ({ code })

async function filled(count: number): Promise<SimDisk> {
  const disk = diskOf()
  const vault = open(disk)
  for (let n = 1; n <= count; n += 1) await vault.put(homeTitle(n))
  return disk
}

/** The files of a vault with three records, one changed by `change`. */
async function changed(
  path: string,
  change: (bytes: Buffer) => Buffer,
): Promise<Map<string, Buffer>> {
  const files = imageOf(await filled(3))
  return files.set(path, change(files.get(path) as Buffer))
}

test('a table of keys from before is no table of this log', async () => {
  const disk = diskOf()
  const vault = open(disk)
  await vault.put(homeTitle(1))
  const older = imageOf(disk).get(TABLE) as Buffer
  await vault.put(homeTitle(2))
  const files = imageOf(disk).set(TABLE, older)
  assert.throws(() => open(diskOf(files)), refused('vault/keys-missing'))
})

test('a log from before is no log of this table of keys', async () => {
  const disk = diskOf()
  const vault = open(disk)
  await vault.put(homeTitle(1))
  const older = imageOf(disk).get(VALUES) as Buffer
  await vault.put(homeTitle(2))
  await vault.put(homeTitle(3))
  assert.throws(
    () => open(diskOf(imageOf(disk).set(VALUES, older))),
    refused('vault/values-missing'),
  )
})

test('marks from before an erasure do not bring the record back', async () => {
  const disk = diskOf()
  const vault = open(disk)
  await vault.put(homeTitle(1))
  const older = imageOf(disk).get(MARKS) as Buffer
  await vault.erase(recordId(1), 'law')
  assert.throws(() => open(diskOf(imageOf(disk).set(MARKS, older))), refused('vault/keys-missing'))
})

test('keys of two records that changed places open neither', async () => {
  const files = await changed(TABLE, (table) => {
    const [one, two] = [1, 2].map((at) => Buffer.from(table.subarray(at * SLOT, (at + 1) * SLOT)))
    const wrapped = [32, 92] as const
    for (const [from, to] of [
      [one, SLOT],
      [two, 2 * SLOT],
    ] as const) {
      const other = from === one ? two : one
      other!.copy(table, to + wrapped[0], ...wrapped)
      // Whoever can write the table can write its checks as well.
      table.set(sha256(table.subarray(to, to + wrapped[1])).subarray(0, 8), to + wrapped[1])
    }
    return table
  })
  const vault = open(diskOf(files))
  for (const n of [1, 2]) assert.throws(() => vault.get(recordId(n)), refused('vault/corrupt'))
  assert.deepEqual(vault.get(recordId(3)), homeTitle(3))
})

test('a record in the place of another is not taken for it', async () => {
  const disk = await filled(2)
  const vault = open(diskOf(imageOf(disk)))
  const files = imageOf(disk)
  const log = files.get(VALUES) as Buffer
  const size = log.length / 2
  const later = diskOf(files)
  const opened = open(later)
  // Exchanged under an open vault, so that only the reading can notice.
  const file = later.open(VALUES, 'append')
  later.write(file, log.subarray(size), 0)
  assert.throws(() => opened.get(recordId(1)), refused('vault/corrupt'))
  assert.deepEqual(opened.get(recordId(2)), homeTitle(2))
  assert.deepEqual(vault.get(recordId(1)), homeTitle(1))
})

test('a log that lost a piece in the middle is not opened, and nothing of it is cut away', async () => {
  for (const change of [
    (log: Buffer): Buffer => Buffer.concat([log.subarray(0, 300), log.subarray(400)]),
    (log: Buffer): Buffer => log.fill(0, 10, 20),
    (log: Buffer): Buffer => log.subarray(log.length / 3),
  ]) {
    const disk = diskOf(await changed(VALUES, change))
    const before = disk.files().get(VALUES)
    assert.throws(() => open(disk), refused('vault/log-corrupt'))
    assert.deepEqual(disk.files().get(VALUES), before)
  }
})

test('a full disk refuses a record, keeps the others, and takes it when there is room', async () => {
  for (const room of [10, 100, 140, 300, 500]) {
    const disk = await filled(3)
    const used = [...disk.files().values()].reduce((sum, bytes) => sum + bytes.length, 0)
    const vault = open(disk)
    disk.faults.space = used + room
    await assert.rejects(vault.put(homeTitle(4)), refused('vault/no-space'))
    assert.deepEqual(vault.get(recordId(3)), homeTitle(3))
    const halfway = open(diskOf(imageOf(disk)))
    assert.equal(halfway.size, 3)
    delete disk.faults.space
    await vault.put(homeTitle(4))
    await vault.put(homeTitle(5))
    const later = open(diskOf(imageOf(disk)))
    for (const n of [1, 2, 3, 4, 5]) assert.deepEqual(later.get(recordId(n)), homeTitle(n))
  }
})

test('on a full disk a record is still erased once its mark has room', async () => {
  const disk = await filled(3)
  const used = [...disk.files().values()].reduce((sum, bytes) => sum + bytes.length, 0)
  const vault = open(disk)
  disk.faults.space = used + 20
  await assert.rejects(vault.erase(recordId(2), 'law'), refused('vault/no-space'))
  assert.deepEqual(vault.get(recordId(2)), homeTitle(2))
  delete disk.faults.space
  await vault.erase(recordId(2), 'law')
  assert.equal(open(diskOf(imageOf(disk))).get(recordId(2)), null)
})

test('after the first failed sync or write nothing is answered for any more', async () => {
  for (const fault of ['failSyncAt', 'failWriteAt'] as const) {
    for (let at = 1; at <= 4; at += 1) {
      const disk = await filled(2)
      const vault = open(disk)
      const answered: number[] = [1, 2]
      disk.faults[fault] = (fault === 'failSyncAt' ? disk.syncs : disk.writes) + at
      for (const n of [3, 4, 5]) {
        await vault.put(homeTitle(n)).then(
          () => answered.push(n),
          (error: unknown) => assert.equal((error as { code: string }).code, 'vault/failed'),
        )
      }
      assert.ok(answered.length < 5, `${fault} ${at}`)
      assert.equal(vault.failed?.fatal, true)
      await assert.rejects(vault.erase(recordId(1), 'law'), refused('vault/failed'))
      const later = open(diskOf(imageOf(disk)))
      for (const n of answered) assert.deepEqual(later.get(recordId(n)), homeTitle(n))
    }
  }
})

test('what the vault cannot read, its mirror gives', async () => {
  const [disk, mirror] = [diskOf(), diskOf()]
  const vault = open(disk, mirror)
  for (const n of [1, 2, 3]) await vault.put(homeTitle(n))
  disk.flip(VALUES, 8 * 600)
  for (const n of [1, 2, 3]) assert.deepEqual(vault.get(recordId(n)), homeTitle(n))
  const alone = open(diskOf(imageOf(mirror)))
  for (const n of [1, 2, 3]) assert.deepEqual(alone.get(recordId(n)), homeTitle(n))
})

test('a new mirror is filled, and one of another vault is refused', async () => {
  const disk = await filled(5)
  const mirror = diskOf()
  const vault = open(diskOf(imageOf(disk)), mirror)
  await vault.erase(recordId(2), 'law')
  const alone = open(diskOf(imageOf(mirror)))
  assert.equal(alone.size, 4)
  assert.equal(alone.get(recordId(2)), null)
  const other = await filled(4)
  assert.throws(() => open(diskOf(imageOf(disk)), other), refused('vault/other-mirror'))
})

test('a write of the table that was cut short costs nobody a key', async () => {
  for (const cut of [0, 5, 60, 127]) {
    const disk = diskOf()
    const vault = open(disk)
    for (const n of [1, 2, 3]) await vault.put(homeTitle(n))
    await vault.erase(recordId(2), 'law')
    const files = imageOf(disk)
    const table = files.get(TABLE) as Buffer
    // Half of a new slot in the place that became free, and half of one at the end.
    const half = Buffer.concat([table.subarray(SLOT, SLOT + cut), Buffer.alloc(SLOT - cut)])
    half.copy(table, 2 * SLOT)
    files.set(TABLE, Buffer.concat([table, half, half.subarray(0, cut)]))
    const later = diskOf(files)
    const opened = open(later)
    for (const n of [1, 3]) assert.deepEqual(opened.get(recordId(n)), homeTitle(n))
    await opened.put(homeTitle(4))
    const last = open(diskOf(imageOf(later)))
    for (const n of [1, 3, 4]) assert.deepEqual(last.get(recordId(n)), homeTitle(n))
  }
})

test('a damaged slot of a record stops the vault, unless its mirror has the key', async () => {
  const [disk, mirror] = [diskOf(), diskOf()]
  const vault = open(disk, mirror)
  for (const n of [1, 2, 3]) await vault.put(homeTitle(n))
  const files = imageOf(disk)
  const table = files.get(TABLE) as Buffer
  table[2 * SLOT + 40] = (table[2 * SLOT + 40] as number) ^ 4
  const copy = (): Map<string, Buffer> => new Map([...files].map(([k, v]) => [k, Buffer.from(v)]))
  assert.throws(() => open(diskOf(copy())), refused('vault/keys-corrupt'))
  const mended = open(diskOf(copy()), diskOf(imageOf(mirror)))
  for (const n of [1, 2, 3]) assert.deepEqual(mended.get(recordId(n)), homeTitle(n))
})

test('a change of the key that is cut short anywhere leaves every record readable', async () => {
  const key = (n: number): string => base64urlEncode(new Uint8Array(32).fill(n))
  const both = kekOf([
    { number: 1, key: key(7) },
    { number: 2, key: key(8) },
  ])
  for (let at = 1; at <= 9; at += 1) {
    const before = await filled(3)
    const disk = diskOf(imageOf(before))
    const vault = open(disk)
    await vault.erase(recordId(2), 'law')
    disk.faults = at < 8 ? { crashAt: disk.operations + at } : { space: at === 8 ? 0 : 1900 }
    await vault.rewrap(both).catch(() => 0)
    const image = diskOf(disk.crash('torn', new Random(at)))
    const later = openVault({ disk: image, member: 'housing', kek: both })
    for (const n of [1, 3]) assert.deepEqual(later.get(recordId(n)), homeTitle(n))
    assert.equal(later.get(recordId(2)), null)
    await later.rewrap(both)
    const fresh = kekOf([{ number: 2, key: key(8) }])
    const last = openVault({ disk: diskOf(imageOf(image)), member: 'housing', kek: fresh })
    for (const n of [1, 3]) assert.deepEqual(last.get(recordId(n)), homeTitle(n))
    if (disk.powerLost) continue
    // Where there was only no room, the vault itself goes on.
    for (const n of [1, 3]) assert.deepEqual(vault.get(recordId(n)), homeTitle(n))
  }
})
