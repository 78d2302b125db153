// Hostile files: whatever is done to a file, it is either tried or refused with a code, in a moment
// and without an exception that is not ours. LIANBAN_MUTANTS sets how many of each type.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { Chance } from '#test/mutants'
import { bookMembers, makeZip, textRow } from '#test/workbooks'
import { Failure, sourceCodes } from './codes.ts'
import { gbEncode } from './gb18030.ts'
import { openDatabase } from './sqlite.ts'
import { kindOfFile } from './format.ts'
import { openText, trySource } from './trial.ts'
import { openWorkbook } from './xlsx.ts'

const count = Number(process.env['LIANBAN_MUTANTS'] ?? 150)
const seed = Number(process.env['LIANBAN_SEED'] ?? 7)
/** Far above what a mutant of a few kilobytes needs on any machine. */
const mostMs = 10_000

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lianban-hostile-'))
const file = path.join(folder, 'file')
after(() => {
  fs.rmSync(folder, { recursive: true })
})

async function outcome(bytes: Uint8Array): Promise<string> {
  fs.writeFileSync(file, bytes)
  try {
    const kind = await kindOfFile(file)
    const open = { text: openText, xlsx: openWorkbook, sqlite: openDatabase }[kind]
    const { bad } = await trySource(await open(file, {}))
    for (const code of Object.keys(bad.byCode)) assert.ok(sourceCodes.includes(code), code)
    return 'tried'
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
}

const pieces = [
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
]

/** One to four changes: a bit, a cut, a piece put in, a stretch repeated or overwritten. */
function mutated(original: Uint8Array, chance: Chance): Uint8Array {
  let bytes = Buffer.from(original)
  for (let left = 1 + chance.below(4); left > 0; left -= 1) {
    const at = chance.below(bytes.length + 1)
    const to = Math.min(bytes.length, at + chance.below(64))
    const piece = Buffer.from(chance.of(pieces), 'utf16le').subarray(0, 1 + chance.below(8))
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

async function survive(make: (chance: Chance) => Uint8Array): Promise<Map<string, number>> {
  const chance = new Chance(seed)
  const found = new Map<string, number>()
  for (let left = count; left > 0; left -= 1) {
    const bytes = make(chance)
    const began = performance.now()
    const end = await outcome(bytes)
    assert.ok(performance.now() - began < mostMs, 'a mutant took too long')
    found.set(end, (found.get(end) ?? 0) + 1)
  }
  assert.equal(
    [...found.values()].reduce((sum, each) => sum + each, 0),
    count,
  )
  return found
}

const lines = Array.from(
  { length: 40 },
  (_, at) => `${at},"北京第${at}号, ""甲""",11110000000021135M,2026-01-0${(at % 9) + 1}`,
)
const list = `序号,名称,统一社会信用代码,日期\r\n${lines.join('\r\n')}\r\n`
const sheet = [
  textRow(1, ['序号', '名称', '日期']),
  ...lines.map((_, at) => textRow(at + 2, [`${at}`, `北京第${at}号`, '2026-01-02'])),
].join('')
const merge = '<mergeCells count="1"><mergeCell ref="A3:B4"/></mergeCells>'

for (const [name, bytes] of [
  ['UTF-8', Buffer.from(list)],
  ['GB 18030', gbEncode(list) as Uint8Array],
  ['UTF-16', Buffer.from(`\ufeff${list}`, 'utf16le')],
] as const) {
  test(`${count} mutants of a text in ${name} are tried or refused`, async () => {
    const found = await survive((chance) => mutated(bytes, chance))
    assert.ok((found.get('tried') ?? 0) > count / 2)
  })
}

test(`${count} mutants of the container of a workbook are tried or refused`, async () => {
  const bytes = makeZip(bookMembers({ rows: sheet, after: merge, texts: ['甲'] }))
  const found = await survive((chance) => mutated(bytes, chance))
  assert.ok((found.get('sources/zip-damaged') ?? 0) > count / 4)
})

test(`${count} mutants of the parts of a workbook are tried or refused`, async () => {
  const members = bookMembers({ rows: sheet, after: merge, texts: ['甲'] })
  const found = await survive((chance) => {
    const chosen = chance.below(members.length)
    return makeZip(
      members.map((member, at) =>
        at === chosen ? { ...member, text: mutated(Buffer.from(member.text), chance) } : member,
      ),
    )
  })
  assert.ok((found.get('sources/xml-malformed') ?? 0) > count / 10)
})

test(`${count} mutants of a database are tried or refused`, async () => {
  const original = path.join(folder, 'original')
  const made = new DatabaseSync(original)
  made.exec('PRAGMA page_size = 512; CREATE TABLE list (id TEXT PRIMARY KEY, name TEXT, n INTEGER)')
  const insert = made.prepare('INSERT INTO list VALUES (?, ?, ?)')
  for (const [at] of lines.entries()) insert.run(`k${at}`, `北京第${at}号`, at)
  made.close()
  const bytes = fs.readFileSync(original)
  await survive((chance) => mutated(bytes, chance))
})
