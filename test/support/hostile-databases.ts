// SQLite files that somebody has made to do harm: pages that lead to each other without end, rows
// that claim the same bytes, and schemas that are programs.
import fs from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { HostileFile } from '#test/hostile-files'

const page = 512

/** The bytes of a database that these statements make. */
function made(folder: string, statements: string, fill?: (database: DatabaseSync) => void): Buffer {
  const file = path.join(folder, 'made')
  const database = new DatabaseSync(file)
  database.enableDefensive(false)
  database.exec(`PRAGMA page_size = ${page}; ${statements}`)
  fill?.(database)
  database.close()
  const bytes = fs.readFileSync(file)
  fs.rmSync(file)
  return bytes
}

/** A table of so many rows of so many bytes, and the first page of it. */
function filled(folder: string, rows: number, bytes: number): { file: Buffer; root: number } {
  let root = 0
  const file = made(folder, 'CREATE TABLE list (name TEXT)', (database) => {
    const insert = database.prepare('INSERT INTO list VALUES (?)')
    for (let at = 0; at < rows; at += 1) insert.run('x'.repeat(bytes))
    root = Number(database.prepare('SELECT rootpage FROM sqlite_schema').get()?.['rootpage'])
  })
  return { file, root }
}

/** Makes a page the parent of another one, seventy-two times. */
function leadsTo(file: Buffer, from: number, to: number): void {
  const at = (from - 1) * page
  const count = 71
  file.fill(0, at, at + page)
  file[at] = 5
  file.writeUInt16BE(count, at + 3)
  file.writeUInt16BE(page - count * 5, at + 5)
  file.writeUInt32BE(to, at + 8)
  for (let cell = 0; cell < count; cell += 1) {
    const place = page - (cell + 1) * 5
    file.writeUInt16BE(place, at + 12 + cell * 2)
    file.writeUInt32BE(to, at + place)
    file[at + place + 4] = cell + 1
  }
}

/** Parents over parents over one leaf: 72 to the power of the depth rows in a few kilobytes. */
function leadingOn(folder: string, bytes: number): Buffer {
  const { file, root } = filled(folder, 400, bytes)
  const isLeaf = (number: number): boolean => file[(number - 1) * page] === 13
  const pages = Array.from({ length: file.length / page }, (_, at) => at + 1)
  const leaf = pages.find((number) => number > root && isLeaf(number)) ?? 3
  const others = pages.filter((number) => number > 1 && number !== leaf && number !== root)
  const chain = [root, ...others.slice(-10)]
  for (const [at, from] of chain.entries()) leadsTo(file, from, chain[at + 1] ?? leaf)
  return file
}

/** A schema whose text was changed behind SQLite's back. */
function schemaOf(folder: string, statements: string, changes: string): Buffer {
  return made(folder, statements, (database) => {
    database.exec(`INSERT INTO list VALUES ('x'); PRAGMA writable_schema = ON; ${changes}`)
  })
}

const list = 'CREATE TABLE list (name TEXT); '
const endless = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c'

const row = "INSERT INTO list (name) VALUES ('x')"

/** A table with further columns, and a row of it. */
function rowIn(folder: string, columns: string, more = ''): Buffer {
  return made(folder, `CREATE TABLE list (name TEXT, ${columns}); ${more} ${row}`)
}

/** Databases of which the pages lie. */
function withPages(folder: string): readonly HostileFile[] {
  return [
    { tries: 'pages that lead on without end', make: () => leadingOn(folder, 20) },
    { tries: 'pages that lead on to long rows', make: () => leadingOn(folder, 3000) },
    {
      tries: 'a page that leads to itself',
      make: () => {
        const { file, root } = filled(folder, 400, 20)
        leadsTo(file, root, root)
        return file
      },
    },
    {
      tries: 'overflow that leads to itself',
      make: () => {
        const { file, root } = filled(folder, 3, 9000)
        for (let at = root; at < file.length / page; at += 1) {
          if (file[at * page] === 0) file.writeUInt32BE(at + 1, at * page)
        }
        return file
      },
    },
  ]
}

/** Databases of which the schema is a program. */
function withPrograms(folder: string): readonly HostileFile[] {
  return [
    { tries: 'a view without end', make: () => made(folder, `CREATE VIEW a AS ${endless}`) },
    {
      tries: 'a view under the name of a table',
      make: () =>
        schemaOf(
          folder,
          `${list} CREATE VIEW a AS ${endless};`,
          "UPDATE sqlite_schema SET type = 'table' WHERE name = 'a'",
        ),
    },
    {
      tries: 'a table that is written as a view',
      make: () =>
        schemaOf(folder, list, `UPDATE sqlite_schema SET sql = 'CREATE VIEW list AS ${endless}'`),
    },
    {
      tries: 'a column of half a gigabyte',
      make: () => rowIn(folder, 'a AS (hex(zeroblob(250000000)))'),
    },
    {
      tries: 'a column that searches without end',
      make: () => rowIn(folder, "a AS (hex(zeroblob(9000000)) LIKE '%0%0%0%0%0%0%0%1')"),
    },
    {
      tries: 'a trigger',
      make: () => rowIn(folder, 'a', `CREATE TRIGGER t AFTER INSERT ON list BEGIN SELECT 1; END;`),
    },
    {
      tries: 'a virtual table',
      make: () => made(folder, 'CREATE VIRTUAL TABLE a USING fts5(name); ' + list + row),
    },
    {
      tries: 'a virtual table with its parts taken away',
      make: () =>
        schemaOf(
          folder,
          `CREATE VIRTUAL TABLE a USING fts5(name); ${list}`,
          "DELETE FROM sqlite_schema WHERE name LIKE 'a_%'",
        ),
    },
    {
      tries: 'an index by an expression that is not kept',
      make: () =>
        schemaOf(
          folder,
          `${list} CREATE INDEX i ON list (abs(length(name)));`,
          "UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON list (randomblob(99))' WHERE name = 'i'",
        ),
    },
    {
      tries: 'brackets without end in the schema',
      make: () =>
        schemaOf(
          folder,
          list,
          `UPDATE sqlite_schema SET sql = 'CREATE TABLE list (name CHECK (${'('.repeat(5000)}1${')'.repeat(5000)}))'`,
        ),
    },
  ]
}

/** Databases with odd content, and some that are cut off. */
function withOddities(folder: string): readonly HostileFile[] {
  const cuts = Array.from({ length: 12 }, (_, at) => ({
    tries: `a database cut after ${at + 1} of 13 parts`,
    make: () => {
      const { file } = filled(folder, 60, 100)
      return file.subarray(0, Math.floor((file.length * (at + 1)) / 13))
    },
  }))
  return [
    {
      tries: '1,900 columns',
      make: () => rowIn(folder, Array.from({ length: 1900 }, (_, at) => `c${at}`).join(', ')),
    },
    {
      tries: 'a root that is no page',
      make: () => schemaOf(folder, list, 'UPDATE sqlite_schema SET rootpage = 999999'),
    },
    {
      tries: 'the schema as a table',
      make: () => schemaOf(folder, list, 'UPDATE sqlite_schema SET rootpage = 1'),
    },
    {
      tries: 'bytes and numbers for text',
      make: () =>
        made(
          folder,
          `${list} INSERT INTO list VALUES (x'00ff'), (9e999), (CAST(x'eda080' AS TEXT)), (NULL)`,
        ),
    },
    {
      tries: 'another encoding',
      make: () => made(folder, `PRAGMA encoding = 'UTF-16le'; ${list} ${row}`),
    },
    {
      tries: 'a log that is not there',
      make: () => made(folder, `PRAGMA journal_mode = WAL; ${list} ${row}`),
    },
    { tries: 'a header alone', make: () => Buffer.from('SQLite format 3\0') },
    ...cuts,
  ]
}

/** Hostile databases; `folder` is for making them. */
export function hostileDatabases(folder: string): readonly HostileFile[] {
  return [...withPages(folder), ...withPrograms(folder), ...withOddities(folder)]
}
