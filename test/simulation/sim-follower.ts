// A follower at the far end of a network that drops, doubles, reorders and delays whatever passes:
// frames and checkpoints on their way to it, cosignatures on their way back. It is the product's
// own follower over a disk of its own.
import assert from 'node:assert/strict'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Domain } from '#ledger/apply'
import { encodeNote, noteKey, parseSignedCheckpoint, rootAt } from '#ledger/prove'
import { encodeCosignature } from '#ledger/prove'
import type { NoteKey, NoteSignature } from '#ledger/prove'
import { inlineVerifier } from '#adapters/consensus'
import { openStores } from '#adapters/storage'
import type { Stores } from '#adapters/storage'
import type { LedgerHost, Opened } from '#apps/node/host'
import { openOver } from '#apps/node/host'
import { Follower } from '#apps/node/follow'
import { ledgerName } from '#test/memory-ledger'
import { noteSigner, rawKey } from '#test/http-world'
import type { NoteSigner } from '#test/http-world'
import type { Random } from './random.ts'
import type { SimClock } from './sim-clock.ts'
import { SimDisk } from './sim-disk.ts'

/** The key of the simulated log, and of the follower's cosignatures. */
export const logSigner: NoteSigner = noteSigner()
export const logKey: NoteKey = keyOf(ledgerName)

function keyOf(name: string): NoteKey {
  const key = noteKey(name, 'note', rawKey(logSigner.jwk))
  assert.ok(key !== null)
  return key
}

/** A line of the log's under a checkpoint's text. */
export function logLine(text: string): NoteSignature {
  const { name, keyHash } = logKey
  return { name, keyHash, signature: logSigner.sign(text) }
}

/** Messages in a network that keeps no promise but one: what arrives is what was sent. */
class Network {
  readonly #random: Random
  readonly #clock: SimClock
  /** Nothing is lost or late any more. */
  healed = false

  constructor(random: Random, clock: SimClock) {
    this.#random = random
    this.#clock = clock
  }

  send(arrive: () => void): void {
    if (this.healed) return void this.#clock.after(1, arrive)
    const copies = this.#random.oneIn(5) ? 0 : this.#random.oneIn(5) ? 2 : 1
    for (let copy = 0; copy < copies; copy += 1) {
      this.#clock.after(this.#random.below(this.#random.oneIn(3) ? 5000 : 50), arrive)
    }
  }
}

export type SimFollowerOptions = {
  readonly random: Random
  readonly clock: SimClock
  readonly domains: readonly Domain[]
  readonly code: Uint8Array
}

/** The follower with its disk and its network; polls as long as it lives. */
export class SimFollower {
  /** Roots that it has cosigned, by size. */
  readonly cosigned: Map<number, string> = new Map()
  readonly network: Network
  readonly #options: SimFollowerOptions
  readonly #disk: SimDisk
  readonly #stores: Stores
  readonly #over: Opened
  readonly follower: Follower
  #keeping: Promise<void> = Promise.resolve()

  constructor(options: SimFollowerOptions) {
    const { clock, random, domains, code } = options
    this.#options = options
    this.network = new Network(random, clock)
    this.#disk = new SimDisk((call) => void clock.after(1, call))
    this.#stores = openStores(this.#disk, { seed: 5 })
    this.#over = openOver(
      {
        disk: this.#disk,
        ledger: ledgerName,
        domains,
        code,
        verifier: inlineVerifier(),
        signer: null,
        clock,
        snapshotEvery: 60,
      },
      this.#stores,
      () => undefined,
    )
    this.follower = new Follower({
      host: this.#over.host,
      machine: this.#over.machine,
      stores: this.#stores,
      logKeys: () => [logKey],
      cosign: (text, seconds) => this.#cosign(text, seconds),
    })
  }

  get host(): LedgerHost {
    return this.#over.host
  }

  /** Asks a host for what is next and for its checkpoint; whatever is answered goes its own way. */
  poll(log: LedgerHost): void {
    const { height } = this.follower
    const { random } = this.#options
    const last = Math.min(log.head().height, height + 1 + random.below(6))
    for (let next = height + 1; next <= last; next += 1) {
      const frame = log.proofs.frameBytes(next)
      this.network.send(() => {
        // One request at a time: what belongs to an earlier one is dropped by the transport.
        if (next === this.follower.height + 1) this.follower.take(frame)
      })
    }
    const kept = log.proofs.checkpoint()
    if (kept !== null) this.network.send(() => this.#judge(utf8Encode(kept.text), log))
  }

  #judge(note: Bytes, log: LedgerHost): void {
    const judged = this.follower.judge(note, Math.floor(this.#options.clock.wallMs() / 1000))
    if (judged === null || 'what' in judged || judged.line === null) return
    const { line } = judged
    const signed = parseSignedCheckpoint(note)
    assert.ok(signed !== null)
    const { size, root } = signed.checkpoint
    const own = rootAt(this.host.proofs.nodes(), size)
    assert.deepEqual(own, root, 'only the follower’s own tree is cosigned')
    const before = this.cosigned.get(size)
    assert.ok(before === undefined || before === base64urlEncode(root), 'one root a size')
    this.cosigned.set(size, base64urlEncode(root))
    // Kept first, told afterwards; a later one may have come in between.
    this.#keeping = this.#keeping.then(async () => {
      const newest = this.#stores.checkpoint.newest
      if (newest !== null && newest.size > size) return
      const text = encodeNote({
        text: signed.note.text,
        signatures: [logLine(signed.note.text), line],
      })
      await this.#stores.checkpoint.save({ size, text: Buffer.from(text).toString() })
    })
    this.network.send(() => void log.addCosignatures(note, [line]).catch(() => undefined))
  }

  #cosign(text: string, seconds: number): NoteSignature {
    const signature = encodeCosignature(seconds, sha(text))
    return { name: `${ledgerName}/follower`, keyHash: '00000001', signature }
  }
}

/** A stand-in for a signature: nobody in the simulation verifies cosignatures. */
function sha(text: string): Uint8Array {
  const bytes = new Uint8Array(64)
  bytes.set(utf8Encode(text).subarray(0, 64))
  return bytes
}
