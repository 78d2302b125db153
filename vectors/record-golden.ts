// Records the golden ledger of this release: a short history of a real register of members, applied
// by the product itself and kept for ever, so that every later release can show that it still
// reproduces it. `node vectors/record-golden.ts` writes vectors/golden-ledger-<version>.json once;
// a version that is not yet published may be recorded again with `--again`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { assert } from '#base/assert'
import { base64urlEncode, hexEncode, latin1Encode } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { sha256, sha256Text } from '#base/crypto'
import type { ApprovalText, Command, Value } from '#ledger/command'
import { decodeSubmission, isRefusal } from '#ledger/command'
import { fillBlock } from '#ledger/order'
import type { Applied } from '#ledger/apply'
import { Machine } from '#ledger/apply'
import { Frontier, leafHash, Maps } from '#ledger/prove'
import { inlineVerifier, Signing } from '#adapters/consensus'
import type { PracticeMember } from '#domains/members'
import { actionDigest, members, possessionMessage, practiceGenesis } from '#domains/members'
import { codeVersion } from '#apps/node/host'
import { makeAuthenticator } from '#test/authenticator'
import type { Authenticator } from '#test/authenticator'
import { filler, makeId, makeIntent, makeKey, signAlike, signCommand } from '#test/commands'
import { signEnvelope } from '#test/commands'
import type { TestKey } from '#test/commands'
import { render } from './make/render.ts'

const ledger = 'golden.example/release'
const begin = 1_780_000_001_000
const checkpointMs = 10_000
const codes = ['housing', 'tax', 'civil', 'bank'] as const
const host = (code: string): string => `${code}.golden.example`

const keys = new Map<string, TestKey>(
  [...codes, 'water'].map((code) => [code, makeKey(`golden/${code}`)]),
)
const officers: readonly Authenticator[] = ['an', 'bo', 'chen'].map((seed) =>
  makeAuthenticator({
    rpId: host('tax'),
    origin: `https://${host('tax')}`,
    seed: `golden/${seed}`,
  }),
)
const idOf = (label: string): string => base64urlEncode(filler(`golden/${label}`, 16))

function keyOf(code: string): TestKey {
  const key = keys.get(code)
  assert(key !== undefined, 'the key of a golden member')
  return key
}

const founders: readonly PracticeMember[] = codes.map((code) => ({
  code,
  kind: code === 'bank' ? 'participant' : 'replica',
  keys: { command: keyOf(code).jwk },
  rp: { id: host(code), origins: [{ host: host(code) }] },
  officers:
    code === 'tax'
      ? officers.map(({ kid, alg, jwk }) => ({ officer: idOf(kid), kid, alg, jwk }))
      : [],
}))

type Body = { readonly [key: string]: unknown }

/** The ledger that is recorded; commands of a block are gathered until `cut`. */
class Recording {
  readonly frames: string[] = []
  readonly records: Map<string, Value> = new Map()
  readonly #log = new Frontier()
  readonly #maps = new Maps()
  readonly #machine: Machine
  #waiting: Command[] = []
  #number = 0
  time: number = begin
  last: Applied

  constructor() {
    const used = new Set<string>()
    const store = {
      get: (key: string): Value | undefined => this.records.get(key),
      apply: (key: string, text: string | null): void => {
        if (text === null) this.records.delete(key)
        else this.records.set(key, JSON.parse(text) as Value)
      },
    }
    this.#machine = new Machine({
      ledger,
      code: codeVersion(),
      domains: [members],
      records: store,
      window: {
        has: (member, id) => used.has(`${member}/${id}`),
        add: (member, id) => void used.add(`${member}/${id}`),
        expire: () => undefined,
      },
      maps: this.#maps,
      documents: () => undefined,
      signatures: new Signing(inlineVerifier(), store),
      checkpointMs,
    })
    this.last = this.#machine.genesis(practiceGenesis(founders), this.time)
    this.#keep()
  }

  intent(type: string, body: Body, lateMs = 60_000): string {
    this.#number += 1
    const id = makeId(this.#number)
    const notAfter = this.time + lateMs
    return makeIntent({
      ledger,
      id,
      type,
      body: body as { readonly [key: string]: Value },
      notAfter,
    })
  }

  /** A single command, approved by officers of tax by their numbers. */
  send(code: string, type: string, body: Body, by: readonly number[] = []): this {
    const intent = this.intent(type, body)
    const hash = sha256Text(intent, 'base64url')
    const shown = base64urlEncode(filler('golden/shown', 32))
    const approvals = by.map((each): ApprovalText => officers[each]!.approve(hash, shown))
    const given = approvals.length === 0 ? undefined : approvals
    return this.#take(signCommand(keyOf(code), intent, given, signAlike))
  }

  /** Several intents under one signature. */
  sendAll(code: string, intents: readonly string[]): this {
    const { envelope } = signEnvelope(keyOf(code), intents, undefined, signAlike)
    const beside = intents.map((text) => base64urlEncode(latin1Encode(text)))
    return this.#take(JSON.stringify({ envelope, intents: beside }))
  }

  #take(text: string): this {
    const command = decodeSubmission(text)
    assert(!isRefusal(command), 'a golden command is well formed')
    this.#waiting.push(command)
    return this
  }

  /** One block of what waits, so much later. */
  cut(laterMs = 1_000): Applied {
    this.time += laterMs
    const { commands } = fillBlock(this.#waiting, this.#machine.admission(this.time))
    const height = this.#machine.head().height + 1
    this.last = this.#machine.deliver({ height, time: this.time, commands })
    this.#waiting = []
    this.#keep()
    return this.last
  }

  #keep(): void {
    this.frames.push(hexEncode(this.last.frame))
    for (const entry of this.last.entries) {
      this.#log.append(leafHash(latin1Encode(entry)), () => undefined)
    }
    this.#machine.confirm(this.last)
  }

  head(): object {
    const head = this.#machine.head()
    const content = Object.fromEntries(this.records) as { readonly [key: string]: Json }
    return {
      height: head.height,
      size: head.size,
      time: head.time,
      frameHash: hexEncode(head.frameHash),
      stateDigest: hexEncode(head.stateDigest),
      root: hexEncode(this.#log.root()),
      maps: this.#maps.roots(),
      records: hexEncode(sha256(encodeCanonical(content))),
    }
  }
}

function possession(member: string, use: 'command' | 'receipt', key: TestKey, of = ''): string {
  const text = possessionMessage({ ledger, member, use, kid: key.kid, of })
  return base64urlEncode(key.signAgain(text))
}

/** A history in which most of what the register of members knows happens once. */
function story(city: Recording): void {
  const mark = { handle: idOf('handle'), kind: 'hold' }
  city.cut(0)
  city.send('civil', 'mark.set', mark).send('bank', 'mark.set', mark).cut()
  city.send('tax', 'mark.clear', mark, [0]).send('civil', 'mark.clear', mark).cut()
  keysAndOfficers(city)
  together(city)
  const marks = ['one', 'two', 'three'].map((label) => ({ ...mark, handle: idOf(label) }))
  const late = city.intent('mark.set', marks[1]!, -1)
  const sent = [marks[0]!, marks[2]!].map((body) => city.intent('mark.set', body))
  city.sendAll('civil', [sent[0]!, late, sent[1]!]).cut(12_000)
  city.send('housing', 'outage.declare', { from: city.time }).cut(1)
  city.cut(3_600_000)
  city.send('housing', 'outage.end', { until: city.time }).cut()
  city.send('housing', 'time.confirm', { time: city.time + 1_000, practice: true }).cut()
  city.cut(20_000)
  city.cut()
}

function keysAndOfficers(city: Recording): void {
  const receipt = makeKey('golden/civil/receipt')
  const next = makeKey('golden/civil/next')
  const offer = { alg: 'ES256', custody: 'own' }
  city
    .send('civil', 'key.add', {
      ...offer,
      use: 'receipt',
      jwk: receipt.jwk,
      proof: possession('civil', 'receipt', receipt),
    })
    .send('civil', 'key.rotate', {
      ...offer,
      kid: keyOf('civil').kid,
      jwk: next.jwk,
      overlap: 100,
      proof: possession('civil', 'command', next),
    })
    .send('civil', 'key.revoke', { kid: receipt.kid })
    .cut()
  city
    .send('tax', 'post.assign', { post: 'decider', officers: [idOf(officers[2]!.kid)] }, [0])
    .send('tax', 'key.revoke', { kid: keyOf('tax').kid })
    .send('tax', 'officer.lose', { officer: idOf(officers[2]!.kid) })
    .send('tax', 'mark.set', { handle: idOf('other'), kind: 'frozen' })
    .cut(9_000)
  city.cut()
}

function together(city: Recording): void {
  const water = keyOf('water')
  const offer = {
    code: 'water',
    kind: 'participant',
    document: sha256Text('agreement', 'base64url'),
    key: { alg: 'ES256', jwk: water.jwk, custody: 'own' },
  }
  const joining = sha256Text(encodeCanonical(offer as unknown as Json), 'base64url')
  city.send('housing', 'member.propose', offer).cut()
  const yes = { code: 'water', joining }
  city.send('housing', 'member.approve', yes).send('civil', 'member.approve', yes).cut()
  const proof = possession('water', 'command', water, joining)
  city.send('housing', 'member.activate', { code: 'water', proof }).cut()
  decide(city, 'accreditor', {
    kind: 'appoint-accreditor',
    member: 'tax',
    type: 'golden.title',
    until: begin + 86_400_000,
  })
  const accredit = { member: 'water', type: 'golden.title', from: city.time + 5_000 }
  city.send('tax', 'accreditation.give', { ...accredit, until: begin + 80_000_000 }, [1]).cut()
  decide(city, 'suspend', { kind: 'suspend', member: 'bank', ground: 'unreachable' })
  city.send('bank', 'member.leave', {}).cut()
  const code = sha256Text('another release', 'base64url')
  const fromHeight = city.frames.length + 5
  decide(city, 'upgrade', { kind: 'upgrade', code, fromHeight })
  city.cut()
  city.cut()
}

/** Proposed, voted for by two of three, carried out: three blocks. */
function decide(city: Recording, label: string, action: Body): void {
  const proposal = idOf(`proposal/${label}`)
  city.send('housing', 'governance.propose', { proposal, action }).cut()
  const vote = { proposal, action: actionDigest(action as never), choice: 'yes' }
  city.send('housing', 'governance.vote', vote).send('civil', 'governance.vote', vote).cut()
  city.send('civil', 'governance.execute', { proposal }).cut()
}

function recorded(): object {
  const city = new Recording()
  story(city)
  return {
    release: versionOf(),
    context: { ledger, checkpointMs },
    maps: members.maps ?? [],
    types: members.types.map(({ name, budget }) => ({ name, budget })),
    frames: city.frames,
    head: city.head(),
  }
}

function versionOf(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}

const url = new URL(`golden-ledger-${versionOf()}.json`, import.meta.url)
if (existsSync(url) && !process.argv.includes('--again')) {
  process.stderr.write(`${url.pathname} is recorded already; --again only before it is published\n`)
  process.exitCode = 1
} else {
  writeFileSync(url, render(recorded()))
}
