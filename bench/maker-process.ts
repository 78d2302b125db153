// The process that makes and signs commands, so that their cost in time and memory is nobody's that
// is measured.
import { writeFileSync } from 'node:fs'
import { answerJobs } from './child.ts'
import { envelopes, singles } from './workload.ts'

export type Order = {
  readonly commands: number
  /** Commands under one signature; 1 makes single commands. */
  readonly of: number
  /** File that takes one submission a line. */
  readonly path: string
}

export type MakerJobs = { make: { in: Order; out: null } }

answerJobs<MakerJobs>({
  make: ({ commands, of, path }) => {
    const texts = of === 1 ? singles(commands) : envelopes(Math.ceil(commands / of), of)
    writeFileSync(path, texts.map((text) => `${text}\n`).join(''), 'latin1')
    return null
  },
})
