// What later domains stand on, through the real path: signed commands are admitted and applied over
// the real register of members, with passkeys, budgets, documents, named maps, marks and effects.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import type { Value } from '#ledger/command'
import { encodeSubmission } from '#ledger/command'
import type { Applied } from '#ledger/apply'
import type { AdmissionOutcome } from '#ledger/order'
import { fillBlock } from '#ledger/order'
import type { PracticeMember } from '#domains/members'
import { actionDigest, marks, members, practiceGenesis } from '#domains/members'
import type { Authenticator } from '#test/authenticator'
import { makeAuthenticator } from '#test/authenticator'
import type { TestKey } from '#test/commands'
import { filler, makeId, makeIntent, makeKey, signCommand, signEnvelope } from '#test/commands'
import { idOf } from '#test/domain-world'
import { decoded, emptyLedger, ledgerName, startTime } from '#test/memory-ledger'
import { actBody, counterOf, generationOf, laterDomain, rarePerHour } from '#test/test-domain'
import { testDomain } from '#test/test-domain'

const keys: { readonly [code: string]: TestKey } = {
  tax: makeKey('tax/command'),
  housing: makeKey('housing/command'),
  civil: makeKey('civil/command'),
  bank: makeKey('bank/command'),
}

const host = 'tax.city.example'
const passkeys: { readonly [name: string]: Authenticator } = Object.fromEntries(
  ['an', 'bo'].map((seed) => [
    seed,
    makeAuthenticator({ rpId: host, origin: `https://${host}`, seed }),
  ]),
)

function foundersOf(codes: readonly string[]): readonly PracticeMember[] {
  return codes.map((code) => ({
    code,
    kind: code === 'bank' ? 'participant' : 'replica',
    keys: { command: keyOf(code).jwk },
    rp: { id: `${code}.city.example`, origins: [{ host: `${code}.city.example` }] },
    officers:
      code === 'tax'
        ? Object.entries(passkeys).map(([name, { kid, alg, jwk }]) => ({
            officer: idOf(name),
            kid,
            alg,
            jwk,
          }))
        : [],
  }))
}

function keyOf(code: string): TestKey {
  const key = keys[code]
  assert(key !== undefined)
  return key
}

type Roots = { readonly [map: string]: string }

type Wish = {
  readonly officers?: readonly string[]
  readonly documents?: readonly Uint8Array[]
  readonly id?: string
}

/** A ledger over the real register of members, to which commands are submitted one by one. */
class City {
  readonly #ledger = emptyLedger([members, testDomain, laterDomain])
  time: number = startTime
  last: Applied

  constructor(codes: readonly string[] = ['tax', 'housing', 'civil', 'bank']) {
    this.last = this.#ledger.machine.genesis(practiceGenesis(foundersOf(codes)), this.time)
    this.#ledger.machine.confirm(this.last)
  }

  get(key: string): Value | undefined {
    const text = this.#ledger.records.get(key)
    return text === undefined ? undefined : (JSON.parse(text) as Value)
  }

  /** A signed command in a block of its own: `ok` or the code of the refusal, and the outcome. */
  send(code: string, type: string, body: object, wish: Wish = {}): [string, Value?] {
    const intent = makeIntent({
      ledger: ledgerName,
      type,
      body: body as { readonly [key: string]: Value },
      notAfter: this.time + 60_000,
      ...(wish.id === undefined ? {} : { id: wish.id }),
    })
    const hash = sha256Text(intent, 'base64url')
    const shown = base64urlEncode(filler('shown', 32))
    const approvals = (wish.officers ?? []).map((name) => {
      const passkey = passkeys[name]
      assert(passkey !== undefined)
      return passkey.approve(hash, shown)
    })
    const signed = signCommand(keyOf(code), intent, approvals.length > 0 ? approvals : undefined)
    return this.#block([decoded(signed, wish.documents)])
  }

  /** Several intents under one signature: the code of each. */
  sendAll(code: string, wishes: readonly (readonly [string, object])[]): readonly string[] {
    const intents = wishes.map(([type, body]) =>
      makeIntent({
        ledger: ledgerName,
        type,
        body: body as { readonly [key: string]: Value },
        notAfter: this.time + 60_000,
      }),
    )
    const { outcomes } = this.#cut([decoded(encodeSubmission(signEnvelope(keyOf(code), intents)))])
    return outcomes.map((outcome) => this.#codeOf(outcome))
  }

  /** Empty blocks until the maps of now stand in the log; their roots. */
  roots(): Roots {
    // A checkpoint comes when the log has grown since the last one.
    this.send('housing', 'test.count', { counter: 'growth', amount: 1 })
    for (let block = 0; block < 4; block += 1) {
      this.time += 20_000
      this.#cut([])
      for (const text of this.last.entries) {
        const { s } = JSON.parse(text) as { readonly s?: { readonly roots?: Roots } }
        if (s?.roots !== undefined) return s.roots
      }
    }
    throw new Error('no root of the maps within four blocks')
  }

  #block(commands: Parameters<typeof fillBlock>[0]): [string, Value?] {
    const { outcomes } = this.#cut(commands)
    const [outcome] = outcomes
    assert(outcome !== undefined)
    const index = 'intent' in outcome ? this.last.intents[outcome.intent]?.outcome : undefined
    return index === undefined ? [this.#codeOf(outcome)] : [this.#codeOf(outcome), index]
  }

  #cut(commands: Parameters<typeof fillBlock>[0]): { outcomes: readonly AdmissionOutcome[] } {
    this.time += 1_000
    const { machine } = this.#ledger
    const filled = fillBlock(commands, machine.admission(this.time))
    const height = machine.head().height + 1
    this.last = machine.deliver({ height, time: this.time, commands: filled.commands })
    machine.confirm(this.last)
    return { outcomes: filled.outcomes.flat() }
  }

  #codeOf(outcome: AdmissionOutcome): string {
    if ('code' in outcome) return outcome.code
    return this.last.intents[outcome.intent]?.code ?? ''
  }
}

const digest = (seed: string): string => base64urlEncode(filler(seed, 32))

test('an act on what has changed since it was read is refused', () => {
  const city = new City()
  const of = makeId()
  const body = actBody(of, makeId(), digest('value'))
  assert.deepEqual(city.send('bank', 'test.act', body), ['ok'])
  assert.equal(generationOf(city, of, 'assessment'), 2)
  const reads = { ...body.reads, assessment: 1 }
  assert.deepEqual(city.send('bank', 'test.act', { ...body, reads }), ['test/stale-read'])
  const current = { ...body.reads, assessment: 2 }
  assert.deepEqual(city.send('bank', 'test.act', { ...body, reads: current }), ['ok'])
})

test('an outcome and a counter', () => {
  const city = new City()
  const add = (amount: number): unknown =>
    city.send('civil', 'test.count', { counter: 'visits', amount })
  assert.deepEqual(add(3), ['ok', { before: 0, after: 3 }])
  assert.deepEqual(add(4), ['ok', { before: 3, after: 7 }])
  assert.deepEqual(add(1_000), ['test/too-much'])
  assert.equal(counterOf(city, 'visits'), 7)
})

test('a later domain changes an earlier one through its effect alone', () => {
  const city = new City()
  const body = { counter: 'visits', amount: 5 }
  assert.deepEqual(city.send('civil', 'later.relay', body), ['ok'])
  assert.equal(counterOf(city, 'visits'), 5)
  assert.notEqual(city.get('later/relayed/visits'), undefined)
})

test('a document travels beside its command and is an input of it', () => {
  const city = new City()
  const text = utf8Encode('a calendar')
  const body = { document: sha256Text(text, 'base64url') }
  assert.deepEqual(city.send('tax', 'test.publish', body), ['validate/document-missing'])
  assert.deepEqual(city.send('tax', 'test.publish', body, { documents: [text] }), [
    'ok',
    { bytes: 10 },
  ])
})

test('a budget is counted by member, class and hour', () => {
  const city = new City()
  const send = (code: string): string => city.send(code, 'test.rare', { nonce: makeId() })[0]
  for (let used = 0; used < rarePerHour; used += 1) assert.equal(send('civil'), 'ok')
  assert.equal(send('civil'), 'validate/over-budget')
  assert.equal(send('housing'), 'ok')
  assert.deepEqual(city.send('civil', 'test.count', { counter: 'x', amount: 1 })[0], 'ok')
  city.time += 3_600_000
  assert.equal(send('civil'), 'ok')
})

test('a named map has a root of its own, which a new tag changes', () => {
  const city = new City()
  const use = (month: string, seed: string): unknown =>
    city.send('civil', 'test.use', { month, tag: digest(seed) })
  assert.deepEqual(use('2026-11', 'one'), ['ok'])
  const before = city.roots()
  assert.deepEqual(Object.keys(before).toSorted(), ['now', 'uses/2026-11'])
  assert.deepEqual(use('2026-11', 'one'), ['test/tag-used'])
  assert.deepEqual(use('2026-12', 'one'), ['ok'])
  const after = city.roots()
  assert.deepEqual(Object.keys(after).toSorted(), ['now', 'uses/2026-11', 'uses/2026-12'])
  assert.equal(after['uses/2026-11'], before['uses/2026-11'])
  assert.equal(after['now'], before['now'])
})

test('a mark of the lowest domain stops what a later one would do', () => {
  const city = new City()
  const handle = makeId()
  assert.deepEqual(city.send('civil', 'test.hold', { handle, set: true }), ['ok'])
  assert.equal(marks(city, handle).length, 1)
  assert.deepEqual(city.send('bank', 'test.erase', { handle }), ['test/held'])
  assert.deepEqual(city.send('civil', 'test.hold', { handle, set: false }), ['ok'])
  assert.deepEqual(city.send('bank', 'test.erase', { handle }), ['ok'])
})

test('a type for participants is admitted from no replica, and the other way round', () => {
  const city = new City()
  const ask = { of: 'tax', question: digest('question') }
  assert.deepEqual(city.send('civil', 'test.ask', ask), ['validate/wrong-member-kind'])
  assert.deepEqual(city.send('bank', 'test.ask', ask), ['ok'])
  assert.deepEqual(city.last.intents[0]?.named, ['tax'])
  const mark = { handle: makeId(), kind: 'hold' }
  assert.deepEqual(city.send('bank', 'mark.set', mark), ['validate/wrong-member-kind'])
})

test('two passkeys of the department approve; one, or one twice, is not enough', () => {
  const city = new City()
  const seal = (...officers: readonly string[]): string =>
    city.send('tax', 'test.seal', { handle: makeId() }, { officers })[0]
  assert.equal(seal('an', 'bo'), 'ok')
  assert.equal(seal('an'), 'validate/approvals-count')
  assert.notEqual(seal('an', 'an'), 'ok')
})

test('a department with officers registers no key without them', () => {
  const city = new City()
  const jwk = makeKey('tax/sealed').jwk
  const body = { use: 'encrypt', alg: 'ES256', jwk, custody: 'own' }
  assert.deepEqual(city.send('tax', 'key.add', body), ['members/officers-required'])
  assert.equal(city.send('tax', 'key.add', body, { officers: ['an'] })[0], 'ok')
  assert.equal(city.send('civil', 'key.add', { ...body, jwk: makeKey('civil/s').jwk })[0], 'ok')
})

test('a suspended member is not heard, and an entry says when code changes', () => {
  const city = new City()
  const decide = (action: object): void => {
    const proposal = makeId()
    assert.equal(city.send('housing', 'governance.propose', { proposal, action })[0], 'ok')
    const vote = { proposal, action: actionDigest(action as never), choice: 'yes' }
    assert.equal(city.send('housing', 'governance.vote', vote)[0], 'ok')
    assert.equal(city.send('tax', 'governance.vote', vote, { officers: ['bo'] })[0], 'ok')
    assert.equal(city.send('housing', 'governance.execute', { proposal })[0], 'ok')
  }
  decide({ kind: 'suspend', member: 'civil', ground: 'misuse' })
  const answer = city.send('civil', 'test.count', { counter: 'x', amount: 1 })
  assert.deepEqual(answer, ['validate/member-suspended'])
  decide({ kind: 'reinstate', member: 'civil' })
  assert.equal(city.send('civil', 'test.count', { counter: 'x', amount: 1 })[0], 'ok')
  const fromHeight = city.last.head.height + 6
  decide({ kind: 'upgrade', code: digest('release'), fromHeight })
  assert.equal(city.send('civil', 'test.count', { counter: 'x', amount: 1 })[0], 'ok')
  assert.equal(city.last.entries.length, 1)
  assert.equal(city.send('civil', 'test.count', { counter: 'x', amount: 1 })[0], 'ok')
  assert.equal(city.last.head.height, fromHeight)
  assert.match(city.last.entries[0] ?? '', /"s":\{[^}]*"kind":"upgrade"/)
  assert.equal(city.last.entries.length, 2)
})

test('a key that is added and one that is revoked count from the next block', () => {
  const city = new City()
  const old = keyOf('civil').kid
  const key = makeKey('civil/next')
  const body = { use: 'encrypt', alg: 'ES256', jwk: key.jwk, custody: 'own' }
  const revoke = { kid: old }
  assert.deepEqual(
    city.sendAll('civil', [
      ['key.add', body],
      ['key.revoke', revoke],
    ]),
    ['ok', 'members/last-command-key'],
  )
})
