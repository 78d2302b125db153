// Real kills: a process dies at a write, a sync, a rename, a truncation or a removal, on the real
// disk. What it had acknowledged is there afterwards, and every start can read what it finds.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { inlineVerifier } from '#adapters/consensus'
import { fsDisk } from '#adapters/storage'
import { openHost } from '#apps/node/host'
import { ledgerName, notes, testMembers } from '#test/memory-ledger'
import { Random } from '#simulation/random'

type Acknowledged = {
  readonly member: string
  readonly id: string
  readonly entry: number
  readonly leaf: string
}

export type Kills = {
  readonly kills: number
  readonly acknowledged: number
  readonly lost: number
  readonly unreadable: number
}

const victim = fileURLToPath(new URL('./victim.ts', import.meta.url))
const kinds = ['write', 'sync', 'rename', 'any', 'any'] as const
const sides = ['before', 'within', 'after'] as const

/** So many kills over ledgers that live through several of them. */
export function run({ count, seed }: { readonly count: number; readonly seed: number }): Kills {
  const random = new Random(seed)
  const result = { kills: 0, acknowledged: 0, lost: 0, unreadable: 0 }
  while (result.kills < count) {
    const directory = mkdtempSync(join(tmpdir(), 'lianban-kill-'))
    const promised: Acknowledged[] = []
    for (let life = 0; life < 4 && result.kills < count; life += 1) {
      const kind = random.pick(kinds)
      const at = String(1 + random.below(kind === 'rename' ? 6 : 150))
      const died = spawnSync(process.execPath, [victim, directory, at, random.pick(sides), kind], {
        encoding: 'utf8',
        timeout: 60_000,
      })
      for (const line of died.stdout.split('\n')) {
        if (line.startsWith('{')) promised.push(JSON.parse(line) as Acknowledged)
      }
      if (died.signal === 'SIGKILL') result.kills += 1
      else if (died.status !== 0) {
        result.unreadable += 1
        process.stderr.write(`${died.stderr.slice(-600)}\n`)
      }
      result.lost += lostOf(directory, promised, result)
    }
    result.acknowledged += promised.length
    rmSync(directory, { recursive: true, force: true })
  }
  return result
}

/** Acknowledged commands that a start after the kill does not give back as they were. */
function lostOf(
  directory: string,
  promised: readonly Acknowledged[],
  result: { unreadable: number },
): number {
  try {
    const host = openHost({
      disk: fsDisk(directory),
      ledger: ledgerName,
      domains: [testMembers, notes],
      code: new Uint8Array(32).fill(1),
      seed: 7,
      verifier: inlineVerifier(),
      signer: null,
      genesis: { params: { founders: 2 }, time: Date.now() },
      readOnly: true,
    })
    let lost = 0
    for (const { member, id, entry, leaf } of promised) {
      const found = host.receipt(member, id)
      if (found === null || found.entry !== entry || found.leaf !== leaf) lost += 1
    }
    return lost
  } catch (error) {
    if (promised.length === 0 && String(error).includes('begins with a genesis')) return 0
    process.stderr.write(`${String(error)}\n`)
    result.unreadable += 1
    return promised.length
  }
}
