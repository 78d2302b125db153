// Where a follower says what it cosigned last (C2SP tlog-witness, GET `<prefix>/<hash>/checkpoint`)
// so that a node which has lost a part of itself is told before it signs again. It promises to
// answer from what is durable, and to hold no more of a stranger than one short request.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { utf8Encode } from '#base/bytes'
import { answerLatest } from '#adapters/transport'
import { ConfigRefusal } from '#apps/node/config'
import type { LedgerHost } from '#apps/node/host'

export type LatestAddress = { readonly host: string; readonly port: number }

/** A follower that answers; close ends it. */
export type LatestServer = { readonly at: LatestAddress; readonly close: () => Promise<void> }

const connectionsMax = 64
const requestMs = 5000
const headersBytesMax = 4096

/**
 * Listens there. Throws a `ConfigRefusal` `node/port-taken`, or `node/bad-setting` for an address
 * that is none of ours.
 */
export async function openLatest(
  { host, port }: LatestAddress,
  copy: Pick<LedgerHost, 'ledger' | 'proofs'>,
): Promise<LatestServer> {
  const server = createServer(
    { maxHeaderSize: headersBytesMax, headersTimeout: requestMs, requestTimeout: requestMs },
    (request, response) => answer(copy, request, response),
  )
  server.maxConnections = connectionsMax
  server.on('clientError', (_error, socket) => void socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      const remedy = taken ? 'the port is taken' : `cannot listen there (${error.code ?? '?'})`
      const code = taken ? 'node/port-taken' : 'node/bad-setting'
      reject(new ConfigRefusal(code, `${host}:${port}`, remedy))
    })
    server.listen({ host, port }, resolve)
  })
  const at = server.address() as AddressInfo
  return {
    at: { host: at.address, port: at.port },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

/** Untrusted: anyone may ask anything. */
function answer(
  { ledger, proofs }: Pick<LedgerHost, 'ledger' | 'proofs'>,
  { method = '', url = '' }: IncomingMessage,
  response: ServerResponse,
): void {
  const hash = /^\/([0-9a-f]{64})\/checkpoint$/.exec(url)?.[1]
  if (hash === undefined || (method !== 'GET' && method !== 'HEAD')) {
    response.writeHead(hash === undefined ? 404 : 405, { 'content-length': 0, connection: 'close' })
    return void response.end()
  }
  const kept = proofs.checkpoint()
  const note = kept === null ? null : { note: utf8Encode(kept.text) }
  const remembering = { origins: () => [ledger], records: { newest: () => note } }
  const { status, contentType, body } = answerLatest(remembering, hash)
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': body.length,
    'cache-control': 'no-store',
  })
  response.end(method === 'HEAD' ? undefined : body)
}
