// A file that a command writes: it is there whole under its name, or not at all. Until it is kept
// it lies beside its place under another name; a command that fails or is interrupted leaves no
// half of it, and a file that was there before is not written over unless that is asked for.
import fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { pathStop } from './system.ts'

const blockBytes = 256 * 1024

export class NewFile {
  readonly #path: string
  readonly #part: string
  readonly #file: number
  readonly #forget: () => void
  #waiting: Uint8Array[] = []
  #size = 0
  #isOpen = true

  /** Throws `Stop` where the name is taken or nothing can be written there. */
  constructor(path: string) {
    this.#path = path
    this.#part = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
    try {
      if (fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw taken()
      this.#file = fs.openSync(this.#part, 'wx', 0o600)
    } catch (error) {
      throw pathStop('cli/not-written', path, error)
    }
    this.#forget = whenInterrupted(() => this.drop())
  }

  /** Adds to the file. Throws `Stop` when the disk is full; then nothing of it stays. */
  write(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#size += bytes.length
    if (this.#size >= blockBytes) this.#flush()
  }

  /** Gives the file its name. What is said to be written is on the disk then. */
  keep(): void {
    this.#flush()
    try {
      fs.fsyncSync(this.#file)
      // If we crash before this line, nothing stands under the name; after it, all of it does.
      named(this.#part, this.#path)
    } catch (error) {
      this.drop()
      throw pathStop('cli/not-written', this.#path, error)
    }
    this.#end()
  }

  /** Leaves nothing behind. May be called after `keep`, and then does nothing. */
  drop(): void {
    this.#end()
  }

  #end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#forget()
    fs.closeSync(this.#file)
    fs.rmSync(this.#part, { force: true })
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#waiting)
    this.#waiting = []
    this.#size = 0
    try {
      for (let at = 0; at < bytes.length;) at += fs.writeSync(this.#file, bytes, at)
    } catch (error) {
      this.drop()
      throw pathStop('cli/not-written', this.#path, error)
    }
  }
}

/** Writes a new file at once. */
export function writeNew(path: string, content: Uint8Array): void {
  const file = new NewFile(path)
  file.write(content)
  file.keep()
}

/** Writes a file in the place of an earlier one: what stands there is one of the two, whole. */
export function replaceWith(path: string, content: string): void {
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
  try {
    fs.writeFileSync(part, content, { mode: 0o600, flush: true })
    fs.renameSync(part, path)
  } catch (error) {
    fs.rmSync(part, { force: true })
    throw pathStop('cli/not-written', path, error)
  }
}

function taken(): NodeJS.ErrnoException {
  return Object.assign(new Error('taken'), { code: 'EEXIST' })
}

/** A second name for the file, which fails where the name is taken; some disks only rename. */
function named(part: string, path: string): void {
  try {
    fs.linkSync(part, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw error
    if (fs.existsSync(path)) throw taken()
    fs.renameSync(part, path)
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const undoing = new Set<() => void>()

/** Does this before the process ends by a signal. Call the result when it is no longer needed. */
export function whenInterrupted(undo: () => void): () => void {
  if (undoing.size === 0) for (const signal of signals) process.once(signal, interrupted)
  undoing.add(undo)
  return () => {
    undoing.delete(undo)
    if (undoing.size === 0) for (const signal of signals) process.off(signal, interrupted)
  }
}

function interrupted(signal: NodeJS.Signals): void {
  for (const undo of undoing) undo()
  const line = '已中断：没有留下半份文件 / interrupted: no half of a file is left\n'
  process.stderr.write(process.stderr.isTTY ? `\n${line}` : line)
  for (const each of signals) process.off(each, interrupted)
  // Whoever started the command learns that a signal ended it, as if nothing had listened.
  process.kill(process.pid, signal)
}
