// The small golden ledger: what its members send and what the domain decides, as data, so that
// another implementation needs no domain of ours to repeat it. What follows from it (entries,
// writes, budgets, checkpoints, roots, frames) is computed in ledger.ts.
import { Buffer } from 'node:buffer'
import type { Write } from './ledger-bytes.ts'
import { base64url, bytesOf } from './material.ts'
import { bank, keyRecord, memberRecord, tax } from './registry.ts'
import { commandOf, enveloped, envelopeOf, hash64 } from './signing.ts'
import type { Key } from './signing.ts'

export const ledger = 'ledger.example/golden'
export const checkpointMs = 10_000
/** Half past an hour and a whole checkpoint interval, in milliseconds. */
export const begin = 1_800_001_800_000

/** What becomes of an intent: decided by the domain, or not admitted. */
export type Fate =
  | {
      readonly code: 'ok'
      readonly writes: readonly Write[]
      readonly outcome?: unknown
    }
  | { readonly code: string; readonly at?: string }
  | { readonly refused: string; readonly at?: string }

export type Sent = {
  readonly claim: string
  readonly form: 'single' | 'envelope'
  readonly member: string
  readonly jws: string
  /** Texts by position; one for a single command. */
  readonly intents: readonly string[]
  /** As a client sends it. */
  readonly text: string
  readonly outcomes: readonly Fate[]
  readonly documents: readonly Buffer[]
}

export type Planned = {
  readonly claim: string
  readonly time: number
  readonly openings?: readonly { readonly system: object; readonly writes: readonly Write[] }[]
  readonly sent: readonly Sent[]
}

const id = (number: number): string => base64url(bytesOf(`ledger/id/${number}`, 16))

export const budgets: { readonly [type: string]: string } = {
  'notes.set': 'notes',
  'notes.drop': 'notes',
  'notes.publish': 'papers',
}

const everybody = {
  use: ['command'],
  kinds: ['replica', 'participant'],
  approvals: { min: 0, max: 0 },
}

/** The command types as data; `documents` names the field that holds the hash of a document. */
export const types: readonly object[] = [
  {
    name: 'notes.set',
    body: {
      k: 'record',
      fields: {
        key: { k: 'name' },
        value: { k: 'int', min: -1000, max: 1000 },
        to: { k: 'member' },
      },
      optional: ['to'],
    },
    outcome: { k: 'record', fields: { count: { k: 'int', min: 1, max: 1000 } } },
    budget: { class: budgets['notes.set'], perHour: 6, refusedPerHour: 4 },
    ...everybody,
  },
  {
    name: 'notes.drop',
    body: { k: 'record', fields: { key: { k: 'name' } } },
    budget: { class: budgets['notes.drop'], perHour: 6, refusedPerHour: 4 },
    ...everybody,
  },
  {
    name: 'notes.publish',
    body: { k: 'record', fields: { document: { k: 'bytes', length: 32 } } },
    documents: 'document',
    budget: { class: budgets['notes.publish'], perHour: 6, refusedPerHour: 6 },
    ...everybody,
  },
]

/** Records that stand in a map. */
export const maps: readonly object[] = [
  { prefix: 'members/key/', map: 'now' },
  { prefix: 'notes/current/', map: 'now' },
  { prefix: 'notes/uses/', map: 'uses', bySegment: true },
]

export const params: object = { founders: ['bank', 'tax'], practice: true }

export const genesisWrites: readonly Write[] = Object.entries({
  ...memberRecord('tax'),
  ...memberRecord('bank', { kind: 'participant' }),
  ...keyRecord(tax, 'tax'),
  ...keyRecord(bank, 'bank'),
})

function intentOf(
  number: number,
  type: string,
  body: object,
  notAfter = begin + 86_400_000,
): string {
  return JSON.stringify({ ledger, id: id(number), type, body, notAfter })
}

type More = { readonly member?: string; readonly documents?: readonly Buffer[] }

const keys: { readonly [member: string]: Key } = { tax, bank }

function single(claim: string, intent: string, fate: Fate, more: More = {}): Sent {
  const { member = 'tax', documents = [] } = more
  const jws = commandOf(keys[member]!, intent)
  const text =
    documents.length === 0
      ? jws
      : JSON.stringify({ command: jws, documents: documents.map(base64url) })
  const what = { claim, form: 'single', member, jws, text } as const
  return { ...what, intents: [intent], outcomes: [fate], documents }
}

function several(claim: string, intents: readonly string[], outcomes: readonly Fate[]): Sent {
  const jws = envelopeOf(tax, intents)
  const text = enveloped(jws, intents)
  const what = { claim, form: 'envelope', member: 'tax', jws, text } as const
  return { ...what, intents, outcomes, documents: [] }
}

/** A note as the domain keeps it. */
function set(key: string, value: number, count: number): Fate {
  return { code: 'ok', writes: [[`notes/current/${key}`, { count, value }]], outcome: { count } }
}

const paper = Buffer.from('{"a":"document that a command names"}')
const other = Buffer.from('another document')
const used = (document: Buffer, entry: number): Fate => ({
  code: 'ok',
  writes: [[`notes/uses/2027-01/${hash64(document)}`, { bytes: document.length, entry }]],
})
const publish = (number: number, document: Buffer): string =>
  intentOf(number, 'notes.publish', { document: hash64(document) })

const late = intentOf(5, 'notes.set', { key: 'c', value: 5 }, begin - 1)
const first = intentOf(1, 'notes.set', { key: 'a', value: 1 })

/** The blocks after the genesis, in order. */
export const story: readonly Planned[] = [
  { claim: 'the roots of the genesis, alone in their block', time: begin, sent: [] },
  {
    claim: 'single commands: applied with an outcome, refused with a place, not admitted',
    time: begin + 1_000,
    sent: [
      single('is applied', first, set('a', 1, 1)),
      single(
        'is refused by its domain and has its entry',
        intentOf(2, 'notes.set', { key: 'b', value: -1, to: 'bank' }),
        { code: 'notes/negative', at: 'body.value' },
        { member: 'bank' },
      ),
      single('names no known type', intentOf(3, 'notes.burn', {}), {
        refused: 'validate/unknown-type',
        at: 'intent.type',
      }),
    ],
  },
  {
    claim: 'an envelope of which one intent is not admitted',
    time: begin + 1_000,
    sent: [
      several(
        'position 1 has expired',
        [
          intentOf(4, 'notes.set', { key: 'b', value: 2 }),
          late,
          intentOf(6, 'notes.drop', { key: 'a' }),
        ],
        [
          set('b', 2, 1),
          { refused: 'validate/expired', at: 'intent.notAfter' },
          { code: 'ok', writes: [['notes/current/a', null]] },
        ],
      ),
      several(
        'of which nothing is admitted',
        [late],
        [{ refused: 'validate/expired', at: 'intent.notAfter' }],
      ),
    ],
  },
  {
    claim: 'documents, and a boundary: the time slot has moved on',
    time: begin + 12_345,
    sent: [
      single('brings a document', publish(7, paper), used(paper, 7), { documents: [paper] }),
      single(
        'is refused, and its document stays in the frame',
        publish(8, other),
        { code: 'notes/not-wanted' },
        { documents: [other], member: 'bank' },
      ),
    ],
  },
  {
    claim: 'a command in the block of the roots: what it writes is in no root yet',
    time: begin + 12_346,
    sent: [
      single('is applied before the roots', intentOf(9, 'notes.set', { key: 'b', value: 3 }), {
        code: 'ok',
        writes: [['notes/current/b', { count: 2, value: 3 }]],
        outcome: { count: 2 },
      }),
    ],
  },
  { claim: 'a boundary without entries', time: begin + 20_000, sent: [] },
  { claim: 'the roots that show the late command', time: begin + 20_000, sent: [] },
  { claim: 'nothing is due: a quiet ledger signs nothing', time: begin + 40_000, sent: [] },
  {
    claim: 'what members decided for this height stands first; a new hour counts from zero',
    time: begin + 1_800_000,
    openings: [
      {
        system: { kind: 'upgrade', code: hash64('another release'), from: 10 },
        writes: [['members/ledger/pending', { upgrades: [] }]],
      },
      { system: { kind: 'upgrade', code: hash64('one more'), from: 10 }, writes: [] },
    ],
    sent: [
      single('is applied in the new hour', intentOf(10, 'notes.set', { key: 'c', value: 0 }), {
        code: 'ok',
        writes: [['notes/current/c', { count: 1, value: 0 }]],
        outcome: { count: 1 },
      }),
      single('was applied before', first, { refused: 'validate/duplicate', at: 'intent.id' }),
    ],
  },
  { claim: 'their roots', time: begin + 1_800_001, sent: [] },
]
