// A member's gateway: everything that leaves its department for another one, and everything that
// comes from there. Owner, reader, receipts and what departments tell each other stand here as one
// thing that is opened and closed.
import type { AddressInfo } from 'node:net'
import { base64urlDecode, base64urlEncode, utf8Decode, utf8Encode } from '#base/bytes'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { decodeStrict, isMembers, isRefusal, refuse } from '#ledger/command'
import type { Members, Refusal } from '#ledger/command'
import type { KeyStore } from '#adapters/keys'
import { Failure, registryLookup, transportCertificate } from '#adapters/transport'
import type { PeerLookup, TransportIdentity } from '#adapters/transport'
import { heldInForce } from '#apps/node/ledger-port'
import type { Facts } from '#apps/node/disclosure'
import {
  hashOf,
  isCount,
  isNames,
  readTell,
  signStatement,
  statementMax,
  tellTyp,
} from '#apps/node/disclosure'
import type { LedgerPort } from '#apps/node/ledger-port'
import { Closing } from './closing.ts'
import { Owner } from './owner.ts'
import type { Holdings } from './owner.ts'
import { Peers } from './peers.ts'
import { Reader } from './reader.ts'
import { Tagging } from './tagging.ts'
import type { Question, Shown } from './reader.ts'
import type { GatewayVault } from './records.ts'
import { defaultBounds, GatewayServer } from './server.ts'
import type { Reply, Route, ServerBounds } from './server.ts'

/** What a department gives its gateway. */
export type Desk = Holdings & {
  /** Takes work that another department hands over; a repeat must change nothing. */
  task(from: string, json: Json): Promise<void>
  /** Takes news; a repeat must change nothing. */
  notice(from: string, json: Json): Promise<void>
}

export type GatewayOptions = {
  readonly port: LedgerPort
  /** Holds the member's keys of use `receipt`, `encrypt` and `transport`. */
  readonly keys: KeyStore
  readonly vault: GatewayVault
  readonly desk: Desk
  readonly facts: Facts
  readonly address: { readonly host: string; readonly port: number }
  /** `https://host:port` of a member's gateway; undefined when none is known. */
  readonly peers: (member: string) => string | undefined
  readonly clock?: { wallMs(): number }
  readonly bounds?: Partial<ServerBounds>
  /** Longest time that an acknowledged answer waits for its receipt, milliseconds. */
  readonly receiptsMs?: number
  readonly report?: (event: string, code: string) => void
}

/** What may be told to another department. */
export type Told = { readonly taken: true } | { readonly refused: string }

const requestBytesMax = 16_384
const tellBytesMax = 1_400_000
const textBytesMax = 1_000_000
const tellWithinMs = 15_000
const tellSkewMs = 600_000
const receiptsMsDefault = 10_000
const graceMs = 3_000

/** Opens the gateway of the port's member; it answers nobody before `listen`. */
export function openGateway(options: GatewayOptions): Gateway {
  return new Gateway(options)
}

/** A member's gateway. Made by `openGateway`. */
export class Gateway {
  readonly #options: GatewayOptions
  readonly #now: () => number
  readonly #report: (event: string, code: string) => void
  readonly #owner: Owner
  readonly #closing: Closing
  readonly #reader: Reader
  readonly #tagging: Tagging
  readonly #peers: Peers
  readonly #lookup: PeerLookup
  #identity: { readonly kid: string; readonly made: Promise<TransportIdentity> } | null = null
  #leave: (() => void) | null = null
  #server: GatewayServer | null = null

  constructor(options: GatewayOptions) {
    this.#options = options
    const { port, keys, vault, facts, desk, clock } = options
    this.#now = () => Math.max(port.head().time, clock?.wallMs() ?? Date.now())
    this.#report = options.report ?? ((): void => undefined)
    const parts = { port, keys, vault, facts, now: this.#now, report: this.#report }
    const everyMs = options.receiptsMs ?? receiptsMsDefault
    this.#lookup = registryLookup(() => ({ view: port.view(), height: port.head().height }))
    this.#peers = new Peers({
      identity: () => this.#ownIdentity(),
      lookup: this.#lookup,
      origin: options.peers,
      connectionsMax: 16,
    })
    this.#owner = new Owner({
      ...parts,
      desk,
      answered: (kept) => this.#closing.answered(kept),
      acknowledged: (permit) => this.#closing.acknowledged(permit),
    })
    const acknowledgement = (permit: number): string | null => this.#owner.acknowledgement(permit)
    this.#closing = new Closing({ ...parts, acknowledgement, everyMs })
    this.#tagging = new Tagging({ ...parts, everyMs })
    const shown = (permit: number): void => this.#tagging.shown(permit)
    this.#reader = new Reader({ ...parts, peers: this.#peers, everyMs, shown })
  }

  /** Answers other members from now on, after what an earlier life left open was found. */
  async listen(): Promise<AddressInfo> {
    const identity = await this.#ownIdentity()
    this.#closing.recover((answer) => this.#owner.remember(answer))
    this.#reader.recover()
    this.#tagging.recover()
    const { address, bounds } = this.#options
    this.#server = new GatewayServer({
      identity,
      lookup: this.#lookup,
      routes: this.#routes(),
      bounds: { ...defaultBounds, ...bounds },
      now: this.#now,
      report: this.#report,
    })
    this.#leave = this.#options.port.subscribe(() => this.#renew())
    return this.#server.listen(address)
  }

  /** Asks an owner under our permit; what comes back was verified, kept and acknowledged. */
  ask(question: Question): Promise<Shown> {
    return this.#reader.ask(question)
  }

  /** The next one-time tags of our reads about those slots of a case whose subject tags we know. */
  tags(of: string, slots: readonly string[]): Promise<{ readonly [slot: string]: string }> {
    return this.#tagging.tags(of, slots)
  }

  /** Tells another department something; it has it durably when this says that it was taken. */
  async tell(member: string, path: 'notices' | 'tasks', json: Json): Promise<Told> {
    const { port, keys } = this.#options
    const text = encodeCanonical(json)
    const said = { ledger: port.ledger, to: member, path, hash: hashOf(text), time: this.#now() }
    const statement = signStatement(keys, port, tellTyp, said)
    if (statement === null) return { refused: 'node/missing-key' }
    const body = encodeCanonical({ statement, text: base64urlEncode(utf8Encode(text)) })
    if (body.length > tellBytesMax) return { refused: 'node/body-oversized' }
    const post = { path: `/v1/${path}`, text: body, withinMs: tellWithinMs, bytesMax: 4_096 }
    const answer = await this.#peers.post(member, post)
    return isRefusal(answer) ? { refused: answer.code } : { taken: true }
  }

  /** Puts every receipt that is due on the ledger, and sends every acknowledgement once more. */
  async flush(): Promise<void> {
    await this.#reader.flush()
    await this.#tagging.flush()
    await this.#closing.flush()
  }

  /** Answers that the ledger has no receipt of, and acknowledgements that no owner took. */
  get open(): { readonly answers: number; readonly acknowledgements: number } {
    return { answers: this.#closing.open, acknowledgements: this.#reader.open }
  }

  /** Stops answering, then closes what is due. */
  async close(): Promise<void> {
    this.#leave?.()
    await this.#server?.stop(graceMs)
    await this.#reader.stop()
    await this.#tagging.stop()
    await this.#closing.stop()
    this.#peers.close()
  }

  /** The certificate of the transport key that is in force; another one after a rotation. */
  #ownIdentity(): Promise<TransportIdentity> {
    const { keys, port } = this.#options
    const key = heldInForce(keys, port, 'transport')
    if (key === null) {
      return Promise.reject(new Failure('transport/bad-key', `no transport key of ${port.member}`))
    }
    if (this.#identity?.kid === key.kid) return this.#identity.made
    const made = transportCertificate(keys.transportKey(key.kid))
    this.#identity = { kid: key.kid, made }
    return made
  }

  /** After a block: a key that was rotated is shown from now on. */
  #renew(): void {
    const { keys, port } = this.#options
    const kid = heldInForce(keys, port, 'transport')?.kid
    if (kid === undefined || kid === this.#identity?.kid) return
    this.#ownIdentity().then(
      (identity) => this.#server?.renew(identity),
      () => this.#report('identity-not-made', 'transport/bad-key'),
    )
  }

  #routes(): ReadonlyMap<string, Route> {
    const tell = (path: TellPath): Route => ({
      bytesMax: tellBytesMax,
      handle: (from, text) => this.#takeTold(from, path, text),
    })
    return new Map([
      ['/v1/disclosures', { bytesMax: requestBytesMax, handle: (f, t) => this.#disclose(f, t) }],
      [
        '/v1/receipts',
        { bytesMax: statementMax, handle: (f, t) => this.#takeAcknowledgement(f, t) },
      ],
      ['/v1/tasks', tell('tasks')],
      ['/v1/notices', tell('notices')],
    ])
  }

  async #disclose(from: string, untrusted: string): Promise<Reply | Refusal> {
    const value = membersOf(untrusted, 'names permit', requestBytesMax)
    const { permit, names } = value ?? {}
    if (!isCount(permit) || !isNames(names)) return bad
    const answered = await this.#owner.answer(from, { permit, names })
    if (isRefusal(answered)) return answered
    const { answer, body } = answered.kept
    return { text: encodeCanonical({ answer, body }), until: answered.until }
  }

  async #takeAcknowledgement(from: string, untrusted: string): Promise<Reply | Refusal> {
    const value = membersOf(untrusted, 'acknowledgement permit', statementMax)
    const { permit, acknowledgement } = value ?? {}
    if (!isCount(permit) || typeof acknowledgement !== 'string') return bad
    const refused = await this.#owner.acknowledge(from, permit, acknowledgement)
    return refused ?? { text: '{}' }
  }

  async #takeTold(from: string, path: TellPath, untrusted: string): Promise<Reply | Refusal> {
    const value = membersOf(untrusted, 'statement text', tellBytesMax)
    const { statement, text } = value ?? {}
    if (typeof statement !== 'string' || typeof text !== 'string') return bad
    const said = readTell(this.#options.port, from, statement)
    if (isRefusal(said)) return said
    const bytes = base64urlDecode(text)
    const plain = bytes === null ? null : utf8Decode(bytes)
    const json = plain === null ? null : decodeCanonical(plain, tellLimits)
    const fits = said.path === path && Math.abs(said.time - this.#now()) <= tellSkewMs
    if (plain === null || json === null || !fits || hashOf(plain) !== said.hash) return bad
    try {
      await this.#options.desk[path === 'tasks' ? 'task' : 'notice'](from, json)
    } catch (failure) {
      this.#report('not-taken', failure instanceof Error ? failure.name : 'unknown')
      return refuse('node/not-taken')
    }
    return { text: '{}' }
  }
}

type TellPath = 'notices' | 'tasks'

const tellLimits = { lengthMax: textBytesMax, membersMax: 65_536, depthMax: 16 }
const bad = refuse('node/bad-statement')

/** An object of exactly these members in this order. Untrusted. */
function membersOf(text: string, names: string, bytes: number): Members | null {
  const value = decodeStrict(text, { bytes, depth: 2 })
  if (isRefusal(value) || !isMembers(value)) return null
  return Object.keys(value).join(' ') === names ? value : null
}
