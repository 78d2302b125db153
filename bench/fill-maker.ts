// A process that makes and signs the envelopes with which a ledger is filled, so that their cost in
// time and memory is not the ledger's.
import { writeFileSync } from 'node:fs'
import { answerJobs } from './child.ts'
import { envelopes } from './workload.ts'

export type MakerJobs = {
  /** Writes so many envelopes of `of` commands to a file, one a line. */
  make: {
    in: { readonly envelopes: number; readonly of: number; readonly path: string }
    out: null
  }
}

answerJobs<MakerJobs>({
  make: ({ envelopes: count, of, path }) => {
    writeFileSync(path, envelopes(count, of).join('\n'), 'latin1')
    return null
  },
})
