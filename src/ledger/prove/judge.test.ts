// A verdict says how much a checkpoint is worth: who signed, how many independent organisations
// stand behind it, since when, and never more than that.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { base64Encode, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import type { TestSigner } from '#test/proofs'
import { TestLog, cosignLine, logLine, signCheckpoint, signerOf } from '#test/proofs'

import { encodeCheckpoint } from './checkpoint.ts'
import { DURABLE, MAX_SKEW_SECONDS, compareVerdicts, gradeText, judge, meets } from './judge.ts'
import type { Verdict } from './judge.ts'
import { encodeNote } from './note.ts'
import { parsePolicy } from './policy.ts'
import type { TrustPolicy } from './policy.ts'

const ORIGIN = 'ledger.example/city'
const NOW = 1_790_000_000
const log = signerOf(ORIGIN, 'note')
const second = signerOf(ORIGIN, 'note', 'second')
const old = signerOf(ORIGIN, 'note', 'old')
const stranger = signerOf(ORIGIN, 'note', 'stranger')
const tax = signerOf('tax.example', 'cosignature')
const land = signerOf('land.example', 'cosignature')
const court = signerOf('court.example', 'cosignature')
const notary = signerOf('notary.example', 'cosignature')
const hosted = signerOf('hosted.example', 'cosignature')
const hosted2 = signerOf('hosted2.example', 'cosignature')

const ledger = new TestLog(ORIGIN)
for (let i = 0; i < 100; i++) ledger.append(`entry ${i}`)
const PIN = 70
const PIN_ROOT = base64Encode(ledger.checkpoint(PIN).root)

function policyOf(text: string): TrustPolicy {
  const policy = parsePolicy(utf8Encode(text))
  if (isRefusal(policy)) throw new Error(`${policy.code} at ${policy.at}`)
  return policy
}

const KEYS = `log ${log.vkey}
log ${second.vkey}
witness tax ${tax.vkey}
witness land ${land.vkey}
witness court ${court.vkey}
#lianban validator notary ${notary.vkey}
#lianban hosted h1 ${hosted.vkey}
#lianban hosted h2 ${hosted2.vkey}
#lianban retired ${old.vkey} ${PIN} ${PIN_ROOT}
`
const twoOfThree = policyOf(`${KEYS}group all 2 tax land court\nquorum all\n`)
const alone = policyOf(`${KEYS}quorum none\n`)

function verdict(note: Bytes, policy: TrustPolicy = twoOfThree, nowSeconds = NOW): Verdict {
  const result = judge({ policy, note, nowMs: nowSeconds * 1000 })
  if (isRefusal(result)) throw new Error(result.code)
  return result
}

function refusal(note: Bytes, policy: TrustPolicy = twoOfThree): string {
  const result = judge({ policy, note, nowMs: NOW * 1000 })
  return isRefusal(result) ? result.code : 'accepted'
}

/** The checkpoint under the log's key and these cosigners at these times. */
function sign(...cosigned: readonly (readonly [TestSigner, number])[]): Bytes {
  return signCheckpoint(checkpoint, [log], cosigned)
}

function reasons({ reasons: list }: Verdict): readonly string[] {
  return list.map(({ code, at }) => (at === undefined ? code : `${code}@${at}`))
}

const checkpoint = ledger.checkpoint()

describe('grades', () => {
  test('one operator and nobody else is witnessed by none', () => {
    const only = verdict(signCheckpoint(checkpoint, [log]), alone)
    assert.equal(gradeText(only), 'witnessed(0)')
    assert.equal(only.asOf, null)
    assert.ok(!meets(only, { grade: 'witnessed', k: 1 }))
  })

  test('two hosted keys never raise it', () => {
    const note = sign([hosted, NOW], [hosted2, NOW])
    assert.equal(gradeText(verdict(note, alone)), 'witnessed(0)')
    const [first, other] = reasons(verdict(note))
    assert.equal(first, 'prove/hosted-not-counted@h1')
    assert.equal(other, 'prove/hosted-not-counted@h2')
    assert.equal(verdict(note).grade, 'checkpointed')
  })

  test('a quorum that is not reached leaves it checkpointed, and says so', () => {
    const one = verdict(sign([tax, NOW]))
    assert.equal(gradeText(one), 'checkpointed')
    assert.equal(one.witnessed, 1)
    assert.deepEqual(reasons(one), ['prove/quorum-not-met', 'prove/not-dated'])
  })

  test('a quorum that is reached makes it witnessed by as many as cosigned', () => {
    const two = sign([tax, NOW], [court, NOW])
    const three = sign([tax, NOW], [land, NOW], [court, NOW])
    assert.equal(gradeText(verdict(two)), 'witnessed(2)')
    assert.equal(gradeText(verdict(three)), 'witnessed(3)')
    assert.deepEqual(reasons(verdict(three)), [])
  })

  test('a validator makes it validated, counted apart from witnesses', () => {
    const note = sign([tax, NOW], [notary, NOW])
    const result = verdict(note)
    assert.equal(gradeText(result), 'validated(1)')
    assert.equal(result.witnessed, 1)
    assert.deepEqual(reasons(result), ['prove/quorum-not-met'])
  })

  test('keys of one owner count once', () => {
    const owned = policyOf(
      `${KEYS}#lianban owner tax city\n#lianban owner land city\nquorum none\n`,
    )
    const note = sign([tax, NOW], [land, NOW])
    assert.equal(gradeText(verdict(note, owned)), 'witnessed(1)')
  })

  test('stand in one order, and requirements are met from above', () => {
    const one = verdict(sign([tax, NOW]))
    const two = verdict(sign([tax, NOW], [land, NOW]))
    const three = verdict(sign([tax, NOW], [land, NOW], [court, NOW]))
    const valid = verdict(sign([notary, NOW]))
    const ladder = [DURABLE, one, two, three, valid]
    for (const [i, lower] of ladder.entries()) {
      for (const [j, higher] of ladder.entries()) {
        assert.equal(compareVerdicts(lower, higher), Math.sign(i - j))
      }
    }
    assert.ok(meets(two, { grade: 'witnessed', k: 2 }))
    assert.ok(!meets(two, { grade: 'witnessed', k: 3 }))
    assert.ok(meets(valid, { grade: 'witnessed', k: 3 }))
    assert.ok(!meets(DURABLE, { grade: 'checkpointed' }))
    assert.equal(gradeText(DURABLE), 'durable')
  })

  test('lines of unknown keys change nothing', () => {
    const other = signerOf('unknown.example', 'cosignature')
    const note = signCheckpoint(
      checkpoint,
      [stranger, log],
      [
        [other, NOW],
        [tax, NOW],
        [land, NOW],
      ],
    )
    assert.equal(gradeText(verdict(note)), 'witnessed(2)')
  })
})

describe('refusals', () => {
  const text = encodeCheckpoint(checkpoint)

  test('name what is wrong with the note', () => {
    assert.equal(refusal(utf8Encode('nothing')), 'prove/malformed-checkpoint')
    const extended = `${text}extension\n`
    const note = encodeNote({ text: extended, signatures: [logLine(log, extended)] })
    assert.equal(refusal(note), 'prove/malformed-checkpoint')
    const elsewhere = signerOf('other.example/log', 'note')
    const foreign = { ...checkpoint, origin: 'other.example/log' }
    assert.equal(refusal(signCheckpoint(foreign, [elsewhere, log])), 'prove/unknown-log')
    assert.equal(refusal(signCheckpoint(checkpoint, [stranger])), 'prove/not-signed')
    assert.equal(refusal(signCheckpoint(checkpoint, [], [[tax, NOW]])), 'prove/not-signed')
  })

  test('one bad signature under a known key refuses the whole note', () => {
    const wrong = { ...logLine(second, text), signature: logLine(log, text).signature }
    const note = encodeNote({ text, signatures: [logLine(log, text), wrong] })
    assert.equal(refusal(note), 'prove/bad-signature')
    const late = { ...cosignLine(tax, text, NOW), signature: cosignLine(land, text, NOW).signature }
    const other = encodeNote({ text, signatures: [logLine(log, text), late] })
    assert.equal(refusal(other), 'prove/bad-signature')
    const byHosted = { ...cosignLine(hosted, text, NOW), signature: late.signature }
    const third = encodeNote({ text, signatures: [logLine(log, text), byHosted] })
    assert.equal(refusal(third), 'prove/bad-signature')
  })

  test('two lines of one key refuse it, so that one cosigner cannot be counted twice', () => {
    const lines = [logLine(log, text), cosignLine(tax, text, NOW), cosignLine(tax, text, NOW - 1)]
    assert.equal(refusal(encodeNote({ text, signatures: lines })), 'prove/duplicate-signature')
  })

  test('a cosignature by the log key itself is no cosignature', () => {
    const line = cosignLine({ ...log, key: { ...log.key, use: 'cosignature' } }, text, NOW)
    const note = encodeNote({ text, signatures: [logLine(log, text), line] })
    assert.equal(refusal(note), 'prove/duplicate-signature')
  })
})

describe('dates', () => {
  test('a checkpoint is current since the k-th newest cosignature', () => {
    const note = sign([tax, NOW - 5], [land, NOW - 90], [court, NOW - 40])
    assert.equal(verdict(note).asOf, NOW - 40)
    const none = verdict(note, alone)
    assert.equal(none.asOf, NOW - 5)
  })

  test('it is fresh or stale by the cosigners’ clocks and the verifier’s', () => {
    const policy = policyOf(`${KEYS}#lianban fresh 600\ngroup all 2 tax land court\nquorum all\n`)
    const note = sign([tax, NOW], [land, NOW - 600])
    assert.equal(verdict(note, policy).fresh, true)
    assert.equal(verdict(note, policy, NOW + 1).fresh, false)
    assert.deepEqual(reasons(verdict(note, policy, NOW + 1)), ['prove/stale'])
    const undated = sign([tax, NOW])
    assert.equal(verdict(undated, policy).fresh, false)
    assert.equal(verdict(note).fresh, null)
  })

  test('the newer of the quorum’s and the validators’ dates counts', () => {
    const note = sign([tax, NOW - 50], [land, NOW - 60], [notary, NOW - 9])
    assert.equal(verdict(note).asOf, NOW - 9)
  })

  test('a cosignature from the future is not counted beyond the allowed skew', () => {
    const ahead = NOW + MAX_SKEW_SECONDS
    const within = sign([tax, ahead], [land, NOW])
    const beyond = sign([tax, ahead + 1], [land, NOW])
    assert.equal(gradeText(verdict(within)), 'witnessed(2)')
    assert.equal(gradeText(verdict(beyond)), 'checkpointed')
    assert.ok(reasons(verdict(beyond)).includes('prove/cosigned-in-future@tax'))
  })

  test('re-cosigning the same size keeps a quiet night current', () => {
    const evening = sign([tax, NOW - 9000], [land, NOW - 9000])
    const morning = sign([tax, NOW - 1], [land, NOW - 2])
    assert.equal(verdict(evening).asOf, NOW - 9000)
    assert.equal(verdict(morning).asOf, NOW - 2)
  })
})

describe('retired keys', () => {
  const cosigned = [
    [tax, NOW],
    [land, NOW],
  ] as const

  test('speak for their pinned tree as if they were active', () => {
    const note = signCheckpoint(ledger.checkpoint(PIN), [old], cosigned)
    assert.equal(gradeText(verdict(note)), 'witnessed(2)')
    const other = { ...ledger.checkpoint(PIN), root: ledger.checkpoint(PIN - 1).root }
    assert.equal(refusal(signCheckpoint(other, [old], cosigned)), 'prove/contradicts-retired-root')
  })

  test('never speak for a larger tree', () => {
    const note = signCheckpoint(ledger.checkpoint(PIN + 1), [old], cosigned)
    assert.equal(refusal(note), 'prove/beyond-retired-size')
  })

  test('give an older tree the verdict "under retired key" and no more', () => {
    const result = verdict(signCheckpoint(ledger.checkpoint(33), [old], cosigned))
    assert.equal(gradeText(result), 'witnessed(2) under retired key')
    assert.ok(reasons(result).includes('prove/under-retired-key'))
    assert.ok(!meets(result, { grade: 'checkpointed' }))
    assert.ok(meets(result, { grade: 'checkpointed', allowRetiredKey: true }))
  })

  test('stand fully behind an older tree that is proven to lead to the pinned one', () => {
    const note = signCheckpoint(ledger.checkpoint(33), [old], cosigned)
    const nowMs = NOW * 1000
    const toPin = ledger.consistency(33, PIN)
    const proven = judge({ policy: twoOfThree, note, nowMs, toPin })
    assert.ok(!isRefusal(proven) && !proven.underRetiredKey)
    const forged = { ...ledger.checkpoint(33), root: ledger.checkpoint(34).root }
    const other = judge({ policy: twoOfThree, note: signCheckpoint(forged, [old]), nowMs, toPin })
    assert.ok(isRefusal(other) && other.code === 'prove/bad-consistency')
  })

  test('beside an active key of the same log change nothing', () => {
    const note = signCheckpoint(checkpoint, [old, log], cosigned)
    assert.equal(gradeText(verdict(note)), 'witnessed(2)')
  })
})

test('every single-bit change of a note is refused or lowers the verdict', () => {
  const note = sign([tax, NOW], [land, NOW])
  const before = verdict(note)
  let lowered = 0
  for (let bit = 0; bit < note.length * 8; bit++) {
    const mutant = note.slice()
    mutant[bit >> 3]! ^= 1 << (bit & 7)
    const result = judge({ policy: twoOfThree, note: mutant, nowMs: NOW * 1000 })
    if (isRefusal(result)) continue
    lowered++
    assert.ok(compareVerdicts(result, before) < 0, `bit ${bit}: ${utf8Decode(mutant)}`)
  }
  assert.ok(lowered > 0, 'a renamed cosigner is unknown and only lowers the verdict')
})
