// Restore drills (promise P13): a ledger under load is backed up beside its running node, the
// backup is restored into an empty directory, and the restored ledger must stand exactly where the
// backup says, on the history that went on; it must sign nothing, and say so to whoever looks.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { base64Encode } from '#base/bytes'
import { assert } from '#base/assert'
import { decodeSubmission, isRefusal } from '#ledger/command'
import type { Command } from '#ledger/command'
import { rootAt } from '#ledger/prove'
import { inlineVerifier } from '#adapters/consensus'
import { openFileStore } from '#adapters/keys'
import type { FileStore } from '#adapters/keys'
import { fsDisk, lockDirectory } from '#adapters/storage'
import { practiceGenesis } from '#domains/members'
import { Terminal } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { createBackup, restoreBackup } from '#apps/cli/backup'
import { codeVersion, openHost } from '#apps/node/host'
import type { HostNote, LedgerHost } from '#apps/node/host'
import { layoutOf } from '#apps/node/config'
import { domains, logSigner } from '#apps/node/serve'
import { makeId, makeIntent, makeKey, signCommand } from '#test/commands'
import { Random } from '#simulation/random'

const ledger = 'restores.example/one'
const key = makeKey('restores')

export type Outcome = {
  readonly drills: number
  /** Restored to the root that the running ledger has at that size. */
  readonly equal: number
  /** Restored ledgers that took a command, and of them those that signed a checkpoint. */
  readonly went: number
  readonly signed: number
  /** The same directories without the mark that did sign: the counterproof. */
  readonly controls: number
  /** Longest time from the backup to a restored ledger that answers, milliseconds. */
  readonly slowestMs: number
}

/** Runs so many drills on one ledger that never stops. */
export async function run(options: {
  readonly count: number
  readonly seed: number
}): Promise<Outcome> {
  const root = mkdtempSync(join(tmpdir(), 'lianban-restores-'))
  const random = new Random(options.seed)
  const directory = join(root, 'node')
  const keys = openFileStore(keysIn(directory))
  const log = keys.generate({ use: 'log', member: 'land', custody: 'hosted', created: 0 })
  const genesis = practiceGenesis([{ code: 'land', keys: { command: key.jwk, log: log.jwk } }])
  const host = open(directory, keys, genesis)
  const load = new Load(host, random)
  const tally = { drills: 0, equal: 0, went: 0, signed: 0, controls: 0, slowestMs: 0 }
  try {
    load.begin()
    while (tally.drills < options.count) {
      await load.wait(1 + random.below(40))
      const place = join(root, String(tally.drills))
      await drill(place, { directory, host, keys, tally })
      tally.drills += 1
      rmSync(place, { recursive: true, force: true })
    }
    return tally
  } finally {
    await load.end()
    await host.close()
    rmSync(root, { recursive: true, force: true })
  }
}

type Tally = { -readonly [name in keyof Outcome]: number }

type Scene = {
  readonly directory: string
  readonly host: LedgerHost
  readonly keys: FileStore
  readonly tally: Tally
}

async function drill(place: string, { directory, host, keys, tally }: Scene): Promise<void> {
  const began = performance.now()
  const backup = join(place, 'backup')
  const again = join(place, 'again')
  mkdirSync(place)
  const made = (await createBackup(askOf({ BACKUP: backup }, directory))).data
  await restoreBackup(askOf({ BACKUP: backup }, again))
  cpSync(keysIn(directory), keysIn(again), { recursive: true })
  const notes: HostNote[] = []
  const restored = open(again, keys, null, notes)
  tally.slowestMs = Math.max(tally.slowestMs, Math.round(performance.now() - began))
  try {
    const { size } = restored.head()
    const own = rootAt(restored.proofs.nodes(), size)
    const running = rootAt(host.proofs.nodes(), size)
    const same = own !== null && running !== null && base64Encode(own) === base64Encode(running)
    if (same && size === made['size'] && base64Encode(own) === made['root']) tally.equal += 1
    tally.went += 1
    if (await goesOnSigning(restored)) tally.signed += 1
  } finally {
    await restored.close()
  }
  // Without the mark the same directory signs, or the count above would show nothing.
  rmSync(join(layoutOf(again).ledger, 'restored'))
  const unmarked = open(again, keys, null)
  try {
    if (await goesOnSigning(unmarked)) tally.controls += 1
  } finally {
    await unmarked.close()
  }
}

/** Whether the ledger signs a new checkpoint while commands come; one is due every second. */
async function goesOnSigning(host: LedgerHost): Promise<boolean> {
  const before = host.proofs.checkpoint()?.size ?? 0
  for (let at = 0; at < 5; at += 1) {
    await send(host)
    await new Promise((resolve) => setTimeout(resolve, 260))
    if ((host.proofs.checkpoint()?.size ?? 0) > before) return true
  }
  return false
}

/** Commands that never stop coming, while backups are made. */
class Load {
  readonly #host: LedgerHost
  readonly #random: Random
  #running = false
  #sent = 0
  #done: Promise<void> = Promise.resolve()

  constructor(host: LedgerHost, random: Random) {
    this.#host = host
    this.#random = random
  }

  begin(): void {
    this.#running = true
    this.#done = this.#run()
  }

  /** Resolves after so many further commands. */
  async wait(count: number): Promise<void> {
    const wanted = this.#sent + count
    while (this.#running && this.#sent < wanted) {
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  async end(): Promise<void> {
    this.#running = false
    await this.#done
  }

  async #run(): Promise<void> {
    while (this.#running) {
      await Promise.all(Array.from({ length: 1 + this.#random.below(4) }, () => send(this.#host)))
      this.#sent += 1
      if (this.#random.oneIn(25)) await this.#host.snapshot()
    }
  }
}

async function send(host: LedgerHost): Promise<void> {
  const body = { handle: makeId(), kind: 'hold' }
  const notAfter = Date.now() + 600_000
  const intent = makeIntent({ ledger, type: 'mark.set', body, notAfter })
  const command: Command | object = decodeSubmission(signCommand(key, intent))
  assert(!isRefusal(command), 'commands of the test are well formed')
  await host.submit(command as Command)
}

function keysIn(directory: string): string {
  const { keys } = layoutOf(directory)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return keys
}

function open(
  directory: string,
  keys: FileStore,
  genesis: ReturnType<typeof practiceGenesis> | null,
  notes: HostNote[] = [],
): LedgerHost {
  const place = layoutOf(directory).ledger
  return openHost({
    disk: fsDisk(place),
    lock: () => lockDirectory(place),
    ledger,
    domains,
    code: codeVersion(),
    seed: randomBytes(4).readUInt32BE(),
    verifier: inlineVerifier(),
    signer: logSigner(keys),
    ...(genesis === null ? {} : { genesis: { params: genesis, time: Date.now() } }),
    practice: true,
    checkpointMs: 1000,
    segmentBytes: 64 * 1024,
    report: (note) => void notes.push(note),
  })
}

function askOf(operands: { readonly [name: string]: string }, directory: string): Ask {
  return {
    terminal: new Terminal({ language: 'en', json: true, quiet: true, verbose: false }),
    operands,
    values: { directory },
    lists: {},
    flags: new Set(),
    env: {},
  }
}
