// A disk that can lose power. Per file it keeps what is durable and the writes since the last sync;
// per directory the entries that are durable and those changed since. A crash keeps of the rest
// nothing, everything, a prefix, any subset, or any subset torn at 512 bytes: whatever a real disk
// may do that keeps its word about syncs. It can also run full, fail, and let single bits rot.
import type { Change, Disk, OpenMode } from '#adapters/storage'
import { Failure } from '#adapters/storage'
import type { Random } from './random.ts'

export const crashModes = ['none', 'all', 'prefix', 'subset', 'torn'] as const
export type CrashMode = (typeof crashModes)[number]

type Pending =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number }

type Inode = {
  durable: Buffer
  current: Buffer
  size: number
  pending: Pending[]
  /** Where it was made. */
  readonly path: string
}

type Link =
  | { readonly kind: 'link'; readonly path: string; readonly inode: Inode }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly inode: Inode }

/** What may be planted: faults of the world, and two lies that a test must catch. */
export type Faults = {
  /** Bytes that files may hold together; more is lack of space. */
  space?: number
  /** The sync with this number (from 1) fails, and nothing after it is trusted. */
  failSyncAt?: number
  /** The write with this number fails with an error that is not lack of space. */
  failWriteAt?: number
  /** After so many operations that change the disk, power is gone. */
  crashAt?: number
  /** Files whose path begins so find no room. */
  failNoSpaceOn?: string
  /** Syncs return and do nothing: the negative control. */
  dropSyncs?: boolean
  /** Directory syncs return and do nothing. */
  dropDirectorySyncs?: boolean
}

/** Thrown by every operation after power is gone. */
export class PowerLost extends Failure {
  constructor() {
    super('storage/write-failed', true, 'power lost')
  }
}

/** See the file's comment. `later` runs the answers of asynchronous syncs. */
export class SimDisk implements Disk {
  faults: Faults = {}
  operations = 0
  syncs = 0
  writes = 0
  powerLost = false
  readonly #later: (call: () => void) => void
  #entries: Map<string, Inode>
  #durable: Map<string, Inode>
  #directories: Set<string> = new Set([''])
  #links: Link[] = []
  readonly #open: Map<number, Inode> = new Map()
  #next = 3
  #latched: Failure | null = null

  constructor(later: (call: () => void) => void, files: ReadonlyMap<string, Buffer> = new Map()) {
    this.#later = later
    const inodes = [...files].map(([path, bytes]) => [path, inodeOf(bytes, path)] as const)
    this.#entries = new Map(inodes)
    this.#durable = new Map(inodes)
    for (const path of files.keys()) this.#addParents(path)
  }

  /** The files as a restart after this moment finds them. */
  crash(mode: CrashMode, random: Random): Map<string, Buffer> {
    const entries = new Map(this.#durable)
    for (const link of chosen(this.#links, mode, random)) applyLink(entries, link)
    const files = new Map<string, Buffer>()
    for (const [path, inode] of entries) files.set(path, imageOf(inode, mode, random))
    return files
  }

  /**
   * The disk as the next process finds it after a kill: what was written stands in the machine's
   * memory, synced or not. Whatever the killed process still tries here fails.
   */
  released(later: (call: () => void) => void): SimDisk {
    const next = new SimDisk(later)
    next.#entries = this.#entries
    next.#durable = this.#durable
    next.#directories = this.#directories
    next.#links = this.#links
    this.powerLost = true
    this.#latched = new PowerLost()
    return next
  }

  /** All files as they stand, for rotting bits and for comparing. */
  files(): Map<string, Buffer> {
    return new Map(
      [...this.#entries].map(([path, inode]) => [path, Buffer.from(currentOf(inode))] as const),
    )
  }

  /** Changes one bit of a file, on disk and in every cache. */
  flip(path: string, bit: number): void {
    const inode = this.#entries.get(path)
    if (inode === undefined) throw new Error(`no file ${path}`)
    for (const content of [inode.current, inode.durable]) {
      const at = bit >> 3
      if (at < content.length) content[at] = (content[at] as number) ^ (1 << (bit & 7))
    }
  }

  open(path: string, mode: OpenMode): number {
    let inode = this.#entries.get(path)
    if (mode === 'read') {
      if (inode === undefined) throw new Failure('storage/absent', false, path)
    } else {
      this.#stillWhole()
      if (inode === undefined) {
        if (!this.#directories.has(parentOf(path))) {
          throw this.#latch(new Failure('storage/write-failed', true, 'ENOENT'))
        }
        this.#step()
        inode = inodeOf(Buffer.alloc(0), path)
        this.#entries.set(path, inode)
        this.#links.push({ kind: 'link', path, inode })
      } else if (mode === 'create') {
        this.#step()
        this.#cut(inode, 0)
      }
    }
    const handle = this.#next
    this.#next += 1
    this.#open.set(handle, inode)
    return handle
  }

  size(file: number): number {
    return this.#inode(file).size
  }

  read(file: number, into: Uint8Array, at: number): number {
    const content = currentOf(this.#inode(file))
    const count = Math.max(0, Math.min(into.length, content.length - at))
    into.set(content.subarray(at, at + count))
    return count
  }

  write(file: number, bytes: Uint8Array, at: number): void {
    this.#stillWhole()
    const inode = this.#inode(file)
    this.writes += 1
    if (
      this.faults.failNoSpaceOn !== undefined &&
      inode.path.startsWith(this.faults.failNoSpaceOn)
    ) {
      throw new Failure('storage/no-space', false, 'ENOSPC')
    }
    if (this.writes === this.faults.failWriteAt) {
      throw this.#latch(new Failure('storage/write-failed', true, 'EIO'))
    }
    const room = this.#room() + inode.size - at
    if (bytes.length > room) {
      // A full disk takes what fits before it says so.
      if (room > 0) this.#put(inode, bytes.subarray(0, room), at)
      throw new Failure('storage/no-space', false, 'ENOSPC')
    }
    this.#step()
    this.#put(inode, bytes, at)
  }

  truncate(file: number, size: number): void {
    this.#stillWhole()
    this.#step()
    this.#cut(this.#inode(file), size)
  }

  sync(file: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#later(() => {
        try {
          this.syncNow(file)
          resolve()
        } catch (error) {
          reject(error as Error)
        }
      })
    })
  }

  syncNow(file: number): void {
    this.#stillWhole()
    this.syncs += 1
    if (this.syncs === this.faults.failSyncAt) {
      throw this.#latch(new Failure('storage/sync-failed', true, 'EIO'))
    }
    this.#step()
    if (this.faults.dropSyncs === true) return
    const inode = this.#inode(file)
    inode.durable = Buffer.from(currentOf(inode))
    inode.pending = []
  }

  close(file: number): void {
    this.#open.delete(file)
  }

  change(change: Change): void {
    this.#stillWhole()
    switch (change.kind) {
      case 'mkdir':
        this.#addParents(`${change.path}/x`)
        return
      case 'rename': {
        const inode = this.#entries.get(change.from)
        if (inode === undefined)
          throw this.#latch(new Failure('storage/write-failed', true, 'ENOENT'))
        this.#step()
        const link = { kind: 'rename', from: change.from, to: change.to, inode } as const
        applyLink(this.#entries, link)
        this.#links.push(link)
        return
      }
      case 'remove':
        if (!this.#entries.has(change.path)) return
        this.#step()
        this.#entries.delete(change.path)
        this.#links.push({ kind: 'unlink', path: change.path })
        return
      case 'syncDir':
        this.#step()
        if (this.faults.dropSyncs === true || this.faults.dropDirectorySyncs === true) return
        this.#syncDirectory(change.path)
        return
    }
  }

  list(path: string): readonly string[] {
    const prefix = path === '' ? '' : `${path}/`
    const names = new Set<string>()
    for (const name of [...this.#entries.keys(), ...this.#directories]) {
      if (!name.startsWith(prefix) || name === path || name === '') continue
      names.add(name.slice(prefix.length).split('/')[0] as string)
    }
    return [...names].toSorted((a, b) => (a < b ? -1 : 1))
  }

  #syncDirectory(path: string): void {
    const rest: Link[] = []
    for (const link of this.#links) {
      const touched = link.kind === 'rename' ? link.to : link.path
      if (parentOf(touched) === path) applyLink(this.#durable, link)
      else rest.push(link)
    }
    this.#links = rest
  }

  #addParents(path: string): void {
    for (let at = parentOf(path); at !== ''; at = parentOf(at)) this.#directories.add(at)
  }

  #inode(file: number): Inode {
    const inode = this.#open.get(file)
    if (inode === undefined) throw new Error('a closed handle was used')
    return inode
  }

  #room(): number {
    if (this.faults.space === undefined) return Number.MAX_SAFE_INTEGER
    let used = 0
    for (const inode of this.#entries.values()) used += inode.size
    return this.faults.space - used
  }

  #put(inode: Inode, bytes: Uint8Array, at: number): void {
    const copy = Uint8Array.from(bytes)
    inode.pending.push({ kind: 'write', at, bytes: copy })
    writeInto(inode, copy, at)
  }

  #cut(inode: Inode, size: number): void {
    inode.pending.push({ kind: 'truncate', size })
    resize(inode, size)
  }

  #step(): void {
    this.operations += 1
    if (this.faults.crashAt !== undefined && this.operations > this.faults.crashAt) {
      this.powerLost = true
      throw this.#latch(new PowerLost())
    }
  }

  #latch(failure: Failure): Failure {
    this.#latched ??= failure
    return this.#latched
  }

  #stillWhole(): void {
    if (this.#latched) throw this.#latched
  }
}

function inodeOf(bytes: Buffer, path = ''): Inode {
  return { durable: bytes, current: Buffer.from(bytes), size: bytes.length, pending: [], path }
}

function currentOf(inode: Inode): Buffer {
  return inode.current.subarray(0, inode.size)
}

function resize(inode: Inode, size: number): void {
  if (size > inode.current.length) {
    const grown = Buffer.alloc(Math.max(size, inode.current.length * 2))
    inode.current.copy(grown)
    inode.current = grown
  }
  if (size < inode.size) inode.current.fill(0, size, inode.size)
  inode.size = size
}

function writeInto(inode: Inode, bytes: Uint8Array, at: number): void {
  if (at + bytes.length > inode.size) resize(inode, at + bytes.length)
  inode.current.set(bytes, at)
}

function parentOf(path: string): string {
  const at = path.lastIndexOf('/')
  return at < 0 ? '' : path.slice(0, at)
}

function applyLink(entries: Map<string, Inode>, link: Link): void {
  if (link.kind === 'link') entries.set(link.path, link.inode)
  else if (link.kind === 'unlink') entries.delete(link.path)
  else {
    entries.delete(link.from)
    entries.set(link.to, link.inode)
  }
}

function chosen<T>(list: readonly T[], mode: CrashMode, random: Random): readonly T[] {
  if (mode === 'none') return []
  if (mode === 'all') return list
  if (mode === 'prefix') return list.slice(0, random.below(list.length + 1))
  return list.filter(() => random.oneIn(2))
}

/** The content of a file after a crash. Truncations of the journalled size are kept in order. */
function imageOf(inode: Inode, mode: CrashMode, random: Random): Buffer {
  const image = inodeOf(Buffer.from(inode.durable))
  for (const pending of chosen(inode.pending, mode, random)) {
    if (pending.kind === 'truncate') resize(image, pending.size)
    else if (mode !== 'torn') writeInto(image, pending.bytes, pending.at)
    else tear(image, pending, random)
  }
  return Buffer.from(currentOf(image))
}

const sector = 512

/** Some sectors of a write arrive and some do not; the size may have grown all the same. */
function tear(
  image: Inode,
  { at, bytes }: { at: number; bytes: Uint8Array },
  random: Random,
): void {
  if (random.oneIn(2) && at + bytes.length > image.size) resize(image, at + bytes.length)
  for (let from = 0; from < bytes.length;) {
    const to = Math.min(bytes.length, from + sector - ((at + from) % sector))
    if (random.oneIn(2)) writeInto(image, bytes.subarray(from, to), at + from)
    from = to
  }
}
