// The vault on a real disk: records stored in groups, by sixteen who wait for one another, and one
// by one; records read back and opened; a start, and what it keeps in memory.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { fsDisk } from '#adapters/storage'
import { openVault } from '#adapters/vault'
import type { Vault } from '#adapters/vault'
import { homeTitle, recordId, vaultKek } from '#test/vault-records'
import type { Sizes } from './sizes.ts'
import type { Figure } from './stats.ts'
import { median, quantile } from './stats.ts'

const groupSize = 256
const putters = 16
const startProcess = fileURLToPath(new URL('./vault-process.ts', import.meta.url))

/** Figures of the vault; every record is a home title of seven hundred bytes or so. */
export async function vaultFigures(directory: string, sizes: Sizes): Promise<Figure[]> {
  const root = join(directory, 'vault')
  const vault = openVault({ disk: fsDisk(root), member: 'housing', kek: vaultKek })
  const next = { n: 0 }
  const grouped: number[] = []
  const waiting: number[] = []
  const alone: number[] = []
  const read: number[] = []
  for (let round = -1; round < sizes.rounds; round += 1) {
    const samples = [
      await rate(sizes.singles / 2, (count) => inGroups(vault, next, count)),
      await rate(sizes.singles / 8, (count) => inParallel(vault, next, count)),
      await rate(sizes.singles / 4, async (count) => reads(vault, next.n, count)),
    ] as const
    // The first round is for the compiler.
    if (round < 0) continue
    grouped.push(samples[0])
    waiting.push(samples[1])
    read.push(samples[2])
    for (let i = 0; i < sizes.singles / 100; i += 1) alone.push(await putOne(vault, next))
  }
  await vault.close()
  const [startMs, bytes, records] = started(root)
  rmSync(root, { recursive: true })
  const wait = `99th percentile ${quantile(alone, 0.99).toFixed(2)} ms`
  return [
    figure(`vault: records stored, ${groupSize} at once`, grouped, '/s', { floor: 2000 }),
    figure(`vault: records stored by ${putters} who wait`, waiting, '/s', {}),
    figure('vault: one record stored and synced', alone, 'ms', { note: wait }),
    figure('vault: records read and opened', read, '/s', {}),
    figure('vault: a start, per thousand records', [(startMs / records) * 1000], 'ms', {}),
    figure('vault: memory of a record in the index', [bytes], 'bytes', {
      note: `${records} records`,
    }),
  ]
}

function figure(
  name: string,
  samples: readonly number[],
  unit: string,
  { floor, note }: { readonly floor?: number; readonly note?: string },
): Figure {
  return {
    name,
    value: median(samples),
    unit,
    samples,
    ...(floor === undefined ? {} : { floor, goal: 5 * floor }),
    ...(note === undefined ? {} : { note }),
  }
}

async function rate(count: number, act: (count: number) => Promise<void>): Promise<number> {
  const start = performance.now()
  await act(count)
  return (count / (performance.now() - start)) * 1000
}

/** A case has twenty records, as a home transfer about has in one department. */
function record(n: number): Parameters<Vault['put']>[0] {
  return homeTitle(n, { case: recordId(1_000_000_000 + Math.floor(n / 20)) })
}

async function inGroups(vault: Vault, next: { n: number }, count: number): Promise<void> {
  for (let done = 0; done < count; done += groupSize) {
    await Promise.all(Array.from({ length: groupSize }, () => vault.put(record((next.n += 1)))))
  }
}

async function inParallel(vault: Vault, next: { n: number }, count: number): Promise<void> {
  const work = async (): Promise<void> => {
    for (let i = 0; i < count / putters; i += 1) await vault.put(record((next.n += 1)))
  }
  await Promise.all(Array.from({ length: putters }, work))
}

async function putOne(vault: Vault, next: { n: number }): Promise<number> {
  const start = performance.now()
  await vault.put(record((next.n += 1)))
  return performance.now() - start
}

function reads(vault: Vault, last: number, count: number): void {
  for (let i = 0; i < count; i += 1) vault.get(recordId(1 + ((i * 7919) % last)))
}

/** Milliseconds of a start in a fresh process, bytes of memory a record, and records. */
function started(root: string): readonly [number, number, number] {
  const run = spawnSync(process.execPath, ['--expose-gc', startProcess, root], { encoding: 'utf8' })
  return JSON.parse(run.stdout) as readonly [number, number, number]
}
