// No command is admitted that its member did not sign as it stands: some thousand mutants of every
// kind here, and 100,000 of each with LIANBAN_MUTANTS=100000 or in the fault runs.
import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import { p256 } from '@noble/curves/nist.js'
import { decodeSubmission, isRefusal } from '#ledger/command'
import { admitIntent, admitSigner } from '#ledger/validate'
import { ledger, makeWorld, time } from '#test/admission'
import { makeId, makeIntent, signCommand } from '#test/commands'
import { kinds, run } from './faults/mutate-commands.ts'

const count = Number(process.env['LIANBAN_MUTANTS'] ?? 1_500)

for (const kind of kinds) {
  test(`no mutant of a signed command is admitted: ${kind}`, () => {
    const outcome = run({ count, seed: 20_261_120, only: [kind] })
    assert.equal(outcome.tried, count)
    assert.equal(outcome.accepted, 0, outcome.kinds[kind]?.example ?? '')
    // Mutants that only the signature stops show that the others were not refused for nothing.
    assert.ok((outcome.kinds[kind]?.lastHeld ?? 0) > count / 50, 'the mutants are mild enough')
  })
}

test('one seed tries the same mutants each time', () => {
  const once = run({ count: 50, seed: 5, only: ['single'] })
  assert.deepEqual(run({ count: 50, seed: 5, only: ['single'] }), once)
})

test('the other signature of an intent, (r, n - s), is the same command to the ledger', () => {
  const world = makeWorld()
  const body = { case: makeId(1), act: 'approve.loan', reads: {} }
  const intent = makeIntent({ ledger, id: makeId(1), type: 'case.act', body, notAfter: time })
  const [head, payload, signature = ''] = signCommand(world.keys.tax, intent).split('.')
  const { r, s } = p256.Signature.fromBytes(Buffer.from(signature, 'base64url'))
  const mirrored = new p256.Signature(r, p256.Point.Fn.ORDER - s).toBytes()
  const ids = new Set<string>()
  const context = world.context({ seen: (member, id) => ids.has(`${member}/${id}`) })
  const codes = [Buffer.from(signature, 'base64url'), mirrored].map((bytes) => {
    const text = `${head}.${payload}.${Buffer.from(bytes).toString('base64url')}`
    const command = decodeSubmission(text)
    assert.ok(!isRefusal(command))
    const signer = admitSigner(command, context)
    assert.ok(!isRefusal(signer), 'both signatures verify')
    const verdict = admitIntent(command, 0, signer, context)
    ids.add(`tax/${makeId(1)}`)
    return isRefusal(verdict) ? verdict.code : 'ok'
  })
  assert.deepEqual(codes, ['ok', 'validate/duplicate'])
})
