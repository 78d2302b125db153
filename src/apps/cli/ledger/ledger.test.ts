// Claims about whole ledgers: damage and lies are found at their place, an unfinished end is none,
// and running history again says exactly where the result differs.
import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { latin1Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeSubmission, isRefusal } from '#ledger/command'
import { decodeFrame, emptyHead, encodeFrame, nextDigest } from '#ledger/apply'
import type { Applied } from '#ledger/apply'
import { fillBlock } from '#ledger/order'
import { practiceGenesis } from '#domains/members'
import { Stop, Terminal } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { replaceHistory } from '#apps/cli/demo'
import { Past, rebuildLedger, replayLedger, scrubLedger, verifyLedger } from '#apps/cli/ledger'
import { layoutOf } from '#apps/node/config'
import { makeId, makeIntent, makeKey, signCommand } from '#test/commands'
import { scratch } from '#test/lianban'
import { seededKeyStore } from '#test/seeded-keys'

const place = scratch('ledger')
after(() => place.remove())
const ledger = 'whole.example/one'
const begin = 1_790_000_000_000
const key = makeKey('whole')
const keys = seededKeyStore('whole')
const log = keys.generate({ use: 'log', member: 'land', custody: 'hosted', created: 0 })

function history(): readonly Bytes[] {
  const machine = new Past().machine(ledger, emptyHead)
  const frames: Bytes[] = []
  const keep = (applied: Applied): void => {
    machine.confirm(applied)
    frames.push(applied.frame)
  }
  const members = [{ code: 'land', keys: { command: key.jwk, log: log.jwk } }]
  keep(machine.genesis(practiceGenesis(members), begin))
  for (let height = 2; height <= 7; height += 1) {
    const body = { handle: makeId(height), kind: 'hold' }
    const notAfter = begin + 600_000
    const intent = makeIntent({ ledger, type: 'mark.set', body, notAfter, id: makeId(height) })
    const command = decodeSubmission(signCommand(key, intent))
    assert.ok(!isRefusal(command))
    const time = begin + height * 4_000
    const { commands } = fillBlock([command], machine.admission(time))
    keep(machine.deliver({ height, time, commands }))
  }
  return frames
}

const frames = history()
let number = 0

async function directoryWith(list: readonly Bytes[]): Promise<string> {
  number += 1
  const path = join(place.path, String(number))
  const root = layoutOf(path).ledger
  mkdirSync(root, { recursive: true, mode: 0o700 })
  await replaceHistory(root, list, { keys, ledger })
  return path
}

function journalOf(directory: string): string {
  return join(layoutOf(directory).ledger, 'journal', `${'0'.repeat(16)}.seg`)
}

function ask(directory: string, more: Partial<Ask> = {}): Ask {
  return {
    terminal: new Terminal({ language: 'en', json: true, quiet: true, verbose: false }),
    operands: {},
    values: { directory },
    lists: {},
    flags: new Set(),
    env: {},
    ...more,
  }
}

async function stopOf(run: () => Promise<Answer>): Promise<Stop> {
  try {
    await run()
  } catch (error) {
    if (error instanceof Stop) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** The history with one frame's recorded outcome changed, and all hashes after it made to fit. */
function lied(at: number): readonly Bytes[] {
  const out: Bytes[] = []
  let before: Bytes = new Uint8Array(32)
  let hash: Bytes = new Uint8Array(32)
  let digest: Bytes = new Uint8Array(32)
  for (const bytes of frames) {
    const frame = decodeFrame(bytes, before)
    assert.ok(!isRefusal(frame))
    before = frame.hash
    const entries = frame.entries.map((entry) => {
      const said = latin1Decode(entry)
      return frame.height === at ? said.replace('"code":"ok"', '"code":"members/marked"') : said
    })
    digest = nextDigest(digest, frame.writes)
    const again = encodeFrame({ ...frame, entries, stateDigest: digest }, hash)
    hash = again.slice(8, 40)
    out.push(again)
  }
  return out
}

test('a whole history is verified, run again, scrubbed and rebuilt to the same root', async () => {
  const directory = await directoryWith(frames)
  const verified = await verifyLedger(ask(directory))
  assert.equal(verified.data['height'], frames.length)
  assert.equal((await replayLedger(ask(directory))).data['verified'], true)
  const rebuilt = await rebuildLedger(ask(directory, { flags: new Set(['yes']) }))
  assert.equal(rebuilt.data['root'], verified.data['root'])
  assert.equal((await scrubLedger(ask(directory))).data['ok'], true)
})

test('running a lie again names its height and entry, and stretches beside it are the same', async () => {
  const directory = await directoryWith(lied(4))
  const { data, exit } = await replayLedger(ask(directory))
  const entry = data['entry'] as number
  assert.deepEqual([exit, data['height'], data['what']], [3, 4, 'entries'])
  const stretch = async (from: string, to: string): Promise<unknown> => {
    const values = { directory, from, to }
    return (await replayLedger(ask(directory, { values }))).data['verified']
  }
  assert.equal(await stretch('1', '3'), true)
  assert.equal(await stretch('5', '7'), true)
  assert.equal(await stretch('4', '4'), false)
  assert.ok(entry >= 3)
})

test('an unfinished frame at the end is no damage, a changed bit before it is', async () => {
  const directory = await directoryWith(frames)
  const path = journalOf(directory)
  appendFileSync(path, Buffer.from(frames[0] as Bytes).subarray(0, 60))
  const { data } = await verifyLedger(ask(directory))
  assert.equal(typeof data['torn'], 'number')
  const bytes = readFileSync(path)
  const inside = (frames[0]?.length ?? 0) + 200
  bytes[inside] = (bytes[inside] ?? 0) ^ 1
  writeFileSync(path, bytes)
  const stop = await stopOf(() => verifyLedger(ask(directory)))
  assert.deepEqual([stop.code, stop.exit], ['apply/frame-hash', 3])
  assert.equal(stop.at, 'height 2')
})

test('a journal shorter than its own checkpoint is refused', async () => {
  const directory = await directoryWith(frames)
  const whole = readFileSync(journalOf(directory))
  writeFileSync(
    journalOf(directory),
    whole.subarray(0, whole.length - (frames.at(-1)?.length ?? 0)),
  )
  const stop = await stopOf(() => verifyLedger(ask(directory)))
  assert.equal(stop.code, 'cli/behind-checkpoint')
})

test('what cannot be undone is only said without --yes', async () => {
  const directory = await directoryWith(frames)
  assert.equal((await stopOf(() => rebuildLedger(ask(directory)))).code, 'cli/needs-yes')
  const dry = await rebuildLedger(ask(directory, { flags: new Set(['dry-run']) }))
  assert.equal(dry.data['dryRun'], true)
})

test('heights outside the ledger are refused', async () => {
  const directory = await directoryWith(frames)
  for (const values of [{ from: '0' }, { from: '5', to: '4' }, { to: '99' }]) {
    const stop = await stopOf(() =>
      replayLedger(ask(directory, { values: { directory, ...values } })),
    )
    assert.deepEqual([stop.code, stop.exit], ['cli/bad-value', 2])
  }
})
