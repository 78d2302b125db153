// What a cosigner remembers: for each log the newest checkpoint that it cosigned, as a file. It
// promises compare-and-swap that holds between processes too, durable before it returns, and that
// no damage and no crash makes it forget: an older record is never taken for the newest.
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { concat, equal, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import { MAX_NOTE_BYTES, parseSignedCheckpoint } from '#ledger/prove'
import type { Checkpoint } from '#ledger/prove'
import { Failure, systemCode } from './failure.ts'

/** The newest record of a log. */
export type WitnessRecord = {
  /** Counts the records of this log, from 1. */
  readonly generation: number
  readonly checkpoint: Checkpoint
  /** The signed checkpoint with the cosignature that was given for it. */
  readonly note: Bytes
}

/**
 * Port: the memory of a cosigner. Synchronous, so that reading, deciding and replacing are one
 * step within a process. Failures with `fatal` mean that nothing may be cosigned any more.
 */
export interface WitnessRecords {
  /**
   * The newest record, durable; null when the log has none. Throws `transport/record-corrupt` and
   * `transport/record-not-read`.
   */
  newest(origin: string): WitnessRecord | null
  /**
   * Puts a note in place of the record of this generation (0 for none); false when the newest is
   * another. Durable on return. Throws `transport/record-not-written`.
   */
  replace(origin: string, generation: number, note: Bytes): boolean
}

/** Records as files in a directory of their owner, made when absent. */
export function openWitnessRecords(path: string): WitnessRecords {
  try {
    fs.mkdirSync(path, { recursive: true, mode: 0o700 })
    return new FileRecords(path)
  } catch (error) {
    throw new Failure('transport/record-not-written', systemCode(error), { cause: error })
  }
}

const unfinished = '.new'
const draftAgeMs = 3_600_000
const roundsMax = 4
const headBytes = 73
const spaceCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

class FileRecords implements WitnessRecords {
  readonly #path: string
  readonly #durable: Map<string, number> = new Map()
  #failed: Failure | null = null

  constructor(path: string) {
    this.#path = path
    for (const name of fs.readdirSync(path)) removeOldDraft(join(path, name))
  }

  newest(origin: string): WitnessRecord | null {
    if (this.#failed !== null) throw this.#failed
    for (let round = 1; ; round += 1) {
      const generation = Math.max(0, ...this.#generations(origin))
      if (generation === 0) return null
      const name = nameOf(origin, generation)
      const bytes = this.#read(name)
      // Between listing and reading another process may have gone on.
      if (bytes === null && round < roundsMax) continue
      this.#makeDurable(origin, generation)
      const note = bytes === null ? null : checkedNote(bytes)
      const checkpoint = note === null ? undefined : parseSignedCheckpoint(note)?.checkpoint
      if (note !== null && checkpoint?.origin === origin) return { generation, checkpoint, note }
      throw new Failure('transport/record-corrupt', `${name}: restore it, or retire the key`)
    }
  }

  /** A record that another process or a former life named may not have its name on disk yet. */
  #makeDurable(origin: string, generation: number): void {
    if (this.#durable.get(origin) === generation) return
    try {
      syncDirectory(this.#path)
    } catch (error) {
      throw this.#failure(error)
    }
    this.#durable.set(origin, generation)
  }

  replace(origin: string, generation: number, note: Bytes): boolean {
    if (this.#failed !== null) throw this.#failed
    try {
      return this.#replace(origin, generation, note)
    } catch (error) {
      throw this.#failure(error)
    }
  }

  #replace(origin: string, generation: number, note: Bytes): boolean {
    const next = generation + 1
    const target = join(this.#path, nameOf(origin, next))
    const draft = `${target}.${randomBytes(8).toString('hex')}${unfinished}`
    writeSynced(draft, concat([headOf(note), note]))
    // If we crash here, the old record is the newest and nobody was answered.
    const linked = linkNew(draft, target)
    fs.rmSync(draft)
    if (!linked) return false
    // Another process may have gone on and removed the generation that we have just made again.
    if (this.#generations(origin).some((each) => each > next)) {
      fs.rmSync(target)
      return false
    }
    syncDirectory(this.#path)
    this.#durable.set(origin, next)
    // If we crash from here on, the new record is the newest. Older ones are only litter.
    for (const each of this.#generations(origin)) {
      if (each < next) fs.rmSync(join(this.#path, nameOf(origin, each)), { force: true })
    }
    return true
  }

  #generations(origin: string): number[] {
    const prefix = `${originHash(origin)}.`
    return fs.readdirSync(this.#path).flatMap((name) => {
      const digits = name.startsWith(prefix) ? name.slice(prefix.length) : ''
      return /^\d{12}$/.test(digits) ? [Number(digits)] : []
    })
  }

  #read(name: string): Bytes | null {
    try {
      return fs.readFileSync(join(this.#path, name))
    } catch (error) {
      const code = systemCode(error)
      if (code === 'ENOENT') return null
      throw new Failure('transport/record-not-read', `${name}: ${code}`, { cause: error })
    }
  }

  /** After a failed write or sync nobody knows what is on disk, so it is the last. */
  #failure(error: unknown): Failure {
    const code = systemCode(error)
    const failure = new Failure('transport/record-not-written', code, { cause: error })
    if (!spaceCodes.has(code)) this.#failed = failure
    return failure
  }
}

/** Lower-case hexadecimal SHA-256 of an origin, as in the address of a witness's checkpoint. */
export function originHash(origin: string): string {
  return sha256Text(origin, 'hex')
}

function nameOf(origin: string, generation: number): string {
  return `${originHash(origin)}.${String(generation).padStart(12, '0')}`
}

/** One line of 73 bytes: the format and the hash of what follows. */
function headOf(note: Bytes): Bytes {
  return utf8Encode(`record1 ${sha256Text(note, 'hex')}\n`)
}

/** The note behind its head; null when one byte of either is another. Untrusted. */
function checkedNote(untrusted: Bytes): Bytes | null {
  if (untrusted.length > headBytes + MAX_NOTE_BYTES) return null
  const note = untrusted.slice(headBytes)
  return equal(untrusted.slice(0, headBytes), headOf(note)) ? note : null
}

function writeSynced(path: string, bytes: Bytes): void {
  const file = fs.openSync(path, 'wx', 0o600)
  try {
    fs.writeFileSync(file, bytes)
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}

/** A draft lives for milliseconds; one of an hour ago was left by a crash. */
function removeOldDraft(path: string): void {
  if (!path.endsWith(unfinished)) return
  const made = fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
  if (made < Date.now() - draftAgeMs) fs.rmSync(path, { force: true })
}

/** Gives a file a second name, unless the name is taken: the file system's compare-and-swap. */
function linkNew(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

function syncDirectory(path: string): void {
  const directory = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(directory)
  } finally {
    fs.closeSync(directory)
  }
}
