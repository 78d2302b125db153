// Two domains for tests and the bench: 'test' uses everything that the ledger offers to a domain
// (outcomes, documents, budget classes, named maps, marks, member kinds), and 'later' stands after
// it and changes its records through an effect function. Nothing here is part of the product.
import type { Refusal, Schema, Value } from '#ledger/command'
import type { CommandType, Context, Decision, Domain, View, Write } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import { clearMark, hasMark, marks, setMark } from '#domains/members'

type Body = { readonly [key: string]: Value }

const id: Schema = { k: 'bytes', length: 16 }
const hash: Schema = { k: 'bytes', length: 32 }
const generation: Schema = { k: 'int', min: 1, max: 1_000_000 }
const count: Schema = { k: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }
const month: Schema = { k: 'enum', of: ['2026-10', '2026-11', '2026-12'] }

/** Commands an hour of a class that a test can use up. */
export const rarePerHour = 3

export const testCodes = [
  'test/stale-read',
  'test/too-much',
  'test/tag-used',
  'test/document-unknown',
  'test/held',
] as const

/** What differs between the types of these domains; everything else is alike. */
type Plan = {
  readonly name: string
  readonly fields: { readonly [name: string]: Schema }
  readonly optional?: readonly string[]
  readonly more?: Partial<CommandType>
  readonly decide: (view: View, body: Body, context: Context) => Decision
}

function typeOf({ name, fields, optional, more, decide }: Plan): CommandType {
  return {
    name,
    body: { k: 'record', fields, ...(optional === undefined ? {} : { optional }) },
    use: ['command'],
    kinds: ['replica', 'participant'],
    budget: { class: 'test', perHour: 1_000_000_000 },
    approvals: { min: 0, max: 2 },
    ...more,
    decide,
  }
}

function ok(writes: readonly Write[], outcome?: Value): Decision {
  return outcome === undefined ? { code: 'ok', writes } : { code: 'ok', writes, outcome }
}

function no(code: (typeof testCodes)[number], at?: string): Refusal {
  return at === undefined ? { code } : { code, at }
}

const itemKey = (of: string, name: string): string => `test/item/${of}/${name}`

/** The generation of a case's item: 1 as filed, one more with every giving. */
export function generationOf(view: Reading, of: string, name: string): number {
  const item = view.get(itemKey(of, name)) as { readonly gen: number } | undefined
  return item?.gen ?? 1
}

/**
 * The bench's command: an act that reads three items and gives one, as a party of a case does. It
 * is refused when what it read is no longer the current generation.
 */
const act = typeOf({
  name: 'test.act',
  fields: {
    case: id,
    act: { k: 'name' },
    gives: { k: 'map', key: 'name', of: hash, max: 4 },
    officer: id,
    reads: { k: 'map', key: 'name', of: generation, max: 16 },
    rule: hash,
  },
  decide: (view, body) => {
    const { case: of, gives, reads } = body as unknown as ActBody
    for (const name in reads) {
      if (generationOf(view, of, name) !== reads[name]) return no('test/stale-read', 'body.reads')
    }
    const writes: Write[] = []
    for (const name in gives) {
      const commitment = gives[name]
      if (commitment === undefined) continue
      writes.push([itemKey(of, name), { commitment, gen: generationOf(view, of, name) + 1 }])
    }
    return ok(writes)
  },
})

/** The body of `test.act`. */
export type ActBody = {
  readonly case: string
  readonly act: string
  readonly gives: { readonly [name: string]: string }
  /** Random id of the officer in whose name the act is done. */
  readonly officer: string
  readonly reads: { readonly [name: string]: number }
  readonly rule: string
}

/**
 * An act of the bench's size on a case as it was filed: signed, it is about 900 bytes. `of` and
 * `officer` are 16 bytes, `commitment` 32, all base64url.
 */
export function actBody(of: string, officer: string, commitment: string): ActBody {
  return {
    case: of,
    act: 'tax.assess',
    gives: { assessment: commitment },
    officer,
    reads: { title: 1, contract: 1, holdings: 1 },
    rule: commitment,
  }
}

/** Effect: adds to a counter. */
export function addTo(view: Reading, counter: string, amount: number): readonly Write[] {
  return [[counterKey(counter), counterOf(view, counter) + amount]]
}

/** How far a counter has come. */
export function counterOf(view: Reading, counter: string): number {
  return (view.get(counterKey(counter)) as number | undefined) ?? 0
}

const counterKey = (counter: string): string => `test/counter/${counter}`
/** A counter stops here. */
export const counterMax = 1_000

const add = typeOf({
  name: 'test.count',
  fields: { counter: { k: 'name' }, amount: { k: 'int', min: 1, max: 1_000 } },
  more: { outcome: { k: 'record', fields: { before: count, after: count } } },
  decide: (view, body) => {
    const { counter, amount } = body as { readonly counter: string; readonly amount: number }
    const before = counterOf(view, counter)
    if (before + amount > counterMax) return no('test/too-much', 'body.amount')
    return ok(addTo(view, counter, amount), { before, after: before + amount })
  },
})

const publish = typeOf({
  name: 'test.publish',
  fields: { document: hash },
  more: {
    documents: (body) => [body.document as string],
    outcome: { k: 'record', fields: { bytes: count } },
  },
  decide: (view, body) => {
    const name = body.document as string
    const bytes = view.document(name)?.length
    if (bytes === undefined) return no('test/document-unknown')
    return ok([[`test/document/${name}`, { bytes }]], { bytes })
  },
})

const rare = typeOf({
  name: 'test.rare',
  fields: { nonce: id },
  more: { budget: { class: 'rare', perHour: rarePerHour } },
  decide: (_view, body) => ok([[`test/rare/${body.nonce as string}`, true]]),
})

const use = typeOf({
  name: 'test.use',
  fields: { month, tag: hash },
  decide: (view, body, context) => {
    const key = `test/uses/${body.month as string}/${body.tag as string}`
    return view.get(key) === undefined ? ok([[key, context.entry]]) : no('test/tag-used')
  },
})

const hold = typeOf({
  name: 'test.hold',
  fields: { handle: id, set: { k: 'bool' } },
  decide: (view, body, context) => {
    const of = { handle: body.handle as string, kind: 'hold', by: context.member } as const
    if (body.set === true) return ok(setMark(view, of, context.height))
    return hasMark(view, of) ? ok(clearMark(view, of)) : ok([])
  },
})

/** Destroys something, which a mark forbids. */
const erase = typeOf({
  name: 'test.erase',
  fields: { handle: id },
  decide: (view, body) => {
    const handle = body.handle as string
    if (marks(view, handle).length > 0) return no('test/held', 'body.handle')
    return ok([[`test/erased/${handle}`, true]])
  },
})

const ask = typeOf({
  name: 'test.ask',
  fields: { of: { k: 'member' }, question: hash },
  more: { kinds: ['participant'] },
  decide: (_view, body, context) =>
    ok([[`test/question/${body.question as string}`, { by: context.member, of: body.of ?? null }]]),
})

/** Needs exactly two officers' approvals, whoever they are. */
const seal = typeOf({
  name: 'test.seal',
  fields: { handle: id },
  more: { approvals: { min: 2, max: 2 } },
  decide: (_view, body, context) =>
    ok([[`test/sealed/${body.handle as string}`, context.approvals.map(({ officer }) => officer)]]),
})

/** A domain that uses everything that the ledger offers. */
export const testDomain: Domain = {
  name: 'test',
  types: [act, add, publish, rare, use, hold, erase, ask, seal],
  codes: testCodes,
  maps: [{ prefix: 'test/uses/', map: 'uses', bySegment: true }],
  effectsOn: ['members/mark/'],
}

const relay = typeOf({
  name: 'later.relay',
  fields: { counter: { k: 'name' }, amount: { k: 'int', min: 1, max: 1_000 } },
  decide: (view, body, context) => {
    const { counter, amount } = body as { readonly counter: string; readonly amount: number }
    const own: Write = [`later/relayed/${counter}`, { entry: context.entry, amount }]
    return ok([...addTo(view, counter, amount), own])
  },
})

/** A later domain: it changes the records of 'test' through that domain's effect function. */
export const laterDomain: Domain = {
  name: 'later',
  types: [relay],
  codes: [],
  effectsOn: ['test/counter/'],
}
