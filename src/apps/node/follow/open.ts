// Opening a follower's directory: its own copy of the ledger, its own cosigner key, and whatever it
// has found against the log before. It promises that a follower which has raised an alarm does not
// go on by being started again.
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isRefusal } from '#ledger/command'
import type { Domain } from '#ledger/apply'
import { decodeEntry, decodeFrame } from '#ledger/apply'
import { latin1Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { isSignedUnder, parseSignedCheckpoint, verifyCosignature } from '#ledger/prove'
import type { NoteKey } from '#ledger/prove'
import { inlineVerifier } from '#adapters/consensus'
import { cosign, noteKeyOf, openFileStore } from '#adapters/keys'
import type { HeldKey, KeyStore } from '#adapters/keys'
import { fsDisk, lockDirectory, openStores } from '#adapters/storage'
import type { Disk, Stores } from '#adapters/storage'
import { codeVersion, cosignerName, openOver } from '#apps/node/host'
import type { HostNote, LedgerHost } from '#apps/node/host'
import { layoutOf } from '#apps/node/config'
import { readBeginning } from '#apps/node/serve'
import { Follower } from './follower.ts'

export type CopyOptions = {
  /** The follower's own directory. */
  readonly directory: string
  readonly domains: readonly Domain[]
  /** Origin of the log; needed while the directory is empty. */
  readonly ledger: string
  /** Log keys to accept, from a trust policy; the follower's own registry names them when null. */
  readonly logKeys: readonly NoteKey[] | null
  /** Entries between snapshots. */
  readonly snapshotEvery?: number
  readonly report?: (note: HostNote) => void
}

/** A follower with the stores under it. */
export type Copy = {
  readonly follower: Follower
  readonly host: LedgerHost
  /** Keeps a checkpoint that was judged, with our line under it. */
  keep(note: Bytes): Promise<void>
  /** When our own line under this checkpoint was made, Unix seconds; null without a sound one. */
  cosignedAt(note: Bytes): number | null
  /** False when the directory holds no cosigner key: the follower checks and says nothing. */
  readonly cosigns: boolean
  close(): Promise<void>
}

const evidenceForm = /^evidence-.*\.json$/

/** Files of evidence that stand in a follower's directory. */
export function evidenceIn(directory: string): readonly string[] {
  if (!existsSync(directory)) return []
  const names = readdirSync(directory).filter((name) => evidenceForm.test(name))
  return names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => join(directory, name))
}

/** The origin that the copy in a directory has; null while it is empty. */
export function ledgerIn(directory: string): string | null {
  const root = layoutOf(directory).ledger
  return existsSync(root) ? (readBeginning(fsDisk(root))?.ledger ?? null) : null
}

/** Untrusted. The origin that a first frame names; null when it is no genesis. */
export function ledgerOfFrame(bytes: Bytes): string | null {
  const frame = decodeFrame(bytes, new Uint8Array(32))
  const first = isRefusal(frame) ? undefined : frame.entries[0]
  const entry = first === undefined ? null : decodeEntry(latin1Decode(first))
  if (entry === null || isRefusal(entry) || entry.kind !== 'system') return null
  const { ledger, kind } = entry.system
  return kind === 'genesis' && typeof ledger === 'string' ? ledger : null
}

/** Opens the copy. Throws `Failure` of storage or keys. */
export function openCopy(options: CopyOptions): Copy {
  const layout = layoutOf(options.directory)
  const unlock = lockDirectory(layout.ledger)
  let stores: Stores | null = null
  try {
    const keys = openFileStore(layout.keys)
    const disk = fsDisk(layout.ledger)
    stores = openStores(disk, { seed: randomBytes(4).readUInt32BE() })
    return copyOver({ options, disk, stores, keys, unlock })
  } catch (failure) {
    stores?.close()
    unlock()
    throw failure
  }
}

type Parts = {
  readonly options: CopyOptions
  readonly disk: Disk
  readonly stores: Stores
  readonly keys: KeyStore
  readonly unlock: () => void
}

function copyOver({ options, disk, stores, keys, unlock }: Parts): Copy {
  const { ledger, domains, snapshotEvery, report } = options
  const over = openOver(
    {
      disk,
      ledger,
      domains,
      code: codeVersion(),
      verifier: inlineVerifier(),
      signer: null,
      ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
      ...(report === undefined ? {} : { report }),
    },
    stores,
    unlock,
  )
  const { machine, host } = over
  const own = keys.list().find(({ use }) => use === 'cosign')
  const registered = (): readonly NoteKey[] =>
    host.registry.policy(ledger, machine.head().height).logs.map(({ key }) => key)
  const given = options.logKeys
  const follower = new Follower({
    host,
    machine,
    stores,
    logKeys: given === null ? registered : () => given,
    cosign: own === undefined ? null : cosignAs(keys, own, ledger),
  })
  return {
    follower,
    host,
    cosigns: own !== undefined,
    cosignedAt: (note) => {
      if (own === undefined) return null
      return timeUnder(note, noteKeyOf(own, cosignerName(ledger, own.member)))
    },
    keep: async (note) => {
      const signed = parseSignedCheckpoint(note)
      const newest = stores.checkpoint.newest
      if (signed === null || (newest !== null && newest.size > signed.checkpoint.size)) return
      const text = Buffer.from(note).toString()
      await stores.checkpoint.save({ size: signed.checkpoint.size, text })
    },
    close: () => host.close(),
  }
}

function cosignAs(
  keys: KeyStore,
  { kid, member }: HeldKey,
  ledger: string,
): NonNullable<ConstructorParameters<typeof Follower>[0]['cosign']> {
  const name = cosignerName(ledger, member)
  return (text, seconds) => cosign(keys, { kid, name, text, seconds })
}

function timeUnder(note: Bytes, key: NoteKey): number | null {
  const signed = parseSignedCheckpoint(note)
  const line = signed?.note.signatures.find((each) => isSignedUnder(key, each))
  if (signed === null || line === undefined) return null
  return verifyCosignature(key, signed.note.text, line.signature)
}
