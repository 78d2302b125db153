// Rows in a second that are tried and loaded over each connector, beside what the machine's own
// means need for the same list in the same run; and the most memory that a process holds over the
// longest lists that are promised. Every reading runs in a process of its own.
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import { hasMariadb, postgresPrograms, startMariadb, startPostgres } from '#test/database-servers'
import {
  listBlocks,
  listNames,
  listRow,
  writeBook,
  writeDatabase,
  writeText,
} from '#test/source-lists'
import { Child } from './child.ts'
import type { Sizes } from './sizes.ts'
import type { Plain, SourceJobs } from './sources-process.ts'
import type { Figure } from './stats.ts'
import { median } from './stats.ts'

type Standing = { readonly address: string; readonly end: () => Promise<void> | void }

type Kind = {
  readonly name: string
  readonly plain: Plain
  /** Makes a list; null where the machine has no such server. */
  readonly make: (file: string, rows: number) => Promise<Standing | null> | Standing
}

function inFile(file: string): Standing {
  return { address: file, end: () => rmSync(file) }
}

const kinds: readonly Kind[] = [
  { name: 'text in UTF-8', plain: 'bytes', make: textIn('utf-8') },
  { name: 'text in GB 18030', plain: 'bytes', make: textIn('gb18030') },
  {
    name: 'workbook',
    plain: 'inflate',
    make: (file, rows) => (writeBook(file, rows), inFile(file)),
  },
  {
    name: 'SQLite',
    plain: 'sqlite',
    make: (file, rows) => (writeDatabase(file, rows), inFile(file)),
  },
  { name: 'PostgreSQL', plain: 'postgres', make: async (_, rows) => inPostgres(rows) },
  { name: 'MariaDB', plain: 'mysql', make: async (_, rows) => inMariadb(rows) },
  { name: 'HTTP in pages of 1,000', plain: 'http', make: async (_, rows) => inService(rows) },
]

function textIn(encoding: 'utf-8' | 'gb18030'): Kind['make'] {
  return (file, rows) => {
    writeText(file, rows, encoding)
    return inFile(file)
  }
}

async function inPostgres(rows: number): Promise<Standing | null> {
  if (postgresPrograms() === null) return null
  const connect = async (port: number): Promise<Client> => {
    const client = new Client({ host: '127.0.0.1', port, database: 'postgres', user: 'postgres' })
    await client.connect()
    return client
  }
  const server = await startPostgres(async (at) => (await connect(at)).end())
  const owner = await connect(server.port)
  await owner.query(`CREATE TABLE list (${listNames.map((name) => `"${name}" TEXT`).join(', ')})`)
  for (const many of listBlocks(rows)) {
    const records = many.map((row) =>
      Object.fromEntries(listNames.map((name, at) => [name, row[at]])),
    )
    const text = 'INSERT INTO list SELECT * FROM json_populate_recordset(NULL::list, $1)'
    await owner.query(text, [JSON.stringify(records)])
  }
  await owner.query('CREATE ROLE reader LOGIN; GRANT SELECT ON list TO reader')
  await owner.end()
  const address = `postgres://reader@127.0.0.1:${server.port}/postgres`
  return { address, end: () => server.stop() }
}

async function inMariadb(rows: number): Promise<Standing | null> {
  if (!hasMariadb()) return null
  const connect = (port: number) =>
    createConnection({ host: '127.0.0.1', port, user: 'root', multipleStatements: true })
  const server = await startMariadb(async (at) => (await connect(at)).end())
  const owner = await connect(server.port)
  const columns = listNames.map((name) => `\`${name}\` TEXT`).join(', ')
  await owner.query(
    `CREATE DATABASE town CHARACTER SET utf8mb4; USE town; CREATE TABLE list (${columns})`,
  )
  for (const many of listBlocks(rows)) await owner.query('INSERT INTO list VALUES ?', [many])
  await owner.query("CREATE USER reader@'%'; GRANT SELECT ON town.list TO reader@'%'")
  await owner.end()
  const address = `mysql://reader@127.0.0.1:${server.port}/town`
  return { address, end: () => server.stop() }
}

const pageRows = 1000

/** A service in this process, whose pages are made before they are asked for. */
async function inService(rows: number): Promise<Standing> {
  const pages = Array.from({ length: Math.ceil(rows / pageRows) }, (_, page) => {
    const from = page * pageRows
    const list = Array.from({ length: Math.min(pageRows, rows - from) }, (__, at) =>
      Object.fromEntries(listRow(from + at).map((cell, column) => [listNames[column], cell])),
    )
    const next = from + pageRows < rows ? { next: String(page + 1) } : {}
    return JSON.stringify({ rows: list, ...next })
  })
  const columns = listNames.map((name) => ({ name, type: 'text' }))
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.method === 'GET') return response.writeHead(404).end()
      const { after = '0' } = JSON.parse(Buffer.concat(chunks).toString()) as { after?: string }
      const fixed: { readonly [url: string]: unknown } = {
        '/tables': { tables: ['list'] },
        '/describe': { columns, rows },
      }
      const answer = fixed[request.url ?? '']
      return response.end(answer === undefined ? pages[Number(after)] : JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const end = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, end }
}

/** Every connector at a size that is repeated, and the long lists once. */
export async function sources(directory: string, sizes: Sizes): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const kind of kinds) {
    const standing = await kind.make(join(directory, 'list'), sizes.listRows)
    if (standing === null) {
      figures.push(absent(kind))
      continue
    }
    figures.push(...(await repeated(kind, standing.address, sizes)))
    await standing.end()
  }
  for (const kind of kinds.slice(0, 4)) figures.push(...(await once(directory, kind, sizes)))
  return figures
}

function absent({ name }: Kind): Figure {
  return { name: `${name}: not measured`, value: 0, unit: '', samples: [0], note: 'no such server' }
}

async function repeated(kind: Kind, address: string, sizes: Sizes): Promise<Figure[]> {
  const { listRows: rows, rounds } = sizes
  const job = { address, rows }
  const figures: Figure[] = []
  const alone = new Child<SourceJobs>('./sources-process.ts')
  const plainly = async (): Promise<number> => alone.ask('plain', { ...job, plain: kind.plain })
  await plainly()
  for (const verb of ['tried', 'loaded'] as const) {
    const child = new Child<SourceJobs>('./sources-process.ts')
    await child.ask(verb, job)
    const speeds: number[] = []
    const plain: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      plain.push(rows / (await plainly()))
      speeds.push(rows / (await child.ask(verb, job)))
    }
    const peak = await child.ask('peak', null)
    await child.end()
    const ratio = median(speeds) / median(plain)
    figures.push({
      name: `${kind.name}: rows ${verb}`,
      value: median(speeds),
      unit: 'rows/s',
      samples: speeds,
      note:
        `${ratio.toPrecision(2)} of ${Math.round(median(plain))} rows/s by ${means[kind.plain]}; ` +
        `${Math.round(peak)} MiB`,
    })
  }
  await alone.end()
  return figures
}

const means: { readonly [name in Plain]: string } = {
  bytes: 'looking for line ends once',
  inflate: 'unpacking alone',
  sqlite: 'the driver alone, read once',
  postgres: 'the driver alone, read once',
  mysql: 'the driver alone, read once',
  http: 'pages and JSON alone, read once',
}

/** 500 MB, in MiB. */
const mostMib = 476

/** A long list, tried and then loaded by one process that has done nothing else. */
async function once(directory: string, kind: Kind, sizes: Sizes): Promise<Figure[]> {
  const rows = kind.plain === 'inflate' ? sizes.longSheet : sizes.longList
  if (rows === 0) return []
  const standing = await kind.make(join(directory, 'list'), rows)
  if (standing === null) return []
  const job = { address: standing.address, rows }
  const figures: Figure[] = []
  for (const verb of ['tried', 'loaded'] as const) {
    const child = new Child<SourceJobs>('./sources-process.ts')
    const seconds = await child.ask(verb, job)
    const peak = await child.ask('peak', null)
    await child.end()
    figures.push({
      name: `${kind.name}: memory of ${rows} rows ${verb}`,
      value: peak,
      unit: 'MiB',
      floor: mostMib,
      goal: 300,
      below: true,
      samples: [peak],
      note: `${Math.round(rows / seconds)} rows/s, ${seconds.toFixed(1)} s`,
    })
  }
  await standing.end()
  return figures
}
