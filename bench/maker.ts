// Signed submissions out of a process of their own, by way of files.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Child } from './child.ts'
import type { MakerJobs, Order } from './maker-process.ts'

/** Makes submissions into files of a directory, a new one over the last but one. */
export class Maker {
  readonly #child: Child<MakerJobs> = new Child('./maker-process.ts')
  readonly #directory: string
  #made = 0

  constructor(directory: string) {
    this.#directory = directory
  }

  /** The file with so many commands, one submission a line. */
  async make(order: Omit<Order, 'path'>): Promise<string> {
    const path = join(this.#directory, `submissions-${process.pid}-${this.#made % 2}`)
    this.#made += 1
    await this.#child.ask('make', { ...order, path })
    return path
  }

  end(): Promise<void> {
    return this.#child.end()
  }
}

/** The submissions of such a file, each a text of its own. */
export function submissionsIn(path: string): string[] {
  const bytes = readFileSync(path)
  const texts: string[] = []
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0x0a, at)
    texts.push(bytes.toString('latin1', at, end))
    at = end + 1
  }
  return texts
}
