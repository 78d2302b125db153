// A world for the tests of sharing: members, the sharing domain, and cases that a test states
// directly instead of playing them, over the shipped application of a firm's bank account. Nothing
// here is part of the product.
import { createHash } from 'node:crypto'
import { base64urlEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Domain } from '#ledger/apply'
import type { Value } from '#ledger/command'
import { graphOf } from '#blueprint/check'
import type { Blueprint } from '#blueprint/grammar'
import { accreditationPrefix, classType, members, practiceGenesis } from '#domains/members'
import type { Application, Cases, ItemFacts, OpenLine, OwedLine } from '#domains/sharing'
import { sharingOver } from '#domains/sharing'
import { shippedFolder, shippedTypes } from './blueprints.ts'
import type { Answer } from './domain-world.ts'
import { founders, idOf, World } from './domain-world.ts'

const types = shippedTypes()

/** Members of these tests. */
export const city = ['market', 'police', 'tax', 'pbc', 'icbc', 'cbc', 'window'] as const

/** 32 bytes that look random and are the same for the same name, base64url. */
export function b32(name: string): string {
  return createHash('sha256').update(name).digest('base64url')
}

/** The shipped application of a bank account, changed as a test likes. */
export function accountApplication(
  change: (draft: Blueprint) => Blueprint = (b) => b,
): Application {
  const blueprint = change(shippedFolder('sharing/bj.firm.account').blueprint)
  return { blueprint, types, graph: graphOf(blueprint) }
}

type Facts = {
  state: 'open' | 'delivered' | 'ended' | 'withdrawn' | 'lapsed'
  application: Application
  slots: { [slot: string]: { hosts: string[]; commitments: string[]; gen: number } }
  members: { [party: string]: string }
  items: { [item: string]: { gen: number; by: string[]; asOf: number } }
  open: (OpenLine & { act: string; reads: { [name: string]: number } })[]
  owed: OwedLine[]
  consents: Set<string>
}

/** Cases as a test states them. */
export class StatedCases implements Cases {
  readonly cases: Map<string, Facts> = new Map()
  filedAt = 0

  /** A case of a firm whose request has come to the bank; `grade` and `open` are open to it. */
  account(id: string, over: Partial<Facts> = {}): Facts {
    const item = (...by: string[]): Facts['items'][string] => ({ gen: 1, by, asOf: this.filedAt })
    const facts: Facts = {
      state: 'open',
      application: accountApplication(),
      slots: {
        applicant: { hosts: ['window'], commitments: [b32(`${id}/applicant`)], gen: 1 },
        legalRep: { hosts: ['window'], commitments: [b32(`${id}/rep`)], gen: 1 },
      },
      members: { bank: 'icbc' },
      items: {
        request: item('window'),
        licence: item('market'),
        repId: item('police'),
        taxFile: item('tax'),
        consent: item('window'),
        risk: item('icbc'),
      },
      open: [
        { act: 'grade', recorders: ['icbc'], reads: { licence: 1, repId: 1, request: 1 } },
        {
          act: 'open',
          recorders: ['icbc'],
          reads: { licence: 1, request: 1, risk: 1, taxFile: 1 },
        },
      ],
      owed: [{ item: 'taxFile', by: 'tax', key: ['applicant.code'] }],
      consents: new Set(['consent']),
      ...over,
    }
    this.cases.set(id, facts)
    return facts
  }

  caseOf(_view: unknown, id: string): ReturnType<Cases['caseOf']> {
    const facts = this.cases.get(id)
    if (facts === undefined) return undefined
    const slots = Object.fromEntries(
      Object.entries(facts.slots).map(([slot, { hosts, commitments, gen }]) => [
        slot,
        { gen, host: hosts[0] ?? '', hosts, commitments, filed: true },
      ]),
    )
    const { state, members: bound } = facts
    const { filedAt } = this
    return { blueprint: id, host: 'window', filedAt, state, slots, members: bound }
  }

  itemOf(_view: unknown, id: string, item: string): ItemFacts | undefined {
    const found = this.cases.get(id)?.items[item]
    if (found === undefined) return undefined
    const { gen, by, asOf } = found
    return { gen, available: true, void: false, asOf, parts: by.map((each) => ({ by: each })) }
  }

  openAct(_view: unknown, id: string, act: string): OpenLine | undefined {
    const facts = this.cases.get(id)
    if (facts === undefined || facts.state === 'ended' || facts.state === 'withdrawn')
      return undefined
    return facts.consents.has('consent') ? facts.open.find((each) => each.act === act) : undefined
  }

  owed(_view: unknown, id: string): readonly OwedLine[] {
    return this.cases.get(id)?.owed ?? []
  }

  blueprintOf(_view: unknown, identity: string): Application | undefined {
    return this.cases.get(identity)?.application
  }

  consentLives(_view: unknown, id: string, item: string): boolean {
    return this.cases.get(id)?.consents.has(item) === true
  }
}

/** The world, with cases as stated and documents as put. */
export class SharingWorld extends World {
  readonly cases: StatedCases

  constructor(
    officers: { readonly [code: string]: readonly string[] } = {},
    cases: StatedCases = new StatedCases(),
    domain: Domain = sharingOver(cases),
  ) {
    super(practiceGenesis(founders([...city], officers)), [members, domain])
    this.cases = cases
    for (const member of ['icbc', 'cbc']) {
      const always = { from: 0, until: Number.MAX_SAFE_INTEGER, by: 'governance', height: 1 }
      const type = classType('bank')
      const key = `${accreditationPrefix}${member}/${type}`
      this.state.set(key, { member, type, intervals: [always] })
    }
    cases.filedAt = this.time
  }

  /** Puts a document; its hash. */
  put(bytes: Bytes): string {
    const hash = base64urlEncode(createHash('sha256').update(bytes).digest())
    this.documents.set(hash, bytes)
    return hash
  }

  /** A permit asked for; its answer, and under `entry` the number it would have. */
  read(member: string, body: { readonly [name: string]: Value }): Answer & { entry: number } {
    const { entry } = this
    return { ...this.when(member, 'case.read', { tags: {}, ...body }), entry }
  }

  /** How many records the state holds of this kind. */
  count(kind: string): number {
    return [...this.state.keys()].filter((key) => key.startsWith(`sharing/${kind}/`)).length
  }
}

export { idOf }
