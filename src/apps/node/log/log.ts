// What the node tells its operator: one event a line, as JSON for machines and as a sentence on a
// terminal. It promises to name places, counts and codes, never a member's id of a command, a
// person, a body or a path that holds one, so that logs may be kept and shared.

export type Level = 'info' | 'warn' | 'error'

/** One event. Details are counts, codes, names of settings and addresses of our own. */
export type Note = {
  readonly level: Level
  readonly event: string
  readonly [detail: string]: string | number | boolean
}

export type Log = (note: Note) => void

export type LogOptions = {
  readonly write: (line: string) => void
  /** JSON lines, or sentences for people. */
  readonly form: 'json' | 'human'
  /** Events below this level are left out. */
  readonly from: Level
  /** Wall time in Unix milliseconds. */
  readonly now: () => number
}

const rank: Readonly<Record<Level, number>> = { info: 0, warn: 1, error: 2 }

/** A log that writes a line for every event. */
export function makeLog({ write, form, from, now }: LogOptions): Log {
  return (note) => {
    if (rank[note.level] < rank[from]) return
    const time = new Date(now()).toISOString()
    const { level, event, ...details } = note
    if (form === 'json') return write(`${JSON.stringify({ time, level, event, ...details })}\n`)
    const rest = Object.entries(details).map(([name, value]) => `${name}=${shown(value)}`)
    const mark = level === 'info' ? '' : `${level}: `
    write(`${time.slice(11, 19)} ${mark}${event}${rest.length === 0 ? '' : ` ${rest.join(' ')}`}\n`)
  }
}

function shown(value: string | number | boolean): string {
  const text = String(value)
  // A line is one event whatever a value holds.
  return /^[\x21-\x7e]+$/.test(text) ? text : JSON.stringify(text)
}

/** What may be told of a failure: its code, or the kind of error that it is. */
export function codeOfFailure(failure: unknown): string {
  if (!(failure instanceof Error)) return 'unknown'
  const code = 'code' in failure ? failure.code : undefined
  return typeof code === 'string' ? code : failure.name
}
