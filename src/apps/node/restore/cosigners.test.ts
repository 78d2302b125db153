// Claims about asking the cosigners (P13, T3), over real connections: an older copy of a ledger
// signs nothing while somebody remembers more, and nobody but a cosigner can stop a node.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { TrustPolicy } from '#ledger/prove'
import { originHash } from '#adapters/transport'
import { Cosigners, holdBy } from '#apps/node/restore'
import type { AskedLedger, CosignersOptions } from '#apps/node/restore'
import { cosigner, fork, log, logKey, nowSeconds, origin } from '#test/cosigning'
import { oddServer } from '#test/odd-server'
import { signCheckpoint, signerOf } from '#test/proofs'
import type { TestLog, TestSigner } from '#test/proofs'

const odd = oddServer()
const stranger = signerOf('notary.example', 'cosignature', 'stranger')
const asking: Cosigners[] = []
afterEach(async () => {
  for (const each of asking.splice(0)) await each.close()
})

/** What the cosigner behind each prefix answers: a note, nothing known (404), or never. */
type Answers = { [prefix: string]: Bytes | 'nothing' | 'silent' }

/** Serves the answers; they may change while a node asks again. */
function serve(answers: Answers): void {
  odd.handle = ({ url = '' }, response) => {
    const [, prefix = '', hash] = /^\/(\w+)\/([0-9a-f]{64})\/checkpoint$/.exec(url) ?? []
    const answer = hash === originHash(origin) ? answers[prefix] : undefined
    if (answer === 'silent' || answer === undefined) return void response.destroy()
    response.writeHead(answer === 'nothing' ? 404 : 200, { 'content-type': 'text/plain' })
    response.end(answer)
  }
}

function noteOf(of: TestLog, size: number, by: TestSigner = cosigner): Bytes {
  return signCheckpoint(of.checkpoint(size), [logKey], [[by, nowSeconds]])
}

type Local = {
  readonly of?: TestLog
  readonly size: number
  readonly role?: TrustPolicy['cosigners'][number]['role']
  readonly kept?: Bytes
}

type Node = {
  readonly asked: Cosigners
  readonly ledger: AskedLedger
  readonly events: string[]
  /** Resolves once so many rounds have ended. */
  readonly rounds: (count: number) => Promise<void>
}

/** A node that has begun to ask the cosigners behind these prefixes. */
function start(
  { of = log, size, role = 'validator', kept }: Local,
  prefixes: readonly string[],
  more: Partial<CosignersOptions> = {},
): Node {
  const events: string[] = []
  let ended = 0
  const policy: TrustPolicy = {
    logs: [],
    retired: [],
    cosigners: [{ name: 'c', key: cosigner.key, url: null, role, owner: 'court' }],
    groups: [],
    quorum: null,
    validators: null,
    freshSeconds: null,
  }
  const ledger: AskedLedger = {
    ledger: origin,
    head: () => ({ height: 1, size }),
    registry: { policy: () => policy },
    proofs: {
      checkpoint: () => (kept === undefined ? null : { text: utf8Decode(kept) ?? '' }),
      nodes: () => of.reader,
    },
    signDue: () => void (ended += 1),
  }
  const asked = new Cosigners({
    addresses: prefixes.map((prefix) => ({ url: `${odd.origin}/${prefix}`, key: null })),
    own: [],
    report: ({ event }) => void events.push(event),
    timeoutMs: 300,
    againMs: 5,
    ...more,
  })
  asking.push(asked)
  asked.begin(ledger)
  const rounds = async (count: number): Promise<void> => {
    const until = performance.now() + 2000
    while (ended < count) {
      assert.ok(performance.now() < until, `only ${ended} of ${count} rounds ended`)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  return { asked, ledger, events, rounds }
}

test('without a cosigner configured nobody is asked and nothing is held', () => {
  assert.equal(start({ size: 5 }, []).asked.hold(), null)
  assert.equal(odd.requests.length, 0)
})

test('nothing is signed before the first answers are in, and signing begins with them', async () => {
  serve({ a: noteOf(log, 12) })
  const { asked, rounds, events } = start({ size: 20 }, ['a'])
  assert.equal(asked.hold(), 'asking-cosigners')
  await rounds(1)
  assert.equal(asked.hold(), null)
  assert.deepEqual(events, ['cosigner-agrees'])
})

test('one cosigner with a larger or another tree is enough to sign nothing', async () => {
  for (const [latest, hold] of [
    [noteOf(log, 21), 'cosigner-knows-more'],
    [noteOf(fork, 20), 'cosigner-knows-other'],
    [noteOf(fork, 12), 'cosigner-knows-other'],
    [noteOf(fork, 30), 'cosigner-knows-more'],
  ] as const) {
    serve({ a: noteOf(log, 20), b: 'nothing', c: latest })
    const { asked, rounds } = start({ size: 20 }, ['a', 'b', 'c'])
    await rounds(1)
    assert.equal(asked.hold(), hold)
  }
})

test('cosigners that cannot be reached are asked again until one has answered', async () => {
  const answers: Answers = { a: 'silent', b: 'silent' }
  serve(answers)
  const { asked, rounds } = start({ size: 20 }, ['a', 'b'])
  await rounds(2)
  assert.equal(asked.hold(), 'cosigners-unheard')
  answers['b'] = noteOf(log, 20)
  await rounds(4)
  assert.equal(asked.hold(), null)
  // The other one still counts when it speaks: then signing stops.
  answers['a'] = noteOf(log, 30)
  await rounds(5)
  assert.equal(asked.hold(), 'cosigner-knows-more')
})

test('a cosigner without a checkpoint has nothing newer, unless its line stands under ours', async () => {
  serve({ a: 'nothing' })
  const fresh = start({ size: 20 }, ['a'])
  await fresh.rounds(1)
  assert.equal(fresh.asked.hold(), null)
  const known = start({ size: 20, kept: noteOf(log, 12) }, ['a'])
  await known.rounds(2)
  assert.equal(known.asked.hold(), 'cosigners-unheard')
})

test('no answer counts but one under a cosigner’s own key that is not held here', async () => {
  serve({ a: noteOf(log, 12) })
  const others: readonly (readonly [Local, Partial<CosignersOptions>])[] = [
    [{ size: 20, role: 'hosted' }, {}],
    [{ size: 20 }, { own: [cosigner.key.publicKey] }],
    [{ size: 20 }, { addresses: [{ url: `${odd.origin}/a`, key: stranger.key }] }],
    [
      { size: 20, role: 'hosted' },
      {
        addresses: [{ url: `${odd.origin}/a`, key: cosigner.key }],
        own: [cosigner.key.publicKey],
      },
    ],
  ]
  for (const [local, more] of others) {
    const { asked, rounds, events } = start(local, ['a'], more)
    await rounds(1)
    assert.equal(asked.hold(), 'cosigners-unheard')
    assert.equal(events[0], 'cosigner-unheard')
  }
  // Nor can a stranger stop a node by naming a size.
  serve({ a: noteOf(log, 12), b: noteOf(log, 40, stranger) })
  const { asked, rounds } = start({ size: 20 }, ['a', 'b'])
  await rounds(2)
  assert.equal(asked.hold(), null)
})

test('a key that only the configuration names counts', async () => {
  serve({ a: noteOf(log, 30, stranger) })
  const addresses = [{ url: `${odd.origin}/a`, key: stranger.key }]
  const { asked, rounds } = start({ size: 20 }, [], { addresses })
  await rounds(1)
  assert.equal(asked.hold(), 'cosigner-knows-more')
})

test('whatever has been heard, a tree that is not ours weighs more than one that is', () => {
  assert.equal(holdBy(['agrees', 'knows-more', 'knows-other']), 'cosigner-knows-other')
  assert.equal(holdBy(['agrees', 'knows-more', 'unheard']), 'cosigner-knows-more')
  assert.equal(holdBy(['unheard', 'agrees']), null)
  assert.equal(holdBy(['unheard']), 'cosigners-unheard')
})
