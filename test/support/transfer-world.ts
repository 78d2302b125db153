// A home transfer in the practice city, step by step: who files, says, signs, pays and decides,
// each at the desk where it happens. Nothing here is part of the product.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import type { Json } from '#base/canonical'
import { caseOf, itemOf, openActs, owed } from '#domains/processes'
import type { CaseFacts, ItemFacts } from '#domains/processes'
import type { City } from '#apps/node/city'
import type { Desk } from '#apps/node/desk'
import { openDesk } from '#apps/node/desk'
import type { Means, Signed } from '#apps/node/messages'

/** Somebody with a code and a name. */
export type Somebody = { readonly code: string; readonly name: string }

/** A sale as the city's population has it. */
export type SaleOf = City['population']['plain'][number]

export const assisted: Means & { readonly officer: string } = {
  class: 'assisted',
  officer: 'o1',
  second: 'o2',
}

/** One transfer of one home. */
export class Transfer {
  readonly city: City
  readonly sale: SaleOf
  readonly seller: Somebody
  id = ''

  constructor(city: City, sale: SaleOf) {
    this.city = city
    this.sale = sale
    const [seller] = sale.sellers
    assert.ok(seller)
    this.seller = seller
  }

  desk(member: string): Desk {
    return openDesk(this.city.member(member).department)
  }

  /** Identified at the registry's window, by two of its officers where it has enrolled some. */
  window(): { readonly method: 'window'; readonly officer?: string; readonly second?: string } {
    const [officer, second] = this.city.member('planning').officers
    if (officer === undefined || second === undefined) return { method: 'window' }
    return { method: 'window', officer, second }
  }

  /** Files for the seller, has the buyer join, and supplies what both say. */
  async begin(
    more: { readonly buyer?: Somebody; readonly fundLoan?: boolean } = {},
  ): Promise<this> {
    await this.file()
    for (const owner of this.owners().slice(1)) await this.join('seller', owner)
    await this.join('buyer', more.buyer ?? this.sale.buyer)
    await this.say('offer', { fen: this.sale.fen, way: this.sale.way })
    await this.say('plan', { fundLoan: more.fundLoan === true })
    await this.city.settle()
    return this
  }

  async file(): Promise<void> {
    const app = this.city.applications.find(({ blueprint }) => blueprint.id === 'bj.home.transfer')
    const { home } = this.sale
    const filed = await this.desk('planning').file({
      blueprint: app?.identity ?? '',
      party: 'seller',
      person: this.seller,
      objects: { home: { unit: home.unit } },
      identified: this.window(),
    })
    assert.ok('case' in filed, JSON.stringify(filed))
    this.id = filed.case
  }

  async join(party: string, { code, name }: Somebody): Promise<void> {
    const person = { code, name }
    const done = await this.desk('planning').join({
      case: this.id,
      party,
      person,
      identified: this.window(),
    })
    assert.ok('entry' in done, JSON.stringify(done))
  }

  async say(item: string, value: Json): Promise<void> {
    const done = await this.desk('planning').say({ case: this.id, item, value })
    assert.ok('entry' in done, JSON.stringify(done))
  }

  contract(fen: number = this.sale.fen): Json {
    return { fen, payee: 'practice-6222', signed: '2026-03-02' }
  }

  /** A signature under the contract. */
  async sign(party: string, { code, name }: Somebody, more: SignMore = {}): Promise<Signed> {
    const signer = { party, code, name, ...(more.agent === undefined ? {} : { agent: more.agent }) }
    return this.desk('planning').sign({
      case: this.id,
      act: 'sign',
      signer,
      value: more.value ?? this.contract(),
      means: more.means ?? assisted,
    })
  }

  /** Buyer and all sellers sign. */
  async signAll(value: Json = this.contract()): Promise<void> {
    await this.sign('buyer', this.sale.buyer, { value })
    for (const seller of this.owners()) await this.sign('seller', seller, { value })
    await this.city.settle()
  }

  owners(): readonly Somebody[] {
    return this.sale.sellers.map(({ code, name }) => ({ code, name }))
  }

  /** The buyer pays what is due at the tax office; says how much that was, in fen. */
  async pay(no: string): Promise<number> {
    const tax = this.desk('tax')
    const line = tax.inbox().find((each) => each.case === this.id && each.act === 'pay')
    assert.ok(line, 'the tax office waits for a payment')
    const open = await tax.open(line)
    const fen = Math.abs(open?.amount ?? 0)
    const { code, name } = this.sale.buyer
    const signed = await tax.sign({
      case: this.id,
      act: 'pay',
      signer: { party: 'buyer', code, name },
      value: { no, fen },
      means: assisted,
    })
    assert.ok('done' in signed, JSON.stringify(signed))
    await this.city.settle()
    return fen
  }

  /** The supervisor confirms the licence of the bank that holds the mortgage. */
  async checkBank(): Promise<void> {
    const value = { licensed: true }
    const decided = await this.desk('banking').decide({ case: this.id, act: 'checkBank', value })
    assert.deepEqual(decided, { done: true })
    await this.city.settle()
  }

  /** The mortgagee's own bank answers what it was asked, if it was. Says whether it was. */
  async release(kind: 'released' | 'carried' = 'released'): Promise<boolean> {
    const bank = this.desk(this.sale.home.bank ?? '')
    const line = bank.inbox().find((each) => each.case === this.id)
    if (line === undefined) return false
    const told = await bank.answerTask(line.key, { value: { kind } })
    assert.deepEqual(told, { taken: true })
    await this.city.settle()
    return true
  }

  /** The title as the registrar would issue it to the buyer. */
  title(): Json {
    const { home, buyer } = this.sale
    return {
      certNo: `练(2026)练习区不动产权第${home.unit.slice(-7)}号`,
      unit: home.unit,
      address: home.address,
      area: home.area,
      ownerKind: 'person',
      owners: [{ code: buyer.code, name: buyer.name }],
      issued: '2026-03-02',
      sealed: false,
      disputed: false,
      noticed: false,
    }
  }

  async register(): Promise<Awaited<ReturnType<Desk['decide']>>> {
    const decided = await this.desk('planning').decide({
      case: this.id,
      act: 'register',
      value: this.title(),
    })
    await this.city.settle()
    return decided
  }

  /** The three utilities move their accounts. */
  async move(utilities: readonly string[] = ['power', 'gas', 'cable']): Promise<void> {
    for (const utility of utilities) {
      const act = `move${utility.slice(0, 1).toUpperCase()}${utility.slice(1)}`
      const value = { no: `practice-${utility}-${this.id.slice(0, 4)}` }
      const decided = await this.desk(utility).decide({ case: this.id, act, value })
      assert.deepEqual(decided, { done: true }, utility)
    }
    await this.city.settle()
  }

  facts(): CaseFacts {
    const facts = caseOf(this.city.member('planning').port.view(), this.id)
    assert.ok(facts)
    return facts
  }

  item(name: string): ItemFacts | undefined {
    return itemOf(this.city.member('planning').port.view(), this.id, name)
  }

  /** Names of open acts. */
  open(): readonly string[] {
    const { port } = this.city.member('planning')
    return openActs(port.view(), this.id, port.head().time).map(({ act }) => act)
  }

  /** Items that sources are asked for. */
  owed(): readonly string[] {
    const { port } = this.city.member('planning')
    return owed(port.view(), this.id, port.head().time).map(({ item }) => item)
  }

  /** What lies on all desks about this case, as `member reason act`. */
  lines(): readonly string[] {
    return [...this.city.members.values()].flatMap(({ code, department }) =>
      department.dept.inbox
        .lines(this.id)
        .map(({ reason, act, item, code: why }) =>
          [code, reason, act ?? item, why].join(' ').trim(),
        ),
    )
  }

  /** Entries about this case, as `type member code`. */
  entries(): readonly string[] {
    const { port } = this.city.member('planning')
    const found: string[] = []
    for (let at = 0; at < port.head().size; at += 1) {
      const { keys, type, member, code } = port.entry(at)
      if (keys.includes(`processes/case/${this.id}`)) found.push(`${type} ${member} ${code}`)
    }
    return found
  }
}

export type SignMore = {
  readonly value?: Json
  readonly agent?: Somebody
  readonly means?: Means
}

/** What a sector's own staff does in its own system: one statement, outside of any node. */
export function inSystem(city: City, member: string, statement: string, ...values: string[]): void {
  const database = new DatabaseSync(city.member(member).layout.source)
  try {
    database.prepare(statement).run(...values)
  } finally {
    database.close()
  }
}
