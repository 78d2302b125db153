// Claims of the key files: permissions, damage, crashes, sealing. What every key store promises is
// in test/support/key-store-contract.ts, which runs here over files and over seeded keys.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, mock, test } from 'node:test'
import { keyFileName, openFileStore, readSecretFile, resealFiles } from '#adapters/keys'
import { sealCostMax, sealCostMin, secretBytesMax } from '#adapters/keys'
import type { HeldKey, HeldUse, KeyStore } from '#adapters/keys'
import { utf8Encode } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { importPublicKey, sha256Text, verifySignature } from '#base/crypto'
import { keyStoreContract, throwsCode } from '#test/key-store-contract'
import { seededKeyStore } from '#test/seeded-keys'

const root = fs.mkdtempSync(join(tmpdir(), 'lianban-keys-'))
after(() => fs.rmSync(root, { recursive: true }))
let made = 0
const fresh = (): string => join(root, String((made += 1)))

const passphrase = utf8Encode('three words and a number 7')
const sealed = { passphrase, cost: sealCostMin }
const skip = process.geteuid === undefined && 'files have no modes here'

function keyIn(store: KeyStore, use: HeldUse): HeldKey {
  return store.generate({ use, member: 'tax', custody: 'own', created: 1_795_000_000_000 })
}

function signs(store: KeyStore, { kid, use, alg, jwk }: HeldKey): boolean {
  const key = importPublicKey(alg, jwk)
  return key !== null && verifySignature(key, 'a text', store.sign(kid, use, 'a text'))
}

keyStoreContract('files', () => openFileStore(fresh()))
keyStoreContract('seeded', () => seededKeyStore('contract'))

test('one seed gives the same keys and signatures, another seed gives others', () => {
  const run = (seed: string): string => {
    const store = seededKeyStore(seed)
    const [command, log] = [keyIn(store, 'command'), keyIn(store, 'log')]
    const signatures = [store.sign(command.kid, 'command', 'x'), store.sign(log.kid, 'log', 'x')]
    return JSON.stringify([command, log, ...signatures.map((bytes) => [...bytes])])
  }
  assert.equal(run('1'), run('1'))
  assert.notEqual(run('1'), run('2'))
})

test('keys are there when the directory is opened again, and sign', () => {
  const path = fresh()
  const uses: readonly HeldUse[] = ['command', 'log', 'receipt']
  const keys = uses.map((use) => keyIn(openFileStore(path), use))
  const store = openFileStore(path)
  assert.deepEqual(store.list(), keys)
  for (const key of keys) assert.ok(signs(store, key))
})

test('a key made by another process is found after a refresh', () => {
  const path = fresh()
  const [one, two] = [openFileStore(path), openFileStore(path)]
  const { kid } = keyIn(one, 'command')
  assert.equal(two.find(kid), undefined)
  two.refresh()
  assert.equal(two.find(kid)?.kid, kid)
})

test('a store sees the log key of another process before it makes a cosigner key', () => {
  const path = fresh()
  const [one, two] = [openFileStore(path), openFileStore(path)]
  keyIn(one, 'log')
  throwsCode(() => keyIn(two, 'cosign'), 'keys/log-and-cosign')
})

test('a directory into which a log and a cosigner key were copied does not open', () => {
  const [one, two] = [fresh(), fresh()]
  keyIn(openFileStore(one), 'log')
  const name = keyFileName(keyIn(openFileStore(two), 'cosign'))
  fs.copyFileSync(join(two, name), join(one, name))
  throwsCode(() => openFileStore(one), 'keys/log-and-cosign')
})

test('files and directory are their owner’s alone', { skip }, () => {
  const path = fresh()
  const name = keyFileName(keyIn(openFileStore(path), 'command'))
  assert.equal(fs.statSync(path).mode & 0o777, 0o700)
  assert.equal(fs.statSync(join(path, name)).mode & 0o777, 0o600)
})

test('a key file, directory or secret that others may use is refused', { skip }, () => {
  for (const mode of [0o640, 0o604, 0o620, 0o601]) {
    const path = fresh()
    const file = join(path, keyFileName(keyIn(openFileStore(path), 'command')))
    fs.chmodSync(file, mode)
    throwsCode(() => openFileStore(path), 'keys/readable-by-others')
    fs.chmodSync(file, 0o600)
    fs.chmodSync(path, 0o700 | (mode & 0o077))
    throwsCode(() => openFileStore(path), 'keys/readable-by-others')
    const secret = fresh()
    fs.writeFileSync(secret, 'a secret\n', { mode: 0o600 })
    fs.chmodSync(secret, mode)
    throwsCode(() => readSecretFile(secret), 'keys/readable-by-others')
  }
})

test('the refusal of an open file says what to run', { skip }, () => {
  const path = fresh()
  const file = join(path, keyFileName(keyIn(openFileStore(path), 'command')))
  fs.chmodSync(file, 0o644)
  assert.throws(() => openFileStore(path), { message: new RegExp(`chmod 600 '${file}'`) })
})

const notRoot = process.geteuid?.() !== 0 && 'only root can give a file away'
test('a key file of another user is refused', { skip: notRoot }, () => {
  const path = fresh()
  const file = join(path, keyFileName(keyIn(openFileStore(path), 'command')))
  fs.chownSync(file, 65_534, 65_534)
  throwsCode(() => openFileStore(path), 'keys/foreign-owner')
})

test('a flipped bit anywhere in a key file is found', () => {
  for (const options of [{}, sealed]) {
    const path = fresh()
    const file = join(path, keyFileName(keyIn(openFileStore(path, options), 'command')))
    const good = fs.readFileSync(file)
    for (let at = 0; at < good.length; at += 1) {
      const bad = Buffer.from(good)
      bad[at]! ^= 1 << (at % 8)
      fs.writeFileSync(file, bad)
      throwsCode(() => openFileStore(path, options), 'keys/corrupt')
    }
  }
})

test('a file under the name of another key is refused', () => {
  const path = fresh()
  const store = openFileStore(path)
  const [one, two] = [keyIn(store, 'command'), keyIn(store, 'command')]
  fs.copyFileSync(join(path, keyFileName(one)), join(path, keyFileName(two)))
  throwsCode(() => openFileStore(path), 'keys/corrupt')
})

test('whoever changes a sealed file and its check value does not change the key’s use', () => {
  const path = fresh()
  const key = keyIn(openFileStore(path, sealed), 'command')
  const file = join(path, keyFileName(key))
  const { check, ...members } = JSON.parse(fs.readFileSync(file, 'utf8')) as { check: string }
  const checkOf = (value: Json): string => sha256Text(encodeCanonical(value), 'base64url')
  assert.equal(check, checkOf(members))
  fs.rmSync(file)
  const changed = { ...members, use: 'transport' }
  const renamed = join(path, keyFileName({ ...key, use: 'transport' }))
  const text = encodeCanonical({ ...changed, check: checkOf(changed) })
  fs.writeFileSync(renamed, `${text}\n`, { mode: 0o600 })
  throwsCode(() => openFileStore(path, sealed), 'keys/wrong-passphrase')
})

test('a sealed file shows no secret and opens under its passphrase alone', () => {
  const path = fresh()
  const key = keyIn(openFileStore(path, sealed), 'command')
  const text = fs.readFileSync(join(path, keyFileName(key)), 'utf8')
  assert.equal('d' in (JSON.parse(text) as object), false)
  assert.ok(signs(openFileStore(path, sealed), key))
  throwsCode(() => openFileStore(path), 'keys/passphrase-needed')
  const other = { ...sealed, passphrase: utf8Encode('three words and a number 8') }
  throwsCode(() => openFileStore(path, other), 'keys/wrong-passphrase')
})

test('a file cannot ask for more memory than the store allows', () => {
  const path = fresh()
  const file = join(path, keyFileName(keyIn(openFileStore(path, sealed), 'command')))
  const text = fs.readFileSync(file, 'utf8')
  for (const cost of [sealCostMin - 1, sealCostMax + 1, 40]) {
    const { check: _, ...members } = JSON.parse(text) as { check: string; sealed: object }
    const changed = { ...members, sealed: { ...members.sealed, cost } } as unknown as Json
    const check = sha256Text(encodeCanonical(changed), 'base64url')
    fs.writeFileSync(file, `${encodeCanonical({ ...(changed as object), check })}\n`)
    throwsCode(() => openFileStore(path, sealed), 'keys/wrong-passphrase')
  }
})

test('files that are not sealed do not pass for sealed ones, and can be sealed', () => {
  const path = fresh()
  const keys = [keyIn(openFileStore(path), 'command'), keyIn(openFileStore(path), 'receipt')]
  throwsCode(() => openFileStore(path, sealed), 'keys/passphrase-missing-on-file')
  assert.equal(resealFiles(path, {}, sealed), 2)
  for (const key of keys) assert.ok(signs(openFileStore(path, sealed), key))
})

test('an interrupted sealing is completed by the same call', () => {
  const path = fresh()
  keyIn(openFileStore(path), 'command')
  const name = keyFileName(keyIn(openFileStore(path), 'receipt'))
  const plain = fs.readFileSync(join(path, name))
  assert.equal(resealFiles(path, {}, sealed), 2)
  fs.writeFileSync(join(path, name), plain)
  throwsCode(() => openFileStore(path, sealed), 'keys/passphrase-missing-on-file')
  assert.equal(resealFiles(path, {}, sealed), 1)
  assert.equal(openFileStore(path, sealed).list().length, 2)
})

test('a secret file loses one line break, and is refused empty, too long or not as text', () => {
  const path = fresh()
  const secret = (content: string | Uint8Array): Uint8Array => {
    fs.writeFileSync(path, content, { mode: 0o600 })
    return readSecretFile(path)
  }
  for (const text of ['pass word', 'pass word\n', 'pass word\r\n']) {
    assert.equal(Buffer.from(secret(text)).toString(), 'pass word')
  }
  assert.equal(Buffer.from(secret('pass\n\n')).toString(), 'pass\n')
  throwsCode(() => secret(''), 'keys/bad-secret')
  throwsCode(() => secret('\n'), 'keys/bad-secret')
  throwsCode(() => secret(Uint8Array.of(0x61, 0xff)), 'keys/bad-secret')
  throwsCode(() => secret('a'.repeat(secretBytesMax + 1)), 'keys/bad-secret')
  fs.rmSync(path)
  throwsCode(() => readSecretFile(path), 'keys/not-read')
})

const steps = ['openSync', 'writeFileSync', 'fsyncSync', 'closeSync', 'renameSync'] as const
class Crash extends Error {}

/** Runs an act; before its n-th step of writing it crashes, a write having been torn in half. */
function crashing(act: () => void, crashAt: number): string[] {
  const done: string[] = []
  const reading = new Set<unknown>()
  for (const step of steps) {
    const original = fs[step] as (...args: unknown[]) => unknown
    mock.method(fs, step, (...args: unknown[]) => {
      const [first, second] = args
      if (step === 'openSync' && second === 'r' && !fs.statSync(String(first)).isDirectory()) {
        const file = original(...args)
        reading.add(file)
        return file
      }
      if (step === 'closeSync' && reading.delete(first)) return original(...args)
      if (done.length === crashAt) {
        if (step === 'writeFileSync') original(first, (second as Uint8Array).subarray(0, 99))
        throw new Crash(step)
      }
      done.push(step)
      return original(...args)
    })
  }
  try {
    act()
  } finally {
    mock.restoreAll()
  }
  return done
}

test('a key file is synced before it has its name, and the directory after', () => {
  const store = openFileStore(fresh())
  const done = crashing(() => void keyIn(store, 'command'), Infinity)
  const syncs = ['openSync', 'fsyncSync', 'closeSync']
  assert.deepEqual(done, ['openSync', 'writeFileSync', ...syncs.slice(1), 'renameSync', ...syncs])
})

test('a crash at any step of making a key leaves a directory that opens with the others', () => {
  for (let crashAt = 0; crashAt < 8; crashAt += 1) {
    const path = fresh()
    const store = openFileStore(path)
    const first = keyIn(store, 'command')
    assert.throws(() => crashing(() => void keyIn(store, 'receipt'), crashAt))
    assert.deepEqual(store.list(), [first])
    const again = openFileStore(path)
    const kept = again.list().filter(({ kid }) => kid !== first.kid)
    assert.ok(signs(again, first))
    // Nobody was told of the second key: it is there whole, or not at all.
    assert.equal(kept.length, crashAt > 4 ? 1 : 0, `step ${crashAt}`)
    assert.deepEqual(
      fs.readdirSync(path).filter((name) => !name.endsWith('.jwk')),
      [],
    )
  }
})

test('a crash while a key is sealed leaves the old file or the new one', () => {
  for (let crashAt = 0; crashAt < 8; crashAt += 1) {
    const path = fresh()
    const key = keyIn(openFileStore(path), 'command')
    assert.throws(() => crashing(() => void resealFiles(path, {}, sealed), crashAt))
    const store = openFileStore(path, crashAt > 4 ? sealed : {})
    assert.ok(signs(store, key))
  }
})
