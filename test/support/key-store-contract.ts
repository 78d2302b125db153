// What every key store must do, whether its keys are files, a hardware module or a seed. A store's
// own test calls `keyStoreContract` with a maker of empty stores.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure, algorithmOf, isHeldUse } from '#adapters/keys'
import type { HeldKey, HeldUse, KeyCode, KeyStore } from '#adapters/keys'
import { importPublicKey, thumbprint, verifySignature } from '#base/crypto'

/** Every use of which a process may hold keys. */
export const heldUses: readonly HeldUse[] = [
  'certificate',
  'command',
  'cosign',
  'encrypt',
  'log',
  'oversight',
  'receipt',
  'status',
  'transport',
]

const signingUses = heldUses.filter((use) => use !== 'encrypt' && use !== 'transport')

/** Asserts that an act throws the failure of this code. */
export function throwsCode(act: () => unknown, code: KeyCode): void {
  assert.throws(act, (error: unknown) => {
    assert.ok(error instanceof Failure, String(error))
    assert.equal(error.code, code)
    return true
  })
}

function keyIn(store: KeyStore, use: HeldUse, custody: 'own' | 'hosted' = 'own'): HeldKey {
  return store.generate({ use, member: 'tax', custody, created: 1_795_000_000_000 })
}

/** Runs the contract over stores that `make` gives; each is empty and used by one test. */
export function keyStoreContract(name: string, make: () => KeyStore): void {
  making(name, make)
  using(name, make)
}

function making(name: string, make: () => KeyStore): void {
  test(`${name}: a key is listed, found and named by its thumbprint`, () => {
    const store = make()
    const keys = [keyIn(store, 'transport'), keyIn(store, 'command'), keyIn(store, 'log')]
    for (const key of keys) {
      assert.equal(key.kid, thumbprint(key.jwk))
      assert.equal(key.alg, algorithmOf(key.use))
      assert.deepEqual(store.find(key.kid), key)
    }
    assert.deepEqual(
      store.list().map(({ use }) => use),
      ['command', 'log', 'transport'],
    )
    assert.equal('secret' in store.list()[0]!, false)
  })

  test(`${name}: a removed key is gone`, () => {
    const store = make()
    const { kid } = keyIn(store, 'command')
    store.remove(kid)
    assert.equal(store.find(kid), undefined)
    throwsCode(() => store.sign(kid, 'command', 'x'), 'keys/unknown-key')
    throwsCode(() => store.remove(kid), 'keys/unknown-key')
  })

  test(`${name}: no store makes the key of an officer`, () => {
    const use = 'approve' as HeldUse
    assert.equal(isHeldUse(use), false)
    throwsCode(() => keyIn(make(), use), 'keys/not-held')
  })

  test(`${name}: a log key and a cosigner key that counts are not held together`, () => {
    const logFirst = make()
    keyIn(logFirst, 'log')
    throwsCode(() => keyIn(logFirst, 'cosign'), 'keys/log-and-cosign')
    assert.equal(logFirst.list().length, 1)
    const cosignFirst = make()
    keyIn(cosignFirst, 'cosign')
    throwsCode(() => keyIn(cosignFirst, 'log'), 'keys/log-and-cosign')
    assert.equal(cosignFirst.list().length, 1)
  })

  test(`${name}: a hosted cosigner key may stand beside the log key`, () => {
    const store = make()
    keyIn(store, 'log')
    keyIn(store, 'cosign', 'hosted')
    assert.equal(store.list().length, 2)
  })
}

function using(name: string, make: () => KeyStore): void {
  test(`${name}: a key signs for its own use alone`, () => {
    for (const use of signingUses) {
      const store = make()
      const { kid, jwk, alg } = keyIn(store, use)
      const signature = store.sign(kid, use, 'a text')
      assert.equal(signature.length, 64)
      const key = importPublicKey(alg, jwk)
      assert.ok(key !== null && verifySignature(key, 'a text', signature))
      assert.equal(verifySignature(key, 'b text', signature), false)
      for (const other of heldUses.filter((each) => each !== use)) {
        throwsCode(() => store.sign(kid, other, 'a text'), 'keys/wrong-use')
      }
    }
  })

  test(`${name}: keys for transport and encryption sign nothing`, () => {
    const store = make()
    for (const use of ['transport', 'encrypt'] as const) {
      const { kid } = keyIn(store, use)
      throwsCode(() => store.sign(kid, use, 'a text'), 'keys/wrong-use')
    }
  })

  test(`${name}: two keys for encryption agree on a secret, other keys do not agree`, () => {
    const store = make()
    const [one, two, other] = [
      keyIn(store, 'encrypt'),
      keyIn(store, 'encrypt'),
      keyIn(store, 'command'),
    ]
    const secret = store.agree(one.kid, two.jwk)
    assert.equal(secret.length, 32)
    assert.deepEqual([...secret], [...store.agree(two.kid, one.jwk)])
    throwsCode(() => store.agree(other.kid, one.jwk), 'keys/wrong-use')
    const off = { ...two.jwk, y: two.jwk.kty === 'EC' ? two.jwk.x : '' } as typeof two.jwk
    throwsCode(() => store.agree(one.kid, off), 'keys/bad-content')
  })

  test(`${name}: the TLS stack is given transport keys alone`, () => {
    const store = make()
    const { kid } = keyIn(store, 'transport')
    assert.equal(store.transportKey(kid).asymmetricKeyType, 'ec')
    for (const use of heldUses.filter((each) => each !== 'transport' && each !== 'cosign')) {
      const other = keyIn(store, use)
      throwsCode(() => store.transportKey(other.kid), 'keys/wrong-use')
    }
  })
}
