// Claims of a cosigner: each status of the specification in its place, and one history that only
// grows, however it is asked.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addCheckpointBytesMax, answerAddCheckpoint } from '#adapters/transport'
import { utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeAddCheckpoint, encodeCheckpoint, encodeNote } from '#ledger/prove'
import { parseSignedCheckpoint } from '#ledger/prove'
import { bodyOf, cosigner, cosigning, fork, isCosigned, log } from '#test/cosigning'
import { logKey, noteOf, nowSeconds, origin, said } from '#test/cosigning'
import { TestLog, cosignLine, logLine, signerOf } from '#test/proofs'

const world = cosigning()

test('a log that grows is cosigned at each step', () => {
  assert.ok(isCosigned(world.add(0, 1), 1))
  assert.ok(isCosigned(world.add(1, 7), 7))
  assert.ok(isCosigned(world.add(7, 40), 40))
  assert.ok(isCosigned(world.add(40, 40), 40), 'and again at the same size')
})

test('an empty log is cosigned before it has an entry', () => {
  assert.ok(isCosigned(world.add(0, 0), 0))
  assert.ok(isCosigned(world.add(0, 5), 5))
})

test('400: what is no request, and an old size above the new one', () => {
  world.add(0, 5)
  const good = utf8Decode(bodyOf(5, 9))!
  const bad = ['', '\n', 'old 5\n', good.slice(1), good.replace('old 5', 'old 05'), `${good}x`]
  for (const body of [...bad, good.replace('old 5', 'old -5'), good.replace('\n\n', '\n')]) {
    assert.equal(said(answerAddCheckpoint(world.witness, utf8Encode(body))), '400')
  }
  assert.equal(
    said(answerAddCheckpoint(world.witness, new Uint8Array(addCheckpointBytesMax + 1))),
    '400',
  )
  assert.equal(said(world.add(9, 8)), '400')
})

test('404: a log that is not followed', () => {
  const other = new TestLog('ledger.example/other')
  other.append('entry')
  assert.equal(said(world.add(0, 1, other)), '404')
})

test('403: a checkpoint that the log did not sign, or signed badly', () => {
  const text = encodeCheckpoint(log.checkpoint(5))
  const stranger = signerOf(origin, 'note', 'stranger')
  const good = logLine(logKey, text)
  const flipped = {
    ...good,
    signature: good.signature.map((byte, at) => (at === 9 ? byte ^ 1 : byte)),
  }
  const other = logLine(logKey, encodeCheckpoint(log.checkpoint(6)))
  const asCosigner = cosignLine(cosigner, text, nowSeconds)
  const lines = [
    [logLine(stranger, text)],
    [flipped],
    [other],
    [asCosigner],
    [good, flipped],
    [{ ...good, name: 'another.example' }],
  ]
  for (const signatures of lines) {
    const note = encodeNote({ text, signatures })
    const body = encodeAddCheckpoint({ oldSize: 0, path: [], note })
    assert.equal(said(answerAddCheckpoint(world.witness, body)), '403')
  }
  assert.equal(world.witness.records.newest(origin), null)
})

test('lines of strangers and of other cosigners do no harm and are not kept', () => {
  const text = encodeCheckpoint(log.checkpoint(5))
  const other = signerOf('other.example', 'cosignature')
  const signatures = [
    cosignLine(other, text, 7),
    logLine(signerOf(origin, 'note', 'new key'), text),
    logLine(logKey, text),
  ]
  const body = encodeAddCheckpoint({ oldSize: 0, path: [], note: encodeNote({ text, signatures }) })
  assert.ok(isCosigned(answerAddCheckpoint(world.witness, body), 5))
  const kept = parseSignedCheckpoint(world.witness.records.newest(origin)!.note)!
  assert.deepEqual(
    kept.note.signatures.map(({ name }) => name),
    [origin, origin, 'notary.example'],
  )
})

test('409: an old size that is not the one it knows, with the one that it knows', () => {
  assert.equal(said(world.add(3, 5)), '409 0\n')
  world.add(0, 7)
  assert.equal(said(world.add(0, 9)), '409 7\n')
  assert.equal(said(world.add(6, 9)), '409 7\n')
  assert.equal(said(world.add(8, 9)), '409 7\n')
  assert.equal(said(world.add(0, 5)), '409 7\n', 'nor does it go back')
})

test('409: another root of the size that it knows, with evidence for whoever asks', () => {
  world.add(0, 7)
  assert.equal(said(world.add(7, 7, fork)), '409 7\n')
  assert.equal(said(world.add(0, 0, log)), '409 7\n')
  const [found, ...rest] = world.contradictions
  assert.deepEqual(rest, [])
  assert.equal(found?.kind, 'root')
  const [known, offered] = [found!.known, found!.offered].map((note) => parseSignedCheckpoint(note))
  assert.equal(known?.checkpoint.size, offered?.checkpoint.size)
  assert.notDeepEqual(known?.checkpoint.root, offered?.checkpoint.root)
})

test('422: growth that is not proven', () => {
  world.add(0, 7)
  assert.equal(said(world.add(7, 12, fork)), '422')
  const body = (path_: readonly Bytes[]): Bytes =>
    encodeAddCheckpoint({ oldSize: 7, path: path_, note: noteOf(log, 12) })
  const proof = log.consistency(7, 12)
  assert.equal(said(answerAddCheckpoint(world.witness, body([]))), '422')
  assert.equal(said(answerAddCheckpoint(world.witness, body(proof.slice(1)))), '422')
  assert.equal(said(answerAddCheckpoint(world.witness, body([...proof, proof[0]!]))), '422')
  assert.equal(world.contradictions.length, 4)
  assert.ok(isCosigned(answerAddCheckpoint(world.witness, body(proof)), 12))
})

test('however it is asked, a cosigner signs one history that only grows', () => {
  const step = fc.record({
    oldSize: fc.integer({ min: 0, max: 40 }),
    size: fc.integer({ min: 0, max: 40 }),
    other: fc.boolean(),
    honest: fc.boolean(),
    restart: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      world.forget()
      let known = 0
      let branch: TestLog | null = null
      for (const { oldSize, size, other, honest, restart } of steps) {
        if (restart) world.witness = world.restarted()
        const from = other ? fork : log
        const answer = world.add(honest ? Math.min(known, size) : oldSize, size, from)
        if (answer.status !== 200) continue
        assert.ok(isCosigned(answer, size, from))
        assert.ok(size >= known)
        // The two logs are one up to their third entry.
        if (size > 3) branch ??= from
        if (size > 3) assert.equal(from, branch)
        known = size
      }
      assert.equal(world.witness.records.newest(origin)?.checkpoint.size ?? 0, known)
    }),
    { numRuns: 60 },
  )
})
