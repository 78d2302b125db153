// A log for tests of proofs: keys that are the same for the same name, entries, checkpoints with
// cosignatures at chosen times, map-root entries, and the evidence that follows from them.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeEntry } from '#ledger/apply'
import {
  Frontier,
  Maps,
  cosignatureMessage,
  consistencyProof,
  encodeCheckpoint,
  encodeCosignature,
  encodeMapRoot,
  encodeNote,
  encodeVkey,
  inclusionProof,
  leafHash,
  noteKey,
} from '#ledger/prove'
import type {
  Checkpoint,
  NodeReader,
  NoteKey,
  NoteKeyUse,
  NoteSignature,
  ProofFile,
  ProvenEntry,
} from '#ledger/prove'

/** A note key together with its private half. */
export type TestSigner = {
  readonly key: NoteKey
  readonly vkey: string
  sign(message: string): Bytes
}

/** The signer of this name and use; its seed is the hash of both, so it is always the same. */
export function signerOf(name: string, use: NoteKeyUse, more = ''): TestSigner {
  const seed = createHash('sha256').update(`test key ${use} ${name} ${more}`).digest()
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const secret: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' })
  const key = noteKey(name, use, new Uint8Array(spki.subarray(12)))
  if (key === null) throw new Error('a key of one in 2^250 seeds')
  return {
    key,
    vkey: encodeVkey(key),
    sign: (message) => new Uint8Array(sign(null, Buffer.from(message), secret)),
  }
}

/** A log's own signature line over a text. */
export function logLine(signer: TestSigner, text: string): NoteSignature {
  const { name, keyHash } = signer.key
  return { name, keyHash, signature: signer.sign(text) }
}

/** A cosigner's signature line over a text at a time in Unix seconds. */
export function cosignLine(signer: TestSigner, text: string, seconds: number): NoteSignature {
  const { name, keyHash } = signer.key
  const signature = encodeCosignature(seconds, signer.sign(cosignatureMessage(seconds, text)))
  return { name, keyHash, signature }
}

/** A signed checkpoint: lines of the log's keys, then of cosigners with their times. */
export function signCheckpoint(
  checkpoint: Checkpoint,
  logs: readonly TestSigner[],
  cosigners: readonly (readonly [TestSigner, number])[] = [],
): Bytes {
  const text = encodeCheckpoint(checkpoint)
  const signatures = [
    ...logs.map((log) => logLine(log, text)),
    ...cosigners.map(([cosigner, seconds]) => cosignLine(cosigner, text, seconds)),
  ]
  return encodeNote({ text, signatures })
}

/** Entries, their tree with every node in memory, and the ledger's maps. */
export class TestLog {
  readonly origin: string
  readonly entries: Bytes[] = []
  readonly maps: Maps = new Maps()
  readonly #frontier: Frontier = new Frontier()
  readonly #roots: Bytes[] = []
  readonly #nodes: Map<string, Bytes> = new Map()

  constructor(origin: string) {
    this.origin = origin
    this.#roots.push(this.#frontier.root())
  }

  get size(): number {
    return this.entries.length
  }

  get reader(): NodeReader {
    return { hashes: (level, index) => this.#nodes.get(`${level}/${index}`) ?? null }
  }

  /** Appends an entry and gives its index. */
  append(entry: string | Bytes): number {
    const bytes = typeof entry === 'string' ? utf8Encode(entry) : entry
    this.#frontier.append(leafHash(bytes), (level, index, hash) =>
      this.#nodes.set(`${level}/${index}`, hash.slice()),
    )
    this.#roots.push(this.#frontier.root())
    return this.entries.push(bytes) - 1
  }

  /** Appends the map-root entry for the maps as they are and gives its index. */
  appendMapRoot(height: number, time: number): number {
    const roots = new Map<string, Bytes>()
    for (const name of Object.keys(this.maps.roots())) roots.set(name, this.maps.root(name)!)
    const stateDigest = new Uint8Array(createHash('sha256').update(`state ${height}`).digest())
    const content = encodeMapRoot({ height, stateDigest, roots })
    return this.append(
      encodeEntry({ h: height + 1, t: time, kind: 'system', system: content as never }),
    )
  }

  checkpoint(size: number = this.size): Checkpoint {
    return { origin: this.origin, size, root: this.#roots[size]! }
  }

  path(index: number, size: number = this.size): readonly Bytes[] {
    return inclusionProof(this.reader, index, size)!
  }

  consistency(from: number, to: number = this.size): readonly Bytes[] {
    return consistencyProof(this.reader, from, to)!
  }

  /** The proof of an entry under a signed checkpoint of this size. */
  proof(index: number, note: Bytes, size: number = this.size): ProofFile {
    return { extra: null, index, path: this.path(index, size), note }
  }

  proven(index: number, note: Bytes, size: number = this.size): ProvenEntry {
    return { entry: this.entries[index]!, proof: this.proof(index, note, size) }
  }
}

/** An envelope entry over these intents and one entry for each, as they stand in a log. */
export function envelopeEntries(
  place: { readonly height: number; readonly time: number },
  firstIndex: number,
  intents: readonly string[],
): readonly string[] {
  const sha = (text: string): string => createHash('sha256').update(text).digest('base64url')
  const encode = (text: string): string => base64urlEncode(utf8Encode(text))
  const head = encode('{"alg":"ES256","kid":"k","typ":"lianban-envelope+jws"}')
  const payload = encode(`{"intents":[${intents.map((text) => `"${sha(text)}"`).join(',')}]}`)
  const opening = `{"v":1,"h":${place.height},"t":${place.time},`
  return [
    `${opening}"c":"${head}.${payload}.${'A'.repeat(86)}"}`,
    ...intents.map(
      (text, position) =>
        `${opening}"i":"${encode(text)}","e":{"entry":${firstIndex},"position":${position}},` +
        `"r":{"code":"ok","w":"${sha(`writes of ${text}`)}"}}`,
    ),
  ]
}
