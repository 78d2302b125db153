// The contract of sources, over files in every encoding, workbooks, SQLite, PostgreSQL, MariaDB and
// an HTTP service that pages. The servers are real; where one is not installed, that is said.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import { gbEncode, letterOf } from '#adapters/sources'
import { hasMariadb, postgresPrograms, startMariadb, startPostgres } from '#test/database-servers'
import { names, sourceContract, types } from '#test/source-contract'
import type { Kind, Place, Table } from '#test/source-contract'
import { bookMembers, makeZip } from '#test/workbooks'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lianban-contract-'))
after(() => {
  fs.rmSync(folder, { recursive: true })
})
let made = 0

/** A directory of its own with a file, whose every byte and neighbour is watched. */
function fileAt(name: string, write: (file: string) => void, add: (file: string) => void): Place {
  made += 1
  const home = path.join(folder, String(made))
  fs.mkdirSync(home)
  const file = path.join(home, name)
  write(file)
  return {
    address: file,
    add: () => add(file),
    stored: () => {
      const digest = createHash('sha256').update(fs.readFileSync(file)).digest('hex')
      return `${fs.readdirSync(home).join()} ${digest} ${fs.statSync(file).mtimeMs}`
    },
    open: () => openUnder(home),
  }
}

/** Files under a directory that this process holds open. */
function openUnder(home: string): number {
  return fs.readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(home)
    } catch {
      return false
    }
  }).length
}

type Writing = {
  readonly delimiter: string
  readonly bytes: (text: string) => Uint8Array
  readonly file: string
}

function lineOf(cells: readonly string[], delimiter: string): string {
  const special = new RegExp(`["\\r\\n${delimiter === '|' ? '\\|' : delimiter}]`)
  const quoted = cells.map((cell) =>
    special.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  )
  return `${quoted.join(delimiter)}\r\n`
}

function textKind(name: string, { delimiter, bytes, file: as }: Writing): Kind {
  return {
    name,
    moment: 'sources/changed',
    make: async ({ names: head, rows }) =>
      fileAt(
        as,
        (file) => {
          const lines = [head, ...rows].map((cells) => lineOf(cells, delimiter))
          fs.writeFileSync(file, bytes(lines.join('')))
        },
        (file) => {
          fs.appendFileSync(file, 'x\r\n')
        },
      ),
    end: () => undefined,
  }
}

const utf8 = (text: string): Uint8Array => Buffer.from(text)
const gb = (text: string): Uint8Array => gbEncode(text) as Uint8Array
const le = (text: string): Uint8Array => Buffer.from(`\ufeff${text}`, 'utf16le')

const texts: readonly (readonly [name: string, writing: Writing])[] = [
  ['CSV in UTF-8', { delimiter: ',', bytes: utf8, file: 'list.csv' }],
  ['CSV in UTF-8 with a mark', { delimiter: ',', bytes: (t) => utf8(`\ufeff${t}`), file: 'a.csv' }],
  ['CSV in GB 18030 under another name', { delimiter: ',', bytes: gb, file: 'list.xls' }],
  ['CSV in UTF-16', { delimiter: ',', bytes: le, file: 'list.csv' }],
  ['CSV in UTF-16, high byte first', { delimiter: ';', bytes: swapped, file: 'list.csv' }],
  ['text with tabs in GB 18030', { delimiter: '\t', bytes: gb, file: 'list.txt' }],
  ['text with bars', { delimiter: '|', bytes: utf8, file: 'list.txt' }],
]
for (const [name, writing] of texts) sourceContract(textKind(name, writing))

function swapped(text: string): Uint8Array {
  return Buffer.from(le(text)).swap16()
}

type CellXml = (text: string, address: string, column: number) => string

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

const inline: CellXml = (text, at) =>
  text === '' ? '' : `<c r="${at}" t="inlineStr"><is><t>${escaped(text)}</t></is></c>`

function bookOf({ names: head, rows }: Table, cell: CellXml, shared?: string[]): Uint8Array {
  const lines = [head, ...rows].map((cells, row) => {
    const inner = cells.map((text, at) =>
      cell(text, `${letterOf(at)}${row + 1}`, row === 0 ? -1 : at),
    )
    return `<row r="${row + 1}">${inner.join('')}</row>`
  })
  const texts = shared === undefined ? {} : { texts: shared.map(escaped) }
  return makeZip(bookMembers({ rows: lines.join(''), ...texts }))
}

function bookKind(name: string, file: string, write: (table: Table) => Uint8Array): Kind {
  return {
    name,
    moment: 'sources/changed',
    make: async (table) =>
      fileAt(
        file,
        (at) => fs.writeFileSync(at, write(table)),
        (at) => fs.writeFileSync(at, write({ ...table, rows: [...table.rows, ['x']] })),
      ),
    end: () => undefined,
  }
}

function withShared(table: Table): Uint8Array {
  const places = new Map<string, number>()
  const cell: CellXml = (text, at) => {
    if (text === '') return ''
    const place = places.get(text) ?? places.size
    places.set(text, place)
    return `<c r="${at}" t="s"><v>${place}</v></c>`
  }
  bookOf(table, cell)
  return bookOf(table, cell, [...places.keys()])
}

sourceContract(bookKind('a workbook', 'list.xlsx', (table) => bookOf(table, inline)))
sourceContract(bookKind('a workbook with shared texts, called CSV', 'list.csv', withShared))

// A spreadsheet that keeps numbers as numbers has rounded the long ones and turned days into
// serials: these columns cannot come out as they went in, and every such cell must be named.
const numeric: CellXml = (text, at, column) => {
  if (text === '' || column < 3 || column > 5) return inline(text, at, column)
  const value = column === 5 ? 46_000 : Number(text)
  return `<c r="${at}"${column === 5 ? ' s="1"' : ''}><v>${value}</v></c>`
}
sourceContract({
  ...bookKind('a workbook with numbers', 'list.xlsx', (table) => bookOf(table, numeric)),
  typed: { 流水: 'sources/numeric-identifier', 金额: null, 核准日期: 'sources/serial-date' },
})

const affinities = { text: 'TEXT', integer: 'INTEGER', decimal: 'TEXT', day: 'TEXT' }
const addsRow = "INSERT INTO list (备注) VALUES ('x')"

function databaseAt(file: string, { rows }: Table): DatabaseSync {
  const owner = new DatabaseSync(file)
  const list = names.map((name, at) => `"${name}" ${affinities[types[at] ?? 'text']}`)
  owner.exec(`PRAGMA journal_mode = WAL; CREATE TABLE list (${list.join(', ')}); BEGIN`)
  const insert = owner.prepare(`INSERT INTO list VALUES (${names.map(() => '?').join()})`)
  for (const row of rows) insert.run(...row.map((text) => (text === '' ? null : text)))
  owner.exec('COMMIT')
  return owner
}

sourceContract({
  name: 'SQLite, a copy by its address',
  moment: 'sources/changed',
  make: async (table) => {
    const place = fileAt(
      'list.csv',
      (file) => databaseAt(file, table).close(),
      (file) => {
        const owner = new DatabaseSync(file)
        owner.exec(addsRow)
        owner.close()
      },
    )
    return { ...place, address: `sqlite:${place.address}` }
  },
  end: () => undefined,
})

const owners: DatabaseSync[] = []
sourceContract({
  name: 'SQLite, in use',
  moment: 'held',
  make: async (table) => {
    let owner: DatabaseSync | undefined
    const place = fileAt(
      'list.csv',
      (file) => {
        owner = databaseAt(file, table)
        owners.push(owner)
      },
      () => owner?.exec(addsRow),
    )
    const all = owner?.prepare('SELECT count(*) AS n, sum(length(企业名称)) AS c FROM list')
    // In the process that owns it, SQLite keeps what it has opened until the owner is done.
    return { ...place, stored: () => JSON.stringify(all?.get()), open: () => 0 }
  },
  end: () => {
    for (const owner of owners) owner.close()
  },
})

const sqlTypes = { text: 'TEXT', integer: 'BIGINT', decimal: 'NUMERIC(12, 2)', day: 'DATE' }

function columnsIn(quote: string, text: string): string {
  const list = names.map((name, at) => {
    const type = types[at] ?? 'text'
    return `${quote}${name}${quote} ${type === 'text' ? text : sqlTypes[type]}`
  })
  return list.join(', ')
}

function postgresKind(): Kind {
  const programs = postgresPrograms() ?? ''
  const clients: Client[] = []
  const server = startPostgres(async (port) => {
    await (await client(port, 'postgres')).end()
  })
  async function client(port: number, database: string): Promise<Client> {
    const each = new Client({ host: '127.0.0.1', port, database, user: 'postgres' })
    each.on('error', () => undefined)
    await each.connect()
    return each
  }
  return {
    name: 'PostgreSQL',
    inPieces: true,
    moment: 'held',
    make: async ({ rows }) => {
      const { port } = await server
      made += 1
      const database = `town${made}`
      const first = await client(port, 'postgres')
      await first.query(`CREATE DATABASE ${database}`)
      await first.query(
        'DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$',
      )
      await first.end()
      const owner = await client(port, database)
      clients.push(owner)
      await owner.query(`CREATE TABLE list (${columnsIn('"', 'TEXT')})`)
      await owner.query('GRANT SELECT ON list TO reader')
      const values = rows.map((row) => row.map((text) => (text === '' ? null : text)))
      await owner.query(`INSERT INTO list SELECT * FROM json_populate_recordset(NULL::list, $1)`, [
        JSON.stringify(values.map((row) => Object.fromEntries(names.map((n, i) => [n, row[i]])))),
      ])
      const counted = async (text: string): Promise<string> =>
        JSON.stringify((await owner.query(text)).rows)
      return {
        address: `postgres://reader@127.0.0.1:${port}/${database}`,
        add: () => {
          const to = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-d', database]
          execFileSync(path.join(programs, 'psql'), [...to, '-qc', addsRow])
        },
        stored: async () =>
          counted('SELECT md5(string_agg(list::text, chr(10))) AS rows FROM list'),
        open: async () => {
          const text =
            "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'lianban'"
          return Number((await owner.query<{ n: string }>(text)).rows[0]?.n)
        },
      }
    },
    end: async () => {
      for (const each of clients) await each.end()
      await (await server).stop()
    },
  }
}

const noPostgres = postgresPrograms() === null && 'PostgreSQL is not installed'
if (noPostgres === false) sourceContract(postgresKind())
else test('PostgreSQL keeps the contract of sources', { skip: noPostgres }, () => undefined)

function mariadbKind(): Kind {
  const connect = (port: number) =>
    createConnection({ host: '127.0.0.1', port, user: 'root', multipleStatements: true })
  const server = startMariadb(async (port) => {
    await (await connect(port)).end()
  })
  const owners: { destroy(): void }[] = []
  return {
    name: 'MariaDB',
    inPieces: true,
    moment: 'held',
    make: async ({ rows }) => {
      const { port } = await server
      made += 1
      const database = `town${made}`
      const owner = await connect(port)
      owner.on('error', () => undefined)
      owners.push(owner)
      await owner.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4; USE ${database}`)
      await owner.query(`CREATE TABLE list (${columnsIn('`', 'LONGTEXT')})`)
      await owner.query("CREATE USER IF NOT EXISTS reader@'%'")
      await owner.query(`GRANT SELECT ON ${database}.list TO reader@'%'`)
      const values = rows.map((row) => row.map((text) => (text === '' ? null : text)))
      for (let at = 0; at < values.length; at += 1000) {
        await owner.query('INSERT INTO list VALUES ?', [values.slice(at, at + 1000)])
      }
      const asked = async (text: string): Promise<string> =>
        JSON.stringify((await owner.query(text))[0])
      return {
        address: `mysql://reader@127.0.0.1:${port}/${database}`,
        add: () => {
          const to = ['--no-defaults', '-h', '127.0.0.1', '-P', String(port), '-u', 'root']
          execFileSync('/usr/bin/mariadb', [...to, '-D', database, '-e', addsRow])
        },
        stored: async () => asked('CHECKSUM TABLE list'),
        open: async () => {
          const text =
            "SELECT count(*) AS n FROM information_schema.processlist WHERE user = 'reader'"
          return Number(/\d+/.exec(await asked(text))?.[0])
        },
      }
    },
    end: async () => {
      for (const owner of owners) owner.destroy()
      await (await server).stop()
    },
  }
}

const noMariadb = !hasMariadb() && 'MariaDB is not installed'
if (noMariadb === false) sourceContract(mariadbKind())
else test('MariaDB keeps the contract of sources', { skip: noMariadb }, () => undefined)

/** A service with one table in pages of so many rows, which tells its state. */
function httpKind(pageRows: number, moment: Kind['moment']): Kind {
  const ends: (() => void)[] = []
  return {
    name: `HTTP in pages of ${pageRows}`,
    inPieces: true,
    moment,
    make: async ({ rows: given }) => {
      const rows = given.map((row) =>
        Object.fromEntries(names.map((name, at) => [name, row[at] === '' ? null : row[at]])),
      )
      let writes = 0
      const server = createServer((request, response) => {
        if (request.method !== 'GET' && request.method !== 'POST') writes += 1
        const chunks: Buffer[] = []
        request.on('data', (chunk: Buffer) => chunks.push(chunk))
        request.on('end', () => {
          if (request.method === 'GET') return response.writeHead(404).end()
          const body = JSON.parse(Buffer.concat(chunks).toString()) as { after?: string }
          const from = Number(body.after ?? '0')
          const next = from + pageRows < rows.length ? { next: String(from + pageRows) } : {}
          const columns = names.map((name, at) => ({ name, type: types[at] }))
          const state = String(rows.length)
          const answers: { readonly [url: string]: unknown } = {
            '/tables': { tables: ['list'] },
            '/describe': { columns, rows: rows.length, state },
            '/rows': { rows: rows.slice(from, from + pageRows), ...next, state },
          }
          return response.end(JSON.stringify(answers[request.url ?? '']))
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      ends.push(() => {
        server.closeAllConnections()
        server.close()
      })
      return {
        address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        add: () => void rows.push({ 备注: 'x' }),
        stored: () => `${rows.length} ${writes}`,
        open: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
      }
    },
    end: () => {
      for (const end of ends) end()
    },
  }
}
sourceContract(httpKind(60, 'registers/changed'))
sourceContract(httpKind(1000, 'registers/changed'))
// All of it is one answer, which is of one moment.
sourceContract(httpKind(5000, 'held'))
