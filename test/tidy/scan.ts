// A scanner of TypeScript: it tells code from comments, strings and patterns, and nothing more.
// Every masked text keeps the length and the line breaks of the original, so that a place found in
// one is the same place in the other.

/** A piece of a source with the place at which it begins (offset in UTF-16 units, from 0). */
export type Piece = { readonly at: number; readonly text: string }

export type Scan = {
  /** The source with comments and the insides of strings, templates and patterns blanked. */
  readonly code: string
  /** Comments without their marks. */
  readonly comments: readonly Piece[]
  /** Insides of quoted strings and of templates without a substitution, escapes not resolved. */
  readonly strings: readonly Piece[]
  /** Insides of regular expressions with their flags. */
  readonly patterns: readonly Piece[]
}

type Reader = {
  readonly text: string
  readonly mask: string[]
  readonly comments: Piece[]
  readonly strings: Piece[]
  readonly patterns: Piece[]
  /** Depth of braces at which each open template goes on. */
  readonly templates: number[]
  at: number
  depth: number
}

/** Reads a source once from front to back. Never throws; a broken source gives a broken mask. */
export function scan(text: string): Scan {
  const reader: Reader = {
    text,
    mask: text.split(''),
    comments: [],
    strings: [],
    patterns: [],
    templates: [],
    at: 0,
    depth: 0,
  }
  while (reader.at < text.length) step(reader)
  const { comments, strings, patterns } = reader
  return { code: reader.mask.join(''), comments, strings, patterns }
}

/** The line, from 1, on which an offset stands. */
export function lineAt(text: string, at: number): number {
  let line = 1
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) line += 1
  return line
}

function step(reader: Reader): void {
  const { text, at } = reader
  const char = text[at]
  const pair = text.slice(at, at + 2)
  if (pair === '//' || (pair === '#!' && at === 0)) return comment(reader, endOfLine(text, at), 0)
  if (pair === '/*') return comment(reader, after(text, '*/', at + 2), 2)
  if (char === "'" || char === '"') return quoted(reader, char)
  if (char === '`') return template(reader, at + 1)
  if (char === '/' && patternMayStand(reader)) return pattern(reader)
  if (char === '{') reader.depth += 1
  if (char === '}') {
    if (reader.templates.at(-1) === reader.depth) {
      reader.templates.pop()
      reader.depth -= 1
      return template(reader, at + 1)
    }
    reader.depth -= 1
  }
  reader.at += 1
}

function comment(reader: Reader, end: number, tail: number): void {
  const inside = reader.text.slice(reader.at + 2, Math.max(reader.at + 2, end - tail))
  reader.comments.push({ at: reader.at, text: inside })
  blank(reader, reader.at, end)
  reader.at = end
}

function quoted(reader: Reader, quote: string): void {
  const { text, at } = reader
  let end = at + 1
  while (end < text.length && text[end] !== quote && text[end] !== '\n') {
    end += text[end] === '\\' ? 2 : 1
  }
  reader.strings.push({ at, text: text.slice(at + 1, end) })
  blank(reader, at + 1, end)
  reader.at = end + 1
}

/** Reads a template from its opening mark, or from the end of a substitution, to its next halt. */
function template(reader: Reader, from: number): void {
  const { text } = reader
  let end = from
  while (end < text.length && text[end] !== '`' && text.slice(end, end + 2) !== '${') {
    end += text[end] === '\\' ? 2 : 1
  }
  blank(reader, from, end)
  if (text[end] === '`') {
    if (text[from - 1] === '`') {
      reader.strings.push({ at: from - 1, text: text.slice(from, end) })
    }
    reader.at = end + 1
    return
  }
  reader.depth += 1
  reader.templates.push(reader.depth)
  reader.at = end + 2
}

function pattern(reader: Reader): void {
  const { text, at } = reader
  let end = at + 1
  let inClass = false
  while (end < text.length && text[end] !== '\n' && (inClass || text[end] !== '/')) {
    if (text[end] === '[') inClass = true
    if (text[end] === ']') inClass = false
    end += text[end] === '\\' ? 2 : 1
  }
  const flags = /^[a-z]*/.exec(text.slice(end + 1))?.[0] ?? ''
  reader.patterns.push({ at, text: `${text.slice(at + 1, end)}/${flags}` })
  blank(reader, at + 1, end)
  reader.at = end + 1 + flags.length
}

/** A slash opens a pattern where a value may begin, and divides where one has just ended. */
function patternMayStand(reader: Reader): boolean {
  let i = reader.at - 1
  while (i >= 0 && /\s/.test(reader.mask[i] ?? '')) i -= 1
  const last = reader.mask[i] ?? ''
  if (/[)\]}'"`]/.test(last)) return false
  if (!/[\w$]/.test(last)) return true
  let start = i
  while (start > 0 && /[\w$]/.test(reader.mask[start - 1] ?? '')) start -= 1
  const word = reader.mask.slice(start, i + 1).join('')
  return /^(?:return|typeof|case|in|of|do|else|void|delete|yield|await|throw)$/.test(word)
}

function blank(reader: Reader, from: number, to: number): void {
  for (let i = from; i < to; i += 1) if (reader.mask[i] !== '\n') reader.mask[i] = ' '
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

function after(text: string, mark: string, at: number): number {
  const end = text.indexOf(mark, at)
  return end < 0 ? text.length : end + mark.length
}
