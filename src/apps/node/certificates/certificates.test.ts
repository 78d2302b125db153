// Certificates over a real ledger in memory: signed, issued, halted and ended, and their files
// judged with a trust policy alone. Whatever is changed in a file, it is never called valid.
import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import fc from 'fast-check'
import { utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { importPublicKey, sha256Text } from '#base/crypto'
import type { PublicKey } from '#base/crypto'
import { isRefusal } from '#ledger/command'
import { gradeText } from '#ledger/prove'
import { judgeCertificate, showFields, statusFromList } from '#domains/certificates'
import type { CertificateFacts, CertificateJudgement } from '#domains/certificates'
import { certificateEvidence, prepareCertificate } from '#apps/node/certificates'
import { statusListToken, zlib } from '#apps/node/certificates'
import { CertificateWorld, fields, policyOf, policyText, titleType } from '#test/certificate-world'
import { signerOf } from '#test/proofs'

function judged(world: CertificateWorld, file: Bytes, laterMs: number = 0): CertificateJudgement {
  const nowMs = world.clock.wallMs() + laterMs
  return judgeCertificate(file, { policy: policyOf(), nowMs })
}

function factsOf(judgement: CertificateJudgement): CertificateFacts {
  assert('record' in judgement, JSON.stringify(judgement))
  return judgement
}

const becauseOf = (judgement: CertificateJudgement): string =>
  'because' in judgement ? `${judgement.outcome} ${judgement.because.code}` : judgement.outcome

test('a certificate is valid offline, with its grade, its age and what its holder shows', async () => {
  const world = new CertificateWorld()
  const { credential, handle } = await world.issue()
  const facts = factsOf(judged(world, await world.file(credential), 60_000))
  assert.equal(judged(world, await world.file(credential)).outcome, 'valid')
  assert.equal(facts.record.handle, handle)
  assert.equal(facts.record.issuer, 'land')
  assert.deepEqual(JSON.parse(JSON.stringify(facts.claims['item'])), fields)
  assert.equal(gradeText(facts.verdict), 'witnessed(1)')
  assert.equal(facts.dated, 'cosigners')
  assert.equal(facts.stale, false)
  assert(facts.age >= 60_000 && facts.age < 62_000)
  const later = factsOf(judged(world, await world.file(credential), 700_000))
  assert.equal(later.stale, true)
  const shown = showFields(credential, ['certNo'])
  assert(typeof shown === 'string')
  const part = factsOf(judged(world, await world.file(shown)))
  assert.deepEqual(JSON.parse(JSON.stringify(part.claims['item'])), { certNo: fields.certNo })
})

test('each of the five outcomes is said for its reason', async () => {
  const world = new CertificateWorld()
  const { credential, handle } = await world.issue({ until: world.clock.wallMs() + 86_400_000 })
  const outcome = async (): Promise<string> => judged(world, await world.file(credential)).outcome
  assert.equal(await outcome(), 'valid')
  const expired = judged(world, await world.file(credential), 86_400_000)
  assert.equal(expired.outcome, 'not-in-force')
  await world.do('certificate.hold', { handle, ground: 'reported-lost' })
  assert.equal(await outcome(), 'suspended')
  await world.do('certificate.suspend', { handle, ground: 'court-order' })
  assert.equal(await outcome(), 'suspended')
  await world.do('certificate.resume', { handle, ground: 'cleared' })
  assert.equal(await outcome(), 'valid')
  const { handle: by } = await world.issue()
  await world.do('certificate.supersede', { handle, ground: 'transferred', by })
  assert.equal(await outcome(), 'not-in-force')
  const file = await world.file(credential)
  assert.equal(factsOf(judged(world, file)).record.changes.at(-1)?.by, by)
  const stranger = policyOf(policyText.replace(/^log .*$/m, otherLog))
  const unknown = judgeCertificate(file, { policy: stranger, nowMs: world.clock.wallMs() })
  assert.equal(becauseOf(unknown), 'untrusted-issuer prove/unknown-log')
  assert.equal(
    becauseOf(judged(world, utf8Encode('{}'))),
    'not-genuine certificates/malformed-file',
  )
})

const otherLog = `log ${signerOf('other.example/log', 'note').vkey}`

test('a quorum that is asked for and absent makes the issuer one whom nobody vouches for', async () => {
  const world = new CertificateWorld()
  const { credential } = await world.issue()
  const file = await world.file(credential, false)
  assert.equal(becauseOf(judged(world, file)), 'untrusted-issuer prove/quorum-not-met')
})

test('the accreditation that counts is that of the day of issue', async () => {
  const world = new CertificateWorld([0, 10_000])
  const { credential } = await world.issue()
  const facts = factsOf(judged(world, await world.file(credential), 60_000))
  assert.equal(facts.spells.at(-1)?.status, 'valid')
  await world.clock.pass(10_000)
  const { body } = await new CertificateWorld().issue()
  const late = await world.say('certificate.issue', body)
  assert('refused' in late && late.refused.code === 'certificates/not-accredited')
})

test('a certificate of an abolished issuer stands, and names who answers for it now', async () => {
  const world = new CertificateWorld()
  const { credential, handle } = await world.issue()
  const act = 'A'.repeat(43)
  await world.decide({ kind: 'succeed', from: ['land'], to: 'court', act }, ['tax'])
  const judgement = judged(world, await world.file(credential))
  assert.equal(judgement.outcome, 'valid')
  assert.equal(factsOf(judgement).successor, 'court')
  const revoke = { handle, ground: 'issued-in-error' }
  const other = await world.say('certificate.revoke', revoke, 'tax')
  assert('refused' in other && other.refused.code === 'certificates/not-issuer')
  await world.do('certificate.revoke', revoke, 'court')
  assert.equal(judged(world, await world.file(credential)).outcome, 'not-in-force')
})

test('an accreditation that ends later takes nothing from what was issued before', async () => {
  const world = new CertificateWorld()
  const { credential } = await world.issue()
  await world.clock.pass(1_000)
  await world.decide({ kind: 'end-accreditation', member: 'land', type: titleType }, [
    'tax',
    'court',
  ])
  assert.equal(judged(world, await world.file(credential)).outcome, 'valid')
})

test('a key counts from its registration to its end, and only as its owner’s', async () => {
  const world = new CertificateWorld()
  const before = await world.issue()
  const key = world
    .keys()
    .list()
    .find(({ use }) => use === 'certificate')
  const order = { type: titleType, fields, case: 'A'.repeat(43) }
  const late = prepareCertificate(world.port(), world.keys(), order)
  assert(!isRefusal(late))
  await world.do('key.revoke', { kid: key?.kid ?? '' })
  await world.clock.pass(2_000)
  // The ledger does not see the credential, so that it is the verifier who finds the key ended.
  await world.do('certificate.issue', late.body)
  const ended = becauseOf(judged(world, await world.file(late.credential)))
  assert.equal(ended, 'untrusted-issuer certificates/no-issuer-key')
  assert.equal(judged(world, await world.file(before.credential)).outcome, 'valid')
  const foreign = prepareCertificate(world.port('tax'), world.keys('tax'), order)
  assert(!isRefusal(foreign))
  await world.do('certificate.issue', foreign.body)
  const others = becauseOf(judged(world, await world.file(foreign.credential)))
  assert.equal(others, 'untrusted-issuer certificates/no-issuer-key')
})

test('a dispute is shown with its beginning and changes no outcome', async () => {
  const world = new CertificateWorld()
  const { credential, handle } = await world.issue()
  const matter = sha256Text('objection', 'base64url')
  await world.do('certificate.dispute', { handle, matter }, 'tax')
  const judgement = judged(world, await world.file(credential))
  assert.equal(judgement.outcome, 'valid')
  const { disputedSince, record } = factsOf(judgement)
  assert.equal(disputedSince, record.disputes[0]?.from)
  await world.do('certificate.settle', { handle, result: 'rejected' }, 'tax')
  assert.equal(factsOf(judged(world, await world.file(credential))).disputedSince, null)
})

test('what it was on a past day follows from the same file', async () => {
  const world = new CertificateWorld()
  const { credential, handle } = await world.issue()
  const issued = world.clock.wallMs()
  const day = 86_400_000
  await world.clock.pass(day)
  await world.do('certificate.suspend', { handle, ground: 'court-order' })
  await world.clock.pass(day)
  await world.do('certificate.resume', { handle, ground: 'measure-lifted' })
  const file = await world.file(credential)
  const on = (from: number, until: number): string =>
    judgeCertificate(file, {
      policy: policyOf(),
      nowMs: world.clock.wallMs(),
      during: { from, until },
    }).outcome
  assert.equal(on(issued + 1_000, issued + day - 1_000), 'valid')
  assert.equal(on(issued + day / 2, issued + (day * 3) / 2), 'suspended')
  assert.equal(on(issued - day, issued - day / 2), 'not-in-force')
  assert.equal(on(issued + day * 2 + 10_000, issued + day * 2 + 20_000), 'valid')
})

test('the status list that wallets read says what the ledger says', async () => {
  const world = new CertificateWorld()
  const { handle, body } = await world.issue()
  const { index } = body as { readonly index: number }
  const record = world
    .keys()
    .list()
    .find(({ use }) => use === 'status')
  const key = importPublicKey('ES256', record!.jwk) as PublicKey
  const read = (): number => {
    const token = statusListToken(world.port(), world.keys(), 0)
    assert(typeof token === 'string')
    const uri = 'https://city.example/titles/statuslists/land/0'
    const question = { uri, index, key, nowMs: world.clock.wallMs() }
    const said = statusFromList(token, question, zlib)
    assert(!isRefusal(said), JSON.stringify(said))
    return said.status
  }
  assert.equal(read(), 0)
  await world.do('certificate.hold', { handle, ground: 'under-review' })
  assert.equal(read(), 2)
  await world.do('certificate.revoke', { handle, ground: 'issued-in-error' })
  assert.equal(read(), 1)
})

test('no file is given out before a checkpoint covers it, nor for what is on no ledger', async () => {
  const world = new CertificateWorld()
  const { credential, handle } = await world.issue()
  const code = (): string => {
    const file = certificateEvidence(world.host, credential)
    return isRefusal(file) ? file.code : 'ok'
  }
  assert.notEqual(code(), 'ok')
  await world.clock.pass(20_000)
  assert.equal(code(), 'ok')
  await world.do('certificate.hold', { handle, ground: 'under-review' })
  await world.do('certificate.resume', { handle, ground: 'cleared' })
  assert.equal(code(), 'node/record-changed')
  const other = await new CertificateWorld().issue({ fields: { other: 1 } })
  const foreign = certificateEvidence(world.host, other.credential)
  assert(isRefusal(foreign) && foreign.code === 'node/not-found')
})

// Every byte in one go: FLIPS=all.
const stride = process.env['FLIPS'] === 'all' ? 1 : 41

test('with any bit flipped a file is never called valid', async () => {
  const world = new CertificateWorld()
  const { credential } = await world.issue()
  const file = await world.file(credential)
  assert.equal(judged(world, file).outcome, 'valid')
  for (let at = 0; at < file.length; at += stride) {
    const changed = file.slice()
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
    assert.notEqual(judged(world, changed).outcome, 'valid', `byte ${at}`)
  }
})

test('with its sum made again, a changed file is valid only where it says the same', async () => {
  const world = new CertificateWorld()
  const { credential } = await world.issue()
  const file = await world.file(credential)
  const before = said(judged(world, file))
  const text = utf8Decode(file) ?? ''
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.integer({ min: 0, max: 6 }), (at, bit) => {
      const unit = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit))
      const changed = resummed(text.slice(0, at) + unit + text.slice(at + 1))
      if (changed === null || utf8Decode(changed) === text) return
      const judgement = judged(world, changed)
      if (judgement.outcome === 'valid') assert.deepEqual(said(judgement), before)
    }),
    { numRuns: 200 },
  )
})

/** The same file with a sum that fits; null when it is no JSON any more. */
function resummed(text: string): Bytes | null {
  try {
    const { sum: _, ...content } = JSON.parse(text) as { [name: string]: never }
    const sum = sha256Text(encodeCanonical(content), 'base64url')
    return utf8Encode(encodeCanonical({ ...content, sum }))
  } catch {
    return null
  }
}

function said(judgement: CertificateJudgement): unknown {
  const { record, claims, verdict, asOf } = factsOf(judgement)
  return JSON.parse(JSON.stringify({ record, claims, grade: gradeText(verdict), asOf }))
}

test('parts of one certificate do not stand for another', async () => {
  const world = new CertificateWorld()
  const first = await world.issue()
  const second = await world.issue()
  await world.do('certificate.revoke', { handle: first.handle, ground: 'issued-in-error' })
  const revoked = JSON.parse(utf8Decode(await world.file(first.credential)) ?? '') as Parts
  const standing = JSON.parse(utf8Decode(await world.file(second.credential)) ?? '') as Parts
  const mixed = (parts: Partial<Parts>): string => {
    const file = resummed(JSON.stringify({ ...revoked, ...parts }))
    assert(file !== null)
    return becauseOf(judged(world, file))
  }
  assert.equal(mixed({}), 'not-in-force')
  assert.equal(mixed({ records: standing.records }), 'not-genuine certificates/other-entry')
  assert.equal(
    mixed({ records: standing.records, issue: standing.issue }),
    'not-genuine certificates/other-credential',
  )
  assert.equal(
    mixed({ credential: standing.credential }),
    'not-genuine certificates/other-credential',
  )
  assert.equal(
    mixed({ records: revoked.records.slice(0, 3) }),
    'not-genuine certificates/other-record',
  )
  const root = mixed({ root: standing.issue })
  assert.equal(root, 'not-genuine prove/malformed-entry')
})

type Parts = { records: unknown[]; issue: unknown; credential: string; root: unknown }
