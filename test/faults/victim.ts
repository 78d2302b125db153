// The process that is killed. It opens a ledger on the real disk, submits commands without end and
// prints what was acknowledged, a line each; before or after the n-th operation that changes the
// disk it kills itself with SIGKILL, so that nothing of it runs on.
import { writeSync } from 'node:fs'
import process from 'node:process'
import { inlineVerifier } from '#adapters/consensus'
import type { Change, Disk } from '#adapters/storage'
import { fsDisk, lockDirectory } from '#adapters/storage'
import { decodeSubmission, isRefusal } from '#ledger/command'
import { openHost } from '#apps/node/host'
import { makeIntent, signCommand } from '#test/commands'
import { ledgerName, notes, startTime, taxKey, testMembers } from '#test/memory-ledger'

const [directory = '', at = '0', side = 'before', kinds = 'write'] = process.argv.slice(2)
let left = Number(at)

/** Operations that the kill may stand at; `any` counts all of them. */
function point(kind: string): boolean {
  if (kinds !== 'any' && kinds !== kind) return false
  left -= 1
  return left === 0
}

function kill(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** The real disk with a death at one of its operations. */
class MortalDisk implements Disk {
  readonly #disk: Disk

  constructor(disk: Disk) {
    this.#disk = disk
  }

  open(path: string, mode: 'append' | 'read' | 'create'): number {
    return this.#disk.open(path, mode)
  }

  size(file: number): number {
    return this.#disk.size(file)
  }

  read(file: number, into: Uint8Array, position: number): number {
    return this.#disk.read(file, into, position)
  }

  write(file: number, bytes: Uint8Array, position: number): void {
    const dies = point('write')
    if (dies && side === 'before') kill()
    if (dies && side === 'within') {
      this.#disk.write(file, bytes.subarray(0, Math.floor(bytes.length / 2)), position)
      kill()
    }
    this.#disk.write(file, bytes, position)
    if (dies) kill()
  }

  truncate(file: number, size: number): void {
    this.#around('truncate', () => this.#disk.truncate(file, size))
  }

  async sync(file: number): Promise<void> {
    const dies = point('sync')
    if (dies && side === 'before') kill()
    await this.#disk.sync(file)
    if (dies) kill()
  }

  syncNow(file: number): void {
    this.#around('sync', () => this.#disk.syncNow(file))
  }

  close(file: number): void {
    this.#disk.close(file)
  }

  change(change: Change): void {
    this.#around(change.kind === 'syncDir' ? 'sync' : change.kind, () => this.#disk.change(change))
  }

  list(path: string): readonly string[] {
    return this.#disk.list(path)
  }

  #around(kind: string, act: () => void): void {
    const dies = point(kind)
    if (dies && side === 'before') kill()
    act()
    if (dies) kill()
  }
}

const host = openHost({
  disk: new MortalDisk(fsDisk(directory)),
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
