// Open cases: what a city of departments in one process has in memory while so many home transfers
// wait for their persons, what the robots' part of one costs, what waiting costs, and what opening
// the city again costs when all are over. Every member has a vault, a gateway with mutual TLS and a
// system of its own.
import { Child } from './child.ts'
import type { OpenCasesJobs } from './open-cases-process.ts'
import type { Sizes } from './sizes.ts'
import type { Figure } from './stats.ts'

const restMs = 3_000

/** Figures of open cases. */
export async function openCases(sizes: Sizes): Promise<Figure[]> {
  const cases = Math.max(4, Math.min(1_000, Math.floor(sizes.oneByOne / 15)))
  const child = new Child<OpenCasesJobs>('./open-cases-process.ts')
  const { members, resident: empty } = await child.ask('open', { cases })
  const filed = await child.ask('file', { cases })
  if (filed.waiting !== cases) throw new Error(`${filed.waiting} of ${cases} cases wait`)
  const rest = await child.ask('rest', { ms: restMs })
  const entriesInAll = await child.ask('end', null)
  const again = await child.ask('again', { anew: false })
  const anew = await child.ask('again', { anew: true })
  await child.ask('close', null)
  await child.end()
  const resident = filed.resident / 2 ** 20
  const before = Math.round(empty / 2 ** 20)
  const used = filed.used / cases / 1000
  const entries = Math.round(filed.entries / cases)
  const rate = (cases / filed.seconds).toFixed(1)
  const share = (100 * rest) / (restMs * 1000)
  return [
    {
      name: `memory of ${members} members in one process, ${cases} open cases`,
      value: resident,
      unit: 'MiB',
      floor: 1_024,
      goal: 512,
      below: true,
      samples: [resident],
      note: `${before} MiB before the first case`,
    },
    {
      name: 'processor time until a transfer waits for its persons',
      value: used,
      unit: 'ms',
      samples: [used],
      note: `all members together; ${entries} entries, ${rate} cases/s`,
    },
    {
      name: `one processor's share while ${cases} cases wait`,
      value: share,
      unit: '%',
      samples: [share],
    },
    {
      name: `opened again after ${cases} cases that are over`,
      value: again,
      unit: 's',
      samples: [again],
      note: `${entriesInAll} entries; ${anew.toFixed(1)} s when departments read all of them again`,
    },
  ]
}
