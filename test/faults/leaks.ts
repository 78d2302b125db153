// Eight leaks, planted one by one into copies of what a scan reads, and one more that only the
// candidates of a district can find. A scan that finds nothing elsewhere has to find each of them.
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import { commitValue } from '#base/commitment'
import { practiceCounty } from '#apps/node/residents'
import { citizenIdCheck } from '#base/codes'
import { makeIntent, signCommand } from '#test/commands'
import { taxKey } from '#test/memory-ledger'
import type { Crowd } from './crowd.ts'
import type { Needles } from './needles.ts'
import { scan } from './scan.ts'
import type { Piece } from './scan.ts'
import { peopleOf, sweep } from './secrets.ts'

/** Somebody who lives in the crowd's city, whose number and name leak. */
type Victim = { readonly code: string; readonly name: string; readonly address: string }

type Leak = {
  readonly name: string
  /** The file into a copy of which it is planted, and what. */
  readonly into: RegExp
  readonly bytes: (victim: Victim, around: Around) => Uint8Array
}

type Around = { readonly ledger: string; readonly member: string; readonly number: number }

const journal = /^ledger\/journal\//
const state = /^ledger\/state\//
const documents = /^ledger\/documents\//

/** A text of base64url around something, so that it begins at any of the places in it. */
function encodedIn(text: string, number: number): string {
  return Buffer.from(`${'{'.repeat(1 + (number % 3))}${text}}}`).toString('base64url')
}

export const leaks: readonly Leak[] = [
  {
    name: 'plain',
    into: journal,
    bytes: ({ name }) => Buffer.from(`"note":"${name}",`),
  },
  {
    name: 'hex',
    into: state,
    bytes: ({ code }, { number }) => {
      const hex = Buffer.from(code).toString('hex')
      return Buffer.from(`"${number % 2 === 0 ? hex : hex.toUpperCase()}",`)
    },
  },
  {
    name: 'base64url twice',
    into: journal,
    bytes: ({ code }, { number }) => {
      return Buffer.from(`"${encodedIn(encodedIn(code, number), Math.floor(number / 3))}",`)
    },
  },
  {
    name: 'SHA-256',
    into: state,
    bytes: ({ code }) => Buffer.from(`"${createHash('sha256').update(code).digest('base64url')}",`),
  },
  {
    name: 'SM3',
    into: documents,
    bytes: ({ code }) => Buffer.from(`"${createHash('sm3').update(code).digest('hex')}",`),
  },
  {
    name: 'HMAC with a known key',
    into: /^ledger\/tiles\//,
    bytes: ({ code }, { member }) => createHmac('sha256', member).update(code).digest(),
  },
  {
    name: 'inside a command',
    into: journal,
    bytes: ({ name }, { ledger, number }) => {
      const unsalted = commitValue(new Uint8Array(32), utf8Encode(JSON.stringify(name)))
      const statement = base64urlEncode(unsalted)
      const field = createHash('sha256').update(`${number}`).digest('base64url')
      const body = { case: field.slice(0, 22), item: 'title', field, statement }
      const notAfter = 1_772_413_200_000
      const intent = makeIntent({ ledger, type: 'case.dispute', body, notAfter })
      return Buffer.from(`{"v":1,"h":9,"t":9,"c":"${signCommand(taxKey, intent)}"`)
    },
  },
  {
    name: 'in a log line',
    into: /^heard\/log$/,
    bytes: ({ address }) => {
      const note = { level: 'warn', event: 'source-down', reason: `no row for ${address}` }
      return Buffer.from(`${JSON.stringify(note)}\n`)
    },
  },
]

/** So much of a piece goes around a planted leak. */
const aroundBytes = 65_536

/** A copy of a part of a piece with something in it, at a place that the number chooses. */
function planted(piece: Piece, leak: Uint8Array, number: number): Piece {
  const all = piece.bytes()
  const place = all.length === 0 ? 0 : (number * 2_654_435_761) % all.length
  const from = Math.max(0, place - aroundBytes / 2)
  const parts = [all.subarray(from, place), leak, all.subarray(place, from + aroundBytes)]
  return { name: piece.name, bytes: () => Buffer.concat(parts) }
}

export type Planted = {
  readonly planted: number
  readonly missed: readonly string[]
  /** Strangers' numbers that were hashed into a record, and those that the candidates told. */
  readonly strangers: number
  readonly told: number
}

/** Plants each leak so often, about another person each time, and scans each copy. */
export function plant(
  crowd: Crowd,
  of: { readonly pieces: readonly Piece[]; readonly needles: Needles; readonly times: number },
): Planted {
  const { needles, times } = of
  const pieces = of.pieces.map(readOnce)
  const { plain } = peopleOf(crowd)
  const missed: string[] = []
  for (const leak of leaks) {
    const into = pieces.filter(({ name }) => leak.into.test(name))
    for (let number = 0; number < times; number += 1) {
      const sale = plain[number % plain.length]
      const piece = into[number % into.length]
      assert.ok(sale !== undefined && piece !== undefined, `there is a place for ${leak.name}`)
      const victim = { ...sale.buyer, address: sale.home.address }
      const member = crowd.members[number % crowd.members.length] ?? ''
      const bytes = leak.bytes(victim, { ledger: crowd.ledger, member, number })
      const { found } = scan([planted(piece, bytes, number)], needles)
      const own = [victim.code, victim.name, victim.address]
      if (!found.some(({ what }) => own.includes(what))) missed.push(`${leak.name} ${number}`)
    }
  }
  return { planted: leaks.length * times, missed, ...strangers(pieces, needles, times) }
}

/** A piece that keeps its bytes once they were read. */
function readOnce({ name, bytes }: Piece): Piece {
  let known: Uint8Array | undefined
  return { name, bytes: () => (known ??= bytes()) }
}

/** Digests of numbers of people whom nobody in the city knows. */
function strangers(
  pieces: readonly Piece[],
  needles: Needles,
  times: number,
): Pick<Planted, 'strangers' | 'told'> {
  const record = pieces.find(({ name }) => state.test(name))
  assert.ok(record)
  let told = 0
  for (let number = 0; number < times; number += 1) {
    const body = `${practiceCounty}${1940 + (number % 70)}0707${String(901 + (number % 90))}`
    const code = `${body}${citizenIdCheck(body) ?? ''}`
    const algorithm = number % 2 === 0 ? 'sha256' : 'sm3'
    const digest = createHash(algorithm).update(code).digest('base64url')
    const piece = planted(record, Buffer.from(`"${digest}",`), number)
    const { words, found } = scan([piece], needles)
    assert.deepEqual(found, [], 'a stranger is on no list')
    const swept = sweep(words, new Set(), { only: code.slice(6, 14) })
    if (swept.found.includes(code)) told += 1
  }
  return { strangers: times, told }
}
