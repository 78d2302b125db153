// What every ledger port must do, whatever stands under it: one entry an id whatever happens
// between asking and hearing, refusals as values, and nothing seen before it is durable. A port's
// test calls it with a world in which the ledger can be killed. None of it is part of the product.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256Text } from '#base/crypto'
import type { KeyStore } from '#adapters/keys'
import { heldInForce } from '#apps/node/ledger-port'
import type { LedgerPort } from '#apps/node/ledger-port'
import { keysOfMembers } from './port-world.ts'

/** The keys of the members that a world registers. */
export const contractKeys: ReadonlyMap<string, KeyStore> = keysOfMembers(['tax', 'gas'])

/** A ledger with the domain `notes` and the members of `contractKeys`. */
export type PortWorld = {
  /** A port of a member, `tax` with its own keys when nothing is said. */
  port(member?: string, keys?: KeyStore): Promise<LedgerPort>
  /** Resolves with the answer, after time has passed for it. */
  answered<Said>(submitted: Promise<Said>): Promise<Said>
  /** Lets time pass: milliseconds of the world. */
  pass(ms: number): Promise<void>
  /** The ledger's process is gone at this moment, and runs again over what its disk had taken. */
  killAndOpen(): Promise<void>
  close(): Promise<void>
}

const id = 'A'.repeat(22)
const set = (value: number): { key: string; value: number } => ({ key: 'a', value })

function countIn(port: LedgerPort): number {
  return (port.view().get('notes/current/a') as { count: number }).count
}

/** Runs the contract; `open` gives a new world for every test. */
export function ledgerPortContract(name: string, open: () => Promise<PortWorld>): void {
  const claim = (said: string, holds: (world: PortWorld) => Promise<void>): void => {
    test(`${name}: ${said}`, async () => {
      const world = await open()
      try {
        await holds(world)
      } finally {
        await world.close()
      }
    })
  }
  answering(claim)
  refusing(claim)
  reading(claim)
}

type Claim = (said: string, holds: (world: PortWorld) => Promise<void>) => void

function answering(claim: Claim): void {
  claim('what was said can be read when the answer comes, and not before', async (world) => {
    const port = await world.port()
    const said = port.submit('notes.set', set(5))
    assert.equal(port.view().get('notes/current/a'), undefined)
    const answer = await world.answered(said)
    assert.ok('receipt' in answer)
    assert.deepEqual({ ...(port.view().get('notes/current/a') as object) }, { count: 1, value: 5 })
    assert.equal(answer.receipt.member, 'tax')
    assert.ok(port.head().size > answer.receipt.entry)
    assert.equal(port.entry(answer.receipt.entry).type, 'notes.set')
  })

  claim(
    'one id is one entry: said again it answers the first receipt, later too',
    async (world) => {
      const port = await world.port()
      const asked = [1, 1].map((value) => port.submit('notes.set', set(value), { id }))
      const [first, second] = await world.answered(Promise.all(asked))
      assert.ok(first !== undefined)
      assert.deepEqual(first, second)
      await world.pass(60_000)
      const later = await world.answered(port.submit('notes.set', set(1), { id }))
      assert.ok('receipt' in first && 'receipt' in later)
      assert.equal(later.receipt.entry, first.receipt.entry)
      assert.equal(countIn(port), 1)
    },
  )

  claim(
    'two ports of one member are one member: an id of one is known to the other',
    async (world) => {
      const [one, other] = [await world.port(), await world.port()]
      const first = await world.answered(one.submit('notes.set', set(1), { id }))
      const again = await world.answered(other.submit('notes.set', set(1), { id }))
      assert.ok('receipt' in first && 'receipt' in again)
      assert.equal(again.receipt.entry, first.receipt.entry)
      assert.equal(countIn(other), 1)
    },
  )

  claim('a crash between asking and hearing leaves at most one entry', async (world) => {
    for (const [at, afterMs] of [0, 1, 2, 3, 5, 10, 20].entries()) {
      const key = `k${at}`
      const own = `${String(at)}${'A'.repeat(21)}`
      const before = await world.port()
      const said = before.submit('notes.set', { key, value: 9 }, { id: own })
      said.catch(() => undefined)
      await world.pass(afterMs)
      await world.killAndOpen()
      const port = await world.port()
      const answer = await world.answered(port.submit('notes.set', { key, value: 9 }, { id: own }))
      assert.ok('receipt' in answer)
      assert.equal((port.view().get(`notes/current/${key}`) as { count: number }).count, 1)
    }
  })
}

function refusing(claim: Claim): void {
  claim('another body under a used id is refused, waiting or answered', async (world) => {
    const port = await world.port()
    const first = port.submit('notes.set', set(1), { id })
    assert.deepEqual(await port.submit('notes.set', set(2), { id }), {
      refused: { code: 'read/id-reused', at: 'id' },
    })
    await world.answered(first)
    const other = await world.answered(port.submit('notes.set', set(2), { id }))
    assert.ok('refused' in other && other.refused.code === 'read/id-reused')
  })

  claim('what the ledger applied with a refusal is refused and names its entry', async (world) => {
    const port = await world.port()
    const answer = await world.answered(port.submit('notes.set', set(-1), { id }))
    assert.ok('refused' in answer)
    assert.equal(answer.refused.code, 'notes/negative')
    assert.equal(port.entry(answer.entry!).code, 'notes/negative')
    assert.equal(port.receipt(id)?.code, 'notes/negative')
  })

  claim('a command that was not admitted is refused without an entry', async (world) => {
    const answer = await world.answered((await world.port()).submit('notes.unknown', {}))
    assert.deepEqual(answer, { refused: { code: 'validate/unknown-type', at: 'intent.type' } })
  })

  claim('a body that is longer than an intent may be is refused as a value', async (world) => {
    const body = { list: Array.from({ length: 700 }, () => 'A'.repeat(43)) }
    const answer = await world.answered((await world.port()).submit('notes.set', body))
    assert.ok('refused' in answer && answer.refused.code === 'command/oversized')
  })

  claim('a process without a command key in force says so', async (world) => {
    const port = await world.port('tax', contractKeys.get('gas')!)
    const none = await world.answered(port.submit('notes.set', {}))
    assert.deepEqual(none, { refused: { code: 'node/missing-key' } })
    const own = contractKeys.get('tax')!
    assert.equal(heldInForce(own, port, 'certificate'), null)
    assert.equal(heldInForce(own, port, 'command')?.use, 'command')
  })
}

function reading(claim: Claim): void {
  claim('documents are published with their command and read back by hash', async (world) => {
    const port = await world.port()
    const bytes = Buffer.from('{"a":1}')
    const document = sha256Text(bytes, 'base64url')
    await world.answered(port.submit('notes.publish', { document }, { documents: [bytes] }))
    assert.deepEqual(Buffer.from(port.document(document)!), bytes)
  })

  claim('whoever reads on from a cursor at each call sees every entry once', async (world) => {
    const port = await world.port()
    const seen: number[] = []
    let at = 0
    const leave = port.subscribe(({ size }) => {
      for (; at < size; at += 1) seen.push(port.entry(at).entry)
    })
    const said = Array.from({ length: 20 }, (_, i) => port.submit('notes.set', set(i)))
    await world.answered(Promise.all(said))
    await new Promise((resolve) => setImmediate(resolve))
    const { size } = port.head()
    assert.ok(size > 20)
    assert.deepEqual(
      seen,
      Array.from({ length: size }, (_, i) => i),
    )
    leave()
    await world.answered(port.submit('notes.set', set(1)))
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(seen.length, size)
  })
}
