// Claims about a follower's life: it keeps what it reproduced and resumes from there, waits for a
// network that fails, cosigns once a checkpoint, and never goes on over evidence.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { base64urlDecode, base64urlEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert as claim } from '#base/assert'
import { decodeSubmission, isRefusal } from '#ledger/command'
import { emptyHead } from '#ledger/apply'
import type { Applied } from '#ledger/apply'
import { fillBlock } from '#ledger/order'
import { judge, noteKey, parseSignedCheckpoint } from '#ledger/prove'
import type { NoteKey } from '#ledger/prove'
import { openFileStore, signedCheckpoint } from '#adapters/keys'
import { Failure, HttpClient, latestOf, originHash } from '#adapters/transport'
import { practiceGenesis } from '#domains/members'
import { Past } from '#apps/cli/ledger'
import { treeOf } from '#apps/cli/demo'
import { layoutOf } from '#apps/node/config'
import { Behind, evidenceIn, follow, FrameCutter } from '#apps/node/follow'
import type { Followed, FollowNote, FollowOptions, FollowSource } from '#apps/node/follow'
import { domains } from '#apps/node/serve'
import { filler, makeIntent, makeKey, signCommand } from '#test/commands'
import { scratch } from '#test/lianban'
import { seededKeyStore } from '#test/seeded-keys'

const place = scratch('follow')
after(() => place.remove())
const ledger = 'follow.example/one'
const begin = 1_790_000_000_000
const key = makeKey('follow')
const store = seededKeyStore('follow')
const log = store.generate({ use: 'log', member: 'land', custody: 'hosted', created: 0 })

let number = 0

/** A follower's directory with a cosigner key that is registered in the ledger below. */
function directory(): string {
  number += 1
  const path = join(place.path, String(number))
  mkdirSync(path, { mode: 0o700 })
  return path
}

function history(cosigner: string | null, blocks = 6): readonly Bytes[] {
  const machine = new Past().machine(ledger, emptyHead)
  const frames: Bytes[] = []
  const keep = (applied: Applied): void => {
    machine.confirm(applied)
    frames.push(applied.frame)
  }
  const keys = {
    command: key.jwk,
    log: log.jwk,
    ...(cosigner === null ? {} : { cosign: { kty: 'OKP', crv: 'Ed25519', x: cosigner } as const }),
  }
  keep(machine.genesis(practiceGenesis([{ code: 'land', keys }]), begin))
  for (let height = 2; height <= blocks; height += 1) {
    const time = begin + height * 5_000
    const body = { handle: base64urlEncode(filler(`h${height}`, 16)), kind: 'hold' }
    const notAfter = begin + 600_000
    const id = base64urlEncode(filler(`i${height}`, 16))
    const intent = makeIntent({ ledger, type: 'mark.set', body, notAfter, id })
    const command = decodeSubmission(signCommand(key, intent))
    claim(!isRefusal(command), 'commands of the test are well formed')
    const { commands } = fillBlock([command], machine.admission(time))
    keep(machine.deliver({ height, time, commands }))
  }
  return frames
}

function note(frames: readonly Bytes[]): Bytes {
  return signedCheckpoint(store, log.kid, { origin: ledger, ...treeOf(frames) })
}

type Log = { frames: readonly Bytes[]; note: Bytes | null; taken: Bytes[]; fails: number }

function sourceOf(from: Log): FollowSource {
  return {
    async *frames(height) {
      if (from.fails > 0) {
        from.fails -= 1
        throw new Failure('transport/unreachable', 'ECONNREFUSED')
      }
      if (height > from.frames.length + 1) throw new Behind()
      yield* from.frames.slice(height - 1).values()
    },
    checkpoint: () => Promise.resolve(from.note),
    cosign: (said) => {
      from.taken.push(said)
      return Promise.resolve(null)
    },
  }
}

function logOf(frames: readonly Bytes[], said: Bytes | null = note(frames)): Log {
  return { frames, note: said, taken: [], fails: 0 }
}

async function run(
  path: string,
  from: Log,
  more: Partial<FollowOptions> = {},
): Promise<{ readonly ended: Followed; readonly said: readonly FollowNote[] }> {
  const said: FollowNote[] = []
  const ended = await follow({
    directory: path,
    source: sourceOf(from),
    domains,
    ledger: null,
    logKeys: null,
    once: true,
    signal: new AbortController().signal,
    say: (each) => void said.push(each),
    now: () => begin + 100_000,
    pause: () => Promise.resolve(),
    ...more,
  })
  return { ended, said }
}

function cosigner(path: string): string {
  const keys = openFileStore(layoutOf(path).keys)
  const made = keys.generate({ use: 'cosign', member: 'land', custody: 'own', created: 0 })
  return made.jwk.kty === 'OKP' ? made.jwk.x : ''
}

test('an honest log is reproduced, kept, cosigned once, and resumed', async () => {
  const path = directory()
  const frames = history(cosigner(path))
  const first = logOf(frames.slice(0, 4))
  const { ended } = await run(path, first)
  assert.deepEqual(ended, { ended: 'caught-up', height: 4, size: treeOf(first.frames).size })
  const [taken] = first.taken
  const lines = taken === undefined ? [] : (parseSignedCheckpoint(taken)?.note.signatures ?? [])
  assert.deepEqual(
    lines.map(({ name }) => name),
    [ledger, `${ledger}/land`],
  )
  // Frames that were kept are not asked for again.
  const asked: number[] = []
  const later = logOf(frames)
  const source = sourceOf(later)
  const watched: FollowSource = {
    ...source,
    frames: (from, wait) => {
      asked.push(from)
      return source.frames(from, wait)
    },
  }
  await run(path, later, { source: watched })
  assert.deepEqual(asked, [5])
  // The line is under the note that the log serves now, so nothing is sent a second time.
  const again = logOf(frames, later.taken[0] ?? null)
  await run(path, again)
  assert.equal(again.taken.length, 0)
})

test('the same checkpoint is cosigned again when its cosignature has grown old', async () => {
  const path = directory()
  const from = logOf(history(cosigner(path)))
  const at = async (ms: number): Promise<number> => {
    await run(path, from, { now: () => begin + ms, recosignMs: 60_000 })
    from.note = from.taken.at(-1) ?? from.note
    return from.taken.length
  }
  assert.equal(await at(0), 1)
  assert.equal(await at(59_000), 1)
  assert.equal(await at(61_000), 2)
  const [first, second] = from.taken.map((each) => parseSignedCheckpoint(each)?.note)
  assert.equal(second?.text, first?.text)
  const times = [first, second].map((each) => each?.signatures[1]?.signature.slice(0, 8))
  assert.deepEqual(
    times.map((each) => Buffer.from(each ?? []).readBigUInt64BE()),
    [BigInt(begin / 1000), BigInt(begin / 1000 + 61)],
  )
})

test('a follower says what it cosigned last, under its own key, also after a restart', async () => {
  const path = directory()
  const x = cosigner(path)
  const from = logOf(history(x))
  const raw = base64urlDecode(x)
  const key = raw === null ? null : noteKey(`${ledger}/land`, 'cosignature', raw)
  claim(key !== null, 'the key of the test is one')
  const latest: (number | undefined)[] = []
  for (let life = 0; life < 2; life += 1) {
    let url = ''
    const asked: Promise<void>[] = []
    const ask = async (): Promise<void> => {
      const client = new HttpClient({ servers: [{ origin: url }] })
      latest.push((await latestOf(client, { url, key }, ledger))?.checkpoint.size)
      client.close()
      assert.equal((await fetch(`${url}/checkpoint`)).status, 404)
      assert.equal((await fetch(`${url}/${originHash('x')}/checkpoint`)).status, 404)
      const posted = await fetch(`${url}/${originHash(ledger)}/checkpoint`, { method: 'POST' })
      assert.equal(posted.status, 405)
    }
    const source = sourceOf(from)
    await run(path, from, {
      listen: { host: '127.0.0.1', port: 0 },
      say: (note) => {
        if (note.event === 'answering') url = `http://${note.host}:${note.port}`
        if (note.event === 'answering' && life === 1) asked.push(ask())
      },
      source: {
        ...source,
        // While the follower asks its log, others ask it.
        checkpoint: async () => {
          await Promise.all(asked)
          return source.checkpoint()
        },
        cosign: async (note) => {
          await ask()
          return source.cosign(note)
        },
      },
    })
    from.note = from.taken.at(-1) ?? from.note
  }
  const { size } = treeOf(from.frames)
  assert.ok(latest.length >= 2 && latest.every((each) => each === size))
})

test('a follower without a cosigner key does not answer for what it cosigned', async () => {
  const listen = { host: '127.0.0.1', port: 0 }
  await assert.rejects(run(directory(), logOf(history(null)), { listen }), {
    code: 'node/missing-key',
  })
})

test('a follower without a key checks and cosigns nothing', async () => {
  const served = logOf(history(null))
  const { ended, said } = await run(directory(), served)
  assert.equal(ended.ended, 'caught-up')
  assert.equal(served.taken.length, 0)
  assert.ok(said.some((each) => each.event === 'cosigned' && !each.cosigned))
})

test('a network that fails is waited for', async () => {
  const from = logOf(history(null))
  from.fails = 3
  const stop = new AbortController()
  const waited: string[] = []
  const { ended } = await run(directory(), from, {
    once: false,
    signal: stop.signal,
    say: (each) => {
      if (each.event === 'waiting') waited.push(each.code)
      if (each.event === 'cosigned') stop.abort()
    },
  })
  assert.deepEqual(waited, [
    'transport/unreachable',
    'transport/unreachable',
    'transport/unreachable',
  ])
  assert.equal(ended.ended, 'stopped')
})

test('a changed frame, another root and a shorter log raise an alarm that stays', async () => {
  const frames = history(null)
  const other = history(null, 5)
  const damaged = [...frames.slice(0, 3), Uint8Array.from(frames[3] as Bytes)]
  const byte = damaged[3] as Bytes
  byte[byte.length - 10] = (byte[byte.length - 10] ?? 0) ^ 1
  const cases: readonly (readonly [Log, string])[] = [
    [logOf([...damaged, ...frames.slice(4)], null), 'frame'],
    [
      logOf(
        frames,
        signedCheckpoint(store, log.kid, {
          origin: ledger,
          size: treeOf(frames).size,
          root: treeOf(other).root,
        }),
      ),
      'checkpoint-root',
    ],
  ]
  for (const [from, what] of cases) {
    const path = directory()
    const { ended } = await run(path, from)
    assert.ok(ended.ended === 'alarm')
    assert.equal(ended.alarm.what, what)
    assert.match(readFileSync(ended.file, 'utf8'), /"kind":"lianban-divergence"/)
    const again = await run(path, logOf(frames))
    assert.deepEqual(again.ended, { ended: 'alarmed-before', files: evidenceIn(path) })
  }
})

test('a log that goes back is found by its checkpoint and by its frames', async () => {
  const frames = history(null)
  const older = frames.slice(0, 4)
  for (const shorter of [logOf(older), logOf(older, null)]) {
    const path = directory()
    await run(path, logOf(frames))
    const { ended } = await run(path, shorter)
    assert.ok(ended.ended === 'alarm')
    assert.equal(ended.alarm.what, 'rollback')
  }
  // The checkpoint that was kept is in the evidence, under the log's own signature.
  const [file = ''] = evidenceIn(join(place.path, String(number)))
  const { note: kept } = JSON.parse(readFileSync(file, 'utf8')) as { note: string }
  const bytes = new Uint8Array(Buffer.from(kept, 'base64url'))
  const policy = { ...emptyPolicy, logs: [{ key: logKey(), url: null }] }
  assert.ok(!isRefusal(judge({ policy, note: bytes, nowMs: begin })))
})

const emptyPolicy = {
  retired: [],
  cosigners: [],
  groups: [],
  quorum: null,
  validators: null,
  freshSeconds: null,
} as const

function logKey(): NoteKey {
  const raw = log.jwk.kty === 'OKP' ? base64urlDecode(log.jwk.x) : null
  const made = raw === null ? null : noteKey(ledger, 'note', raw)
  assert.ok(made !== null)
  return made
}

test('another ledger than the one that was named is not followed', async () => {
  const { ended } = await run(directory(), logOf(history(null)), { ledger: 'other.example/one' })
  assert.deepEqual(ended, { ended: 'other-ledger', ledger })
})

test('a checkpoint that the log did not sign is no evidence and no agreement', async () => {
  const frames = history(null)
  const stranger = seededKeyStore('stranger')
  const fake = stranger.generate({ use: 'log', member: 'land', custody: 'hosted', created: 0 })
  const root = treeOf(history(null, 3)).root
  const forged = signedCheckpoint(stranger, fake.kid, {
    origin: ledger,
    size: treeOf(frames).size,
    root,
  })
  const { ended, said } = await run(directory(), logOf(frames, forged))
  assert.equal(ended.ended, 'caught-up')
  assert.ok(!said.some(({ event }) => event === 'cosigned'))
})

test('frames are cut out of any pieces', () => {
  const frames = history(null)
  const all = Buffer.concat(frames)
  for (const step of [1, 7, 40, 4096, all.length]) {
    const cutter = new FrameCutter()
    const found: Bytes[] = []
    for (let at = 0; at < all.length; at += step) {
      found.push(...cutter.take(new Uint8Array(all.subarray(at, at + step))))
    }
    assert.deepEqual(
      found.map((each) => Buffer.from(each)),
      frames.map((each) => Buffer.from(each)),
    )
  }
})
