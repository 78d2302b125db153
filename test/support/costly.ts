// Tests that cost more than a desk should wait for each time: the gate runs them all, and elsewhere
// they are skipped with this reason, so that the whole stays under three minutes on two cores.
import process from 'node:process'

/** The reason to skip a test that takes so many seconds of processor time; false in the gate. */
export function costly(seconds: number): string | false {
  if (process.env['CI'] === 'true') return false
  return `takes ${seconds} s of processor time; CI=true runs it`
}
