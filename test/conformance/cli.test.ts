// Claims about `lianban` as its users meet it: the real program on real directories, its exit
// codes, its JSON, and what it refuses to believe.
import assert from 'node:assert/strict'
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { encodeNote, encodeVkey, parseSignedCheckpoint } from '#ledger/prove'
import { cosign, noteKeyOf, openFileStore, signCommand } from '#adapters/keys'
import { fsDisk, openCheckpointStore } from '#adapters/storage'
import { utf8Encode } from '#base/bytes'
import { checkBackup } from '#apps/cli/backup'
import { encodeIntent, isRefusal } from '#ledger/command'
import { makeId } from '#test/commands'
import { lianban, lianbanJson, scratch, serveNode } from '#test/lianban'
import { Random } from '#simulation/random'

const place = scratch('cli')
after(() => place.remove())
const directory = join(place.path, 'd')
const at = ['--directory', directory]
const ledger = 'city.example/cli'

lianban(['init', '--ledger', ledger, '--member', 'land', '--member', 'tax', '--practice', ...at])

function command(id: string, kind = 'hold'): string {
  const keys = openFileStore(join(directory, 'keys'))
  const key = keys.list().find(({ use, member }) => use === 'command' && member === 'tax')
  assert.ok(key !== undefined)
  const body = { handle: makeId(7), kind }
  const notAfter = Date.now() + 600_000
  return signCommand(keys, key.kid, encodeIntent({ ledger, id, type: 'mark.set', body, notAfter }))
}

test('a command line that is not understood ends with 2 and names what was meant', () => {
  const option = lianbanJson(['ledger', 'verify', '--form-checkpoint', 'x', ...at])
  assert.equal(option.exit, 2)
  assert.equal(option.value['code'], 'cli/unknown-option')
  assert.match(String(option.value['remedy']), /--from-checkpoint/)
  const verb = lianbanJson(['backup', 'creat'])
  assert.equal(verb.exit, 2)
  assert.equal(verb.value['code'], 'cli/unknown-command')
  assert.match(String(verb.value['remedy']), /backup create/)
  assert.equal(lianbanJson(['verify']).value['code'], 'cli/missing-operand')
})

test('messages are in the language that is asked for', () => {
  const words = ['ledger', 'verify', '--directory', join(place.path, 'none')]
  const zh = lianban(words, { env: { LANG: 'zh_CN.UTF-8' } })
  assert.equal(zh.exit, 1)
  assert.match(zh.err, /cli\/no-ledger.*目录中没有账本/s)
  assert.match(lianban([...words, '--lang', 'en']).err, /the directory holds no ledger/)
})

test('a ledger is begun once in a directory', () => {
  const again = lianbanJson(['init', '--ledger', ledger, '--member', 'land', ...at])
  assert.equal(again.exit, 5)
  assert.equal(again.value['code'], 'cli/not-empty')
})

test('a node that does not answer ends with 4', () => {
  const asked = lianbanJson(['query', 'head', '--url', 'http://127.0.0.1:9'])
  assert.equal(asked.exit, 4)
  assert.equal(asked.value['code'], 'transport/unreachable')
})

test('commands are submitted from stdin, again for the same receipt, and in conflict with 5', () => {
  const id = makeId(1)
  const text = command(id)
  const first = lianbanJson(['submit', '-', ...at], { input: text })
  assert.equal(first.exit, 0)
  const [receipt] = first.value['answers'] as { id: string; code: string; entry: number }[]
  assert.deepEqual([receipt?.id, receipt?.code], [id, 'ok'])
  const again = lianbanJson(['submit', '-', ...at], { input: text })
  // Its grade may have risen meanwhile; everything else is the same receipt for ever.
  const [later] = again.value['answers'] as object[]
  assert.deepEqual({ ...later, grade: '' }, { ...receipt, grade: '' })
  const other = lianbanJson(['submit', '-', ...at], { input: command(id, 'frozen') })
  assert.equal(other.exit, 5)
  assert.equal(other.value['code'], 'read/id-reused')
})

test('a stream of commands is answered line by line, and a no in it ends with 1', () => {
  const lines = [command(makeId(2)), command(makeId(3), 'disputed'), command(makeId(2), 'frozen')]
  const { exit, value } = lianbanJson(['submit', '-', ...at], { input: lines.join('\n') })
  assert.equal(exit, 1)
  const codes = (value['answers'] as { code: string }[]).map(({ code }) => code)
  assert.deepEqual(codes, ['ok', 'ok', 'read/id-reused'])
})

test('a whole ledger is verified, scrubbed, run again, rebuilt and exported', () => {
  const before = lianbanJson(['ledger', 'verify', ...at])
  assert.equal(before.exit, 0)
  assert.equal(lianbanJson(['ledger', 'scrub', ...at]).value['ok'], true)
  assert.equal(lianbanJson(['audit', 'replay', ...at]).value['verified'], true)
  assert.equal(lianban(['ledger', 'rebuild', ...at]).exit, 2)
  const rebuilt = lianbanJson(['ledger', 'rebuild', '--yes', ...at])
  assert.equal(rebuilt.value['root'], before.value['root'])
  const file = join(place.path, 'export.tar')
  assert.equal(lianban(['ledger', 'export', file, ...at]).exit, 0)
  lianban(['query', 'policy', '--out', join(place.path, 'policy'), ...at])
  const policy = ['--policy', join(place.path, 'policy')]
  assert.equal(lianbanJson(['verify', file, ...policy]).value['kind'], 'archive')
  const bytes = readFileSync(file)
  bytes[bytes.length - 2_000] = (bytes[bytes.length - 2_000] ?? 0) ^ 1
  writeFileSync(file, bytes)
  assert.equal(lianbanJson(['verify', file, ...policy]).exit, 3)
})

test('evidence verifies without permission to use the network, and not with one bit changed', () => {
  const file = join(place.path, 'evidence.json')
  const policy = join(place.path, 'policy')
  assert.equal(lianban(['proof', 'get', '--entry', '0', '--out', file, ...at]).exit, 0)
  const cut = { node: ['--permission', '--allow-fs-read=*'] }
  const words = ['verify', file, '--policy', policy]
  const { exit, value } = lianbanJson(words, cut)
  assert.deepEqual([exit, value['verified'], value['grade']], [0, true, 'witnessed(0)'])
  assert.equal(lianbanJson([...words, '--at-least', 'validated'], cut).exit, 3)
  const bytes = readFileSync(file)
  bytes[120] = (bytes[120] ?? 0) ^ 1
  writeFileSync(file, bytes)
  assert.equal(lianbanJson(words, cut).exit, 3)
})

test('a signed command verifies by a registry snapshot', () => {
  const [registry, signed] = [join(place.path, 'registry'), join(place.path, 'signed')]
  assert.equal(lianban(['query', 'registry', '--out', registry, ...at]).exit, 0)
  writeFileSync(signed, command(makeId(9)))
  const words = ['verify', signed, '--policy', join(place.path, 'policy'), '--registry', registry]
  const { exit, value } = lianbanJson(words)
  assert.deepEqual([exit, value['kind'], value['member']], [0, 'command', 'tax'])
  const text = readFileSync(signed, 'utf8')
  writeFileSync(signed, text.slice(0, -4) + (text.endsWith('AAAA') ? 'BBBB' : 'AAAA'))
  assert.equal(lianbanJson(words).value['code'], 'cli/bad-signature')
})

test('a backup of a running node restores to the same root, and signs nothing by itself', async () => {
  const node = await serveNode(directory)
  const backup = join(place.path, 'backup')
  try {
    const made = lianbanJson(['backup', 'create', backup, ...at])
    assert.deepEqual([made.exit, made.value['online']], [0, true])
    assert.equal(lianbanJson(['submit', '-', ...at], { input: command(makeId(4)) }).exit, 5)
    const url = ['--url', node.url]
    assert.equal(lianban(['submit', '-', ...url], { input: command(makeId(4)) }).exit, 0)
    const follower = ['--directory', join(place.path, 'f'), '--once']
    const token = ['--token-file', join(directory, 'operator.token')]
    assert.equal(lianban(['follow', node.url, ...follower, ...token]).exit, 0)
    const restored = join(place.path, 'restored')
    const words = ['backup', 'restore', backup, '--directory', restored]
    const { exit, value } = lianbanJson(words)
    assert.deepEqual([exit, value['root']], [0, made.value['root']])
    assert.equal(lianbanJson(words).value['code'], 'cli/not-empty')
    const verified = lianbanJson(['ledger', 'verify', '--directory', restored])
    assert.equal(verified.value['root'], made.value['root'])
    const doctor = lianbanJson(['doctor', '--directory', restored])
    const checks = (doctor.value['findings'] as { check: string }[]).map(({ check }) => check)
    assert.ok(checks.includes('restored'))
  } finally {
    await node.stop()
  }
})

test('a restored size is confirmed by a cosigner that spoke since, and by nothing older', () => {
  const restored = join(place.path, 'restored')
  const keys = openFileStore(join(place.path, 'cosigner'))
  const made = keys.generate({ use: 'cosign', member: 'tax', custody: 'own', created: 0 })
  const name = `${ledger}/witness`
  const policy = join(place.path, 'policy-with-witness')
  const witness = `witness w ${encodeVkey(noteKeyOf(made, name))}`
  writeFileSync(
    policy,
    `${readFileSync(join(place.path, 'policy'), 'utf8')}`.replace(
      'quorum none',
      `${witness}\nquorum w`,
    ),
  )
  const kept = openCheckpointStore(fsDisk(join(restored, 'ledger'))).newest
  const signed = parseSignedCheckpoint(utf8Encode(kept?.text ?? ''))
  assert.ok(signed !== null)
  const confirm = (seconds: number): ReturnType<typeof lianbanJson> => {
    const { text, signatures } = signed.note
    const line = cosign(keys, { kid: made.kid, name, text, seconds })
    const file = join(place.path, 'cosigned')
    writeFileSync(file, encodeNote({ text, signatures: [...signatures, line] }))
    const words = ['--directory', restored, '--policy', policy, '--cosigned', file]
    return lianbanJson(['backup', 'confirm', ...words])
  }
  const now = Math.floor(Date.now() / 1000)
  assert.equal(confirm(now - 86_400).exit, 3)
  // What the restored machine could have signed itself confirms nothing.
  const held = join(restored, 'keys')
  cpSync(join(place.path, 'cosigner'), held, { recursive: true })
  assert.deepEqual(confirm(now + 5).value['code'], 'cli/unconfirmed')
  rmSync(held, { recursive: true })
  const trusted = readFileSync(policy, 'utf8')
  writeFileSync(policy, trusted.replace(/^witness/m, '#lianban hosted').replace(/m w$/m, 'm none'))
  assert.deepEqual(confirm(now + 5).value['code'], 'cli/unconfirmed')
  writeFileSync(policy, trusted)
  assert.equal(confirm(now + 5).exit, 0)
  const doctor = lianbanJson(['doctor', '--directory', restored])
  const checks = (doctor.value['findings'] as { check: string }[]).map(({ check }) => check)
  assert.ok(!checks.includes('restored'))
})

test('a backup with any bit changed, a file too many or one missing is refused', () => {
  const backup = join(place.path, 'backup')
  const files = filesOf(backup)
  const random = new Random(7)
  for (let tries = 0; tries < 60; tries += 1) {
    const path = files[tries % files.length] as string
    const whole = readFileSync(path)
    const changed = Buffer.from(whole)
    const offset = random.below(changed.length)
    changed[offset] = (changed[offset] ?? 0) ^ (1 << random.below(8))
    writeFileSync(path, changed)
    assert.ok(isRefusal(checkBackup(backup, () => undefined)), `${path} at ${offset}`)
    writeFileSync(path, whole)
  }
  writeFileSync(join(backup, 'stray'), '')
  assert.ok(isRefusal(checkBackup(backup, () => undefined)))
  const copy = join(place.path, 'copy')
  cpSync(backup, copy, { recursive: true })
  assert.equal(lianbanJson(['backup', 'verify', copy]).exit, 3)
  const target = join(place.path, 'never')
  assert.equal(lianban(['backup', 'restore', copy, '--directory', target]).exit, 3)
  assert.equal(existsSync(join(target, 'ledger', 'journal')), false)
})

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size > 0)
}
