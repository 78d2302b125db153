// Rot in a backup: one bit of one of its files changes, and `backup verify` refuses it.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { isRefusal } from '#ledger/command'
import { checkBackup } from '#apps/cli/backup'
import { Random } from '#simulation/random'

export type Backups = {
  readonly flips: number
  readonly files: number
  readonly believed: number
  readonly first: string
}

const program = fileURLToPath(new URL('../../src/apps/cli/main.ts', import.meta.url))

function lianban(words: readonly string[]): void {
  const ran = spawnSync(process.execPath, [program, ...words, '--json'], { encoding: 'utf8' })
  if (ran.status !== 0)
    throw new Error(`lianban ${words[0]} ${words[1]}: ${ran.stdout} ${ran.stderr}`)
}

/** So many flips over all files of one backup that the terminal program made. */
export function run({ count, seed }: { readonly count: number; readonly seed: number }): Backups {
  const random = new Random(seed)
  const place = mkdtempSync(join(tmpdir(), 'lianban-backup-'))
  try {
    const directory = join(place, 'ledger')
    const backup = join(place, 'backup')
    const who = ['--member', 'land', '--member', 'tax', '--practice']
    lianban(['init', '--ledger', 'backup.example/one', ...who, '--directory', directory])
    lianban(['backup', 'create', backup, '--directory', directory])
    if (isRefusal(checkBackup(backup, () => undefined)))
      throw new Error('a sound backup is refused')
    const files = readdirSync(backup, { recursive: true, encoding: 'utf8' })
      .map((name) => join(backup, name))
      .filter((path) => statSync(path).isFile() && statSync(path).size > 0)
    const result = { flips: 0, files: files.length, believed: 0, first: '' }
    for (; result.flips < count; result.flips += 1) {
      const path = random.pick(files)
      const sound = readFileSync(path)
      const rotten = Buffer.from(sound)
      const bit = random.below(rotten.length * 8)
      rotten[bit >> 3] = (rotten[bit >> 3] as number) ^ (1 << (bit & 7))
      writeFileSync(path, rotten)
      if (!isRefusal(checkBackup(backup, () => undefined))) {
        result.believed += 1
        if (result.first === '') result.first = `${path.slice(backup.length)} bit ${bit}`
      }
      writeFileSync(path, sound)
    }
    return result
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
