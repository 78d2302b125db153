// A folder as a carrier: letters for the printing office, or a practice city's post. Each notice is
// one private file under its random id, on disk before `send` returns. The office takes files and
// leaves beside them what became of each: `<id>.handed`, `<id>.served` or `<id>.failed`.
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { statSync, unlinkSync, writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Failure } from './failure.ts'
import type { Carrier, Channel, Notice, Progress, Served } from './notice.ts'
import { flawOf } from './notice.ts'

/** Opens a folder, which is made private to this account where it is missing. */
export function openFolderCarrier(folder: string, channel: Channel): Carrier {
  tried(() => mkdirSync(folder, { recursive: true, mode: 0o700 }))
  return {
    channel,
    send: async (notice) => {
      const flaw = notice.channel === channel ? flawOf(notice) : `this carrier is for ${channel}`
      if (flaw !== null) throw new Failure('notices/bad-notice', flaw)
      tried(() => {
        put(folder, notice)
      })
    },
    standing: async (id) => tried(() => standingIn(folder, id)),
    close: async () => undefined,
  }
}

// A link under the final name either succeeds with the whole, synced file or finds one there, so
// neither a crash nor a second sender leaves half a letter.
function put(folder: string, notice: Notice): void {
  const text = textOf(notice)
  const path = join(folder, `${notice.id}.notice`)
  const draft = join(folder, `.${randomBytes(9).toString('hex')}`)
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(draft, path)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
    if (readFileSync(path, 'utf8') !== text) throw new Failure('notices/other-notice', notice.id)
  } finally {
    unlinkSync(draft)
  }
  const directory = openSync(folder, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

/** The file of a notice: where it goes, an empty line, and what it says. */
function textOf({ to, subject, text }: Notice): string {
  return `To: ${oneLine(to)}\nSubject: ${oneLine(subject)}\n\n${text}\n`
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ')
}

const signs: readonly Progress[] = ['served', 'failed', 'handed']

function standingIn(folder: string, id: string): Served {
  if (!/^[\w-]{22}$/.test(id)) return { progress: 'unknown' }
  for (const progress of signs) {
    const at = changedAt(join(folder, `${id}.${progress}`))
    if (at !== null) return { progress, at }
  }
  const queued = changedAt(join(folder, `${id}.notice`))
  return queued === null ? { progress: 'unknown' } : { progress: 'queued', at: queued }
}

function changedAt(path: string): number | null {
  try {
    return Math.trunc(statSync(path).mtimeMs)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code
}

function tried<T>(use: () => T): T {
  try {
    return use()
  } catch (error) {
    if (error instanceof Failure) throw error
    const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
    throw new Failure('notices/unavailable', code ?? 'unknown', error)
  }
}
