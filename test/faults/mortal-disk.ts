// The real disk with a death at one of its operations: before, within or after the n-th operation
// of a kind that changes the disk, the process kills itself with SIGKILL, so that nothing of it
// runs on.
import process from 'node:process'
import type { Change, Disk } from '#adapters/storage'
import { fsDisk } from '#adapters/storage'

/** Where the process dies; `any` counts every operation that changes the disk. */
export type Death = {
  readonly at: number
  readonly side: string
  readonly kind: string
}

/** The disk below `directory`, on which this process dies as told. */
export function mortalDisk(directory: string, death: Death): Disk {
  return new MortalDisk(fsDisk(directory), death)
}

function kill(): void {
  process.kill(process.pid, 'SIGKILL')
}

class MortalDisk implements Disk {
  readonly #disk: Disk
  readonly #death: Death
  #left: number

  constructor(disk: Disk, death: Death) {
    this.#disk = disk
    this.#death = death
    this.#left = death.at
  }

  open(path: string, mode: 'append' | 'read' | 'create'): number {
    return this.#disk.open(path, mode)
  }

  size(file: number): number {
    return this.#disk.size(file)
  }

  read(file: number, into: Uint8Array, position: number): number {
    return this.#disk.read(file, into, position)
  }

  write(file: number, bytes: Uint8Array, position: number): void {
    const dies = this.#point('write')
    if (dies && this.#death.side === 'before') kill()
    if (dies && this.#death.side === 'within') {
      this.#disk.write(file, bytes.subarray(0, Math.floor(bytes.length / 2)), position)
      kill()
    }
    this.#disk.write(file, bytes, position)
    if (dies) kill()
  }

  truncate(file: number, size: number): void {
    this.#around('truncate', () => this.#disk.truncate(file, size))
  }

  async sync(file: number): Promise<void> {
    const dies = this.#point('sync')
    if (dies && this.#death.side === 'before') kill()
    await this.#disk.sync(file)
    if (dies) kill()
  }

  syncNow(file: number): void {
    this.#around('sync', () => this.#disk.syncNow(file))
  }

  close(file: number): void {
    this.#disk.close(file)
  }

  change(change: Change): void {
    this.#around(change.kind === 'syncDir' ? 'sync' : change.kind, () => this.#disk.change(change))
  }

  list(path: string): readonly string[] {
    return this.#disk.list(path)
  }

  #around(kind: string, act: () => void): void {
    const dies = this.#point(kind)
    if (dies && this.#death.side === 'before') kill()
    act()
    if (dies) kill()
  }

  #point(kind: string): boolean {
    if (this.#death.kind !== 'any' && this.#death.kind !== kind) return false
    this.#left -= 1
    return this.#left === 0
  }
}
