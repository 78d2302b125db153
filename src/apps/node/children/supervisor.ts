// The supervisor of a city whose members run apart: the process of the ledger and one process a
// member, each started again when it ends by itself. It holds no key and reads no record; it tells
// members where the others' gateways listen, and passes on what people do at a counter.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import type { Json } from '#base/canonical'
import { readSecretFile } from '#adapters/keys'
import { HttpClient } from '#adapters/transport'
import type { Pack, PackMember } from '#apps/node/city'
import { readPack } from '#apps/node/city'
import { layoutOf } from '#apps/node/config'
import type { Log } from '#apps/node/log'
import { Child } from './child.ts'
import { memberFlags } from './flags.ts'
import { isFounded } from './founding.ts'
import { MemberChild } from './member-child.ts'
import type { CounterCall } from './messages.ts'
import { packOf } from './places.ts'

export type SupervisorOptions = {
  readonly directory: string
  /** Settings for the process of the ledger, as flags; without the directory and both ports. */
  readonly settings?: readonly string[]
  /** Port of the plain listener; 0 takes a free one and keeps it. */
  readonly listenPort: number
  readonly membersPort: number
  /** Plain sales for which a new city has people and homes. */
  readonly sales?: number
  /** Members whose processes run; all of the pack when absent. */
  readonly members?: readonly string[]
  /** How often members look at their own sources, seconds; 0 when absent: never. */
  readonly sourcesSeconds?: number
  /** Flags of Node for every process. */
  readonly nodeFlags?: readonly string[]
  readonly log: Log
}

type Place = { readonly port: number; readonly membersPort: number; readonly ledger: string }

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const ledgerWaitMs = 60_000

/** Founds the city where there is none, starts its processes, and resolves when all are open. */
export async function superviseCity(options: SupervisorOptions): Promise<Supervisor> {
  if (!isFounded(options.directory)) await found(options)
  const supervisor = new Supervisor(options)
  try {
    await supervisor.begin()
  } catch (failure) {
    await supervisor.stop()
    throw failure
  }
  return supervisor
}

/** See the file's comment. Made by `superviseCity`. */
export class Supervisor {
  readonly pack: Pack = readPack(packOf)
  readonly #options: SupervisorOptions
  readonly #members: Map<string, MemberChild> = new Map()
  readonly #addresses: Map<string, string> = new Map()
  readonly #ledger: Child
  #place: Place
  #serverKid = ''
  #heard: (() => void) | null = null
  #client: HttpClient | null = null

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#place = { port: options.listenPort, membersPort: options.membersPort, ledger: '' }
    this.#ledger = new Child({
      name: 'ledger',
      words: () => this.#ledgerWords(),
      codeCache: codeCacheIn(options.directory),
      line: (line) => this.#ledgerSays(line),
      report: (event, child, code) => options.log({ level: 'warn', event, child, code }),
    })
  }

  /** Where the ledger's node answers on this machine. */
  get url(): string {
    return `http://127.0.0.1:${this.#place.port}`
  }

  get ledger(): string {
    return this.#place.ledger
  }

  get tokenFile(): string {
    return layoutOf(this.#options.directory).token
  }

  /** Process ids by name; `ledger` is the ledger's. */
  get pids(): ReadonlyMap<string, number> {
    const all: (Child | MemberChild)[] = [this.#ledger, ...this.#members.values()]
    return new Map(all.map(({ name, pid }) => [name, pid] as const))
  }

  async begin(): Promise<void> {
    const listening = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the ledger did not start')), ledgerWaitMs)
      this.#heard = () => {
        clearTimeout(late)
        resolve()
      }
    })
    this.#ledger.start()
    await listening
    this.#client = new HttpClient({ servers: [{ origin: this.url }] })
    this.#serverKid = await this.#transportKidOf(this.pack.operator)
    const { members } = this.#options
    for (const member of this.pack.members) {
      if (members?.includes(member.code) === false) continue
      this.#members.set(member.code, this.#child(member))
    }
    for (const child of this.#members.values()) child.start()
    await Promise.all([...this.#members.values()].map((child) => child.opened()))
  }

  /** A member's process. */
  member(code: string): MemberChild {
    const child = this.#members.get(code)
    if (child === undefined) throw new Error(`the city has no member ${code}`)
    return child
  }

  /** What somebody does at a member's counter; waits for a member that is being started again. */
  async counter(member: string, counter: CounterCall, ...said: readonly Json[]): Promise<Json> {
    return this.member(member).ask({ counter, with: said })
  }

  /** Ends the process of the ledger at once, as a crash would; it is started again. */
  killLedger(): void {
    this.#ledger.kill()
  }

  /** Entries of the ledger. */
  async size(): Promise<number> {
    const { ledgers } = (await this.#get('/v1/ledgers')) as {
      readonly ledgers: readonly { readonly size: number }[]
    }
    return ledgers[0]?.size ?? 0
  }

  /**
   * Waits until two rounds in a row found every department idle, all of them as far as the ledger,
   * and nothing new on it.
   */
  async settle(): Promise<void> {
    for (let quiet = 0, size = -1; quiet < 2;) {
      // A process that ends while it is asked is waited for in the next round.
      const idle = [...this.#members.values()].map((each) => each.ask('idle').catch(() => -1))
      const read = await Promise.all(idle)
      const now = await this.size()
      const still = now === size && read.every((each) => each === now)
      if (!still) await new Promise((resolve) => setTimeout(resolve, 20))
      quiet = still ? quiet + 1 : 0
      size = now
    }
  }

  /** Ends all processes: members first, because they close what is open on the ledger. */
  async stop(): Promise<void> {
    await Promise.all([...this.#members.values()].map((child) => child.stop()))
    await this.#ledger.stop((child) => child.terminate())
    this.#client?.close()
  }

  #child(member: PackMember): MemberChild {
    const { log } = this.#options
    return new MemberChild({
      code: member.code,
      words: () => this.#memberWords(member),
      codeCache: codeCacheIn(this.#options.directory),
      report: (event, child, code) => log({ level: 'warn', event, child, code }),
      opened: (address) => {
        this.#addresses.set(member.code, address)
        const addresses = Object.fromEntries(this.#addresses)
        for (const each of this.#members.values()) each.tell(addresses)
      },
    })
  }

  #ledgerWords(): readonly string[] {
    const { nodeFlags = [], settings = [], directory } = this.#options
    const { port, membersPort } = this.#place
    const ports = ['--listen-port', String(port), '--members-port', String(membersPort)]
    const said = ['--log-form', 'json', '--log-from', 'info']
    return [...nodeFlags, main, 'serve', '--directory', directory, ...ports, ...said, ...settings]
  }

  #memberWords({ code, kind }: PackMember): readonly string[] {
    const { nodeFlags = [], directory, sourcesSeconds = 0 } = this.#options
    const { port, membersPort, ledger } = this.#place
    const about = ['--directory', directory, '--member', code, '--ledger', ledger]
    const words = [main, 'member', ...about, '--sources-seconds', String(sourcesSeconds)]
    // A replica shows its own transport key. A participant may not read the log: its process reads
    // it by the operator's token, which one operator's practice alone may do.
    if (kind === 'replica') {
      const proven = ['--url', `https://127.0.0.1:${membersPort}`, '--server-kid', this.#serverKid]
      return [...nodeFlags, ...memberFlags, ...words, ...proven]
    }
    const proven = ['--url', `http://127.0.0.1:${port}`, '--token-file', this.tokenFile]
    return [...nodeFlags, ...memberFlags, ...words, ...proven]
  }

  /** Untrusted as far as any line is: what is no JSON of a log is passed on as it stands. */
  #ledgerSays(line: string): void {
    const note = noteIn(line)
    if (note?.event === 'listening') {
      this.#place = { ...this.#place, port: note.port ?? 0, ledger: note.ledger ?? '' }
    } else if (note?.event === 'listening-for-members') {
      this.#place = { ...this.#place, membersPort: note.port ?? 0 }
      this.#heard?.()
    } else if (note?.level !== 'info') {
      this.#options.log({ level: 'warn', event: 'ledger-says', line })
    }
  }

  async #transportKidOf(member: string): Promise<string> {
    const { value: kids } = (await this.#get(`/v1/records/members/keys/${member}`)) as {
      readonly value: readonly string[]
    }
    for (const kid of kids) {
      const { value } = (await this.#get(`/v1/records/members/key/${kid}`)) as {
        readonly value: { readonly use: string; readonly until: number | null }
      }
      if (value.use === 'transport' && value.until === null) return kid
    }
    throw new Error(`${member} has no transport key`)
  }

  async #get(path: string): Promise<unknown> {
    if (this.#client === null) throw new Error('the ledger was not started')
    const token = Buffer.from(readSecretFile(this.tokenFile)).toString()
    const headers = { authorization: `Bearer ${token}` }
    const answer = await this.#client.request({ url: `${this.url}${path}`, headers })
    if (answer.status !== 200) throw new Error(`${path}: ${answer.problem?.code ?? answer.status}`)
    return JSON.parse(Buffer.from(answer.body).toString())
  }
}

type Said = {
  readonly level?: string
  readonly event?: string
  readonly port?: number
  readonly ledger?: string
}

function noteIn(line: string): Said | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}

function codeCacheIn(directory: string): string {
  return join(directory, 'code')
}

/** Founds the city in a process that is gone afterwards, with all its memory. */
async function found({ directory, sales, log }: SupervisorOptions): Promise<void> {
  const words = [main, 'found', sales === undefined ? 'usual' : String(sales)]
  words.push('--directory', directory)
  const done = Promise.withResolvers<string>()
  const founding = new Child({
    name: 'founding',
    words: () => words,
    codeCache: codeCacheIn(directory),
    line: (line) => log({ level: 'warn', event: 'founding-says', line }),
    report: (_event, _child, code) => done.resolve(code),
  })
  founding.start()
  const code = await done.promise
  await founding.stop(() => undefined)
  if (!existsSync(join(directory, 'founded'))) throw new Error(`the founding ended with ${code}`)
}
