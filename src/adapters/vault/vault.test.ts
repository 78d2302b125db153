// The vault keeps what it answered for, opens nothing that is not what was stored, and forgets for
// good what was erased.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base64urlEncode } from '#base/bytes'
import { SimDisk } from '#simulation/sim-disk'
import { Random } from '#simulation/random'
import { commitmentTo, homeTitle, recordId, vaultKek } from '#test/vault-records'
import { dayOf, kekOf, openVault, rootOfViews, unused } from './index.ts'
import type { Kek, Vault } from './index.ts'

const seedKey = (n: number): Kek =>
  kekOf([{ number: 1, key: base64urlEncode(new Uint8Array(32).fill(n)) }])
const caseOf = (n: number): string => recordId(1_000_000 + n)

const disk = (files?: Map<string, Buffer>): SimDisk => new SimDisk(setImmediate, files)
const now = (): number => 1_800_000_000_000
const open = (on: SimDisk, key = vaultKek, member = 'housing'): Vault =>
  openVault({ disk: on, member, kek: key, now })
const again = (on: SimDisk): SimDisk => disk(on.crash('none', new Random(1)))
const refused = (code: string): { code: string } => ({ code })

test('what was stored is found again after a crash, by id, case, name and kind', async () => {
  const first = disk()
  const vault = open(first)
  await Promise.all(Array.from({ length: 30 }, (_, n) => vault.put(homeTitle(n))))
  await vault.put(homeTitle(30, { kind: 'copy', element: 2 }))
  const found = open(again(first))
  assert.equal(found.size, 31)
  for (let n = 0; n < 30; n += 1) assert.deepEqual(found.get(recordId(n)), homeTitle(n))
  const some = found.find({ case: caseOf(0), name: 'item-0' })
  assert.deepEqual(
    some.map(({ id }) => id),
    [0, 15, 30].map(recordId),
  )
  assert.deepEqual(
    found.find({ case: caseOf(0), kind: 'copy', element: 2 }).map(({ id }) => id),
    [recordId(30)],
  )
  assert.deepEqual(found.find({ case: 'nobody' }), [])
})

test('several puts at once are one frame and two syncs of the disk', async () => {
  const on = disk()
  const vault = open(on)
  const before = on.syncs
  await Promise.all(Array.from({ length: 100 }, (_, n) => vault.put(homeTitle(n))))
  assert.equal(on.syncs - before, 2)
})

test('a put returns only after its key and its record were synced, the key first', async () => {
  const on = disk()
  const vault = open(on)
  let done = false
  const stored = vault.put(homeTitle(1)).then(() => (done = true))
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
  await Promise.all([vault.put(homeTitle(1)), vault.put(homeTitle(1))])
  const before = on.writes
  await vault.put(homeTitle(1))
  assert.equal(on.writes, before)
  await assert.rejects(vault.put(homeTitle(1, { gen: 2 })), refused('vault/id-taken'))
  const stored = vault.put(homeTitle(2))
  await assert.rejects(vault.put(homeTitle(2, { gen: 2 })), refused('vault/id-taken'))
  await stored
  assert.equal(vault.size, 2)
})

test('the record opens its commitment and no other', async () => {
  const vault = open(disk())
  await vault.put(homeTitle(1))
  const commitment = commitmentTo(homeTitle(1))
  assert.ok(vault.opens(recordId(1), commitment))
  assert.ok(!vault.opens(recordId(1), new Uint8Array(32)))
  assert.ok(!vault.opens(recordId(2), commitment))
})

test('an erased record is gone, stays gone after a crash, and is not stored again', async () => {
  const on = disk()
  const vault = open(on)
  await Promise.all([1, 2, 3].map((n) => vault.put(homeTitle(n))))
  await vault.erase(recordId(2), 'law')
  await vault.erase(recordId(2), 'law')
  assert.equal(vault.get(recordId(2)), null)
  await assert.rejects(vault.put(homeTitle(2)), refused('vault/erased'))
  await assert.rejects(vault.erase(recordId(9), 'law'), refused('vault/unknown-record'))
  const found = open(again(on))
  assert.equal(found.get(recordId(2)), null)
  assert.deepEqual(found.get(recordId(3)), homeTitle(3))
  assert.deepEqual(found.erasures(), [{ id: recordId(2), why: 'law', at: now() }])
  await assert.rejects(found.put(homeTitle(2)), refused('vault/erased'))
})

test('no byte of an erased key is left in the table', async () => {
  const on = disk()
  const vault = open(on)
  await vault.put(homeTitle(1))
  const table = (): Buffer => on.files().get('keys/table.bin') as Buffer
  const slot = table().subarray(128, 256)
  const wrapped = Buffer.from(slot.subarray(44, 92))
  assert.ok(table().includes(wrapped))
  await vault.erase(recordId(1), 'law')
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
  await Promise.all([1, 2, 3].map((n) => vault.put(homeTitle(n, { keepUntil: end }))))
  await vault.put(homeTitle(4, { keepUntil: end, keepAtLeast: now() + 1 }))
  await vault.put(homeTitle(5, { keepUntil: now() + 1 }))
  await vault.hold(recordId(1), 'court')
  await vault.hold(recordId(1), 'auditor')
  await vault.release(recordId(1), 'court')
  await assert.rejects(vault.erase(recordId(1), 'law'), refused('vault/held'))
  await assert.rejects(vault.erase(recordId(4), 'law'), refused('vault/kept-by-law'))
  const later = open(again(on))
  const swept = await later.sweep(now())
  assert.deepEqual(
    swept.erased.map(({ id }) => id),
    [2, 3].map(recordId),
  )
  assert.deepEqual(
    swept.held.map(({ id }) => id),
    [recordId(1)],
  )
  await later.release(recordId(1), 'auditor')
  assert.deepEqual(
    (await later.sweep(now())).erased.map(({ id }) => id),
    [recordId(1)],
  )
  await later.erase(recordId(4), unused)
  assert.equal(later.size, 1)
})

test('the end date of a record can be set when its case is closed', async () => {
  const on = disk()
  const vault = open(on)
  await vault.put(homeTitle(1))
  await vault.keep(recordId(1), { until: 50 })
  await vault.keep(recordId(1), { atLeast: 40 })
  const later = open(again(on))
  assert.deepEqual(later.keptOf(recordId(1)), { until: 50, atLeast: 40 })
  assert.equal((await later.sweep(49)).erased.length, 0)
  assert.equal((await later.sweep(50)).erased.length, 1)
})

test('another key over keys, or another member, opens nothing', async () => {
  const on = disk()
  await open(on).put(homeTitle(1))
  assert.throws(() => open(again(on), seedKey(8)), refused('vault/wrong-key'))
  assert.throws(() => open(again(on), vaultKek, 'tax'), refused('vault/wrong-key'))
})

test('a record out of form is refused before anything is written', async () => {
  const on = disk()
  const vault = open(on)
  const before = on.writes
  for (const bad of [
    homeTitle(1, { id: 'short' }),
    homeTitle(1, { gen: 1.5 }),
    homeTitle(1, { salt: 'AA' }),
    homeTitle(1, { case: 'a/b' }),
    homeTitle(1, { leaves: [{ path: 'a', value: '\ud800' }] }),
    homeTitle(1, { more: 0.5 as never }),
  ]) {
    await assert.rejects(vault.put(bad), refused('vault/bad-record'))
  }
  assert.equal(on.writes, before)
  await vault.put(homeTitle(1))
})

test('keys are wrapped with a new key, and the old one is not needed any more', async () => {
  const on = disk()
  const vault = open(on)
  await Promise.all(Array.from({ length: 20 }, (_, n) => vault.put(homeTitle(n))))
  const [old, fresh] = [7, 9].map((n) => base64urlEncode(new Uint8Array(32).fill(n)))
  const both = kekOf([
    { number: 1, key: old! },
    { number: 2, key: fresh! },
  ])
  assert.equal(await vault.rewrap(both), 21)
  await vault.put(homeTitle(20))
  const later = open(again(on), kekOf([{ number: 2, key: fresh! }]))
  for (let n = 0; n <= 20; n += 1) assert.deepEqual(later.get(recordId(n)), homeTitle(n))
  assert.throws(() => open(again(on)), refused('vault/wrong-key'))
})

test('views of a day add up to one root, which other lines do not have', async () => {
  const on = disk()
  const vault = open(on)
  const at = now()
  const views = [1, 2, 3].map((n) => ({
    at: at + n,
    by: 'robot',
    record: recordId(n),
    for: 'permit',
  }))
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
  const stored = vault.put(homeTitle(1))
  await vault.close()
  await stored
  await assert.rejects(vault.put(homeTitle(2)), refused('vault/closed'))
  assert.equal(open(again(on)).size, 1)
})
