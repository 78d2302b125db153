// The stage of a story: a practice city in a temporary directory at a practice clock, and the deeds
// of its people. A deed that goes otherwise than told is a failure of the program, never of the
// story.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Json } from '#base/canonical'
import { exits, Stop } from '#apps/cli/output'
import { readConfig } from '#apps/node/config'
import type { Application, City, CityMember } from '#apps/node/city'
import { openCity, PracticeClock } from '#apps/node/city'
import type { InboxLine } from '#apps/node/casework'
import type { OpenLine } from '#apps/node/desk'
import type { Change } from '#apps/node/residents'
import { changeSource } from '#apps/node/residents'

/** Monday 2 March 2026, nine o'clock in China. */
const morning = Date.parse('2026-03-02T01:00:00Z')

/** Somebody of the practice city, as a counter sees the card. */
export type Someone = { readonly code: string; readonly name: string }

/** Checkpoints come every ten seconds of the practice clock. */
const checkpointMs = 11_000
const checkpointsMax = 12

/** How long a deed waits for robots on a busy machine: so many times, so many milliseconds. */
const triesMax = 100
const waitMs = 100

type No = { readonly refused: readonly { readonly code: string; readonly at?: string }[] }

/** A city on the stage. */
export class Stage {
  readonly root: string
  readonly city: City
  readonly clock: PracticeClock

  /** Use `openStage`. */
  constructor(root: string, city: City, clock: PracticeClock) {
    this.root = root
    this.city = city
    this.clock = clock
  }

  member(code: string): CityMember {
    return this.city.member(code)
  }

  /** The application of this id. */
  application(id: string): Application {
    const found = this.city.applications.find(({ blueprint }) => blueprint.id === id)
    if (found === undefined) throw defect(`no application ${id}`)
    return found
  }

  /** Files at a member's counter; gives the case. */
  async file(
    at: string,
    application: string,
    who: {
      readonly party: string
      readonly person: Someone
      readonly objects?: { readonly [object: string]: { readonly [key: string]: Json } }
      readonly online?: true
    },
  ): Promise<string> {
    const { online, party, person, objects } = who
    const filed = await this.member(at).desk.file({
      blueprint: this.application(application).identity,
      party,
      person: { code: person.code, name: person.name },
      ...(objects === undefined ? {} : { objects }),
      identified: this.#identified(at, online),
    })
    return must(filed).case
  }

  /** Another person files for herself. */
  async join(
    at: string,
    id: string,
    who: { readonly party: string; readonly person: Someone; readonly online?: true },
  ): Promise<void> {
    const { party, person, online } = who
    const { code, name } = person
    const identified = this.#identified(at, online)
    must(await this.member(at).desk.join({ case: id, party, person: { code, name }, identified }))
  }

  /** A person says what only she knows. */
  async say(at: string, id: string, item: string, value: Json): Promise<void> {
    must(await this.member(at).desk.say({ case: id, item, value }))
  }

  /** Persons sign one after another at a counter, with two officers and without a device. */
  async sign(
    at: string,
    id: string,
    act: string,
    of: { readonly value: Json; readonly who: readonly (readonly [string, Someone])[] },
  ): Promise<void> {
    const means = {
      class: 'assisted',
      officer: this.#officer(at, 1),
      second: this.#officer(at, 2),
    } as const
    const { value } = of
    for (const [party, { code, name }] of of.who) {
      const signature = { case: id, act, signer: { party, code, name }, value, means }
      await this.#patiently(() => this.member(at).desk.sign(signature))
    }
    await this.settle()
  }

  /** A post decides; `no` is the code of a no. */
  async decide(
    at: string,
    id: string,
    act: string,
    said: { readonly value: Json } | { readonly no: string },
  ): Promise<void> {
    const deciding = { case: id, act, ...said, officer: this.#officer(at, 3) }
    await this.#patiently(() => this.member(at).desk.decide(deciding))
    await this.settle()
  }

  /** A post tries and is refused with a code. */
  async refused(at: string, id: string, act: string, value: Json): Promise<string> {
    const said = await this.member(at).desk.decide({
      case: id,
      act,
      value,
      officer: this.#officer(at, 3),
    })
    if (!('refused' in said)) throw defect(`${act} was not refused`)
    return said.refused[0]?.code ?? ''
  }

  /** A line of a member's desk about a case, once it is there. */
  async line(at: string, id: string): Promise<OpenLine> {
    const { desk } = this.member(at)
    const line = await this.until(() => desk.inbox().find((each) => each.case === id))
    const opened = await desk.open(line)
    if (opened === null) throw defect(`nothing lies before ${at}`)
    return opened
  }

  /** Waits for something that robots bring about; a busy machine lets them wait for each other. */
  async until<T>(look: () => T | undefined): Promise<T> {
    for (let left = triesMax; left > 0; left -= 1) {
      const found = look()
      if (found !== undefined) return found
      await this.#wait()
    }
    throw defect('the robots did not come to it')
  }

  async #patiently<T extends object>(deed: () => Promise<T | No>): Promise<T> {
    for (let left = triesMax; ; left -= 1) {
      const done = await deed()
      const waits = 'refused' in done && isEarly(done)
      if (!waits || left === 0) return must(done)
      await this.#wait()
    }
  }

  async #wait(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, waitMs))
    await this.settle()
  }

  /** Members that were told of an act do it. */
  async answerTasks(at: string, value: Json): Promise<number> {
    const { desk } = this.member(at)
    const open = (): readonly InboxLine[] => desk.inbox().filter(({ reason }) => reason === 'task')
    const tasks = await this.until(() => (open().length > 0 ? open() : undefined))
    for (const { key } of tasks) {
      const told = await desk.answerTask(key, { value, officer: this.#officer(at, 3) })
      if ('refused' in told) throw defect(told.refused)
    }
    await this.settle()
    return tasks.length
  }

  /** A sector's own staff correct their own system, and their node looks at it again. */
  async correct(at: string, change: Change): Promise<void> {
    const { layout, department } = this.member(at)
    if (changeSource(layout.source, change) !== 1) throw defect(`${change.table} has no such row`)
    await department.changed()
    await this.settle()
  }

  async settle(): Promise<void> {
    await this.city.settle()
  }

  /** Puts the practice clock forward, with time for what falls due. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await this.settle()
  }

  /** Puts every receipt that is due on the ledger. */
  async flush(): Promise<void> {
    for (const { gateway } of this.city.members.values()) await gateway.flush()
    await this.settle()
  }

  /** Waits until a checkpoint covers everything that was said. */
  async checkpointed(): Promise<void> {
    await this.flush()
    const { host } = this.city.node
    const { size } = host.head()
    for (let left = checkpointsMax; (host.proofs.checkpoint()?.size ?? 0) < size; left -= 1) {
      if (left === 0) throw defect('no checkpoint came')
      await this.pass(checkpointMs)
    }
  }

  async close(keep: boolean): Promise<void> {
    await this.city.stop()
    if (!keep) fs.rmSync(this.root, { recursive: true, force: true })
  }

  /** An officer of a member: a registered key's id, or a made-up one where nobody is enrolled. */
  #officer(at: string, number: number): string {
    const { officers } = this.member(at)
    return officers[(number - 1) % Math.max(1, officers.length)] ?? madeUp(at, number)
  }

  #identified(
    at: string,
    online: true | undefined,
  ): { readonly method: 'idp' | 'window'; readonly officer?: string; readonly second?: string } {
    if (online === true) return { method: 'idp' }
    return { method: 'window', officer: this.#officer(at, 1), second: this.#officer(at, 2) }
  }
}

/** Opens a city on a stage of its own, or the one that a stage left in a folder. */
export async function openStage(before?: string): Promise<Stage> {
  const root = before ?? fs.mkdtempSync(join(tmpdir(), 'lianban-story-'))
  const words = ['--directory', join(root, 'city'), '--listen-port', '0', '--verify-threads', '0']
  const config = readConfig({ words, env: {}, cwd: root })
  // A stage that is opened again goes on in the afternoon.
  const clock = new PracticeClock(before === undefined ? morning : morning + 5 * 3_600_000)
  // What a node says of its clock is what the story does.
  const log = (): void => undefined
  return new Stage(root, await openCity({ config, log, clock, sales: 2, officers: true }), clock)
}

/** The id of an officer whom no ledger knows, the same through a story. */
function madeUp(member: string, number: number): string {
  const digest = createHash('sha256').update(`practice officer ${member} ${number}`).digest()
  return digest.subarray(0, 16).toString('base64url')
}

/** What was done, or the end of the story. */
export function must<T extends object>(done: T | No): T {
  if ('refused' in done) throw defect(JSON.stringify(done.refused))
  return done
}

/** Whether a deed came before what it rests on. */
function isEarly({ refused }: No): boolean {
  return /\/(?:act-not-open|not-taken)$/.test(refused[0]?.code ?? '')
}

/** The end of a story that goes otherwise than told. */
export function defect(said: string): Stop {
  return new Stop({ code: 'cli/defect', exit: exits.failure, text: { zh: said, en: said } })
}
