// A department's system behind HTTP. Questions go in the body of a POST, never in the address, so
// that no proxy's log holds whom somebody asked about. Pages follow each other by a token.
//
//   POST /find       {table, where, columns, limit, after?}  → {rows: [...], next?}
//   POST /describe   {table}                           → {columns: [{name, type}], rows, state?}
//   POST /tables     {}                                      → {tables: [...]}
//   POST /rows       {table, after?}                         → {rows: [...], next?, state?}
//   PUT  /decisions/ID  {table, values}                      → 200, 201 or 204; 409 if another
//   GET  /decisions/ID                                       → {standing}; 404 if unknown
//
// `rows` of a description is how many there are, and as many must come. `state` is any text that
// becomes another one when the table changes; with it, a change between two pages is found.
import { createHash } from 'node:crypto'
import { Agent as PlainAgent, request as plainRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { Failure } from './failure.ts'
import { cellOf, checkColumns, checkQuestion, giveRow, rowOf, TakerError } from './rows.ts'
import type { Decision, Described, Question, Register, Rights, Row } from './register.ts'
import type { Sink, Standing, Take } from './register.ts'
import { decisionText, standingOf } from './inbox.ts'

/** Where a service is, and the token that it wants. */
export type HttpAddress = {
  /** Base address, `https:`, or `http:` on this machine alone. */
  readonly url: string
  readonly token?: string
  /** Certificate authority in PEM, where the system's own do not know the server. */
  readonly ca?: string
}

const answerMs = 5000
const answerBytesMax = 4 * 1024 * 1024
const pagesMax = 100
const columnsMax = 4096
const nameMax = 128

type Answer = { readonly status: number; readonly body: unknown }
type Asked = { readonly method: 'GET' | 'POST' | 'PUT'; readonly path: string; body?: unknown }

/** A service for looking up. */
export function openHttpRegister(address: HttpAddress): Register {
  const line = lineTo(address)
  const ask = (asked: Asked): Promise<Answer> => exchange(line, asked)
  const describe = async (table: string): Promise<Stated> => {
    const { status, body } = await ask({ method: 'POST', path: 'describe', body: { table } })
    if (status === 404) throw new Failure('registers/unknown-table', table)
    return describedOf(status, body)
  }
  return {
    find: async (question) => {
      checkQuestion(question)
      const columns = (await describe(question.table)).columns.map(({ name }) => name)
      const wanted = [...question.columns, ...Object.keys(question.where)]
      checkColumns(question.table, columns, wanted)
      return pagesOf(ask, question)
    },
    describe,
    tables: async () => {
      const { status, body } = await ask({ method: 'POST', path: 'tables', body: {} })
      if (status !== 200) throw refusedBy(status)
      return tablesOf(body)
    },
    scan: async (table, take) => {
      try {
        await scanThrough(ask, describe, { table, take })
      } catch (error) {
        throw error instanceof TakerError ? error.error : error
      }
    },
    // A service says nothing about its account; only GET, /find and /describe are ever sent here.
    rights: async (): Promise<Rights> => ({ canWrite: false, grants: ['not told by a service'] }),
    close: async () => {
      line.agent.destroy()
    },
  }
}

async function pagesOf(
  ask: (asked: Asked) => Promise<Answer>,
  question: Question,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  const keys = Object.entries(question.where)
  const columns = [...new Set([...question.columns, ...keys.map(([name]) => name)])]
  const tokens = new Tokens()
  for (let page = 0; page < pagesMax; page += 1) {
    const asked = { ...question, columns }
    const body = tokens.last === undefined ? asked : { ...asked, after: tokens.last }
    const answer = await ask({ method: 'POST', path: 'find', body })
    if (answer.status !== 200) throw refusedBy(answer.status)
    const { list, next } = pageOf(answer.body)
    for (const values of list) {
      if (rows.length === question.limit) return rows
      // A service that does not heed the key would have somebody else's row disclosed.
      const isAsked = keys.every(([name, value]) => String(cellOf(values[name])) === String(value))
      if (!isAsked) throw malformed('a row under another key')
      rows.push(rowOf(question.columns, values))
    }
    if (next === undefined || rows.length === question.limit) return rows
    tokens.follow(next)
  }
  throw new Failure('registers/bad-answer', `more than ${pagesMax} pages`)
}

function tablesOf(body: unknown): readonly string[] {
  if (!isRecord(body) || !Array.isArray(body['tables'])) throw malformed('tables')
  if (body['tables'].length > columnsMax) throw malformed('tables')
  return body['tables'].map((name: unknown) => {
    checkName(name)
    return name
  })
}

function checkName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '' || name.length > nameMax) throw malformed('a name')
}

const scanPagesMax = 100_000

/**
 * Gives the rows of all pages. A service has no transaction: that its table was of one moment is
 * told by its state, where it gives one, and by the number of rows that it has described.
 */
async function scanThrough(
  ask: (asked: Asked) => Promise<Answer>,
  describe: (table: string) => Promise<Stated>,
  { table, take }: { readonly table: string; readonly take: Take },
): Promise<void> {
  const before = await describe(table)
  const names = before.columns.map(({ name }) => name)
  const tokens = new Tokens()
  let given = 0
  for (let page = 0; page < scanPagesMax; page += 1) {
    const body = tokens.last === undefined ? { table } : { table, after: tokens.last }
    const answer = await ask({ method: 'POST', path: 'rows', body })
    if (answer.status !== 200) throw refusedBy(answer.status)
    const { list, next, state } = pageOf(answer.body)
    if (state !== before.state) throw changed('another state')
    given += list.length
    if (given > before.rows) break
    for (const values of list) giveRow(valuesOf(values, names), take)
    if (next === undefined) break
    tokens.follow(next)
  }
  if (given === before.rows) return
  const after = await describe(table)
  if (after.rows !== before.rows || after.state !== before.state) throw changed('another count')
  throw malformed('not as many rows as described')
}

/** The tokens of pages: each is followed once, so that no chain of them is without an end. */
class Tokens {
  readonly #seen = new Set<string>()
  last: string | undefined

  follow(token: string): void {
    const print = createHash('sha256').update(token).digest('base64url').slice(0, 22)
    if (this.#seen.has(print)) throw malformed('a page that was there before')
    this.#seen.add(print)
    this.last = token
  }
}

/** The cells of a row by its columns; one that is absent is empty, one more is refused. */
function valuesOf(
  values: { readonly [name: string]: unknown },
  names: readonly string[],
): readonly unknown[] {
  let known = 0
  const cells = names.map((name) => {
    if (!Object.hasOwn(values, name)) return null
    known += 1
    return values[name]
  })
  if (Object.keys(values).length > known) throw malformed('a column that was not described')
  return cells
}

type Page = {
  readonly list: readonly { readonly [name: string]: unknown }[]
  readonly next?: string
  readonly state?: string
}

function pageOf(body: unknown): Page {
  if (!isRecord(body) || !Array.isArray(body['rows'])) throw malformed('rows')
  const list = body['rows'].map((row: unknown) => {
    if (!isRecord(row)) throw malformed('a row')
    // A code that was sent as a number is another one by now.
    if (Object.values(row).some(isRounded))
      throw malformed('digits lost: send long numbers as text')
    return row
  })
  const next = body['next']
  const page = { list, ...stateOf(body) }
  if (next === undefined) return page
  if (typeof next !== 'string' || next === '' || next.length > 512) throw malformed('next')
  return { ...page, next }
}

function isRounded(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER
}

/** What a service may say of the moment of which its table is. */
function stateOf(body: { readonly [name: string]: unknown }): { readonly state?: string } {
  const state = body['state']
  if (state === undefined) return {}
  if (typeof state !== 'string' || state.length > 512) throw malformed('state')
  return { state }
}

type Stated = Described & { readonly state?: string }

function describedOf(status: number, body: unknown): Stated {
  if (status !== 200) throw refusedBy(status)
  if (!isRecord(body) || !Array.isArray(body['columns'])) throw malformed('columns')
  if (body['columns'].length > columnsMax) throw malformed('columns')
  const columns = body['columns'].map((column: unknown) => {
    if (!isRecord(column)) throw malformed('a column')
    checkName(column['name'])
    const type = column['type']
    return { name: column['name'], type: typeof type === 'string' ? type.slice(0, 64) : '' }
  })
  if (new Set(columns.map(({ name }) => name)).size < columns.length) throw malformed('columns')
  const rows = cellOf(body['rows'])
  if (typeof rows !== 'number' || rows < 0) throw malformed('rows')
  return { columns, rows, ...stateOf(body) }
}

/** A service that takes decisions. */
export function openHttpSink(address: HttpAddress): Sink {
  const line = lineTo(address)
  const ask = (asked: Asked): Promise<Answer> => exchange(line, asked)
  const path = (id: string): string => `decisions/${encodeURIComponent(id)}`
  return {
    request: async (id: string, decision: Decision) => {
      const body: unknown = JSON.parse(decisionText(decision))
      const { status } = await ask({ method: 'PUT', path: path(id), body })
      if (status === 409) throw new Failure('registers/other-decision', id)
      if (status !== 200 && status !== 201 && status !== 204) throw refusedBy(status)
    },
    outcome: async (id): Promise<Standing> => {
      const { status, body } = await ask({ method: 'GET', path: path(id) })
      if (status === 404) return 'unknown'
      if (status !== 200) throw refusedBy(status)
      return standingOf(isRecord(body) ? body['standing'] : undefined)
    },
    close: async () => {
      line.agent.destroy()
    },
  }
}

function baseOf(text: string): URL {
  if (!URL.canParse(text)) throw new Failure('registers/bad-address', 'not an address')
  const url = new URL(text.endsWith('/') ? text : `${text}/`)
  const near = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && near)) {
    throw new Failure('registers/bad-address', 'https, or http on this machine alone')
  }
  if (url.username !== '' || url.password !== '' || url.search !== '') {
    throw new Failure('registers/bad-address', 'no names, secrets or questions in an address')
  }
  return url
}

/** A service, and the connections to it that are kept until it is closed. */
type Line = {
  readonly base: URL
  readonly agent: PlainAgent
  readonly address: HttpAddress
}

function lineTo(address: HttpAddress): Line {
  const base = baseOf(address.url)
  const wish = { keepAlive: true, maxSockets: 4 }
  const agent = base.protocol === 'https:' ? new TlsAgent(wish) : new PlainAgent(wish)
  return { base, agent, address }
}

function exchange({ base, agent, address }: Line, asked: Asked): Promise<Answer> {
  const url = new URL(asked.path, base)
  const { token, ca } = address
  const text = asked.body === undefined ? '' : JSON.stringify(asked.body)
  const options = {
    method: asked.method,
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      'content-length': Buffer.byteLength(text),
    },
    agent,
    signal: AbortSignal.timeout(answerMs),
    ...(ca === undefined ? {} : { ca }),
  }
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void => {
      const is = error instanceof Failure
      reject(is ? error : new Failure('registers/unavailable', 'no answer', error))
    }
    const request = send(url, options, (response) => {
      bodyOf(response).then(resolve, failed)
    })
    request.on('error', failed)
    request.end(text)
  })
}

async function bodyOf(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > answerBytesMax) throw malformed(`at most ${answerBytesMax} bytes`)
    chunks.push(chunk)
  }
  const status = response.statusCode ?? 0
  if (bytes === 0 || status === 404) return { status, body: null }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
    return { status, body: JSON.parse(text) as unknown }
  } catch (error) {
    if (status !== 200) return { status, body: null }
    throw new Failure('registers/bad-answer', 'not JSON in UTF-8', error)
  }
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(part: string): Failure {
  return new Failure('registers/bad-answer', part)
}

function changed(part: string): Failure {
  return new Failure('registers/changed', part)
}

function refusedBy(status: number): Failure {
  const code = status >= 400 && status < 500 ? 'registers/refused' : 'registers/unavailable'
  return new Failure(code, `status ${status}`)
}
