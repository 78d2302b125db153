// Approvals are decoded strictly, and a challenge binds the intent's bytes and what was shown.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { filler } from '#test/commands'
import { challengeOf, decodeApprovals } from './approval.ts'
import { isRefusal } from './refusal.ts'
import type { Value } from './tokenizer.ts'

const hash = Buffer.from(filler('intent', 32)).toString('base64url')
const shown = Buffer.from(filler('shown', 32)).toString('base64url')
const good = { kid: 'A'.repeat(22), ad: 'AAAA', cd: 'e30', sig: 'AAAA', shown }

test('a challenge is the hash of its label, the intent and what was shown', () => {
  const label = Buffer.from('lianban/approve/v1\0', 'latin1')
  const parts = [label, Buffer.from(hash, 'base64url'), Buffer.from(shown, 'base64url')]
  const expected = createHash('sha256').update(Buffer.concat(parts)).digest('base64url')
  assert.equal(challengeOf(hash, shown), expected)
  assert.notEqual(challengeOf(shown, hash), expected)
})

test('approvals are decoded to their bytes', () => {
  const approvals = decodeApprovals([good, { ...good, kid: 'A'.repeat(43) }])
  assert.ok(!isRefusal(approvals))
  assert.equal(approvals.length, 2)
  assert.deepEqual([...(approvals[0]?.cd ?? [])], [0x7b, 0x7d])
  assert.equal(approvals[0]?.shown, shown)
})

const { kid, ...rest } = good
const refused: readonly (readonly [what: string, value: Value, code: string, at?: string])[] = [
  ['no list', good, 'command/approvals-count'],
  ['an empty list', [], 'command/approvals-count'],
  ['nine approvals', Array.from({ length: 9 }, () => good), 'command/approvals-count'],
  ['an approval that is null', [null], 'command/bad-members', '[0]'],
  ['another order', [{ ...rest, kid }], 'command/bad-members', '[0]'],
  ['a member too many', [{ ...good, name: 'x' }], 'command/bad-members', '[0]'],
  ['a member too few', [good, rest], 'command/bad-members', '[1]'],
  ['a kid that is a name', [{ ...good, kid: 'zhang' }], 'command/bad-member', '[0].kid'],
  ['no client data', [{ ...good, cd: '' }], 'command/bad-member', '[0].cd'],
  ['a number for bytes', [{ ...good, ad: 1 }], 'command/bad-member', '[0].ad'],
  ['padding', [{ ...good, sig: 'AA==' }], 'command/bad-base64url', '[0].sig'],
  ['spare bits', [{ ...good, sig: 'AB' }], 'command/bad-base64url', '[0].sig'],
  ['long authenticator data', [{ ...good, ad: 'A'.repeat(684) }], 'command/oversized', '[0].ad'],
  ['long client data', [{ ...good, cd: 'A'.repeat(2_732) }], 'command/oversized', '[0].cd'],
  ['a long signature', [{ ...good, sig: 'A'.repeat(684) }], 'command/oversized', '[0].sig'],
  ['another hash of what was shown', [{ ...good, shown: 'AA' }], 'command/bad-member', '[0].shown'],
]

for (const [what, value, code, at] of refused) {
  test(`${what} is refused`, () => {
    assert.deepEqual(decodeApprovals(value), at === undefined ? { code } : { code, at })
  })
}
