// Claims about the statements of gateways: the golden cases, and that any text at all is judged.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRefusal } from '#ledger/command'
import type { Refusal, Value } from '#ledger/command'
import { keyKey } from '#ledger/validate'
import { readAcknowledgement, readAnswer, readTell } from '#apps/node/disclosure'
import type { LedgerPort } from '#apps/node/ledger-port'
import { receiptRoot } from '#apps/node/gateway'

type Case = {
  readonly claim: string
  readonly kind: 'answer' | 'acknowledgement' | 'tell'
  readonly from: string
  readonly text: string
  readonly statement?: object
  readonly code?: string
}

const file = JSON.parse(
  readFileSync(new URL('../../../../vectors/disclosure.json', import.meta.url), 'utf8'),
) as {
  readonly ledger: string
  readonly height: number
  readonly member: string
  readonly keys: readonly { readonly kid: string }[]
  readonly valid: readonly Case[]
  readonly invalid: readonly Case[]
  readonly receipts: readonly { answer: string; acknowledgement?: string; root: string }[]
}

const records = new Map(file.keys.map((key) => [keyKey(key.kid), key as unknown as Value]))
const port = {
  ledger: file.ledger,
  member: file.member,
  view: () => ({ get: (key: string) => records.get(key) }),
  head: () => ({ height: file.height, size: 100, time: 1 }),
} as unknown as LedgerPort

const readers = { answer: readAnswer, acknowledgement: readAcknowledgement, tell: readTell }

function judged({ kind, from, text }: Case): object | Refusal {
  return readers[kind](port, from, text)
}

test('every valid statement of the golden cases means what it says', () => {
  for (const one of file.valid) {
    const value = judged(one)
    assert.equal(JSON.stringify(value, sorted), JSON.stringify(one.statement, sorted), one.claim)
  }
})

/** Members in one order, for comparison. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

test('every invalid statement of the golden cases is refused with its code', () => {
  for (const one of file.invalid) {
    const value = judged(one)
    assert.ok(isRefusal(value), `${one.kind}: ${one.claim}`)
    assert.equal(value.code, one.code, `${one.kind}: ${one.claim}`)
  }
})

test('a receipt’s root is that of the golden cases', () => {
  for (const { answer, acknowledgement, root } of file.receipts) {
    assert.equal(receiptRoot(answer, acknowledgement ?? null), root)
  }
})

test('any text at all is refused', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const read of Object.values(readers)) assert.ok(isRefusal(read(port, 'market', text)))
    }),
  )
})
