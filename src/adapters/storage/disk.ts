// The disk as the stores see it: a tree of files below one directory, written at positions and made
// durable by explicit syncs. It promises that nothing is believed durable before a sync has
// returned, and that after the first failed sync or write no later one is ever attempted.
import * as fs from 'node:fs'
import { join } from 'node:path'

/**
 * Something outside failed. `fatal` means that the process may only stop: what is on disk is no
 * longer known. Codes: `storage/no-space`, `storage/write-failed`, `storage/sync-failed`,
 * `storage/read-failed`, `storage/absent`, `storage/corrupt`, `storage/journal-corrupt`,
 * `storage/locked`.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: string
  readonly fatal: boolean

  constructor(code: string, fatal: boolean, detail = '') {
    super(detail === '' ? code : `${code}: ${detail}`)
    this.code = code
    this.fatal = fatal
  }
}

/**
 * `append`: read and write, made when absent. `read`: must exist, else `storage/absent`.
 * `create`: read and write, made when absent, emptied when there.
 */
export type OpenMode = 'append' | 'read' | 'create'

/** A change of directory entries. It is durable only after `syncDir` of the directory. */
export type Change =
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'syncDir'; readonly path: string }

/**
 * Port: files by paths relative to one root, with `/` between names; `''` is the root itself.
 * Writes and changes may be lost, torn and reordered by a crash until `sync` or `syncNow` of the
 * file, or `syncDir` of the directory, has returned. Failures are thrown as `Failure`.
 */
export interface Disk {
  /** A handle. A new file is an entry of its directory, durable only after `syncDir`. */
  open(path: string, mode: OpenMode): number
  /** Bytes in the file. */
  size(file: number): number
  /** Fills `into` from position `at`; gives the bytes read, fewer only at the end of the file. */
  read(file: number, into: Uint8Array, at: number): number
  /** Writes all bytes at the position; a gap before it reads as zeros. */
  write(file: number, bytes: Uint8Array, at: number): void
  truncate(file: number, size: number): void
  /** Makes content and size durable (fdatasync), off the main thread. */
  sync(file: number): Promise<void>
  /** The same, returning when it is done. */
  syncNow(file: number): void
  close(file: number): void
  /** `mkdir` makes parents and accepts what exists; `remove` accepts what does not. */
  change(change: Change): void
  /** Names in a directory, sorted; none when it does not exist. */
  list(path: string): readonly string[]
}

const modes = {
  append: fs.constants.O_RDWR | fs.constants.O_CREAT,
  read: fs.constants.O_RDONLY,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC,
} as const satisfies Record<OpenMode, number>

/** Files are the owner's alone: entries are for replicas, and other users of a host are not. */
const fileMode = 0o600
const directoryMode = 0o700

/** The real disk below `root`, which is made when absent. */
export function fsDisk(root: string): Disk {
  fs.mkdirSync(root, { recursive: true, mode: directoryMode })
  return new FsDisk(root)
}

class FsDisk implements Disk {
  readonly #root: string
  /** The first fatal failure; everything that writes after it fails the same way. */
  #failed: Failure | null = null

  constructor(root: string) {
    this.#root = root
  }

  open(path: string, mode: OpenMode): number {
    if (mode !== 'read') this.#stillWhole()
    try {
      return fs.openSync(join(this.#root, path), modes[mode], fileMode)
    } catch (error) {
      if (mode !== 'read') throw this.#writing(error)
      if (codeOf(error) === 'ENOENT') throw new Failure('storage/absent', false, path)
      throw new Failure('storage/read-failed', false, codeOf(error))
    }
  }

  size(file: number): number {
    return this.#reading(() => fs.fstatSync(file).size)
  }

  read(file: number, into: Uint8Array, at: number): number {
    return this.#reading(() => {
      let done = 0
      while (done < into.length) {
        const count = fs.readSync(file, into, done, into.length - done, at + done)
        if (count === 0) break
        done += count
      }
      return done
    })
  }

  write(file: number, bytes: Uint8Array, at: number): void {
    this.#stillWhole()
    try {
      let done = 0
      while (done < bytes.length) {
        done += fs.writeSync(file, bytes, done, bytes.length - done, at + done)
      }
    } catch (error) {
      throw this.#writing(error)
    }
  }

  truncate(file: number, size: number): void {
    this.#changing(() => fs.ftruncateSync(file, size))
  }

  sync(file: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stillWhole()
      fs.fdatasync(file, (error) => {
        if (error) reject(this.#latch('storage/sync-failed', codeOf(error)))
        else resolve()
      })
    })
  }

  syncNow(file: number): void {
    this.#stillWhole()
    try {
      fs.fdatasyncSync(file)
    } catch (error) {
      throw this.#latch('storage/sync-failed', codeOf(error))
    }
  }

  close(file: number): void {
    fs.closeSync(file)
  }

  change(change: Change): void {
    this.#changing(() => {
      switch (change.kind) {
        case 'rename':
          return fs.renameSync(join(this.#root, change.from), join(this.#root, change.to))
        case 'remove':
          return fs.rmSync(join(this.#root, change.path), { force: true })
        case 'mkdir':
          return void fs.mkdirSync(join(this.#root, change.path), {
            recursive: true,
            mode: directoryMode,
          })
        case 'syncDir':
          return this.#syncDirectory(change.path)
      }
    })
  }

  list(path: string): readonly string[] {
    try {
      return fs.readdirSync(join(this.#root, path)).toSorted(byName)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw new Failure('storage/read-failed', false, codeOf(error))
    }
  }

  #syncDirectory(path: string): void {
    const directory = fs.openSync(join(this.#root, path), fs.constants.O_RDONLY)
    try {
      fs.fsyncSync(directory)
    } catch (error) {
      throw this.#latch('storage/sync-failed', codeOf(error))
    } finally {
      fs.closeSync(directory)
    }
  }

  #reading<Result>(act: () => Result): Result {
    try {
      return act()
    } catch (error) {
      throw new Failure('storage/read-failed', false, codeOf(error))
    }
  }

  #changing(act: () => void): void {
    this.#stillWhole()
    try {
      act()
    } catch (error) {
      throw error instanceof Failure ? error : this.#writing(error)
    }
  }

  /** Lack of space leaves the files as known as before; anything else does not. */
  #writing(error: unknown): Failure {
    const code = codeOf(error)
    if (code === 'ENOSPC' || code === 'EDQUOT') return new Failure('storage/no-space', false, code)
    return this.#latch('storage/write-failed', code)
  }

  #latch(code: string, detail: string): Failure {
    this.#failed ??= new Failure(code, true, detail)
    return this.#failed
  }

  #stillWhole(): void {
    if (this.#failed) throw this.#failed
  }
}

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code ?? 'unknown'
}

/**
 * Takes a directory of the real disk for this process; gives what lets it go. Throws a fatal
 * `storage/locked` while the process that holds it runs. A lock of a process that is gone is taken
 * over: the file says process id, its start time and the host's boot, so a reused id is no holder.
 * It holds among the processes of one host and one process namespace.
 */
export function lockDirectory(root: string): () => void {
  fs.mkdirSync(root, { recursive: true, mode: directoryMode })
  const path = join(root, 'lock')
  const mine = holderOf(process.pid)
  const own = `${path}.${process.pid}`
  fs.writeFileSync(own, mine, { mode: fileMode })
  try {
    while (!linked(own, path)) {
      const held = readHolder(path)
      if (held === null) continue
      const [pid = ''] = held.split(' ')
      if (held !== '' && holderOf(Number(pid)) === held)
        throw new Failure('storage/locked', true, `process ${pid}`)
      takeAway(path, held)
    }
  } finally {
    fs.rmSync(own, { force: true })
  }
  return () => {
    if (readHolder(path) === mine) fs.rmSync(path, { force: true })
  }
}

/** A link is made whole or not at all, which no sequence of open and write is. */
function linked(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw new Failure('storage/locked', true, codeOf(error))
  }
}

function readHolder(path: string): string | null {
  try {
    return fs.readFileSync(path, 'latin1')
  } catch {
    return null
  }
}

/** Moves a stale lock aside; when another process was quicker, gives it its own lock back. */
function takeAway(path: string, stale: string): void {
  const aside = `${path}.stale.${process.pid}`
  try {
    fs.renameSync(path, aside)
  } catch {
    return
  }
  if (readHolder(aside) !== stale) linked(aside, path)
  fs.rmSync(aside, { force: true })
}

/** Process id, start time in clock ticks after boot, boot id; only the id where /proc is absent. */
function holderOf(pid: number): string {
  const stat = readHolder(`/proc/${pid}/stat`)
  const boot = readHolder('/proc/sys/kernel/random/boot_id')
  if (stat !== null) {
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return `${pid} ${start ?? ''} ${boot?.trim() ?? ''}`
  }
  if (boot !== null) return ''
  return runs(pid) ? `${pid}` : ''
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
