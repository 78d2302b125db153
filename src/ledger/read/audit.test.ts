// Claims about the audit: an honest history is reproduced bit for bit, and every change of it, even
// with all hashes made to fit again, is found at its place.
import assert from 'node:assert/strict'
import test from 'node:test'
import { latin1Decode } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import { isRefusal } from '#ledger/command'
import type { Frame } from '#ledger/apply'
import { decodeFrame, encodeFrame, nextDigest } from '#ledger/apply'
import { replayFrame } from '#ledger/read'
import { command, emptyLedger, envelope, intentText, memoryLedger } from '#test/memory-ledger'
import { notes, startTime, testMembers } from '#test/memory-ledger'
import { makeKey } from '#test/commands'

function history(): { readonly frames: Uint8Array[] } {
  const ledger = memoryLedger()
  const later = startTime + 1000
  ledger.block([command('notes.set', { key: 'a', value: 1 })], later)
  const texts = ['b', 'c'].map((key) => intentText('notes.set', { key, value: 2 }))
  ledger.block([envelope(texts), command('notes.set', { key: 'a', value: -1 })], later + 1)
  ledger.block([command('notes.drop', { key: 'b' })], later + 20_000)
  ledger.block([], later + 20_001)
  return ledger
}

/** Replays frames until one differs. */
function audit(frames: readonly Uint8Array[]): { readonly what: string; readonly height: number } {
  const { machine } = emptyLedger()
  for (const bytes of frames) {
    const result = replayFrame(machine, bytes)
    if ('what' in result) return result
    machine.confirm(result.applied)
  }
  return { what: 'none', height: machine.head().height }
}

/** The frames with one changed, and everything after it hashed again to fit. */
function rewrite(
  frames: readonly Uint8Array[],
  at: number,
  change: (frame: Frame) => { entries?: string[]; writes?: string[]; time?: number },
): Uint8Array[] {
  const out: Uint8Array[] = []
  let oldHash: Uint8Array = new Uint8Array(32)
  let hash: Uint8Array = new Uint8Array(32)
  let digest: Uint8Array = new Uint8Array(32)
  for (const [i, bytes] of frames.entries()) {
    const frame = decodeFrame(bytes, oldHash)
    assert.ok(!isRefusal(frame))
    oldHash = frame.hash
    const entries = frame.entries.map((entry) => latin1Decode(entry))
    const changed = {
      entries,
      writes: [...frame.writes],
      time: frame.time,
      ...(i === at ? change(frame) : {}),
    }
    digest = nextDigest(digest, changed.writes)
    const again = encodeFrame({ ...frame, ...changed, stateDigest: digest }, hash)
    hash = again.slice(8, 40)
    out.push(again)
  }
  return out
}

test('an honest history is reproduced', () => {
  const { frames } = history()
  assert.deepEqual(audit(frames), { what: 'none', height: frames.length })
})

test('a rewritten outcome is found at its entry', () => {
  const { frames } = history()
  const lied = rewrite(frames, 3, (frame) => ({
    entries: frame.entries.map((entry) =>
      latin1Decode(entry).replace('notes/negative', 'notes/positive'),
    ),
  }))
  assert.deepEqual(audit(lied), { what: 'entries', height: 4, entry: 6 })
})

test('a changed record is found although its hash in the entry fits', () => {
  const { frames } = history()
  const lied = rewrite(frames, 2, (frame) => {
    const writes = frame.writes.map((text) => text.replace('"value":1', '"value":9'))
    const w = sha256Text(frame.writes[0] as string, 'base64url')
    const lie = sha256Text(writes[0] as string, 'base64url')
    return {
      writes,
      entries: frame.entries.map((entry) => latin1Decode(entry).replace(w, lie)),
    }
  })
  assert.equal(audit(lied).height, 3)
  assert.equal(audit(lied).what, 'entries')
})

test('writes that no command caused are found', () => {
  const { frames } = history()
  const lied = rewrite(frames, 5, (frame) => ({
    writes: [...frame.writes.slice(0, -1), '[["notes/current/z",{"count":1,"value":1}]]'],
  }))
  assert.equal(audit(lied).what, 'writes')
})

test('a command that was taken out, moved or signed by a stranger is found', () => {
  const { frames } = history()
  const without = rewrite(frames, 2, (frame) => ({ entries: [], writes: frame.writes.slice(-1) }))
  assert.notEqual(audit(without).what, 'none')
  const late = rewrite(frames, 2, () => ({ time: startTime + 10_000_000 }))
  assert.notEqual(audit(late).what, 'none')
  const stranger = command('notes.set', { key: 'a', value: 1 }, { key: makeKey('stranger') })
  const forged = rewrite(frames, 2, (frame) => ({
    entries: frame.entries.map((entry) =>
      latin1Decode(entry).replace(/"c":"[^"]+"/, `"c":"${stranger.jws.text}"`),
    ),
  }))
  assert.deepEqual(audit(forged), {
    what: 'not-admitted',
    height: 3,
    entry: 2,
    refusal: { code: 'validate/unknown-key', at: 'header.kid' },
  })
})

test('a genesis that no ledger may have is a divergence and no defect', () => {
  const { frames } = history()
  const refusing = { ...testMembers, genesis: () => ({ code: 'apply/entry' }) }
  const { machine } = emptyLedger([refusing, notes])
  assert.deepEqual(replayFrame(machine, frames[0] as Uint8Array), {
    height: 1,
    what: 'commands',
    entry: 0,
    refusal: { code: 'apply/entry' },
  })
})
