// Many cases of the practice city, driven through its real departments, vaults and gateways, and
// everything that could be seen of them outside of a vault: logs, figures, events and addresses are
// written down beside the city. Everybody has two cases, and half of the homes change hands twice.
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Json } from '#base/canonical'
import type { City } from '#apps/node/city'
import { layoutOf } from '#apps/node/config'
import { makeLog } from '#apps/node/log'
import type { CityWorld } from '#test/city-world'
import { cityMorning, openCityWorld } from '#test/city-world'
import { Transfer, inSystem } from '#test/transfer-world'
import type { SaleOf } from '#test/transfer-world'
import { openAccount, sendSupplies } from './crowd-stories.ts'

/** A case, and whose it is: codes of the persons, firms and homes that it is about. */
export type CaseOf = {
  readonly id: string
  readonly application: string
  readonly about: readonly string[]
}

/** Cases that were driven, and where what can be seen of them lies. */
export type Crowd = {
  /** The city's directory. */
  readonly city: string
  /** Log, figures, events, and the paths that were asked for. */
  readonly heard: string
  readonly ledger: string
  readonly members: readonly string[]
  readonly cases: readonly CaseOf[]
  /** What was typed at counters and is nobody else's business. */
  readonly said: readonly string[]
  /** Plain sales for which the people were drawn. */
  readonly sales: number
  readonly seconds: number
  /** Why driving stopped before its end; empty when it did not. */
  readonly failure: string
}

/** A home that changes hands, with what is typed being about these persons alone. */
class Sold extends Transfer {
  readonly said: string[] = []

  override contract(fen: number = this.sale.fen): Json {
    return { fen, payee: this.#note(`6222${this.seller.code.slice(6)}`), signed: '2026-03-02' }
  }

  override title(): Json {
    const title = super.title() as { readonly [name: string]: Json }
    const number = this.#note(`练(2026)练习区不动产权第${this.id.slice(0, 7)}号`)
    return { ...title, certNo: number }
  }

  /** Words at the counter that name everybody. */
  words(): string {
    const { buyer, home } = this.sale
    const { name, code } = this.seller
    return this.#note(`${name}（${code}）与${buyer.name}就${home.address}另有约定`)
  }

  #note(text: string): string {
    this.said.push(text)
    return text
  }
}

/** Every tenth case is told to go wrong on the way. */
const wrongEvery = 10
/** Which of a hundred cases are accounts and which supplies; the first of each come early. */
const accounts = [2, 21, 41]
const supplies = [3, 61, 81]

/** One transfer to its end, or, when it goes wrong, a dispute, a return and a withdrawal first. */
async function transfer(world: CityWorld, sale: SaleOf, number: number): Promise<Sold> {
  const { city } = world
  const sold = new Sold(city, sale)
  if (number % wrongEvery === 2) await withoutSource(world, sold)
  else await sold.begin()
  const { id } = sold
  const desk = sold.desk('planning')
  if (number % wrongEvery === 1) {
    const about = { case: id, item: 'title', field: 'area', words: sold.words() }
    assert.ok('entry' in (await desk.dispute(about)))
    await city.settle()
    assert.ok('entry' in (await desk.uphold({ case: id, item: 'title', words: sold.words() })))
    await city.settle()
  }
  if (number % wrongEvery === 5) {
    const withdrawn = await desk.withdraw({ case: id, party: 'seller', approval: sold.words() })
    assert.ok('entry' in withdrawn)
    await city.settle()
    return sold
  }
  await sold.signAll()
  const receipt = `practice-receipt-${id.slice(0, 8)}`
  sold.said.push(receipt, String(await sold.pay(receipt)))
  assert.deepEqual(await sold.register(), { done: true })
  await sold.move()
  sold.said.push(
    String(sale.fen),
    ...['power', 'gas', 'cable'].map((name) => `practice-${name}-${id.slice(0, 4)}`),
  )
  assert.equal(sold.facts().concluded, true)
  return sold
}

/** The civil office's own system fails while it is asked, as its operator hears, and comes back. */
async function withoutSource({ city, clock }: CityWorld, sold: Sold): Promise<void> {
  inSystem(city, 'civil', 'ALTER TABLE hy_status RENAME TO away')
  try {
    await sold.begin()
  } finally {
    inSystem(city, 'civil', 'ALTER TABLE away RENAME TO hy_status')
  }
  for (let left = 50; !sold.open().includes('sign'); left -= 1) {
    assert.ok(left > 0, 'a source that came back is asked again')
    clock.advance(3_000)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await city.settle()
  }
}

/** The buyer sells what she bought, to whom she bought it from. */
function back(sale: SaleOf): SaleOf {
  const [seller] = sale.sellers
  assert.ok(seller !== undefined && 'hukou' in seller)
  const { code, name } = sale.buyer
  return {
    ...sale,
    home: { ...sale.home, owners: [{ code, name }] },
    sellers: [sale.buyer],
    buyer: seller,
    fen: sale.fen + 7_000_000,
  }
}

type Driving = { readonly cases: CaseOf[]; readonly said: string[] }

async function drive(world: CityWorld, count: number, driving: Driving): Promise<void> {
  const { city } = world
  const { plain, applicant, donor } = city.population
  const { cases, said } = driving
  const kind = (at: number): 'account' | 'supplies' | 'home' => {
    const place = at % 100
    if (accounts.includes(place)) return 'account'
    return supplies.includes(place) ? 'supplies' : 'home'
  }
  for (let at = 0, sold = 0; at < count; at += 1) {
    const which = kind(at)
    if (which === 'account') {
      const about = [applicant.code, applicant.representative.code]
      const told = await openAccount(city, at)
      cases.push({ id: told.id, application: 'bj.firm.account', about })
      said.push(...told.said)
    } else if (which === 'supplies') {
      const told = await sendSupplies(city, at)
      cases.push({ id: told.id, application: 'bj.health.supplies', about: [donor.code] })
      said.push(...told.said)
    } else {
      const first = plain[Math.floor(sold / 2)]
      assert.ok(first, 'there are homes enough')
      const sale = sold % 2 === 1 ? back(first) : first
      const done = await transfer(world, sale, sold)
      const about = [sale.home.unit, done.seller.code, sale.buyer.code]
      cases.push({ id: done.id, application: 'bj.home.transfer', about })
      said.push(...done.said)
      sold += 1
    }
    if (at % 20 === 19) await calm(world)
    if (at % 50 === 49) process.stderr.write(`${at + 1} cases\n`)
  }
  await calm(world)
}

/** Puts what is owed on the ledger, and lets an hour pass. */
async function calm({ city, clock }: CityWorld): Promise<void> {
  for (const { gateway } of city.members.values()) await gateway.flush()
  await city.settle()
  clock.advance(3_600_000)
  await new Promise((resolve) => setTimeout(resolve, 30))
  await city.settle()
}

/** Writes down the path of every request that is made or answered in this process. */
function listen(file: string): () => void {
  const seen = new Set<string>()
  const heard = (message: unknown): void => {
    const { request } = message as { readonly request: { url?: string; path?: string } }
    const path = request.path ?? request.url ?? ''
    if (seen.has(path)) return
    seen.add(path)
    appendFileSync(file, `${path}\n`)
  }
  const channels = ['http.client.request.start', 'http.server.request.start']
  for (const channel of channels) subscribe(channel, heard)
  return () => {
    for (const channel of channels) unsubscribe(channel, heard)
  }
}

/** The node's figures and its whole stream of events, as an operator is given them. */
async function fetched(city: City, heard: string): Promise<void> {
  const { listening, host } = city.node
  const url = `http://127.0.0.1:${listening.port}`
  const token = readFileSync(layoutOf(city.directory).token, 'utf8').trim()
  writeFileSync(join(heard, 'metrics'), await (await fetch(`${url}/metrics`)).text())
  const headers = { authorization: `Bearer ${token}` }
  const stop = new AbortController()
  const from = `${url}/v1/events?from=0`
  const { body, status } = await fetch(from, { headers, signal: stop.signal })
  assert.equal(status, 200)
  assert.ok(body)
  const last = `id: ${host.head().size - 1}\n`
  let tail = ''
  for await (const chunk of body) {
    appendFileSync(join(heard, 'events'), chunk)
    tail = `${tail}${Buffer.from(chunk).toString('latin1')}`.slice(-70_000)
    if (tail.includes(last) && tail.endsWith('\n\n')) break
  }
  stop.abort()
}

/**
 * Drives so many cases, or takes those of an earlier run that were kept in `LIANBAN_CROWD`. About a
 * second and a half a case on one busy processor.
 */
export async function openCrowd(count: number): Promise<Crowd> {
  const kept = process.env['LIANBAN_CROWD']
  const told = join(kept ?? '', 'crowd.json')
  if (kept !== undefined && existsSync(told)) {
    return JSON.parse(readFileSync(told, 'utf8')) as Crowd
  }
  const root = kept ?? mkdtempSync(join(tmpdir(), 'lianban-crowd-'))
  if (kept === undefined) process.on('exit', () => rmSync(root, { recursive: true, force: true }))
  const heard = join(root, 'heard')
  const directory = join(root, 'city')
  for (const path of [heard, directory]) mkdirSync(path, { recursive: true })
  writeFileSync(join(heard, 'log'), '')
  const leave = listen(join(heard, 'paths'))
  const write = (line: string): void => appendFileSync(join(heard, 'log'), line)
  const log = makeLog({ write, form: 'json', from: 'info', now: () => cityMorning })
  const sales = Math.ceil(count / 2) + 1
  const began = performance.now()
  const world = await openCityWorld({ sales, directory, log })
  const driving: Driving = { cases: [], said: [] }
  const { host } = world.city.node
  const { ledger } = host
  const members = world.city.pack.members.map(({ code }) => code)
  let failure = ''
  try {
    await drive(world, count, driving).catch((error: unknown) => {
      failure = error instanceof Error ? (error.stack ?? '') : String(error)
    })
    await fetched(world.city, heard)
  } finally {
    await world.close()
    leave()
  }
  const seconds = Math.round((performance.now() - began) / 1000)
  const crowd = { city: directory, heard, ledger, members, sales, seconds, failure, ...driving }
  if (kept !== undefined) writeFileSync(told, JSON.stringify(crowd))
  return crowd
}
