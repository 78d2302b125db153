// A ledger for the bench: the real host on the real disk with verifier threads, and the ways of
// driving it in process.
import { mkdirSync, rmSync } from 'node:fs'
import type { Command } from '#ledger/command'
import { decodeSubmission, isRefusal } from '#ledger/command'
import { PoolVerifier } from '#adapters/consensus'
import { fsDisk } from '#adapters/storage'
import type { HostOptions, LedgerHost, Outcome } from '#apps/node/host'
import { codeVersion, openHost } from '#apps/node/host'
import { domains, ledgerName, logSigner } from './workload.ts'
import { threads } from './ceiling.ts'
import { Maker, submissionsIn } from './maker.ts'
import type { Order } from './maker-process.ts'

/** So many commands in so many seconds. */
export type Timed = { readonly commands: number; readonly seconds: number }

export type BenchLedger = { readonly host: LedgerHost; close(): Promise<void> }

/** Opens (or begins) a ledger below a directory. */
export function openLedger(directory: string, more: Partial<HostOptions> = {}): BenchLedger {
  mkdirSync(directory, { recursive: true })
  // As a node does by itself: two threads a processor.
  const verifier = new PoolVerifier({ threads: 2 * threads })
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

/** Commands in flight: enough to keep every thread busy; more only survive more collections. */
export const inFlight = 1024
/** In flight again before a thread can run out of work. */
const refillBelow = 0.9 * inFlight

/**
 * Commits submissions with so many commands in flight; gives how many they were and the seconds
 * from the first decode to the last answer. Throws when one is not applied.
 */
export function commitAll(host: LedgerHost, texts: readonly string[]): Promise<Timed> {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    let next = 0
    let open = 0
    let done = 0
    let commands = 0
    const answered = (outcomes: readonly Outcome[]): void => {
      const wrong = notApplied(outcomes)
      if (wrong !== null) return reject(new Error(wrong))
      open -= outcomes.length
      commands += outcomes.length
      done += 1
      if (done === texts.length) resolve({ commands, seconds: (performance.now() - start) / 1000 })
      else if (open < refillBelow) pump()
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

/** Commands under one signature, and in one order, when a ledger is filled. */
const fillOf = 64
const fillCommands = 32 * fillOf
const fillEntries = fillCommands + 32

/**
 * Fills a ledger with envelopes of 64 until its log has so many entries; `each` sees every
 * command. The envelopes are made in files of `directory`, one order ahead.
 */
export async function fill(
  host: LedgerHost,
  entries: number,
  options: { readonly directory: string; readonly each: (command: Command) => void },
): Promise<void> {
  const orders = ordersFor(entries - host.head().size)
  const maker = new Maker(options.directory)
  let next = Promise.resolve('')
  for (const [i, order] of orders.entries()) {
    if (i === 0) next = maker.make(order)
    const texts = submissionsIn(await next)
    const after = orders[i + 1]
    if (after !== undefined) next = maker.make(after)
    await submitAll(host, texts, options.each)
  }
  await maker.end()
}

/** What to make for so many entries: whole orders, whole envelopes, then single commands. */
function ordersFor(entries: number): Omit<Order, 'path'>[] {
  if (entries <= 0) return []
  const whole = Math.floor(entries / fillEntries)
  const rest = entries - whole * fillEntries
  const envelopes = Math.floor(rest / (fillOf + 1))
  return [
    ...Array.from({ length: whole }, () => ({ commands: fillCommands, of: fillOf })),
    { commands: envelopes * fillOf, of: fillOf },
    { commands: rest - envelopes * (fillOf + 1), of: 1 },
  ]
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
