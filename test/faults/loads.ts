// Loading under real kills: a process that replaces two lists by their next states dies at one of
// its deeds, or is killed at any time; some die again while they put things back. In between no
// system answers from rows of no state that counts. Then the load is run again, and everything
// (rows, book, serials of made persons, match tickets) equals what it is in a city that nobody
// disturbed.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { openSystem } from '#apps/node/city'
import { isHeld, recoverLoads } from '#apps/node/loading'
import { Random } from '#simulation/random'
import {
  begin,
  draw,
  everythingIn,
  load,
  members,
  pathOf,
  tables,
  tablesIn,
} from './loads-world.ts'
import type { Lists } from './loads-world.ts'
import type { Dying, Order } from './loads-victim.ts'

export type Loads = {
  kills: number
  /** Kinds of deeds at which a process died. */
  readonly deeds: Set<string>
  /** Cities in whose tables a half of a load stood after a kill. */
  halves: number
  /** Systems that answered although rows of them may count in no state. */
  answered: number
  /** Cities that answered from different states, or from none. */
  mixed: number
  /** Cities that differ from an undisturbed one after the load was run again. */
  differing: number
  first: string
}

type Ended = { readonly killed: boolean; readonly deeds: readonly string[]; readonly ms: number }

const victim = fileURLToPath(new URL('./loads-victim.ts', import.meta.url))
const killsOfState = 5
const statesOfCity = 3

/** So many kills. `forgetful`: what a load writes down before it changes anything is lost. */
export async function run(options: {
  readonly count: number
  readonly seed: number
  readonly forgetful?: boolean
}): Promise<Loads> {
  const random = new Random(options.seed)
  const found = { halves: 0, answered: 0, mixed: 0, differing: 0, first: '' }
  const result: Loads = { kills: 0, deeds: new Set(), ...found }
  const root = fs.mkdtempSync(join(tmpdir(), 'lianban-loads-'))
  try {
    for (let city = 0; result.kills < options.count; city += 1) {
      const before = join(root, `city-${city}`)
      begin(before)
      if (random.below(4) > 0) await load(before, draw(random))
      for (let at = 0; at < statesOfCity && result.kills < options.count; at += 1) {
        const next = new Next({ root, before, state: draw(random), random, result })
        await next.live()
        const most = Math.min(killsOfState, options.count - result.kills)
        for (let kill = 0; kill < most; kill += 1) await next.disturb(options.forgetful === true)
        next.goOn()
      }
    }
  } finally {
    fs.rmSync(root, { recursive: true, force: true })
  }
  return result
}

type NextParts = {
  readonly root: string
  /** The city before the load. */
  readonly before: string
  readonly state: Lists
  readonly random: Random
  readonly result: Loads
}

/** One load of a next state: undisturbed, and in copies of the city where it is cut off. */
class Next {
  readonly #of: NextParts
  readonly #calm: string
  #ended: Ended = { killed: false, deeds: [], ms: 0 }
  /** The tables of each state that counts at some time. */
  #counting: readonly (readonly string[])[] = []
  #expected = ''

  constructor(of: NextParts) {
    this.#of = of
    this.#calm = join(of.root, 'calm')
  }

  /** The load that nobody disturbs: what it does, and what it leaves. */
  async live(): Promise<void> {
    const { before, state } = this.#of
    const half = this.#copy('half')
    await load(half, state, ['park'])
    copied(before, this.#calm)
    this.#ended = await ended({ directory: this.#calm, state, dies: null })
    this.#counting = [before, half, this.#calm].map(tablesIn)
    this.#expected = everythingIn(this.#calm)
  }

  /** The same in a copy, killed. */
  async disturb(forgetful: boolean): Promise<void> {
    const { random, state, result } = this.#of
    const directory = this.#copy('disturbed')
    const { name, killed } = await this.#killed(directory, forgetful)
    if (!killed) return
    result.kills += 1
    if (name !== '') result.deeds.add(name)
    await this.#look(directory, name)
    if (forgetful) forget(directory)
    if (random.oneIn(3)) {
      // Whoever puts things back dies too: its first deeds are those.
      const again = { at: random.below(14), side: random.pick(sides) }
      if ((await ended({ directory, state, dies: again })).killed) result.kills += 1
      await this.#look(directory, `${name}, again`)
    }
    if (random.oneIn(2)) {
      recoverLoads(directory, pathOf(directory))
      await this.#look(directory, `${name}, put back`)
    }
    await load(directory, state)
    await this.#look(directory, `${name}, run again`)
    if (everythingIn(directory) !== this.#expected) this.#found('differing', name)
  }

  /** The next load of this city is one after this load. */
  goOn(): void {
    copied(this.#calm, this.#of.before)
  }

  /**
   * Kills a load at a deed of any kind, most often one from which on tables change, or at any time;
   * a forgetful one after the commit of a member.
   */
  async #killed(
    directory: string,
    forgetful: boolean,
  ): Promise<{ readonly name: string; readonly killed: boolean }> {
    const { random, state } = this.#of
    const { deeds, ms } = this.#ended
    const telling = Math.max(
      0,
      deeds.findIndex((each) => intent.test(each)),
    )
    const from = forgetful || random.below(4) > 0 ? telling : 0
    if (!forgetful && random.oneIn(4)) {
      const killAfterMs = random.below(Math.max(1, Math.ceil(ms)))
      const { killed } = await ended({ directory, state, dies: null }, killAfterMs)
      return { name: '', killed }
    }
    const isBetween = forgetful || (from > 0 && random.oneIn(2))
    const chosen = deeds.slice(from).filter((each) => !isBetween || commit.test(each))
    assert.ok(chosen.length > 0, `no such deed among ${deeds.join(', ')}`)
    const name = random.pick([...new Set(chosen)])
    const at = random.pick(deeds.flatMap((each, i) => (each === name && i >= from ? [i] : [])))
    const dies: Dying = { at, side: forgetful ? 'after' : random.pick(sides) }
    const { killed } = await ended({ directory, state, dies })
    return { name: `${dies.side} ${name}`, killed }
  }

  /** What can be seen in a city now, through its systems. */
  async #look(directory: string, name: string): Promise<void> {
    const { result } = this.#of
    const seen = tablesIn(directory)
    const held: boolean[] = []
    for (const member of members) held.push(await refuses(directory, member))
    members.forEach((member, at) => {
      if (isHeld(pathOf(directory)(member)) && held[at] !== true) this.#found('answered', name)
    })
    const fits = (state: readonly string[]): boolean => state.every((text, at) => text === seen[at])
    if (!this.#counting.some(fits)) result.halves += 1
    const answers = (state: readonly string[]): boolean =>
      state.every((text, at) => held[at] === true || text === seen[at])
    if (!this.#counting.some(answers)) this.#found('mixed', name)
  }

  #found(what: 'answered' | 'differing' | 'mixed', name: string): void {
    const { result } = this.#of
    result[what] += 1
    if (result.first === '') result.first = `${what}: ${name}`
  }

  #copy(name: string): string {
    const copy = join(this.#of.root, name)
    copied(this.#of.before, copy)
    return copy
  }
}

const sides = ['before', 'after'] as const
/** From here on a kill may leave a half. */
const intent = /INSERT INTO undoing/
/** Members' databases, one after another. */
const commit = /^(?:market|police|tax)\.db COMMIT/

function copied(from: string, to: string): void {
  fs.rmSync(to, { recursive: true, force: true })
  fs.cpSync(from, to, { recursive: true })
}

/** Whether a member's system, as its node has it, gives no answer. */
async function refuses(directory: string, member: (typeof members)[number]): Promise<boolean> {
  const system = openSystem(pathOf(directory)(member), member, {
    population: () => {
      throw new Error(`${member} has a system already`)
    },
    recover: () => undefined,
  })
  try {
    await system.registers['main']?.describe(tables[member])
    return false
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    // Before the first load the table is not there, which is an answer too.
    if (code === 'registers/unavailable') return isHeld(pathOf(directory)(member))
    return false
  } finally {
    await system.close()
  }
}

/** The book without what it says of a load under way, and systems without their marks. */
function forget(directory: string): void {
  const book = new DatabaseSync(join(directory, 'loaded.db'))
  const known = book.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'undoing'").get()
  if (known !== undefined) book.exec('DELETE FROM undoing; DELETE FROM held')
  book.close()
  for (const member of members) {
    fs.rmSync(`${pathOf(directory)(member)}.loading`, { force: true })
  }
}

/** Lets a process load, to its end or to its death. */
function ended(order: Order, killAfterMs?: number): Promise<Ended> {
  const child = fork(victim, [JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  let deeds: readonly string[] = []
  let [began, ms] = [0, 0]
  child.on('message', (said: { ready?: true; deeds?: readonly string[] }) => {
    if (said.ready) {
      began = performance.now()
      if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    }
    if (said.deeds === undefined) return
    deeds = said.deeds
    ms = performance.now() - began
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve({ killed: signal !== null, deeds, ms })
      else reject(new Error(`a load ended with ${code ?? signal}`))
    })
  })
}
