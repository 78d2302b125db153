// Claims about restored directories (S7): an old copy of a ledger signs nothing on its own word.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Value } from '#ledger/command'
import type { Reading } from '#ledger/validate'
import type { Disk } from '#adapters/storage'
import { fsDisk } from '#adapters/storage'
import { isConfirmedBy, maySign, readRestoreMark, writeRestoreMark } from '#apps/node/restore'
import type { RestoreMark } from '#apps/node/restore'

const root = 'R'.repeat(43)
const mark: RestoreMark = { ledger: 'ledger.example/a', height: 7, size: 30, root, restored: 1 }
const nothing: Reading = { get: () => undefined }

function recorded(confirmation: Value): Reading {
  return { get: (key) => (key === 'members/ledger/restore' ? confirmation : undefined) }
}

function inFolder(act: (disk: Disk, folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-restore-'))
  try {
    act(fsDisk(folder), folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('a directory that was never restored signs', () => {
  inFolder((disk) => assert.equal(maySign(disk, nothing)(), true))
})

test('a restored directory signs nothing, however often it is asked', () => {
  inFolder((disk) => {
    writeRestoreMark(disk, mark)
    const may = maySign(disk, nothing)
    assert.deepEqual([may(), may(), maySign(disk, nothing)()], [false, false, false])
  })
})

test('the confirmation of a cosigner lets it sign from its next start on', () => {
  inFolder((disk) => {
    writeRestoreMark(disk, mark)
    writeRestoreMark(disk, { ...mark, confirmed: { by: 'court.example', size: 30, time: 2 } })
    assert.equal(maySign(disk, nothing)(), true)
  })
})

test('a recorded command counts at once, when it came later and names exactly this tree', () => {
  const exact = { size: 30, root, height: 8, by: 'tax' }
  const others = [
    { ...exact, size: 29 },
    { ...exact, root: 'S'.repeat(43) },
    { ...exact, height: 7 },
  ]
  inFolder((disk) => {
    writeRestoreMark(disk, mark)
    let said: Value | undefined
    const may = maySign(disk, { get: () => said })
    for (const other of others) {
      said = other
      assert.equal(may(), false)
    }
    assert.equal(maySign(disk, recorded(exact))(), true)
    said = exact
    assert.equal(may(), true)
  })
})

test('a damaged mark is no permission', () => {
  inFolder((disk, folder) => {
    writeRestoreMark(disk, mark)
    const path = join(folder, 'restored')
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at += 1) {
      const bytes = Buffer.from(whole)
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at)
      writeFileSync(path, bytes)
      assert.throws(() => maySign(disk, nothing), { code: 'storage/corrupt', fatal: true })
    }
    writeFileSync(path, whole)
    assert.deepEqual({ ...readRestoreMark(disk) }, mark)
  })
})

test('a cosigner confirms only what it knows and we have', () => {
  const seen = { by: 'court.example', size: 30, root, ownRoot: root }
  assert.equal(isConfirmedBy(seen), true)
  assert.equal(isConfirmedBy({ ...seen, ownRoot: null }), false)
  assert.equal(isConfirmedBy({ ...seen, ownRoot: 'S'.repeat(43) }), false)
  assert.equal(isConfirmedBy({ ...seen, size: 0 }), false)
})
