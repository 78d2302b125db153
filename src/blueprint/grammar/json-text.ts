// Reading JSON as people write it: white space and any order of members, but one meaning. A member
// that stands twice, a fraction, an exponent or a lone surrogate is refused with line and column
// instead of being repaired in silence. What comes out has one canonical text, and that text is
// what is published.
import type { Json } from '#base/canonical'
import type { Fault, GrammarCode } from './faults.ts'
import { grammarFault } from './faults.ts'

/** Longest text of one file of a folder, in UTF-16 code units. */
export const fileTextMax = 262_144
/** Arrays and objects inside one another. */
export const fileDepthMax = 16

type Reader = { readonly text: string; at: number; fault: Fault<GrammarCode> | null }

// Marks a value that could not be read; the reader holds the fault.
const REFUSED = Symbol('refused')
type Read = Json | typeof REFUSED

const SPACE = /[ \t\r\n]*/y
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const INTEGER = /^(?:0|-?[1-9]\d{0,15})$/
// oxlint-disable-next-line no-control-regex
const PLAIN = /[^"\\\u0000-\u001f]+/y
const HEX = /[0-9a-fA-F]{4}/y
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/**
 * The value of a text, or the first fault with its line and column. Untrusted text may be given.
 */
export function readJsonText(text: string): { readonly value: Json } | Fault<GrammarCode> {
  if (text.length > fileTextMax) return grammarFault('grammar/oversized', '')
  const reader: Reader = { text, at: 0, fault: null }
  const value = readValue(reader, '', fileDepthMax)
  if (value === REFUSED) return reader.fault ?? grammarFault('grammar/bad-json', '')
  skip(reader)
  if (reader.at === text.length) return { value }
  refuse(reader, 'grammar/bad-json', '')
  return reader.fault ?? grammarFault('grammar/bad-json', '')
}

function readValue(reader: Reader, path: string, depthLeft: number): Read {
  skip(reader)
  const first = reader.text.charAt(reader.at)
  if (first === '{') {
    return depthLeft > 0
      ? readObject(reader, path, depthLeft - 1)
      : refuse(reader, 'grammar/too-deep', path)
  }
  if (first === '[') {
    return depthLeft > 0
      ? readArray(reader, path, depthLeft - 1)
      : refuse(reader, 'grammar/too-deep', path)
  }
  if (first === '"') return readString(reader, path)
  for (const [word, value] of [
    ['true', true],
    ['false', false],
    ['null', null],
  ] as const) {
    if (reader.text.startsWith(word, reader.at)) {
      reader.at += word.length
      return value
    }
  }
  return readNumber(reader, path)
}

function readNumber(reader: Reader, path: string): Read {
  const found = take(reader, NUMBER)
  if (found === '') return refuse(reader, 'grammar/bad-json', path)
  const value = Number(found)
  if (INTEGER.test(found) && Number.isSafeInteger(value)) return value
  return refuse(reader, 'grammar/bad-number', path, found)
}

function readArray(reader: Reader, path: string, depthLeft: number): Read {
  const list: Json[] = []
  reader.at += 1
  skip(reader)
  if (eat(reader, ']')) return list
  for (;;) {
    const value = readValue(reader, join(path, `${list.length}`), depthLeft)
    if (value === REFUSED) return REFUSED
    list.push(value)
    skip(reader)
    if (eat(reader, ']')) return list
    if (!eat(reader, ',')) return refuse(reader, 'grammar/bad-json', path)
  }
}

function readObject(reader: Reader, path: string, depthLeft: number): Read {
  const members: { [key: string]: Json } = { __proto__: null } as never
  reader.at += 1
  skip(reader)
  if (eat(reader, '}')) return members
  for (;;) {
    skip(reader)
    if (reader.text.charAt(reader.at) !== '"') return refuse(reader, 'grammar/bad-json', path)
    const key = readString(reader, path)
    if (typeof key !== 'string') return REFUSED
    if (key === '__proto__') return refuse(reader, 'grammar/unknown-member', join(path, key))
    if (Object.hasOwn(members, key)) {
      return refuse(reader, 'grammar/duplicate-member', join(path, key))
    }
    skip(reader)
    if (!eat(reader, ':')) return refuse(reader, 'grammar/bad-json', join(path, key))
    const value = readValue(reader, join(path, key), depthLeft)
    if (value === REFUSED) return REFUSED
    members[key] = value
    skip(reader)
    if (eat(reader, '}')) return members
    if (!eat(reader, ',')) return refuse(reader, 'grammar/bad-json', join(path, key))
  }
}

function readString(reader: Reader, path: string): string | typeof REFUSED {
  let text = ''
  reader.at += 1
  for (;;) {
    text += take(reader, PLAIN)
    const next = reader.text.charAt(reader.at)
    if (next === '"') break
    if (next !== '\\') return refuse(reader, 'grammar/bad-json', path)
    const letter = reader.text.charAt(reader.at + 1)
    const short = ESCAPES.get(letter)
    reader.at += 2
    if (short !== undefined) text += short
    else {
      const code = letter === 'u' ? take(reader, HEX) : ''
      if (code === '') return refuse(reader, 'grammar/bad-json', path)
      text += String.fromCharCode(Number.parseInt(code, 16))
    }
  }
  reader.at += 1
  return text.isWellFormed() ? text : refuse(reader, 'grammar/bad-json', path)
}

function take(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.text)?.[0] ?? ''
  reader.at += found.length
  return found
}

function skip(reader: Reader): void {
  take(reader, SPACE)
}

function eat(reader: Reader, mark: string): boolean {
  if (reader.text.charAt(reader.at) !== mark) return false
  reader.at += 1
  return true
}

function refuse(reader: Reader, code: GrammarCode, path: string, what = ''): typeof REFUSED {
  const before = reader.text.slice(0, reader.at).split('\n')
  const place = `${before.length}:${(before.at(-1) ?? '').length + 1}`
  reader.fault ??= grammarFault(code, path, what === '' ? place : `${place} ${what}`)
  return REFUSED
}

/** A path with one more step. */
export function join(path: string, next: string): string {
  return path === '' ? next : `${path}.${next}`
}
