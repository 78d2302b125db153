// What the ledger shows of a home transfer is the same whoever sells and however it is paid: equal
// commands of equal members with the same fields in their bodies. Otherwise everybody with a
// replica could read who has a mortgage. Only times differ, and numbers that nobody can guess.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { signedIntentOf } from '#ledger/read'
import type { City } from '#apps/node/city'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import type { SaleOf } from '#test/transfer-world'
import { Transfer } from '#test/transfer-world'

let world: CityWorld
before(async () => {
  world = await openCityWorld({ sales: 4 })
})
after(async () => world.close())

/** Times and hashes are any, everything else is itself. */
function shapeOf(value: unknown): unknown {
  if (typeof value === 'number') return value > 1e9 ? 'time' : value
  if (typeof value === 'string') return value.length >= 22 ? 'bytes' : value
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]))
}

/** The commands about a case, in an order of their own: each with its members and its outcome. */
function shapesOf({ members, node }: City, id: string): readonly string[] {
  const port = members.get('planning')?.port
  assert.ok(port)
  const shapes: string[] = []
  for (let at = 1; at < port.head().size; at += 1) {
    const { kind, type, member, code, outcome } = port.entry(at)
    const body = kind === 'command' ? signedIntentOf(node.host.entry(at))?.intent.body : undefined
    if (body?.['case'] !== id) continue
    shapes.push(JSON.stringify([type, member, code, shapeOf(body), shapeOf(outcome)]))
  }
  return shapes.toSorted()
}

/** A sale from filing to the last account moved; whoever has to decide by hand decides. */
async function sold(sale: SaleOf, fundLoan: boolean): Promise<readonly string[]> {
  const { city } = world
  const transfer = await new Transfer(city, sale).begin({ fundLoan })
  const [seller] = sale.sellers
  const byHand = async (member: string, act: string, value: object): Promise<void> => {
    if (!transfer.open().includes(act)) return
    const decided = { case: transfer.id, act, value: value as { readonly name: string } }
    assert.deepEqual(await transfer.desk(member).decide(decided), { done: true }, act)
    await city.settle()
  }
  if (transfer.open().includes('checkBank')) await transfer.checkBank()
  await byHand('market', 'checkSeller', { name: seller?.name, status: 'active' })
  await transfer.signAll()
  await byHand('provident', 'lend', { fen: 50_000_000 })
  if (sale.home.bank !== null) {
    assert.ok(await transfer.release(sale.way === 'carry' ? 'carried' : 'released'))
  }
  await transfer.pay(`practice-receipt-${transfer.id.slice(0, 8)}`)
  assert.deepEqual(await transfer.register(), { done: true })
  await transfer.move()
  assert.equal(transfer.facts().concluded, true)
  return shapesOf(city, transfer.id)
}

test('D6: mortgaged or not, with a loan or without, by a person or a firm: one shape', async () => {
  const { plain, roles } = world.city.population
  const [first, second, third] = plain
  assert.ok(first && second && third)
  const usual = await sold(first, false)
  assert.equal(usual.length, 43)
  assert.deepEqual(await sold(roles.carried, false), usual)
  assert.deepEqual(await sold({ ...roles.elderly, buyer: second.buyer }, true), usual)
  assert.deepEqual(await sold(roles.firm, false), usual)
})
