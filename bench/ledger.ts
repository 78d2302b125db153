// A ledger for the bench: the real host on the real disk with verifier threads, and the two ways of
// driving it in process.
import { mkdirSync, rmSync } from 'node:fs'
import { decodeSubmission, isRefusal } from '#ledger/command'
import { PoolVerifier } from '#adapters/consensus'
import { fsDisk } from '#adapters/storage'
import type { HostOptions, LedgerHost } from '#apps/node/host'
import { codeVersion, openHost } from '#apps/node/host'
import { domains, ledgerName } from './workload.ts'
import { threads } from './ceiling.ts'

export type BenchLedger = { readonly host: LedgerHost; close(): Promise<void> }

/** Opens (or begins) a ledger below a directory. */
export function openLedger(directory: string, more: Partial<HostOptions> = {}): BenchLedger {
  mkdirSync(directory, { recursive: true })
  const verifier = new PoolVerifier({ threads })
  const host = openHost({
    disk: fsDisk(directory),
    ledger: ledgerName,
    domains,
    code: codeVersion(),
    seed: 1,
    verifier,
    signer: null,
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

/**
 * Commits submissions with at most `waiting` commands in flight and gives the seconds from the
 * first decode to the last answer. Throws when one is not applied.
 */
export function commitAll(
  host: LedgerHost,
  texts: readonly string[],
  waiting = 4096,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    let next = 0
    let open = 0
    let done = 0
    const pump = (): void => {
      while (next < texts.length && open < waiting) {
        const command = decodeSubmission(texts[next] as string)
        next += 1
        if (isRefusal(command)) return reject(new Error(command.code))
        open += command.intents.length
        host.submit(command).then((outcomes) => {
          open -= outcomes.length
          done += 1
          for (const outcome of outcomes) {
            if ('refused' in outcome) reject(new Error(outcome.refused.code))
            else if (outcome.receipt.code !== 'ok') reject(new Error(outcome.receipt.code))
          }
          if (done === texts.length) resolve((performance.now() - start) / 1000)
          else if (open < waiting / 2) pump()
        }, reject)
      }
    }
    pump()
  })
}
