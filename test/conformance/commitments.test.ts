// Commitments written a second time, in Python and without a line of ours, agree with the golden
// cases.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const reader = join(import.meta.dirname, 'commitments.py')
const vectors = join(import.meta.dirname, '..', '..', 'vectors')
const found = spawnSync('python3', ['--version'], { encoding: 'utf8' }).status === 0
const skip = found ? false : 'python3 is not on the path'

test('it judges every case of vectors/commitments.json as written there', { skip }, () => {
  const { status, stdout } = spawnSync('python3', [reader, 'vectors', vectors], {
    encoding: 'utf8',
  })
  assert.match(stdout, /^commitments\.json: [1-9]\d+ cases hold, 0 do not\n$/)
  assert.equal(status, 0)
})
