// An HTTP server on the loopback that behaves as a test says, with clients whose waits are noted
// instead of waited for.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach } from 'node:test'
import { Failure, HttpClient } from '#adapters/transport'
import type { ClientOptions, TransportCode } from '#adapters/transport'

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** The server as tests see it; `requests` and `waits` begin anew with each test. */
export type OddServer = {
  origin: string
  handle: Handler
  requests: { path: string; headers: IncomingHttpHeaders }[]
  /** Milliseconds that clients would have waited between attempts. */
  waits: number[]
  clientOf(options?: Partial<ClientOptions>): HttpClient
}

/** Starts a server before the tests of a file, and ends it after them. */
export function oddServer(): OddServer {
  const clients: HttpClient[] = []
  const odd: OddServer = {
    origin: '',
    handle: answerWith(200),
    requests: [],
    waits: [],
    clientOf: (options = {}) => {
      const client = new HttpClient({
        servers: [{ origin: odd.origin }],
        timeoutMs: 500,
        chance: () => 0.999_999,
        wait: (ms) => {
          odd.waits.push(ms)
          return Promise.resolve()
        },
        ...options,
      })
      clients.push(client)
      return client
    },
  }
  const server = createServer((request, response) => {
    odd.requests.push({ path: request.url ?? '', headers: request.headers })
    odd.handle(request, response)
  })
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    odd.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  beforeEach(() => {
    odd.requests = []
    odd.waits = []
  })
  after(() => {
    for (const client of clients) client.close()
    server.close()
    server.closeAllConnections()
  })
  return odd
}

/** A handler that always gives the same answer. */
export function answerWith(
  status: number,
  body = '',
  headers: Record<string, string> = {},
): Handler {
  return (_request, response) => {
    response.writeHead(status, headers)
    response.end(body)
  }
}

/** The failure of an act, which must have this code. */
export async function fails(act: Promise<unknown>, code: TransportCode): Promise<Failure> {
  try {
    await act
  } catch (error) {
    assert.ok(error instanceof Failure, String(error))
    assert.equal(error.code, code)
    return error
  }
  return assert.fail(`no failure ${code}`)
}

/** All items to the end. */
export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

/** A signal and the way to abort it. */
export function abortable(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
