// What a stranger, a slow reader, a full disk and a stop do to a node: each is bounded, told apart
// by its code, and harms nobody else.
import assert from 'node:assert/strict'
import { request } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterEach, test } from 'node:test'
import { inlineVerifier } from '#adapters/consensus'
import type { Verifier } from '#adapters/consensus'
import { Failure } from '#adapters/storage'
import type { Disk } from '#adapters/storage'
import { isLocal } from '#apps/node/http'
import { ask, note, openWorld, operator, send, sendLines } from '#test/http-world'
import type { World, WorldOptions } from '#test/http-world'

const worlds: World[] = []

async function begin(options: WorldOptions = {}): Promise<World> {
  const world = await openWorld(options)
  worlds.push(world)
  return world
}

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.end()
})

const within = async (ms: number, what: string, promise: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms)
  })
  await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Everything that the node says on a raw connection until it closes it. */
function raw(port: number, begin: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => begin(socket))
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
}

const quick: WorldOptions = { http: { bounds: { headersMs: 300, bodyMs: 300, keepAliveMs: 300 } } }

test('headers that drip are cut, and so is a body that drips', async () => {
  const world = await begin(quick)
  const headers = raw(world.port, (socket) => {
    socket.write('GET /livez HTTP/1.1\r\n')
    const drip = setInterval(() => socket.write('a: b\r\n'), 50)
    socket.on('close', () => clearInterval(drip))
  })
  const body = raw(world.port, (socket) => {
    socket.write('POST /v1/commands HTTP/1.1\r\nHost: x\r\nContent-Type: application/jose\r\n')
    socket.write('Content-Length: 1000\r\n\r\n')
    const drip = setInterval(() => socket.write('a'), 50)
    socket.on('close', () => clearInterval(drip))
  })
  await within(6000, 'cutting both', Promise.all([headers, body]))
  assert.match(await headers, /^HTTP\/1.1 408 .*"node\/too-slow"/s)
  assert.match(await body, /^HTTP\/1.1 408 .*"node\/too-slow"/s)
  assert.equal((await ask(world.port, '/livez')).status, 200)
})

test('a stream that brings no line ends with the reason', async () => {
  const world = await begin(quick)
  const told = raw(world.port, (socket) => {
    socket.write('POST /v1/commands HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n')
    socket.write('Content-Type: application/x-ndjson\r\nConnection: close\r\n\r\n')
    const line = `${note('dripped')}\n`
    socket.write(`${line.length.toString(16)}\r\n${line}\r\n`)
  })
  await within(6000, 'ending', told)
  assert.match(await told, /"code":"ok".*"node\/too-slow"/s)
})

test('what is no request, and headers without end, are refused by their codes', async () => {
  const world = await begin()
  const nonsense = await raw(world.port, (socket) => socket.write('nonsense\r\n\r\n'))
  assert.match(nonsense, /^HTTP\/1.1 400 .*"node\/bad-request"/s)
  const long = await raw(world.port, (socket) => {
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\na: ${'b'.repeat(20_000)}\r\n\r\n`)
  })
  assert.match(long, /^HTTP\/1.1 431 .*"node\/headers-oversized"/s)
  const both = await raw(world.port, (socket) => {
    socket.write('POST /v1/commands HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n')
    socket.write('Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n')
  })
  assert.match(both, /^HTTP\/1.1 400 /)
})

test('connections beyond their number are dropped, and the others go on', async () => {
  const world = await begin({ http: { bounds: { connectionsMax: 2 } } })
  const idle = [1, 2].map(() => connect(world.port, '127.0.0.1'))
  await Promise.all(idle.map((socket) => new Promise((resolve) => socket.on('connect', resolve))))
  await assert.rejects(ask(world.port, '/livez'))
  assert.ok(world.refused.includes('node/too-many-connections'))
  for (const socket of idle) socket.destroy()
  let status = 0
  while (status !== 200)
    status = (await ask(world.port, '/livez').catch(() => ({ status: 0 }))).status
})

test('readers of events that take nothing keep nobody from being answered', async () => {
  const world = await begin({
    http: { bounds: { heartbeatMs: 50, stalledMs: 200 } },
  })
  for (let round = 0; round < 4; round += 1) {
    const lines = Array.from({ length: 500 }, (_, at) => note(`bulk${round}.${at}`))
    await ask(world.port, '/v1/commands', {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    })
  }
  const streams = await Promise.all(
    Array.from({ length: 12 }, () => open(world.port, '/v1/events?from=0')),
  )
  const closed = streams.map((res) => {
    res.pause()
    return new Promise((resolve) => res.on('close', resolve))
  })
  const told = streams.map((res) => res.headers['content-type'])
  assert.deepEqual(new Set(told), new Set(['text/event-stream']))
  assert.equal((await ask(world.port, '/livez')).status, 200)
  for (const res of streams) res.destroy()
  await Promise.all(closed)
})

function open(port: number, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers: operator, agent: false }
    const req: ClientRequest = request(options, resolve)
    req.on('error', reject)
    req.end()
  })
}

/** A disk on which writing or syncing can be made to fail. */
function failing(): { readonly wrap: (disk: Disk) => Disk; full: boolean; broken: boolean } {
  const state = {
    full: false,
    broken: false,
    wrap: (disk: Disk): Disk => {
      const write = disk.write.bind(disk)
      const sync = disk.sync.bind(disk)
      disk.write = (file, bytes, at) => {
        if (state.full) throw new Failure('storage/no-space', false)
        write(file, bytes, at)
      }
      disk.sync = (file) =>
        state.broken ? Promise.reject(new Failure('storage/sync-failed', true)) : sync(file)
      return disk
    },
  }
  return state
}

test('on a full disk commands are refused clearly, reads go on, and writing resumes', async () => {
  const disk = failing()
  const world = await begin({ disk: disk.wrap })
  const jws = note('before')
  const first = await send(world.port, jws)
  disk.full = true
  const told = await send(world.port, note('refused'))
  assert.equal(told.status, 507)
  // A block that was on its way when space ran out is durable by now.
  const before = world.host.head().size
  assert.equal(told.json()['code'], 'order/no-space')
  assert.equal(told.headers['retry-after'], '5')
  assert.equal((await ask(world.port, '/readyz')).status, 507)
  assert.equal((await ask(world.port, '/livez')).status, 200)
  assert.equal((await ask(world.port, first.headers.location ?? '')).status, 200)
  assert.equal((await ask(world.port, '/v1/records/notes/current/before')).status, 200)
  assert.equal((await send(world.port, note('refused-too'))).status, 507)
  assert.equal(world.host.head().size, before)
  disk.full = false
  let status = 507
  while (status === 507) status = (await send(world.port, note('resumed'))).status
  assert.equal(status, 201)
  assert.equal((await ask(world.port, '/readyz')).status, 200)
})

test('after a failed sync nothing is acknowledged, and what was durable can be read', async () => {
  const disk = failing()
  const world = await begin({ disk: disk.wrap })
  const first = await send(world.port, note('durable'))
  disk.broken = true
  const told = await send(world.port, note('lost'))
  assert.equal(told.status, 500)
  assert.equal(told.json()['code'], 'order/outcome-unknown')
  disk.broken = false
  const after = await send(world.port, note('after'))
  assert.equal(after.status, 503)
  assert.equal(after.json()['code'], 'order/stopped')
  assert.equal((await ask(world.port, '/readyz')).status, 503)
  assert.equal((await ask(world.port, first.headers.location ?? '')).status, 200)
})

/** A verifier that answers only when it is told to. */
function holding(): {
  readonly verifier: Verifier
  readonly held: (() => void)[]
  readonly release: () => void
} {
  const held: (() => void)[] = []
  const inline = inlineVerifier()
  return {
    verifier: {
      check: (check, done) => void held.push(() => inline.check(check, done)),
      close: () => inline.close(),
    },
    held,
    release: () => {
      for (const go of held.splice(0)) go()
    },
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a stop answers what was accepted, ends streams, and refuses what comes later', async () => {
  const { verifier, held, release } = holding()
  const world = await begin({ verifier })
  const events = await open(world.port, '/v1/events')
  const eventsEnded = new Promise((resolve) => events.on('end', resolve))
  events.resume()
  const waiting = send(world.port, note('accepted'))
  const stream = raw(world.port, (socket) => {
    socket.write('POST /v1/commands HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n')
    socket.write('Content-Type: application/x-ndjson\r\n\r\n')
    const line = `${note('streamed')}\n`
    socket.write(`${line.length.toString(16)}\r\n${line}\r\n`)
  })
  while (held.length < 2) await turn()
  const stopped = world.stop()
  await within(2000, 'ending streams', eventsEnded)
  await assert.rejects(ask(world.port, '/livez'))
  release()
  const told = await waiting
  assert.equal(told.status, 201)
  assert.match(await stream, /"code":"ok"/)
  await within(3000, 'stopping', stopped)
})

test('a stream is read no further than its answers go', async () => {
  const { verifier, held, release } = holding()
  const world = await begin({ verifier, http: { bounds: { streamWaitingMax: 4 } } })
  const total = 1500
  const lines = Array.from({ length: total }, (_, at) => note(`pressed${at}`))
  const told = sendLines(world.port, lines)
  let most = 0
  let done = false
  const pump = (async () => {
    while (!done) {
      await turn()
      await turn()
      most = Math.max(most, held.length)
      release()
    }
  })()
  const answers = (await told).text.trimEnd().split('\n')
  done = true
  await pump
  assert.equal(answers.length, total)
  // One chunk of the socket may hold many lines; the rest of the stream waits outside.
  assert.ok(most < total / 2, `${most} waited at once`)
})

test('a sender that goes away in the middle harms nobody', async () => {
  const world = await begin()
  for (const type of ['application/jose', 'application/json', 'application/x-ndjson']) {
    await raw(world.port, (socket) => {
      socket.write(`POST /v1/commands HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n`)
      socket.write('Content-Length: 1000\r\n\r\nhalf', () => socket.destroy())
    })
  }
  assert.equal((await send(world.port, note('still'))).status, 201)
  assert.deepEqual(world.failures, [])
})

test('the token counts from this machine alone', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    assert.ok(isLocal(address), address)
  }
  for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '128.0.0.1', 'fe80::1', undefined]) {
    assert.ok(!isLocal(address), String(address))
  }
})
