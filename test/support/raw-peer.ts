// A member, or a stranger, that speaks to gateways by hand: any bytes to any address, and a server
// under a member's key that answers any bytes. Nothing here is part of the product.
import { createServer, request as httpsRequest } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { clientAgent, serverTlsOptions, transportCertificate } from '#adapters/transport'
import type { TransportIdentity } from '#adapters/transport'
import type { GatewayMember, GatewayWorld } from './gateway-world.ts'
import { keysOf } from './gateway-world.ts'
import { seededKeyStore } from './seeded-keys.ts'

export type RawAnswer = { readonly status: number; readonly text: string }

const identities = new Map<string, Promise<TransportIdentity>>()

/** The transport identity of a member, or of somebody whom no registry knows. */
export function identityOf(member: GatewayMember | 'stranger'): Promise<TransportIdentity> {
  const known = identities.get(member)
  if (known !== undefined) return known
  const store = member === 'stranger' ? seededKeyStore('stranger') : keysOf(member)
  const key =
    store.list().find(({ use }) => use === 'transport') ??
    store.generate({ use: 'transport', member: 'stranger', custody: 'own', created: 0 })
  const made = transportCertificate(store.transportKey(key.kid))
  identities.set(member, made)
  return made
}

/** Posts a text to a member's gateway as whoever it is; null shows no key. */
export async function post(
  world: GatewayWorld,
  as: GatewayMember | 'stranger' | null,
  body: string,
  more: { readonly to?: GatewayMember; readonly path?: string; readonly method?: string } = {},
): Promise<RawAnswer> {
  const { to = 'market', path = '/v1/disclosures', method = 'POST' } = more
  const identity = as === null ? null : await identityOf(as)
  const agent = clientAgent({ identity, server: (kid) => ({ member: to, kid }) })
  const url = `${world.origins.get(to) ?? ''}${path}`
  try {
    return await new Promise<RawAnswer>((resolve, reject) => {
      const request = httpsRequest(url, { method, agent }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => (text += part))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', reject)
      })
      request.on('error', reject)
      request.end(body)
    })
  } finally {
    agent.destroy()
  }
}

/** Sends a request that announces a body and never ends it; rejects when it is cut. */
export async function halfRequest(world: GatewayWorld, as: GatewayMember): Promise<void> {
  const identity = await identityOf(as)
  const agent = clientAgent({ identity, server: (kid) => ({ member: 'market', kid }) })
  const url = `${world.origins.get('market') ?? ''}/v1/disclosures`
  try {
    await new Promise<void>((resolve, reject) => {
      const headers = { 'content-length': '100' }
      const request = httpsRequest(url, { method: 'POST', agent, headers }, (response) => {
        response.resume()
        if ((response.statusCode ?? 0) >= 400) reject(new Error(`${response.statusCode}`))
        else resolve()
      })
      request.on('error', reject)
      request.write('{')
    })
  } finally {
    agent.destroy()
  }
}

/** The code of a refusal, or `answered`. */
export function codeIn({ text }: RawAnswer): string {
  return (JSON.parse(text) as { readonly code?: string }).code ?? 'answered'
}

export type FakePeer = { readonly origin: string; close(): void }

/** A server under a member's transport key that answers as a test says. */
export async function fakePeer(
  member: GatewayMember | 'stranger',
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FakePeer> {
  const server = createServer(serverTlsOptions(await identityOf(member)), answer)
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `https://127.0.0.1:${port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
