// A ledger in memory for tests of the state machine and the engine: records, window and maps behind
// the machine's ports, two members with one key each, and a small domain whose commands succeed,
// refuse, give outcomes, publish documents and stand alone. Nothing here is part of the product.
import type { Applied, Domain, Write } from '#ledger/apply'
import { Machine } from '#ledger/apply'
import type { Value } from '#ledger/command'
import { decodeSubmission, encodeSubmission, isRefusal } from '#ledger/command'
import type { Command } from '#ledger/command'
import { fillBlock } from '#ledger/order'
import { Maps } from '#ledger/prove'
import { inlineVerifier, Signing } from '#adapters/consensus'
import {
  keyRecord,
  makeIntent,
  makeKey,
  memberRecord,
  signCommand,
  signEnvelope,
} from './commands.ts'
import type { TestKey } from './commands.ts'

export const ledgerName = 'ledger.example/test'
export const startTime = 1_750_000_000_000
export const taxKey: TestKey = makeKey('tax')
export const gasKey: TestKey = makeKey('gas')

/** The records of the two members and their keys. */
export function testWrites(): readonly Write[] {
  const writes: Write[] = []
  for (const [code, key] of [
    ['tax', taxKey],
    ['gas', gasKey],
  ] as const) {
    writes.push([
      `members/member/${code}`,
      plain(memberRecord(code, code === 'gas' ? { kind: 'participant' } : {})),
    ])
    writes.push([`members/key/${key.kid}`, plain(keyRecord(key, code))])
  }
  return writes
}

/** Registers the members of these tests without any governance. */
export const testMembers: Domain = {
  name: 'members',
  types: [],
  codes: [],
  maps: [{ prefix: 'members/key/', map: 'now' }],
  genesis: testWrites,
}

function plain(record: object): Value {
  return JSON.parse(JSON.stringify(record)) as Value
}

const budget = { class: 'notes', perHour: 1_000_000 }
const base = {
  use: ['command'],
  kinds: ['replica', 'participant'],
  budget,
  approvals: { min: 0, max: 0 },
} as const

/** `notes.set` writes a counted value, `notes.publish` a document, `notes.close` stands alone. */
export const notes: Domain = {
  name: 'notes',
  codes: ['notes/negative', 'notes/no-document'],
  maps: [
    { prefix: 'notes/current/', map: 'now' },
    { prefix: 'notes/uses/', map: 'uses', bySegment: true },
  ],
  types: [
    {
      ...base,
      name: 'notes.set',
      body: {
        k: 'record',
        fields: {
          key: { k: 'name' },
          value: { k: 'int', min: -1000, max: 1_000_000 },
          to: { k: 'member' },
        },
        optional: ['to'],
      },
      outcome: { k: 'record', fields: { count: { k: 'int', min: 1, max: 1_000_000_000 } } },
      decide: (view, body) => {
        const value = body['value'] as number
        if (value < 0) return { code: 'notes/negative', at: 'value' }
        const key = `notes/current/${body['key'] as string}`
        const before = view.get(key) as { count: number } | undefined
        const count = (before?.count ?? 0) + 1
        return { code: 'ok', writes: [[key, { count, value }]], outcome: { count } }
      },
    },
    {
      ...base,
      name: 'notes.drop',
      body: { k: 'record', fields: { key: { k: 'name' } } },
      decide: (_view, body) => ({
        code: 'ok',
        writes: [[`notes/current/${body['key'] as string}`, null]],
      }),
    },
    {
      ...base,
      name: 'notes.publish',
      body: { k: 'record', fields: { document: { k: 'bytes', length: 32 } } },
      documents: (body) => [body['document'] as string],
      decide: (view, body, { entry }) => {
        const bytes = view.document(body['document'] as string)
        if (bytes === undefined) return { code: 'notes/no-document' }
        const key = `notes/uses/2026-11/${body['document'] as string}`
        return { code: 'ok', writes: [[key, { bytes: bytes.length, entry }]] }
      },
    },
    {
      ...base,
      name: 'notes.close',
      alone: true,
      confirmsTime: true,
      body: { k: 'record', fields: { time: { k: 'int', min: 0, max: 9_000_000_000_000_000 } } },
      // An odd time is refused, so that a test has a confirmation which nobody may give.
      decide: (_view, body) =>
        (body['time'] as number) % 2 === 1
          ? { code: 'notes/negative', at: 'time' }
          : { code: 'ok', writes: [] },
    },
  ],
}

export type MemoryLedger = {
  readonly machine: Machine
  readonly records: Map<string, string>
  readonly frames: Uint8Array[]
  /** Admits and applies one block of commands at a time in milliseconds; confirms it. */
  readonly block: (commands: readonly Command[], time: number) => Applied
}

/** A machine over maps in memory that has no block yet. */
export function emptyLedger(
  domains: readonly Domain[] = [testMembers, notes],
): Pick<MemoryLedger, 'machine' | 'records'> {
  const records = new Map<string, string>()
  const window = new Map<string, number>()
  const store = {
    get: (key: string): Value | undefined => {
      const text = records.get(key)
      return text === undefined ? undefined : (JSON.parse(text) as Value)
    },
    apply: (key: string, text: string | null): void => {
      if (text === null) records.delete(key)
      else records.set(key, text)
    },
  }
  const machine = new Machine({
    ledger: ledgerName,
    code: new Uint8Array(32).fill(7),
    domains,
    records: store,
    window: {
      has: (member, id) => window.has(`${member}/${id}`),
      add: (member, id, notAfter) => void window.set(`${member}/${id}`, notAfter),
      expire: (time) => {
        for (const [id, notAfter] of window) if (notAfter < time) window.delete(id)
      },
    },
    maps: new Maps(),
    documents: () => undefined,
    signatures: new Signing(inlineVerifier(), store),
  })
  return { machine, records }
}

/** A machine over maps in memory, after its genesis and first checkpoint (height 2, size 2). */
export function memoryLedger(domains: readonly Domain[] = [testMembers, notes]): MemoryLedger {
  const { machine, records } = emptyLedger(domains)
  const frames: Uint8Array[] = []
  const keep = (applied: Applied): Applied => {
    frames.push(applied.frame)
    machine.confirm(applied)
    return applied
  }
  keep(machine.genesis({ founders: 2 }, startTime))
  const ledger: MemoryLedger = {
    machine,
    records,
    frames,
    block: (commands, time) => {
      const filled = fillBlock(commands, machine.admission(time))
      return keep(
        machine.deliver({ height: machine.head().height + 1, time, commands: filled.commands }),
      )
    },
  }
  // The genesis is a boundary, so the root of its maps is the second block's only entry.
  ledger.block([], startTime)
  return ledger
}

type Wish = { readonly key?: TestKey; readonly id?: string; readonly notAfter?: number }

/** A decoded, signed single command of the notes domain. */
export function command(type: string, body: object, wish: Wish = {}): Command {
  return decoded(signCommand(wish.key ?? taxKey, intentText(type, body, wish)))
}

export function intentText(type: string, body: object, wish: Wish = {}): string {
  return makeIntent({
    ledger: ledgerName,
    type,
    body: body as { readonly [key: string]: Value },
    notAfter: wish.notAfter ?? startTime + 3_600_000,
    ...(wish.id === undefined ? {} : { id: wish.id }),
  })
}

/** A decoded, signed envelope over intents of the notes domain. */
export function envelope(intents: readonly string[], key: TestKey = taxKey): Command {
  return decoded(encodeSubmission(signEnvelope(key, intents)))
}

export function decoded(text: string, documents: readonly Uint8Array[] = []): Command {
  const parts = documents.length === 0 ? text : encodeSubmission({ command: text, documents })
  const result = decodeSubmission(parts)
  if (isRefusal(result)) throw new Error(`${result.code} ${result.at ?? ''}`)
  return result
}
