// `npm run simulate -- [--seed N] [--seeds N]`: runs seeds one after another and prints for each
// that fails the one line that repeats it.
import { parseArgs } from 'node:util'
import { simulate } from './world.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
  },
})
const from = Number(values.seed ?? values.from)
const count = values.seed === undefined ? Number(values.seeds) : 1
const started = performance.now()
let promised = 0
let failed = 0
for (let seed = from; seed < from + count; seed += 1) {
  try {
    promised += (await simulate({ seed })).promised
  } catch (error) {
    failed += 1
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stdout.write(`seed ${seed} failed: npm run simulate -- --seed ${seed}\n`)
    if (count === 1 || failed === 1) process.stdout.write(`${message}\n`)
  }
}
const seconds = ((performance.now() - started) / 1000).toFixed(1)
process.stdout.write(
  `${count} seeds, ${promised} acknowledged commands, ${failed} failures, ${seconds} s\n`,
)
process.exitCode = failed === 0 ? 0 : 1
