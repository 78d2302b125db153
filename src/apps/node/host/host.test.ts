// Claims about the host: what it signs and when, what it refuses to open, and that damage or lack
// of space in one derived store is no damage to anything else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base64urlDecode, base64urlEncode, utf8Decode, utf8Encode } from '#base/bytes'
import { decodeSubmission, isRefusal } from '#ledger/command'
import type { Command } from '#ledger/command'
import type { Domain } from '#ledger/apply'
import { decodeEntryBundle, encodeCosignature, encodeNote } from '#ledger/prove'
import { parseSignedCheckpoint, rootAt, verifyInclusion } from '#ledger/prove'
import { inlineVerifier } from '#adapters/consensus'
import type { HostNote, HostOptions, LedgerHost } from '#apps/node/host'
import { openHost } from '#apps/node/host'
import { makeIntent, signCommand } from '#test/commands'
import { ledgerName, notes, startTime, taxKey, testMembers, testWrites } from '#test/memory-ledger'
import { SimClock } from '#simulation/sim-clock'
import { SimDisk } from '#simulation/sim-disk'

const code = new Uint8Array(32).fill(1)

class Machine {
  readonly clock: SimClock = new SimClock(startTime)
  readonly notes: HostNote[] = []
  readonly signed: number[] = []
  disk: SimDisk = new SimDisk((call) => void this.clock.after(1, call))
  #sent = 0

  open(more: Partial<HostOptions> = {}): LedgerHost {
    return openHost({
      disk: this.disk,
      ledger: ledgerName,
      domains: [testMembers, notes],
      code,
      seed: 7,
      verifier: inlineVerifier(),
      signer: {
        sign: (text) => {
          this.signed.push(Number(text.split('\n')[1]))
          return { name: ledgerName, keyHash: '00000000', signature: new Uint8Array(64) }
        },
      },
      genesis: { params: { founders: 2 }, time: startTime },
      clock: this.clock,
      report: (note) => void this.notes.push(note),
      ...more,
    })
  }

  /** The process is gone; the machine and its disk go on. */
  kill(): void {
    this.clock.clear()
    this.disk = this.disk.released((call) => void this.clock.after(1, call))
  }

  async closed(host: LedgerHost): Promise<void> {
    const closed = host.close()
    await this.clock.pass(1000)
    await closed
  }

  command(id?: string): Command {
    this.#sent += 1
    const command = decodeSubmission(
      signCommand(
        taxKey,
        makeIntent({
          ledger: ledgerName,
          type: 'notes.set',
          body: { key: 'a', value: this.#sent },
          notAfter: this.clock.wallMs() + 3_600_000,
          ...(id === undefined ? {} : { id }),
        }),
      ),
    )
    assert.ok(!isRefusal(command))
    return command
  }

  async send(host: LedgerHost, command: Command = this.command()): Promise<string> {
    let told = 'nothing'
    void host.submit(command).then(([outcome]) => {
      if (outcome !== undefined) {
        told = 'receipt' in outcome ? outcome.receipt.code : outcome.refused.code
      }
      return undefined
    })
    await this.clock.pass(20)
    return told
  }

  events(): string[] {
    return this.notes.map(({ event }) => event)
  }
}

test('a checkpoint that was decided and not kept is signed at the next start', async () => {
  const machine = new Machine()
  const host = machine.open({ signer: null })
  await machine.clock.pass(100)
  assert.equal(await machine.send(host), 'ok')
  await machine.clock.pass(15_000)
  assert.equal(host.proofs.checkpoint(), null)
  machine.kill()
  const again = machine.open()
  await machine.clock.pass(100)
  const kept = again.proofs.checkpoint()
  assert.equal(kept?.size, again.head().size)
  const root = parseSignedCheckpoint(utf8Encode(kept?.text ?? ''))?.checkpoint.root
  assert.deepEqual(root, rootAt(again.proofs.nodes(), kept?.size ?? 0))
})

test('a checkpoint for which there was no space is kept as soon as there is', async () => {
  const machine = new Machine()
  const host = machine.open()
  await machine.clock.pass(100)
  assert.equal(host.proofs.checkpoint()?.size, 2)
  assert.equal(await machine.send(host), 'ok')
  machine.disk.faults.failNoSpaceOn = 'checkpoint'
  await machine.clock.pass(15_000)
  assert.equal(host.proofs.checkpoint()?.size, 2)
  assert.ok(machine.events().includes('checkpoint-not-kept'))
  delete machine.disk.faults.failNoSpaceOn
  await machine.clock.pass(20_000)
  assert.equal(host.proofs.checkpoint()?.size, host.head().size)
  await machine.closed(host)
})

test('nothing is signed below a kept checkpoint or twice at one size', async () => {
  const machine = new Machine()
  const host = machine.open()
  for (let i = 0; i < 4; i += 1) {
    await machine.send(host)
    await machine.clock.pass(12_000)
  }
  machine.kill()
  const again = machine.open()
  await machine.clock.pass(30_000)
  await machine.send(again)
  await machine.clock.pass(12_000)
  assert.deepEqual(
    machine.signed,
    [...new Set(machine.signed)].sort((a, b) => a - b),
  )
})

test('a directory whose kept checkpoint speaks of another history is not opened', async () => {
  const one = new Machine()
  const host = one.open()
  await one.send(host)
  await one.clock.pass(12_000)
  await one.closed(host)
  const other = new Machine()
  const forged = other.open()
  await other.send(forged)
  await other.clock.pass(12_000)
  await other.closed(forged)
  const files = one.disk.files()
  files.set('checkpoint', other.disk.files().get('checkpoint') as Buffer)
  one.disk = new SimDisk((call) => void one.clock.after(1, call), files)
  assert.throws(() => one.open(), { code: 'node/other-history', fatal: true })
})

test('a directory is not opened as another ledger', async () => {
  const machine = new Machine()
  await machine.closed(machine.open())
  assert.throws(() => machine.open({ ledger: 'ledger.example/other' }), {
    code: 'node/other-ledger',
  })
})

test('a directory is one process’s alone until it is closed or could not be opened', async () => {
  const machine = new Machine()
  let held = 0
  const lock = (): (() => void) => {
    assert.equal(held, 0)
    held += 1
    return () => void (held -= 1)
  }
  const host = machine.open({ lock })
  assert.equal(held, 1)
  await machine.closed(host)
  assert.equal(held, 0)
  assert.throws(() => machine.open({ lock, ledger: 'ledger.example/other' }))
  assert.equal(held, 0)
})

test('an unreadable first receipt is unknown to who asks and nothing to the others', async () => {
  const machine = new Machine()
  const host = machine.open()
  const first = machine.command()
  assert.equal(await machine.send(host, first), 'ok')
  const saved = host.snapshot()
  await machine.clock.pass(100)
  await saved
  const run = [...machine.disk.files().keys()].find((path) => path.startsWith('receipts/'))
  machine.disk.flip(run ?? '', 3)
  const codes = await Promise.all([machine.send(host, first), machine.send(host)])
  assert.deepEqual(codes, ['order/outcome-unknown', 'ok'])
  assert.equal(host.state(), 'open')
  assert.ok(machine.events().includes('receipt-unreadable'))
})

/** Names the release from height 5 on, as the members' domain records it. */
const releases: Domain = {
  ...testMembers,
  genesis: () => [
    ...testWrites(),
    [
      'members/ledger/code',
      [
        { code: base64urlEncode(code), from: 1 },
        { code: base64urlEncode(new Uint8Array(32).fill(2)), from: 5 },
      ],
    ],
  ],
}

test('a node stops before the height from which the ledger asks for another release', async () => {
  const machine = new Machine()
  const domains = [releases, notes]
  const host = machine.open({ domains })
  await machine.clock.pass(100)
  assert.deepEqual([await machine.send(host), await machine.send(host)], ['ok', 'ok'])
  assert.equal(await machine.send(host), 'order/stopped')
  assert.equal(host.head().height, 4)
  assert.equal(host.state(), 'failed')
  assert.equal((host.failure() as { code: string }).code, 'node/other-code')
  machine.kill()
  assert.throws(() => machine.open({ domains }), { code: 'node/other-code', fatal: true })
  const next = machine.open({ domains, code: new Uint8Array(32).fill(2) })
  assert.equal(await machine.send(next), 'ok')
})

test('a practice ledger goes on under another release, says so, and its frames record it', async () => {
  const machine = new Machine()
  const host = machine.open({ domains: [releases, notes], practice: true })
  await machine.clock.pass(100)
  for (let i = 0; i < 5; i += 1) assert.equal(await machine.send(host), 'ok')
  assert.equal(machine.events().filter((event) => event === 'code-changed').length, 1)
  assert.deepEqual(host.proofs.frame(6).code, code)
})

test('a cosigner that signs the same checkpoint later replaces its line', async () => {
  const machine = new Machine()
  const host = machine.open()
  await machine.clock.pass(100)
  const { text } = parseSignedCheckpoint(utf8Encode(host.proofs.checkpoint()?.text ?? ''))
    ?.note ?? {
    text: '',
  }
  const line = (seconds: number) => ({
    name: 'land',
    keyHash: '00000001',
    signature: encodeCosignature(seconds, new Uint8Array(64).fill(seconds)),
  })
  for (const seconds of [5, 9, 7]) {
    const note = encodeNote({ text, signatures: [line(seconds)] })
    const added = host.addCosignatures(note, [line(seconds)])
    await machine.clock.pass(100)
    assert.equal(await added, true)
  }
  const lines = parseSignedCheckpoint(utf8Encode(host.proofs.checkpoint()?.text ?? ''))?.note
  assert.deepEqual(
    lines?.signatures.map(({ name, signature }) => [name, signature[7]]),
    [
      [ledgerName, 0],
      ['land', 9],
    ],
  )
})

/** Withholds entry 2 rightly, and says of entry 3 what its bytes are not. */
function withholding(leaf: string): Domain {
  return {
    ...notes,
    effectsOn: ['members/redaction/'],
    types: notes.types.map((type) =>
      type.name === 'notes.drop'
        ? {
            ...type,
            decide: () => ({
              code: 'ok',
              writes: [2, 3].map((entry) => [
                `members/redaction/${entry}`,
                { entry, leaf, law: 'pipl-47', height: 1 },
              ]),
            }),
          }
        : type,
    ),
  } as Domain
}

test('withheld bytes are nowhere shown, and every other proof stands', async () => {
  const machine = new Machine()
  const first = machine.open()
  await machine.clock.pass(100)
  await machine.send(first)
  await machine.send(first)
  const leaf = first.receiptAt(2)?.leaf ?? ''
  assert.equal(first.proofs.withheld(2), null)
  await machine.closed(first)
  const host = machine.open({ domains: [testMembers, withholding(leaf)] })
  const intent = makeIntent({
    ledger: ledgerName,
    type: 'notes.drop',
    body: { key: 'a' },
    notAfter: machine.clock.wallMs() + 1000,
  })
  const command = decodeSubmission(signCommand(taxKey, intent))
  assert.ok(!isRefusal(command))
  assert.equal(await machine.send(host, command), 'ok')
  const marker = `{"redacted":{"law":"pipl-47","leaf":"${leaf}"}}`
  assert.deepEqual(
    [2, 3].map((at) => host.proofs.withheld(at)),
    [marker, null],
  )
  const bundle = host.proofs.tile({ level: 'entries', index: 0, width: 5 })
  const entries = decodeEntryBundle(bundle ?? new Uint8Array(), 5) ?? []
  assert.equal(utf8Decode(entries[2] ?? new Uint8Array()), marker)
  assert.equal(utf8Decode(entries[3] ?? new Uint8Array()), host.entry(3))
  const { size } = host.head()
  const root = rootAt(host.proofs.nodes(), size)
  assert.ok(root !== null)
  for (const index of [2, 3]) {
    const path = host.proofs.inclusion(index, size)
    const hash = base64urlDecode(host.receiptAt(index)?.leaf ?? '') ?? new Uint8Array()
    assert.ok(verifyInclusion({ index, size, leaf: hash, path, root }))
  }
})
