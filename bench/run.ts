// `npm run bench -- [--quick] [--only write,http,…,parts,kernel,vault,cases] [--growth 7]`: prints
// every ledger figure as a ratio in one run and keeps them in bench/results.json.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Ceiling, measureSync, opensslSpeed, threads } from './ceiling.ts'
import { cityInMany, cityInOne } from './city.ts'
import { disclosures } from './disclosures.ts'
import { growth } from './growth.ts'
import { overHttp } from './http.ts'
import { kernel } from './kernel.ts'
import { openCases } from './open-cases.ts'
import { byPart } from './parts.ts'
import { reads } from './reads.ts'
import type { Sizes } from './sizes.ts'
import { fullSizes, quickSizes, tinySizes } from './sizes.ts'
import { sources } from './sources.ts'
import type { Figure } from './stats.ts'
import { keepsFloor, line, median } from './stats.ts'
import { vaultFigures } from './vault.ts'
import { writePath } from './write-path.ts'

const sections = [
  'write',
  'http',
  'latency',
  'reads',
  'growth',
  'parts',
  'kernel',
  'disclosures',
  'vault',
  'cases',
  'city',
  'sources',
]
/** Sections that take minutes at any size: a quick run has them when they are named. */
const slow: ReadonlySet<string> = new Set(['city', 'sources'])

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    // For the test of the bench itself: figures of this size say nothing.
    tiny: { type: 'boolean', default: false },
    only: { type: 'string' },
    growth: { type: 'string' },
    // Open cases of the city, where 1,000 take too long.
    cases: { type: 'string' },
    out: { type: 'string', default: fileURLToPath(new URL('./results.json', import.meta.url)) },
  },
})
const isQuick = values.quick || values.tiny
const usual = sections.filter((name) => !isQuick || !slow.has(name))
const only = new Set(values.only?.split(',') ?? usual)
for (const name of only) if (!sections.includes(name)) throw new Error(`no section ${name}`)

const chosen = values.tiny ? tinySizes : values.quick ? quickSizes : fullSizes
const sizes: Sizes = {
  ...chosen,
  ...(values.growth === undefined ? {} : { large: 10 ** Number(values.growth) }),
  ...(values.cases === undefined ? {} : { cityCases: Number(values.cases) }),
}
const directory = mkdtempSync(join(tmpdir(), 'lianban-bench-'))
const ceiling = new Ceiling(sizes.ceilingMs)
const figures: Figure[] = []

function say(more: readonly Figure[]): void {
  figures.push(...more)
  for (const figure of more) process.stdout.write(`${line(figure)}\n`)
}

async function limits(): Promise<Figure[]> {
  await ceiling.measure()
  const openssl = values.tiny ? null : await opensslSpeed(3)
  const syncs = Array.from({ length: 5 }, () => measureSync(directory))
  const v = await ceiling.measure()
  return [
    {
      name: 'V: verifications of two threads in this minute',
      value: v,
      unit: '/s',
      samples: ceiling.seen.slice(),
      note:
        openssl === null
          ? 'no openssl here'
          : `openssl speed -multi ${threads} ecdsap256: ${openssl}/s`,
    },
    { name: 'F: a durable append of 600 bytes', value: median(syncs), unit: 'ms', samples: syncs },
  ]
}

const started = performance.now()
try {
  say(await limits())
  if (only.has('write')) say(await writePath(directory, ceiling, sizes))
  if (only.has('http') || only.has('latency')) {
    const wanted = { rates: only.has('http'), latency: only.has('latency') }
    say(await overHttp(directory, ceiling, sizes, wanted))
  }
  if (only.has('reads')) say(await reads(directory, sizes))
  if (only.has('growth')) say(await growth(directory, ceiling, sizes))
  if (only.has('parts')) say(await byPart(directory, ceiling, sizes))
  if (only.has('kernel')) say(kernel(sizes))
  if (only.has('disclosures')) say(await disclosures(directory, sizes))
  if (only.has('vault')) say(await vaultFigures(directory, sizes))
  if (only.has('city')) say(await cityInOne(directory, sizes))
  if (only.has('city')) say(await cityInMany(directory, sizes))
  if (only.has('cases')) say(await openCases(sizes))
  if (only.has('sources')) say(await sources(directory, sizes))
} finally {
  await ceiling.close()
  rmSync(directory, { recursive: true, force: true })
}
const seconds = (performance.now() - started) / 1000
const results = {
  node: process.version,
  options: process.execArgv,
  processors: availableParallelism(),
  sizes,
  v: ceiling.seen,
  seconds,
  figures,
}
writeFileSync(values.out, `${JSON.stringify(results, null, 2)}\n`)
const missed = figures.filter((figure) => keepsFloor(figure) === false)
process.stdout.write(
  `${figures.length} figures in ${seconds.toFixed(0)} s, ${missed.length} below their floor\n`,
)
process.exit(0)
