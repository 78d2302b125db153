// Claims of streams: lines and server-sent events come whole, once and in order, however the bytes
// are grouped and wherever connections break.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EventReader, LineReader, readEvents, readLines } from '#adapters/transport'
import type { ServerEvent } from '#adapters/transport'
import { utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { abortable, all, answerWith, fails, oddServer } from '#test/odd-server'
import type { Handler } from '#test/odd-server'

const odd = oddServer()

test('lines come as they are sent, while the body is still being sent', async () => {
  odd.handle = (request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    request.on('data', (chunk: Buffer) => response.write(chunk))
    request.on('end', () => response.end())
  }
  const seen: string[] = []
  let wake = (): void => {}
  // Sends the next line only after the one before has come back.
  async function* body(): AsyncGenerator<Bytes> {
    for (let n = 0; n < 5; n += 1) {
      yield utf8Encode(`{"n":${n}}\n`)
      while (seen.length <= n) await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  for await (const line of readLines(odd.clientOf(), {
    url: odd.origin,
    method: 'POST',
    body: body(),
  })) {
    seen.push(line)
    wake()
  }
  assert.deepEqual(
    seen,
    [0, 1, 2, 3, 4].map((n) => `{"n":${n}}`),
  )
})

test('a line without an end, over its bound or not UTF-8 is not given', async () => {
  const ask = { url: odd.origin, lineBytesMax: 10 }
  const given: string[] = []
  const read = async (): Promise<void> => {
    for await (const line of readLines(odd.clientOf(), ask)) given.push(line)
  }
  odd.handle = answerWith(200, 'one\ntwo')
  await fails(read(), 'transport/bad-answer')
  odd.handle = answerWith(200, 'three\n01234567890\n')
  await fails(read(), 'transport/oversized-answer')
  odd.handle = (_request, response) => response.end(Buffer.from([0x61, 0x0a, 0xff, 0x0a]))
  await fails(read(), 'transport/bad-answer')
  assert.deepEqual(given, ['one'])
})

test('a stream that is refused says by which code', async () => {
  odd.handle = answerWith(403, '{"code":"transport/unknown-key"}', {
    'content-type': 'application/problem+json',
  })
  const failure = await fails(
    all(readLines(odd.clientOf(), { url: odd.origin })),
    'transport/bad-status',
  )
  assert.deepEqual([failure.status, failure.refusal], [403, 'transport/unknown-key'])
})

test('lines and events do not depend on how bytes were grouped', () => {
  const end = fc.constantFrom('\n', '\r\n', '\r')
  const line = fc.tuple(
    fc.constantFrom('data: a', 'data:链', 'id: 7', 'x', '', ': c', 'event: e'),
    end,
  )
  fc.assert(
    fc.property(
      fc.array(line),
      fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
      (all_, sizes) => {
        const bytes = utf8Encode(all_.flat().join(''))
        const whole = new EventReader(1_000, null).push(bytes)
        const reader = new EventReader(1_000, null)
        const lines = new LineReader(1_000, true)
        const parts: ServerEvent[] = []
        const split: string[] = []
        for (let at = 0; at < bytes.length;) {
          const size = sizes.next().value as number
          parts.push(...reader.push(bytes.subarray(at, at + size)))
          split.push(...lines.push(bytes.subarray(at, at + size)))
          at += size
        }
        assert.deepEqual(parts, whole)
        // A CR followed by an empty line that ends in LF is one CRLF.
        const text = all_.flat().join('')
        const expected = text.split(/\r\n|\n|\r/).slice(0, -1)
        assert.deepEqual(split, expected)
      },
    ),
  )
})

test('events are read as the standard says', () => {
  const read = (text: string): ServerEvent[] => new EventReader(100, null).push(utf8Encode(text))
  assert.deepEqual(read('\ufeffdata: a\ndata:b\n\n'), [
    { id: null, event: 'message', data: 'a\nb' },
  ])
  assert.deepEqual(read('id: 1\nevent: x\ndata\n\n'), [{ id: '1', event: 'x', data: '' }])
  assert.deepEqual(read('event: x\n\ndata: a\n\n'), [{ id: null, event: 'message', data: 'a' }])
  assert.deepEqual(read(': note\n\nid: 3\n\ndata: a\n\n'), [
    { id: '3', event: 'message', data: 'a' },
  ])
  assert.deepEqual(read('id: a\0b\ndata: a\n\ndata: cut off\n'), [
    { id: null, event: 'message', data: 'a' },
  ])
  assert.throws(() => read(`data: ${'x'.repeat(60)}\ndata: ${'x'.repeat(60)}\n\n`), {
    code: 'transport/oversized-answer',
  })
})

/** Serves events from the one after the id that it is told, and breaks off where `cut` says. */
function eventServer(count: number, cut: (connection: number) => number): Handler {
  let connections = 0
  return ({ headers }, response) => {
    connections += 1
    const from = Number(headers['last-event-id'] ?? -1) + 1
    if (from >= count) return void response.writeHead(204).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const list = Array.from({ length: count - from }, (_, n) => from + n)
    const text = list.map((n) => `id: ${n}\ndata: event ${n}\n\n`).join('')
    response.write(text.slice(0, cut(connections)), () => response.destroy())
  }
}

test('events are given once and in order, wherever connections break', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 8 }), async (cuts) => {
      odd.handle = eventServer(12, (connection) => cuts[connection - 1] ?? 10_000)
      const events = await all(readEvents(odd.clientOf(), { url: odd.origin }))
      assert.deepEqual(
        events.map(({ id }) => Number(id)),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      )
    }),
    { numRuns: 25 },
  )
})

test('reading begins after the event that was dealt with', async () => {
  odd.handle = eventServer(5, () => 10_000)
  const events = await all(readEvents(odd.clientOf(), { url: odd.origin, lastEventId: '2' }))
  assert.deepEqual(
    events.map(({ data }) => data),
    ['event 3', 'event 4'],
  )
})

test('a silent stream is opened again, a refused one is not', async () => {
  odd.handle = (_request, response) => {
    if (odd.requests.length > 2) return void response.writeHead(204).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': here\n\n')
  }
  assert.deepEqual(await all(readEvents(odd.clientOf(), { url: odd.origin, idleMs: 20 })), [])
  assert.equal(odd.requests.length, 3)
  odd.requests = []
  odd.handle = answerWith(404)
  await fails(all(readEvents(odd.clientOf(), { url: odd.origin })), 'transport/bad-status')
  odd.handle = answerWith(200, 'data: a\n\n', { 'content-type': 'text/html' })
  await fails(all(readEvents(odd.clientOf(), { url: odd.origin })), 'transport/bad-answer')
  assert.equal(odd.requests.length, 2)
})

test('connections that keep failing end after their number', async () => {
  odd.handle = (request) => void request.socket.destroy()
  const reading = readEvents(odd.clientOf(), { url: odd.origin, attempts: 4 })
  await fails(all(reading), 'transport/unreachable')
  assert.equal(odd.requests.length, 4)
})

test('the wait that a stream names is kept before it is opened again', async () => {
  odd.handle = (_request, response) => {
    if (odd.requests.length > 1) return void response.writeHead(204).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end('retry: 1234\nid: 1\ndata: a\n\n')
  }
  await all(readEvents(odd.clientOf(), { url: odd.origin }))
  assert.deepEqual(odd.waits, [1_234])
  assert.equal(odd.requests[1]?.headers['last-event-id'], '1')
})

test('whoever stops reading events ends the connection', async () => {
  let closed = 0
  odd.handle = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('id: 1\ndata: a\n\n')
    response.on('close', () => (closed += 1))
  }
  for await (const { data } of readEvents(odd.clientOf(), { url: odd.origin })) {
    assert.equal(data, 'a')
    break
  }
  const { signal, abort } = abortable()
  const rest = all(readEvents(odd.clientOf(), { url: odd.origin, signal }))
  setTimeout(abort, 20)
  assert.equal((await rest).length, 1)
  await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(closed, 2)
})
