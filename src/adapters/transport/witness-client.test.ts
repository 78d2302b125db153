// Claims of a log towards its cosigners, over a real connection: it is told when it lost or rewrote
// a part of itself, and takes nothing for a cosignature that is none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addCheckpoint, answerAddCheckpoint, answerLatest } from '#adapters/transport'
import { latestOf, originHash, showCheckpoint } from '#adapters/transport'
import type { Shown, Showing, WitnessAddress, WitnessAnswer } from '#adapters/transport'
import { utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeCheckpoint, encodeSignatureLine } from '#ledger/prove'
import { cosigner, cosigning, fork, log, noteOf, nowSeconds, origin } from '#test/cosigning'
import { fails, oddServer } from '#test/odd-server'
import { TestLog, cosignLine, signerOf } from '#test/proofs'

const world = cosigning()
const odd = oddServer()

/** Serves the cosigner over HTTP, and lets a test interfere with its answers. */
function serveWitness(interfere: (answer: WitnessAnswer) => WitnessAnswer | null = (a) => a): void {
  odd.handle = (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const hash = /^\/w\/([0-9a-f]{64})\/checkpoint$/.exec(request.url ?? '')?.[1]
      const answer = interfere(
        hash === undefined
          ? answerAddCheckpoint(world.witness, Buffer.concat(parts))
          : answerLatest(world.witness, hash),
      )
      if (answer === null) return void request.socket.destroy()
      response.writeHead(answer.status, { 'content-type': answer.contentType })
      response.end(answer.body)
    })
  }
}

const address = (): WitnessAddress => ({
  url: `${odd.origin}/w`,
  key: cosigner.key,
})

function showing(size: number, oldSize: number, from: TestLog = log): Showing {
  const note = noteOf(from, size)
  return { note, size, oldSize, prove: (old, now) => from.consistency(old, now) }
}

const show = (size: number, oldSize: number, from: TestLog = log): Promise<Shown> =>
  showCheckpoint(odd.clientOf(), address(), showing(size, oldSize, from))

test('a log shows its checkpoint from wherever it believes the cosigner to be', async () => {
  serveWitness()
  for (const [size, oldSize] of [
    [5, 0],
    [9, 5],
    [20, 0],
    [20, 20],
    [30, 29],
  ] as const) {
    const shown = await show(size, oldSize)
    assert.equal(shown.kind, 'cosigned')
    assert.equal(shown.kind === 'cosigned' && shown.seconds, nowSeconds)
  }
})

test('a log that lost a part of itself is told by its cosigner', async () => {
  serveWitness()
  await show(20, 0)
  assert.deepEqual(await show(12, 12), { kind: 'ahead', size: 20 })
  const latest = await latestOf(odd.clientOf(), address(), origin)
  assert.equal(latest?.checkpoint.size, 20)
})

test('a rewritten log is contradicted, at the same size and beyond it', async () => {
  serveWitness()
  await show(20, 0)
  assert.deepEqual(await show(20, 0, fork), { kind: 'contradicted', size: 20 })
  assert.deepEqual(await show(30, 20, fork), { kind: 'refused', status: 422 })
})

test('an answer that is lost after it was made durable is asked for again and given', async () => {
  let lost = 0
  serveWitness((answer) => ((lost += 1) < 3 ? null : answer))
  assert.equal((await show(12, 0)).kind, 'cosigned')
  assert.equal(odd.requests.length, 4)
})

test('what is no cosignature of this key over this checkpoint is not taken for one', async () => {
  const note = noteOf(log, 12)
  const line = (signer: typeof cosigner, size: number): Bytes => {
    const each = cosignLine(signer, encodeCheckpoint(log.checkpoint(size)), nowSeconds)
    return utf8Encode(encodeSignatureLine(each))
  }
  const stranger = signerOf('notary.example', 'cosignature', 'stranger')
  for (const body of [
    line(stranger, 12),
    line(cosigner, 11),
    utf8Encode('ok\n'),
    new Uint8Array(),
  ]) {
    serveWitness(() => ({ status: 200, contentType: 'text/plain', body }))
    const request = { oldSize: 0, path: [], note }
    const shown = await addCheckpoint(odd.clientOf(), address(), request)
    assert.deepEqual(shown, { kind: 'refused', status: 200 })
  }
})

test('a size in a form that is none, or that never settles, is no reason to go on', async () => {
  const size = (text: string): WitnessAnswer => ({
    status: 409,
    contentType: 'text/x.tlog.size',
    body: utf8Encode(text),
  })
  for (const text of ['', '5', '05\n', '-1\n', '5\n\n', '99999999999999999999\n']) {
    serveWitness(() => size(text))
    assert.deepEqual(await show(12, 0), { kind: 'refused', status: 409 })
  }
  let turn = 0
  odd.requests = []
  serveWitness(() => size(`${(turn = (turn + 1) % 2)}\n`))
  assert.equal((await show(12, 3)).kind, 'behind')
  assert.equal(odd.requests.length, 4)
})

test('the newest checkpoint is believed under the cosigner’s own signature alone', async () => {
  serveWitness()
  assert.equal(await latestOf(odd.clientOf(), address(), origin), null)
  await show(12, 0)
  assert.equal((await latestOf(odd.clientOf(), address(), origin))?.checkpoint.size, 12)
  assert.equal(answerLatest(world.witness, originHash('ledger.example/other')).status, 404)
  assert.equal(answerLatest(world.witness, 'x').status, 404)
  const unsigned = { status: 200, contentType: 'text/plain', body: noteOf(log, 40) } as const
  serveWitness(() => unsigned)
  await fails(latestOf(odd.clientOf(), address(), origin), 'transport/bad-answer')
  serveWitness((answer) => ({ ...answer, status: 403 }))
  await fails(latestOf(odd.clientOf(), address(), origin), 'transport/bad-answer')
})
