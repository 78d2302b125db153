// A plain sale of the practice city, told through the counters of its members, in whatever
// processes these run: what people do, and how long the robots between need. For tests and benches;
// nothing here is part of the product.
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import type { City } from '#apps/node/city'
import { readApplication } from '#apps/node/city'
import type { CounterCall, Supervisor } from '#apps/node/children'
import type { Sale } from '#apps/node/residents'

/** A city with counters. */
export type Counters = {
  at(member: string, call: CounterCall, ...said: readonly Json[]): Promise<Json>
  officers(member: string): Promise<readonly string[]>
  /** Resolves when no department has anything to do. */
  settle(): Promise<void>
}

/** The counters of a city whose members run in this process. */
export function countersOf(city: City): Counters {
  return {
    at: async (member, call, ...said) => {
      const { desk } = city.member(member)
      const does = desk[call].bind(desk) as (...said: readonly Json[]) => unknown
      return (await does(...said)) as Json
    },
    officers: async (member) => city.member(member).officers,
    settle: () => city.settle(),
  }
}

/** The counters of a city with a process for each member. */
export function countersOver(supervisor: Supervisor): Counters {
  return {
    at: (member, call, ...said) => supervisor.counter(member, call, ...said),
    officers: async (member) => {
      return (await supervisor.member(member).ask('officers')) as readonly string[]
    },
    settle: () => supervisor.settle(),
  }
}

const application = readApplication('processes/bj.home.transfer')

/** How long a deed waits for robots, and for a member that is being started again, milliseconds. */
const patienceMs = 60_000

/** A sale on its way. */
export class PlainSale {
  readonly id: string
  readonly #counters: Counters
  readonly #sale: Sale

  private constructor(counters: Counters, sale: Sale, id: string) {
    this.id = id
    this.#counters = counters
    this.#sale = sale
  }

  /** The seller files at the registry's counter and names the home, the buyer joins. */
  static async file(counters: Counters, sale: Sale): Promise<PlainSale> {
    const { home, sellers, buyer, fen } = sale
    const [seller] = sellers
    assert(seller !== undefined && sellers.length === 1, 'a plain sale has one seller')
    const identified = await identifiedAt(counters, 'planning')
    const filing = {
      blueprint: application.identity,
      party: 'seller',
      person: { code: seller.code, name: seller.name },
      objects: { home: { unit: home.unit } },
      identified,
    }
    const filed = must(await counters.at('planning', 'file', filing)) as { readonly case: string }
    const id = filed.case
    const told = { case: id, item: 'offer', value: { fen, way: 'none' } }
    must(await counters.at('planning', 'say', told))
    const person = { code: buyer.code, name: buyer.name }
    must(await counters.at('planning', 'join', { case: id, party: 'buyer', person, identified }))
    const plan = { case: id, item: 'plan', value: { fundLoan: false } }
    must(await counters.at('planning', 'say', plan))
    return new PlainSale(counters, sale, id)
  }

  /** Both sign the contract. */
  async sign(day: string): Promise<void> {
    const { sellers, buyer, fen } = this.#sale
    const [seller = buyer] = sellers
    const value = { fen, payee: 'practice-plain', signed: day }
    const means = { class: 'own' }
    for (const [party, { code, name }] of [
      ['buyer', buyer] as const,
      ['seller', seller] as const,
    ]) {
      const signer = { party, code, name }
      await this.#patiently('sign', { case: this.id, act: 'sign', signer, value, means })
    }
  }

  /** The buyer pays what the tax department's robot found due. */
  async pay(serial: number): Promise<void> {
    const line = await this.#until(async () => {
      const lines = (await this.#counters.at('tax', 'inbox')) as readonly Line[]
      return lines.find((each) => each.case === this.id)
    })
    const due = (await this.#counters.at('tax', 'open', line)) as { readonly amount?: number }
    const value = { no: `practice-${serial}`, fen: due.amount ?? 0 }
    const { code, name } = this.#sale.buyer
    const signer = { party: 'buyer', code, name }
    const means = await this.#assisted()
    await this.#patiently('sign', { case: this.id, act: 'pay', signer, value, means })
  }

  /** The registrar decides. */
  async register(serial: number, day: string): Promise<void> {
    const { home, buyer } = this.#sale
    const value = {
      certNo: `练(2026)练习区不动产权第${8_000_000 + serial}号`,
      unit: home.unit,
      address: home.address,
      area: home.area,
      ownerKind: 'person',
      owners: [{ code: buyer.code, name: buyer.name }],
      issued: day,
      sealed: false,
      disputed: false,
      noticed: false,
    }
    const [officer = ''] = (await this.#counters.officers('planning')).slice(-1)
    await this.#patiently('decide', { case: this.id, act: 'register', value, officer })
  }

  async #assisted(): Promise<{ readonly [name: string]: string }> {
    const { officer, second } = await identifiedAt(this.#counters, 'planning')
    return { class: 'assisted', officer, second }
  }

  async #patiently(call: CounterCall, said: Json): Promise<void> {
    for (const until = Date.now() + patienceMs; ;) {
      const done = (await this.#counters.at('planning', call, said)) as
        | No
        | { readonly done?: true }
      if (!('refused' in done)) return
      const isEarly = done.refused.some(({ code }) => early.test(code))
      if (!isEarly || Date.now() > until) throw new Error(JSON.stringify(done.refused))
      await pause()
    }
  }

  async #until<T>(look: () => Promise<T | undefined>): Promise<T> {
    for (const until = Date.now() + patienceMs; Date.now() < until;) {
      const found = await look()
      if (found !== undefined) return found
      await pause()
    }
    throw new Error('the robots did not come to it')
  }
}

type No = { readonly refused: readonly { readonly code: string }[] }
type Line = { readonly case: string; readonly [name: string]: Json }

/** What a deed is refused with while the robots are not done, or a member is being started. */
const early = /\/(?:act-not-open|not-taken|not-bound|peer-silent|unknown-peer|permit-ahead)$/

async function identifiedAt(
  counters: Counters,
  member: string,
): Promise<{ readonly method: string; readonly officer: string; readonly second: string }> {
  const [officer = '', second = officer] = await counters.officers(member)
  return { method: 'window', officer, second }
}

function must(done: Json): object {
  assert(typeof done === 'object' && done !== null, 'a counter answers')
  if ('refused' in done) throw new Error(JSON.stringify(done))
  return done
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50))
}
