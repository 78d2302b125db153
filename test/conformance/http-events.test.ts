// Events over HTTP: whatever happens to a connection, whoever resumes by the index of an entry has
// every event once. And members over mutual TLS: who they are follows from the registry alone.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { test } from 'node:test'
import type { PublicJwk } from '#base/crypto'
import type { Command, Value } from '#ledger/command'
import { decodeSubmission, isRefusal } from '#ledger/command'
import type { Domain } from '#ledger/apply'
import { peerOf, registryLookup, serverTlsOptions, transportCertificate } from '#adapters/transport'
import type { TransportIdentity } from '#adapters/transport'
import { members, practiceGenesis } from '#domains/members'
import type { Served } from '#apps/node/http'
import { ask, checkpointed, keys, note, openWorld, operator } from '#test/http-world'
import { send, sendLines } from '#test/http-world'
import type { Told, World } from '#test/http-world'
import { notes } from '#test/memory-ledger'

type Event = { readonly entry: number; readonly kind: string; readonly member?: string }

/** Reads events until `enough` says so, then breaks the connection in the middle of things. */
function readEvents(
  port: number,
  after: number | null,
  enough: (event: Event, bytes: number) => boolean,
): Promise<Event[]> {
  const events: Event[] = []
  return new Promise((resolve, reject) => {
    const headers = { ...operator, ...(after === null ? {} : { 'last-event-id': String(after) }) }
    const path = '/v1/events?from=0'
    const req = request({ host: '127.0.0.1', port, path, headers, agent: false }, (res) => {
      if (res.statusCode !== 200) return reject(new Error(String(res.statusCode)))
      let part = ''
      let bytes = 0
      res.setEncoding('latin1')
      res.on('data', (text: string) => {
        bytes += text.length
        part += text
        for (let end = part.indexOf('\n\n'); end >= 0; end = part.indexOf('\n\n')) {
          const event = eventOf(part.slice(0, end))
          part = part.slice(end + 2)
          if (event === null) continue
          events.push(event)
          if (enough(event, bytes)) return void res.destroy()
        }
      })
      res.on('close', () => resolve(events))
      res.on('error', () => undefined)
    })
    req.on('error', reject)
    req.end()
  })
}

function eventOf(block: string): Event | null {
  const id = /^id: (\d+)$/m.exec(block)?.[1]
  const data = /^data: (.*)$/m.exec(block)?.[1]
  if (id === undefined || data === undefined) return null
  const event = JSON.parse(data) as Event
  assert.equal(String(event.entry), id)
  return event
}

test('a reader that is cut at random points under load gets every event once and in order', async () => {
  const world = await openWorld()
  const total = 600
  const load = (async () => {
    for (let at = 0; at < total; at += 100) {
      const lines = Array.from({ length: 100 }, (_, of) => note(`event${at + of}`))
      await sendLines(world.port, lines)
    }
  })()
  const all: Event[] = []
  let cuts = 0
  while (all.length < total) {
    const after = all.at(-1)?.entry ?? null
    // Some connections break after a few events, some after many, some in the middle of one.
    const budget = 1 + Math.floor(Math.random() * 60_000)
    const part = await readEvents(world.port, after, ({ entry }, bytes) => {
      return bytes > budget || entry >= total
    })
    all.push(...part)
    cuts += 1
  }
  await load
  assert.ok(cuts > 3, `only ${cuts} connections`)
  assert.deepEqual(
    all.map(({ entry }) => entry),
    all.map((_, at) => at),
  )
  assert.deepEqual(world.failures, [])
  await world.end()
})

test('a resumed reader gets what came while it was away, also after a restart of the node', async () => {
  let world = await openWorld()
  await send(world.port, note('one'))
  const first = await readEvents(world.port, null, ({ kind }) => kind === 'command')
  const last = first.at(-1)?.entry ?? 0
  await send(world.port, note('two'))
  await world.stop()
  world = await openWorld({ directory: world.directory })
  await send(world.port, note('three'))
  let commands = 0
  const second = await readEvents(world.port, last, ({ kind }) => {
    commands += kind === 'command' ? 1 : 0
    return commands === 2
  })
  assert.deepEqual(
    second.map(({ entry }) => entry),
    second.map((_, at) => last + 1 + at),
  )
  await world.end()
})

test('a reader that is ahead of the log has read another one and is refused', async () => {
  const world = await openWorld()
  for (const headers of [
    { ...operator, 'last-event-id': '99' },
    { ...operator, 'last-event-id': 'x' },
  ]) {
    const told = await ask(world.port, '/v1/events', { headers })
    assert.equal(told.json()['code'], 'node/bad-parameter')
  }
  await world.end()
})

test('readers are counted, and one too many is told to come later', async () => {
  const world = await openWorld({ http: { bounds: { eventStreamsMax: 1, heartbeatMs: 20 } } })
  const open = await openStream(world.port)
  const told = await ask(world.port, '/v1/events', { headers: operator })
  assert.equal(told.status, 503)
  assert.equal(told.json()['code'], 'node/too-many-streams')
  // A quiet stream says that it lives.
  const beat = await new Promise<string>((resolve) => {
    open.on('data', (chunk: Buffer) => {
      if (chunk.toString().startsWith(':')) resolve(chunk.toString())
    })
  })
  assert.equal(beat, ':\n\n')
  open.destroy()
  await world.end()
})

function openStream(port: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const path = '/v1/events'
    const req = request({ host: '127.0.0.1', port, path, headers: operator, agent: false }, resolve)
    req.on('error', reject)
    req.end()
  })
}

const transport = { tax: transportKey(), gas: transportKey(), stranger: transportKey() } as const

function transportKey(): { readonly jwk: PublicJwk; readonly privateKey: KeyObject } {
  const pair: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
  })
  const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' })
  return { jwk: { kty: 'EC', crv: 'P-256', x, y }, privateKey: pair.privateKey }
}

/** The three members, two of them with a key for TLS. */
const withTransport: Domain = {
  ...members,
  genesis: () =>
    members.genesis?.(
      practiceGenesis([
        { code: 'tax', keys: { command: keys.tax.jwk, transport: transport.tax.jwk } },
        { code: 'land', keys: { command: keys.land.jwk } },
        {
          code: 'gas',
          kind: 'participant',
          keys: { command: keys.gas.jwk, transport: transport.gas.jwk },
        },
      ]),
    ) ?? [],
}

async function openSecureWorld(): Promise<World> {
  const identity = await transportCertificate(transport.tax.privateKey)
  return openWorld({
    domains: [withTransport, notes],
    http: {
      tls: serverTlsOptions(identity),
      peer: (socket: TLSSocket, { host }: Served) =>
        peerOf(
          socket,
          registryLookup(() => ({
            view: { get: (key) => recordOf(host, key) },
            height: host.head().height,
          })),
        ),
    },
  })
}

function recordOf(host: Served['host'], key: string): Value | undefined {
  const text = host.recordText(key)
  return text === undefined ? undefined : (JSON.parse(text) as Value)
}

function decoded(jws: string): Command {
  const command = decodeSubmission(jws)
  assert.ok(!isRefusal(command))
  return command
}

function askAs(port: number, identity: TransportIdentity | null, path: string): Promise<Told> {
  return new Promise((resolve, reject) => {
    const tls = identity === null ? {} : { key: identity.key, cert: identity.certificate }
    const options = { host: '127.0.0.1', port, path, agent: false, rejectUnauthorized: false }
    const req = secureRequest({ ...options, ...tls }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const text = bytes.toString()
        const json = (): { readonly [name: string]: unknown } => JSON.parse(text) as never
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text, bytes, json })
      })
    })
    req.on('error', reject)
    req.end()
  })
}

/** Ids of the first events that a member is given from the beginning on. */
function eventsAs(port: number, identity: TransportIdentity, count: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const { key, certificate: cert } = identity
    const path = '/v1/events?from=0'
    const tls = { key, cert, rejectUnauthorized: false, agent: false }
    const req = secureRequest({ host: '127.0.0.1', port, path, ...tls }, (res) => {
      let text = ''
      res.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
        if (ids.length < count) return
        resolve(ids.slice(0, count))
        res.destroy()
      })
      res.on('error', () => undefined)
    })
    req.on('error', reject)
    req.end()
  })
}

test('a participant over mutual TLS sees the entries that name it and no others', async () => {
  const world = await openSecureWorld()
  const { host, port } = world
  const intents = [
    note('own', {}, keys.gas),
    note('named', { body: { key: 'named', value: 1, to: 'gas' } }),
    note('foreign'),
  ]
  for (const jws of intents) {
    await host.submit(decoded(jws))
  }
  const gas = await transportCertificate(transport.gas.privateKey)
  const tax = await transportCertificate(transport.tax.privateKey)
  const stranger = await transportCertificate(transport.stranger.privateKey)
  const named = host.entriesNaming('gas', 0, 10)
  assert.equal(named.length, 2)
  const { size } = host.head()
  for (let index = 0; index < size; index += 1) {
    const told = await askAs(port, gas, `/v1/entries/${index}`)
    assert.equal(told.status, named.includes(index) ? 200 : 404, String(index))
    assert.equal((await askAs(port, tax, `/v1/entries/${index}`)).status, 200)
  }
  const beyond = await askAs(port, gas, `/v1/entries/${size + 5}`)
  const hidden = await askAs(port, gas, '/v1/entries/0')
  assert.equal(hidden.text, beyond.text)
  await checkpointed(world)
  const own = (await askAs(port, gas, '/v1/entries')).json() as { entries: { index: number }[] }
  assert.deepEqual(
    own.entries.map(({ index }) => index),
    named,
  )
  const code = async (as: TransportIdentity | null, path: string): Promise<unknown> =>
    (await askAs(port, as, path)).json()['code']
  assert.deepEqual(await eventsAs(port, gas, named.length), named)
  assert.deepEqual(await eventsAs(port, tax, 4), [0, 1, 2, 3])
  assert.equal(await code(gas, '/v1/entries?member=tax'), 'node/not-yours')
  assert.equal(await code(gas, '/v1/tile/entries/000.p/1'), 'node/not-yours')
  assert.equal(await code(gas, '/v1/frames'), 'node/not-yours')
  assert.equal(await code(stranger, '/v1/entries/0'), 'transport/unknown-key')
  assert.equal(await code(null, '/v1/entries/0'), 'node/unknown-caller')
  assert.equal((await askAs(port, tax, '/v1/frames')).status, 200)
  assert.equal((await askAs(port, null, '/v1/checkpoint')).status, 200)
  await world.end()
})
