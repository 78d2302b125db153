// `npm run simulate -- [--seeds N] [--seed N] [--kind crashes|rot|rewrites]`: runs seeds of every
// kind (a tenth as many rotten and rewritten ledgers as crashing ones) and prints for each that
// fails the one line that repeats it.
import { parseArgs } from 'node:util'
import { rewrite, rot, simulate } from './lives.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    kind: { type: 'string' },
  },
})
const from = Number(values.seed ?? values.from)
const seeds = values.seed === undefined ? Number(values.seeds) : 1
const tenth = Math.ceil(seeds / 10)
const counts = { acknowledged: 0, cosigned: 0, noticed: 0, found: 0 }
let failed = 0

const kinds = {
  crashes: async (seed: number): Promise<void> => {
    const lived = await simulate({ seed })
    counts.acknowledged += lived.promised
    counts.cosigned += lived.cosigned
  },
  rot: async (seed: number): Promise<void> => {
    if ((await rot({ seed })) === 'noticed') counts.noticed += 1
  },
  rewrites: async (seed: number): Promise<void> => {
    const alarm = await rewrite({ seed })
    if (alarm === 'nothing') throw new Error('the follower did not find the rewritten history')
    counts.found += 1
  },
} as const

for (const [kind, run] of Object.entries(kinds)) {
  if ((values.kind ?? kind) !== kind) continue
  const began = performance.now()
  const count = kind === 'crashes' || values.kind === kind ? seeds : tenth
  for (let seed = from; seed < from + count; seed += 1) {
    try {
      await run(seed)
    } catch (error) {
      failed += 1
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
      process.stdout.write(`repeat with: npm run simulate -- --kind ${kind} --seed ${seed}\n`)
      if (count === 1 || failed === 1) process.stdout.write(`${message}\n`)
    }
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stdout.write(`${kind}: ${count} seeds, ${seconds} s\n`)
}
process.stdout.write(
  `${counts.acknowledged} acknowledged, ${counts.cosigned} sizes cosigned, ` +
    `${counts.noticed} rots noticed, ${counts.found} rewrites found, ${failed} failures\n`,
)
process.exitCode = failed === 0 ? 0 : 1
