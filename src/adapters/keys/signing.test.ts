// Claims of signing: every artefact is accepted by the verifiers of the ledger and by others'
// libraries, and no key signs an artefact of another use.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compactVerify, importJWK } from 'jose'
import { cosign, noteKeyOf, provePossession, refusalTyp, signCheckpoint } from '#adapters/keys'
import { signCommand } from '#adapters/keys'
import { signEnvelope, signJws, signRefusal, signedCheckpoint } from '#adapters/keys'
import type { HeldKey, HeldUse, KeyStore } from '#adapters/keys'
import { base64urlEncode } from '#base/bytes'
import { importPublicKey, sha256, verifySignature } from '#base/crypto'
import { commandTyp, decodeJws, decodeSubmission, encodeIntent, envelopeTyp } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import { encodeCheckpoint, encodeNote, encodeVkey, judge, parsePolicy } from '#ledger/prove'
import { parseNote, parseVkey, verifyCosignature, verifyNoteSignature } from '#ledger/prove'
import { possessionMessage } from '#domains/members'
import { heldUses, throwsCode } from '#test/key-store-contract'
import { seededKeyStore } from '#test/seeded-keys'

const origin = 'ledger.example/city'
const checkpoint = { origin, size: 70_000, root: sha256('root') }

function keyIn(store: KeyStore, use: HeldUse): HeldKey {
  return store.generate({ use, member: 'tax', custody: 'own', created: 0 })
}

function held(use: HeldUse): { store: KeyStore; kid: string; key: HeldKey } {
  const store = seededKeyStore(use)
  const key = keyIn(store, use)
  return { store, kid: key.kid, key }
}

function intent(n: number): string {
  const id = base64urlEncode(sha256(`intent ${n}`).slice(0, 16))
  return encodeIntent({
    ledger: checkpoint.origin,
    id,
    type: 'test.note',
    body: { count: n },
    notAfter: 1_795_000_000_000,
  })
}

function verifies(jws: string, typ: string, { alg, jwk }: HeldKey): boolean {
  const decoded = decodeJws(jws, typ, 65_536)
  const key = importPublicKey(alg, jwk)
  if (isRefusal(decoded) || key === null) return false
  return verifySignature(key, decoded.signingInput, decoded.signature)
}

test('a signed command decodes and verifies, here and in another library', async () => {
  const { store, kid, key } = held('command')
  const jws = signCommand(store, kid, intent(1))
  const command = decodeSubmission(jws)
  assert.ok(!isRefusal(command))
  assert.equal(command.form, 'single')
  assert.equal(command.intents[0]?.text, intent(1))
  assert.ok(verifies(jws, commandTyp, key))
  const { protectedHeader } = await compactVerify(jws, await importJWK({ ...key.jwk }, 'ES256'))
  assert.deepEqual(protectedHeader, { alg: 'ES256', kid, typ: commandTyp })
})

test('a signed envelope verifies, and is no command', () => {
  const { store, kid, key } = held('command')
  const jws = signEnvelope(store, kid, [intent(1), intent(2)])
  assert.ok(verifies(jws, envelopeTyp, key))
  assert.equal(verifies(jws, commandTyp, key), false)
})

test('a signed refusal says what was refused, when, and of whom', () => {
  const { store, kid, key } = held('receipt')
  const hash = base64urlEncode(sha256('bytes'))
  const refusal = { code: 'validate/expired', at: 'notAfter' }
  const jws = signRefusal(store, kid, { refusal, member: 'tax', hash, time: 7 })
  assert.ok(verifies(jws, refusalTyp, key))
  const decoded = decodeJws(jws, refusalTyp, 65_536)
  assert.ok(!isRefusal(decoded))
  assert.equal(
    decoded.payload,
    `{"at":"notAfter","code":"validate/expired","hash":"${hash}","member":"tax","time":7}`,
  )
})

test('a command key signs commands alone, and no other key signs a command', () => {
  const command = held('command')
  for (const typ of [refusalTyp, 'lianban-other+jws', 'statuslist+jwt']) {
    const request = { kid: command.kid, use: 'command', typ, payload: '{}' } as const
    throwsCode(() => signJws(command.store, request), 'keys/wrong-use')
  }
  for (const use of ['receipt', 'certificate', 'status', 'transport'] as const) {
    const { store, kid } = held(use)
    for (const typ of [commandTyp, envelopeTyp]) {
      throwsCode(() => signJws(store, { kid, use, typ, payload: '{}' }), 'keys/wrong-use')
    }
    throwsCode(() => signCommand(store, kid, intent(1)), 'keys/wrong-use')
  }
})

test('keys for certificates, status lists and receipts sign their own kinds of JWS', () => {
  for (const use of ['certificate', 'status', 'receipt'] as const) {
    const { store, kid, key } = held(use)
    const jws = signJws(store, { kid, use, typ: `lianban-${use}+jws`, payload: '{"a":1}' })
    assert.ok(verifies(jws, `lianban-${use}+jws`, key))
    if (use === 'receipt') continue
    throwsCode(() => signRefusal(store, kid, statement), 'keys/wrong-use')
  }
})

const statement = { refusal: { code: 'validate/expired' }, member: 'tax', hash: '', time: 0 }

test('nothing is signed that the profile could not carry', () => {
  const { store, kid } = held('certificate')
  const ask = (typ: string, payload: string): (() => string) => {
    return () => signJws(store, { kid, use: 'certificate', typ, payload })
  }
  throwsCode(ask('lianban-order+jws', '{"a":"\n"}'), 'keys/bad-content')
  throwsCode(ask('lianban-order+jws', '{"a":"链"}'), 'keys/bad-content')
  throwsCode(ask('lianban-order+jws', ''), 'keys/bad-content')
  throwsCode(ask('Order+jws', '{}'), 'keys/bad-content')
  throwsCode(ask('a","b":"c+jws', '{}'), 'keys/bad-content')
})

test('an oversight body signs commands with its own key, and nothing else', () => {
  const { store, kid, key } = held('oversight')
  assert.ok(verifies(signCommand(store, kid, intent(1)), commandTyp, key))
  const other = { kid, use: 'oversight', typ: 'lianban-other+jws', payload: '{}' } as const
  throwsCode(() => signJws(store, other), 'keys/wrong-use')
})

test('each key that signs shows that it is held, transport keys too', () => {
  for (const use of heldUses.filter((each) => each !== 'encrypt')) {
    const { store, kid, key } = held(use)
    const message = possessionMessage({ ledger: origin, member: 'tax', use, kid, of: '' })
    const known = importPublicKey(key.alg, key.jwk)
    assert.ok(
      known !== null && verifySignature(known, message, provePossession(store, kid, message)),
    )
    const proof = (change: object): (() => unknown) => {
      const own = { ledger: origin, member: 'tax', use, kid, of: '', ...change }
      return () => provePossession(store, kid, possessionMessage(own))
    }
    throwsCode(proof({ member: 'bank' }), 'keys/bad-content')
    throwsCode(proof({ use: 'approve' }), 'keys/bad-content')
    throwsCode(proof({ kid: held('status').kid.replace(/^./, '_') }), 'keys/bad-content')
    throwsCode(proof({ ledger: '' }), 'keys/bad-content')
    throwsCode(proof({ of: 'a\0b' }), 'keys/bad-content')
    throwsCode(() => provePossession(store, kid, `x${message}`), 'keys/bad-content')
  }
  const { store, kid } = held('encrypt')
  const asked = { ledger: origin, member: 'tax', use: 'encrypt', kid, of: '' } as const
  throwsCode(() => provePossession(store, kid, possessionMessage(asked)), 'keys/wrong-use')
})

test('a checkpoint that the log signed verifies under its vkey', () => {
  const { store, kid, key } = held('log')
  const known = noteKeyOf(key, checkpoint.origin)
  const note = parseNote(signedCheckpoint(store, kid, checkpoint))
  assert.equal(note?.signatures.length, 1)
  const { signature } = note!.signatures[0]!
  assert.ok(verifyNoteSignature(known, encodeCheckpoint(checkpoint), signature))
  assert.equal(parseVkey(encodeVkey(known))?.keyHash, known.keyHash)
})

test('a checkpoint under log and cosigner keys is witnessed for whoever trusts them', () => {
  const log = held('log')
  const witness = held('cosign')
  const text = encodeCheckpoint(checkpoint)
  const seconds = 1_795_000_000
  const signatures = [
    signCheckpoint(log.store, log.kid, checkpoint),
    cosign(witness.store, { kid: witness.kid, name: 'notary.example', text, seconds }),
  ]
  const lines = [
    `log ${encodeVkey(noteKeyOf(log.key, checkpoint.origin))}`,
    `witness notary ${encodeVkey(noteKeyOf(witness.key, 'notary.example'))}`,
    'quorum notary',
  ]
  const policy = parsePolicy(Buffer.from(`${lines.join('\n')}\n`))
  assert.ok('quorum' in policy)
  const note = encodeNote({ text, signatures })
  const verdict = judge({ policy, note, nowMs: seconds * 1000 })
  assert.ok('grade' in verdict)
  assert.deepEqual([verdict.grade, verdict.witnessed], ['witnessed', 1])
})

test('a cosignature names its time, and is none under another time or text', () => {
  const { store, kid, key } = held('cosign')
  const text = encodeCheckpoint(checkpoint)
  const { signature } = cosign(store, { kid, name: 'notary.example', text, seconds: 1_700 })
  const known = noteKeyOf(key, 'notary.example')
  assert.equal(verifyCosignature(known, text, signature), 1_700)
  const other = encodeCheckpoint({ ...checkpoint, size: 70_001 })
  assert.equal(verifyCosignature(known, other, signature), null)
  const later = Uint8Array.from(signature, (byte, at) => (at === 7 ? byte ^ 1 : byte))
  assert.equal(verifyCosignature(known, text, later), null)
})

test('a log key does not cosign, a cosigner key signs no checkpoint, others sign neither', () => {
  const text = encodeCheckpoint(checkpoint)
  for (const use of ['log', 'cosign', 'command', 'receipt', 'transport'] as const) {
    const { store, kid, key } = held(use)
    const asked = { kid, name: 'notary.example', text, seconds: 0 }
    if (use !== 'cosign') throwsCode(() => cosign(store, asked), 'keys/wrong-use')
    if (use !== 'log') throwsCode(() => signCheckpoint(store, kid, checkpoint), 'keys/wrong-use')
    if (key.alg !== 'Ed25519') throwsCode(() => noteKeyOf(key, 'a.example'), 'keys/wrong-use')
  }
})

test('only checkpoints are cosigned, and only under names that can name a key', () => {
  const { store, kid, key } = held('cosign')
  const text = encodeCheckpoint(checkpoint)
  for (const other of ['', 'a text\n', `${text}extension\n`, text.slice(0, -1)]) {
    const asked = { kid, name: 'notary.example', text: other, seconds: 0 }
    throwsCode(() => cosign(store, asked), 'keys/bad-content')
  }
  for (const seconds of [-1, 0.5, Number.NaN, 2 ** 53]) {
    const asked = { kid, name: 'notary.example', text, seconds }
    throwsCode(() => cosign(store, asked), 'keys/bad-content')
  }
  for (const name of ['', 'a b', 'a+b', 'a\nb']) {
    throwsCode(() => noteKeyOf(key, name), 'keys/bad-content')
    throwsCode(() => cosign(store, { kid, name, text, seconds: 0 }), 'keys/bad-content')
  }
  const log = held('log')
  const unnamed = { ...checkpoint, origin: 'a b' }
  throwsCode(() => signCheckpoint(log.store, log.kid, unnamed), 'keys/bad-content')
})
