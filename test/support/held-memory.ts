// The most memory that a process has held, as the system counts it for what it runs now. What a
// process reports of itself counts its parent's as well, from before it became what it is.
import { readFileSync } from 'node:fs'

/** MiB; 0 where the system does not tell. */
export function peakOf(pid: number | 'self'): number {
  try {
    const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
    return Number(found?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
