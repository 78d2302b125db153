// Rewritten histories: an operator that holds the directory, the log's key and every member's key
// changes what was committed, makes all hashes and signatures fit again, and goes on. Each rewrite
// must be found: by `lianban ledger verify` from a checkpoint that somebody saved, or by a follower
// that had come so far (threat T3, promise P12).
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { base64urlEncode, latin1Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import { sha256Text } from '#base/crypto'
import { decodeSubmission, encodeIntent, encodeSubmission, isRefusal } from '#ledger/command'
import type { Command, Value } from '#ledger/command'
import { decodeFrame, emptyHead, encodeFrame, nextDigest } from '#ledger/apply'
import type { Applied, Machine } from '#ledger/apply'
import { fillBlock } from '#ledger/order'
import { signCommand, signedCheckpoint, signEnvelope } from '#adapters/keys'
import type { KeyStore } from '#adapters/keys'
import { practiceGenesis } from '#domains/members'
import { Stop, Terminal } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { forge, replaceHistory, treeOf } from '#apps/cli/demo'
import { Past, verifyLedger } from '#apps/cli/ledger'
import { follow, openCopy } from '#apps/node/follow'
import type { FollowSource } from '#apps/node/follow'
import { layoutOf } from '#apps/node/config'
import { domains } from '#apps/node/serve'
import { seededKeyStore } from '#test/seeded-keys'
import { filler } from '#test/commands'
import { Random } from '#simulation/random'

const ledger = 'rewrites.example/one'
const begin = 1_790_000_000_000
const blocks = 14
const codes = ['land', 'tax', 'water'] as const

export type Outcome = {
  readonly tried: number
  readonly byCheckpoint: number
  readonly byFollower: number
  readonly missed: readonly string[]
}

/** Tries `count` rewrites; the same seed tries the same ones. */
export async function run(options: {
  readonly count: number
  readonly seed: number
}): Promise<Outcome> {
  const root = mkdtempSync(join(tmpdir(), 'lianban-rewrites-'))
  try {
    const scene = await prepare(root, options.seed)
    const random = new Random(options.seed)
    const tally = { tried: 0, byCheckpoint: 0, byFollower: 0 }
    const missed: string[] = []
    while (tally.tried < options.count) {
      const rewrite = rewriteOf(scene, random)
      if (rewrite === null) continue
      tally.tried += 1
      const checkpoint = await foundByCheckpoint(scene, rewrite)
      const follower = await foundByFollower(scene, rewrite)
      if (checkpoint) tally.byCheckpoint += 1
      if (follower) tally.byFollower += 1
      if (!checkpoint && !follower) missed.push(rewrite.name)
    }
    return { ...tally, missed }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

type Scene = {
  readonly root: string
  readonly keys: KeyStore
  readonly frames: readonly Bytes[]
  /** Somebody's copy of a checkpoint, and a follower's copy of everything. */
  readonly saved: string
  readonly follower: string
}

type Rewrite = { readonly name: string; readonly frames: readonly Bytes[] }

/** The history as it was, a checkpoint saved on the way, and a follower at its end. */
async function prepare(root: string, seed: number): Promise<Scene> {
  const keys = seededKeyStore(`rewrites ${seed}`)
  const members = codes.map((code) => {
    const uses = code === 'land' ? (['command', 'log'] as const) : (['command'] as const)
    const made = uses.map((use) => {
      return [use, keys.generate({ use, member: code, custody: 'hosted', created: 0 }).jwk]
    })
    return { code, keys: Object.fromEntries(made) as { command?: never } }
  })
  const machine = new Past().machine(ledger, emptyHead)
  const frames: Bytes[] = []
  const sizes: number[] = []
  const keep = (applied: Applied): void => {
    machine.confirm(applied)
    frames.push(applied.frame)
    if (applied.checkpoint !== null) sizes.push(applied.checkpoint)
  }
  keep(machine.genesis(practiceGenesis(members), begin))
  for (let height = 2; height <= blocks; height += 1) {
    const queue = Array.from({ length: height % 4 }, (_, at) => act(keys, height * 8 + at))
    keep(block(machine, queue, begin + height * 4_000))
  }
  const size = sizes.at(-1) ?? 1
  const saved = join(root, 'saved')
  writeFileSync(saved, note(keys, frames, size))
  const follower = join(root, 'follower')
  mkdirSync(follower, { mode: 0o700 })
  const copy = openCopy({ directory: follower, domains, ledger, logKeys: null })
  for (const frame of frames) assert(copy.follower.take(frame) === null, 'the true history holds')
  await copy.close()
  return { root, keys, frames, saved, follower }
}

function block(machine: Machine, commands: readonly Command[], time: number): Applied {
  const filled = fillBlock(commands, machine.admission(time))
  return machine.deliver({
    height: machine.head().height + 1,
    time,
    commands: filled.commands,
  })
}

/** The checkpoint of the first `size` entries under the log's own key. */
function note(keys: KeyStore, frames: readonly Bytes[], size?: number): Bytes {
  const log = keys.list().find(({ use }) => use === 'log')
  assert(log !== undefined, 'the operator holds the key of the log')
  return signedCheckpoint(keys, log.kid, { origin: ledger, ...treeOf(frames, size) })
}

/** A command of some member about one of a few things; the same for the same number. */
function act(keys: KeyStore, number: number): Command {
  const member = codes[number % codes.length] ?? 'land'
  const key = keys.list().find((each) => each.member === member && each.use === 'command')
  assert(key !== undefined, 'every member has a command key')
  const intents = Array.from({ length: number % 5 === 0 ? 2 : 1 }, (_, at) =>
    intentOf(number * 4 + at),
  )
  const text =
    intents.length === 1
      ? signCommand(keys, key.kid, intents[0] ?? '')
      : encodeSubmission({ envelope: signEnvelope(keys, key.kid, intents), intents })
  return decoded(text)
}

function intentOf(number: number): string {
  const handle = base64urlEncode(filler(`thing ${number % 7}`, 16))
  const kind = ['hold', 'disputed', 'frozen'][number % 3] ?? 'hold'
  const body: { readonly [name: string]: Value } = { handle, kind }
  const id = base64urlEncode(filler(`id ${number}`, 16))
  const type = number % 4 === 3 ? 'mark.clear' : 'mark.set'
  return encodeIntent({ ledger, id, type, body, notAfter: begin + 600_000 })
}

function decoded(text: string): Command {
  const command = decodeSubmission(text)
  assert(!isRefusal(command), 'commands of the test are well formed')
  return command
}

/** One random rewrite; null when it came to the same history. */
function rewriteOf(scene: Scene, random: Random): Rewrite | null {
  const height = 2 + random.below(blocks - 1)
  const kinds = [executed, refitted, truncated, forked] as const
  const kind = kinds[random.below(kinds.length)] ?? executed
  const rewrite = kind(scene, height, random)
  const same =
    rewrite.frames.length === scene.frames.length &&
    rewrite.frames.every((bytes, at) => Buffer.compare(bytes, scene.frames[at] as Bytes) === 0)
  return same ? null : rewrite
}

/** Commands replaced, dropped, added or exchanged, and everything after them run again. */
function executed(scene: Scene, at: number, random: Random): Rewrite {
  const ways = ['replace', 'drop', 'add', 'exchange'] as const
  const way = ways[random.below(ways.length)] ?? 'drop'
  const other = act(scene.keys, 10_000 + random.below(100_000))
  const frames = forge(ledger, scene.frames, (commands, height) => {
    if (height !== at) return commands
    if (way === 'add') return [...commands, other]
    if (way === 'exchange') return commands.toReversed()
    return way === 'drop' ? commands.slice(1) : [other, ...commands.slice(1)]
  })
  return { name: `${way} at ${at}`, frames }
}

/** Recorded bytes changed, and every hash after them made to fit. */
function refitted(scene: Scene, at: number, random: Random): Rewrite {
  const ways = ['code', 'time', 'outcome', 'record', 'housekeeping'] as const
  const way = ways[random.below(ways.length)] ?? 'code'
  const frames: Bytes[] = []
  let [before, hash, digest] = [0, 0, 0].map(() => new Uint8Array(32)) as [Bytes, Bytes, Bytes]
  for (const bytes of scene.frames) {
    const frame = decodeFrame(bytes, before)
    assert(!isRefusal(frame), 'the true history is whole')
    before = frame.hash
    const content = {
      ...frame,
      entries: frame.entries.map((entry) => latin1Decode(entry)),
      writes: [...frame.writes],
    }
    const lied = frame.height === at ? lie(content, way) : content
    digest = nextDigest(digest, lied.writes)
    const again = encodeFrame({ ...lied, stateDigest: digest }, hash)
    hash = again.slice(8, 40)
    frames.push(again)
  }
  return { name: `${way} at ${at}`, frames }
}

type Content = {
  readonly time: number
  readonly code: Bytes
  readonly entries: string[]
  readonly writes: string[]
}

function lie<Some extends Content>(content: Some, way: string): Some {
  const { entries, writes } = content
  switch (way) {
    case 'code':
      return { ...content, code: new Uint8Array(32).fill(9) }
    case 'time':
      return {
        ...content,
        time: content.time + 1,
        entries: entries.map((text) =>
          text.replace(`"t":${content.time}`, `"t":${content.time + 1}`),
        ),
      }
    case 'outcome':
      return { ...content, entries: entries.map((text) => text.replace('"ok"', '"members/full"')) }
    case 'record':
      return { ...content, ...rewritten(entries, writes) }
    default:
      return { ...content, writes: [...writes.slice(0, -1), withGift(writes.at(-1) ?? '[]')] }
  }
}

/** The block's own writes and one record more, behind which the operator's node can go on. */
function withGift(own: string): string {
  const gift = '["ledger/gift",1]]'
  return own === '[]' ? `[${gift}` : `${own.slice(0, -1)},${gift}`
}

/** Other writes under an entry, whose hash in the entry is made to fit. */
function rewritten(entries: readonly string[], writes: readonly string[]): Partial<Content> {
  const lies = writes.map((text) => text.replace('"kind":"hold"', '"kind":"gone"'))
  return {
    writes: lies,
    entries: entries.map((text, at) => {
      const was = sha256Text(writes[at] ?? '', 'base64url')
      return text.replace(was, sha256Text(lies[at] ?? '', 'base64url'))
    }),
  }
}

/** The end of history taken away. */
function truncated(scene: Scene, at: number): Rewrite {
  return { name: `truncate after ${at - 1}`, frames: scene.frames.slice(0, at - 1) }
}

/** The end of history exchanged for another one. */
function forked(scene: Scene, at: number, random: Random): Rewrite {
  const frames = forge(ledger, scene.frames, (commands, height) =>
    height < at ? commands : [act(scene.keys, 200_000 + random.below(100_000))],
  )
  return { name: `fork at ${at}`, frames }
}

/** Whether `ledger verify --from-checkpoint` refuses the rewritten directory. */
async function foundByCheckpoint(scene: Scene, { frames }: Rewrite): Promise<boolean> {
  const directory = join(scene.root, 'node')
  const { ledger: place } = layoutOf(directory)
  mkdirSync(place, { recursive: true, mode: 0o700 })
  await replaceHistory(place, frames, { keys: scene.keys, ledger })
  const ask: Ask = {
    terminal: new Terminal({ language: 'en', json: false, quiet: true, verbose: false }),
    operands: {},
    values: { directory },
    lists: { 'from-checkpoint': [scene.saved] },
    flags: new Set(),
    env: {},
  }
  try {
    await verifyLedger(ask)
    return false
  } catch (error) {
    if (error instanceof Stop && error.exit === 3) return true
    throw error
  }
}

/** Whether a follower that had the true history raises an alarm at what the node says next. */
async function foundByFollower(scene: Scene, { frames }: Rewrite): Promise<boolean> {
  const directory = join(scene.root, 'following')
  rmSync(directory, { recursive: true, force: true })
  cpSync(scene.follower, directory, { recursive: true })
  const next = goOn(scene, frames)
  const ended = await follow({
    directory,
    source: sourceOf(scene, next),
    domains,
    ledger,
    logKeys: null,
    once: true,
    signal: new AbortController().signal,
    say: () => undefined,
    now: () => begin,
    pause: () => Promise.resolve(),
  })
  return ended.ended === 'alarm'
}

/** The node goes on: one block more on top of what it says has been. */
function goOn(scene: Scene, frames: readonly Bytes[]): readonly Bytes[] {
  const last = frames.at(-1)
  const past = new Past()
  for (const frame of frames) if (!past.take(frame)) return frames
  const { head } = past.history
  if (last === undefined) return frames
  const machine = past.machine(ledger, head)
  const time = Math.max(head.time + 4_000, begin + (blocks + 1) * 4_000)
  return [...frames, block(machine, [act(scene.keys, 900_001)], time).frame]
}

function sourceOf(scene: Scene, frames: readonly Bytes[]): FollowSource {
  return {
    async *frames(from) {
      yield* frames.slice(from - 1).values()
    },
    checkpoint: () => Promise.resolve(note(scene.keys, frames)),
    cosign: () => Promise.resolve(null),
  }
}
