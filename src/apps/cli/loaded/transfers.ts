// Published sales of homes, run as transfers between made parties through all sectors of the chain:
// filed at the registry's counter, supplied by every register, signed, taxed, registered. A home in
// a project that a court has sealed is tried as well, and has to be refused.
import type { Json } from '#base/canonical'
import type { City } from '#apps/node/city'
import { itemOf } from '#domains/processes'
import {
  applicationOf,
  askedBy,
  counted,
  keysOf,
  shownTo,
  decideAt,
  done,
  officersOf,
  patiently,
} from './deeds.ts'
import { Refused, sideBySide, until } from './deeds.ts'
import type { Someone } from './deeds.ts'

export type LoadedSale = {
  readonly unit: string
  readonly fen: number
  readonly address: string
  /** Square decimetres. */
  readonly area: number
  readonly seller: Someone
  readonly buyer: Someone
}

export type TransfersRun = {
  readonly cases: number
  readonly registered: number
  readonly refused: { readonly [code: string]: number }
  /** Deed tax of all, fen, made by the rule. */
  readonly taxFen: number
  /** Fields that acts and look-ups of members may ask for, whether they came to it or not. */
  readonly askable: number
  /** Fields that members were shown by others, and those of them that nothing asks for. */
  readonly fetched: number
  readonly beyond: number
  readonly sealed: number
  readonly sealedSold: number
  readonly sealedRefused: { readonly [code: string]: number }
}

const application = 'bj.home.transfer'
const wide = 12

type Shown = { readonly askable: number; readonly fetched: number; readonly beyond: number }

type Told = Shown & { readonly code: string; readonly fen: number }

/** Runs the sales, then those of sealed homes; `onDone` is called after each. */
export async function runTransfers(
  city: City,
  of: {
    readonly sales: readonly LoadedSale[]
    readonly sealed: readonly LoadedSale[]
    readonly onDone: (so: number, all: number) => void
  },
): Promise<TransfersRun> {
  const all = [...of.sales, ...of.sealed]
  let so = 0
  const told = await sideBySide(all, wide, async (sale, at) => {
    const one = await transfer(city, sale, at)
    of.onDone((so += 1), all.length)
    return one
  })
  const [sales, sealed] = [told.slice(0, of.sales.length), told.slice(of.sales.length)]
  const codes = (list: readonly Told[]): { readonly [code: string]: number } =>
    counted(list.flatMap(({ code }) => (code === '' ? [] : [code])))
  return {
    cases: sales.length,
    registered: sales.filter(({ code }) => code === '').length,
    refused: codes(sales),
    taxFen: sales.reduce((sum, { fen }) => sum + fen, 0),
    askable: told.reduce((sum, { askable }) => sum + askable, 0),
    fetched: told.reduce((sum, { fetched }) => sum + fetched, 0),
    beyond: told.reduce((sum, { beyond }) => sum + beyond, 0),
    sealed: sealed.length,
    sealedSold: sealed.filter(({ code }) => code === '').length,
    sealedRefused: codes(sealed),
  }
}

/** One sale to its new title; gives the code that ended it, or none. */
async function transfer(city: City, sale: LoadedSale, at: number): Promise<Told> {
  let fen = 0
  let id = ''
  try {
    id = await file(city, sale)
    await sign(city, id, sale)
    fen = await pay(city, id, { sale, at })
    await register(city, id, { sale, at })
    return { code: '', fen, ...shownIn(city, id) }
  } catch (error) {
    if (error instanceof Refused) return { code: error.code, fen, ...shownIn(city, id) }
    throw error
  }
}

/** What members were shown in a case, against what their acts and look-ups ask for. */
function shownIn(city: City, id: string): Shown {
  const app = applicationOf(city, application)
  let [askable, fetched, beyond] = [0, 0, 0]
  for (const [party, { member: code }] of Object.entries(app.blueprint.parties)) {
    const member = code === undefined ? undefined : city.members.get(code)
    if (member === undefined) continue
    const own = askedBy(app, party, code === 'planning')
    const wanted = new Set([...own, ...keysOf(app.blueprint, party)])
    const shown = shownTo(member, id)
    askable += wanted.size
    fetched += shown.size
    beyond += [...shown].filter((field) => !wanted.has(field)).length
  }
  return { askable, fetched, beyond }
}

async function file(city: City, { unit, fen, seller, buyer }: LoadedSale): Promise<string> {
  const { desk } = city.member('planning')
  const [officer, second] = officersOf(city.member('planning'))
  const identified = { method: 'window', officer, second } as const
  const { identity: blueprint } = applicationOf(city, application)
  const objects = { home: { unit } }
  const filing = { blueprint, party: 'seller', person: seller, objects, identified }
  const { case: id } = done(await desk.file(filing))
  const way = 'none'
  await patiently(() => desk.say({ case: id, item: 'offer', value: { fen, way } }))
  await patiently(() => desk.join({ case: id, party: 'buyer', person: buyer, identified }))
  await patiently(() => desk.say({ case: id, item: 'plan', value: { fundLoan: false } }))
  await until(() => eligible(city, id), 'node/source-failed')
  return id
}

/** Waits for the robot that says who may buy; a doubt of a register ends the run of the case. */
function eligible(city: City, id: string): true | undefined {
  const { port } = city.member('planning')
  if (itemOf(port.view(), id, 'mayBuy')?.available === true) return true
  for (const { desk } of city.members.values()) {
    const line = desk.inbox().find((each) => each.case === id && each.reason !== 'task')
    if (line !== undefined) throw new Refused(line.code ?? line.reason)
  }
  return undefined
}

async function sign(city: City, id: string, { fen, seller, buyer }: LoadedSale): Promise<void> {
  const { desk } = city.member('planning')
  const value = { fen, payee: 'practice-loaded', signed: dayOf(city) }
  const means = { class: 'own' } as const
  for (const [party, signer] of [
    ['buyer', buyer],
    ['seller', seller],
  ] as const) {
    const signature = { case: id, act: 'sign', signer: { party, ...signer }, value, means }
    await patiently(() => desk.sign(signature))
  }
}

async function pay(
  city: City,
  id: string,
  { sale, at }: { readonly sale: LoadedSale; readonly at: number },
): Promise<number> {
  const { desk } = city.member('tax')
  const line = await until(() => desk.inbox().find((each) => each.case === id), 'node/not-shown')
  const fen = (await desk.open(line))?.amount ?? 0
  const value = { no: `practice-${id.slice(0, 8)}-${at}`, fen }
  const [officer, second] = officersOf(city.member('planning'))
  const means = { class: 'assisted', officer, second } as const
  const signer = { party: 'buyer', ...sale.buyer }
  const { desk: counter } = city.member('planning')
  await patiently(() => counter.sign({ case: id, act: 'pay', signer, value, means }))
  return fen
}

async function register(
  city: City,
  id: string,
  { sale, at }: { readonly sale: LoadedSale; readonly at: number },
): Promise<void> {
  const { unit, address, area, buyer } = sale
  const serial = String(7_000_000 + at)
  const value: Json = {
    certNo: `练(2026)练习区不动产权第${serial}号`,
    unit,
    address,
    area,
    ownerKind: 'person',
    owners: [{ code: buyer.code, name: buyer.name }],
    issued: dayOf(city),
    sealed: false,
    disputed: false,
    noticed: false,
  }
  await decideAt(city.member('planning'), { case: id, act: 'register', value })
}

/** Today by the city's clock, in China. */
function dayOf(city: City): string {
  const chinaMs = 8 * 3_600_000
  return new Date(city.clock.wallMs() + chinaMs).toISOString().slice(0, 10)
}
