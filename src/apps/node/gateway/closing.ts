// Receipts: what was answered goes on the ledger, with the reader's acknowledgement or, a day after
// the permit's time, without it. Which answers are still to be closed is read from vault and
// ledger alone, so a process that died loses none (invariant: what left is on record, and what is
// on record is on the ledger in the end).
import { encodeCanonical } from '#base/canonical'
import type { Receipt } from '#domains/sharing'
import { acknowledgeMs, receiptsMax } from '#domains/sharing'
import type { Facts } from '#apps/node/disclosure'
import { hashOf } from '#apps/node/disclosure'
import type { LedgerPort } from '#apps/node/ledger-port'
import { keptAnswer, openHeaders, receiptRoot } from './records.ts'
import type { GatewayVault, KeptAnswer, VaultHeader } from './records.ts'
import { atATime, breath } from './turns.ts'

/** Bounds of one `share.receipts`: items, members of all objects, bytes of the list. */
const itemsMax = receiptsMax
const membersMax = 440
const bytesMax = 20_000

export type ClosingParts = {
  readonly port: LedgerPort
  readonly vault: GatewayVault
  readonly facts: Facts
  readonly acknowledgement: (permit: number) => string | null
  /** Longest time that an acknowledged answer waits for its receipt, milliseconds. */
  readonly everyMs: number
  readonly report: (event: string, code: string) => void
}

type Open = {
  readonly tags: Receipt['tags']
  /** Hash of the answer's statement. */
  readonly answer: string
  readonly answerBy: number
  /** Whether the reader's acknowledgement is on record. */
  acked: boolean
  /** How often the ledger said no, and until when it is left alone (ledger time). */
  refused: number
  notBefore: number
}

/** Puts receipts on the ledger; made by the gateway of an owner. */
export class Closing {
  readonly #parts: ClosingParts
  /** Answers without a receipt on the ledger, by permit. */
  readonly #open: Map<number, Open> = new Map()
  #timer: NodeJS.Timeout | null = null
  #work: Promise<void> = Promise.resolve()
  #closed = false

  constructor(parts: ClosingParts) {
    this.#parts = parts
  }

  /** Answers that the ledger has no receipt of yet. */
  get open(): number {
    return this.#open.size
  }

  /** Finds what an earlier life of this process left open; tells of every answer that there is. */
  recover(found: (answer: VaultHeader) => void): void {
    const { port, vault, acknowledgement } = this.#parts
    for (const header of openHeaders(vault, port, 'answers', port.head().time)) {
      found(header)
      // What was closed with one signature is open when there is another by now.
      if (header.element !== undefined && this.#isClosed(header.element, true)) continue
      const record = vault.get(header.id)
      const kept = record === null ? null : keptAnswer(record)
      if (kept === null) continue
      const acked = acknowledgement(kept.permit) !== null
      if (this.#isClosed(kept.permit, acked)) continue
      this.#open.set(kept.permit, openOf(kept, acked))
    }
    this.#later()
  }

  answered(kept: KeptAnswer): void {
    this.#open.set(kept.permit, openOf(kept, false))
    this.#later()
  }

  acknowledged(permit: number): void {
    const open = this.#open.get(permit)
    if (open !== undefined) open.acked = true
    this.#later()
  }

  /** Closes everything that is due now; resolves when the ledger has said yes or no. */
  flush(): Promise<void> {
    this.#work = this.#work.then(() => this.#close())
    return this.#work
  }

  /** Closes what is due a last time. */
  async stop(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.flush()
  }

  #later(): void {
    if (this.#closed || this.#open.size === 0) return
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      void this.flush().then(() => this.#later())
    }, this.#parts.everyMs).unref()
  }

  /** Whether the ledger has what there is to say about an answer, with both signatures or one. */
  #isClosed(permit: number, acked: boolean): boolean {
    if (this.#parts.facts.permit(permit) === undefined) return true
    const how = this.#closing(permit)
    return how !== undefined && !(how === 'one-sided' && acked)
  }

  #closing(permit: number): unknown {
    return this.#parts.facts.permit(permit)?.closed[this.#parts.port.member]
  }

  async #close(): Promise<void> {
    const due = await this.#due()
    for (const batch of batchesOf(due)) {
      const said = await this.#say(batch)
      // One item that the ledger does not take must not hold up the others.
      if (said !== 'refused') continue
      for (const one of batch) if ((await this.#say([one])) === 'refused') this.#wait(one.permit)
    }
    let looked = 0
    for (const { permit, oneSided } of due) {
      if (this.#isClosed(permit, !oneSided)) this.#open.delete(permit)
      if ((looked += 1) % atATime === 0) await breath()
    }
  }

  async #due(): Promise<readonly Receipt[]> {
    const { time } = this.#parts.port.head()
    const due: Receipt[] = []
    let looked = 0
    for (const [permit, open] of this.#open) {
      if (time < open.notBefore) continue
      if (!open.acked && time < open.answerBy + acknowledgeMs) continue
      if ((looked += 1) % atATime === 0) await breath()
      if (this.#isClosed(permit, open.acked)) {
        this.#open.delete(permit)
        continue
      }
      const acknowledgement = open.acked ? this.#parts.acknowledgement(permit) : null
      const root = receiptRoot(
        open.answer,
        acknowledgement === null ? null : hashOf(acknowledgement),
      )
      // Closed alone before, its tags stand already, and a tag stands once.
      const tags = this.#closing(permit) === undefined ? open.tags : {}
      due.push({ permit, tags, root, oneSided: acknowledgement === null })
    }
    return due.toSorted((a, b) => a.permit - b.permit)
  }

  /** Leaves a receipt that the ledger refuses alone for longer each time. */
  #wait(permit: number): void {
    const open = this.#open.get(permit)
    if (open === undefined) return
    open.refused += 1
    open.notBefore = this.#parts.port.head().time + 60_000 * 2 ** Math.min(open.refused, 10)
  }

  async #say(receipts: readonly Receipt[]): Promise<'taken' | 'later' | 'refused'> {
    const { port, report } = this.#parts
    const said = await port.submit('share.receipts', { receipts })
    if ('receipt' in said) return 'taken'
    report('receipts-refused', said.refused.code)
    return passing.has(said.refused.code) ? 'later' : 'refused'
  }
}

function openOf({ tags, answer, answerBy }: KeptAnswer, acked: boolean): Open {
  return { tags, answer: hashOf(answer), answerBy, acked, refused: 0, notBefore: 0 }
}

/** Refusals that have nothing to do with what was said: all of it is said again later. */
const passing: ReadonlySet<string> = new Set([
  'order/overloaded',
  'order/no-space',
  'order/closing',
  'order/stopped',
  'order/outcome-unknown',
  'order/clock-unconfirmed',
  'node/missing-key',
])

function batchesOf(receipts: readonly Receipt[]): readonly (readonly Receipt[])[] {
  const batches: Receipt[][] = []
  let members = membersMax
  let bytes = bytesMax
  for (const receipt of receipts) {
    const slots = Object.keys(receipt.tags).length
    const size = encodeCanonical(receipt).length + 1
    let batch = batches.at(-1)
    const full = members + 4 + slots > membersMax || bytes + size > bytesMax
    if (batch === undefined || full || batch.length >= itemsMax) {
      batch = []
      batches.push(batch)
      members = 0
      bytes = 0
    }
    batch.push(receipt)
    members += 4 + slots
    bytes += size
  }
  return batches
}
