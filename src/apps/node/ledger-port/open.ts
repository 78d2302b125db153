// The ledger port over a ledger of this process or a copy of one elsewhere. It promises what the
// port does: a command is signed by the member's key in force, an id that was used answers its
// first receipt, and two calls under one id at one time are one command.
import { randomBytes } from 'node:crypto'
import { base64urlEncode } from '#base/bytes'
import { assert } from '#base/assert'
import { encodeCanonical } from '#base/canonical'
import { decodeParts, encodeIntent, intentBytesMax, isRefusal } from '#ledger/command'
import type { Members, Refusal } from '#ledger/command'
import { idReused, signedIntentOf, envelopeOf } from '#ledger/read'
import type { Receipt } from '#ledger/read'
import type { KeyStore } from '#adapters/keys'
import { signCommand } from '#adapters/keys'
import { eventAt } from './events.ts'
import { heldInForce } from './keys.ts'
import type { PortLedger } from './ledger.ts'
import type { LedgerPort, PortHead, Submitted, SubmitOptions } from './port.ts'

export type LedgerPortOptions = {
  readonly host: PortLedger
  readonly keys: KeyStore
  /** The member that speaks; one of its `command` keys is held. */
  readonly member: string
  /** The node's clock; the system's when absent. */
  readonly clock?: { wallMs(): number }
}

/** How long a command may wait for a block when its sender says nothing, milliseconds. */
const patienceMs = 600_000

/** Room for ledger, id, type and `notAfter` beside the body of an intent, bytes. */
const intentRestBytes = 400

/** Opens the port of one member over a ledger. */
export function openLedgerPort(options: LedgerPortOptions): LedgerPort {
  return new SigningPort(options)
}

class SigningPort implements LedgerPort {
  readonly ledger: string
  readonly member: string
  readonly #options: LedgerPortOptions
  readonly #view: ReturnType<LedgerPort['view']>
  /** Commands that are not answered yet, by id, with the text of their type and body. */
  readonly #waiting: Map<string, { readonly said: string; readonly done: Promise<Submitted> }> =
    new Map()

  constructor(options: LedgerPortOptions) {
    this.ledger = options.host.ledger
    this.member = options.member
    this.#options = options
    this.#view = { get: (key) => options.host.record(key) }
  }

  view(): ReturnType<LedgerPort['view']> {
    return this.#view
  }

  head(): PortHead {
    const { height, size, time } = this.#options.host.head()
    return { height, size, time }
  }

  submit(type: string, body: Members, options: SubmitOptions = {}): Promise<Submitted> {
    const id = options.id ?? base64urlEncode(randomBytes(16))
    const said = saidText(type, body)
    const waiting = this.#waiting.get(id)
    if (waiting !== undefined) {
      return waiting.said === said ? waiting.done : Promise.resolve({ refused: idReused })
    }
    const before = options.id === undefined ? null : this.#before(id, said)
    if (before !== null) return Promise.resolve(before)
    const done = this.#send({ type, body, id }, options).finally(() => this.#waiting.delete(id))
    this.#waiting.set(id, { said, done })
    return done
  }

  receipt(id: string): Receipt | null {
    return this.#options.host.receipt(this.member, id)
  }

  entry(index: number): ReturnType<LedgerPort['entry']> {
    return eventAt(this.#options.host, index)
  }

  document(hash: string): ReturnType<LedgerPort['document']> {
    return this.#options.host.document(hash)
  }

  proofFile(index: number): ReturnType<LedgerPort['proofFile']> {
    return this.#options.host.proofs.proofFile(index)
  }

  subscribe(listener: (head: PortHead) => void): () => void {
    let soon: NodeJS.Immediate | null = null
    // Called while a block is being confirmed: its answers leave first.
    const leave = this.#options.host.subscribe(() => {
      soon ??= setImmediate(() => {
        soon = null
        listener(this.head())
      })
    })
    return () => {
      leave()
      if (soon !== null) clearImmediate(soon)
    }
  }

  /** What stands under the id already: the answer when it says the same, else why it does not. */
  #before(id: string, said: string): Submitted | null {
    const { host } = this.#options
    const receipt = host.receipt(this.member, id)
    if (receipt === null) return null
    const text = host.entry(receipt.entry)
    const link = envelopeOf(text)
    const signed = signedIntentOf(text, link === null ? undefined : host.entry(link.entry))
    assert(signed !== null, 'a receipt answers an intent')
    const { type, body } = signed.intent
    return saidText(type, body) === said ? submittedOf(receipt) : { refused: idReused }
  }

  async #send(
    said: { readonly type: string; readonly body: Members; readonly id: string },
    { notAfter, documents, approvals }: SubmitOptions,
  ): Promise<Submitted> {
    const { host, keys, clock } = this.#options
    if (encodeCanonical(said.body).length > intentBytesMax - intentRestBytes) {
      return refused('command/oversized', 'intent')
    }
    const key = heldInForce(keys, this, 'command')
    if (key === null) return refused('node/missing-key')
    const nowMs = Math.max(host.head().time, clock?.wallMs() ?? Date.now())
    const intent = encodeIntent({
      ledger: this.ledger,
      ...said,
      notAfter: notAfter ?? nowMs + patienceMs,
    })
    const command = decodeParts({
      command: signCommand(keys, key.kid, intent, approvals),
      ...(documents === undefined || documents.length === 0 ? {} : { documents }),
    })
    if (isRefusal(command)) return { refused: command }
    const [outcome] = await host.submit(command)
    assert(outcome !== undefined, 'a command of one intent has one outcome')
    if (!('refused' in outcome)) return submittedOf(outcome.receipt)
    if (outcome.refused.code !== idReused.code || host.heard === undefined) return outcome
    // An earlier life of ours said something under this id, and this copy has not read it yet.
    await host.heard(this.member, said.id)
    return this.#before(said.id, saidText(said.type, said.body)) ?? outcome
  }
}

/** What a command says, whatever its id and its times. */
function saidText(type: string, body: Members): string {
  return `${type}\n${encodeCanonical(body)}`
}

function submittedOf(receipt: Receipt): Submitted {
  const { code, at, entry } = receipt
  if (code === 'ok') return { receipt }
  return { refused: at === undefined ? { code } : { code, at }, entry }
}

function refused(code: string, at?: string): { readonly refused: Refusal } {
  return { refused: at === undefined ? { code } : { code, at } }
}
