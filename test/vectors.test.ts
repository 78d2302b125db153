// The golden cases are what their generator writes: nobody edits an expectation by hand.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import process from 'node:process'
import { test } from 'node:test'
import { promisify } from 'node:util'

for (const maker of ['vectors/make.ts', 'vectors/make-prove.ts', 'vectors/make-blueprint.ts']) {
  test(`the vector files are what ${maker} writes`, async () => {
    const root = new URL('..', import.meta.url)
    const made = promisify(execFile)(process.execPath, [maker, '--check'], { cwd: root })
    await assert.doesNotReject(made)
  })
}
