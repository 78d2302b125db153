// What options and files give: counts, times, and bytes of files or of stdin (`-`). Untrusted.
import fs from 'node:fs'
import type { Bytes } from '#base/bytes'
import { concat } from '#base/bytes'
import { exits, Stop, text } from '#apps/cli/output'
import { usage } from './parse.ts'
import type { Ask } from './spec.ts'

/** A count in an option; `absent` when it is not given. */
export function countOption(ask: Ask, name: string, absent: number): number
export function countOption(ask: Ask, name: string): number | undefined
export function countOption(ask: Ask, name: string, absent?: number): number | undefined {
  const value = ask.values[name]
  if (value === undefined) return absent
  const count = /^(?:0|[1-9][0-9]{0,15})$/.test(value) ? Number(value) : Number.NaN
  if (Number.isSafeInteger(count)) return count
  throw usage('cli/bad-value', `--${name}`, ['须为非负整数', 'a whole number is needed'])
}

/** A time in an option as Unix milliseconds: ISO 8601 with its zone, or milliseconds. */
export function timeOption(ask: Ask, name: string, absent: number): number {
  const value = ask.values[name]
  if (value === undefined) return absent
  if (/^[0-9]{1,15}$/.test(value)) return Number(value)
  const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/.test(value)
  const time = zoned ? Date.parse(value) : Number.NaN
  if (Number.isSafeInteger(time)) return time
  throw usage('cli/bad-value', `--${name}`, [
    '请写作 2026-11-20T12:00:00+08:00',
    'write 2026-11-20T12:00:00+08:00',
  ])
}

/** The bytes of a file, or of stdin for `-`, at most `bytesMax`. */
export function readInput(path: string, bytesMax: number): Bytes {
  return readBounded(path, bytesMax)
}

/** The bytes of a file; a `Stop` with its place when it cannot be read or is too long. */
export function readBounded(path: string, bytesMax: number): Bytes {
  let file: number
  try {
    file = path === '-' ? 0 : fs.openSync(path, 'r')
  } catch (error) {
    throw unreadable(path, error)
  }
  try {
    return readAll(file, path, bytesMax)
  } finally {
    if (file !== 0) fs.closeSync(file)
  }
}

const chunkBytes = 65_536

function readAll(file: number, path: string, bytesMax: number): Bytes {
  const chunks: Bytes[] = []
  let size = 0
  for (;;) {
    const chunk = new Uint8Array(chunkBytes)
    const count = readSome(file, path, chunk)
    if (count === 0) return concat(chunks)
    size += count
    if (size > bytesMax) throw new Stop({ code: 'cli/oversized', exit: exits.failure, at: path })
    chunks.push(chunk.subarray(0, count))
  }
}

function readSome(file: number, path: string, chunk: Bytes): number {
  for (;;) {
    try {
      return fs.readSync(file, chunk, 0, chunk.length, null)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // A terminal or pipe that has nothing yet; and the end of a closed pipe on some systems.
      if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
      else if (code === 'EOF') return 0
      else throw unreadable(path, error)
    }
  }
}

function unreadable(path: string, error: unknown): Stop {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new Stop({
    code: 'cli/not-read',
    exit: exits.failure,
    at: path,
    text: text(`无法读取（${code}）`, `cannot be read (${code})`),
    remedy: text('请检查路径和权限', 'check the path and its permissions'),
  })
}
