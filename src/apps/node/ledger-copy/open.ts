// Opening a ledger that runs elsewhere: its copy in a directory of this process alone, the
// connection by mutual TLS or by the local operator's token, and everything that is durable now. It
// promises that a copy which cannot be read is put away and fetched again, never repaired.
import { existsSync, renameSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import type { Domain } from '#ledger/apply'
import type { KeyStore } from '#adapters/keys'
import { readSecretFile } from '#adapters/keys'
import { Failure, fsDisk, lockDirectory } from '#adapters/storage'
import { clientAgent, HttpClient, pinnedLookup, transportCertificate } from '#adapters/transport'
import type { FrameCopy } from '#apps/node/host'
import { openFrameCopy } from '#apps/node/host'
import { RemoteLedger } from './remote.ts'
import type { RemoteNote } from './remote.ts'

/** How we prove who we are, and whom we take for the ledger's node. */
export type Proving =
  /** On the ledger's own machine: the file with the local operator's token. */
  | { readonly tokenFile: string }
  /** By mutual TLS, with our transport key; the node's own key is known beforehand. */
  | { readonly keys: KeyStore; readonly serverKid: string }

export type RemoteOptions = {
  /** Where the ledger's node answers, such as `https://ledger.example:7481`. */
  readonly url: string
  readonly proving: Proving
  readonly ledger: string
  /** Of this process alone. */
  readonly directory: string
  readonly domains: readonly Domain[]
  /** Entries between snapshots; 20,000 when absent. */
  readonly snapshotEvery?: number
  readonly report?: (note: RemoteNote) => void
}

const snapshotEveryDefault = 20_000

/**
 * Opens a ledger elsewhere; everything that was durable at the call can be read when this resolves.
 * Waits for a ledger that does not answer. Throws a fatal `Failure` `node/other-ledger` or
 * `node/other-history`, and what no waiting mends: a refused peer or token.
 */
export async function openRemoteLedger(options: RemoteOptions): Promise<RemoteLedger> {
  const { url, report = (): void => undefined } = options
  const origin = new URL(url).origin
  const { agent, headers } = await provenBy(options.proving)
  const server = { origin, ...(agent === undefined ? {} : { agent }) }
  const client = new HttpClient({ servers: [server] })
  const copy = openCopyIn(options, report)
  const base = `${origin}/v1/ledgers/${encodeURIComponent(options.ledger)}/`
  const remote = new RemoteLedger({ copy, client, base, headers, report })
  try {
    await remote.begin()
  } catch (failure) {
    client.close()
    copy.close()
    throw failure
  }
  return remote
}

async function provenBy(proving: Proving): Promise<{
  readonly agent?: ReturnType<typeof clientAgent>
  readonly headers: Readonly<Record<string, string>>
}> {
  if ('tokenFile' in proving) {
    const token = Buffer.from(readSecretFile(proving.tokenFile)).toString()
    return { headers: { authorization: `Bearer ${token}` } }
  }
  const { keys, serverKid } = proving
  const key = keys.list().find(({ use }) => use === 'transport')
  const identity = key === undefined ? null : await transportCertificate(keys.transportKey(key.kid))
  const server = pinnedLookup(new Map([[serverKid, 'ledger']]))
  return { agent: clientAgent({ identity, server }), headers: {} }
}

/** What a copy that cannot be read says; everything in it can be fetched again. */
const unreadable: ReadonlySet<string> = new Set([
  'storage/corrupt',
  'storage/journal-corrupt',
  'node/other-history',
])

function openCopyIn(options: RemoteOptions, report: (note: RemoteNote) => void): FrameCopy {
  try {
    return openIn(options)
  } catch (failure) {
    if (!(failure instanceof Failure) || !unreadable.has(failure.code)) throw failure
    report({ level: 'warn', event: 'copy-put-away', code: failure.code })
    const { directory } = options
    const away = `${directory}.put-away`
    rmSync(away, { recursive: true, force: true })
    if (existsSync(directory)) renameSync(directory, away)
    return openIn(options)
  }
}

function openIn({ directory, ledger, domains, snapshotEvery }: RemoteOptions): FrameCopy {
  const disk = fsDisk(directory)
  // What power takes away is fetched again, so frames are synced with snapshots only: several
  // members on one disk would wait for each other at every block.
  disk.syncNow = () => undefined
  const unlock = lockDirectory(directory)
  try {
    return openFrameCopy({
      disk,
      ledger,
      domains,
      seed: randomBytes(4).readUInt32BE(),
      snapshotEvery: snapshotEvery ?? snapshotEveryDefault,
      wallMs: () => Date.now(),
      unlock,
    })
  } catch (failure) {
    unlock()
    throw failure
  }
}
