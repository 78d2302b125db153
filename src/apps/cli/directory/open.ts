// A ledger's directory on this machine, for commands that work without a node. It promises that
// nobody else writes in it meanwhile, and that reading it changes nothing but what a start of the
// node would change.
import fs from 'node:fs'
import { randomBytes } from 'node:crypto'
import { inlineVerifier } from '#adapters/consensus'
import { openFileStore, readSecretFile } from '#adapters/keys'
import type { FileStore } from '#adapters/keys'
import { fsDisk, lockDirectory, openStores } from '#adapters/storage'
import type { Disk, Stores } from '#adapters/storage'
import { exits, Stop, text } from '#apps/cli/output'
import { usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { configuredCosigners, layoutOf, readConfig } from '#apps/node/config'
import type { Layout } from '#apps/node/config'
import { codeVersion, openHost } from '#apps/node/host'
import type { LedgerHost } from '#apps/node/host'
import { domains, logSigner, readBeginning } from '#apps/node/serve'
import type { Beginning } from '#apps/node/serve'

/** A directory that holds a ledger. */
export type LedgerDirectory = {
  readonly path: string
  readonly layout: Layout
  readonly beginning: Beginning
}

/** The directory that the options name; a `Stop` when they name none. */
export function pathOf({ values, env }: Ask): string {
  const path = values['directory'] ?? env['LIANBAN_DIRECTORY']
  if (path !== undefined && path !== '') return path
  throw usage('cli/missing-option', '--directory', [
    '请加 --directory DIR，或设 LIANBAN_DIRECTORY',
    'add --directory DIR, or set LIANBAN_DIRECTORY',
  ])
}

/** The directory with what its first frame says; a `Stop` where there is no ledger. */
export function directoryOf(ask: Ask): LedgerDirectory {
  const path = pathOf(ask)
  const layout = layoutOf(path)
  const beginning = fs.existsSync(layout.ledger) ? readBeginning(fsDisk(layout.ledger)) : null
  if (beginning !== null) return { path, layout, beginning }
  throw new Stop({
    code: 'cli/no-ledger',
    exit: exits.failure,
    at: path,
    remedy: text('用 lianban init 建立账本', 'begin one with lianban init'),
  })
}

/** The name of the ledger in a directory, also while another process runs it. */
export function ledgerNamed(path: string): string {
  const { ledger } = layoutOf(path)
  const beginning = fs.existsSync(ledger) ? readBeginning(fsDisk(ledger)) : null
  if (beginning !== null) return beginning.ledger
  throw new Stop({ code: 'cli/no-ledger', exit: exits.failure, at: path })
}

/** The stores of a directory, alone. Close gives the directory back. */
export type OpenedStores = {
  readonly disk: Disk
  readonly stores: Stores
  readonly close: () => void
}

export function openAlone({ layout }: LedgerDirectory): OpenedStores {
  const unlock = lockDirectory(layout.ledger)
  try {
    const disk = fsDisk(layout.ledger)
    const stores = openStores(disk, { seed: seedOf() })
    return {
      disk,
      stores,
      close: () => {
        stores.close()
        unlock()
      },
    }
  } catch (failure) {
    unlock()
    throw failure
  }
}

function seedOf(): number {
  return randomBytes(4).readUInt32BE()
}

export type OpenedLedger = {
  readonly directory: LedgerDirectory
  readonly host: LedgerHost
  readonly close: () => Promise<void>
}

/** Opens the ledger itself; with `writes` it takes commands and signs checkpoints like a node. */
export function openLedger(ask: Ask, { writes }: { readonly writes: boolean }): OpenedLedger {
  const directory = directoryOf(ask)
  const { layout, beginning } = directory
  const tell = ask.terminal.progress('读入日志', 'reading the journal')
  const host = openHost({
    disk: fsDisk(layout.ledger),
    lock: () => lockDirectory(layout.ledger),
    ledger: beginning.ledger,
    domains,
    code: codeVersion(),
    seed: seedOf(),
    verifier: inlineVerifier(),
    signer: writes ? logSigner(keysOf(ask, layout)) : null,
    practice: beginning.practice,
    ...(writes && asksCosigners(ask, directory) ? { cosigners: () => 'cosigners-unheard' } : {}),
    readOnly: !writes,
    progress: tell,
    report: (note) => {
      if (note.level !== 'info' || ask.terminal.verbose) ask.terminal.note(JSON.stringify(note))
    },
  })
  tell()
  return { directory, host, close: () => host.close() }
}

/** Whether the node of this directory asks cosigners first: then a command on it signs nothing. */
function asksCosigners({ env }: Ask, { path }: LedgerDirectory): boolean {
  const { LIANBAN_CONFIG, LIANBAN_COSIGNERS } = env
  const words = ['--directory', path]
  const config = readConfig({ words, env: { LIANBAN_CONFIG, LIANBAN_COSIGNERS }, cwd: '.' })
  return configuredCosigners(config).length > 0
}

/** The key store that the options name, or that of the directory. */
export function keysOf({ values }: Ask, layout: Pick<Layout, 'keys'>): FileStore {
  const secret = values['passphrase-file']
  const options = secret === undefined ? {} : { passphrase: readSecretFile(secret) }
  return openFileStore(values['keys'] ?? layout.keys, options)
}

/** Runs an act on an opened ledger and closes it whatever happens. */
export async function withLedger<Result>(
  ask: Ask,
  how: { readonly writes: boolean },
  act: (opened: OpenedLedger) => Result | Promise<Result>,
): Promise<Result> {
  const opened = openLedger(ask, how)
  try {
    return await act(opened)
  } finally {
    await opened.close()
  }
}
