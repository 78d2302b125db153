// A city in which cases of the shipped applications run on the kernel alone. What stands inside a
// commitment is a word here: what an act gives is a function of what it read, so that two runs over
// the same answers come to the same commitments. Nothing here is part of the product.
import assert from 'node:assert/strict'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { Domain } from '#ledger/apply'
import type { Value } from '#ledger/command'
import type { Blueprint, EvidenceType, Scenario, TypeBook } from '#blueprint/grammar'
import { identityOf, listOf, publicationText, publish, textOf } from '#blueprint/grammar'
import { accreditationPrefix, classType, members, practiceGenesis } from '#domains/members'
import { caseOf, itemOf, openActs, owed, processes } from '#domains/processes'
import type { OpenAct, Owed } from '#domains/processes'
import { shippedFolder, shippedTypes } from './blueprints.ts'
import type { Answer } from './domain-world.ts'
import { founders, idOf, World } from './domain-world.ts'

/** A publication with the documents that travel with it. */
export type Published = {
  readonly blueprint: Blueprint
  readonly hash: string
  readonly text: string
  readonly types: readonly EvidenceType[]
  readonly scenarios: readonly Scenario[]
}

/** A blueprint as it is published, with its types out of a vocabulary. */
export function publishedOf(
  blueprint: Blueprint,
  book: TypeBook,
  scenarios: readonly Scenario[],
): Published {
  const publication = publish(blueprint, book, scenarios)
  assert('blueprint' in publication)
  const types = Object.keys(publication.types).map((type) => book.get(type) as EvidenceType)
  const text = publicationText(publication)
  return { blueprint, hash: identityOf(publication), text, types, scenarios }
}

/** A shipped application as it is published. */
export function shipped(application: string): Published {
  const { blueprint, scenarios } = shippedFolder(application)
  return publishedOf(blueprint, shippedTypes(), scenarios)
}

/** A commitment, or any 32 bytes, for a word. */
export function wordHash(word: string): string {
  return sha256Text(word, 'base64url')
}

/** Members that no blueprint names and that evidence binds. */
const bound = ['icbc', 'ccb', 'post', 'xiehe']

/** A city with one application in force, and what its people and robots do. */
export class CaseWorld extends World {
  readonly published: Published
  id: string = idOf('case 1')

  /** The founders' parameters of this city. */
  readonly params: Value

  constructor(
    published: Published,
    later: readonly Domain[] = [],
    officers: { readonly [code: string]: readonly string[] } = {},
  ) {
    const params = practiceGenesis(founders(membersOf(published.blueprint), officers))
    super(params, [members, processes, ...later])
    this.params = params
    this.published = published
    const parties = membersOf(published.blueprint).filter((code) => !bound.includes(code))
    this.state.set(`processes/blueprint/${published.hash}`, {
      by: parties[0] ?? '',
      at: this.time,
      state: 'active',
      parties,
      agreed: [...parties, ...bound],
    })
    for (const { class: of } of Object.values(published.blueprint.parties)) {
      if (of === undefined) continue
      for (const member of bound) this.accredit(member, classType(of))
    }
    this.state.set(`processes/texts/${published.hash}`, {
      publication: packed(published.text),
      types: published.types.map((type) => packed(textOf(type))),
    })
  }

  /** A member is accredited for a type or class, from the beginning on. */
  accredit(member: string, type: string): void {
    const always = { from: 0, until: Number.MAX_SAFE_INTEGER, by: 'governance', height: 1 }
    this.state.set(`${accreditationPrefix}${member}/${type}`, { member, type, intervals: [always] })
  }

  /** Somebody files, with the objects of that party, at the node of a member. */
  file(party: string, host: string, method = 'window'): Answer {
    return this.when(host, 'case.file', {
      case: this.id,
      blueprint: this.published.hash,
      party,
      slots: this.slotsOf(party),
      identified: { method },
      notice: wordHash('notice'),
    })
  }

  slotsOf(party: string): { readonly [slot: string]: readonly string[] } {
    const { objects = {} } = this.published.blueprint
    const own = Object.keys(objects).filter((object) => objects[object]?.by === party)
    return Object.fromEntries([party, ...own].map((slot) => [slot, [wordHash(`slot ${slot}`)]]))
  }

  join(party: string, host: string, method = 'window', word: string = party): Answer {
    const { [party]: _own, ...objects } = this.slotsOf(party)
    const facts = caseOf(this, this.id)
    const isLater = facts?.slots[party] !== undefined
    // Whoever is already invited, or hosts the case, is not invited again.
    if (facts !== undefined && facts.host !== host) {
      this.when(facts.host, 'case.invite', { case: this.id, member: host })
    }
    return this.when(host, 'case.join', {
      case: this.id,
      party,
      slot: wordHash(`slot ${word}`),
      ...(isLater || Object.keys(objects).length === 0 ? {} : { slots: objects }),
      identified: { method },
      notice: wordHash('notice'),
    })
  }

  open(): readonly OpenAct[] {
    return openActs(this, this.id, this.time)
  }

  openNames(): string[] {
    return this.open().map(({ act, element }) =>
      element === undefined ? act : `${act}/${element}`,
    )
  }

  owed(): readonly Owed[] {
    return owed(this, this.id, this.time)
  }

  /** A source answers what it is asked; the word stands for what it says. */
  answer(item: string, word = 'first', more: { readonly [name: string]: Value } = {}): Answer {
    const ask = this.askOf(item, more['element'] as number | undefined)
    const blueprint = this.published.blueprint
    const from = blueprint.evidence[item]?.from ?? ''
    const isPerson = blueprint.parties[from]?.files === true
    return this.when(ask.by, 'case.supply', {
      case: this.id,
      item,
      slots: ask.slots,
      answer: isPerson ? 'declared' : 'register',
      parts: [wordHash(`${item} ${word}`)],
      asOf: this.time,
      ...(ask.element === undefined ? {} : { element: ask.element }),
      ...more,
    })
  }

  /** What a source would be asked, whether it has answered or not. */
  askOf(item: string, element?: number): Pick<Owed, 'by' | 'slots' | 'element'> {
    const asked = this.owed().find(
      (each) => each.item === item && (element === undefined || each.element === element),
    )
    if (asked !== undefined) return asked
    const { evidence, parties } = this.published.blueprint
    const declared = evidence[item]
    assert(declared?.from !== undefined, `${item} comes from outside`)
    const facts = caseOf(this, this.id)
    const names = [declared.about, ...(declared.key ?? []).map((path) => path.split('.')[0] ?? '')]
    const slots = Object.fromEntries(names.map((name) => [name, facts?.slots[name]?.gen ?? 0]))
    const by = parties[declared.from]?.member ?? facts?.slots[declared.from]?.hosts[element ?? 0]
    return { by: by ?? '', slots, ...(element === undefined ? {} : { element }) }
  }

  /** An open act is recorded; what it gives follows from what it read and from the word. */
  act(act: string, word = '', more: { readonly [name: string]: Value } = {}): Answer {
    const element = more['element'] as number | undefined
    const open = this.open().find((each) => each.act === act && each.element === element)
    const reads = (more['reads'] as OpenAct['reads'] | undefined) ?? open?.reads ?? {}
    const given = listOf(this.published.blueprint.acts[act]?.gives)
    const gives = Object.fromEntries(
      given.map((item) => [
        item,
        [wordHash(`${act} ${item} ${word} ${this.inside(reads, element)}`)],
      ]),
    )
    const by = open?.recorders[0] ?? (more['by'] as string | undefined) ?? 'planning'
    const { by: _by, ...rest } = more
    return this.when(by, 'case.act', { case: this.id, act, reads, gives, ...rest })
  }

  /** What stands in the items that an act reads: their commitments, in one word. */
  inside(reads: OpenAct['reads'], element?: number): string {
    // Whether somebody could be represented says nothing of what is signed in person.
    const mandates = Object.values(this.published.blueprint.parties).map((party) => {
      return party.mandate?.item
    })
    return Object.keys(reads)
      .filter((name) => !mandates.includes(name))
      .sort()
      .map((name) => {
        const record = this.get(`processes/item/${this.id}/${name}`) as
          | { readonly parts: readonly { c: string; from: string; element?: number }[] }
          | undefined
        const parts = (record?.parts ?? []).filter(
          (part) => element === undefined || part.element === undefined || part.element === element,
        )
        return `${name}:${parts.map(({ c }) => c).join()}`
      })
      .join(' ')
  }

  /** The register grants a claim that stands before an act. */
  grant(object: string, word = 'handle'): Answer {
    const by = this.published.blueprint.claims?.[object]?.by ?? ''
    const member = this.published.blueprint.parties[by]?.member ?? ''
    return this.when(member, 'claim.grant', { case: this.id, object, handle: idOf(word) })
  }

  /** Everything that can happen without anybody's will, until nothing more can. */
  run(rounds = 200): void {
    for (let round = 0; round < rounds; round += 1) {
      this.next()
      if (!this.step()) return
    }
    assert.fail('a case comes to rest')
  }

  /** One deed that is waited for, the first of all; whether there was one. */
  step(pick: (count: number) => number = () => 0): boolean {
    const deeds = this.deeds()
    const deed = deeds[pick(deeds.length)]
    if (deed === undefined) return false
    const answer = deed()
    assert.equal(answer.code, 'ok', JSON.stringify(answer))
    return true
  }

  /** Everything that somebody is waited for, in one order. */
  deeds(): readonly (() => Answer)[] {
    const { claims = {}, parties } = this.published.blueprint
    const facts = caseOf(this, this.id)
    const asks = this.owed().map(({ item, element }) => () => {
      const word = `first${element === undefined ? '' : ` ${element}`}`
      return this.answer(item, word, element === undefined ? {} : { element })
    })
    const grants = Object.keys(claims)
      .filter((object) => facts?.claims[object] === undefined && facts?.state === 'open')
      .filter((object) => facts?.slots[object]?.filed === true && parties[object] === undefined)
      .map((object) => () => this.grant(object, `${this.id} ${object}`))
    const binds = this.unbound().map((party) => () => {
      return this.when(facts?.host ?? '', 'case.bind', { case: this.id, party, member: 'icbc' })
    })
    const acts = this.open()
      .filter(({ stale, recorders }) => !stale && recorders.length > 0)
      .map(
        ({ act, element }) =>
          () =>
            this.act(act, '', element === undefined ? {} : { element }),
      )
    return [...asks, ...grants, ...binds, ...acts]
  }

  /** Parties of a class whom evidence names by now, and who act without anybody between. */
  unbound(): readonly string[] {
    const { parties, acts } = this.published.blueprint
    const facts = caseOf(this, this.id)
    return Object.keys(parties).filter((party) => {
      const { of, class: kind } = parties[party] ?? {}
      if (of === undefined || kind === undefined || facts?.members[party] !== undefined)
        return false
      const item = itemOf(this, this.id, of.slice(0, of.indexOf('.')))
      const own = Object.values(acts).some(
        ({ by, through }) => by === party && through === undefined,
      )
      return own && item?.available === true && item.public === undefined
    })
  }
}

function membersOf({ parties }: Blueprint): readonly string[] {
  const fixed = Object.values(parties).flatMap(({ member }) => listOf(member))
  return [...new Set([...fixed, ...bound])].sort((a, b) => (a < b ? -1 : 1))
}

function packed(text: string): string {
  return base64urlEncode(utf8Encode(text))
}

/** A document of public values beside a command; its hash. */
export function documentOf(world: World, values: Json): string {
  const text = encodeCanonical(values)
  const hash = sha256Text(text, 'base64url')
  world.documents.set(hash, utf8Encode(text))
  return hash
}
