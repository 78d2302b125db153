// A ledger for the bench: the real host on the real disk with verifier threads, and the ways of
// driving it in process.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from '#ledger/command'
import { decodeSubmission, isRefusal } from '#ledger/command'
import { PoolVerifier } from '#adapters/consensus'
import { fsDisk } from '#adapters/storage'
import type { HostOptions, LedgerHost, Outcome } from '#apps/node/host'
import { codeVersion, openHost } from '#apps/node/host'
import { domains, envelopes, ledgerName, logSigner, singles } from './workload.ts'
import { threads } from './ceiling.ts'
import { Child } from './child.ts'
import type { MakerJobs } from './fill-maker.ts'

export type BenchLedger = { readonly host: LedgerHost; close(): Promise<void> }

/** Opens (or begins) a ledger below a directory. */
export function openLedger(directory: string, more: Partial<HostOptions> = {}): BenchLedger {
  mkdirSync(directory, { recursive: true })
  const verifier = new PoolVerifier({ threads })
  const { name, keyHash } = logSigner.key
  const host = openHost({
    disk: fsDisk(directory),
    ledger: ledgerName,
    domains,
    code: codeVersion(),
    seed: 1,
    verifier,
    signer: { sign: (text) => ({ name, keyHash, signature: logSigner.sign(text) }) },
    genesis: { params: { founders: 2 }, time: Date.now() },
    practice: true,
    ...more,
  })
  return {
    host,
    close: async () => {
      await host.close()
      await verifier.close()
    },
  }
}

/** An empty ledger; what stood in the directory is gone. */
export function freshLedger(directory: string, more: Partial<HostOptions> = {}): BenchLedger {
  rmSync(directory, { recursive: true, force: true })
  return openLedger(directory, more)
}

/** Commands in flight: enough to keep every thread busy, few enough to answer within 0.1 s. */
export const inFlight = 1024

/**
 * Commits submissions with so many commands in flight and gives the seconds from the first decode
 * to the last answer. Throws when one is not applied.
 */
export function commitAll(host: LedgerHost, texts: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    let next = 0
    let open = 0
    let done = 0
    const answered = (outcomes: readonly Outcome[]): void => {
      const wrong = notApplied(outcomes)
      if (wrong !== null) return reject(new Error(wrong))
      open -= outcomes.length
      done += 1
      if (done === texts.length) resolve((performance.now() - start) / 1000)
      else if (open < inFlight / 2) pump()
    }
    const pump = (): void => {
      while (next < texts.length && open < inFlight) {
        const command = decoded(texts[next] as string)
        next += 1
        open += command.intents.length
        host.submit(command).then(answered, reject)
      }
    }
    pump()
  })
}

/** The code of the first outcome that is not an applied command. */
function notApplied(outcomes: readonly Outcome[]): string | null {
  for (const outcome of outcomes) {
    if ('refused' in outcome) return outcome.refused.code
    if (outcome.receipt.code !== 'ok') return outcome.receipt.code
  }
  return null
}

function decoded(text: string): Command {
  const command = decodeSubmission(text)
  if (isRefusal(command)) throw new Error(`${command.code} ${command.at ?? ''}`)
  return command
}

const order = { envelopes: 32, of: 64 } as const
const orderEntries = order.envelopes * (order.of + 1)

/**
 * Fills a ledger with envelopes of 64 until its log has so many entries; `each` sees every
 * command. The envelopes are made by a process of their own, one order ahead, in `directory`.
 */
export async function fill(
  host: LedgerHost,
  entries: number,
  options: { readonly directory: string; readonly each: (command: Command) => void },
): Promise<void> {
  const { directory, each } = options
  const orders = Math.max(0, Math.floor((entries - host.head().size) / orderEntries))
  if (orders > 0) {
    const maker = new Child<MakerJobs>('./fill-maker.ts')
    const made = async (n: number): Promise<string> => {
      const path = join(directory, `envelopes-${n % 2}`)
      await maker.ask('make', { ...order, path })
      return path
    }
    let next = made(0)
    for (let n = 1; n <= orders; n += 1) {
      const texts = readFileSync(await next, 'latin1').split('\n')
      if (n < orders) next = made(n)
      await submitAll(host, texts, each)
    }
    await maker.end()
  }
  await finish(host, entries, each)
}

/** Fills what is less than an order in the calling thread. */
async function finish(
  host: LedgerHost,
  entries: number,
  each: (command: Command) => void,
): Promise<void> {
  const left = Math.max(0, entries - host.head().size)
  const whole = Math.floor(left / (order.of + 1))
  await submitAll(host, envelopes(whole, order.of), each)
  await submitAll(host, singles(left - whole * (order.of + 1)), each)
}

async function submitAll(
  host: LedgerHost,
  texts: readonly string[],
  each: (command: Command) => void,
): Promise<void> {
  const done: Promise<readonly Outcome[]>[] = []
  for (const text of texts) {
    const command = decoded(text)
    each(command)
    done.push(host.submit(command))
  }
  const wrong = notApplied((await Promise.all(done)).flat())
  if (wrong !== null) throw new Error(wrong)
}
