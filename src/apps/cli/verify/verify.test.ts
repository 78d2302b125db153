// Claims about `verify`: every kind of file goes to its own decoder, what does not hold ends with
// 3, and what holds says how much it is worth.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { base64urlEncode } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { encodeProofFile } from '#ledger/prove'
import { signCommand, signRefusal } from '#adapters/keys'
import { exits, Stop, Terminal } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { registryFormat, verify } from '#apps/cli/verify'
import { command, ledgerName, memoryLedger, startTime } from '#test/memory-ledger'
import { makeIntent } from '#test/commands'
import { signCheckpoint, signerOf, TestLog } from '#test/proofs'
import { scratch } from '#test/lianban'
import { seededKeyStore } from '#test/seeded-keys'

const place = scratch('verify')
after(() => place.remove())
const log = signerOf(ledgerName, 'note')
const witness = signerOf('w.example', 'cosignature')
const policy = file('policy', `log ${log.vkey}\nwitness w ${witness.vkey}\nquorum none\n`)
const seconds = Math.floor(Date.now() / 1000)

function file(name: string, content: string | Uint8Array): string {
  const path = join(place.path, name)
  writeFileSync(path, content)
  return path
}

function run(path: string, values: { readonly [name: string]: string } = {}): Promise<Answer> {
  const ask: Ask = {
    terminal: new Terminal({ language: 'en', json: true, quiet: true, verbose: false }),
    operands: { FILE: path },
    values: { policy, ...values },
    lists: {},
    flags: new Set(),
    env: {},
  }
  return verify(ask)
}

async function refusal(
  path: string,
  values: { readonly [name: string]: string } = {},
): Promise<readonly [string, number]> {
  try {
    await run(path, values)
  } catch (error) {
    if (error instanceof Stop) return [error.code, error.exit]
    throw error
  }
  throw new Error('nothing was refused')
}

function logOf(count: number, first = 'a'): TestLog {
  const made = new TestLog(ledgerName)
  for (let at = 0; at < count; at += 1) made.append(`${first}${at}`)
  return made
}

function noteOf(made: TestLog): Uint8Array {
  return signCheckpoint(made.checkpoint(), [log], [[witness, seconds]])
}

test('a checkpoint says its grade, and two of one size with different roots are a split view', async () => {
  const one = file('one', noteOf(logOf(5)))
  const { data } = await run(one)
  assert.deepEqual([data['kind'], data['grade'], data['size']], ['checkpoint', 'witnessed(1)', 5])
  const other = file('other', noteOf(logOf(5, 'b')))
  assert.deepEqual(await refusal(one, { against: other }), ['prove/split-view', 3])
  assert.equal(
    (await run(one, { against: file('later', noteOf(logOf(6))) })).data['verified'],
    true,
  )
  assert.deepEqual(await refusal(one, { 'at-least': 'witnessed:2' }), ['cli/too-weak', 3])
  assert.equal((await run(one, { 'at-least': 'witnessed:1' })).data['ok'], true)
  assert.deepEqual(await refusal(one, { 'at-least': 'certainly' }), ['cli/bad-value', 2])
})

test('a proof of an entry needs the entry, and finds it beside itself', async () => {
  const made = logOf(9)
  const proof = made.proof(4, noteOf(made))
  const path = file('entry.tlog-proof', encodeProofFile(proof))
  assert.deepEqual(await refusal(path), ['cli/missing-option', 2])
  file('entry', 'a4')
  assert.equal((await run(path)).data['entry'], 4)
  assert.deepEqual(await refusal(path, { entry: file('wrong', 'a5') }), ['prove/not-included', 3])
})

test('frames hold from the first one on, under the checkpoint of their own tree', async () => {
  const { frames, block } = memoryLedger()
  block([command('notes.set', { key: 'a', value: 1 })], startTime + 1000)
  const made = new TestLog(ledgerName)
  for (const entry of entriesOf(frames)) made.append(entry)
  const checkpoint = file('frames.checkpoint', noteOf(made))
  const path = file('frames', Buffer.concat(frames))
  assert.deepEqual(await refusal(path), ['cli/missing-option', 2])
  assert.equal((await run(path, { checkpoint })).data['height'], frames.length)
  const rest = file('rest', Buffer.concat(frames.slice(1)))
  assert.deepEqual(await refusal(rest, { checkpoint }), ['apply/frame-hash', 3])
  const short = file('short', Buffer.concat(frames.slice(0, -1)))
  assert.deepEqual(await refusal(short, { checkpoint }), ['cli/behind-checkpoint', 3])
})

/** Entries in the bytes of frames: a u16 length before each, 136 bytes into the frame. */
function entriesOf(frames: readonly Uint8Array[]): readonly Uint8Array[] {
  return frames.flatMap((bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const entries: Uint8Array[] = []
    let at = 136
    for (let left = view.getUint32(128); left > 0; left -= 1) {
      const length = view.getUint16(at)
      entries.push(bytes.slice(at + 2, at + 2 + length))
      at += 2 + length
    }
    return entries
  })
}

const store = seededKeyStore('verify')
const commandKey = store.generate({ use: 'command', member: 'tax', custody: 'own', created: 0 })
const receiptKey = store.generate({ use: 'receipt', member: 'land', custody: 'own', created: 0 })

function registry(
  name: string,
  change: (record: Record<string, Json>) => void = () => undefined,
): string {
  const records: Record<string, Json> = {}
  for (const { kid, use, alg, member, custody, jwk } of [commandKey, receiptKey]) {
    const record = { kid, use, alg, member, custody, jwk: { ...jwk }, from: 1, until: null }
    change(record)
    records[`members/key/${kid}`] = record
  }
  return file(name, encodeCanonical({ format: registryFormat, height: 9, records }))
}

test('commands and refusals are those of the registered key of their own use', async () => {
  const known = registry('registry')
  const body = { key: 'a', value: 1 }
  const intent = makeIntent({ ledger: ledgerName, type: 'notes.set', body, notAfter: startTime })
  const signed = file('signed', signCommand(store, commandKey.kid, intent))
  const { data } = await run(signed, { registry: known })
  assert.deepEqual([data['kind'], data['member'], data['registry']], ['command', 'tax', 'as-given'])
  const statement = {
    refusal: { code: 'validate/expired' },
    member: 'tax',
    hash: base64urlEncode(new Uint8Array(32)),
    time: startTime,
  }
  const refused = file('refused', signRefusal(store, receiptKey.kid, statement))
  const said = (await run(refused, { registry: known })).data
  assert.deepEqual([said['kind'], said['refusal']], ['refusal', 'validate/expired'])
  const swapped = registry('swapped', (record) => {
    record['use'] = record['use'] === 'command' ? 'receipt' : 'command'
  })
  assert.deepEqual(await refusal(signed, { registry: swapped }), ['cli/wrong-key-use', 3])
  const other = registry('other-keys', (record) => {
    record['jwk'] = { ...receiptKey.jwk }
  })
  assert.deepEqual(await refusal(signed, { registry: other }), ['cli/unknown-key', 3])
  assert.deepEqual(await refusal(signed), ['cli/missing-option', 2])
})

test('a follower’s evidence proves what the log’s own key signed', async () => {
  const note = base64urlEncode(noteOf(logOf(5)))
  const facts = { height: 5, kind: 'lianban-divergence', ledger: ledgerName, what: 'rollback' }
  const signed = file('evidence', encodeCanonical({ ...facts, note }))
  assert.equal((await run(signed)).data['what'], 'rollback')
  const bare = await run(file('bare', encodeCanonical(facts)))
  assert.equal(bare.data['grade'], undefined)
})

test('what is no artefact, and a policy that is none, are refused', async () => {
  assert.deepEqual(await refusal(file('poem', 'hello')), ['cli/unknown-artefact', 3])
  assert.deepEqual(await refusal(file('empty', '')), ['cli/unknown-artefact', 3])
  assert.deepEqual(await refusal(join(place.path, 'absent')), ['cli/not-read', exits.failure])
  const bad = file('bad-policy', 'log nonsense\n')
  assert.deepEqual(await refusal(file('x', 'y'), { policy: bad }), ['prove/policy-key', 2])
  const folder = join(place.path, 'folder')
  mkdirSync(folder)
  assert.deepEqual(await refusal(folder), ['cli/backup-malformed', 3])
})
