// The records as docs/protocol/members.md prints them: a second implementation compares bytes.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { base64urlEncode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { filler } from '#test/commands'
import { city, ecKey, idOf, offerOf } from '#test/domain-world'
import type { World } from '#test/domain-world'
import { actionDigest } from './governance.ts'
import { actionSchema } from './actions.ts'
import type { Action } from './actions.ts'
import { members } from './genesis.ts'

const page = readFileSync(new URL('../../../docs/protocol/members.md', import.meta.url), 'utf8')

/** A short history that leaves one record of every kind. */
function story(): World {
  const world = city(['tax', 'housing', 'civil'], { tax: ['an', 'bo'] })
  const { time } = world
  const day = 86_400_000
  const hash = (seed: string): string => base64urlEncode(filler(seed, 32))
  const decide = (action: Action): void => {
    const proposal = idOf(action.kind)
    const digest = actionDigest(action)
    world.given('civil', 'governance.propose', { proposal, action: action as never })
    const vote = { proposal, action: digest, choice: 'yes' }
    world.given('civil', 'governance.vote', vote)
    // Where it concerns the tax office itself, the others are enough.
    world.when('tax', 'governance.vote', vote, ['bo'])
    world.given('civil', 'governance.execute', { proposal })
  }
  const type = 'bj.title.certificate'
  const until = time + 30 * day
  decide({ kind: 'appoint-accreditor', member: 'housing', type, until })
  decide({ kind: 'upgrade', code: hash('release'), fromHeight: 100 })
  decide({ kind: 'redact', entry: 0, leaf: hash('leaf'), law: 'pipl-47' })
  world.given('housing', 'accreditation.give', { member: 'tax', type, from: time, until })
  world.given('housing', 'mark.set', { handle: idOf('home'), kind: 'hold' })
  world.given('tax', 'outage.declare', { from: time - day, until: time }, ['an'])
  world.given('tax', 'outage.declare', { from: time }, ['an'])
  world.given('tax', 'time.confirm', { time, practice: true })
  world.given('tax', 'restore.confirm', { size: 1, root: hash('root') })
  const { alg, jwk } = ecKey('water/command')
  const key = { alg, jwk: jwk as never, custody: 'own' }
  const offer = { code: 'water', kind: 'replica', document: hash('agreement'), key } as const
  world.given('housing', 'member.propose', offer)
  const kid = ecKey('civil/command').kid
  const renewed = offerOf(ecKey('civil/2'), { member: 'civil', use: 'command' })
  // A proof is as fresh as its nonce and stands in no record.
  world.given('civil', 'key.rotate', { ...renewed, kid, overlap: 5 })
  world.next()
  decide({ kind: 'succeed', from: ['tax'], to: 'housing', act: hash('act') })
  return world
}

const printed = new Map(
  [...page.matchAll(/^(members\/\S+) (.+)$/gm)].map(([, key = '', text = '']) => [key, text]),
)

test('every record that the page prints is the one that the domain writes', () => {
  const { state } = story()
  assert(printed.size >= 20)
  for (const [key, text] of printed) {
    assert.equal(encodeCanonical((state.get(key) ?? null) as Json), text, key)
  }
})

test('the page prints a record of every kind', () => {
  const kinds = (keys: Iterable<string>): readonly string[] =>
    [...new Set([...keys].map((key) => kindOf(key)))].toSorted()
  assert.deepEqual(kinds(printed.keys()), kinds(story().state.keys()))
})

function kindOf(key: string): string {
  const [, kind = '', name = ''] = key.split('/')
  return kind === 'ledger' ? `${kind}/${name}` : kind
}

test('the page has a line for every command and every action', () => {
  for (const { name } of members.types) assert(page.includes(`\`${name}\``), name)
  assert(actionSchema.k === 'variant')
  for (const kind of Object.keys(actionSchema.of)) assert(page.includes(`\`${kind}\``), kind)
})

/** Prints the records for the page: `LIANBAN_PRINT=1 node --test …/records.test.ts`. */
if (process.env['LIANBAN_PRINT'] === '1') {
  const lines = [...story().state].map(([key, value]) => `${key} ${encodeCanonical(value)}`)
  process.stdout.write(`${lines.toSorted().join('\n')}\n`)
}
