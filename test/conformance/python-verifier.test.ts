// The verifier written a second time, in Python and without a line of ours, agrees with this one:
// on every case of the vectors, and on mutants that neither of them has seen before.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { base64Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import { gradeText, judge, verifyEvidence, verifyProofFile } from '#ledger/prove'
import { Chance, NOW, makeArtefacts, mutate } from '#test/mutants'

const verifier = join(import.meta.dirname, 'verify.py')
const vectors = join(import.meta.dirname, '..', '..', 'vectors')
const found = spawnSync('python3', ['--version'], { encoding: 'utf8' }).status === 0
const skip = found ? false : 'python3 is not on the path'

function python(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('python3', [verifier, ...args], {
    encoding: 'utf8',
    input,
    maxBuffer: 2 ** 26,
  })
  assert.equal(status, 0, `${stdout}${stderr}`)
  return stdout
}

test('it judges every case of vectors/prove-*.json as written there', { skip }, () => {
  const lines = python(['vectors', vectors]).trim().split('\n')
  assert.equal(lines.length, 8)
  for (const line of lines) assert.match(line, /^prove-\w+\.json: [1-9]\d* cases hold, 0 do not$/)
})

type Request = { kind: 'checkpoint' | 'file' | 'evidence'; file: Bytes; entry?: Bytes }

test('it judges artefacts and their mutants as this verifier does', { skip }, () => {
  const { policy, policyText, checkpoints, proofs, evidence } = makeArtefacts()
  const nowMs = NOW * 1000
  const chance = new Chance(Number(process.env['LIANBAN_SEED'] ?? 7))
  const count = Number(process.env['LIANBAN_MUTANTS'] ?? 150)
  const valid: Request[] = [
    ...checkpoints.map((file) => ({ kind: 'checkpoint' as const, file })),
    ...proofs.map(({ entry, file }) => ({ kind: 'file' as const, file, entry })),
    ...evidence.map((file) => ({ kind: 'evidence' as const, file })),
  ]
  const mutants = Array.from({ length: count }, (): Request => {
    const original = chance.of(valid)
    const other = chance.of(valid.filter(({ kind }) => kind === original.kind))
    return { ...original, file: mutate(original.file, other.file, chance) }
  })
  const ours = ({ kind, file, entry }: Request): string => {
    if (kind === 'evidence') {
      const proven = verifyEvidence(file, policy, nowMs)
      return isRefusal(proven) ? 'refused' : gradeText(proven.verdict)
    }
    const verdict =
      kind === 'checkpoint'
        ? judge({ policy, note: file, nowMs })
        : verifyProofFile({ entry: entry!, file, policy, nowMs })
    return isRefusal(verdict) ? 'refused' : gradeText(verdict)
  }
  const asked = [...valid, ...mutants]
  const requests = asked.map(({ kind, file, entry }) =>
    JSON.stringify({
      kind,
      policy: policyText,
      now: nowMs,
      file: base64Encode(file),
      entry: entry && base64Encode(entry),
    }),
  )
  const answers = python(['answers'], `${requests.join('\n')}\n`)
    .trimEnd()
    .split('\n')
  assert.equal(answers.length, asked.length)
  for (const [i, answer] of answers.entries()) {
    const theirs = answer.startsWith('prove/') ? 'refused' : answer
    assert.equal(theirs, ours(asked[i]!), `${answer}: ${requests[i]}`)
  }
  const refused = answers.filter((answer) => answer.startsWith('prove/')).length
  assert.ok(refused > count / 2 && refused <= count, `${refused} refused`)
})
