// Claims of mutual TLS, over real sockets on the loopback: who is let in, who is not, and that
// neither dates nor resumed sessions nor open connections make an exception.
import assert from 'node:assert/strict'
import { X509Certificate, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { createServer, request as httpsRequest } from 'node:https'
import type { Agent } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { TLSSocket, connect } from 'node:tls'
import type { Server } from 'node:https'
import { Failure, clientAgent, kidOf, onlyMember, peerOf, pinnedLookup } from '#adapters/transport'
import { refuseStrangers, registryLookup, serverTlsOptions } from '#adapters/transport'
import { transportCertificate } from '#adapters/transport'
import type { PeerLookup, TransportIdentity } from '#adapters/transport'
import type { HeldUse } from '#adapters/keys'
import { isRefusal } from '#ledger/command'
import type { Value } from '#ledger/command'
import { keyKey, memberKey } from '#ledger/validate'
import { seededKeyStore } from '#test/seeded-keys'

const store = seededKeyStore('tls')
function keyOf(member: string, use: HeldUse = 'transport'): { kid: string; key: KeyObject } {
  const { kid } = store.generate({ use, member, custody: 'own', created: 0 })
  return { kid, key: store.transportKey(kid) }
}
const keys = { tax: keyOf('tax'), homes: keyOf('homes'), bank: keyOf('bank') }

/** The registry as the server reads it: changed by tests, read anew for every request. */
const records = new Map<string, Value>()
let height = 10

function register(member: string, kid: string, change: Record<string, Value> = {}): void {
  const { jwk } = store.find(kid)!
  const record = { kid, member, use: 'transport', alg: 'ES256', jwk, custody: 'own' }
  records.set(keyKey(kid), { ...record, from: 1, until: null, ...change } as unknown as Value)
  records.set(memberKey(member), { code: member, kind: 'replica', state: 'active', from: 1 })
}

function registerAll(): void {
  records.clear()
  height = 10
  for (const member of ['tax', 'homes'] as const) register(member, keys[member].kid)
}

const lookup = registryLookup(() => ({ view: { get: (key) => records.get(key) }, height }))

/** A server that answers who it takes the peer for, or why it does not. */
async function serve(identity: TransportIdentity, only?: PeerLookup): Promise<Server> {
  const server = createServer(serverTlsOptions(identity), (request, response) => {
    const peer = peerOf(request.socket as TLSSocket, lookup)
    response.statusCode = isRefusal(peer) ? 403 : 200
    response.end(isRefusal(peer) ? peer.code : peer.member)
  })
  if (only !== undefined) refuseStrangers(server, only)
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function ask(agent: Agent, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ host: '127.0.0.1', port, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(`${response.statusCode} ${text}`))
    })
    request.on('error', reject)
    request.end()
  })
}

let identities: { [member in keyof typeof keys]: TransportIdentity }
let server: Server
const agents: Agent[] = []

function agentOf(identity: TransportIdentity | null, serverKeys: PeerLookup = lookup): Agent {
  const agent = clientAgent({ identity, server: serverKeys })
  agents.push(agent)
  return agent
}

before(async () => {
  identities = {
    tax: await transportCertificate(keys.tax.key),
    homes: await transportCertificate(keys.homes.key),
    bank: await transportCertificate(keys.bank.key),
  }
  registerAll()
  server = await serve(identities.homes)
})
after(() => {
  for (const agent of agents) agent.destroy()
  server.close()
  server.closeAllConnections()
})

test('a certificate carries the key, names the kid and is signed by itself', () => {
  const certificate = new X509Certificate(identities.tax.certificate)
  assert.equal(kidOf(certificate.publicKey), keys.tax.kid)
  assert.equal(certificate.subject, `CN=${keys.tax.kid}`)
  assert.ok(certificate.verify(createPublicKey(keys.tax.key)))
})

test('no certificate is made for keys that are not private P-256 keys', async () => {
  const { generateKeyPairSync } = await import('node:crypto')
  const { privateKey } = generateKeyPairSync('ed25519')
  const { privateKey: wider } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  for (const key of [privateKey, wider, createPublicKey(keys.tax.key)]) {
    await assert.rejects(transportCertificate(key), { code: 'transport/bad-key' })
  }
})

test('two members with registered keys know each other', async () => {
  registerAll()
  const agent = agentOf(identities.tax, onlyMember(lookup, 'homes'))
  assert.equal(await ask(agent, portOf(server)), '200 tax')
})

test('a client whose key is not registered is refused', async () => {
  registerAll()
  const agent = agentOf(identities.bank)
  assert.equal(await ask(agent, portOf(server)), '403 transport/unknown-key')
})

test('a client without a certificate is refused', async () => {
  registerAll()
  assert.equal(await ask(agentOf(null), portOf(server)), '403 transport/no-certificate')
})

test('a key that is registered for another use is refused', async () => {
  registerAll()
  register('bank', keys.bank.kid, { use: 'command' })
  const agent = agentOf(identities.bank)
  assert.equal(await ask(agent, portOf(server)), '403 transport/wrong-key-use')
})

test('a key counts from its first height until its last', async () => {
  registerAll()
  register('bank', keys.bank.kid, { from: 12, until: 14 })
  const agent = agentOf(identities.bank)
  const seen: string[] = []
  for (height = 11; height <= 14; height += 1) seen.push(await ask(agent, portOf(server)))
  const refused = '403 transport/key-not-in-force'
  assert.deepEqual(seen, [refused, '200 bank', '200 bank', refused])
})

test('members that are suspended or gone are refused with keys that are in force', async () => {
  for (const state of ['suspended', 'left']) {
    registerAll()
    records.set(memberKey('tax'), { code: 'tax', kind: 'replica', state, from: 1 })
    const agent = agentOf(identities.tax)
    assert.equal(await ask(agent, portOf(server)), '403 transport/member-not-active')
  }
})

test('a key that is revoked ends at once on connections that are open', async () => {
  registerAll()
  const agent = agentOf(identities.tax)
  assert.equal(await ask(agent, portOf(server)), '200 tax')
  register('tax', keys.tax.kid, { until: 10 })
  assert.equal(await ask(agent, portOf(server)), '403 transport/key-not-in-force')
})

test('expired certificates and ones not valid yet are accepted for a pinned key', async () => {
  registerAll()
  const spans = [
    { notBefore: new Date('2001-01-01T00:00:00Z'), notAfter: new Date('2001-01-02T00:00:00Z') },
    { notBefore: new Date('2101-01-01T00:00:00Z'), notAfter: new Date('2101-01-02T00:00:00Z') },
  ]
  for (const dates of spans) {
    const dated = await transportCertificate(keys.homes.key, dates)
    const old = await serve(dated)
    const agent = agentOf(await transportCertificate(keys.tax.key, dates))
    assert.equal(await ask(agent, portOf(old)), '200 tax')
    agent.destroy()
    old.close()
  }
})

async function code(answer: Promise<unknown>): Promise<string> {
  try {
    await answer
    return 'answered'
  } catch (error) {
    assert.ok(error instanceof Failure, String(error))
    return error.refusal ?? error.code
  }
}

test('a client sends nothing to a server that is not the expected member', async () => {
  registerAll()
  let requests = 0
  const impostor = createServer(serverTlsOptions(identities.bank), (_request, response) => {
    requests += 1
    response.end()
  })
  await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve))
  const port = portOf(impostor)
  const unknown = agentOf(identities.tax, onlyMember(lookup, 'homes'))
  assert.equal(await code(ask(unknown, port)), 'transport/unknown-key')
  register('bank', keys.bank.kid)
  const other = agentOf(identities.tax, onlyMember(lookup, 'homes'))
  assert.equal(await code(ask(other, port)), 'transport/other-member')
  const pinned = agentOf(identities.tax, pinnedLookup(new Map([[keys.homes.kid, 'homes']])))
  assert.equal(await code(ask(pinned, port)), 'transport/unknown-key')
  assert.equal(requests, 0)
  impostor.close()
})

test('a certificate with the right key and another private key does not get through', async () => {
  registerAll()
  const stolen = { ...identities.homes, key: identities.bank.key }
  await assert.rejects(async () => serve(stolen))
  const forged = { ...identities.tax, key: identities.bank.key }
  assert.notEqual(await code(ask(agentOf(forged), portOf(server)).catch(asFailure)), 'answered')
})

function asFailure(error: unknown): never {
  if (error instanceof Failure) throw error
  throw new Failure('transport/unreachable', String(error))
}

test('a server whose key ended is refused on a kept connection too', async () => {
  registerAll()
  const agent = agentOf(identities.tax, onlyMember(lookup, 'homes'))
  assert.equal(await ask(agent, portOf(server)), '200 tax')
  register('homes', keys.homes.kid, { until: 10 })
  assert.equal(await code(ask(agent, portOf(server))), 'transport/key-not-in-force')
})

/** Opens a connection by hand, as a client would that resumes sessions. */
function greet(
  session: Buffer | undefined,
): Promise<{ session: Buffer; text: string; reused: boolean }> {
  const { key, certificate } = identities.tax
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: portOf(server),
      minVersion: 'TLSv1.3',
      rejectUnauthorized: false,
      key,
      cert: certificate,
      ...(session === undefined ? {} : { session }),
    })
    let newest: Buffer | undefined
    let text = ''
    let reused = false
    socket.on('session', (each: Buffer) => (newest = each))
    socket.on('secureConnect', () => {
      reused = socket.isSessionReused()
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    })
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => resolve({ session: newest!, text, reused }))
  })
}

test('a resumed session does not skip the check of the key', async () => {
  registerAll()
  const first = await greet(undefined)
  assert.match(first.text, /\r\n\r\n(?:3\r\n)?tax/)
  const second = await greet(first.session)
  assert.equal(second.reused, true)
  assert.match(second.text, /^HTTP\/1.1 200/)
  register('tax', keys.tax.kid, { until: 10 })
  const third = await greet(first.session)
  assert.equal(third.reused, true)
  assert.match(third.text, /^HTTP\/1.1 403/)
  assert.match(third.text, /transport\/key-not-in-force/)
})

test('a client resumes no session', async () => {
  registerAll()
  const agent = agentOf(identities.tax)
  const reused: boolean[] = []
  server.on('secureConnection', (socket) => reused.push(socket.isSessionReused()))
  for (let n = 0; n < 3; n += 1) {
    assert.equal(await ask(agent, portOf(server)), '200 tax')
    for (const each of Object.values(agent.freeSockets).flat()) each?.destroy()
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.deepEqual(reused, [false, false, false])
})

test('older protocols are not spoken', async () => {
  const socket = connect({
    host: '127.0.0.1',
    port: portOf(server),
    maxVersion: 'TLSv1.2',
    rejectUnauthorized: false,
  })
  const outcome = await new Promise((resolve) => {
    socket.on('secureConnect', () => resolve('connected'))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })
  assert.equal(outcome, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
})

test('a server may end the connections of strangers at the handshake', async () => {
  registerAll()
  const closed = await serve(identities.homes, lookup)
  assert.equal(await ask(agentOf(identities.tax), portOf(closed)), '200 tax')
  assert.notEqual(
    await code(ask(agentOf(identities.bank), portOf(closed)).catch(asFailure)),
    'answered',
  )
  closed.close()
  closed.closeAllConnections()
})

test('a handshake that does not go on ends in time', async () => {
  const { createServer: createTcp } = await import('node:net')
  const silent = createTcp(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as AddressInfo
  const agent = clientAgent({ identity: identities.tax, server: lookup, handshakeMs: 30 })
  assert.equal(await code(ask(agent, port)), 'transport/timeout')
  silent.close()
})
