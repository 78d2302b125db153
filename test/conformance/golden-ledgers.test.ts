// The ledger that each release recorded is still reproduced: re-admitted, re-applied and compared,
// frame by frame, by the code as it stands (P9, P14). The second reader computes the same from the
// frames alone, and agrees on every case of vectors/ledger.json.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hexDecode, hexEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { sha256 } from '#base/crypto'
import type { Value } from '#ledger/command'
import { Machine } from '#ledger/apply'
import type { Frame } from '#ledger/apply'
import type { Head } from '#ledger/order'
import { Frontier, leafHash, Maps } from '#ledger/prove'
import { replayFrame } from '#ledger/read'
import { members } from '#domains/members'
import { inlineVerifier, Signing } from '#adapters/consensus'

type Release = {
  readonly release: string
  readonly context: { readonly ledger: string; readonly checkpointMs: number }
  readonly frames: readonly string[]
  readonly head: object
}

const root = join(import.meta.dirname, '..', '..')
const vectors = join(root, 'vectors')
const names = readdirSync(vectors).filter((name) => /^golden-ledger-.*\.json$/.test(name))

function bytesOf(hex: string): Bytes {
  const bytes = hexDecode(hex)
  assert.ok(bytes !== null)
  return bytes
}

/** Replays the frames and gives what they come to. */
function replayed({ context, frames }: Release): object {
  const records = new Map<string, Value>()
  const used = new Set<string>()
  const maps = new Maps()
  const log = new Frontier()
  const store = {
    get: (key: string): Value | undefined => records.get(key),
    apply: (key: string, text: string | null): void => {
      if (text === null) records.delete(key)
      else records.set(key, JSON.parse(text) as Value)
    },
  }
  const machine = new Machine({
    ...context,
    code: new Uint8Array(32),
    domains: [members],
    records: store,
    window: {
      has: (member, id) => used.has(`${member}/${id}`),
      add: (member, id) => void used.add(`${member}/${id}`),
      expire: () => undefined,
    },
    maps,
    documents: () => undefined,
    signatures: new Signing(inlineVerifier(), store),
  })
  for (const hex of frames) {
    const result = replayFrame(machine, bytesOf(hex))
    if ('what' in result) assert.fail(JSON.stringify(result))
    appendTo(log, result.frame)
    machine.confirm(result.applied)
  }
  return {
    ...headOf(machine.head()),
    root: hexEncode(log.root()),
    maps: maps.roots(),
    records: recordsHash(records),
  }
}

function appendTo(log: Frontier, { entries }: Frame): void {
  for (const entry of entries) log.append(leafHash(entry), () => undefined)
}

function headOf({ height, size, time, frameHash, stateDigest }: Head): object {
  return {
    height,
    size,
    time,
    frameHash: hexEncode(frameHash),
    stateDigest: hexEncode(stateDigest),
  }
}

function recordsHash(records: ReadonlyMap<string, Value>): string {
  const content = Object.fromEntries(records) as { readonly [key: string]: Json }
  return hexEncode(sha256(encodeCanonical(content)))
}

for (const name of names) {
  const file = JSON.parse(readFileSync(join(vectors, name), 'utf8')) as Release
  test(`the golden ledger of release ${file.release} is reproduced`, () => {
    assert.equal(name, `golden-ledger-${file.release}.json`)
    assert.deepEqual(replayed(file), file.head)
  })
}

test('this release has a golden ledger', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version: string
  }
  assert.ok(names.includes(`golden-ledger-${manifest.version}.json`))
})

const reader = join(import.meta.dirname, 'ledger.py')
const hasPython = spawnSync('python3', ['--version']).status === 0
const withoutPython = hasPython ? false : 'python3 is not on the path'

test('the second reader finds the same in the frames alone', { skip: withoutPython }, () => {
  const ran = spawnSync('python3', ['-B', reader, 'vectors', vectors], { encoding: 'utf8' })
  assert.equal(ran.status, 0, ran.stdout + ran.stderr)
  const lines = ran.stdout.trim().split('\n')
  assert.equal(lines.length, 1 + names.length)
  for (const line of lines) assert.match(line, /: [1-9]\d* cases hold, 0 do not$/)
})

test('the second reader finds the root of a journal file', { skip: withoutPython }, () => {
  const name = names.at(-1) ?? ''
  const file = JSON.parse(readFileSync(join(vectors, name), 'utf8')) as Release
  const folder = mkdtempSync(join(tmpdir(), 'lianban-journal-'))
  try {
    const path = join(folder, 'one.seg')
    const read = (bytes: Uint8Array): { status: number | null; stdout: string } => {
      writeFileSync(path, bytes)
      return spawnSync('python3', ['-B', reader, 'journal', path], { encoding: 'utf8' })
    }
    const journal = Buffer.from(file.frames.join(''), 'hex')
    const { root: wanted } = file.head as { readonly root: string }
    const whole = read(journal)
    assert.equal(whole.status, 0)
    assert.match(
      whole.stdout,
      new RegExp(`root ${Buffer.from(wanted, 'hex').toString('base64').replace(/[+/]/g, '.')}`),
    )
    journal[journal.length - 5] = 0
    assert.equal(read(journal).status, 1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
