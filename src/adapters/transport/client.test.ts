// Claims of the HTTP client, against a server on the loopback that misbehaves on demand: where it
// connects, what it repeats, how long it waits, and what it believes.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { HttpClient, readEvents, readLines } from '#adapters/transport'
import { utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { abortable, all, answerWith, fails, oddServer } from '#test/odd-server'

const odd = oddServer()

test('an answer has its status, headers and bytes', async () => {
  odd.handle = answerWith(200, 'hello', { 'x-a': 'b' })
  const { status, headers, body, problem } = await odd
    .clientOf()
    .request({ url: `${odd.origin}/a?b=c` })
  assert.deepEqual([status, headers['x-a'], utf8Decode(body), problem], [200, 'b', 'hello', null])
  assert.equal(odd.requests[0]?.path, '/a?b=c')
})

test('nothing is sent to an origin that was not configured', async () => {
  const port = Number(new URL(odd.origin).port)
  const strange = [
    `http://localhost:${port}/`,
    `http://127.0.0.2:${port}/`,
    `http://127.0.0.1:${port + 1}/`,
    `https://127.0.0.1:${port}/`,
    `http://user@127.0.0.1:${port}/`,
    `http://user:word@127.0.0.1:${port}/`,
    `http://127.0.0.1:${port}@evil.example/`,
    `http://127.0.0.1:${port}.evil.example/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `//127.0.0.1:${port}/`,
    'file:///etc/passwd',
    'data:text/plain,x',
    'unix:/run/socket',
    '',
    '/path',
  ]
  odd.handle = answerWith(200)
  for (const url of strange) {
    await fails(odd.clientOf().request({ url }), 'transport/egress-refused')
    await fails(all(readLines(odd.clientOf(), { url })), 'transport/egress-refused')
    await fails(all(readEvents(odd.clientOf(), { url })), 'transport/egress-refused')
  }
  assert.equal(odd.requests.length, 0)
})

test('a configured address with anything but an origin is refused', () => {
  for (const text of [
    '',
    'a',
    'http://a/path',
    'http://u@a',
    'ftp://a',
    'http://a?b',
    'http://a#b',
  ]) {
    assert.throws(() => new HttpClient({ servers: [{ origin: text }] }), {
      code: 'transport/egress-refused',
    })
  }
})

test('an address in another spelling of a configured origin is reached', async () => {
  odd.handle = answerWith(200)
  const port = new URL(odd.origin).port
  const { status } = await odd.clientOf().request({ url: `HTTP://2130706433:${port}/` })
  assert.equal(status, 200)
})

test('no redirect is followed', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    odd.requests = []
    odd.handle = answerWith(status, '', { location: `${odd.origin}/elsewhere` })
    const failure = await fails(odd.clientOf().request({ url: odd.origin }), 'transport/redirected')
    assert.equal(failure.status, status)
    assert.deepEqual(
      odd.requests.map(({ path }) => path),
      ['/'],
    )
  }
})

test('a read is tried again, each time after a longer wait, a write is not', async () => {
  odd.handle = answerWith(503)
  const read = await odd.clientOf({ attempts: 5 }).request({ url: odd.origin })
  assert.equal(read.status, 503)
  assert.equal(odd.requests.length, 5)
  assert.deepEqual(odd.waits, [100, 200, 400, 800])
  odd.requests = []
  await odd.clientOf().request({ url: odd.origin, method: 'POST', body: utf8Encode('x') })
  assert.equal(odd.requests.length, 1)
  const repeatable = {
    url: odd.origin,
    method: 'POST',
    body: utf8Encode('x'),
    repeatable: true,
  } as const
  await odd.clientOf().request(repeatable)
  assert.equal(odd.requests.length, 5)
})

test('waits are spread and have an end', async () => {
  odd.handle = answerWith(502)
  await odd
    .clientOf({ attempts: 12, waitMaxMs: 3_000, chance: () => 0 })
    .request({ url: odd.origin })
  assert.deepEqual(odd.waits.slice(0, 3), [50, 100, 200])
  assert.equal(Math.max(...odd.waits), 1_500)
})

test('a server that names a wait is given it, within reason', async () => {
  odd.handle = answerWith(429, '', { 'retry-after': '2' })
  await odd.clientOf({ attempts: 2 }).request({ url: odd.origin })
  odd.handle = answerWith(429, '', { 'retry-after': '86400' })
  await odd.clientOf({ attempts: 2 }).request({ url: odd.origin })
  assert.deepEqual(odd.waits, [2_000, 30_000])
})

test('a no is an answer and not tried again', async () => {
  for (const status of [400, 403, 404, 409, 422, 500, 507]) {
    odd.requests = []
    odd.handle = answerWith(status)
    assert.equal((await odd.clientOf().request({ url: odd.origin })).status, status)
    assert.equal(odd.requests.length, 1)
  }
})

test('a problem is decoded, and what only looks like one is not', async () => {
  const ask = async (type: string, body: string): Promise<unknown> => {
    odd.handle = answerWith(409, body, { 'content-type': type })
    return (await odd.clientOf().request({ url: odd.origin })).problem
  }
  const text = '{"code":"validate/duplicate","title":"重复","status":200,"detail":7,"at":"body"}'
  const problem = { status: 409, code: 'validate/duplicate', title: '重复', at: 'body' }
  assert.deepEqual(await ask('application/problem+json', text), problem)
  assert.deepEqual(await ask('application/problem+json; charset=utf-8', text), problem)
  assert.deepEqual(await ask('application/problem+json', '[]'), { status: 409 })
  assert.equal(await ask('application/problem+json', '{"code'), null)
  assert.equal(await ask('application/problem+json', 'null'), null)
  assert.equal(await ask('application/json', text), null)
  assert.deepEqual(await ask('application/problem+json', `{"code":"${'a'.repeat(101)}"}`), {
    status: 409,
  })
})

test('an answer over its bound is not read on', async () => {
  odd.handle = answerWith(200, 'x'.repeat(1_001))
  const ask = { url: odd.origin, bytesMax: 1_000 }
  await fails(odd.clientOf().request(ask), 'transport/oversized-answer')
  odd.handle = (_request, response) => {
    const more = (): void => void (response.write('x'.repeat(65_536)) && setImmediate(more))
    response.on('drain', more)
    more()
  }
  await fails(odd.clientOf().request(ask), 'transport/oversized-answer')
  assert.equal(odd.requests.length, 2)
  odd.handle = answerWith(200, 'x'.repeat(1_000))
  assert.equal((await odd.clientOf().request(ask)).body.length, 1_000)
})

test('an encoded answer is refused rather than expanded', async () => {
  odd.handle = answerWith(200, 'x', { 'content-encoding': 'gzip' })
  await fails(odd.clientOf().request({ url: odd.origin }), 'transport/bad-answer')
  assert.equal(odd.requests[0]?.headers['accept-encoding'], undefined)
})

test('a server that is silent, or never ends, is left in time', async () => {
  const once = { attempts: 1, timeoutMs: 40 }
  odd.handle = () => {}
  await fails(odd.clientOf(once).request({ url: odd.origin }), 'transport/timeout')
  odd.handle = (_request, response) => {
    const timer = setInterval(() => response.write('x'), 5)
    response.on('close', () => clearInterval(timer))
  }
  await fails(odd.clientOf(once).request({ url: odd.origin }), 'transport/timeout')
  await fails(
    odd.clientOf({ attempts: 3, timeoutMs: 20 }).request({ url: odd.origin }),
    'transport/timeout',
  )
  assert.equal(odd.requests.length, 5)
})

test('a connection that breaks is a failure, and is tried again', async () => {
  odd.handle = (request, response) => {
    if (odd.requests.length < 3) request.socket.destroy()
    else response.end('here')
  }
  const { body } = await odd.clientOf().request({ url: odd.origin })
  assert.equal(utf8Decode(body), 'here')
  odd.handle = (_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('part')
    setImmediate(() => response.destroy())
  }
  await fails(odd.clientOf({ attempts: 1 }).request({ url: odd.origin }), 'transport/unreachable')
})

test('a port where nobody listens is unreachable', async () => {
  const spare = createServer()
  await new Promise<void>((resolve) => spare.listen(0, '127.0.0.1', resolve))
  const closed = `http://127.0.0.1:${(spare.address() as AddressInfo).port}`
  await new Promise((resolve) => spare.close(resolve))
  const client = odd.clientOf({ servers: [{ origin: closed }], attempts: 2 })
  await fails(client.request({ url: closed }), 'transport/unreachable')
  assert.equal(odd.waits.length, 1)
})

test('whoever stops waiting stops the request, at any point', async () => {
  odd.handle = () => {}
  const { signal, ...controller } = abortable()
  const asked = odd.clientOf().request({ url: odd.origin, signal })
  setTimeout(controller.abort, 10)
  await fails(asked, 'transport/cancelled')
  await fails(odd.clientOf().request({ url: odd.origin, signal }), 'transport/cancelled')
  assert.equal(odd.requests.length, 1)
  const second = abortable()
  odd.handle = answerWith(503)
  const waiting = odd.clientOf({
    wait: () => (second.abort(), Promise.reject(new Error('aborted'))),
  })
  await fails(waiting.request({ url: odd.origin, signal: second.signal }), 'transport/cancelled')
})

test('a failure of the body that is sent ends the request', async () => {
  odd.handle = (request) => request.resume()
  async function* body(): AsyncGenerator<Bytes> {
    yield utf8Encode('x')
    throw new Error('the source broke')
  }
  const request = { url: odd.origin, method: 'POST', body: body(), repeatable: true } as const
  await fails(odd.clientOf().request(request), 'transport/unreachable')
  assert.ok(odd.requests.length <= 1)
})
