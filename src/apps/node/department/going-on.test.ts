// Where a department goes on: what its place says at any moment, and what it reads at a start.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { CityMember } from '#apps/node/city'
import type { Department, DepartmentOptions } from '#apps/node/department'
import { openDepartment } from '#apps/node/department'
import { PlaceBook } from '#apps/node/place'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { Transfer } from '#test/transfer-world'

/** Cases that a queue looks at at one time are fewer. */
const casesAtOnce = 11

describe('a department with a place', () => {
  let world: CityWorld
  let place: PlaceBook
  let member: { -readonly [K in keyof CityMember]: CityMember[K] }
  /** Entries that the department of this life has read. */
  let read: number[] = []

  before(async () => {
    world = await openCityWorld({ sales: casesAtOnce })
    member = world.city.member('planning')
    place = new PlaceBook(join(world.directory, 'place.db'))
  })
  after(async () => {
    await world.close()
    place.close()
  })

  /** Begins another life of the department in the city. */
  async function reborn(more: Partial<DepartmentOptions> = {}): Promise<Department> {
    const { port, vault, gateway, system, department } = member
    await department.close()
    read = []
    const { settings, addressesOf, clock } = department.dept
    const life = openDepartment({
      port: {
        ...port,
        ledger: port.ledger,
        member: port.member,
        view: () => port.view(),
        head: () => port.head(),
        submit: (...of) => port.submit(...of),
        receipt: (id) => port.receipt(id),
        document: (hash) => port.document(hash),
        proofFile: (index) => port.proofFile(index),
        subscribe: (listener) => port.subscribe(listener),
        entry: (index) => {
          read.push(index)
          return port.entry(index)
        },
      },
      vault,
      gateway: () => gateway,
      registers: system.registers,
      settings,
      addressesOf,
      clock,
      place,
      placeEvery: 1,
      ...more,
    })
    member.department = life
    life.start()
    return life
  }

  test('has every case in it that was read of and not looked at yet', async () => {
    const held = Promise.withResolvers<void>()
    const main = member.system.registers['main']
    assert.ok(main)
    const slow = {
      find: async (...of: Parameters<typeof main.find>) => {
        await held.promise
        return main.find(...of)
      },
    }
    await reborn({ registers: { main: slow } })
    const transfers = world.city.population.plain.map((sale) => new Transfer(world.city, sale))
    await Promise.all(transfers.map((transfer) => transfer.file()))
    while (read.length < member.port.head().size) await new Promise(setImmediate)
    const stands = transfers.map(({ id }) => place.stand(id))
    assert.equal(stands.length, casesAtOnce)
    assert.ok(stands.includes('waiting'), 'some wait for a worker')
    assert.ok(!stands.includes(null), 'none is missing')
    held.resolve()
    await world.city.settle()
    assert.deepEqual(new Set(transfers.map(({ id }) => place.stand(id))), new Set(['open']))
  })

  test('reads at a start what came since, and has its desk as before', async () => {
    const lines = member.department.dept.inbox.lines().map(({ key }) => key)
    const size = member.port.head().size
    const life = await reborn()
    await world.city.settle()
    // The entry before the place says whether it is the same history.
    assert.ok(read.length > 0 && read.every((index) => index >= size - 1), read.join(' '))
    const again = life.dept.inbox.lines().map(({ key }) => key)
    assert.deepEqual(again.toSorted(), lines.toSorted())
    assert.equal(life.cases.size, casesAtOnce)
  })

  test('forgets what is over and watched nowhere', async () => {
    const [one] = member.department.cases
    assert.ok(one)
    const approval = { withdrawn: true }
    const withdrawn = await member.desk.withdraw({ case: one, party: 'seller', approval })
    assert.ok('entry' in withdrawn, JSON.stringify(withdrawn))
    await world.city.settle()
    const life = await reborn()
    assert.equal(place.stand(one), null)
    assert.equal(life.cases.size, casesAtOnce - 1)
  })
})
