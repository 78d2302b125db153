// The process that is killed. It opens a ledger on the real disk, submits commands without end and
// prints what was acknowledged, a line each; before or after the n-th operation that changes the
// disk it kills itself with SIGKILL, so that nothing of it runs on.
import { writeSync } from 'node:fs'
import process from 'node:process'
import { inlineVerifier } from '#adapters/consensus'
import { lockDirectory } from '#adapters/storage'
import { decodeSubmission, isRefusal } from '#ledger/command'
import { openHost } from '#apps/node/host'
import { makeIntent, signCommand } from '#test/commands'
import { ledgerName, notes, startTime, taxKey, testMembers } from '#test/memory-ledger'
import { mortalDisk } from './mortal-disk.ts'

const [directory = '', at = '0', side = 'before', kind = 'write'] = process.argv.slice(2)
const host = openHost({
  disk: mortalDisk(directory, { at: Number(at), side, kind }),
  lock: () => lockDirectory(directory),
  ledger: ledgerName,
  domains: [testMembers, notes],
  code: new Uint8Array(32).fill(1),
  seed: 7,
  verifier: inlineVerifier(),
  signer: null,
  genesis: { params: { founders: 2 }, time: startTime },
  practice: true,
  checkpointMs: 1000,
  snapshotEvery: 25,
  segmentBytes: 20_000,
})

const first = host.head().size
for (let i = 0; i < 120; i += 1) {
  const intent = makeIntent({
    ledger: ledgerName,
    type: 'notes.set',
    body: { key: `n${i % 9}`, value: first + i },
    notAfter: Date.now() + 3_600_000,
  })
  const command = decodeSubmission(signCommand(taxKey, intent))
  if (isRefusal(command)) throw new Error(command.code)
  const [outcome] = await host.submit(command)
  if (outcome !== undefined && 'receipt' in outcome) {
    const { member, id, entry, leaf, code } = outcome.receipt
    writeSync(1, `${JSON.stringify({ member, id, entry, leaf, code })}\n`)
  }
}
await host.close()
writeSync(1, 'closed\n')
