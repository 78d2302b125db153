// The vault keeps what it answered for, opens nothing that is not what was stored, and forgets for
// good what was erased.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base64urlEncode } from '#base/bytes'
import { commitRecord, leafOf } from '#base/commitment'
import { SimDisk } from '#simulation/sim-disk'
import { Random } from '#simulation/random'
import { dayOf, kekOf, openVault, rootOfViews, unused } from './index.ts'
import type { Kek, Vault, VaultRecord } from './index.ts'

const seedKey = (n: number): Kek =>
  kekOf([{ number: 1, key: base64urlEncode(new Uint8Array(32).fill(n)) }])
const kek = seedKey(7)
const idOf = (n: number): string => {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(12, n)
  return base64urlEncode(bytes)
}
const caseOf = (n: number): string => idOf(1_000_000 + n)

function recordOf(n: number, more: Partial<VaultRecord> = {}): VaultRecord {
  return {
    id: idOf(n),
    kind: 'own',
    type: 'home-title',
    case: caseOf(n % 3),
    name: `item-${n % 5}`,
    gen: 1,
    salt: base64urlEncode(new Uint8Array(32).fill(n % 251)),
    leaves: [
      { path: '$', value: 'found' },
      { path: 'owner', value: { code: '110101199003070038', name: '王小明' } },
      { path: 'area', value: n },
      { path: 'remark', value: null },
    ],
    at: 1_700_000_000_000 + n,
    ...more,
  }
}

const disk = (files?: Map<string, Buffer>): SimDisk => new SimDisk(setImmediate, files)
const now = (): number => 1_800_000_000_000
const open = (on: SimDisk, key = kek, member = 'housing'): Vault =>
  openVault({ disk: on, member, kek: key, now })
const again = (on: SimDisk): SimDisk => disk(on.crash('none', new Random(1)))
const refused = (code: string): { code: string } => ({ code })

test('what was stored is found again after a crash, by id, case, name and kind', async () => {
  const first = disk()
  const vault = open(first)
  await Promise.all(Array.from({ length: 30 }, (_, n) => vault.put(recordOf(n))))
  await vault.put(recordOf(30, { kind: 'copy', element: 2 }))
  const found = open(again(first))
  assert.equal(found.size, 31)
  for (let n = 0; n < 30; n += 1) assert.deepEqual(found.get(idOf(n)), recordOf(n))
  const some = found.find({ case: caseOf(0), name: 'item-0' })
  assert.deepEqual(
    some.map(({ id }) => id),
    [0, 15, 30].map(idOf),
  )
  assert.deepEqual(
    found.find({ case: caseOf(0), kind: 'copy', element: 2 }).map(({ id }) => id),
    [idOf(30)],
  )
  assert.deepEqual(found.find({ case: 'nobody' }), [])
})

test('several puts at once are one frame and two syncs of the disk', async () => {
  const on = disk()
  const vault = open(on)
  const before = on.syncs
  await Promise.all(Array.from({ length: 100 }, (_, n) => vault.put(recordOf(n))))
  assert.equal(on.syncs - before, 2)
})

test('a put returns only after its key and its record were synced, the key first', async () => {
  const on = disk()
  const vault = open(on)
  let done = false
  const stored = vault.put(recordOf(1)).then(() => (done = true))
  const before = on.syncs
  while (on.syncs < before + 2) {
    assert.equal(done, false)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await stored
  assert.equal(open(again(on)).size, 1)
})

test('the same record again changes nothing, another under its id is refused', async () => {
  const on = disk()
  const vault = open(on)
  await Promise.all([vault.put(recordOf(1)), vault.put(recordOf(1))])
  const before = on.writes
  await vault.put(recordOf(1))
  assert.equal(on.writes, before)
  await assert.rejects(vault.put(recordOf(1, { gen: 2 })), refused('vault/id-taken'))
  const stored = vault.put(recordOf(2))
  await assert.rejects(vault.put(recordOf(2, { gen: 2 })), refused('vault/id-taken'))
  await stored
  assert.equal(vault.size, 2)
})

test('the record opens its commitment and no other', async () => {
  const vault = open(disk())
  await vault.put(recordOf(1))
  const leaves = recordOf(1).leaves.map(({ path, value }) => leafOf(path, value))
  const commitment = commitRecord(new Uint8Array(32).fill(1), leaves)
  assert.ok(vault.opens(idOf(1), commitment))
  assert.ok(!vault.opens(idOf(1), new Uint8Array(32)))
  assert.ok(!vault.opens(idOf(2), commitment))
})

test('an erased record is gone, stays gone after a crash, and is not stored again', async () => {
  const on = disk()
  const vault = open(on)
  await Promise.all([1, 2, 3].map((n) => vault.put(recordOf(n))))
  await vault.erase(idOf(2), 'law')
  await vault.erase(idOf(2), 'law')
  assert.equal(vault.get(idOf(2)), null)
  await assert.rejects(vault.put(recordOf(2)), refused('vault/erased'))
  await assert.rejects(vault.erase(idOf(9), 'law'), refused('vault/unknown-record'))
  const found = open(again(on))
  assert.equal(found.get(idOf(2)), null)
  assert.deepEqual(found.get(idOf(3)), recordOf(3))
  assert.deepEqual(found.erasures(), [{ id: idOf(2), why: 'law', at: now() }])
  await assert.rejects(found.put(recordOf(2)), refused('vault/erased'))
})

test('no byte of an erased key is left in the table', async () => {
  const on = disk()
  const vault = open(on)
  await vault.put(recordOf(1))
  const table = (): Buffer => on.files().get('keys/table.bin') as Buffer
  const slot = table().subarray(128, 256)
  const wrapped = Buffer.from(slot.subarray(44, 92))
  assert.ok(table().includes(wrapped))
  await vault.erase(idOf(1), 'law')
  assert.ok(!table().includes(wrapped))
  assert.ok(
    table()
      .subarray(128, 256)
      .every((byte) => byte === 0),
  )
})

test('who holds a record wins over its end date and over whoever erases', async () => {
  const on = disk()
  const vault = open(on)
  const end = now() - 1
  await Promise.all([1, 2, 3].map((n) => vault.put(recordOf(n, { keepUntil: end }))))
  await vault.put(recordOf(4, { keepUntil: end, keepAtLeast: now() + 1 }))
  await vault.put(recordOf(5, { keepUntil: now() + 1 }))
  await vault.hold(idOf(1), 'court')
  await vault.hold(idOf(1), 'auditor')
  await vault.release(idOf(1), 'court')
  await assert.rejects(vault.erase(idOf(1), 'law'), refused('vault/held'))
  await assert.rejects(vault.erase(idOf(4), 'law'), refused('vault/kept-by-law'))
  const later = open(again(on))
  const swept = await later.sweep(now())
  assert.deepEqual(
    swept.erased.map(({ id }) => id),
    [2, 3].map(idOf),
  )
  assert.deepEqual(
    swept.held.map(({ id }) => id),
    [idOf(1)],
  )
  await later.release(idOf(1), 'auditor')
  assert.deepEqual(
    (await later.sweep(now())).erased.map(({ id }) => id),
    [idOf(1)],
  )
  await later.erase(idOf(4), unused)
  assert.equal(later.size, 1)
})

test('the end date of a record can be set when its case is closed', async () => {
  const on = disk()
  const vault = open(on)
  await vault.put(recordOf(1))
  await vault.keep(idOf(1), { until: 50 })
  await vault.keep(idOf(1), { atLeast: 40 })
  const later = open(again(on))
  assert.deepEqual(later.keptOf(idOf(1)), { until: 50, atLeast: 40 })
  assert.equal((await later.sweep(49)).erased.length, 0)
  assert.equal((await later.sweep(50)).erased.length, 1)
})

test('another key over keys, or another member, opens nothing', async () => {
  const on = disk()
  await open(on).put(recordOf(1))
  assert.throws(() => open(again(on), seedKey(8)), refused('vault/wrong-key'))
  assert.throws(() => open(again(on), kek, 'tax'), refused('vault/wrong-key'))
})

test('a record out of form is refused before anything is written', async () => {
  const on = disk()
  const vault = open(on)
  const before = on.writes
  for (const bad of [
    recordOf(1, { id: 'short' }),
    recordOf(1, { gen: 1.5 }),
    recordOf(1, { salt: 'AA' }),
    recordOf(1, { case: 'a/b' }),
    recordOf(1, { leaves: [{ path: 'a', value: '\ud800' }] }),
    recordOf(1, { more: 0.5 as never }),
  ]) {
    await assert.rejects(vault.put(bad), refused('vault/bad-record'))
  }
  assert.equal(on.writes, before)
  await vault.put(recordOf(1))
})

test('keys are wrapped with a new key, and the old one is not needed any more', async () => {
  const on = disk()
  const vault = open(on)
  await Promise.all(Array.from({ length: 20 }, (_, n) => vault.put(recordOf(n))))
  const [old, fresh] = [7, 9].map((n) => base64urlEncode(new Uint8Array(32).fill(n)))
  const both = kekOf([
    { number: 1, key: old! },
    { number: 2, key: fresh! },
  ])
  assert.equal(await vault.rewrap(both), 21)
  await vault.put(recordOf(20))
  const later = open(again(on), kekOf([{ number: 2, key: fresh! }]))
  for (let n = 0; n <= 20; n += 1) assert.deepEqual(later.get(idOf(n)), recordOf(n))
  assert.throws(() => open(again(on)), refused('vault/wrong-key'))
})

test('views of a day add up to one root, which other lines do not have', async () => {
  const on = disk()
  const vault = open(on)
  const at = now()
  const views = [1, 2, 3].map((n) => ({ at: at + n, by: 'robot', record: idOf(n), for: 'permit' }))
  await vault.view(views[0]!)
  await vault.view(views[1]!, views[2]!)
  const later = open(again(on))
  const day = later.viewsOf(dayOf(at))
  assert.equal(day?.count, 3)
  assert.deepEqual(day, vault.viewsOf(dayOf(at)))
  const seeds = [...on.files()].filter(([path]) => path.startsWith('views/'))
  const seed = /"seed":"([\w-]{43})"/.exec(
    seeds.map(([, bytes]) => bytes.toString('latin1')).join(),
  )?.[1]
  assert.deepEqual(rootOfViews(seed ?? '', views), day)
  assert.notEqual(rootOfViews(seed ?? '', views.slice(1))?.root, day?.root)
  assert.notEqual(rootOfViews(seed ?? '', [...views].reverse())?.root, day?.root)
})

test('after closing, what was under way is stored and nothing else', async () => {
  const on = disk()
  const vault = open(on)
  const stored = vault.put(recordOf(1))
  await vault.close()
  await stored
  await assert.rejects(vault.put(recordOf(2)), refused('vault/closed'))
  assert.equal(open(again(on)).size, 1)
})
