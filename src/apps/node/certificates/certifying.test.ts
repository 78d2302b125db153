// The robot that certifies: one certificate under one handle whatever happens in between, kept
// before it is said, superseded when what it certifies was corrected.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256Text } from '#base/crypto'
import { isRefusal } from '#ledger/command'
import { certificateOf, judgeCertificate, lastStatus } from '#domains/certificates'
import type { CertificateFacts, CertificateJudgement } from '#domains/certificates'
import { commitmentOf } from '#apps/node/casework'
import type { Officers, Vault, VaultRecord } from '#apps/node/casework'
import { bringCertificate, prepareCertificate } from '#apps/node/certificates'
import { certificatesOf, certify, halt } from '#apps/node/certificates'
import type { PreparedCertificate } from '#apps/node/certificates'
import { makeAuthenticator } from '#test/authenticator'
import { CertificateWorld, fields, officerHost } from '#test/certificate-world'
import { policyOf, titleType } from '#test/certificate-world'

function judged(world: CertificateWorld, file: Uint8Array): CertificateJudgement {
  return judgeCertificate(file, { policy: policyOf(), nowMs: world.clock.wallMs() })
}

function factsOf(judgement: CertificateJudgement): CertificateFacts {
  assert('record' in judgement, JSON.stringify(judgement))
  return judgement
}

/** A vault in memory. */
function memoryVault(): Vault {
  const records: VaultRecord[] = []
  return {
    put: async (record) => void records.push(record),
    get: (id) => records.find((record) => record.id === id) ?? null,
    view: async () => undefined,
    find: (wanted) =>
      records.filter(
        (record) =>
          record.case === wanted.case &&
          (wanted.name === undefined || record.name === wanted.name) &&
          (wanted.kind === undefined || record.kind === wanted.kind),
      ),
  }
}

test('a crash between signing, saying and hearing leaves one certificate under the handle', async () => {
  const world = new CertificateWorld()
  const kept = new Map<string, PreparedCertificate>()
  const shelf = {
    get: (handle: string) => kept.get(handle),
    put: async (prepared: PreparedCertificate) => void kept.set(prepared.handle, prepared),
  }
  const handle = 'A'.repeat(22)
  const errand = { type: titleType, fields, case: 'A'.repeat(43), handle }
  const bring = async (): Promise<PreparedCertificate> => {
    const bringing = { port: world.port(), keys: world.keys(), shelf }
    const said = bringCertificate(bringing, errand)
    await world.clock.pass(200)
    const prepared = await said
    assert(!isRefusal(prepared), JSON.stringify(prepared))
    return prepared
  }
  // The process ended after it had kept the certificate, before it said anything.
  const signed = prepareCertificate(world.port(), world.keys(), errand)
  assert(!isRefusal(signed))
  await shelf.put(signed)
  assert.deepEqual(await bring(), signed)
  const size = world.host.head().size
  assert.deepEqual(await bring(), signed)
  assert.equal(world.host.head().size, size)
  // The place of a kept certificate was taken: another one is signed, kept and issued.
  const late = prepareCertificate(world.port(), world.keys(), {
    ...errand,
    handle: 'B'.repeat(21) + 'A',
  })
  assert(!isRefusal(late))
  const { index } = signed.body as { readonly index: number }
  await shelf.put({ ...late, body: { ...late.body, index } })
  const bringing = { port: world.port(), keys: world.keys(), shelf }
  const said = bringCertificate(bringing, { ...errand, handle: late.handle })
  await world.clock.pass(200)
  const other = await said
  assert(!isRefusal(other), JSON.stringify(other))
  assert.notEqual(other.digest, late.digest)
  assert.equal(kept.get(late.handle)?.digest, other.digest)
})

test('a robot certifies what it has given once, and supersedes it when it was corrected', async () => {
  const world = new CertificateWorld()
  const vault = memoryVault()
  const reported: string[] = []
  const dept = {
    port: world.port(),
    vault,
    keys: world.keys(),
    officers: null,
    clock: { wallMs: () => world.clock.wallMs(), after: () => () => undefined },
    report: ({ event }: { readonly event: string }) => void reported.push(event),
  }
  const of = {
    case: 'C'.repeat(22),
    item: 'newTitle',
    type: 'real-estate-title@2',
    posts: ['registrar'],
  }
  const give = async (state: string, area: number | null, gen: number): Promise<string> => {
    const leaves = [
      { path: '$', value: state },
      { path: 'area', value: area },
    ]
    const kind = 'own' as const
    const salt = Buffer.alloc(32, gen).toString('base64url')
    const { case: id, item: name, type } = of
    await vault.put({ id: `r${gen}`, kind, type, case: id, name, gen, salt, leaves, at: gen })
    const record = vault.get(`r${gen}`)
    assert(record !== null)
    return commitmentOf(record)
  }
  const run = async (c: string, gen: number, member: string = 'land'): Promise<void> => {
    const done = certify({ ...dept, port: world.port(member) }, { ...of, c, gen })
    await world.clock.pass(300)
    await done
  }
  const first = await give('done', 8_905, 1)
  await run(first, 1)
  await run(first, 1)
  const [signed, ...more] = certificatesOf(vault, of)
  assert(signed !== undefined && more.length === 0)
  assert.equal(judged(world, await world.file(signed.credential)).outcome, 'valid')
  await world.clock.pass(1_000)
  await run(await give('done', 8_950, 2), 2)
  const again = certificatesOf(vault, of)
  assert.equal(again.length, 2)
  const before = factsOf(judged(world, await world.file(signed.credential)))
  assert.equal(before.spells.at(-1)?.status, 'superseded')
  assert.equal(before.record.changes.at(-1)?.by, again[1]?.handle)
  await run(await give('na', null, 3), 3)
  assert.equal(certificatesOf(vault, of).length, 2)
  await run(await give('done', 1, 4), 4, 'tax')
  assert.deepEqual(reported, ['certificate-not-accredited'])
  // Neither handle nor commitment follows from what stands on the ledger of the case.
  const body = JSON.stringify(signed.body)
  for (const known of [of.case, first]) assert.equal(body.includes(known), false)
})

test('what certifies an annulled decision is on hold until it is given again, or revoked', async () => {
  const world = new CertificateWorld()
  const vault = memoryVault()
  const of = { case: 'C'.repeat(22), item: 'newTitle', gen: 1, type: titleType, posts: [] }
  const { case: id, item: name, gen, type } = of
  const salt = Buffer.alloc(32, 1).toString('base64url')
  const leaves = [
    { path: '$', value: 'done' },
    { path: 'area', value: 8_905 },
  ]
  await vault.put({ id: 'r', kind: 'own', type, case: id, name, gen, salt, leaves, at: 1 })
  const record = vault.get('r')
  assert(record !== null)
  const part = { ...of, c: commitmentOf(record) }
  const run = async (step: 'certify' | 'halt' | 'revoke'): Promise<string> => {
    const dept = {
      port: world.port(),
      vault,
      keys: world.keys(),
      officers: null,
      clock: { wallMs: () => world.clock.wallMs(), after: () => () => undefined },
      report: () => undefined,
    }
    const done = step === 'certify' ? certify(dept, part) : halt(dept, part, step === 'revoke')
    await world.clock.pass(300)
    await done
    const { handle = '' } = certificatesOf(vault, of)[0] ?? {}
    return lastStatus(certificateOf(world.port().view(), handle))
  }
  assert.equal(await run('certify'), 'valid')
  assert.equal(await run('halt'), 'held')
  assert.equal(await run('halt'), 'held')
  assert.equal(await run('certify'), 'valid', 'given again as it was')
  assert.equal(await run('halt'), 'held')
  assert.equal(await run('revoke'), 'revoked')
  assert.equal(await run('certify'), 'revoked')
})

test('where officers are enrolled one of them approves exactly this certificate', async () => {
  const passkey = makeAuthenticator({ rpId: officerHost, origin: `https://${officerHost}` })
  const world = new CertificateWorld([0, 1e12], passkey)
  const vault = memoryVault()
  const leaves = [
    { path: '$', value: 'done' },
    { path: 'area', value: 1 },
  ]
  const salt = Buffer.alloc(32, 1).toString('base64url')
  const of = {
    case: 'C'.repeat(22),
    item: 'newTitle',
    gen: 1,
    type: titleType,
    posts: ['registrar'],
  }
  const { case: id, item: name, gen, type } = of
  await vault.put({ id: 'r', kind: 'own', type, case: id, name, gen, salt, leaves, at: 1 })
  const record = vault.get('r')
  assert(record !== null)
  const asked: unknown[] = []
  const reported: string[] = []
  const officers: Officers = {
    approve: async ({ posts, intent, shown }) => {
      asked.push({ posts, shown })
      return [passkey.approve(intent, sha256Text(JSON.stringify(shown), 'base64url'))]
    },
  }
  const run = async (who: Officers | null): Promise<void> => {
    const done = certify(
      {
        port: world.port(),
        vault,
        keys: world.keys(),
        officers: who,
        clock: { wallMs: () => world.clock.wallMs(), after: () => () => undefined },
        report: ({ event }) => void reported.push(event),
      },
      { ...of, c: commitmentOf(record) },
    )
    await world.clock.pass(300)
    await done
  }
  await run(null)
  assert.deepEqual(reported, ['certificate-needs-officer'])
  assert.equal(certificatesOf(vault, of).length, 0)
  await run(officers)
  assert.deepEqual(asked, [
    { posts: ['registrar'], shown: { act: 'certify', item: 'newTitle', value: { area: 1 } } },
  ])
  const [signed] = certificatesOf(vault, of)
  assert(signed !== undefined)
  assert.equal(judged(world, await world.file(signed.credential)).outcome, 'valid')
})
