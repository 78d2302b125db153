// The HTTP server of a node: from a request to its route, within bounds of connections, headers and
// time. It promises that every request gets one answer, that what goes wrong inside is answered
// too, and that a stop lets everything accepted be answered.
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { ServerOptions as SecureOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { answerProblem } from './answer.ts'
import { DeadlineTable } from './body.ts'
import type { CallerOptions } from './callers.ts'
import { callerBy } from './callers.ts'
import { problemText, statusOf } from '#apps/node/problems'
import { matchRoute } from './routes.ts'
import type { Ask, Bounds, NodeFacts, Observer, Served } from './served.ts'
import { defaultBounds } from './served.ts'

export type HttpOptions = CallerOptions & {
  /** The first is the one below /v1/ and at the roots of C2SP. */
  readonly ledgers: readonly Served[]
  readonly observer: Observer
  readonly metrics: () => string
  readonly openapi: string
  readonly bounds?: Partial<Bounds>
  /** Certificate and key of mutual TLS; absent for plain HTTP. */
  readonly tls?: SecureOptions
}

export type Listening = { readonly address: string; readonly port: number }

/** Longest request line and headers together, in bytes. */
const headersBytesMax = 8192
const headersCountMax = 64

/** The server; made by `openHttp`, it listens once `listen` has resolved. */
export class HttpServer {
  readonly #server: Server
  readonly #node: NodeFacts
  readonly #deadlines = new DeadlineTable()
  readonly #byName: ReadonlyMap<string, Served>
  readonly #first: Served
  #closing = false

  constructor(options: HttpOptions) {
    const [first] = options.ledgers
    if (first === undefined) throw new RangeError('a node serves at least one ledger')
    const bounds: Bounds = { ...defaultBounds, ...options.bounds }
    this.#first = first
    this.#byName = new Map(
      options.ledgers.map((served) => [encodeURIComponent(served.host.ledger), served]),
    )
    this.#node = {
      bounds,
      observer: options.observer,
      caller: callerBy(options),
      deadlines: this.#deadlines,
      metrics: options.metrics,
      openapi: options.openapi,
      prefixOf: (ledger) => `/v1/ledgers/${encodeURIComponent(ledger)}/`,
      closing: () => this.#closing,
      open: new Set(),
      ledgers: options.ledgers,
    }
    this.#server = makeServer(options, bounds, (req, res) => this.#answer(req, res))
    this.#server.on('clientError', refuseRaw)
    this.#server.on('drop', () => options.observer.refused('node/too-many-connections'))
  }

  /** Begins to listen; rejects when the port is taken. */
  listen(at: { readonly host: string; readonly port: number }): Promise<Listening> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host: at.host, port: at.port, backlog: 1024 }, () => {
        this.#server.removeListener('error', reject)
        const { address, port } = this.#server.address() as AddressInfo
        resolve({ address, port })
      })
    })
  }

  /**
   * Takes no connection and no command any more, ends streams behind their last answer, waits for
   * what is being answered, and cuts what is still open after `graceMs`.
   */
  async stop(graceMs: number): Promise<void> {
    this.#closing = true
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const end of this.#node.open) end()
    const sweep = setInterval(() => this.#server.closeIdleConnections(), 50)
    const cut = setTimeout(() => this.#server.closeAllConnections(), graceMs)
    this.#server.closeIdleConnections()
    await closed
    clearInterval(sweep)
    clearTimeout(cut)
    this.#deadlines.close()
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    const url = req.url ?? '/'
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const query = mark < 0 ? '' : url.slice(mark + 1)
    const found = this.#find(req.method ?? 'GET', path, query)
    const served = found?.served ?? this.#first
    const node = this.#node
    if (found === null || found.match === null) {
      const code = found?.unknownLedger === true ? 'node/unknown-ledger' : 'node/not-found'
      return answerProblem({ req, res, node }, { code })
    }
    const { match } = found
    if (!('route' in match)) {
      return answerProblem({ req, res, node }, { code: 'node/method-not-allowed' }, match)
    }
    const { route, parts } = match
    if (this.#closing && route.method === 'POST') {
      return answerProblem({ req, res, node }, { code: 'node/closing' })
    }
    node.observer.asked(route.path)
    const ask: Ask = { req, res, served, parts, query, node }
    try {
      route.handle(ask)
    } catch (failure) {
      node.observer.failed(route.path, failure)
      answerProblem(ask, { code: codeOf(failure) })
    }
  }

  /** The ledger and route of a path; null where no route of any kind begins like it. */
  #find(method: string, path: string, query: string): Found | null {
    if (path.startsWith('/v1/ledgers/')) {
      const end = path.indexOf('/', 12)
      const name = end < 0 ? path.slice(12) : path.slice(12, end)
      const served = this.#byName.get(name) ?? this.#byDecoded(name)
      if (served === undefined) return { served: this.#first, match: null, unknownLedger: true }
      if (end < 0) return null
      return { served, match: matchRoute('ledger', method, path.slice(end + 1), query) }
    }
    const served = this.#first
    if (path.startsWith('/v1/') && path !== '/v1/ledgers') {
      return { served, match: matchRoute('ledger', method, path.slice(4), query) }
    }
    // A C2SP reader is given a prefix; the root of the node is one as well.
    if (path === '/checkpoint' || path.startsWith('/tile/')) {
      return { served, match: matchRoute('ledger', method, path.slice(1), query) }
    }
    const head = path === '/v1/ledgers' ? 'node' : path.indexOf('/', 1) < 0 ? 'node' : null
    return head === null ? null : { served, match: matchRoute('node', method, path, query) }
  }

  #byDecoded(name: string): Served | undefined {
    try {
      return this.#byName.get(encodeURIComponent(decodeURIComponent(name)))
    } catch {
      return undefined
    }
  }
}

type Found = {
  readonly served: Served
  readonly match: ReturnType<typeof matchRoute>
  readonly unknownLedger?: true
}

function makeServer(
  options: HttpOptions,
  bounds: Bounds,
  answer: (req: IncomingMessage, res: ServerResponse) => void,
): Server {
  const limits = {
    maxHeaderSize: headersBytesMax,
    headersTimeout: bounds.headersMs,
    // Bodies have deadlines of their own, because a stream of commands may last.
    requestTimeout: 0,
    keepAliveTimeout: bounds.keepAliveMs,
    connectionsCheckingInterval: Math.min(1000, bounds.headersMs),
    noDelay: true,
  }
  const server =
    options.tls === undefined
      ? createServer(limits, answer)
      : createSecureServer({ ...options.tls, ...limits }, answer)
  server.maxHeadersCount = headersCountMax
  server.maxConnections = bounds.connectionsMax
  return server
}

/** Answers what could not be read as a request. */
function refuseRaw(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (socket.destroyed || !socket.writable || error.code === 'ECONNRESET') {
    return void socket.destroy()
  }
  const code =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'node/headers-oversized'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'node/too-slow'
        : 'node/bad-request'
  const body = problemText({ refusal: { code }, language: 'both' })
  const head = [
    `HTTP/1.1 ${statusOf(code)} Refused`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** The code of a failure that somebody who asks may see. */
function codeOf(failure: unknown): string {
  const code = failure instanceof Error && 'code' in failure ? failure.code : null
  return code === 'storage/corrupt' || code === 'storage/read-failed' ? code : 'node/broken'
}

/** A server over these ledgers; it listens when told to. */
export function openHttp(options: HttpOptions): HttpServer {
  return new HttpServer(options)
}
