// What was thrown ends a command with a code, words and a remedy; only what the program itself
// broke of its own claims is called a defect.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import path from 'node:path'
import { after, test } from 'node:test'
import { scratch } from '#test/lianban'
import { asStop } from './failures.ts'

const { path: folder, remove } = scratch('failures')
after(remove)

function thrownBy(use: () => void): ReturnType<typeof asStop> {
  try {
    use()
  } catch (error) {
    return asStop(error)
  }
  throw new Error('nothing was thrown')
}

test('a no of the operating system is no defect of the program', () => {
  const none = path.join(folder, 'none')
  const read = thrownBy(() => fs.readFileSync(none))
  assert.deepEqual([read.code, read.at, read.exit], ['cli/not-read', none, 1])
  const made = thrownBy(() => fs.mkdirSync(folder))
  assert.deepEqual([made.code, made.at], ['cli/not-written', folder])
  assert.ok(made.remedy !== undefined)
})

test('a database that fills its disk says that the disk is full', () => {
  const database = new DatabaseSync(':memory:')
  database.exec('PRAGMA page_size = 512; PRAGMA max_page_count = 4; CREATE TABLE t (a)')
  const full = thrownBy(() => database.exec('INSERT INTO t VALUES (zeroblob(100000))'))
  assert.deepEqual([full.code, full.exit], ['storage/no-space', 4])
  assert.ok(full.remedy !== undefined)
})

test('what nobody foresaw is a defect, with its own words', () => {
  const stop = asStop(new Error('a claim'))
  assert.deepEqual([stop.code, stop.text?.en], ['cli/defect', 'a claim'])
  assert.equal(thrownBy(() => new DatabaseSync(':memory:').exec('no sql')).code, 'cli/defect')
})
