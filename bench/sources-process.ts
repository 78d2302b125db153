// A process that reads one list: by the plain means of the machine, as a trial, or into a register.
import { createReadStream, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { inflateRawSync } from 'node:zlib'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import { peakOf } from '#test/held-memory'
import { loadList, tryList } from '#test/source-lists'
import { answerJobs } from './child.ts'

/** The means by which a list is read without any of us. */
export type Plain = 'bytes' | 'http' | 'inflate' | 'mysql' | 'postgres' | 'sqlite'

export type SourceJob = { readonly address: string; readonly rows: number }

export type SourceJobs = {
  /** Seconds of reading it once. */
  readonly plain: { readonly in: SourceJob & { readonly plain: Plain }; readonly out: number }
  readonly tried: { readonly in: SourceJob; readonly out: number }
  readonly loaded: { readonly in: SourceJob; readonly out: number }
  /** The most memory that this process has held, in MiB. */
  readonly peak: { readonly in: null; readonly out: number }
}

type Reader = (address: string) => Promise<number>

/** Rows of text are line ends. */
async function bytes(address: string): Promise<number> {
  let rows = -1
  for await (const chunk of createReadStream(address, { highWaterMark: 256 * 1024 })) {
    const part = chunk as Buffer
    for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) rows += 1
  }
  return rows
}

/** The last member of the container is the sheet; its rows are looked for as bytes. */
async function inflate(address: string): Promise<number> {
  const whole = readFileSync(address)
  const directory = whole.readUInt32LE(whole.length - 6)
  let at = directory
  let from = 0
  let packed = 0
  while (whole.readUInt32LE(at) === 0x02014b50) {
    packed = whole.readUInt32LE(at + 20)
    from = whole.readUInt32LE(at + 42)
    at += 46 + whole.readUInt16LE(at + 28)
  }
  const data = from + 30 + whole.readUInt16LE(from + 26)
  const sheet = inflateRawSync(whole.subarray(data, data + packed))
  let rows = -1
  for (let end = sheet.indexOf('</row>'); end >= 0; end = sheet.indexOf('</row>', end + 1))
    rows += 1
  return rows
}

async function sqlite(address: string): Promise<number> {
  const database = new DatabaseSync(address, { readOnly: true })
  const statement = database.prepare('SELECT * FROM list')
  statement.setReturnArrays(true)
  let rows = 0
  for (const row of statement.iterate()) rows += row === undefined ? 0 : 1
  database.close()
  return rows
}

async function postgres(address: string): Promise<number> {
  const client = new Client({ connectionString: address })
  await client.connect()
  const { rows } = await client.query({ text: 'SELECT * FROM list', rowMode: 'array' })
  await client.end()
  return rows.length
}

async function mysql(address: string): Promise<number> {
  const connection = await createConnection({ uri: address, rowsAsArray: true })
  const [rows] = await connection.query('SELECT * FROM list')
  await connection.end()
  return (rows as unknown as readonly unknown[]).length
}

const agent = new Agent({ keepAlive: true })

/** All pages as text, and what they hold as JSON. */
async function http(address: string): Promise<number> {
  let rows = 0
  let after: string | undefined
  do {
    const text = JSON.stringify(after === undefined ? { table: 'list' } : { table: 'list', after })
    const page = JSON.parse(await asked(new URL('rows', address), text)) as {
      readonly rows: readonly unknown[]
      readonly next?: string
    }
    rows += page.rows.length
    after = page.next
  } while (after !== undefined)
  return rows
}

function asked(url: URL, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const question = request(url, { method: 'POST', agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString()))
    })
    question.on('error', reject)
    question.end(text)
  })
}

const readers: { readonly [name in Plain]: Reader } = {
  bytes,
  http,
  inflate,
  mysql,
  postgres,
  sqlite,
}

answerJobs<SourceJobs>({
  plain: async ({ plain, address, rows }) => {
    const began = performance.now()
    const found = await readers[plain](address)
    if (found !== rows) throw new Error(`${found} rows instead of ${rows}`)
    return (performance.now() - began) / 1000
  },
  tried: ({ address, rows }) => tryList(address, rows),
  loaded: ({ address, rows }) => loadList(address, rows),
  peak: () => peakOf('self'),
})
