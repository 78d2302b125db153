// What a scan looks for: everything that is somebody's own in a city, and every way in which it
// could have been written down by whoever thought that it was hidden.
import { createHash, createHmac, hash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import assert from 'node:assert/strict'
import { commitValue } from '#base/commitment'
import { utf8Decode, utf8Encode } from '#base/bytes'
import { citizenIdCheck } from '#base/codes'
import { readApplication, readPack } from '#apps/node/city'
import type { Population } from '#apps/node/residents'
import { drawPopulation, practiceCounty, tablesOf } from '#apps/node/residents'
import type { Crowd } from './crowd.ts'
import { Needles } from './needles.ts'
import type { Prefixes } from './needles.ts'

/** The people of a crowd's city. */
export function peopleOf(crowd: Crowd): Population {
  const { members } = readPack('beijing')
  const banks = members.flatMap(({ code, class: of }) => (of === 'bank' ? [code] : []))
  return drawPopulation({ seed: 'beijing', sales: crowd.sales, banks })
}

/** Columns that say nothing of anybody: days, sorts, states, and goods. */
const plain = /^(?:state|kind|bank_code|reg_date|until_day|confirmed_day|lot|batch|standard|act)$/
/** Shorter texts stand everywhere by chance. */
const textMin = 2
const digitsMin = 7

/** Everything that is somebody's own: cells of all sources, prices, and what was typed. */
export function secretsOf(crowd: Crowd): readonly string[] {
  const population = peopleOf(crowd)
  const found = new Set<string>(crowd.said)
  for (const member of crowd.members) {
    for (const { columns, rows } of tablesOf(member, population)) {
      const names = Object.keys(columns)
      for (const row of rows) {
        for (const [at, cell] of row.entries()) {
          if (typeof cell === 'string' && !plain.test(names[at] ?? '')) found.add(cell)
        }
      }
    }
  }
  const prices = [...population.plain, ...Object.values(population.roles)].map(({ fen }) => fen)
  for (const fen of prices) {
    const yuan = String(fen / 100)
    const grouped = yuan.replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, ',')
    for (const text of [String(fen), `${yuan}.00`, grouped, `${fen / 1_000_000}万`]) found.add(text)
  }
  const members = new Set<string>(crowd.members)
  const cast = published()
  return [...found].filter((text) => {
    const least = /^\d+$/.test(text) ? digitsMin : textMin
    return text.length >= least && !members.has(text) && !cast.includes(text)
  })
}

/** What applications say before anybody files: their stories have people with names too. */
function published(): string {
  const { applications } = readPack('beijing')
  const texts = applications.flatMap((path) => readApplication(path).documents)
  return texts.map((bytes) => utf8Decode(bytes)).join('\n')
}

/** GB 18030 of texts, as an old system would write them. */
function gb18030(texts: readonly string[]): readonly Buffer[] {
  const script =
    "import sys;[sys.stdout.write(l.rstrip('\\n').encode('gb18030').hex()+'\\n')" +
    " for l in open(0,encoding='utf8',newline='\\n')]"
  const input = `${texts.join('\n')}\n`
  const options = { input, encoding: 'utf8', maxBuffer: 1 << 28 } as const
  const lines = execFileSync('python3', ['-c', script], options).trimEnd().split('\n')
  assert.equal(lines.length, texts.length)
  return lines.map((line) => Buffer.from(line, 'hex'))
}

function utf16(text: string): readonly [little: Buffer, big: Buffer] {
  const little = Buffer.from(text, 'utf16le')
  return [little, Buffer.from(little).swap16()]
}

/** JSON whose letters beyond ASCII are written as numbers. */
function escaped(text: string): string {
  return [...Array(text.length).keys()]
    .map((at) => {
      const code = text.charCodeAt(at)
      return code < 0x7f ? text.charAt(at) : `\\u${code.toString(16).padStart(4, '0')}`
    })
    .join('')
}

/** Keys that everybody knows. */
export function knownKeys(crowd: Crowd): readonly string[] {
  return ['', 'lianban', crowd.ledger, practiceCounty, ...crowd.members]
}

/**
 * Everything to look for: each secret as text in five writings, and its digests with every known
 * key. Writings of these in base64 and hex are found by reading those, wherever they begin.
 */
export function needlesOf(crowd: Crowd, secrets: readonly string[]): Needles {
  const needles = new Needles()
  const keys = knownKeys(crowd)
  const old = gb18030(secrets)
  for (const [at, what] of secrets.entries()) {
    const isNumber = /^\d+$/.test(what)
    const add = (bytes: Uint8Array, how: string): void => {
      needles.add(bytes, { what, how }, isNumber && how === 'plain')
    }
    add(Buffer.from(what), 'plain')
    const [little, big] = utf16(what)
    add(little, 'UTF-16')
    add(big, 'UTF-16')
    add(old[at] ?? little, 'GB 18030')
    add(Buffer.from(escaped(what)), 'JSON escapes')
    add(Buffer.from(encodeURIComponent(what)), 'a URL')
    for (const text of [what, JSON.stringify(what)]) digests(text, keys, add)
    add(
      createHash('sha256')
        .update(old[at] ?? little)
        .digest(),
      'SHA-256',
    )
    add(
      createHash('sm3')
        .update(old[at] ?? little)
        .digest(),
      'SM3',
    )
  }
  return needles
}

const noSalt = new Uint8Array(32)

function digests(
  text: string,
  keys: readonly string[],
  add: (bytes: Uint8Array, how: string) => void,
): void {
  add(hash('sha256', text, 'buffer'), 'SHA-256')
  add(hash('sm3', text, 'buffer'), 'SM3')
  add(commitValue(noSalt, utf8Encode(text)), 'a commitment without salt')
  for (const key of keys) {
    add(createHmac('sha256', key).update(text).digest(), 'HMAC with a known key')
  }
}

/** First and last year of birth of the district's candidates. */
const born = { from: 1940, to: 2011 }

/** What became of the candidates of a district. */
export type Swept = {
  readonly candidates: number
  /** Those whose digest stands among the words. */
  readonly found: readonly string[]
  /** How many of the known numbers were among the candidates. */
  readonly known: number
}

/** Which days of birth are tried: all, every so many-th and those of known people, or one. */
export type Days = { readonly every: number } | { readonly only: string }

/**
 * Hashes identity numbers of the practice district by SHA-256 and SM3 and looks for each among the
 * words.
 */
export function sweep(words: Prefixes, known: ReadonlySet<string>, tried: Days): Swept {
  const found: string[] = []
  let candidates = 0
  let met = 0
  const days = new Set([...known].map((code) => code.slice(6, 14)))
  const last = Date.UTC(born.to, 11, 31)
  let number = 0
  for (let time = Date.UTC(born.from, 0, 1); time <= last; time += 86_400_000, number += 1) {
    const day = new Date(time).toISOString().slice(0, 10).replaceAll('-', '')
    const isChosen = 'only' in tried ? day === tried.only : number % tried.every === 0
    // A small sweep takes of a known day the sequences that practice people have.
    const sequences = isChosen ? 1000 : days.has(day) ? 10 : 0
    for (let sequence = 0; sequence < sequences; sequence += 1) {
      const body = `${practiceCounty}${day}${String(sequence).padStart(3, '0')}`
      const code = `${body}${checkOf(body)}`
      candidates += 1
      if (known.has(code)) met += 1
      for (const algorithm of ['sha256', 'sm3']) {
        const digest = hash(algorithm, code, 'latin1')
        if (words.has(four(digest, 0), four(digest, 4))) found.push(code)
      }
    }
  }
  return { candidates, found, known: met }
}

function four(text: string, at: number): number {
  const [a, b] = [text.charCodeAt(at), text.charCodeAt(at + 1)]
  return ((a << 24) | (b << 16) | (text.charCodeAt(at + 2) << 8) | text.charCodeAt(at + 3)) >>> 0
}

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** The check character of a body whose date is known to be one. */
function checkOf(body: string): string {
  let sum = 0
  for (let at = 0; at < 17; at += 1) sum += (body.charCodeAt(at) - 48) * (weights[at] as number)
  return '10X98765432'.charAt(sum % 11)
}

assert.equal(checkOf('11990119900101001'), citizenIdCheck('11990119900101001'))
