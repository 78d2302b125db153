// Claims about what applying bounds for all domains: a record that the stores could not hold is a
// refusal and never a frame, what a command reads is the same whoever wrote it when, and strangers
// do not decide where a block ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Domain } from '#ledger/apply'
import { recordBytesMax, writesBytesMax } from '#ledger/apply'
import type { Value } from '#ledger/command'
import { command, memoryLedger, notes, startTime, testMembers } from '#test/memory-ledger'
import { makeKey } from '#test/commands'

const later = startTime + 1000

/** `large.write` writes records of a length; `large.look` answers with the members of one. */
const large: Domain = {
  name: 'large',
  codes: [],
  types: [
    {
      ...(notes.types[0] as (typeof notes.types)[0]),
      name: 'large.write',
      body: {
        k: 'record',
        fields: { count: { k: 'int', min: 1, max: 100 }, length: { k: 'int', min: 0, max: 1e7 } },
      },
      decide: (_view, body) => ({
        code: 'ok',
        writes: Array.from({ length: body['count'] as number }, (_, i) => [
          `large/record/${i}`,
          { z: 1, a: 'x'.repeat(body['length'] as number) },
        ]),
        outcome: { count: 1 },
      }),
    },
    {
      ...(notes.types[0] as (typeof notes.types)[0]),
      name: 'large.look',
      body: { k: 'record', fields: {} },
      outcome: { k: 'record', fields: { first: { k: 'enum', of: ['a', 'z'] } } },
      decide: (view) => {
        const record = view.get('large/record/0') as { [key: string]: Value }
        const first = Object.keys(record)[0] as string
        return { code: 'ok', writes: [], outcome: { first } }
      },
    },
  ],
}

const domains = [testMembers, notes, large]
const write = (count: number, length: number) => command('large.write', { count, length })

test('writes that no store could hold are refused and leave the state alone', () => {
  const ledger = memoryLedger(domains)
  const fits = recordBytesMax - '{"a":"","z":1}'.length
  const most = Math.floor(writesBytesMax / (fits + 100))
  const sent = [write(1, fits), write(1, fits + 1), write(most + 1, fits), write(most, fits - 1)]
  const codes = sent.map((one) => ledger.block([one], later).intents[0]?.code)
  const refused = 'apply/writes-too-large'
  assert.deepEqual(codes, ['ok', refused, refused, 'ok'])
  assert.equal(ledger.records.get('large/record/0')?.length, recordBytesMax - 1)
})

test('a record reads alike whether it was written in this block or before', () => {
  const look = (): Parameters<typeof command> => ['large.look', {}]
  const together = memoryLedger(domains)
  const { intents } = together.block([write(1, 1), command(...look())], later)
  const apart = memoryLedger(domains)
  apart.block([write(1, 1)], later)
  const [alone] = apart.block([command(...look())], later).intents
  assert.deepEqual(intents[1]?.outcome, { first: 'a' })
  assert.equal(intents[1]?.code, 'ok')
  assert.deepEqual(alone?.outcome, intents[1]?.outcome)
})

test('a command that stands alone ends a block only if it would be admitted', () => {
  const ledger = memoryLedger(domains)
  const stranger = { key: makeKey('stranger') }
  const set = () => command('notes.set', { key: 'a', value: 1 })
  const forged = command('notes.close', { time: later }, stranger)
  const late = command('notes.close', { time: later }, { notAfter: later - 1 })
  const sound = command('notes.close', { time: later - 1 })
  const applied = ledger.block([set(), forged, set(), late, set(), sound, set()], later)
  assert.equal(applied.intents.length, 3)
  const next = ledger.block([sound, set()], later)
  assert.equal(next.intents.length, 1)
})
