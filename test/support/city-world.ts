// The practice city for tests: small, in a temporary directory, at a practice clock that a test
// moves, with every node of every member in this process and its gateways on real sockets. Nothing
// here is part of the product.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '#apps/node/config'
import type { City } from '#apps/node/city'
import { openCity, PracticeClock } from '#apps/node/city'
import type { Log } from '#apps/node/log'

/** Monday 2 March 2026, nine o'clock in China. */
export const cityMorning: number = Date.parse('2026-03-02T01:00:00Z')

export type CityWorldOptions = {
  /** Plain sales for which there are people and homes; none when absent. */
  readonly sales?: number
  readonly seed?: string
  /** Everything that nodes say to their operators goes here too. */
  readonly log?: Log
  /** A directory of an earlier world, to go on in; it is not removed. */
  readonly directory?: string
  /** Where the practice clock begins, Unix milliseconds. */
  readonly begins?: number
  /** Departments enrol officers, who then sign what they decide. */
  readonly officers?: boolean
  /** How often departments look at what others may have changed, milliseconds; else never. */
  readonly refreshMs?: number
}

/** A city for a test. */
export class CityWorld {
  readonly city: City
  readonly clock: PracticeClock
  readonly directory: string
  /** What nodes said to their operators, warnings and worse. */
  readonly notes: readonly object[]
  readonly #kept: boolean

  /** Use `openCityWorld`. */
  constructor(parts: {
    readonly city: City
    readonly clock: PracticeClock
    readonly notes: readonly object[]
    readonly kept: boolean
  }) {
    this.city = parts.city
    this.clock = parts.clock
    this.notes = parts.notes
    this.#kept = parts.kept
    this.directory = parts.city.directory
  }

  /** Stops every node and removes the directory, unless it was given. */
  async close(): Promise<void> {
    await this.city.stop()
    if (!this.#kept) rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Opens a small city. Takes about a second. */
export async function openCityWorld(options: CityWorldOptions = {}): Promise<CityWorld> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'lianban-city-'))
  const words = ['--directory', directory, '--listen-port', '0', '--verify-threads', '0']
  const config = readConfig({ words, env: {}, cwd: directory })
  const clock = new PracticeClock(options.begins ?? cityMorning)
  const notes: object[] = []
  const log: Log = (note) => {
    if (note.level !== 'info') notes.push(note)
    options.log?.(note)
  }
  const { seed, sales = 0, refreshMs = 0 } = options
  const people = seed === undefined ? { sales } : { sales, seed }
  const city = await openCity({
    config,
    log,
    clock,
    officers: options.officers === true,
    refreshMs,
    ...people,
  })
  return new CityWorld({ city, clock, notes, kept: options.directory !== undefined })
}
