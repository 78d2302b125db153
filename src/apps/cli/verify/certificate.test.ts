// Claims about `verify` over certificate files: each outcome has its words, its place in the JSON
// answer and its exit code, in both languages.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { exits, Stop, Terminal } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { verify } from '#apps/cli/verify'
import { judgeCertificate } from '#domains/certificates'
import { CertificateWorld, policyOf, policyText, startTime } from '#test/certificate-world'
import { scratch } from '#test/lianban'
import { certificateAnswer } from './certificate.ts'

const place = scratch('certificate')
after(() => place.remove())

function put(name: string, content: string | Uint8Array): string {
  const path = join(place.path, name)
  writeFileSync(path, content)
  return path
}

// The ledger's time lies before today's, so that a policy without an age is what fits here.
const policy = put('policy', policyText.replace(/^#lianban fresh.*\n/m, ''))
const aged = put('aged', policyText)

function run(
  path: string,
  values: { readonly [name: string]: string } = {},
  language: 'en' | 'zh' = 'en',
): Promise<Answer> {
  return verify({
    terminal: new Terminal({ language, json: false, quiet: true, verbose: false }),
    operands: { FILE: path },
    values: { policy, ...values },
    lists: {},
    flags: new Set(),
    env: {},
  })
}

const world = new CertificateWorld()
const { credential, handle } = await world.issue()
const valid = put('valid.json', await world.file(credential))
await world.do('certificate.dispute', { handle, matter: 'A'.repeat(43) }, 'tax')
const disputed = put('disputed.json', await world.file(credential))
await world.do('certificate.suspend', { handle, ground: 'court-order' })
const suspended = put('suspended.json', await world.file(credential))
await world.do('certificate.revoke', { handle, ground: 'issued-in-error' })
const ended = await world.file(credential)
const revoked = put('revoked.json', ended)

test('a valid certificate ends with 0 and says its issuer, its fields, its age and its grade', async () => {
  const { data, lines, exit } = await run(valid)
  assert.equal(exit, exits.ok)
  assert.equal(data['outcome'], 'valid')
  assert.equal(data['ok'], true)
  assert.equal(data['grade'], 'witnessed(1)')
  const said = lines.join('\n')
  assert.match(said, /^valid: the certificate is genuine and in force/)
  assert.match(said, /issuer +land/)
  assert.match(said, /status as of.*days ago, by the clocks of its cosigners/)
  assert.match(said, /independent of its operator/)
  assert.match(said, /certNo +京\(2026\)朝不动产权第0000001号/)
  const zh = (await run(valid, {}, 'zh')).lines.join('\n')
  assert.match(zh, /^有效 \(valid\): 证照真实，状态有效/)
  assert.match(zh, /天前, 共签方的时钟/)
})

test('what is not in force ends with 3 and says since when and why', async () => {
  const halted = await run(suspended)
  assert.deepEqual([halted.exit, halted.data['outcome']], [exits.unverified, 'suspended'])
  assert.match(halted.lines.join('\n'), /status +suspended, court-order, since 20/)
  const over = await run(revoked)
  assert.deepEqual([over.exit, over.data['outcome']], [exits.unverified, 'not-in-force'])
  assert.match(over.lines.join('\n'), /status +revoked, issued-in-error, since 20/)
  const zh = (await run(revoked, {}, 'zh')).lines.join('\n')
  assert.match(zh, /^失效 \(not-in-force\)/)
})

test('a dispute is shown and does not change the outcome', async () => {
  const { data, lines, exit } = await run(disputed)
  assert.deepEqual([exit, data['outcome']], [exits.ok, 'valid'])
  assert.equal(typeof data['disputedSince'], 'number')
  assert.match(lines.join('\n'), /disputed +since 20/)
})

test('a status that is older than the policy allows is no basis, however valid it was', async () => {
  const { data, lines, exit } = await run(valid, { policy: aged })
  assert.deepEqual([exit, data['outcome'], data['ok']], [exits.unverified, 'valid', false])
  assert.match(lines[0] ?? '', /its status is too old/)
})

test('a day of the past is answered from the newest file', async () => {
  const issued = new Date(startTime + 8 * 3_600_000).toISOString().slice(0, 10)
  const before = new Date(startTime - 16 * 3_600_000).toISOString().slice(0, 10)
  assert.equal((await run(revoked, { on: before })).data['outcome'], 'not-in-force')
  assert.match((await run(revoked, { on: before })).lines.join('\n'), /not issued yet/)
  const spells = (await run(revoked, { on: issued })).data['spells'] as readonly {
    status: string
  }[]
  assert.deepEqual(
    spells.map(({ status }) => status),
    ['none', 'valid', 'suspended', 'revoked'],
  )
  await assert.rejects(run(revoked, { on: 'monday' }), (stop) => {
    return stop instanceof Stop && stop.code === 'cli/bad-value'
  })
})

test('a policy that does not know the log makes the issuer untrusted; damage is not genuine', async () => {
  const other = put('other', 'log other.example/log+c1ff5ea0+AQ==\nquorum none\n')
  await assert.rejects(run(valid, { policy: other }), Stop)
  const nowMs = world.clock.wallMs()
  const stranger = policyOf(policyText.replace(/^log .*$/m, '').replace('\n', ''))
  const terminal = new Terminal({ language: 'en', json: false, quiet: true, verbose: false })
  const unknown = certificateAnswer(terminal, judgeCertificate(ended, { policy: stranger, nowMs }))
  assert.deepEqual([unknown.exit, unknown.data['outcome']], [exits.unverified, 'untrusted-issuer'])
  assert.match(unknown.lines.join('\n'), /nobody whom your policy trusts vouches/)
  const damaged = ended.slice()
  damaged[200] = (damaged[200] ?? 0) ^ 1
  const broken = await run(put('broken.json', damaged))
  assert.deepEqual([broken.exit, broken.data['outcome']], [exits.unverified, 'not-genuine'])
  assert.equal(broken.data['code'], 'certificates/damaged-file')
})

test('what holds can still be worth too little', async () => {
  await assert.rejects(run(valid, { 'at-least': 'validated:2' }), (stop) => {
    return stop instanceof Stop && stop.code === 'cli/too-weak' && stop.exit === exits.unverified
  })
})
