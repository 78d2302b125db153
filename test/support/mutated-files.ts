// Sound files of every type that a department hands in, and ways to spoil them: bits, cuts, pieces
// put in, stretches repeated or overwritten. The material of hostile runs.
import fs from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gbEncode } from '#adapters/sources'
import type { Chance } from '#test/mutants'
import { bookMembers, makeZip, textRow } from '#test/workbooks'

const pieces: readonly string[] = [
  '"',
  ',',
  '\r',
  '\n',
  '\0',
  '=1+1',
  '<',
  '&x;',
  '\uD800',
  '\u00ff',
  '9'.repeat(20),
  ',,,,',
  '\ufeff',
  '{"',
  '[',
]

/** One to four changes, each of a random kind at a random place. */
export function mutated(original: Uint8Array, chance: Chance): Uint8Array {
  let bytes = Buffer.from(original)
  for (let left = 1 + chance.below(4); left > 0; left -= 1) {
    const at = chance.below(bytes.length + 1)
    const to = Math.min(bytes.length, at + chance.below(64))
    const encoding = chance.below(2) === 0 ? 'utf16le' : 'utf8'
    const piece = Buffer.from(chance.of(pieces), encoding).subarray(0, 1 + chance.below(20))
    const kind = chance.below(6)
    if (kind === 0 && at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << chance.below(8))
    else if (kind === 1) bytes = bytes.subarray(0, at)
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)])
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)])
    else bytes.fill(chance.of([0, 0xff, 0x80, 0x22]), at, to)
  }
  return bytes
}

/** Values that stand where others are expected. */
const odd: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  '',
  ' ',
  '\ud800',
  '\u0000',
  '__proto__',
  'constructor',
  '../../x',
  'x'.repeat(5000),
  [],
  {},
  [[[[[]]]]],
  { x: { x: {} } },
]

/** JSON with one to three values, members or elements of it changed, or any bytes of it. */
export function spoiltJson(original: Uint8Array, chance: Chance): Uint8Array {
  if (chance.below(3) === 0) return mutated(original, chance)
  const value = JSON.parse(Buffer.from(original).toString()) as unknown
  for (let left = 1 + chance.below(3); left > 0; left -= 1) spoil(value, chance)
  return Buffer.from(JSON.stringify(value))
}

/** Goes down to some place and changes what stands there. */
function spoil(root: unknown, chance: Chance): void {
  let at = root as { [name: string]: unknown }
  for (let depth = 0; depth < 12; depth += 1) {
    const names = Object.keys(at)
    if (names.length === 0) return
    const name = chance.of(names)
    const inner = at[name]
    const isDeep = typeof inner === 'object' && inner !== null && chance.below(4) > 0
    if (!isDeep) {
      const kind = chance.below(4)
      if (kind === 0) delete at[name]
      else if (kind === 1) at[`${name}2`] = inner
      else if (kind === 2) at[name] = [inner, inner]
      else at[name] = chance.of(odd)
      return
    }
    at = inner as { [name: string]: unknown }
  }
}

/** XML with the text of some values or elements changed, and its form kept. */
function spoiltXml(text: string, chance: Chance): string {
  const places = [...text.matchAll(/"[^"<]*"|>[^<]*</g)]
  const { index, 0: found } = chance.of(places)
  const words = ['', '0', '-1', '1e9', '99999999', 'A1', 'XFD1', 's', 'str', '&#x41;', '甲', '=1']
  const word = chance.below(3) === 0 ? found.slice(1, -1).repeat(2) : chance.of(words)
  return text.slice(0, index + 1) + word + text.slice(index + found.length - 1)
}

/** Single bytes changed, so that most of the structure stays sound. */
function nicked(original: Uint8Array, chance: Chance): Uint8Array {
  const bytes = Buffer.from(original)
  for (let left = 1 + chance.below(3); left > 0; left -= 1) {
    bytes[chance.below(bytes.length)] = chance.below(256)
  }
  return bytes
}

const rows = Array.from({ length: 40 }, (_, at) => [
  `${at}`,
  `北京第${at}号, "甲"`,
  '11110000000021135M',
  `2026-01-0${(at % 9) + 1}`,
])

/** The list that the files of all types hold, as text. */
export const listText: string = [['序号', '名称', '统一社会信用代码', '日期'], ...rows]
  .map((cells) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\r\n`)
  .join('')

const sheet = [
  textRow(1, ['序号', '名称', '日期']),
  ...rows.map(([at = '', name = ''], row) =>
    textRow(row + 2, [at, name.slice(0, 5), '2026-01-02']),
  ),
].join('')
const members = bookMembers({
  rows: `${sheet}<row r="50"><c r="A50" t="s"><v>0</v></c><c r="B50"><f>B50</f><v>1</v></c></row>`,
  after: '<mergeCells count="1"><mergeCell ref="A3:B4"/></mergeCells>',
  texts: ['甲'],
})

/** A workbook with one part mutated inside a sound container. */
function partMutated(chance: Chance): Uint8Array {
  const chosen = chance.below(members.length)
  return makeZip(
    members.map((member, at) =>
      at === chosen ? { ...member, text: spoilt(member.text, chance) } : member,
    ),
  )
}

function spoilt(text: string | Uint8Array, chance: Chance): string | Uint8Array {
  const sound = String(text)
  return chance.below(3) === 0 ? mutated(Buffer.from(sound), chance) : spoiltXml(sound, chance)
}

function databaseIn(folder: string): Uint8Array {
  const file = path.join(folder, 'original')
  const made = new DatabaseSync(file)
  made.exec(
    'PRAGMA page_size = 512; CREATE TABLE list (id TEXT PRIMARY KEY, name TEXT, n INTEGER, ' +
      'twice INTEGER AS (n * 2)); CREATE INDEX by_name ON list (name); CREATE VIEW seen AS ' +
      'SELECT * FROM list; CREATE TABLE narrow (id INTEGER PRIMARY KEY) WITHOUT ROWID',
  )
  const insert = made.prepare('INSERT INTO list (id, name, n) VALUES (?, ?, ?)')
  for (const [at] of rows.entries())
    insert.run(`k${at}`, `北京第${at}号`.repeat(1 + (at % 9) * 20), at)
  made.close()
  const bytes = fs.readFileSync(file)
  fs.rmSync(file)
  return bytes
}

/** What makes a mutant of a file type. */
export type Maker = (chance: Chance) => Uint8Array

/** The types of files that are mutated; `folder` holds what has to stand on the disk first. */
export function makersIn(folder: string): { readonly [type: string]: Maker } {
  const utf8 = Buffer.from(listText)
  const gb = gbEncode(listText) as Uint8Array
  const utf16 = Buffer.from(`\ufeff${listText}`, 'utf16le')
  const book = makeZip(members)
  const database = databaseIn(folder)
  return {
    'csv-utf8': (chance) => mutated(utf8, chance),
    'csv-gb18030': (chance) => mutated(gb, chance),
    'csv-utf16': (chance) => mutated(utf16, chance),
    xlsx: (chance) => (chance.below(3) === 0 ? mutated(book, chance) : partMutated(chance)),
    sqlite: (chance) =>
      chance.below(3) === 0 ? mutated(database, chance) : nicked(database, chance),
  }
}
