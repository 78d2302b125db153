// Valid artefacts of every kind that this house makes, and ways to change them: the material of
// mutation runs and of differential tests against other verifiers.
import { utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import { encodeEvidence, encodeNote, encodeProofFile, parsePolicy } from '#ledger/prove'
import type { TrustPolicy } from '#ledger/prove'
import { TestLog, envelopeEntries, logLine, signCheckpoint, signerOf } from '#test/proofs'

/** Numbers that depend on the seed alone (xorshift). */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e37_79b9) | 1
  }

  /** A whole number from 0 to below n. */
  below(n: number): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x
    return (x >>> 0) % n
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
}

const WRITES = 'A'.repeat(43)
const ORIGIN = 'ledger.example/city'
/** Unix seconds at which the artefacts are judged. */
export const NOW = 1_790_000_000
const SIZES = [1, 2, 7, 8, 33, 64, 100, 129] as const

export type Artefacts = {
  /** The policy's own text. */
  readonly policyText: string
  readonly log: TestLog
  readonly policy: TrustPolicy
  readonly notes: readonly Bytes[]
  readonly checkpoints: readonly Bytes[]
  readonly proofs: readonly { readonly entry: Bytes; readonly file: Bytes }[]
  readonly evidence: readonly Bytes[]
}

/** The artefacts; the same on every call. */
export function makeArtefacts(): Artefacts {
  const own = signerOf(ORIGIN, 'note')
  const witnesses = ['tax', 'land', 'court'].map((name) => signerOf(name, 'cosignature'))
  const lines = witnesses.map(({ vkey }, i) => `witness w${i} ${vkey}`)
  const text = `log ${own.vkey}\n${lines.join('\n')}\ngroup all all w0 w1 w2\nquorum all\n`
  const policy = parsePolicy(utf8Encode(text))
  if (isRefusal(policy)) throw new Error(policy.code)
  const log = new TestLog(ORIGIN)
  const place = { height: 1, time: NOW }
  const single = `{"v":1,"h":1,"t":2,"c":"QQ.QQ.QQ","r":{"code":"ok","w":"${WRITES}"}}`
  for (let i = 0; i < 60; i++) log.append(single.replace('"h":1', `"h":${i + 1}`))
  const first = log.size
  for (const entry of envelopeEntries(place, first, ['a', 'b', 'c', 'd'])) log.append(entry)
  for (let i = 0; i < 300; i++) log.maps.change('now', `r/${i}`, `{"n":${i}}`)
  const root = log.appendMapRoot(5, NOW)
  const mapSize = log.size
  while (log.size < 129) log.append(single.replace('"h":1', `"h":${log.size}`))
  const sign = (size: number): Bytes =>
    signCheckpoint(
      log.checkpoint(size),
      [own],
      witnesses.map((each, i) => [each, NOW - i]),
    )
  const checkpoints = SIZES.map(sign)
  const note = sign(mapSize)
  const record = (key: string, value: string | null): Bytes =>
    encodeEvidence({
      entry: log.proven(9, note, mapSize),
      envelope: null,
      record: {
        map: 'now',
        key,
        value,
        proof: log.maps.prove('now', key)!,
        root: log.proven(root, note, mapSize),
      },
    })
  return {
    policyText: text,
    log,
    policy,
    notes: ['short\n', 'a\n\nlonger note\nof some lines\n'].map((each) =>
      encodeNote({ text: each, signatures: [logLine(own, each)] }),
    ),
    checkpoints,
    proofs: SIZES.map((size, i) => ({
      entry: log.entries[size - 1]!,
      file: encodeProofFile(log.proof(size - 1, checkpoints[i]!, size)),
    })),
    evidence: [
      record('r/7', '{"n":7}'),
      record('absent', null),
      encodeEvidence({
        entry: log.proven(first + 3, note, mapSize),
        envelope: log.proven(first, note, mapSize),
        record: null,
      }),
    ],
  }
}

/** The bytes with one bit changed. */
export function flip(bytes: Bytes, chance: Chance): Bytes {
  const bit = chance.below(bytes.length * 8)
  return bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)))
}

/** One change of bytes or of lines; lines may come from another valid artefact. */
export function mutate(bytes: Bytes, other: Bytes, chance: Chance): Bytes {
  const at = chance.below(bytes.length)
  const length = 1 + chance.below(8)
  switch (chance.below(8)) {
    case 0:
      return bytes.with(at, chance.below(256))
    case 1:
      return Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + length)])
    case 2:
      return Uint8Array.from([...bytes.slice(0, at), chance.below(256), ...bytes.slice(at)])
    case 3:
      return Uint8Array.from([...bytes.slice(0, at + length), ...bytes.slice(at)])
    case 4:
      return bytes.slice(0, at)
    case 5:
      return mutateLines(bytes, other, chance)
    default:
      return flip(bytes, chance)
  }
}

function mutateLines(bytes: Bytes, other: Bytes, chance: Chance): Bytes {
  const lines = utf8Decode(bytes)!.split('\n')
  const foreign = utf8Decode(other)!.split('\n')
  const i = chance.below(lines.length)
  const line = chance.of(foreign)
  const ways = [lines.with(i, line), lines.toSpliced(i, 1), lines.toSpliced(i, 0, line)]
  return utf8Encode(chance.of(ways).join('\n'))
}
