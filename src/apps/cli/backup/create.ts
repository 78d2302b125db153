// `lianban backup create`: a copy of a ledger's directory, beside a running node or without one. It
// promises that the copy is a state in which the ledger really was: the journal up to a frame that
// is durable, walked and found whole, and nothing behind it.
import fs from 'node:fs'
import { join } from 'node:path'
import { base64Encode, base64urlEncode, equal, utf8Encode } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { isRefusal } from '#ledger/command'
import type { Head } from '#ledger/order'
import { parseSignedCheckpoint } from '#ledger/prove'
import type { Checkpoint } from '#ledger/prove'
import { fsDisk, lockDirectory, openCheckpointStore } from '#adapters/storage'
import { exits, Stop, tableLines, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { History, sumOf, sumsName, sumsText } from '#apps/cli/archive'
import { closeSegments, directoryOf, framesOf, journalBytes } from '#apps/cli/directory'
import { openSegments } from '#apps/cli/directory'
import type { LedgerDirectory } from '#apps/cli/directory'
import { backupFormat, copyFile, factsName, ledgerFolder, syncTree, writeNew } from './facts.ts'
import type { BackupFacts } from './facts.ts'
import { copySnapshot } from './snapshot.ts'

/** Runs `backup create DIR`. */
export async function createBackup(ask: Ask): Promise<Answer> {
  const { terminal, operands, flags } = ask
  const directory = directoryOf(ask)
  const target = operands['BACKUP'] ?? ''
  mustBeEmpty(target)
  const unlock = lockIfFree(directory)
  try {
    const facts = copyAll(ask, directory, { target, alone: unlock !== null })
    const words = (zh: string, en: string): string => terminal.words(zh, en)
    return {
      data: { ok: true, backup: target, online: unlock === null, ...facts },
      lines: [
        words(
          `已备份 ${facts.ledger}：高度 ${facts.height}，${facts.size} 条`,
          `backed up ${facts.ledger}: height ${facts.height}, ${facts.size} entries`,
        ),
        ...tableLines([
          [`  ${words('目录', 'directory')}`, target],
          [`  ${words('根', 'root')}`, facts.root],
          [`  ${words('密钥', 'keys')}`, keysLine(ask, facts.keys)],
        ]),
        ...(flags.has('with-keys') ? [] : [words('密钥须另行备份', 'back up the keys elsewhere')]),
      ],
    }
  } finally {
    unlock?.()
  }
}

function keysLine({ terminal }: Ask, included: boolean): string {
  return included
    ? terminal.words('已包含，请妥善保管', 'included: keep this copy as you keep the keys')
    : terminal.words('未包含', 'not included')
}

/** A `Stop` unless the directory is absent or empty. */
export function mustBeEmpty(path: string): void {
  if (!fs.existsSync(path) || fs.readdirSync(path).length === 0) return
  throw new Stop({
    code: 'cli/not-empty',
    exit: exits.conflict,
    at: path,
    remedy: text('请用空目录或新目录', 'name an empty directory or a new one'),
  })
}

/** The directory for us alone when no node runs; null beside one. */
function lockIfFree({ layout }: LedgerDirectory): (() => void) | null {
  try {
    return lockDirectory(layout.ledger)
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'storage/locked') {
      return null
    }
    throw failure
  }
}

type Copying = { readonly target: string; readonly alone: boolean }

function copyAll(ask: Ask, directory: LedgerDirectory, { target, alone }: Copying): BackupFacts {
  const { layout, beginning } = directory
  const sums = new Map<string, string>()
  const copy = (from: string, name: string, size: number): void => {
    sums.set(name, copyFile(from, join(target, name), size))
  }
  fs.mkdirSync(target, { recursive: true, mode: 0o700 })
  // Snapshot, then checkpoint, then journal: each is at least as new as the one before, so the
  // journal holds whatever the others speak of.
  const snapshot = copySnapshot(layout.ledger, copy)
  const kept = openCheckpointStore(fsDisk(layout.ledger)).newest
  const noted = kept === null ? null : parseSignedCheckpoint(utf8Encode(kept.text))
  if (kept !== null) {
    const path = join(layout.ledger, 'checkpoint')
    copy(path, `${ledgerFolder}checkpoint`, fs.statSync(path).size)
  }
  const floor = { height: snapshot, checkpoint: noted?.checkpoint ?? null, alone }
  const { head, root } = copyJournal(ask, layout.ledger, { floor, copy })
  if (fs.existsSync(layout.config)) {
    copy(layout.config, 'node.toml', fs.statSync(layout.config).size)
  }
  const keys = ask.flags.has('with-keys') && copyKeys(layout.keys, copy)
  const facts: BackupFacts = {
    format: backupFormat,
    ledger: beginning.ledger,
    created: Date.now(),
    height: head.height,
    size: head.size,
    root,
    stateDigest: base64urlEncode(head.stateDigest),
    checkpoint: noted?.checkpoint.size ?? null,
    keys,
  }
  const bytes = utf8Encode(encodeCanonical(facts))
  writeNew(join(target, factsName), bytes)
  sums.set(factsName, sumOf(bytes))
  // If we crash before this file is whole, the directory is no backup and `verify` says so.
  writeNew(join(target, sumsName), utf8Encode(sumsText(sums)))
  syncTree(target)
  return facts
}

type Copy = (from: string, name: string, size: number) => void

/** What is known to be durable whatever stands at the end of the journal. */
type Floor = {
  readonly height: number
  readonly checkpoint: Checkpoint | null
  /** Nobody writes meanwhile, so every whole frame counts. */
  readonly alone: boolean
}

/**
 * Walks and copies the journal. Beside a running node the last frame may not be durable yet, and a
 * frame that is cut away there must not live on here: it is left out unless a checkpoint or a
 * snapshot, which follow durable frames alone, speaks of it.
 */
function copyJournal(
  { terminal }: Ask,
  root: string,
  { floor, copy }: { readonly floor: Floor; readonly copy: Copy },
): { readonly head: Head; readonly root: string } {
  const segments = openSegments(root)
  try {
    const { checkpoint } = floor
    const history = new History({ sizes: checkpoint === null ? [] : [checkpoint.size] })
    const tell = terminal.progress('核对日志', 'reading the journal')
    const of = journalBytes(segments)
    const take = (bytes: Uint8Array): void => {
      const taken = history.take(bytes)
      if (isRefusal(taken)) throw damaged(taken.code, taken.at)
    }
    let end = 0
    let last: { readonly bytes: Uint8Array; readonly end: number } | null = null
    for (const found of framesOf(segments)) {
      if (found.kind === 'torn') {
        if (!found.last) throw damaged('storage/journal-corrupt', `position ${found.at}`)
        break
      }
      if (last !== null) {
        take(last.bytes)
        end = last.end
        tell(end, of)
      }
      last = { bytes: found.bytes.slice(), end: found.end }
    }
    const spoken = history.head.height < floor.height || history.head.size < (checkpoint?.size ?? 0)
    if (last !== null && (floor.alone || spoken)) {
      take(last.bytes)
      end = last.end
    }
    tell()
    mustAgree(history, checkpoint)
    for (const { name, base, slice } of segments) {
      const size = Math.min(slice.size, end - base)
      if (size <= 0) continue
      copy(join(root, 'journal', name), `${ledgerFolder}journal/${name}`, size)
    }
    return { head: history.head, root: base64Encode(history.frontier.root()) }
  } finally {
    closeSegments(segments)
  }
}

function mustAgree(history: History, checkpoint: Checkpoint | null): void {
  if (checkpoint === null) return
  const own = history.rootAt(checkpoint.size)
  if (own !== undefined && equal(own, checkpoint.root)) return
  throw damaged('cli/history-rewritten', `size ${checkpoint.size}`)
}

function damaged(code: string, at: string | undefined): Stop {
  return new Stop({
    code,
    exit: exits.unverified,
    at,
    remedy: text(
      '不备份已损坏的账本；保留先前的备份',
      'a damaged ledger is not backed up; keep the backups that you have',
    ),
  })
}

function copyKeys(folder: string, copy: Copy): boolean {
  if (!fs.existsSync(folder)) return false
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.jwk'))
  for (const name of names) {
    const path = join(folder, name)
    copy(path, `keys/${name}`, fs.statSync(path).size)
  }
  return names.length > 0
}
