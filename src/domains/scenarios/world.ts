// The stage on which scenarios are played: a state of its own in memory, the kernel's own decisions
// over it, and the content of every commitment. Nobody else's state is touched; of the ledger's own
// only the calendar is seen. The same publication plays the same everywhere.
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256, sha256Text } from '#base/crypto'
import type { Value } from '#ledger/command'
import { checkValue } from '#ledger/command'
import type { Context, View } from '#ledger/apply'
import { memberKey } from '#ledger/validate'
import { byName } from '#blueprint/check'
import { classOf, isSubject, listOf } from '#blueprint/grammar'
import type { Act, Evidence } from '#blueprint/grammar'
import type { Keys, Known, Rec } from '#blueprint/judge'
import { recOf } from '#blueprint/judge'
import { dayOfInstant, textOfDay } from '#blueprint/time'
import { accreditationPrefix } from '#domains/members'
import type { Kernel, PartView } from './kernel.ts'

/** A command body; what it says is checked by the kernel alone. */
export type Body = { readonly [member: string]: Value }

/** An id or digest of 32 bytes for a word of a scenario. */
export function wordHash(word: string): string {
  return sha256Text(`play ${word}`, 'base64url')
}

/** An id of 16 bytes for a word of a scenario. */
export function wordId(word: string): string {
  return base64urlEncode(sha256(utf8Encode(`play ${word}`)).slice(0, 16))
}

const memberPrefix = memberKey('')

/** Milliseconds between two commands on the stage. */
const stepMs = 1_000

/** Work that playing may still take: commands, and open acts that robots look at. */
export type Work = { left: number }

/** Where and when a case is played; without bound if no work is stated. */
export type Setting = { readonly id: string; readonly time: number; readonly work?: Work }

/** A stage with one case on it. */
export class World implements View {
  readonly kernel: Kernel
  readonly id: string
  readonly #state: Map<string, Value>
  readonly #documents: Map<string, Bytes> = new Map()
  readonly #contents: Map<string, Rec> = new Map()
  readonly #keys: Map<string, Keys> = new Map()
  readonly #work: Work
  time: number
  #entry = 1
  // Until the state changes everybody knows the same.
  #known: Known | null = null

  constructor(kernel: Kernel, { id, time, work }: Setting) {
    this.kernel = kernel
    this.#work = work ?? { left: Number.MAX_SAFE_INTEGER }
    this.id = wordId(id)
    this.time = time
    this.#state = new Map(kernel.begin)
  }

  get lead(): string {
    const { lead, parties } = this.kernel.judge.blueprint
    return parties[lead]?.member ?? lead
  }

  get(key: string): Value | undefined {
    // Everybody whom a scenario names is a member in good standing.
    if (key.startsWith(memberPrefix)) {
      return { code: key.slice(memberPrefix.length), from: 0, kind: 'replica', state: 'active' }
    }
    // And of every class that somebody is asked for.
    if (key.startsWith(accreditationPrefix)) {
      const [member = '', type = ''] = key.slice(accreditationPrefix.length).split('/')
      const always = { from: 0, until: Number.MAX_SAFE_INTEGER, by: member, height: 0 }
      return { member, type, intervals: [always] }
    }
    return this.#state.get(key)
  }

  document(hash: string): Bytes | undefined {
    return this.#documents.get(hash)
  }

  /** A document under its hash, for the next command. */
  put(text: string): string {
    const hash = sha256Text(text, 'base64url')
    this.#documents.set(hash, utf8Encode(text))
    return hash
  }

  /** Takes work; false once there is none left. */
  pay(units: number): boolean {
    this.#work.left -= units
    return this.#work.left >= 0
  }

  /** Sends a command; the code of the kernel's answer. */
  send(member: string, type: string, body: Body): string {
    const rule = this.kernel.types.get(type)
    if (!this.pay(1)) return 'processes/too-many'
    if (rule === undefined) return 'processes/no-such-name'
    this.time += stepMs
    this.#entry += 1
    this.#known = null
    // The kernel counts on bodies that were admitted.
    const whole = { case: this.id, ...body }
    const misfit = checkValue(rule.body, whole)
    if (misfit !== null) return misfit.code
    const decision = rule.decide(this, whole, this.#context(member))
    if (!('writes' in decision)) return decision.code
    for (const [key, value] of decision.writes) {
      if (value === null) this.#state.delete(key)
      else this.#state.set(key, value)
    }
    return 'ok'
  }

  #context(member: string): Context {
    const { time } = this
    const entry = this.#entry
    return {
      ledger: 'play',
      height: entry,
      time,
      entry,
      member,
      kid: 'play',
      approvals: [],
      intent: { id: wordId(`${entry}`) } as unknown as Context['intent'],
    }
  }

  /** Keeps the content of a record and gives its commitment; equal content has one commitment. */
  keep(item: string, place: string, rec: Rec): string {
    const hash = sha256Text(encodeCanonical([item, place, rec.state, rec.fields]), 'base64url')
    this.#contents.set(hash, rec)
    return hash
  }

  /** Keeps the keys of a slot and gives their commitment. */
  keepKeys(slot: string, keys: Keys): string {
    const hash = sha256Text(encodeCanonical(['slot', slot, keys]), 'base64url')
    this.#keys.set(hash, keys)
    return hash
  }

  /** Everything that anybody knows of the case; the judge takes of it what an act reads. */
  known(): Known {
    this.#known ??= this.#knownNow()
    return this.#known
  }

  #knownNow(): Known {
    const { kernel, id } = this
    const items: { [item: string]: readonly Rec[] } = {}
    for (const [item, parts] of kernel.partsOf(this, id)) {
      items[item] = parts.flatMap((part) => this.#rec(part))
    }
    const slots: { [slot: string]: readonly Keys[] } = {}
    for (const [slot, { commitments }] of Object.entries(kernel.caseOf(this, id)?.slots ?? {})) {
      slots[slot] = commitments.flatMap((each) => this.#keys.get(each) ?? noKeys)
    }
    return { day: textOfDay(dayOfInstant(this.time)), items, slots }
  }

  #rec({ c, from, element }: PartView): readonly Rec[] {
    const rec = this.#contents.get(c)
    if (rec === undefined) return []
    const plain = { state: rec.state, fields: rec.fields, from }
    return [element === undefined ? plain : { ...plain, element }]
  }

  /** Commitments to the records of an item, one for each value of a list. */
  commit(item: string, place: string, given: Given): readonly string[] {
    const { judge } = this.kernel
    const { state, values } = given
    if (values.length === 0) {
      return given.isList === true && state === 'done'
        ? []
        : [this.keep(item, place, recOf(judge, item, { state, from: place }))]
    }
    return values.map((value) =>
      this.keep(item, place, recOf(judge, item, { state, value, from: place })),
    )
  }

  /** The document with the public fields of records, one for each; undefined if there are none. */
  publish(
    all: readonly { readonly item: string; readonly commitments: readonly string[] }[],
  ): string | undefined {
    const open = all.filter(
      ({ item, commitments }) =>
        commitments.length > 0 && publicFields(this.kernel, item).length > 0,
    )
    if (open.length === 0) return undefined
    const values = open.flatMap(({ item, commitments }) =>
      commitments.map((each): Json => this.#publicOf(item, each)),
    )
    return this.put(encodeCanonical(values))
  }

  #publicOf(item: string, commitment: string): Json {
    const rec = this.#contents.get(commitment)
    if (rec === undefined || (rec.state !== 'found' && rec.state !== 'done')) return null
    const shown = publicFields(this.kernel, item).flatMap(
      (id): readonly (readonly [string, Json])[] => {
        const value = rec.fields[id]
        return value === undefined || value === null ? [] : [[id, value]]
      },
    )
    return Object.fromEntries(shown)
  }
}

const noKeys: readonly Keys[] = []

function publicFields({ judge }: Kernel, item: string): readonly string[] {
  const fields = judge.items.get(item)?.type.fields ?? []
  return fields.filter((field) => classOf(field) === 'public').map(({ id }) => id)
}

/** Whether a path `item.field` names a public field. */
export function isPublic(kernel: Kernel, path: string): boolean {
  const at = path.indexOf('.')
  return publicFields(kernel, path.slice(0, at)).includes(path.slice(at + 1))
}

/** An item as a scenario deals with it. */
export type Item = {
  readonly name: string
  readonly evidence: Evidence
  /** Supplied for each person of its slot. */
  readonly each: boolean
  /** Slots that a supply names. */
  readonly slots: readonly string[]
}

/** An item of the blueprint, or null. */
export function itemIn({ judge }: Kernel, name: string): Item | null {
  const { evidence, parties } = judge.blueprint
  const found = Object.hasOwn(evidence, name) ? evidence[name] : undefined
  if (found === undefined) return null
  const { about, from, key = [] } = found
  const slots = byName([about, ...key.map((path) => path.slice(0, path.indexOf('.')))])
  return { name, evidence: found, each: from !== undefined && parties[about]?.all === true, slots }
}

/** An act of the blueprint, or null. */
export function actIn({ judge }: Kernel, name: string): Act | null {
  const { acts } = judge.blueprint
  return (Object.hasOwn(acts, name) ? acts[name] : undefined) ?? null
}

/** Whether a person or firm acts. */
export function isByPerson({ judge }: Kernel, act: Act): boolean {
  return listOf(act.by).some((party) => {
    const declared = judge.blueprint.parties[party]
    return declared !== undefined && isSubject(declared)
  })
}

/** What is committed of an item: its state, and its values if it has any. */
export type Given = {
  readonly state: string
  readonly values: readonly Json[]
  readonly isList?: boolean
}
