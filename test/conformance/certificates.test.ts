// Certificate files under a second verifier, written in Python from the page alone: it says the
// same outcome of whole files of every kind, and of files that were changed and given a fitting
// sum.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { base64Encode, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import { judgeCertificate, showFields } from '#domains/certificates'
import { CertificateWorld, policyOf, policyText } from '#test/certificate-world'
import { Chance } from '#test/mutants'
import { signerOf } from '#test/proofs'

const verifier = join(import.meta.dirname, 'certificate.py')
const found = spawnSync('python3', ['--version'], { encoding: 'utf8' }).status === 0
const skip = found ? false : 'python3 is not on the path'

type Request = { readonly file: Bytes; readonly nowMs: number; readonly policy: string }

function ours({ file, nowMs, policy }: Request): string {
  return judgeCertificate(file, { policy: policyOf(policy), nowMs }).outcome
}

/** What the other one says, a line a request: outcome and reason. */
function theirs(requests: readonly Request[]): readonly string[] {
  const input = requests
    .map((request) => JSON.stringify({ ...request, file: base64Encode(request.file) }))
    .join('\n')
  const options = { encoding: 'utf8', input, maxBuffer: 2 ** 26 } as const
  const { status, stdout, stderr } = spawnSync('python3', [verifier, 'answers'], options)
  assert.equal(status, 0, stderr)
  return stdout.trimEnd().split('\n')
}

function same(requests: readonly Request[]): readonly string[] {
  const others = theirs(requests)
  assert.equal(others.length, requests.length)
  return requests.map((request, at) => {
    const outcome = ours(request)
    const [other, why] = (others[at] ?? '').split(' ')
    assert.equal(other, outcome, `request ${at}: ${why}`)
    return outcome
  })
}

async function files(): Promise<{
  readonly world: CertificateWorld
  readonly whole: readonly Bytes[]
}> {
  const world = new CertificateWorld()
  const until = world.clock.wallMs() + 86_400_000
  const { credential, handle } = await world.issue({ until })
  const whole = [await world.file(credential)]
  const part = showFields(credential, ['owners'])
  assert(typeof part === 'string')
  whole.push(await world.file(part))
  // Without its last tilde the last disclosure stands where a holder would sign.
  whole.push(await world.file(credential.slice(0, -1)))
  await world.do('certificate.hold', { handle, ground: 'reported-lost' })
  whole.push(await world.file(credential))
  await world.do('certificate.revoke', { handle, ground: 'by-law' })
  whole.push(await world.file(credential))
  whole.push(await world.file(credential, false))
  return { world, whole }
}

test('a second verifier says the same outcome of every kind of file', { skip }, async () => {
  const { world, whole } = await files()
  const nowMs = world.clock.wallMs()
  const other = policyText.replace(/^log .*$/m, `log ${signerOf('other.example/log', 'note').vkey}`)
  const requests = whole.flatMap((file) => [
    { file, nowMs, policy: policyText },
    { file, nowMs: nowMs + 86_400_000, policy: policyText },
    { file, nowMs, policy: other },
    { file: file.subarray(1), nowMs, policy: policyText },
  ])
  const said = new Set(same(requests))
  const all = ['valid', 'suspended', 'not-in-force', 'untrusted-issuer', 'not-genuine']
  assert.deepEqual([...said].toSorted(), all.toSorted())
})

test('a second verifier says the same of files that were changed', { skip }, async () => {
  const { world, whole } = await files()
  const chance = new Chance(Number(process.env['LIANBAN_SEED'] ?? 5))
  const count = Number(process.env['LIANBAN_MUTANTS'] ?? 60)
  const nowMs = world.clock.wallMs()
  const requests: Request[] = []
  while (requests.length < count) {
    const file = changed(chance.of(whole), chance)
    if (file !== null) requests.push({ file, nowMs, policy: policyText })
  }
  same(requests)
})

/** The file with one leaf of it changed and a sum that fits; null when nothing came of it. */
function changed(file: Bytes, chance: Chance): Bytes | null {
  const content = JSON.parse(utf8Decode(file) ?? '') as { [name: string]: unknown }
  delete content['sum']
  const text = encodeCanonical(content as never)
  const at = chance.below(text.length)
  const letters = 'Aa0_-z9{}",:~.'
  const unit = letters.charAt(chance.below(letters.length))
  try {
    const value = JSON.parse(text.slice(0, at) + unit + text.slice(at + 1)) as never
    const sum = sha256Text(encodeCanonical(value), 'base64url')
    return utf8Encode(encodeCanonical({ ...(value as object), sum } as never))
  } catch {
    return null
  }
}
