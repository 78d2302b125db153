// The gateway's server: mutual TLS, four addresses, and bounds on everything that a peer chooses.
// It promises that a stranger gets no answer at all, that a member gets one to each request or is
// told to come again, and that no member can take the whole server for itself.
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { latin1Decode } from '#base/bytes'
import type { Refusal } from '#ledger/command'
import { isRefusal, refuse } from '#ledger/command'
import { peerOf, refuseStrangers, serverTlsOptions } from '#adapters/transport'
import type { PeerLookup, TransportIdentity } from '#adapters/transport'
import { gatewayStatus } from './codes.ts'

/** What leaves: a text, and until when it may. */
export type Reply = { readonly text: string; readonly until?: number }

/** Answers a member's request; `text` is untrusted, a character a byte. */
export type Handler = (from: string, text: string) => Promise<Reply | Refusal>

export type Route = { readonly bytesMax: number; readonly handle: Handler }

export type ServerBounds = {
  readonly connectionsMax: number
  /** Requests that are being answered, of all members and of one. */
  readonly openMax: number
  readonly openOfMemberMax: number
  /** For a request to arrive, milliseconds. */
  readonly requestMs: number
  readonly keepAliveMs: number
}

export const defaultBounds: ServerBounds = {
  connectionsMax: 512,
  openMax: 256,
  openOfMemberMax: 64,
  requestMs: 10_000,
  keepAliveMs: 60_000,
}

export type GatewayServerOptions = {
  readonly identity: TransportIdentity
  readonly lookup: PeerLookup
  readonly routes: ReadonlyMap<string, Route>
  readonly bounds: ServerBounds
  readonly now: () => number
  readonly report: (event: string, code: string) => void
}

/** The server of one gateway. */
export class GatewayServer {
  readonly #options: GatewayServerOptions
  readonly #server: Server
  readonly #open: Map<string, number> = new Map()
  #openAll = 0
  #closing = false

  constructor(options: GatewayServerOptions) {
    this.#options = options
    const { identity, lookup, bounds } = options
    this.#server = createServer(
      {
        ...serverTlsOptions(identity),
        handshakeTimeout: bounds.requestMs,
        headersTimeout: bounds.requestMs,
        requestTimeout: bounds.requestMs,
        keepAliveTimeout: bounds.keepAliveMs,
        maxHeaderSize: 8_192,
        connectionsCheckingInterval: 1_000,
      },
      (req, res) => void this.#take(req, res),
    )
    this.#server.maxConnections = bounds.connectionsMax
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy())
    this.#server.on('clientError', (_error, socket) => socket.destroy())
    refuseStrangers(this.#server, lookup)
  }

  listen(at: { readonly host: string; readonly port: number }): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ ...at, backlog: 1024 }, () => {
        this.#server.removeListener('error', reject)
        resolve(this.#server.address() as AddressInfo)
      })
    })
  }

  /** Shows another certificate to whoever connects from now on. */
  renew(identity: TransportIdentity): void {
    this.#server.setSecureContext(serverTlsOptions(identity))
  }

  /** Takes nothing more, lets what is being answered end, and cuts the rest after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#closing = true
    if (!this.#server.listening) return
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    const sweep = setInterval(() => this.#server.closeIdleConnections(), 50)
    const cut = setTimeout(() => this.#server.closeAllConnections(), graceMs)
    this.#server.closeIdleConnections()
    await closed
    clearInterval(sweep)
    clearTimeout(cut)
  }

  async #take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { lookup, bounds, report } = this.#options
    const peer = peerOf(req.socket as TLSSocket, lookup)
    if (isRefusal(peer)) return say(res, peer)
    const route = this.#options.routes.get(req.url ?? '')
    if (route === undefined) return say(res, refuse('node/not-found'))
    if (req.method !== 'POST') return say(res, refuse('node/method-not-allowed'))
    const { member } = peer
    const mine = this.#open.get(member) ?? 0
    if (this.#closing) return say(res, refuse('node/closing'))
    if (mine >= bounds.openOfMemberMax || this.#openAll >= bounds.openMax) {
      return say(res, refuse('node/too-busy'))
    }
    this.#open.set(member, mine + 1)
    this.#openAll += 1
    try {
      await this.#answer({ req, res, route }, member)
    } catch (failure) {
      report('request-failed', codeOf(failure))
      say(res, refuse('node/broken'))
    } finally {
      this.#openAll -= 1
      const left = (this.#open.get(member) ?? 1) - 1
      if (left === 0) this.#open.delete(member)
      else this.#open.set(member, left)
    }
  }

  async #answer(
    { req, res, route }: { req: IncomingMessage; res: ServerResponse; route: Route },
    member: string,
  ): Promise<void> {
    const text = await bodyOf(req, route.bytesMax)
    if (text === null) return undefined
    if (isRefusal(text)) return say(res, text)
    const reply = await route.handle(member, text)
    if (isRefusal(reply)) return say(res, reply)
    // Nothing waits between this look at the clock and the socket.
    if (reply.until !== undefined && this.#options.now() >= reply.until) {
      return say(res, refuse('node/permit-late'))
    }
    res.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(reply.text),
      'cache-control': 'no-store',
    })
    res.end(reply.text)
    return undefined
  }
}

/** The body, a character a byte; null when the peer went away. */
async function bodyOf(req: IncomingMessage, bytesMax: number): Promise<string | Refusal | null> {
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of req as AsyncIterable<Buffer>) {
      size += part.length
      if (size > bytesMax) return refuse('node/body-oversized')
      parts.push(part)
    }
  } catch {
    return null
  }
  return latin1Decode(Buffer.concat(parts))
}

function say(res: ServerResponse, refusal: Refusal): void {
  if (res.headersSent || res.destroyed) return
  const status = gatewayStatus(refusal.code)
  const type = `urn:lianban:problem:${refusal.code}`
  const text = JSON.stringify({ type, ...refusal, status })
  res.writeHead(status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(text),
    ...(status === 503 ? { 'retry-after': '1' } : {}),
    ...(refusal.code === 'node/body-oversized' ? { connection: 'close' } : {}),
  })
  res.end(text)
}

function codeOf(failure: unknown): string {
  const code = (failure as { readonly code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'node/broken'
}
