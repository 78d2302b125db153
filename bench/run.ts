// `npm run bench -- [--quick] [--only write,http,reads,growth]`: prints every ledger figure as a
// ratio in one run and keeps them in bench/results.json.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Ceiling } from './ceiling.ts'
import type { Figure } from './stats.ts'
import { keepsFloor, line } from './stats.ts'
import { writePath } from './write-path.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'write' },
  },
})
const only = new Set(values.only.split(','))
const directory = mkdtempSync(join(tmpdir(), 'lianban-bench-'))
const figures: Figure[] = []
const ceiling = new Ceiling(values.quick ? 300 : 800)
const rounds = values.quick ? 3 : 5
const say = (more: readonly Figure[]): void => {
  figures.push(...more)
  for (const figure of more) process.stdout.write(`${line(figure)}\n`)
}
try {
  if (only.has('write')) {
    const sizes = { rounds, singles: values.quick ? 10_000 : 20_000, envelopes: 2000 }
    say(await writePath(directory, ceiling, sizes))
  }
} finally {
  await ceiling.close()
  rmSync(directory, { recursive: true, force: true })
}
writeFileSync(
  new URL('./results.json', import.meta.url),
  `${JSON.stringify({ node: process.version, quick: values.quick, figures }, null, 2)}\n`,
)
const missed = figures.filter((figure) => keepsFloor(figure) === false)
process.stdout.write(`${figures.length} figures, ${missed.length} below their floor\n`)
