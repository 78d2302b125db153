// A log, the same log rewritten, and a cosigner whose memory is a directory: what the tests of
// cosigning stand on.
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach } from 'node:test'
import { answerAddCheckpoint, openWitnessRecords } from '#adapters/transport'
import type { Contradiction, Witness, WitnessAnswer } from '#adapters/transport'
import { utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeAddCheckpoint, encodeCheckpoint, parseCosignatureLines } from '#ledger/prove'
import { verifyCosignature } from '#ledger/prove'
import { TestLog, cosignLine, signCheckpoint, signerOf } from '#test/proofs'
import type { TestSigner } from '#test/proofs'

export const origin = 'ledger.example/city'
export const logKey: TestSigner = signerOf(origin, 'note')
export const cosigner: TestSigner = signerOf('notary.example', 'cosignature')
export const nowSeconds = 1_795_000_000

/** Forty entries. */
export const log: TestLog = new TestLog(origin)
for (let n = 0; n < 40; n += 1) log.append(`entry ${n}`)

/** The same log, rewritten from its fourth entry on. */
export const fork: TestLog = new TestLog(origin)
for (let n = 0; n < 40; n += 1) fork.append(n < 3 ? `entry ${n}` : `other ${n}`)

/** The checkpoint of this size under the log's signature. */
export function noteOf(from: TestLog, size: number): Bytes {
  return signCheckpoint(from.checkpoint(size), [logKey])
}

/** A request that proves growth between two sizes. */
export function bodyOf(oldSize: number, size: number, from: TestLog = log): Bytes {
  const path = oldSize <= size ? from.consistency(oldSize, size) : []
  return encodeAddCheckpoint({ oldSize, path, note: noteOf(from, size) })
}

/** The status of an answer, and its body where that is a size. */
export function said({ status, contentType, body }: WitnessAnswer): string {
  return contentType === 'text/x.tlog.size' ? `${status} ${utf8Decode(body)}` : String(status)
}

/** Whether an answer is one cosignature over the checkpoint of this size. */
export function isCosigned(answer: WitnessAnswer, size: number, from: TestLog = log): boolean {
  const [line, ...rest] = parseCosignatureLines(answer.body) ?? []
  if (answer.status !== 200 || line === undefined || rest.length > 0) return false
  const text = encodeCheckpoint(from.checkpoint(size))
  return verifyCosignature(cosigner.key, text, line.signature) === nowSeconds
}

/** A cosigner with an empty memory for each test. */
export type Cosigning = {
  path: string
  witness: Witness
  contradictions: Contradiction[]
  /** The cosigner as it starts: all that it knows is on disk. */
  restarted(change?: Partial<Witness>): Witness
  add(oldSize: number, size: number, from?: TestLog): WitnessAnswer
  /** Begins with an empty memory. */
  forget(): void
}

export function cosigning(): Cosigning {
  const root = fs.mkdtempSync(join(tmpdir(), 'lianban-cosigning-'))
  let made = 0
  const restarted: Cosigning['restarted'] = (change = {}) => ({
    logKeys: (name) => (name === origin ? [logKey.key] : null),
    origins: () => [origin],
    records: openWitnessRecords(world.path),
    cosign: (text, seconds) => cosignLine(cosigner, text, seconds),
    nowSeconds: () => nowSeconds,
    contradicted: (contradiction) => world.contradictions.push(contradiction),
    ...change,
  })
  const world: Cosigning = {
    path: join(root, '0'),
    witness: null as unknown as Witness,
    contradictions: [],
    restarted,
    add: (oldSize, size, from = log) =>
      answerAddCheckpoint(world.witness, bodyOf(oldSize, size, from)),
    forget: () => {
      world.path = join(root, String((made += 1)))
      world.contradictions = []
      world.witness = restarted()
    },
  }
  beforeEach(() => world.forget())
  after(() => fs.rmSync(root, { recursive: true }))
  return world
}
