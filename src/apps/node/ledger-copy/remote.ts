// A ledger that runs in another process or on another machine, as a member's process has it: a copy
// that follows its frames, and one way to send it commands. It promises that everything that is
// read here was durable there, that an answer comes when its entry can be read here, and that a
// connection which breaks, a ledger that restarts and an answer that is lost lose nothing: what was
// sent is sent again, and the ledger knows it by (member, id).
import { latin1Encode, utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import type { Command, Refusal, Value } from '#ledger/command'
import { encodeSubmission } from '#ledger/command'
import type { CommandType } from '#ledger/apply'
import { checkpointKey, readCheckpoint } from '#ledger/apply'
import type { Head } from '#ledger/order'
import type { Receipt } from '#ledger/read'
import { Failure } from '#adapters/storage'
import type { HttpAnswer, HttpClient } from '#adapters/transport'
import { Failure as NetFailure, isPassing } from '#adapters/transport'
import { Behind, httpSource } from '#apps/node/follow'
import type { FollowSource } from '#apps/node/follow'
import type { FrameCopy } from '#apps/node/host'
import type { LedgerAnswer, PortLedger } from '#apps/node/ledger-port'

/** One line for the operator, with nothing personal in it. */
export type RemoteNote = {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly code?: string
  readonly height?: number
}

export type RemoteParts = {
  readonly copy: FrameCopy
  readonly client: HttpClient
  /** Address of the ledger's resources with a slash at its end, such as `http://host:7480/v1/`. */
  readonly base: string
  /** Proves who we are where mutual TLS does not: the local operator's token. */
  readonly headers: Readonly<Record<string, string>>
  readonly report: (note: RemoteNote) => void
}

/** How long the ledger may keep a question for new frames waiting, seconds. */
const waitSeconds = 20
/** One attempt to hand over a command: blocks are cut within a second. */
const submitMs = 30_000
const answerBytesMax = 65_536
/** A checkpoint is signed a moment after the block that decides it. */
const checkpointSoonMs = 200

/** Codes that ask to come again with the same bytes. */
const comeAgain: ReadonlySet<string> = new Set([
  'node/broken',
  'node/closing',
  'order/closing',
  'order/overloaded',
  'order/outcome-unknown',
  'order/stopped',
  // The same id waits in the block that is being cut: what became of it is known with the next.
  'validate/duplicate',
])

/** A ledger elsewhere. Made by `openRemoteLedger`. */
export class RemoteLedger implements PortLedger {
  readonly ledger: string
  /** Resolves with what ended the following for good: another history than the one taken. */
  readonly failed: Promise<unknown>
  readonly #parts: RemoteParts
  readonly #source: FollowSource
  readonly #closing: AbortController = new AbortController()
  readonly #fail: (failure: unknown) => void
  #loop: Promise<void> | null = null
  #checkpointTimer: NodeJS.Timeout | null = null
  #keeping: Promise<void> | null = null
  #isSilent = false

  constructor(parts: RemoteParts) {
    this.#parts = parts
    this.ledger = parts.copy.ledger
    this.#source = httpSource({ ...parts, signal: this.#closing.signal })
    let fail: (failure: unknown) => void = () => undefined
    this.failed = new Promise((resolve) => {
      fail = resolve
    })
    this.#fail = fail
  }

  get types(): ReadonlyMap<string, CommandType> {
    return this.#parts.copy.types
  }

  get registry(): FrameCopy['registry'] {
    return this.#parts.copy.registry
  }

  get proofs(): FrameCopy['proofs'] {
    return this.#parts.copy.proofs
  }

  head(): Head {
    return this.#parts.copy.head()
  }

  record(key: string): Value | undefined {
    return this.#parts.copy.record(key)
  }

  receipt(member: string, id: string): Receipt | null {
    return this.#parts.copy.receipt(member, id)
  }

  entry(index: number): string {
    return this.#parts.copy.entry(index)
  }

  document(hash: string): Bytes | undefined {
    return this.#parts.copy.document(hash)
  }

  subscribe(listener: (head: Head) => void): () => void {
    return this.#parts.copy.subscribe(listener)
  }

  /** Takes everything that is durable now; afterwards follows by itself until `close`. */
  async begin(): Promise<void> {
    assert(this.#loop === null, 'a copy begins to follow once')
    for (let attempt = 1; ; attempt += 1) {
      try {
        // An answer of frames is bounded, so a long history comes in several.
        for (let before = -1; before !== this.head().height;) {
          before = this.head().height
          await this.#fetch(0)
        }
        break
      } catch (failure) {
        await this.#passing(failure, attempt)
      }
    }
    this.#loop = this.#follow()
  }

  async submit(command: Command): Promise<readonly LedgerAnswer[]> {
    const [intent] = command.intents
    assert(command.form === 'single' && intent != null, 'a port says one thing at a time')
    const { signal } = this.#closing
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const answer = await this.#post(command).catch((failure: unknown) => failure)
      const said = answer instanceof Error ? null : await this.#understood(answer as HttpAnswer)
      if (said !== null) return [said]
      this.#silent(codeOf(answer))
      await this.#parts.client.pause(attempt, signal).catch(() => null)
    }
    return [{ refused: { code: 'order/closing' } }]
  }

  async heard(member: string, id: string): Promise<void> {
    const { client, base, headers } = this.#parts
    const { signal } = this.#closing
    const url = `${base}receipts/${member}/${id}`
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const asked = { url, headers, signal, bytesMax: answerBytesMax }
      const answer = await client.request(asked).catch((failure: unknown) => failure)
      if (!(answer instanceof Error)) {
        const { status, body } = answer as HttpAnswer
        const height = status === 200 ? heightIn(body) : null
        if (height !== null) await this.#reached(height)
        if (height !== null || status === 404) return
      }
      this.#silent(codeOf(answer))
      await client.pause(attempt, signal).catch(() => null)
    }
  }

  /** Stops following and answers what waits with `order/closing`; the copy can still be read. */
  abandon(): void {
    this.#closing.abort()
  }

  /** Stops following, keeps what was taken, and ends what waits. */
  async close(): Promise<void> {
    this.abandon()
    if (this.#checkpointTimer !== null) clearTimeout(this.#checkpointTimer)
    await this.#loop
    await this.#keeping
    const { copy, client } = this.#parts
    client.close()
    try {
      await copy.snapshot()
    } finally {
      copy.close()
    }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await this.#fetch(waitSeconds)
        attempt = 0
      } catch (failure) {
        if (signal.aborted) return
        try {
          await this.#passing(failure, attempt)
        } catch (fatal) {
          this.#parts.report({ level: 'error', event: 'copy-stopped', code: codeOf(fatal) })
          return this.#fail(fatal)
        }
      }
    }
  }

  /** One answer of frames; waits for the next one so many seconds when there is none. */
  async #fetch(seconds: number): Promise<void> {
    const { copy } = this.#parts
    for await (const frame of this.#source.frames(copy.head().height + 1, seconds)) {
      copy.take(frame)
    }
    if (this.#isSilent) {
      this.#isSilent = false
      this.#parts.report({ level: 'info', event: 'ledger-heard', height: copy.head().height })
    }
    // Between two answers nothing is taken, so the stores stand still while they are written.
    if (copy.isSnapshotDue) await copy.snapshot()
    this.#checkpointSoon()
  }

  /** Waits out what the network and the ledger's node do; throws what ends the following. */
  async #passing(failure: unknown, attempt: number): Promise<void> {
    if (failure instanceof Behind) {
      throw new Failure('node/other-history', true, 'the ledger is shorter than what was read')
    }
    const isEnd = failure instanceof Failure ? failure.fatal : !(failure instanceof NetFailure)
    // At the first start a refused peer or token is a wrong setting, and later it may be mended.
    const isSetting = this.#loop === null && failure instanceof NetFailure && !isPassing(failure)
    if (isEnd || isSetting) throw failure
    this.#silent(codeOf(failure))
    await this.#parts.client.pause(attempt, this.#closing.signal).catch(() => null)
  }

  /** Said once a silence, not once an attempt. */
  #silent(code: string): void {
    if (this.#isSilent) return
    this.#isSilent = true
    this.#parts.report({ level: 'warn', event: 'ledger-silent', code })
  }

  #checkpointSoon(): void {
    const { copy } = this.#parts
    if (this.#checkpointTimer !== null || this.#closing.signal.aborted) return
    if ((copy.proofs.checkpoint()?.size ?? 0) >= this.#decided()) return
    this.#checkpointTimer = setTimeout(() => {
      this.#checkpointTimer = null
      if (this.#closing.signal.aborted) return
      this.#keeping = this.#keep()
    }, checkpointSoonMs)
  }

  /** The size at which the newest block that was taken had a checkpoint signed. */
  #decided(): number {
    return this.head().height === 0 ? 0 : readCheckpoint(this.record(checkpointKey)).size
  }

  async #keep(): Promise<void> {
    try {
      const note = await this.#source.checkpoint()
      if (note !== null) await this.#parts.copy.keep(note)
    } catch (failure) {
      const isFatal = failure instanceof Failure && failure.fatal
      if (this.#closing.signal.aborted || !isFatal) return
      this.#parts.report({ level: 'error', event: 'copy-stopped', code: codeOf(failure) })
      this.#closing.abort()
      this.#fail(failure)
    }
  }

  #post(command: Command): Promise<HttpAnswer> {
    const { client, base, headers } = this.#parts
    const documents = [...command.documents.values()]
    const alone = documents.length === 0
    const { text } = command.jws
    const body = alone ? text : encodeSubmission({ command: text, documents })
    const type = alone ? 'application/jose' : 'application/json'
    return client.request({
      url: `${base}commands`,
      method: 'POST',
      headers: { ...headers, 'content-type': type },
      body: latin1Encode(body),
      bytesMax: answerBytesMax,
      timeoutMs: submitMs,
      // Sent again by `submit`, which tells apart what asks to come again.
      repeatable: false,
      signal: this.#closing.signal,
    })
  }

  /** Untrusted. What the ledger said; null when it has to be asked again. */
  async #understood({ status, problem, body }: HttpAnswer): Promise<LedgerAnswer | null> {
    if (status === 201) {
      const place = placeIn(body)
      if (place === null) return null
      await this.#reached(place.height)
      // The answer is what the frames say, whatever the answer over HTTP says of it.
      const receipt = this.receipt(place.member, place.id)
      return receipt === null ? null : { receipt }
    }
    const code = problem?.code ?? ''
    if (!codeForm.test(code) || comeAgain.has(code)) return null
    const at = problem?.at
    const refused: Refusal = at === undefined ? { code } : { code, at }
    return { refused }
  }

  /** Resolves when the copy has come to a height, or is closed. */
  #reached(height: number): Promise<void> {
    const { signal } = this.#closing
    if (this.head().height >= height || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        leave()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const leave = this.subscribe((head) => {
        if (head.height >= height) done()
      })
      signal.addEventListener('abort', done, { once: true })
    })
  }
}

const codeForm = /^[a-z]{1,20}\/[a-z0-9-]{1,64}$/

function codeOf(failure: unknown): string {
  if (!(failure instanceof Error)) return 'transport/bad-status'
  if ('code' in failure && typeof failure.code === 'string') return failure.code
  return failure.name
}

type Place = { readonly member: string; readonly id: string; readonly height: number }

/** Untrusted. Where a receipt says that it stands. */
function placeIn(body: Bytes): Place | null {
  const value = parsed(body)
  const { member, id, height } = value
  const whole = typeof member === 'string' && typeof id === 'string'
  return whole && isHeight(height) ? { member, id, height } : null
}

function heightIn(body: Bytes): number | null {
  const { height } = parsed(body)
  return isHeight(height) ? height : null
}

function isHeight(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}

function parsed(body: Bytes): { readonly [name: string]: unknown } {
  try {
    const value: unknown = JSON.parse(utf8Decode(body) ?? '')
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
