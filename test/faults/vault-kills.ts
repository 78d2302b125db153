// Real kills of a process with a vault on the real disk: what it answered for opens afterwards,
// what it erased is gone, and every start can read what it finds.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { fsDisk } from '#adapters/storage'
import { openVault } from '#adapters/vault'
import { Random } from '#simulation/random'
import { homeTitle, recordId, vaultKek } from '#test/vault-records'

export type VaultKills = {
  readonly kills: number
  readonly stored: number
  readonly erased: number
  readonly wrong: number
  readonly unreadable: number
}

const victim = fileURLToPath(new URL('./vault-victim.ts', import.meta.url))
const kinds = ['write', 'sync', 'any', 'any'] as const
const sides = ['before', 'within', 'after'] as const

/** So many kills over vaults that live through several of them. */
export function run({
  count,
  seed,
}: {
  readonly count: number
  readonly seed: number
}): VaultKills {
  const random = new Random(seed)
  const result = { kills: 0, stored: 0, erased: 0, wrong: 0, unreadable: 0 }
  while (result.kills < count) {
    const directory = mkdtempSync(join(tmpdir(), 'lianban-vault-kill-'))
    const said = {
      stored: new Set<number>(),
      erasing: new Set<number>(),
      erased: new Set<number>(),
    }
    for (let life = 0; life < 4 && result.kills < count; life += 1) {
      const at = String(1 + random.below(120))
      const how = [at, random.pick(sides), random.pick(kinds), String(life * 1000)]
      const died = spawnSync(process.execPath, [victim, directory, ...how], {
        encoding: 'utf8',
        timeout: 60_000,
      })
      for (const line of died.stdout.split('\n')) {
        const [what = '', n = ''] = line.split(' ')
        if (what in said) said[what as keyof typeof said].add(Number(n))
      }
      if (died.signal === 'SIGKILL') result.kills += 1
      else if (died.status !== 0) {
        result.unreadable += 1
        process.stderr.write(`${died.stderr.slice(-600)}\n`)
      }
      result.wrong += wrongIn(directory, said, result)
    }
    result.stored += said.stored.size
    result.erased += said.erased.size
    rmSync(directory, { recursive: true, force: true })
  }
  return result
}

function wrongIn(
  directory: string,
  said: {
    readonly stored: Set<number>
    readonly erasing: Set<number>
    readonly erased: Set<number>
  },
  result: { unreadable: number },
): number {
  try {
    const vault = openVault({ disk: fsDisk(directory), member: 'housing', kek: vaultKek })
    const lost = [...said.stored].filter(
      (n) => !said.erasing.has(n) && !isDeepStrictEqual(vault.get(recordId(n)), homeTitle(n)),
    )
    const back = [...said.erased].filter((n) => vault.get(recordId(n)) !== null)
    void vault.close()
    return lost.length + back.length
  } catch (error) {
    process.stderr.write(`${String(error)}\n`)
    result.unreadable += 1
    return said.stored.size
  }
}
