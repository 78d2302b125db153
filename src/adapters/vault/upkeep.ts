// What whoever looks after a vault does: back it up, restore it, ask what ails it. Records and
// keys are backed up to two places, because together they are the vault. Promises: a restored
// vault holds nothing that was erased, whether its backup knew of that or not, and says which
// records it lost.
import { base64urlEncode, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { sha256 } from '#base/crypto'
import { Failure, readWhole } from './disk.ts'
import type { Disk } from './disk.ts'
import { openFrameLog } from './frame-log.ts'
import type { FrameLog } from './frame-log.ts'
import type { Kek } from './kek.ts'
import { openKeyTable, readKeyTable, tablePath, witnessSlot } from './key-table.ts'
import type { KeyTable, Slot } from './key-table.ts'
import { Marks, marksBody, marksIn } from './marks.ts'
import type { Mark } from './marks.ts'
import { continueLog, logNames, placesIn } from './side.ts'
import type { LogName } from './side.ts'
import type { Vault } from './vault.ts'

/** A copy of the table of keys opens for thirty days, so erased keys live no longer than that. */
export const keysBackupMs = 2_592_000_000
const manifestName = 'manifest.json'
const keysForm = /^keys-([0-9]{15})\.(?:json|table)$/
const manifestBytesMax = 65_536
const chunkBytes = 1_048_576

/** Two disks, best in two places: sealed records, marks and views; and tables of keys. */
export type BackupTarget = { readonly values: Disk; readonly keys: Disk }

type LogState = { readonly seq: number; readonly hash: string; readonly bytes: number }
type Manifest = {
  readonly format: 'lianban-vault-backup/1'
  readonly member: string
  readonly at: number
  readonly logs: Readonly<Record<LogName, LogState>>
}
type KeysManifest = {
  readonly format: 'lianban-vault-keys/1'
  readonly at: number
  readonly until: number
  readonly bytes: number
  readonly hash: string
}

/** What a restored vault has, and what it could not bring back. */
export type Restored = {
  readonly records: number
  /** Ids that the list given named and the backup did not know to be erased. */
  readonly erased: readonly string[]
  /** Ids of records whose keys were in no table: nobody opens these again. */
  readonly lost: readonly string[]
}

/**
 * Copies the vault while it works: what the target lacks of the logs, then the table of keys, which
 * is never older than the records beside it. Tables past their thirty days are removed.
 */
export async function backupVault(
  vault: Vault,
  disk: Disk,
  target: BackupTarget,
  nowMs: number,
): Promise<void> {
  const before = await vault.quiet((side) => side.values.bytes)
  // Most of the bytes never change any more, so they are copied while records are stored.
  await copyLog(disk, target.values, 'values', before)
  const { logs, table } = await vault.quiet((side) => {
    const state = Object.fromEntries(logNames.map((name) => [name, stateOf(side[name])]))
    return { logs: state as Manifest['logs'], table: contentOf(disk, tablePath, Infinity) }
  })
  for (const name of logNames) await copyLog(disk, target.values, name, logs[name].bytes)
  const format = 'lianban-vault-backup/1'
  writeWhole(target.values, manifestName, text({ format, member: vault.member, at: nowMs, logs }))
  const name = `keys-${String(nowMs).padStart(15, '0')}`
  const keys: KeysManifest = {
    format: 'lianban-vault-keys/1',
    at: nowMs,
    until: nowMs + keysBackupMs,
    bytes: table.length,
    hash: base64urlEncode(sha256(table)),
  }
  writeWhole(target.keys, `${name}.table`, table)
  writeWhole(target.keys, `${name}.json`, text(keys))
  removeExpired(target.keys, nowMs)
}

export type RestoreOptions = {
  /** An empty disk, on which the vault is opened afterwards. */
  readonly to: Disk
  readonly from: BackupTarget
  /** What survived of the vault itself or of its mirror, and goes on where the backup ends. */
  readonly since?: Disk
  /** Every id that was erased since, as the ledger or the list of erasures says. */
  readonly erased: readonly string[]
  readonly member: string
  readonly kek: Kek
  readonly nowMs: number
}

/**
 * Puts a vault together on an empty disk: the logs of the backup, continued by what survived; the
 * keys of both, but for everything that was erased. Throws `vault/not-empty`, `vault/bad-backup`.
 */
export function restoreVault(options: RestoreOptions): Restored {
  const { to, from, since, erased, member, kek, nowMs } = options
  if (to.list('').length > 0) throw new Failure('vault/not-empty')
  const manifest = readManifest(from.values, member)
  const marks = new Marks()
  const stored: Map<string, number> = new Map()
  let marksLog: FrameLog | null = null
  for (const name of logNames) {
    const log = openFrameLog(to, name, () => {})
    copyFrames(from.values, name, log, manifest.logs[name])
    if (since !== undefined) continueFrom(since, name, log)
    log.syncNow()
    if (name === 'marks') marksLog = log
    for (const frame of log.frames()) {
      if (name === 'marks') marksIn(frame.body).forEach((mark) => marks.take(mark))
      if (name === 'values')
        placesIn(frame).forEach(({ header }) => stored.set(header.id, frame.seq))
    }
    if (name !== 'marks') log.close()
  }
  const replayed = erased.filter((id) => !marks.isErased(id))
  const more: Mark[] = replayed.map((id) => ({ mark: 'erase', id, why: 'replayed', at: nowMs }))
  more.forEach((mark) => marks.take(mark))
  const tables = [newestTable(from.keys, nowMs), ...(since ? [readKeyTable(since)] : [])]
  const kept: Slot[] = []
  const lost: string[] = []
  for (const [id, seq] of stored) {
    if (marks.isErased(id)) continue
    const slot = slotIn(tables, id, seq, kek)
    if (slot === null) lost.push(id)
    else kept.push(slot)
  }
  more.push(...lost.map((id) => ({ mark: 'erase', id, why: 'lost', at: nowMs }) as const))
  if (more.length > 0) marksLog?.append(marksBody(more))
  marksLog?.syncNow()
  marksLog?.close()
  // The table comes last: without its witness a vault that is restored in part does not open.
  const table = openKeyTable(to)
  table.put([...kept, witnessSlot(kek, member)])
  table.syncNow()
  table.close()
  for (const each of tables) each.close()
  return { records: kept.length, erased: replayed, lost }
}

/** What ails a vault: ids of records that do not open, and counts. */
export type Inspection = {
  readonly records: number
  readonly unreadable: readonly string[]
  /** Of the commitments asked for, those that no record opens. */
  readonly unopenable: readonly string[]
  /** Copies of others' data that have no end date. */
  readonly endless: number
  /** Records past their end date that are still there. */
  readonly overdue: number
  /** Of these, records that somebody holds. */
  readonly held: number
}

/** Reads every record, and opens every commitment that the ledger has of this member. */
export function inspectVault(
  vault: Vault,
  expected: readonly { readonly id: string; readonly commitment: Bytes }[],
  nowMs: number,
): Inspection {
  const unreadable: string[] = []
  const counts = { records: 0, endless: 0, overdue: 0, held: 0 }
  for (const { id, kind } of vault.all()) {
    counts.records += 1
    if (!reads(() => vault.get(id) !== null)) unreadable.push(id)
    const { until } = vault.keptOf(id)
    if (kind === 'copy' && until === undefined) counts.endless += 1
    if (until === undefined || until > nowMs) continue
    counts.overdue += 1
    if (vault.holders(id).length > 0) counts.held += 1
  }
  const unopenable = expected
    .filter(({ id, commitment }) => !reads(() => vault.opens(id, commitment)))
    .map(({ id }) => id)
  return { ...counts, unreadable, unopenable }
}

function reads(act: () => boolean): boolean {
  try {
    return act()
  } catch {
    return false
  }
}

function stateOf(log: FrameLog): LogState {
  return { seq: log.seq, hash: base64urlEncode(log.hash), bytes: log.bytes }
}

/** Copies the segments of a log up to a position, but for what the target has. */
async function copyLog(from: Disk, to: Disk, name: LogName, end: number): Promise<void> {
  to.change({ kind: 'mkdir', path: name })
  to.change({ kind: 'syncDir', path: '' })
  for (const segment of from.list(name)) {
    const wanted = end - Number(segment.slice(0, 16))
    if (wanted <= 0) continue
    const source = from.open(`${name}/${segment}`, 'read')
    const file = to.open(`${name}/${segment}`, 'append')
    try {
      const size = Math.min(wanted, from.size(source))
      if (to.size(file) > size)
        throw new Failure('vault/bad-backup', `${name}/${segment} is longer`)
      for (let at = to.size(file); at < size; at += chunkBytes) {
        to.write(file, readWhole(from, source, at, Math.min(chunkBytes, size - at)), at)
        await new Promise((resolve) => setImmediate(resolve))
      }
      await to.sync(file)
    } finally {
      from.close(source)
      to.close(file)
    }
  }
  to.change({ kind: 'syncDir', path: name })
}

function contentOf(disk: Disk, path: string, bytesMax: number): Bytes {
  const file = disk.open(path, 'read')
  try {
    const size = disk.size(file)
    if (size > bytesMax) throw new Failure('vault/bad-backup', path)
    return readWhole(disk, file, 0, size)
  } finally {
    disk.close(file)
  }
}

function writeWhole(disk: Disk, name: string, content: Bytes): void {
  const draft = `${name}.new`
  const file = disk.open(draft, 'create')
  disk.write(file, content, 0)
  disk.syncNow(file)
  disk.close(file)
  disk.change({ kind: 'rename', from: draft, to: name })
  disk.change({ kind: 'syncDir', path: '' })
}

function text(value: Json): Bytes {
  return utf8Encode(`${encodeCanonical(value)}\n`)
}

function readJson<Read>(disk: Disk, name: string): Read {
  if (!disk.list('').includes(name)) throw new Failure('vault/bad-backup', `no ${name}`)
  const value = decodeCanonical(
    utf8Decode(contentOf(disk, name, manifestBytesMax))?.trimEnd() ?? '',
  )
  if (value === null) throw new Failure('vault/bad-backup', name)
  return value as Read
}

function readManifest(disk: Disk, member: string): Manifest {
  const manifest = readJson<Manifest>(disk, manifestName)
  if (manifest.format !== 'lianban-vault-backup/1' || manifest.member !== member) {
    throw new Failure('vault/bad-backup', 'of another member or format')
  }
  return manifest
}

/** The frames of the backup, which must be those that its manifest names. */
function copyFrames(from: Disk, name: LogName, to: FrameLog, state: LogState): void {
  let source: FrameLog
  try {
    source = openFrameLog(from, name, () => {}, { readOnly: true })
  } catch (error) {
    throw new Failure('vault/bad-backup', name, error)
  }
  if (source.seq !== state.seq || base64urlEncode(source.hash) !== state.hash) {
    throw new Failure('vault/bad-backup', `${name} is not what the manifest says`)
  }
  continueLog(to, source, true)
  source.close()
}

function continueFrom(since: Disk, name: LogName, to: FrameLog): void {
  const source = openFrameLog(since, name, () => {}, { readOnly: true })
  if (source.seq >= to.seq) continueLog(to, source, true)
  source.close()
}

function newestTable(disk: Disk, nowMs: number): KeyTable {
  const name = disk.list('').findLast((each) => keysForm.test(each) && each.endsWith('.json'))
  if (name === undefined) throw new Failure('vault/bad-backup', 'no table of keys')
  const { format, until, hash } = readJson<KeysManifest>(disk, name)
  if (format !== 'lianban-vault-keys/1') throw new Failure('vault/bad-backup', name)
  if (until < nowMs) throw new Failure('vault/bad-backup', 'the table of keys is past its end')
  const path = name.replace('.json', '.table')
  if (base64urlEncode(sha256(contentOf(disk, path, Infinity))) !== hash) {
    throw new Failure('vault/bad-backup', path)
  }
  return readKeyTable(disk, path)
}

function removeExpired(disk: Disk, nowMs: number): void {
  for (const name of disk.list('')) {
    const at = Number(keysForm.exec(name)?.[1] ?? nowMs)
    if (at + keysBackupMs < nowMs) disk.change({ kind: 'remove', path: name })
  }
  disk.change({ kind: 'syncDir', path: '' })
}

function slotIn(tables: readonly KeyTable[], id: string, seq: number, kek: Kek): Slot | null {
  for (const table of tables) {
    const slot = table.slot(id)
    if (slot?.seq === seq && kek.key(slot.kek) !== null) return slot
  }
  return null
}
