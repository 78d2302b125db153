// Faults of a real disk, made by the operating system: a small file system that fills up, and a
// sync that fails with EIO. What cannot be made on this machine is said and not counted as passed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inlineVerifier } from '#adapters/consensus'
import { fsDisk } from '#adapters/storage'
import { decodeSubmission, isRefusal } from '#ledger/command'
import type { LedgerHost, Outcome } from '#apps/node/host'
import { openHost } from '#apps/node/host'
import { makeIntent, signCommand } from '#test/commands'
import { ledgerName, notes, startTime, taxKey, testMembers } from '#test/memory-ledger'

export type Unable = { readonly unable: string }

function open(directory: string): LedgerHost {
  return openHost({
    disk: fsDisk(directory),
    ledger: ledgerName,
    domains: [testMembers, notes],
    code: new Uint8Array(32).fill(1),
    seed: 7,
    verifier: inlineVerifier(),
    signer: null,
    genesis: { params: {}, time: startTime },
    practice: true,
    snapshotEvery: 200,
  })
}

async function submit(host: LedgerHost, value: number): Promise<Outcome | undefined> {
  const intent = makeIntent({
    ledger: ledgerName,
    type: 'notes.set',
    body: { key: `n${value % 50}`, value },
    notAfter: Date.now() + 3_600_000,
  })
  const command = decodeSubmission(signCommand(taxKey, intent))
  if (isRefusal(command)) throw new Error(command.code)
  return (await host.submit(command))[0]
}

/** A tmpfs of 2 MiB fills up; then space is made again. Times in milliseconds. */
export async function fullDisk(): Promise<
  | Unable
  | {
      readonly acknowledged: number
      readonly refused: boolean
      readonly readsFailed: number
      readonly resumedMs: number
      readonly lost: number
    }
> {
  const directory = mkdtempSync(join(tmpdir(), 'lianban-full-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory])
  if (mounted.status !== 0) {
    rmSync(directory, { recursive: true, force: true })
    return { unable: 'a small file system cannot be mounted here' }
  }
  try {
    return await fill(directory)
  } finally {
    spawnSync('umount', [directory])
    rmSync(directory, { recursive: true, force: true })
  }
}

async function fill(directory: string): ReturnType<typeof fullDisk> {
  const filler = join(directory, 'filler')
  writeFileSync(filler, Buffer.alloc(1_200_000))
  const host = open(join(directory, 'ledger'))
  const promised: { member: string; id: string; entry: number }[] = []
  const hold = (outcome: Outcome | undefined): boolean => {
    if (outcome === undefined || !('receipt' in outcome)) return false
    promised.push(outcome.receipt)
    return true
  }
  let sent = 0
  let refused = false
  for (; sent < 5000 && !refused; sent += 1) {
    const outcome = await submit(host, sent)
    if (!hold(outcome))
      refused =
        outcome !== undefined && 'refused' in outcome && outcome.refused.code === 'order/no-space'
  }
  let readsFailed = 0
  for (const { member, id } of promised) if (host.receipt(member, id) === null) readsFailed += 1
  rmSync(filler)
  const freed = performance.now()
  let resumedMs = -1
  while (resumedMs < 0 && performance.now() - freed < 15_000) {
    await wait(200)
    if (hold(await submit(host, (sent += 1)))) resumedMs = Math.round(performance.now() - freed)
  }
  await host.close()
  const again = open(join(directory, 'ledger'))
  let lost = 0
  for (const { member, id, entry } of promised)
    if (again.receipt(member, id)?.entry !== entry) lost += 1
  await again.close()
  return { acknowledged: promised.length, refused, readsFailed, resumedMs, lost }
}

const victim = fileURLToPath(new URL('./victim.ts', import.meta.url))

/** The n-th fdatasync of a process fails with EIO, for several n. */
export async function failedSyncs(count: number): Promise<
  | Unable
  | {
      readonly runs: number
      readonly acknowledged: number
      readonly late: number
      readonly lost: number
    }
> {
  if (spawnSync('strace', ['-V']).status !== 0) return { unable: 'strace is not installed here' }
  const result = { runs: 0, acknowledged: 0, late: 0, lost: 0 }
  for (let i = 0; i < count; i += 1) {
    const directory = mkdtempSync(join(tmpdir(), 'lianban-eio-'))
    const at = 6 + i * 7
    const inject = `inject=fdatasync:error=EIO:when=${at}`
    const ran = spawnSync(
      'strace',
      [
        '-f',
        '-qq',
        '-o',
        '/dev/null',
        '-e',
        'trace=fdatasync',
        '-e',
        inject,
        process.execPath,
        victim,
        directory,
        '0',
      ],
      { encoding: 'utf8', timeout: 120_000, env: { ...process.env, UV_THREADPOOL_SIZE: '1' } },
    )
    const lines = ran.stdout.split('\n').filter((line) => line.startsWith('{'))
    if (lines.length === 0 && ran.status !== 0 && ran.stderr.includes('ptrace')) {
      return { unable: 'strace may not trace here' }
    }
    // strace counts a thread's calls, so all waiting syncs share one thread; a command is one sync
    // here, and no more can be acknowledged than syncs came before the fault.
    if (lines.length >= at) result.late += 1
    const again = open(directory)
    for (const line of lines) {
      const { member, id, entry } = JSON.parse(line) as {
        member: string
        id: string
        entry: number
      }
      if (again.receipt(member, id)?.entry !== entry) result.lost += 1
    }
    await again.close()
    result.runs += 1
    result.acknowledged += lines.length
    rmSync(directory, { recursive: true, force: true })
  }
  return result
}
