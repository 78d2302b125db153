// A department's system behind HTTP. Questions go in the body of a POST, never in the address, so
// that no proxy's log holds whom somebody asked about. Pages follow each other by a token.
//
//   POST /find       {table, where, columns, limit, after?}  → {rows: [...], next?}
//   POST /describe   {table}                                 → {columns: [{name, type}], rows}
//   POST /tables     {}                                      → {tables: [...]}
//   POST /rows       {table, after?}                         → {rows: [...], next?}
//   PUT  /decisions/ID  {table, values}                      → 200, 201 or 204; 409 if another
//   GET  /decisions/ID                                       → {standing}; 404 if unknown
import { request as plainRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { Failure } from './failure.ts'
import { cellOf, checkColumns, checkQuestion, rowOf } from './rows.ts'
import type { Cell, Decision, Described, Question, Register, Rights, Row } from './register.ts'
import type { Sink, Standing } from './register.ts'
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

type Answer = { readonly status: number; readonly body: unknown }
type Asked = { readonly method: 'GET' | 'POST' | 'PUT'; readonly path: string; body?: unknown }

/** A service for looking up. */
export function openHttpRegister(address: HttpAddress): Register {
  const base = baseOf(address.url)
  const ask = (asked: Asked): Promise<Answer> => exchange(base, address, asked)
  const describe = async (table: string): Promise<Described> => {
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
      const names = (await describe(table)).columns.map(({ name }) => name)
      await scanThrough(ask, { table, names }, take)
    },
    // A service says nothing about its account; only GET, /find and /describe are ever sent here.
    rights: async (): Promise<Rights> => ({ canWrite: false, grants: ['not told by a service'] }),
    close: async () => undefined,
  }
}

async function pagesOf(
  ask: (asked: Asked) => Promise<Answer>,
  question: Question,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  const keys = Object.entries(question.where)
  const columns = [...new Set([...question.columns, ...keys.map(([name]) => name)])]
  let after: string | undefined
  for (let page = 0; page < pagesMax; page += 1) {
    const asked = { ...question, columns }
    const body = after === undefined ? asked : { ...asked, after }
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
    after = next
  }
  throw new Failure('registers/bad-answer', `more than ${pagesMax} pages`)
}

function tablesOf(body: unknown): readonly string[] {
  if (!isRecord(body) || !Array.isArray(body['tables'])) throw malformed('tables')
  if (body['tables'].length > columnsMax) throw malformed('tables')
  return body['tables'].map((name: unknown) => {
    if (typeof name !== 'string') throw malformed('a table')
    return name
  })
}

const scanPagesMax = 100_000

async function scanThrough(
  ask: (asked: Asked) => Promise<Answer>,
  { table, names }: { readonly table: string; readonly names: readonly string[] },
  take: (cells: readonly Cell[]) => void,
): Promise<void> {
  let after: string | undefined
  for (let page = 0; page < scanPagesMax; page += 1) {
    const body = after === undefined ? { table } : { table, after }
    const answer = await ask({ method: 'POST', path: 'rows', body })
    if (answer.status !== 200) throw refusedBy(answer.status)
    const { list, next } = pageOf(answer.body)
    for (const values of list) take(names.map((name) => cellOf(values[name])))
    if (next === undefined) return
    // A token that stands still would never end.
    if (next === after) throw malformed('next')
    after = next
  }
  throw malformed(`at most ${scanPagesMax} pages`)
}

function pageOf(body: unknown): { list: readonly { [name: string]: unknown }[]; next?: string } {
  if (!isRecord(body) || !Array.isArray(body['rows'])) throw malformed('rows')
  const list = body['rows'].map((row: unknown) => {
    if (!isRecord(row)) throw malformed('a row')
    return row
  })
  const next = body['next']
  if (next === undefined) return { list }
  if (typeof next !== 'string' || next === '' || next.length > 512) throw malformed('next')
  return { list, next }
}

function describedOf(status: number, body: unknown): Described {
  if (status !== 200) throw refusedBy(status)
  if (!isRecord(body) || !Array.isArray(body['columns'])) throw malformed('columns')
  if (body['columns'].length > columnsMax) throw malformed('columns')
  const columns = body['columns'].map((column: unknown) => {
    if (!isRecord(column) || typeof column['name'] !== 'string') throw malformed('a column')
    const type = column['type']
    return { name: column['name'], type: typeof type === 'string' ? type : '' }
  })
  const rows = cellOf(body['rows'])
  if (typeof rows !== 'number' || rows < 0) throw malformed('rows')
  return { columns, rows }
}

/** A service that takes decisions. */
export function openHttpSink(address: HttpAddress): Sink {
  const base = baseOf(address.url)
  const ask = (asked: Asked): Promise<Answer> => exchange(base, address, asked)
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
    close: async () => undefined,
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

function exchange(base: URL, address: HttpAddress, asked: Asked): Promise<Answer> {
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

function refusedBy(status: number): Failure {
  const code = status >= 400 && status < 500 ? 'registers/refused' : 'registers/unavailable'
  return new Failure(code, `status ${status}`)
}
