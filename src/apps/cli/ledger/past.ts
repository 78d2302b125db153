// A ledger's state in memory, as of some height: built from recorded writes without running
// anything, and a machine on top that can run what follows. For audits, and for showing what a
// rewritten history would look like.
import type { Bytes } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { assert } from '#base/assert'
import { isRefusal } from '#ledger/command'
import type { Value } from '#ledger/command'
import { decodeWrites, documentsOf, idsOf, Machine, mapNameOf } from '#ledger/apply'
import type { Frame, MapRule, RecordStore } from '#ledger/apply'
import type { Head } from '#ledger/order'
import { Maps } from '#ledger/prove'
import { inlineVerifier, Signing } from '#adapters/consensus'
import { History } from '#apps/cli/archive'
import { codeVersion } from '#apps/node/host'
import { domains } from '#apps/node/serve'

/** State in memory as of a height, built from recorded writes alone. */
export class Past {
  readonly history: History = new History()
  readonly #records: Map<string, string> = new Map()
  readonly #values: Map<string, Value> = new Map()
  readonly #ids: Map<string, number> = new Map()
  readonly #documents: Map<string, Bytes> = new Map()
  readonly #maps: Maps = new Maps()
  readonly #rules: readonly MapRule[] = domains.flatMap((domain) => domain.maps ?? [])
  readonly records: RecordStore = {
    get: (key) => this.#values.get(key),
    apply: (key, text) => this.#put(key, text),
  }

  /** Applies a recorded frame without running anything. Null when it does not hang together. */
  take(bytes: Bytes): boolean {
    const frame = this.history.take(bytes)
    if (isRefusal(frame)) return false
    if (holdsRoots(frame)) this.#maps.roots()
    for (const text of frame.writes) {
      for (const [key, value] of decodeWrites(text) ?? []) {
        const canonical = value === null ? null : encodeCanonical(value)
        this.#put(key, canonical)
        const map = mapNameOf(this.#rules, key)
        if (map !== null) this.#maps.change(map, key, canonical)
      }
    }
    for (const { member, id, notAfter } of idsOf(frame, this.records)) {
      this.#ids.set(`${member}/${id}`, notAfter)
    }
    this.#expire(frame.time)
    for (const [hash, document] of documentsOf(frame)) this.#documents.set(hash, document.slice())
    return true
  }

  machine(ledger: string, head: Head): Machine {
    return new Machine({
      ledger,
      code: codeVersion(),
      domains,
      records: this.records,
      window: {
        has: (member, id) => this.#ids.has(`${member}/${id}`),
        add: (member, id, notAfter) => void this.#ids.set(`${member}/${id}`, notAfter),
        expire: (time) => this.#expire(time),
      },
      maps: this.#maps,
      documents: (hash) => this.#documents.get(hash),
      signatures: new Signing(inlineVerifier(), this.records),
      head,
    })
  }

  keep(documents: ReadonlyMap<string, Bytes>): void {
    for (const [hash, bytes] of documents) this.#documents.set(hash, bytes)
  }

  #put(key: string, text: string | null): void {
    if (text === null) {
      this.#records.delete(key)
      this.#values.delete(key)
      return
    }
    this.#records.set(key, text)
    const value = decodeWrites(`[["${key}",${text}]]`)?.[0]?.[1]
    assert(value !== undefined && value !== null, 'a record reads back')
    this.#values.set(key, value)
  }

  #expire(time: number): void {
    for (const [id, notAfter] of this.#ids) if (notAfter < time) this.#ids.delete(id)
  }
}

function holdsRoots(frame: Frame): boolean {
  const last = frame.entries.at(-1)
  return last !== undefined && Buffer.from(last).toString('latin1').includes('"kind":"map-root"')
}
