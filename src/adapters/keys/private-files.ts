// Files that only their owner may read, replaced whole or not at all. It promises that a file that
// other users can read is refused rather than used, and that a crash leaves the old content, the
// new content, or no file, and never a part of one.
import fs from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { Failure, systemCode } from './failure.ts'

/** Longest secret in bytes. */
export const secretBytesMax = 4_096

const unfinished = '.new'

/** Makes the directory for its owner alone when it is absent, and refuses it when it is open. */
export function openPrivateDirectory(path: string): void {
  try {
    fs.mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Failure('keys/not-written', `${path}: ${systemCode(error)}`, error)
  }
  refuseOpen(path, statOf(path))
}

/** Names of the finished files in a directory, sorted. Removes what a crash left unfinished. */
export function finishedFiles(path: string): readonly string[] {
  const names = reading(path, () => fs.readdirSync(path))
  // An unfinished file was never answered for: whoever made it did not survive to name it.
  for (const name of names) {
    if (name.endsWith(unfinished)) fs.rmSync(join(path, name), { force: true })
  }
  return names.filter((name) => !name.endsWith(unfinished)).toSorted((a, b) => (a < b ? -1 : 1))
}

/** The content of a file that its owner alone may read, at most `bytesMax` and one byte of it. */
export function readPrivateFile(path: string, bytesMax: number): Bytes {
  const file = reading(path, () => fs.openSync(path, 'r'))
  try {
    // Checked on the open file, so that it cannot be exchanged between the check and the reading.
    refuseOpen(path, fs.fstatSync(file))
    const into = Buffer.alloc(bytesMax + 1)
    const count = reading(path, () => fs.readSync(file, into, 0, into.length, 0))
    return into.subarray(0, count)
  } finally {
    fs.closeSync(file)
  }
}

/** Puts the content in place of the file; durable on return (write, fsync, rename, fsync). */
export function replacePrivateFile(directory: string, name: string, content: Bytes): void {
  const draft = join(directory, `${name}${unfinished}`)
  try {
    const file = fs.openSync(draft, 'w', 0o600)
    try {
      fs.writeFileSync(file, content)
      // If we crash here, the draft is removed at the next start.
      fs.fsyncSync(file)
    } finally {
      fs.closeSync(file)
    }
    // If we crash here, the same. After the rename the file is whole or, in a power loss, absent.
    fs.renameSync(draft, join(directory, name))
    syncDirectory(directory)
  } catch (error) {
    throw new Failure('keys/not-written', `${join(directory, name)}: ${systemCode(error)}`, error)
  }
}

/** Removes a file for good. */
export function removePrivateFile(directory: string, name: string): void {
  try {
    fs.rmSync(join(directory, name), { force: true })
    syncDirectory(directory)
  } catch (error) {
    throw new Failure('keys/not-written', `${join(directory, name)}: ${systemCode(error)}`, error)
  }
}

/**
 * A secret that configuration names by file (`…_FILE`): UTF-8 without the line break at its end.
 * Throws `keys/bad-secret` when nothing is left of it.
 */
export function readSecretFile(path: string): Bytes {
  const content = readPrivateFile(path, secretBytesMax)
  if (content.length > secretBytesMax) throw new Failure('keys/bad-secret', `${path} is too long`)
  const end = content.at(-1) === 0x0a ? (content.at(-2) === 0x0d ? -2 : -1) : content.length
  const secret = content.subarray(0, end)
  if (secret.length === 0) throw new Failure('keys/bad-secret', `${path} is empty`)
  if (utf8Decode(secret) === null) throw new Failure('keys/bad-secret', `${path} is not text`)
  return secret
}

function refuseOpen(path: string, { mode, uid }: fs.Stats): void {
  // Windows has no owner and no mode; there the profile of the service account protects files.
  if (process.geteuid === undefined) return
  if ((mode & 0o077) !== 0) {
    const wanted = (mode & 0o170000) === 0o040000 ? '700' : '600'
    throw new Failure(
      'keys/readable-by-others',
      `others may use ${path}; run: chmod ${wanted} '${path}', and if others had access, rotate`,
    )
  }
  const own = process.geteuid()
  if (uid === own) return
  throw new Failure(
    'keys/foreign-owner',
    `${path} belongs to user ${uid}; run: chown ${own} '${path}', or start as user ${uid}`,
  )
}

function statOf(path: string): fs.Stats {
  return reading(path, () => fs.statSync(path))
}

function reading<Result>(path: string, act: () => Result): Result {
  try {
    return act()
  } catch (error) {
    throw new Failure('keys/not-read', `${path}: ${systemCode(error)}`, error)
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
