// The process of a city that is killed: the registry files a home transfer, and when its department
// has written its place for the n-th time after that, the process ends itself with SIGKILL, so that
// nothing of it runs on and nobody ends anything orderly. Says the case's id on its output. Nothing
// here is part of the product.
import { writeSync } from 'node:fs'
import process from 'node:process'
import { openDepartment } from '#apps/node/department'
import { PlaceBook } from '#apps/node/place'
import { openCityWorld } from '#test/city-world'
import { Transfer } from '#test/transfer-world'

const [directory = '', times = '1'] = process.argv.slice(2)
const { city } = await openCityWorld({ directory, sales: 2 })
const registry = city.member('planning')
const { port, vault, gateway, layout, department } = registry
await department.close()
const { registers, sinks, settings, notices, addressesOf, certify, clock } = department.dept
const place = new PlaceBook(layout.place)
let left = Infinity
const life = openDepartment({
  port,
  vault,
  gateway: () => gateway,
  registers,
  sinks,
  settings,
  addressesOf,
  clock,
  ...(certify === undefined ? {} : { certify }),
  ...(notices === null ? {} : { notices }),
  place: {
    read: (whose) => place.read(whose),
    stand: (id) => place.stand(id),
    forget: () => place.forget(),
    write: (...of) => {
      place.write(...of)
      left -= 1
      if (left <= 0) process.kill(process.pid, 'SIGKILL')
    },
  },
  placeEvery: 1,
})
Object.assign(registry, { department: life })
life.start()
const [sale] = city.population.plain
if (sale === undefined) throw new Error('the city has a sale')
const transfer = new Transfer(city, sale)
await transfer.file()
writeSync(1, transfer.id)
left = Number(times)
await transfer.join('buyer', sale.buyer)
await transfer.say('offer', { fen: sale.fen, way: sale.way })
await transfer.say('plan', { fundLoan: false })
await city.settle()
process.exit(1)
