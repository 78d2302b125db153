// The client's side of mutual TLS: connections that carry no byte of a request before the server
// has proven to be who it should be. It promises the same for connections that are used again, and
// resumes no session, so that each connection is a proof of its own.
import { Agent } from 'node:https'
import type { AgentOptions } from 'node:https'
import type { ClientRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { isRefusal } from '#ledger/command'
import { Failure, failureOf } from './failure.ts'
import type { TransportIdentity } from './certificate.ts'
import { clientTlsOptions, peerOf } from './peer.ts'
import type { PeerLookup } from './peer.ts'

/** Who we are, and whom we take for the server. */
export type AgentRequest = {
  /** Our own transport key; null for a client that only checks the server. */
  readonly identity: TransportIdentity | null
  /** The keys that the server may have. */
  readonly server: PeerLookup
  /** For a handshake to end, milliseconds. */
  readonly handshakeMs?: number
  /** Connections to one server at a time. */
  readonly connectionsMax?: number
}

type Connected = (error: Error | null, socket: Duplex) => void

/** An agent for `node:https` requests that checks the server's key. */
export function clientAgent(request: AgentRequest): Agent {
  return new PinnedAgent(request)
}

class PinnedAgent extends Agent {
  readonly #request: AgentRequest

  constructor(request: AgentRequest) {
    super({
      keepAlive: true,
      maxSockets: request.connectionsMax ?? 8,
      scheduling: 'lifo',
      ...clientTlsOptions(request.identity),
    })
    this.#request = request
  }

  // Node calls this for each new connection and sends the request when `connected` is called.
  override createConnection(options: AgentOptions, connected?: Connected): Duplex | undefined {
    const { identity, server, handshakeMs = 10_000 } = this.#request
    const { host, port } = options as { readonly host?: string; readonly port?: number | string }
    // No `session`, so nothing is resumed: that would prove an older handshake only.
    const socket = connect({
      host: host ?? 'localhost',
      port: Number(port),
      ALPNProtocols: ['http/1.1'],
      ...clientTlsOptions(identity),
      // A name for virtual hosts; addresses have none (RFC 6066 §3).
      ...(host === undefined || /^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    })
    let open = true
    const end = (failure: Failure | null): void => {
      if (!open) return
      open = false
      clearTimeout(timer)
      if (failure === null) return connected?.(null, socket)
      socket.destroy()
      connected?.(failure, socket)
    }
    const timer = setTimeout(() => {
      end(new Failure('transport/timeout', 'the handshake did not end'))
    }, handshakeMs)
    socket.once('secureConnect', () => end(refusedServer(socket, server)))
    socket.once('error', (error) => {
      end(failureOf(error))
    })
    socket.once('close', () => end(new Failure('transport/unreachable', 'closed in handshake')))
    return undefined
  }

  // Called before a kept connection carries another request: the key may have ended meanwhile.
  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    const failure = refusedServer(socket as TLSSocket, this.#request.server)
    if (failure === null) return super.reuseSocket(socket, request)
    request.once('close', () => socket.destroy())
    request.destroy(failure)
  }
}

function refusedServer(socket: TLSSocket, server: PeerLookup): Failure | null {
  const peer = peerOf(socket, server)
  if (!isRefusal(peer)) return null
  return new Failure('transport/peer-refused', peer.code, { refusal: peer.code })
}
