// The table of keys: for each record the key that opens it, wrapped, in a slot of 128 bytes of its
// own. It stands apart from the records, because erasing a record is making its slot zero. It
// promises: a key only unwraps for the member, record and frame that it was made for; a slot that
// holds somebody's only key is never written over, so a write that is cut short costs nobody one.
import { assert } from '#base/assert'
import { base64urlDecode, base64urlEncode, concat, equal, readU32be } from '#base/bytes'
import { readU64be, u32be, u64be, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'
import { Failure, readWhole } from './disk.ts'
import type { Disk } from './disk.ts'
import type { Kek } from './kek.ts'
import { keyAddress, keyBytes, newKey, seal, sealBytes, unseal } from './kek.ts'

/** Bytes of a slot. */
export const slotBytes = 128
const directory = 'keys'
const name = 'table.bin'
const magic = utf8Encode('LBK1')
const wrappedAt = 32
const checkAt: number = wrappedAt + keyBytes + sealBytes
const checkBytes = 8
const windowSlots = 8192

/** A wrapped key: its record, and the frame of the log in which that stands. */
export type Slot = {
  readonly id: string
  readonly seq: number
  readonly kek: number
  readonly wrapped: Bytes
}

/** See the file's comment. What is written is durable only after a sync. */
export class KeyTable {
  readonly #disk: Disk
  readonly #file: number
  readonly #byId: Map<string, number> = new Map()
  readonly #free: number[] = []
  /** Slots that hold no key that anybody needs: cut short, or replaced by another. */
  #useless: number[] = []
  #slots = 0

  constructor(disk: Disk, file: number) {
    this.#disk = disk
    this.#file = file
  }

  get size(): number {
    return this.#byId.size
  }

  has(id: string): boolean {
    return this.#byId.has(id)
  }

  ids(): Iterable<string> {
    return this.#byId.keys()
  }

  /** The slot of a record as it stands on the disk; null when it has none. */
  slot(id: string): Slot | null {
    const at = this.#byId.get(id)
    if (at === undefined) return null
    const slot = slotOf(readWhole(this.#disk, this.#file, at * slotBytes, slotBytes))
    if (slot === null || slot.id !== id) throw new Failure('vault/corrupt', `key of ${id}`)
    return slot
  }

  /** Slots that were found damaged when the table was read. */
  get damaged(): number {
    return this.#useless.length
  }

  /**
   * Writes slots. One that a record has already stays until `dropUseless`, after a sync. When it
   * throws for lack of space nothing has changed once `takeBack` has returned.
   */
  put(slots: readonly Slot[]): void {
    const reused = slots.slice(0, this.#free.length)
    const places = reused.map(() => this.#free.pop() as number)
    const appended = slots.slice(reused.length)
    this.#useless.push(...places)
    reused.forEach((slot, at) => {
      this.#disk.write(this.#file, bytesOf(slot), (places[at] as number) * slotBytes)
    })
    if (appended.length > 0) {
      this.#disk.write(this.#file, concat(appended.map(bytesOf)), this.#slots * slotBytes)
    }
    this.#useless.splice(this.#useless.length - places.length)
    appended.forEach((_, at) => places.push(this.#slots + at))
    this.#slots += appended.length
    slots.forEach(({ id }, at) => {
      const before = this.#byId.get(id)
      if (before !== undefined) this.#useless.push(before)
      this.#byId.set(id, places[at] as number)
    })
  }

  /** Makes the slots of records zero: without a key nobody ever opens them. */
  destroy(ids: readonly string[]): void {
    for (const id of ids) {
      const at = this.#byId.get(id)
      if (at === undefined) continue
      this.#disk.write(this.#file, new Uint8Array(slotBytes), at * slotBytes)
      this.#free.push(at)
      this.#byId.delete(id)
    }
  }

  /** Makes zero what nobody needs; the caller has seen that every record has another key. */
  dropUseless(): void {
    for (const at of this.#useless) {
      this.#disk.write(this.#file, new Uint8Array(slotBytes), at * slotBytes)
      this.#free.push(at)
    }
    this.#useless = []
  }

  /** Takes away what a write left that found no room; durable on return. */
  takeBack(): void {
    this.dropUseless()
    this.#disk.truncate(this.#file, this.#slots * slotBytes)
    this.syncNow()
  }

  async sync(): Promise<void> {
    await this.#disk.sync(this.#file)
  }

  syncNow(): void {
    this.#disk.syncNow(this.#file)
  }

  close(): void {
    this.#disk.close(this.#file)
  }

  /** Reads all slots. A part of one behind the last was being written when space or power ended. */
  load(readOnly = false): void {
    const whole = Math.floor(this.#disk.size(this.#file) / slotBytes)
    for (let from = 0; from < whole; from += windowSlots) {
      const count = Math.min(windowSlots, whole - from)
      const window = readWhole(this.#disk, this.#file, from * slotBytes, count * slotBytes)
      for (let at = 0; at < count; at += 1) {
        this.#take(window.subarray(at * slotBytes, (at + 1) * slotBytes), from + at)
      }
    }
    this.#slots = whole
    if (readOnly) return
    if (this.#disk.size(this.#file) !== whole * slotBytes) {
      this.#disk.truncate(this.#file, whole * slotBytes)
    }
    this.syncNow()
  }

  #take(bytes: Bytes, at: number): void {
    if (bytes.every((byte) => byte === 0)) {
      this.#free.push(at)
      return
    }
    const slot = slotOf(bytes)
    if (slot === null) {
      this.#useless.push(at)
      return
    }
    const other = this.#byId.get(slot.id)
    // Two slots of one record: it was being wrapped anew, and both open.
    const isNewer = other === undefined || slot.kek > (this.slot(slot.id)?.kek ?? 0)
    if (isNewer) this.#byId.set(slot.id, at)
    if (other !== undefined) this.#useless.push(isNewer ? other : at)
  }
}

/** The file of a disk's table, whole. */
export const tablePath: string = `${directory}/${name}`

/** A table as it stands in a file, for reading alone. */
export function readKeyTable(disk: Disk, path: string = tablePath): KeyTable {
  const table = new KeyTable(disk, disk.open(path, 'read'))
  table.load(true)
  return table
}

/** Opens or makes the table of a disk. */
export function openKeyTable(disk: Disk): KeyTable {
  if (!disk.list(directory).includes(name)) {
    disk.change({ kind: 'mkdir', path: directory })
    disk.change({ kind: 'syncDir', path: '' })
  }
  const table = new KeyTable(disk, disk.open(`${directory}/${name}`, 'append'))
  disk.change({ kind: 'syncDir', path: directory })
  table.load()
  return table
}

/** The slot of a record's key under the current key over keys. */
export function wrapKey(
  kek: Kek,
  member: string,
  { id, seq, key }: { readonly id: string; readonly seq: number; readonly key: Bytes },
): Slot {
  const over = kek.key(kek.current)
  assert(over !== null, 'the current key over keys is held')
  return { id, seq, kek: kek.current, wrapped: seal(over, key, keyAddress(member, id, seq)) }
}

/** The record's key. Throws `vault/wrong-key` when the key over it is not held. */
export function unwrapKey(kek: Kek, member: string, { id, seq, kek: by, wrapped }: Slot): Bytes {
  const over = kek.key(by)
  if (over === null) throw new Failure('vault/wrong-key', `key ${by} over keys is not held`)
  const key = unseal(over, wrapped, keyAddress(member, id, seq))
  if (key === null) throw new Failure('vault/corrupt', `key of ${id}`)
  return key
}

/** A slot that opens for the right member and key over keys only; stands in every table. */
export function witnessSlot(kek: Kek, member: string): Slot {
  return wrapKey(kek, member, { id: witnessId(member), seq: 0, key: newKey() })
}

/** The id of the slot by which a table knows its member; no record has it. */
export function witnessId(member: string): string {
  const text = utf8Encode(`lianban/vault/witness/v1\n${member}`)
  return base64urlEncode(sha256(text).subarray(0, 16))
}

function bytesOf({ id, seq, kek, wrapped }: Slot): Bytes {
  const name16 = base64urlDecode(id)
  assert(name16?.length === 16, 'an id has 16 bytes')
  const body = concat([magic, u32be(kek), u64be(seq), name16, wrapped])
  assert(body.length === checkAt, 'a slot is as long as it is')
  const slot = new Uint8Array(slotBytes)
  slot.set(body)
  slot.set(sha256(body).subarray(0, checkBytes), checkAt)
  return slot
}

function slotOf(bytes: Bytes): Slot | null {
  const body = bytes.subarray(0, checkAt)
  const check = bytes.subarray(checkAt, checkAt + checkBytes)
  if (!equal(body.subarray(0, 4), magic)) return null
  if (!equal(sha256(body).subarray(0, checkBytes), check)) return null
  return {
    kek: readU32be(bytes, 4),
    seq: readU64be(bytes, 8),
    id: base64urlEncode(bytes.subarray(16, wrappedAt)),
    wrapped: bytes.slice(wrappedAt, checkAt),
  }
}
