// The other members' gateways, reached by mutual TLS: one client a member, connections kept, and
// no byte to anybody who does not hold that member's registered transport key.
import { latin1Encode, utf8Decode } from '#base/bytes'
import type { Refusal } from '#ledger/command'
import { isRefusal, refuse } from '#ledger/command'
import { clientAgent, HttpClient, isPassing, onlyMember } from '#adapters/transport'
import { Failure } from '#adapters/transport'
import type { PeerLookup, TransportIdentity } from '#adapters/transport'

export type PeersOptions = {
  readonly identity: () => Promise<TransportIdentity>
  readonly lookup: PeerLookup
  /** `https://host:port` of a member's gateway; undefined when none is known. */
  readonly origin: (member: string) => string | undefined
  /** Connections to one member at a time. */
  readonly connectionsMax: number
}

/** What is sent to a member. */
export type Post = {
  readonly path: string
  /** ASCII. */
  readonly text: string
  /** Longest wait, all attempts together, milliseconds. */
  readonly withinMs: number
  /** Longest answer, bytes. */
  readonly bytesMax: number
}

/** Refusals of a key that may have been right when the connection was made, on either side. */
const renewing: ReadonlySet<string> = new Set(['transport/key-not-in-force'])

/** Longest exchange of one attempt, milliseconds. */
const attemptMs = 10_000

/** A client, and what it was made for. */
type Known = { readonly origin: string; readonly kid: string; readonly client: HttpClient }

/** Clients of other gateways, made when they are first needed. */
export class Peers {
  readonly #options: PeersOptions
  readonly #clients: Map<string, Known> = new Map()
  /** What is being asked. */
  readonly #asked: Set<AbortController> = new Set()
  #closed = false

  constructor(options: PeersOptions) {
    this.#options = options
  }

  /**
   * The text that a member's gateway answers with, or its refusal: `node/unknown-peer`,
   * `node/peer-silent` when nobody answered in time, or the code that the peer gave. What may help
   * against waiting is tried again within the time, after longer waits each time.
   */
  async post(member: string, post: Post): Promise<string | Refusal> {
    const origin = this.#options.origin(member)
    if (origin === undefined) return refuse('node/unknown-peer')
    if (this.#closed) return refuse('node/closing')
    // A signal of its own, and not one joined from others: those live on until their time is over.
    const cut = new AbortController()
    const timer = setTimeout(() => cut.abort(), Math.max(1, Math.ceil(post.withinMs)))
    this.#asked.add(cut)
    try {
      const first = await this.#once({ member, origin }, post, cut.signal)
      if (!isRefusal(first) || !renewing.has(first.code)) return first
      // Kept connections are of the handshake that they began with; the key was rotated since.
      this.#clients.get(member)?.client.close()
      this.#clients.delete(member)
      return await this.#once({ member, origin }, post, cut.signal)
    } finally {
      clearTimeout(timer)
      this.#asked.delete(cut)
    }
  }

  async #once(
    { member, origin }: { readonly member: string; readonly origin: string },
    post: Post,
    signal: AbortSignal,
  ): Promise<string | Refusal> {
    try {
      const client = await this.#client(member, origin)
      const answer = await client.request({
        url: origin + post.path,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: latin1Encode(post.text),
        bytesMax: post.bytesMax,
        timeoutMs: Math.min(attemptMs, Math.ceil(post.withinMs)),
        repeatable: true,
        signal,
      })
      const text = utf8Decode(answer.body)
      if (answer.status === 200 && text !== null) return text
      return refuse(answer.problem?.code ?? 'node/peer-silent')
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure
      return silent(failure)
    }
  }

  /** Ends what is asked, and closes kept connections. */
  close(): void {
    this.#closed = true
    for (const cut of this.#asked) cut.abort()
    for (const { client } of this.#clients.values()) client.close()
    this.#clients.clear()
  }

  async #client(member: string, origin: string): Promise<HttpClient> {
    const identity = await this.#options.identity()
    const known = this.#clients.get(member)
    if (known?.origin === origin && known.kid === identity.kid) return known.client
    known?.client.close()
    const { lookup, connectionsMax } = this.#options
    const agent = clientAgent({ identity, server: onlyMember(lookup, member), connectionsMax })
    const client = new HttpClient({ servers: [{ origin, agent }], attempts: 8 })
    this.#clients.set(member, { origin, kid: identity.kid, client })
    return client
  }
}

function silent(failure: Failure): Refusal {
  const { code, refusal } = failure
  if (refusal !== null) return refuse(refusal)
  return refuse(code === 'transport/cancelled' || isPassing(failure) ? 'node/peer-silent' : code)
}
