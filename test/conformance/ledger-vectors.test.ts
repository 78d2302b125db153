// The golden ledger of vectors/ledger.json, told as data: this ledger writes its bytes from the
// commands alone, reproduces them from the frames alone, and refuses what is listed as wrong.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { base64urlEncode, hexDecode, hexEncode, latin1Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'
import type { Intent, Refusal, Schema, Value } from '#ledger/command'
import { decodeSubmission, isRefusal } from '#ledger/command'
import type { CommandRule } from '#ledger/validate'
import type { BlockTime, Clocks } from '#ledger/order'
import { blockTime, fillBlock } from '#ledger/order'
import type { Applied, Decision, Domain, MapRule, Opening, Write } from '#ledger/apply'
import { decodeEntry, decodeFrame, emptyHead, entryHash, Machine } from '#ledger/apply'
import { Frontier, judge, leafHash, Maps, parsePolicy } from '#ledger/prove'
import { replayFrame } from '#ledger/read'
import { inlineVerifier, Signing } from '#adapters/consensus'

type Fate =
  | { readonly code: string; readonly at?: string; readonly writes?: readonly Write[] }
  | { readonly refused: string; readonly at?: string }
type Block = {
  readonly claim: string
  readonly time: number
  readonly openings: readonly Opening[]
  readonly submissions: readonly {
    readonly claim: string
    readonly text: string
    readonly outcomes: readonly Fate[]
  }[]
  readonly frame: string
  readonly hash: string
  readonly stateDigest: string
  readonly firstEntry: number
  readonly entries: readonly string[]
  readonly leaves: readonly string[]
  readonly writes: readonly string[]
  readonly documents: readonly string[]
  readonly size: number
  readonly root: string
  readonly checkpoint?: { readonly size: number; readonly covers: number; readonly note: string }
}
type Type = Omit<CommandRule, 'documents'> & {
  readonly documents?: string
  readonly outcome?: Schema
}
type File = {
  readonly context: {
    readonly ledger: string
    readonly code: string
    readonly checkpointMs: number
    readonly log: string
    readonly params: Value
  }
  readonly genesis: { readonly [key: string]: Value }
  readonly types: readonly Type[]
  readonly maps: readonly MapRule[]
  readonly blocks: readonly Block[]
  readonly records: { readonly [key: string]: Value }
  readonly times: readonly (Clocks & BlockTime & { readonly claim: string })[]
  readonly invalid: {
    readonly entries: readonly { claim: string; text: string; code: string }[]
    readonly frames: readonly { claim: string; previous: string; frame: string; code: string }[]
    readonly histories: readonly { claim: string; height: number; frame: string; what: string }[]
  }
}

const url = new URL('../../vectors/ledger.json', import.meta.url)
const file = JSON.parse(readFileSync(url, 'utf8')) as File
const { context, blocks, invalid } = file

const fates = new Map<string, Fate>()
for (const { submissions } of blocks) {
  for (const { text, outcomes } of submissions) {
    for (const [position, intent] of decoded(text).intents.entries()) {
      const fate = outcomes[position]
      assert.ok(intent !== null && fate !== undefined)
      if (!('refused' in fate)) fates.set(intent.id, fate)
    }
  }
}

function decoded(text: string): Exclude<ReturnType<typeof decodeSubmission>, Refusal> {
  const command = decodeSubmission(text)
  assert.ok(!isRefusal(command))
  return command
}

/** Decides as the file says. */
function decide(intent: Intent): Decision {
  const fate = fates.get(intent.id)
  assert.ok(fate !== undefined && !('refused' in fate), 'the file says what becomes of it')
  return fate as Decision
}

const registry: Domain = {
  name: 'members',
  types: [],
  codes: [],
  maps: file.maps,
  genesis: () => Object.entries(file.genesis),
  opening: (_view, { height }) => blocks[height - 1]?.openings ?? [],
}
const notes: Domain = {
  name: 'notes',
  codes: [],
  types: file.types.map(({ documents, ...rule }) => ({
    ...rule,
    ...(documents === undefined
      ? {}
      : { documents: (body: { readonly [key: string]: Value }) => [body[documents] as string] }),
    decide: (_view, _body, { intent }) => decide(intent),
  })),
}

function bytesOf(hex: string): Bytes {
  const bytes = hexDecode(hex)
  assert.ok(bytes !== null)
  return bytes
}

/** A machine without a block, and the records that it keeps. */
function begin(): { readonly machine: Machine; readonly records: Map<string, string> } {
  const records = new Map<string, string>()
  const used = new Set<string>()
  const store = {
    get: (key: string): Value | undefined => {
      const text = records.get(key)
      return text === undefined ? undefined : (JSON.parse(text) as Value)
    },
    apply: (key: string, text: string | null): void => {
      if (text === null) records.delete(key)
      else records.set(key, text)
    },
  }
  const machine = new Machine({
    ledger: context.ledger,
    code: bytesOf(context.code),
    domains: [registry, notes],
    records: store,
    window: {
      has: (member, id) => used.has(`${member}/${id}`),
      add: (member, id) => void used.add(`${member}/${id}`),
      expire: () => undefined,
    },
    maps: new Maps(),
    documents: () => undefined,
    signatures: new Signing(inlineVerifier(), store),
    checkpointMs: context.checkpointMs,
  })
  return { machine, records }
}

function blockAt(height: number): Block {
  const block = blocks[height - 1]
  assert.ok(block !== undefined)
  return block
}

test('the commands of the golden ledger give its frames, byte for byte', () => {
  const { machine, records } = begin()
  for (const [index, block] of blocks.entries()) {
    const height = index + 1
    const applied =
      height === 1 ? machine.genesis(context.params, block.time) : deliver(machine, block)
    assert.equal(hexEncode(applied.frame), block.frame, block.claim)
    assert.equal(applied.checkpoint, block.checkpoint?.size ?? null, block.claim)
    machine.confirm(applied)
  }
  const kept = [...records].map(([key, text]) => [key, JSON.parse(text) as Value])
  assert.deepEqual(Object.fromEntries(kept), file.records)
})

function deliver(machine: Machine, block: Block): Applied {
  const { time, submissions } = block
  const commands = submissions.map(({ text }) => decoded(text))
  const filled = fillBlock(commands, machine.admission(time))
  assert.equal(filled.taken, commands.length)
  for (const [i, { claim, outcomes }] of submissions.entries()) {
    const refused = outcomes.map((fate) =>
      'refused' in fate ? { code: fate.refused, at: fate.at } : null,
    )
    const given = filled.outcomes[i]?.map((each) => ('code' in each ? { ...each } : null))
    assert.deepEqual(given, refused, claim)
  }
  return machine.deliver({ height: machine.head().height + 1, time, commands: filled.commands })
}

test('its frames hold what is said of them, and lead to its roots and checkpoints', () => {
  const log = new Frontier()
  const policy = parsePolicy(utf8Encode(`log ${context.log}\nquorum none\n`))
  assert.ok('logs' in policy)
  let previous = emptyHead.frameHash
  for (const [index, block] of blocks.entries()) {
    const frame = decodeFrame(bytesOf(block.frame), previous)
    assert.ok(!isRefusal(frame), block.claim)
    previous = frame.hash.slice()
    const texts = frame.entries.map((entry) => latin1Decode(entry))
    assert.deepEqual(
      {
        height: frame.height,
        time: frame.time,
        code: hexEncode(frame.code),
        hash: hexEncode(frame.hash),
        stateDigest: hexEncode(frame.stateDigest),
        firstEntry: frame.firstEntry,
        entries: texts,
        leaves: texts.map((text) => entryHash(text, 'hex')),
        writes: frame.writes,
        documents: frame.documents.map((bytes) => hexEncode(sha256(bytes))),
      },
      {
        height: index + 1,
        time: block.time,
        code: context.code,
        hash: block.hash,
        stateDigest: block.stateDigest,
        firstEntry: block.firstEntry,
        entries: block.entries,
        leaves: block.leaves,
        writes: block.writes,
        documents: block.documents,
      },
      block.claim,
    )
    for (const entry of frame.entries) log.append(leafHash(entry), () => undefined)
    assert.equal(log.size, block.size, block.claim)
    assert.equal(hexEncode(log.root()), block.root, block.claim)
    if (block.checkpoint === undefined) continue
    const verdict = judge({ policy, note: utf8Encode(block.checkpoint.note), nowMs: block.time })
    assert.ok(!isRefusal(verdict), block.claim)
    assert.equal(block.checkpoint.size, log.size)
    assert.ok(block.checkpoint.note.includes(Buffer.from(log.root()).toString('base64')))
  }
})

test('its frames alone give the same ledger again', () => {
  const { machine } = begin()
  for (const { frame, claim } of blocks) {
    const result = replayFrame(machine, bytesOf(frame))
    assert.ok(!('what' in result), `${claim}: ${JSON.stringify(result)}`)
    machine.confirm(result.applied)
  }
  assert.equal(machine.head().height, blocks.length)
})

test('every form of entry occurs, and a decoded entry is read as its own', () => {
  const kinds = new Set(
    blocks.flatMap(({ entries }) =>
      entries.map((text) => {
        const entry = decodeEntry(text)
        assert.ok(!isRefusal(entry), text)
        return entry.kind
      }),
    ),
  )
  assert.deepEqual([...kinds].toSorted(), ['envelope', 'intent', 'single', 'system'])
})

for (const { claim, text, code } of invalid.entries) {
  test(`no entry: ${claim}`, () => {
    const entry = decodeEntry(text)
    assert.ok(isRefusal(entry))
    assert.equal(entry.code, code)
  })
}

for (const { claim, previous, frame, code } of invalid.frames) {
  test(`no frame: ${claim}`, () => {
    const decodedFrame = decodeFrame(bytesOf(frame), bytesOf(previous))
    assert.ok(isRefusal(decodedFrame))
    assert.equal(decodedFrame.code, code)
  })
}

for (const { claim, height, frame, what } of invalid.histories) {
  test(`found in a rewritten history: ${claim}`, () => {
    const { machine } = begin()
    for (let at = 1; at < height; at += 1) {
      const result = replayFrame(machine, bytesOf(blockAt(at).frame))
      assert.ok(!('what' in result))
      machine.confirm(result.applied)
    }
    const bytes = bytesOf(frame)
    assert.ok(!isRefusal(decodeFrame(bytes, machine.head().frameHash)), 'the frame itself is whole')
    const result = replayFrame(machine, bytes)
    assert.ok('what' in result, 'a follower reproduced it')
    assert.equal(result.what, what, JSON.stringify(result))
  })
}

test('the time of a block follows its clocks, or waits for people', () => {
  for (const { claim, wallMs, monotonicMs, last, ledgerMs, ...verdict } of file.times) {
    assert.deepEqual(blockTime({ wallMs, monotonicMs, last, ledgerMs }), verdict, claim)
  }
})

test('hashes in entries are those of the writes beside them', () => {
  for (const { entries, writes } of blocks) {
    for (const [i, text] of entries.entries()) {
      const entry = decodeEntry(text)
      assert.ok(!isRefusal(entry))
      const hash = base64urlEncode(sha256(writes[i] ?? ''))
      if ('result' in entry) assert.equal(entry.result.w, hash)
      else if (entry.kind === 'system' && writes[i] !== '[]') assert.equal(entry.system['w'], hash)
    }
  }
})
