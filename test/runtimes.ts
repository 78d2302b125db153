// Builds a small ledger, the same each time, and prints what it comes to: the state digest, the
// hash of the journal, the root of the log and the roots of the maps. Every runtime, time zone and
// language must print the same bytes (L15); test/runtimes.sh compares them. Keys come from seeds
// and signatures are deterministic (RFC 6979), so nothing in the ledger is left to chance.
import process from 'node:process'
import { assert } from '#base/assert'
import { base64urlEncode, latin1Encode } from '#base/bytes'
import { importPublicKey, verifyDer, verifySignature } from '#base/crypto'
import { decodeStrict, decodeSubmission, isRefusal } from '#ledger/command'
import type { Command, Value } from '#ledger/command'
import { fillBlock } from '#ledger/order'
import { Machine } from '#ledger/apply'
import type { Applied } from '#ledger/apply'
import { Frontier, leafHash, Maps } from '#ledger/prove'
import { members, practiceGenesis } from '#domains/members'
import {
  filler,
  makeId,
  makeIntent,
  makeKey,
  signAlike,
  signCommand,
  signEnvelope,
} from '#test/commands'
import type { TestKey } from '#test/commands'

const ledger = 'runtimes.example/one'
const begin = 1_767_225_600_000
const blocks = 24
const codes = ['civil-affairs', 'housing', 'tax'] as const

const keys: readonly TestKey[] = codes.map((code) => makeKey(`runtimes/${code}`))
const machine = memoryMachine()
const log = new Frontier()
const maps = new Maps()
const counts = { entries: 0, admitted: 0, refused: 0, ok: 0 }

keep(machine.genesis(genesis(), begin))
for (let height = 2; height <= blocks + 1; height += 1) {
  const time = begin + height * 4_321
  const queue = Array.from({ length: 5 }, (_, place) => command(height, place, time))
  const filled = fillBlock(queue, machine.admission(time))
  assert(filled.taken === queue.length, 'the block takes all commands')
  for (const outcome of filled.outcomes.flat()) {
    if (isRefusal(outcome)) counts.refused += 1
    else counts.admitted += 1
  }
  keep(machine.deliver({ height, time, commands: filled.commands }))
}
print()

function keep(applied: Applied): void {
  machine.confirm(applied)
  for (const entry of applied.entries) log.append(leafHash(latin1Encode(entry)))
  counts.entries += applied.entries.length
  counts.ok += applied.intents.filter(({ code }) => code === 'ok').length
}

function print(): void {
  assert(counts.refused > 0 && counts.ok > 0 && counts.ok < counts.admitted, 'all cases occur')
  const head = machine.head()
  const shown = {
    ...counts,
    height: head.height,
    state: base64urlEncode(head.stateDigest),
    journal: base64urlEncode(head.frameHash),
    log: base64urlEncode(log.root()),
    maps: maps.roots(),
  }
  process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
}

function genesis(): Value {
  return practiceGenesis(
    codes.map((code, index) => ({ code, keys: { command: keyAt(index).jwk } })),
  )
}

/** Marks set and taken off, keys added, one id used twice, an expired one, envelopes of three. */
function command(height: number, place: number, time: number): Command {
  const number = height * 16 + place
  const key = keyAt(number % codes.length)
  const intent = (position: number): string =>
    makeIntent({
      ledger,
      id: makeId(place === 4 ? 1 : number * 8 + position),
      ...change(number + position),
      notAfter: place === 3 && height % 4 === 0 ? time - 1 : time + 60_000,
    })
  const text =
    place === 2
      ? JSON.stringify(enveloped(key, [intent(0), intent(1), intent(2)]))
      : signCommand(key, intent(0), undefined, signAlike)
  const decoded = decodeSubmission(text)
  assert(!isRefusal(decoded), 'the command is well formed')
  return decoded
}

function enveloped(key: TestKey, intents: readonly string[]): object {
  const { envelope } = signEnvelope(key, intents, undefined, signAlike)
  return { envelope, intents: intents.map((text) => base64urlEncode(latin1Encode(text))) }
}

function change(number: number): { type: string; body: { readonly [key: string]: Value } } {
  const handle = base64urlEncode(filler(`handle ${number % 11}`, 16))
  const kind = number % 2 === 0 ? 'hold' : 'disputed'
  return { type: number % 3 === 0 ? 'mark.clear' : 'mark.set', body: { handle, kind } }
}

function keyAt(index: number): TestKey {
  const key = keys[index]
  assert(key !== undefined, 'a key for each member')
  return key
}

function memoryMachine(): Machine {
  const records = new Map<string, Value>()
  const window = new Set<string>()
  return new Machine({
    ledger,
    code: new Uint8Array(32),
    domains: [members],
    records: {
      get: (key) => records.get(key),
      apply: (key, text) => {
        const value = text === null ? undefined : decodeStrict(text)
        assert(value === undefined || !isRefusal(value), 'a record reads back')
        if (value === undefined) records.delete(key)
        else records.set(key, value)
      },
    },
    window: {
      has: (member, id) => window.has(`${member}/${id}`),
      add: (member, id) => window.add(`${member}/${id}`),
      expire: () => undefined,
    },
    maps: {
      change: (map, key, text) => maps.change(map, key, text),
      roots: () => maps.roots(),
    },
    documents: () => undefined,
    signatures: {
      command: ({ alg, jwk }, input, signature) => {
        const key = importPublicKey(alg, jwk)
        return key !== null && verifySignature(key, input, signature)
      },
      assertion: (record, message, signature) => {
        const key = importPublicKey(record.alg, record.jwk)
        return key !== null && verifyDer(key, message, signature)
      },
    },
  })
}
