// Claims about the founders' file: what is made, what is brought along, and what is refused where.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Value } from '#ledger/command'
import { Stop, Terminal } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { foundersOf, paramsOf } from '#apps/cli/act'
import { seededKeyStore } from '#test/seeded-keys'
import { makeKey } from '#test/commands'
import { scratch } from '#test/lianban'

const place = scratch('founders')
after(() => place.remove())

function read(toml: string): Value {
  const path = join(place.path, 'founders.toml')
  writeFileSync(path, toml)
  const ask: Ask = {
    terminal: new Terminal({ language: 'en', json: true, quiet: true, verbose: false }),
    operands: {},
    values: { founders: path },
    lists: {},
    flags: new Set(),
    env: {},
  }
  return paramsOf(foundersOf(ask), seededKeyStore('founders'), 0)
}

function refusal(toml: string): Stop {
  try {
    read(toml)
  } catch (error) {
    if (error instanceof Stop) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const { x, y } = makeKey('brought').jwk as { x: string; y: string }
const whole = `
ledger = "city.example/one"
operator = "land"

[[member]]
code = "land"
keys = ["command", "log"]

[[member]]
code = "tax"
kind = "participant"
[[member.key]]
use = "command"
custody = "own"
jwk = { kty = "EC", crv = "P-256", x = "${x}", y = "${y}" }
`

type Params = {
  readonly practice: boolean
  readonly members: readonly {
    readonly code: string
    readonly kind: string
    readonly keys: readonly {
      readonly use: string
      readonly custody: string
      readonly jwk: object
    }[]
  }[]
}

test('keys are made where they are asked for and registered as brought otherwise', () => {
  const { members, practice } = read(whole) as unknown as Params
  assert.equal(practice, false)
  assert.deepEqual(
    members.map(({ code, kind, keys }) => [
      code,
      kind,
      keys.map(({ use, custody }) => `${use} ${custody}`),
    ]),
    [
      ['land', 'replica', ['command own', 'log own']],
      ['tax', 'participant', ['command own']],
    ],
  )
  assert.deepEqual({ ...members[1]?.keys[0]?.jwk }, { kty: 'EC', crv: 'P-256', x, y })
})

test('keys of others that are made on the operator’s machine are hosted', () => {
  const both = whole.replace(/\[\[member\.key\]\][\s\S]*/, 'keys = ["command"]\n')
  const { members } = read(both) as unknown as Params
  assert.equal(members[1]?.keys[0]?.custody, 'hosted')
})

test('what cannot begin a ledger is refused with its place', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['ledger = ', /founders\.toml:1/],
    [whole.replace('operator', 'operater'), /operater/],
    [whole.replace('"log"', '"logs"'), /member 1/],
    [whole.replace('"command", "log"', '"log"'), /city\.example\/one/],
    [whole.replace('operator = "land"', 'operator = "tax"'), /city\.example\/one/],
    [whole.replace(x, y), /city\.example\/one/],
  ]
  for (const [toml, where] of cases) {
    const stop = refusal(toml)
    assert.equal(stop.code, 'cli/bad-founders')
    assert.equal(stop.exit, 2)
    assert.match(stop.at ?? '', where)
  }
})
