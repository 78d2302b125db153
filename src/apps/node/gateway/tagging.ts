// The reader's use tags: every read of somebody's data is put under the next one-time tag of its
// slot, so that only its holder can find it again. Whoever knows the subject tag gives its own
// with the request; otherwise it learns it with the answer and says the tag on the ledger after.
// Which permits still lack one is read from vault and ledger alone.
import { randomBytes } from 'node:crypto'
import { base64urlDecode, base64urlEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { useSeed, useTag } from '#base/commitment'
import type { Members } from '#ledger/command'
import { monthOf, monthsAround, useKey } from '#domains/sharing'
import type { Facts } from '#apps/node/disclosure'
import type { LedgerPort } from '#apps/node/ledger-port'
import { keptAcknowledgement, monthKey, openHeaders } from './records.ts'
import type { GatewayVault, VaultRecord } from './records.ts'
import { atATime, breath } from './turns.ts'

export type TaggingParts = {
  readonly port: LedgerPort
  readonly vault: GatewayVault
  readonly facts: Facts
  readonly now: () => number
  readonly report: (event: string, code: string) => void
  /** Longest time that a tag waits for its command, milliseconds. */
  readonly everyMs: number
}

type Tags = { readonly [slot: string]: string }

type Use = { readonly permit: number; readonly tags: Tags }

/** Until when a permit is left alone whose tag could not be made or said, and how long that was. */
type Rest = { readonly until: number; readonly ms: number }

/** Permits of one command: with their tags they fit into one intent. */
const batchMax = 64

/** Longest rest of a permit between two looks, milliseconds. */
const restMaxMs = 3_600_000

/** Gives this member's reads their tags; made by its gateway. */
export class Tagging {
  readonly #parts: TaggingParts
  /** Our permits that may still lack a tag. */
  readonly #open: Map<number, Rest> = new Map()
  /** The number of the next tag, by month, case and tag name. */
  readonly #next: Map<string, number> = new Map()
  #timer: NodeJS.Timeout | null = null
  #work: Promise<void> = Promise.resolve()
  #closed = false

  constructor(parts: TaggingParts) {
    this.#parts = parts
  }

  /** Our reads that lack a tag. */
  get open(): number {
    return this.#open.size
  }

  /** Finds what an earlier life of this process left untagged. */
  recover(): void {
    const { port, vault, facts } = this.#parts
    for (const { id, element } of openHeaders(vault, port, 'acks', port.head().time)) {
      const record = element === undefined ? vault.get(id) : null
      const permit = record === null ? element : keptAcknowledgement(record)?.permit
      if (permit === undefined) continue
      if ((facts.permit(permit)?.untagged.length ?? 0) > 0) this.#open.set(permit, atOnce)
    }
    this.#later()
  }

  /** Something was shown under a permit of ours. */
  shown(permit: number): void {
    this.#open.set(permit, atOnce)
    this.#later()
  }

  /** The next tags of those of a case's slots whose subject tags we know. */
  async tags(of: string, names: readonly string[]): Promise<Tags> {
    const month = monthOf(this.#parts.now())
    const tags: { [slot: string]: string } = {}
    for (const name of names) {
      const tag = await this.#nextTag(month, of, name)
      if (tag !== null) tags[name] = tag
    }
    return tags
  }

  /** Says all tags that can be said now; resolves when the ledger has said yes or no. */
  flush(): Promise<void> {
    this.#work = this.#work.then(() => this.#say())
    return this.#work
  }

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

  async #say(): Promise<void> {
    const now = this.#parts.now()
    let uses: Use[] = []
    let looked = 0
    for (const [permit, rest] of this.#open) {
      if (rest.until > now && !this.#closed) continue
      const tags = await this.#tagsFor(permit)
      if (tags !== null) uses.push({ permit, tags })
      if (uses.length === batchMax) {
        await this.#sayTogether(uses)
        uses = []
      }
      if ((looked += 1) % atATime === 0) await breath()
    }
    await this.#sayTogether(uses)
  }

  /** The tags that a permit lacks; null where it lacks none, or where they are not known yet. */
  async #tagsFor(permit: number): Promise<Tags | null> {
    const facts = this.#parts.facts.permit(permit)
    if (facts === undefined || facts.untagged.length === 0) {
      this.#open.delete(permit)
      return null
    }
    const tags = await this.tags(facts.case, facts.untagged)
    if (Object.keys(tags).length > 0) return tags
    this.#rest(permit)
    return null
  }

  /** Leaves a permit alone for longer each time that nothing came of looking at it. */
  #rest(permit: number): void {
    const before = this.#open.get(permit)
    if (before === undefined) return
    const ms = Math.min(restMaxMs, Math.max(this.#parts.everyMs, before.ms * 2))
    this.#open.set(permit, { until: this.#parts.now() + ms, ms })
  }

  async #sayTogether(uses: readonly Use[]): Promise<void> {
    if (uses.length === 0 || (await this.#submit(uses))) return
    // One that the ledger does not take must not hold up the others.
    for (const use of uses) {
      if (uses.length === 1 || !(await this.#submit([use]))) this.#rest(use.permit)
    }
  }

  async #submit(uses: readonly Use[]): Promise<boolean> {
    const { port, report } = this.#parts
    const said = await port.submit('share.tag', { uses } as unknown as Members)
    if ('receipt' in said) {
      for (const { permit } of uses) this.#open.delete(permit)
      return true
    }
    report('tags-refused', said.refused.code)
    // Numbers are counted anew from what stands on the ledger.
    this.#next.clear()
    return false
  }

  async #nextTag(month: string, of: string, name: string): Promise<string | null> {
    const { port, vault, now } = this.#parts
    const subject = subjectTagIn(vault, of, name)
    if (subject === null) return null
    const fresh = (): Bytes => randomBytes(32)
    const key = await monthKey(vault, port, { role: 'reader', month, fresh, at: now() })
    const seed = useSeed(key, subject)
    const place = `${month} ${of} ${name}`
    const view = port.view()
    const maps = monthsAround(month)
    for (let n = this.#next.get(place) ?? 1; ; n += 1) {
      const tag = base64urlEncode(useTag(seed, n))
      if (maps.some((map) => view.get(useKey(map, tag)) !== undefined)) continue
      this.#next.set(place, n + 1)
      return tag
    }
  }
}

const atOnce: Rest = { until: 0, ms: 0 }

/** The subject tag of a slot, or of one person of it (`slot.1`), if we have it. */
function subjectTagIn(vault: GatewayVault, of: string, tagName: string): Bytes | null {
  const [slot = '', at] = tagName.split('.')
  const records = [...vault.find({ case: of, name: slot })]
  const fits = ({ element }: VaultRecord): boolean => at === undefined || element === Number(at)
  for (const { leaves } of records.filter(fits)) {
    const value = leaves.find(({ path }) => path === 'tag')?.value
    const tag = typeof value === 'string' ? base64urlDecode(value) : null
    if (tag?.length === 32) return tag
  }
  return null
}
