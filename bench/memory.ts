// What a process holds in memory, as the system counts it.
import { readFileSync } from 'node:fs'

/** MiB. `rss` counts pages that processes share in each of them, `pss` divides them. */
export type Held = { readonly rss: number; readonly pss: number | null }

/** What the process of this id holds now. */
export function heldBy(pid: number): Held {
  const rss = kibIn(`/proc/${pid}/status`, 'VmRSS') ?? 0
  const pss = kibIn(`/proc/${pid}/smaps_rollup`, 'Pss')
  return { rss: rss / 1024, pss: pss === null ? null : pss / 1024 }
}

function kibIn(path: string, name: string): number | null {
  try {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(path, 'latin1'))
    return found === null ? null : Number(found[1])
  } catch {
    return null
  }
}
