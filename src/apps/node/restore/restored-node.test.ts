// A whole node over a restored directory, on a simulated disk and clock: it takes commands, signs
// no checkpoint, says so, and signs again after the recorded command (invariant S7).
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterEach, test } from 'node:test'
import { decodeSubmission, isRefusal } from '#ledger/command'
import type { Value } from '#ledger/command'
import { keyHashOf } from '#ledger/prove'
import { inlineVerifier } from '#adapters/consensus'
import { members, practiceGenesis } from '#domains/members'
import type { HostNote, LedgerHost } from '#apps/node/host'
import { openHost } from '#apps/node/host'
import { writeRestoreMark } from '#apps/node/restore'
import type { RestoreMark } from '#apps/node/restore'
import { makeId, makeIntent, makeKey, signCommand } from '#test/commands'
import { noteSigner } from '#test/http-world'
import { SimClock } from '#simulation/sim-clock'
import { SimDisk } from '#simulation/sim-disk'

const ledger = 'restore.example/one'
const begin = 1_790_000_000_000
const key = makeKey('restore')
const log = noteSigner()
const root = Buffer.alloc(32, 3).toString('base64url')
const mark: RestoreMark = { ledger, height: 4, size: 5, root, restored: begin }

const open: LedgerHost[] = []
afterEach(async () => {
  for (const host of open.splice(0)) await host.close()
})

function diskOf(): SimDisk {
  return new SimDisk((call) => queueMicrotask(call))
}

type Opened = {
  readonly host: LedgerHost
  readonly clock: SimClock
  readonly notes: HostNote[]
}

function openOn(disk: SimDisk, wallMs: number): Opened {
  const clock = new SimClock(wallMs)
  const notes: HostNote[] = []
  const { jwk } = log
  const raw = Buffer.from('x' in jwk ? jwk.x : '', 'base64url')
  const host = openHost({
    disk,
    ledger,
    domains: [members],
    code: new Uint8Array(32),
    seed: randomBytes(4).readUInt32BE(),
    verifier: inlineVerifier(),
    signer: {
      sign: (text) => ({
        name: ledger,
        keyHash: keyHashOf(ledger, 'note', new Uint8Array(raw)),
        signature: log.sign(text),
      }),
    },
    genesis: {
      params: practiceGenesis([{ code: 'land', keys: { command: key.jwk, log: jwk } }]),
      time: begin,
    },
    practice: true,
    clock,
    report: (note) => void notes.push(note),
  })
  return { host, clock, notes }
}

async function submit(
  { host, clock }: Opened,
  type: string,
  body: { readonly [name: string]: Value },
): Promise<void> {
  const notAfter = clock.wallMs() + 60_000
  const decoded = decodeSubmission(
    signCommand(key, makeIntent({ ledger, type, body, notAfter, id: makeId() })),
  )
  assert.ok(!isRefusal(decoded))
  const answered = host.submit(decoded)
  await clock.pass(10)
  const [outcome] = await answered
  assert.ok(outcome !== undefined && 'receipt' in outcome)
  assert.equal(outcome.receipt.code, 'ok')
}

test('a restored node takes commands, signs nothing, and signs again after restore.confirm', async () => {
  const disk = diskOf()
  const before = openOn(disk, begin)
  await submit(before, 'mark.set', { handle: makeId(1), kind: 'hold' })
  await before.clock.pass(21_000)
  const { height, size } = before.host.head()
  const signed = before.host.proofs.checkpoint()?.size ?? 0
  assert.ok(signed > 0)
  await before.host.close()
  writeRestoreMark(disk, { ...mark, height, size })

  const restored = openOn(disk, begin + 60_000)
  open.push(restored.host)
  await submit(restored, 'mark.set', { handle: makeId(2), kind: 'hold' })
  await restored.clock.pass(21_000)
  assert.equal(restored.host.proofs.checkpoint()?.size, signed)
  assert.ok(restored.notes.some(({ event }) => event === 'restored-and-unconfirmed'))
  await submit(restored, 'restore.confirm', { size, root })
  await submit(restored, 'mark.set', { handle: makeId(3), kind: 'hold' })
  await restored.clock.pass(21_000)
  assert.ok((restored.host.proofs.checkpoint()?.size ?? 0) > size)
})
