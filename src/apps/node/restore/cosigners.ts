// Asking the cosigners before anything is signed (protocol.md §9, promise P13): whoever cosigned
// this log remembers how far it had come, also when this directory does not. It promises that
// nothing is signed before one of them has answered, that one larger or other tree is enough to
// sign nothing, and that no answer counts but one under a cosigner's key that is not held here.
import { setTimeout as sleep } from 'node:timers/promises'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { isSignedUnder, parseNote, rootAt } from '#ledger/prove'
import type { Checkpoint, NodeReader, NoteKey, TrustPolicy } from '#ledger/prove'
import { HttpClient, latestUnder } from '#adapters/transport'
import { holdBy, standingOf } from './rule.ts'
import type { Hold, Standing } from './rule.ts'

/** A cosigner as the node is configured with it. */
export type CosignerAddress = {
  /** Prefix of its addresses, without a slash at the end. */
  readonly url: string
  /** Its key; one of the cosigner keys that the ledger registers as its owners' own when null. */
  readonly key: NoteKey | null
}

/** The ledger that is asked about: what stands in this directory. */
export type AskedLedger = {
  readonly ledger: string
  head(): { readonly height: number; readonly size: number }
  readonly registry: { policy(ledger: string, height: number): TrustPolicy }
  readonly proofs: {
    checkpoint(): { readonly text: string } | null
    nodes(): NodeReader
  }
  signDue(): void
}

export type CosignersOptions = {
  readonly addresses: readonly CosignerAddress[]
  /** Raw public keys that are held here: what they sign is our own word. */
  readonly own: readonly Bytes[]
  readonly report: (note: {
    readonly level: 'info' | 'warn' | 'error'
    readonly event: string
    readonly [detail: string]: string | number | boolean
  }) => void
  /** For one answer, milliseconds. */
  readonly timeoutMs?: number
  /** The first wait before those that were not heard are asked again; it doubles up to a minute. */
  readonly againMs?: number
}

const timeoutMsDefault = 5000
const againMsDefault = 1000
const againMaxMs = 60_000

/** The cosigners of one ledger; asked from `begin` on until each has answered once. */
export class Cosigners {
  readonly #options: CosignersOptions
  readonly #standings: Map<CosignerAddress, Standing>
  readonly #closing: AbortController = new AbortController()
  #asked = false
  #work: Promise<void> = Promise.resolve()

  constructor(options: CosignersOptions) {
    this.#options = options
    this.#standings = new Map(options.addresses.map((address) => [address, 'unheard']))
  }

  /** Why nothing may be signed now, as far as the cosigners say. */
  hold(): Hold | null {
    const hold = holdBy([...this.#standings.values()])
    // Before the first round has ended a larger tree may still be on its way.
    return this.#asked || this.#standings.size === 0 ? hold : 'asking-cosigners'
  }

  /** Begins to ask about an opened ledger. */
  begin(ledger: AskedLedger): void {
    if (this.#standings.size === 0) return
    this.#work = this.#ask(ledger)
  }

  /** Resolves when nobody is being asked any more. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#work
  }

  async #ask(ledger: AskedLedger): Promise<void> {
    const { addresses, againMs = againMsDefault, timeoutMs = timeoutMsDefault } = this.#options
    const servers = addresses.map(({ url }) => ({ origin: new URL(url).origin }))
    const client = new HttpClient({ servers, timeoutMs, attempts: 1 })
    try {
      for (let round = 0; !this.#closing.signal.aborted; round += 1) {
        const open = addresses.filter((each) => this.#standings.get(each) === 'unheard')
        if (open.length === 0) return
        await Promise.all(open.map((address) => this.#askOne(client, ledger, address)))
        if (this.#closing.signal.aborted) return
        this.#asked = true
        // What was due while we asked is signed now, or its operator is told why not.
        ledger.signDue()
        await this.#pause(Math.min(againMaxMs, againMs * 2 ** Math.min(round, 16)))
      }
    } finally {
      client.close()
    }
  }

  async #askOne(client: HttpClient, ledger: AskedLedger, address: CosignerAddress): Promise<void> {
    const { report } = this.#options
    const { url } = address
    try {
      const keys = this.#keysOf(ledger, address)
      const { ledger: origin } = ledger
      const { signal } = this.#closing
      const latest = await latestUnder(client, { url, keys, origin, signal })
      const standing =
        latest === null ? forgot(ledger, keys) : judged(ledger, url, latest.checkpoint)
      const size = latest?.checkpoint.size ?? 0
      this.#standings.set(address, standing)
      const level = standing === 'agrees' ? 'info' : standing === 'unheard' ? 'warn' : 'error'
      report({ level, event: `cosigner-${standing}`, url, size, own: ledger.head().size })
    } catch (failure) {
      if (this.#closing.signal.aborted) return
      report({ level: 'warn', event: 'cosigner-unheard', url, code: codeOf(failure) })
    }
  }

  /** The keys under which this cosigner's answer counts: never one that is held here. */
  #keysOf(asked: AskedLedger, { key }: CosignerAddress): readonly NoteKey[] {
    const registered = asked.registry
      .policy(asked.ledger, asked.head().height)
      .cosigners.filter(({ role }) => role !== 'hosted')
      .map((cosigner) => cosigner.key)
    const own = new Set(this.#options.own.map((each) => base64urlEncode(each)))
    const keys = key === null ? registered : [key]
    return keys.filter(({ publicKey }) => !own.has(base64urlEncode(publicKey)))
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#closing
    await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)
  }
}

/** A cosigner without a checkpoint of ours has nothing newer, unless its line stands under ours. */
function forgot({ proofs }: AskedLedger, keys: readonly NoteKey[]): Standing {
  const kept = parseNote(utf8Encode(proofs.checkpoint()?.text ?? ''))
  const lines = kept?.signatures ?? []
  const knew = lines.some((line) => keys.some((key) => isSignedUnder(key, line)))
  return knew ? 'unheard' : 'agrees'
}

function judged(ledger: AskedLedger, by: string, { size, root }: Checkpoint): Standing {
  const own = size <= ledger.head().size ? rootAt(ledger.proofs.nodes(), size) : null
  const ownRoot = own === null ? null : base64urlEncode(own)
  return standingOf({ by, size, root: base64urlEncode(root), ownRoot })
}

function codeOf(failure: unknown): string {
  if (!(failure instanceof Error)) return 'unknown'
  return 'code' in failure && typeof failure.code === 'string' ? failure.code : failure.name
}
