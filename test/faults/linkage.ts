// Whether the ledger joins two cases: every string of 16 bytes that an entry or a record holds,
// decoded as far as it decodes, belongs to one case alone, unless it stood on the ledger before
// anybody filed, or in a document of public fields. No allowance is written down here: what may be
// shared follows from the ledger itself.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { base64urlDecode, latin1Decode, utf8Decode } from '#base/bytes'
import { decodeFrame, decodeWrites, frameLength } from '#ledger/apply'
import type { Frame } from '#ledger/apply'
import { isRefusal } from '#ledger/command'
import type { Value } from '#ledger/command'
import type { Crowd } from './crowd.ts'

/** A string that two cases share. */
export type Link = {
  readonly text: string
  readonly one: string
  readonly other: string
  readonly where: string
}

export type Linked = {
  readonly links: readonly Link[]
  readonly cases: number
  /** Pairs of cases of which somebody or something is the same. */
  readonly pairs: number
  readonly entries: number
  /** Different strings of 16 bytes, by what they belong to. */
  readonly ofCases: number
  readonly ofNoCase: number
  readonly constants: number
}

/** Changes the body of a command as it is read, so that a link can be planted. */
export type Alter = (type: string, body: Body, theCase: string) => Body

export type Body = { readonly [name: string]: Value }

const least = 16
/** A window of a bit map, which is a place in a list and no string, has fewer bytes than these. */
const leastBytes = 4
/** Whose the system entries and the ledger's own records are. */
const ledgers = 'the ledger'
/** What the ledger knew before the first case, and what is published. */
const constant = 0

/** Windows of 16 bytes, each with its first owner. */
class Windows {
  #words: Uint32Array
  #owners: Int32Array
  #size = 0
  readonly counts: Map<number, number> = new Map()

  constructor(room: number) {
    this.#words = new Uint32Array(4 * room)
    this.#owners = new Int32Array(room).fill(-1)
  }

  get size(): number {
    return this.#size
  }

  /** The first owner of the window at `at`; `owner`, if it is new. */
  claim(bytes: Uint8Array, at: number, owner: number): number {
    if (this.#size * 2 > this.#owners.length) this.#grow()
    let some = 0
    for (let by = at; by < at + least; by += 1) if (bytes[by] !== 0) some += 1
    if (some < leastBytes) return owner
    const words = [0, 4, 8, 12].map((by) => four(bytes, at + by)) as Four
    return this.#claim(words, owner)
  }

  #claim(words: Four, owner: number): number {
    const mask = this.#owners.length - 1
    let slot = (Math.imul(words[0] ^ Math.imul(words[2], 0x9e3779b1), 0x85ebca6b) >>> 0) & mask
    for (; ; slot = (slot + 1) & mask) {
      const known = this.#owners[slot] as number
      if (known === -1) break
      if (words.every((word, by) => this.#words[4 * slot + by] === word)) return known
    }
    this.#words.set(words, 4 * slot)
    this.#owners[slot] = owner
    this.#size += 1
    this.counts.set(owner, (this.counts.get(owner) ?? 0) + 1)
    return owner
  }

  #grow(): void {
    const [words, owners] = [this.#words, this.#owners]
    this.#words = new Uint32Array(2 * words.length)
    this.#owners = new Int32Array(2 * owners.length).fill(-1)
    this.#size = 0
    this.counts.clear()
    for (const [slot, owner] of owners.entries()) {
      if (owner !== -1) this.#claim([0, 1, 2, 3].map((by) => words[4 * slot + by]) as Four, owner)
    }
  }
}

type Four = [number, number, number, number]

function four(bytes: Uint8Array, at: number): number {
  const [a, b] = [bytes[at] as number, bytes[at + 1] as number]
  return (
    ((a << 24) | (b << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) >>> 0
  )
}

/** All strings within a value: keys of records, texts, and what base64url in them says. */
function textsOf(value: Value, found: string[], depth = 0): readonly string[] {
  assert.ok(depth < 64, 'entries are not deep')
  if (typeof value === 'string') found.push(value)
  else if (Array.isArray(value)) for (const each of value) textsOf(each as Value, found, depth + 1)
  else if (value !== null && typeof value === 'object') {
    for (const [key, each] of Object.entries(value)) {
      found.push(key)
      textsOf(each as Value, found, depth + 1)
    }
  }
  return found
}

/** Byte strings of at least 16 bytes that a text says: itself in its parts, and decoded. */
function stringsOf(text: string): readonly Uint8Array[] {
  const found: Uint8Array[] = []
  for (const part of text.split(/[./]/)) {
    const said = part.length >= 22 ? base64urlDecode(part) : null
    if (said === null) {
      if (part.length >= least) found.push(Buffer.from(part))
      continue
    }
    const json = jsonOf(said)
    if (json === undefined) found.push(said)
    else for (const each of textsOf(json, [])) found.push(...stringsOf(each))
  }
  return found.filter(({ length }) => length >= least)
}

function jsonOf(bytes: Uint8Array): Value | undefined {
  const text = bytes[0] === 0x7b || bytes[0] === 0x5b ? utf8Decode(bytes) : null
  try {
    return text === null ? undefined : (JSON.parse(text) as Value)
  } catch {
    return undefined
  }
}

/** The frames of a journal. */
export function* framesOf(ledger: string): Generator<Frame> {
  const journal = join(ledger, 'journal')
  let previous: Uint8Array = new Uint8Array(32)
  for (const name of readdirSync(journal).toSorted()) {
    const bytes = new Uint8Array(readFileSync(join(journal, name)))
    for (let at = 0; at < bytes.length;) {
      const length = frameLength(bytes, at)
      assert.ok(length !== null, 'a journal has whole frames')
      const frame = decodeFrame(bytes.subarray(at, at + length), previous)
      assert.ok(!isRefusal(frame), 'a frame decodes')
      yield frame
      previous = frame.hash
      at += length
    }
  }
}

/** Reads a ledger from its beginning and says whose each string is. */
export class Linker {
  readonly #alter: Alter
  readonly #owners: Map<string, number> = new Map()
  readonly #names: string[] = ['before anybody filed']
  readonly #permits: Map<number, string> = new Map()
  /** Digests of documents since anybody filed, and those that a command names as public fields. */
  readonly #documents: Set<string> = new Set()
  readonly #public: Set<string> = new Set()
  readonly #windows = new Windows(1 << 18)
  readonly #links: Link[] = []
  #hasBegun = false
  #entries = 0

  constructor(alter: Alter) {
    this.#alter = alter
  }

  frame(frame: Frame): void {
    for (const bytes of frame.documents) {
      const text = utf8Decode(bytes) ?? ''
      for (const each of textsOf(JSON.parse(text) as Value, [])) {
        this.#take(each, constant, 'document')
      }
      if (this.#hasBegun)
        this.#documents.add(createHash('sha256').update(bytes).digest('base64url'))
    }
    for (const [at, bytes] of frame.entries.entries()) {
      const index = frame.firstEntry + at
      this.#entries += 1
      const owner = this.#entry(latin1Decode(bytes), index)
      this.#writes(frame.writes[at] ?? '[]', owner)
    }
    this.#writes(frame.writes.at(-1) ?? '[]', ledgers)
  }

  result(crowd: Crowd): Linked {
    const cases = new Set(crowd.cases.map(({ id }) => id))
    const about = new Map<string, number>()
    let pairs = 0
    for (const each of crowd.cases) {
      // Cases before this one that have somebody or something in common with it.
      const most = Math.max(...each.about.map((what) => about.get(what) ?? 0))
      pairs += most
      for (const what of each.about) about.set(what, (about.get(what) ?? 0) + 1)
    }
    for (const digest of this.#documents) {
      // Whatever a document says would pass for a constant.
      const link = { text: digest, one: 'documents', other: 'nobody', where: 'not public' }
      if (!this.#public.has(digest)) this.#links.push(link)
    }
    const counts = [...this.#windows.counts]
    const sum = (of: (name: string, owner: number) => boolean): number =>
      counts.reduce((all, [at, count]) => all + (of(this.#names[at] ?? '', at) ? count : 0), 0)
    const ofCases = sum((name) => cases.has(name))
    const constants = this.#windows.counts.get(constant) ?? 0
    return {
      links: this.#links,
      cases: [...cases].filter((id) => this.#owners.has(id)).length,
      pairs,
      entries: this.#entries,
      ofCases,
      ofNoCase: this.#windows.size - ofCases - constants,
      constants,
    }
  }

  /** Takes an entry in; says whose it is. */
  #entry(text: string, index: number): string {
    const entry = JSON.parse(text) as { readonly c?: string | null; readonly s?: Value }
    const { c, ...rest } = entry
    if (typeof c !== 'string') {
      // The root of a map is the same again while nothing in it changes: it is the ledger's own.
      this.#all(rest as Value, this.#of(ledgers), `entry ${index}`)
      return ledgers
    }
    const [header = '', payload = '', signature = ''] = c.split('.')
    const said = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Body
    const intentText = said['intent']
    assert.ok(typeof intentText === 'string', 'commands come one by one')
    const intent = JSON.parse(Buffer.from(intentText, 'base64url').toString()) as Body
    const { type } = intent
    assert.ok(typeof type === 'string', 'an intent has a type')
    if (type === 'case.file') this.#hasBegun = true
    const given = intent['body'] as Body
    const owner = this.#caseOf(given, type) ?? `entry ${index}`
    const body = this.#alter(type, given, owner)
    if (type === 'case.read') this.#permits.set(index, owner)
    if (typeof body['public'] === 'string') this.#publish(body['public'])
    const where = `entry ${index} ${type}`
    const { intent: _, ...approvals } = said
    const { body: __, ...around } = intent
    for (const each of [header, signature]) this.#take(each, this.#of(owner), where)
    for (const each of [approvals, around, rest]) this.#all(each as Value, this.#of(owner), where)
    for (const [of, part] of this.#parts(body, owner)) this.#all(part, this.#of(of), where)
    return owner
  }

  /** What a body says, apart by the cases of the permits that it closes. */
  *#parts(body: Body, owner: string): Generator<readonly [owner: string, part: Value]> {
    for (const [name, value] of Object.entries(body)) {
      const several = ['receipts', 'permits', 'uses'].includes(name) && Array.isArray(value)
      if (!several) yield [owner, { [name]: value }]
      else
        for (const each of value as readonly Body[]) {
          yield [this.#permits.get(Number(each['permit'])) ?? owner, each]
        }
    }
  }

  #caseOf(body: Body, type: string): string | undefined {
    // An entry about a certificate names its case by a commitment alone.
    if (type.startsWith('certificate.')) return undefined
    if (typeof body['case'] === 'string') return body['case']
    return this.#permits.get(Number(body['permit'] ?? -1))
  }

  #writes(text: string, sender: string): void {
    const writes = decodeWrites(text)
    assert.ok(writes !== null, 'writes decode')
    for (const [key, value] of writes) {
      const owner = this.#ownerOfRecord(key, value, sender)
      for (const each of key.split('/')) this.#take(each, this.#of(owner), key)
      this.#all(value, this.#of(owner), key)
    }
  }

  #ownerOfRecord(key: string, value: Value | null, sender: string): string {
    const [, , id = ''] = key.split('/')
    if (key.startsWith('processes/case/') || key.startsWith('processes/item/')) return id
    if (key.startsWith('sharing/permit/')) return this.#permits.get(Number(id)) ?? key
    // A page of a list of certificates is a bit map of all of them.
    if (key.startsWith('certificates/page/')) return key
    if (key.startsWith('sharing/uses/') && value !== null) {
      const [, permit] = value as readonly [number, number]
      return this.#permits.get(permit) ?? key
    }
    return sender
  }

  /** The number of an owner; before anybody files there is only one. */
  #of(name: string): number {
    return this.#hasBegun ? this.#owner(name) : constant
  }

  #owner(name: string): number {
    const known = this.#owners.get(name)
    if (known !== undefined) return known
    this.#names.push(name)
    this.#owners.set(name, this.#names.length - 1)
    return this.#names.length - 1
  }

  /** The hash of a document of public fields is the document's, whichever case names it. */
  #publish(digest: string): void {
    if (this.#public.has(digest)) return
    this.#public.add(digest)
    this.#take(digest, constant, 'public')
  }

  #all(value: Value, owner: number, where: string): void {
    for (const text of textsOf(value, [])) this.#take(text, owner, where)
  }

  #take(text: string, owner: number, where: string): void {
    for (const bytes of stringsOf(text)) {
      for (let at = 0; at + least <= bytes.length; at += 1) {
        const first = this.#windows.claim(bytes, at, owner)
        if (first === owner || first === constant) continue
        const [one = '', other = ''] = [this.#names[first], this.#names[owner]]
        this.#links.push({ text, one, other, where })
        break
      }
    }
  }
}

const asItIs: Alter = (_, body) => body

/** Looks for links between the cases of a crowd. */
export function linkage(crowd: Crowd, alter: Alter = asItIs): Linked {
  const linker = new Linker(alter)
  for (const frame of framesOf(join(crowd.city, 'ledger'))) linker.frame(frame)
  return linker.result(crowd)
}
