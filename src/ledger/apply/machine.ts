// The state machine: apply, fourth of six. Takes a block of admitted commands, gives entries,
// writes, digest and one frame. It is a function of the blocks alone: no clock, no chance, no
// order of arrival. What `deliver` computes becomes visible only through `confirm`, after the frame
// is durable, so nothing that may still be lost can be seen (invariant L4).
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import type { Refusal, Value } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { Application, Block, FillContext, Head } from '#ledger/order'
import type { AdmissionContext, CommandRule, Reading, VerifyAssertion } from '#ledger/validate'
import type { CommandType, Domain, MapRule } from './domain.ts'
import { mapNameOf } from './domain.ts'
import { checkpointMsDefault } from './checkpoint.ts'
import type { Applied, Tools } from './block.ts'
import { applyBlock, applyGenesis } from './block.ts'

/**
 * Port: the records of the state at the last confirmed height. `apply` with null removes a record;
 * the text is canonical and is what `get` decodes.
 */
export interface RecordStore extends Reading {
  apply(key: string, text: string | null): void
}

/** Port: the ids that may not be used again before they would fail by time. */
export interface IdWindow {
  has(member: string, id: string): boolean
  add(member: string, id: string, notAfter: number): void
  /** Forgets ids whose `notAfter` is before `time`. */
  expire(time: number): void
}

/**
 * Port: the authenticated maps as of the last confirmed height. `roots` gives the base64url root
 * of every map by name, hashing what has changed since it was last asked.
 */
export interface MapKeeper {
  change(map: string, key: string, text: string | null): void
  roots(): { readonly [map: string]: string }
}

/**
 * Verdicts on signatures. They are facts, whoever computes them: workers beforehand, or the
 * caller's own thread on a miss.
 */
export type Signatures = {
  readonly command: AdmissionContext['verified']
  readonly assertion: VerifyAssertion
}

export type MachineOptions = {
  readonly ledger: string
  /** 32 bytes: see the code version in the protocol's frame. */
  readonly code: Bytes
  readonly domains: readonly Domain[]
  readonly records: RecordStore
  readonly window: IdWindow
  readonly maps: MapKeeper
  readonly documents: (hash: string) => Bytes | undefined
  readonly signatures: Signatures
  readonly head?: Head
  /** Milliseconds between checkpoints, at least 1,000. */
  readonly checkpointMs?: number
}

/** The head of a ledger that has no block yet. */
export const emptyHead: Head = {
  height: 0,
  time: 0,
  size: 0,
  stateDigest: new Uint8Array(32),
  frameHash: new Uint8Array(32),
}

/** All command types of the domains by name; two domains never claim one name. */
export function commandTypes(domains: readonly Domain[]): ReadonlyMap<string, CommandType> {
  const types = new Map<string, CommandType>()
  for (const domain of domains) {
    for (const type of domain.types) {
      assert(!types.has(type.name), 'a command type has one owner')
      types.set(type.name, type)
    }
  }
  return types
}

/** The state machine over its ports. */
export class Machine implements Application<Applied> {
  readonly types: ReadonlyMap<string, CommandType>
  readonly #options: MachineOptions
  readonly #mapRules: readonly MapRule[]
  readonly #tools: Tools
  #head: Head

  constructor(options: MachineOptions) {
    this.#options = options
    this.types = commandTypes(options.domains)
    this.#mapRules = options.domains.flatMap((domain) => domain.maps ?? [])
    this.#head = options.head ?? emptyHead
    const owners = new Map<string, Domain>()
    for (const domain of options.domains) {
      for (const type of domain.types) owners.set(type.name, domain)
    }
    this.#tools = {
      ledger: options.ledger,
      code: options.code,
      records: options.records,
      documents: options.documents,
      assertion: (key, message, signature) => options.signatures.assertion(key, message, signature),
      roots: () => options.maps.roots(),
      checkpointMs: options.checkpointMs ?? checkpointMsDefault,
      domains: options.domains,
      types: this.types,
      owners,
    }
  }

  /** Where the last confirmed block stands. */
  head(): Head {
    return this.#head
  }

  /** What `fillBlock` needs to judge commands for the block after the head. */
  admission(time: number): FillContext {
    const { ledger, records, window, signatures } = this.#options
    return {
      ledger,
      height: this.#head.height + 1,
      time,
      view: records,
      seen: (member, id) => window.has(member, id),
      verified: (key, input, signature) => signatures.command(key, input, signature),
      types: this.types as ReadonlyMap<string, CommandRule>,
    }
  }

  /** Computes the first block from the founders' parameters, which are known to be good. */
  genesis(params: Value, time: number): Applied {
    const applied = this.foreignGenesis(params, time)
    assert(!isRefusal(applied), 'the parameters of a ledger are checked before it begins')
    return applied
  }

  /** Untrusted. The first block of somebody else's ledger, or why it cannot be one. */
  foreignGenesis(params: Value, time: number): Applied | Refusal {
    assert(this.#head.height === 0, 'a ledger begins once')
    return applyGenesis(this.#tools, params, time)
  }

  /** Computes the result of a block; changes nothing. */
  deliver(block: Block): Applied {
    assert(block.height === this.#head.height + 1, 'blocks come in order')
    assert(block.time >= this.#head.time, 'ledger time does not go back')
    return applyBlock(this.#tools, this.#head, block)
  }

  /** Makes a durable result visible. */
  confirm(applied: Applied): void {
    assert(applied.head.height === this.#head.height + 1, 'results are confirmed in order')
    const { records, maps, window } = this.#options
    for (const [key, write] of applied.overlay) {
      records.apply(key, write.text)
      const map = mapNameOf(this.#mapRules, key)
      if (map !== null) maps.change(map, key, write.text)
    }
    for (const intent of applied.intents) {
      window.add(intent.member, intent.id, intent.notAfter)
    }
    window.expire(applied.head.time)
    this.#head = applied.head
  }
}
