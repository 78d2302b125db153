// `npm run faults -- [--scale test|issue] [--only kills,images,…]`: every claim about faults, a
// line a claim with its figure and time. Exit 1 when one does not hold.
import process from 'node:process'
import { parseArgs } from 'node:util'
import { claims } from './claims.ts'
import type { Scale, Verdict } from './claims.ts'

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: 'test' },
    only: { type: 'string' },
    seed: { type: 'string', default: '20261120' },
  },
})
if (values.scale !== 'test' && values.scale !== 'issue') {
  process.stderr.write('--scale is test or issue\n')
  process.exit(2)
}
const scale: Scale = values.scale
const only = values.only?.split(',')
const unknown = only?.filter((name) => !claims.some((claim) => claim.name === name)) ?? []
if (unknown.length > 0) {
  process.stderr.write(`no such claim: ${unknown.join(', ')}; there are: `)
  process.stderr.write(`${claims.map((claim) => claim.name).join(', ')}\n`)
  process.exit(2)
}
let broken = 0
for (const claim of claims) {
  if (only !== undefined && !only.includes(claim.name)) continue
  const start = performance.now()
  let verdict: Verdict
  try {
    verdict = await claim.run({ scale, seed: Number(values.seed) })
  } catch (error) {
    verdict = { holds: false, figure: error instanceof Error ? (error.stack ?? '') : String(error) }
  }
  if (!verdict.holds && !verdict.unable) broken += 1
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const mark = verdict.holds ? 'holds ' : verdict.unable ? 'unable' : 'BROKEN'
  process.stdout.write(
    `${mark} ${claim.name.padEnd(10)} ${claim.says}: ${verdict.figure} [${seconds} s]\n`,
  )
}
process.exitCode = broken === 0 ? 0 : 1
