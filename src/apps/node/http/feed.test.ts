// Readers of events that are slow, quiet or far behind, over a ledger that is only a list.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { latin1Encode } from '#base/bytes'
import { encodeEntry } from '#ledger/apply'
import { EventStream, Feed } from './feed.ts'
import { defaultBounds } from './served.ts'
import type { Ask, ServedHost } from './served.ts'

const entries = Array.from({ length: 1000 }, (_, at) =>
  encodeEntry({ h: 1, t: at, kind: 'system', system: { kind: 'test', at } }),
)

/** A ledger of one frame of system entries. */
function hostOf(size: () => number): ServedHost {
  return {
    head: () => ({ size: size() }),
    entry: (index: number) => entries[index],
    subscribe: () => () => undefined,
    proofs: {
      frame: () => ({
        firstEntry: 0,
        entries: entries.slice(0, size()).map((text) => latin1Encode(text)),
        writes: entries.map(() => '[]'),
      }),
    },
  } as unknown as ServedHost
}

/** The other end of a stream that takes `room` writes before it says to wait. */
class Taker extends EventEmitter {
  readonly written: string[] = []
  room = 0
  destroyed = false
  writableEnded = false

  writeHead(): this {
    return this
  }

  write(text: string): boolean {
    this.written.push(text)
    this.room -= 1
    return this.room > 0
  }

  destroy(): this {
    this.destroyed = true
    this.emit('close')
    return this
  }
}

function streamTo(taker: Taker, host: ServedHost): { stream: EventStream; feed: Feed } {
  const feed = new Feed(host, defaultBounds)
  const ask = {
    res: taker,
    served: { host },
    node: { open: new Set(), observer: { streams: () => undefined, failed: assert.fail } },
  } as unknown as Ask
  return { stream: new EventStream(ask, feed, 0, null), feed }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a reader that waits is given nothing, and goes on where it stopped', async () => {
  const taker = new Taker()
  const { stream, feed } = streamTo(
    taker,
    hostOf(() => 1000),
  )
  taker.room = 2
  stream.begin()
  await turn()
  const before = taker.written.length
  stream.pump()
  await turn()
  assert.equal(taker.written.length, before)
  taker.room = Number.MAX_SAFE_INTEGER
  taker.emit('drain')
  for (let round = 0; round < 10; round += 1) await turn()
  const ids = [...taker.written.join('').matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
  assert.deepEqual(
    ids,
    entries.map((_, at) => at),
  )
  taker.destroy()
  assert.equal(feed.readers, 0)
})

test('a reader that takes nothing for too long is cut, one that is only quiet gets a beat', async () => {
  const taker = new Taker()
  taker.room = 2
  const { stream, feed } = streamTo(
    taker,
    hostOf(() => 1000),
  )
  stream.begin()
  stream.beat(60_000)
  assert.equal(taker.destroyed, false)
  await turn()
  stream.beat(-1)
  assert.equal(taker.destroyed, true)
  assert.equal(feed.readers, 0)
  const quiet = new Taker()
  quiet.room = 100
  const other = streamTo(
    quiet,
    hostOf(() => 0),
  )
  other.stream.begin()
  other.stream.beat(1)
  other.stream.beat(1)
  assert.equal(quiet.written.at(-1), ':\n\n')
  quiet.destroy()
})

test('a long catch-up leaves the process to others between its turns', async () => {
  const taker = new Taker()
  taker.room = Number.MAX_SAFE_INTEGER
  const { stream } = streamTo(
    taker,
    hostOf(() => 1000),
  )
  stream.begin()
  const sent = [...taker.written.join('').matchAll(/^id: /gm)].length
  assert.ok(sent > 0 && sent <= 256)
  for (let round = 0; round < 10; round += 1) await turn()
  assert.equal([...taker.written.join('').matchAll(/^id: /gm)].length, 1000)
  taker.destroy()
})
