// The main job on a city into which small files of the published forms were loaded: who may open an
// account, what is sold and what is not, which certificates hold in another process.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { usccCheck } from '#base/codes'
import { openText } from '#adapters/sources'
import { memberLayout } from '#apps/node/city'
import { loadAll } from '#apps/node/loading'
import { openCityWorld } from '#test/city-world'
import type { CityWorld } from '#test/city-world'
import { openAccounts } from './accounts.ts'
import { certifyFirms } from './certificates.ts'
import { isAsPromised, runCredit } from './credit.ts'
import { gasStanding, runGas } from './gas.ts'
import { invalidApplicants } from './invalid.ts'
import { packLoadFiles } from '#apps/cli/city'
import { applicantsOf, borrowersOf, salesOf, sealedOf, systemsOf } from './systems.ts'
import type { AskSystem } from './systems.ts'
import { runTransfers } from './transfers.ts'

function code(serial: number): string {
  const body = `91000000TXT${String(serial).padStart(6, '0')}`
  return body + (usccCheck(body) ?? '')
}

const bad = `${code(9).slice(0, 17)}${code(9).endsWith('0') ? '1' : '0'}`

/** Files as the portal has them, by their load file's name. */
const texts: { readonly [name: string]: readonly string[] } = {
  'new-companies': [
    '企业名称,统一社会信用代码,核准日期',
    `练习甲公司,${code(1)},2023-02-08`,
    `练习乙公司,${code(2)},2023-02-08`,
  ],
  'listed-companies': [
    '企业名称,性质,主键,更新时间,统一社会信用代码',
    `练习乙集团,上市,A1,19/7/2023 10:31:50,${code(2)}`,
    `练习空公司,上市,A2,19/7/2023 10:31:50,`,
    `练习错公司,上市,A3,19/7/2023 10:31:50,${bad}`,
  ],
  'high-tech-certificates': [
    '序号,统一社会信用代码,法人代码,法人单位名称,所属园区,所属技术领域,证书编号',
    `1,${code(1)},x,练习甲公司,海淀园,电子与信息,20222010057601  `,
  ],
  'presale-permits': [
    '项目名称,项目地址,建设单位,预售证号,发证时间,开发企业名称',
    '练习园,练习路,练习建设,京房售证字( 2017 ) 74 号,20170623,练习建设',
  ],
  'court-seals': [
    'id,预售许可证号,项目名称,建设单位,发文编号,交换时间,采集时间',
    '1,京房售证字(2017)74号,练习园,练习建设,(2017)字1号,2017-12-27,2017-12-27',
  ],
  'home-sales': ['id,tradeTime,totalPrice,square', 'S1,2016-02-24,220,46.3'],
  'gas-bills': [
    '纳税人识别号,用气用户编号,序号,推送月份,本月用气量（立方米）,近三个月平均用量,近六个月平均用量,本月应缴金额,本月实缴金额,本月欠缴金额',
    '9111****0001,00****1,1,2023-01,450,402.56,433.18,1575,1575,0',
    '9111****0002,00****2,2,2023-01,2923,3229.72,3683.98,10230.5,9382.21,848.29',
    '9111****0003,00****3,3,2023-02,1580,1523.88,1138.31,5530,5530,0',
    '9111****0004,00****4,4,2023-02,9000,9000,9000.005,31500,31500,0',
    '9111****0005,00****5,5,2023-03,9000,9000,9000.0005,31500,31500,0',
    ...[6, 7, 8, 9, 10, 11].map((no) => {
      return `9111****00${no},00****${no},${no},2023-04,1500,1500,1500,5250,5250.00,0`
    }),
  ],
}

let world: CityWorld
let system: AskSystem
let data = ''
before(async () => {
  world = await openCityWorld()
  const { directory } = world.city
  data = join(directory, 'data')
  const files = packLoadFiles().filter(({ name }) => texts[name] !== undefined)
  for (const { name, file } of files) {
    fs.mkdirSync(dirname(join(data, file)), { recursive: true })
    fs.writeFileSync(join(data, file), `${texts[name]?.join('\r\n') ?? ''}\r\n`)
  }
  await loadAll(files, {
    directory,
    sourceOf: ({ file }) => openText(join(data, file), {}),
    pathOf: (member) => memberLayout(directory, member, false).source,
    now: 1,
    most: 5,
  })
  system = systemsOf(directory)
})
after(() => world.close())

test('a firm opens an account, two names are a ticket, no code is a refusal', async () => {
  const applicants = [...(await invalidApplicants(data)), ...applicantsOf(system, 5)]
  const run = await openAccounts(world.city, applicants, () => undefined)
  assert.equal(run.cases, 4)
  assert.equal(run.opened, 1)
  assert.deepEqual(run.refused, { 'node/load-missing': 1, 'sources/wrong-check': 1 })
  assert.deepEqual(run.tickets, { 'node/mapping-two-rows': 1 })
  assert.deepEqual([run.fetched, run.beyond], [run.asked, 0])
  assert.ok(run.asked > 0)
})

test('a published sale is registered, and a home in a sealed project is not sold', async () => {
  const { sales, left, sold } = salesOf(system, 5)
  assert.deepEqual([sales.length, left, sold], [1, 1, 0])
  const parts = { sales, sealed: sealedOf(system, 5), onDone: () => undefined }
  const run = await runTransfers(world.city, parts)
  assert.deepEqual([run.cases, run.registered, run.sealed, run.sealedSold], [1, 1, 1, 0])
  assert.deepEqual(run.sealedRefused, { 'judge/guarded': 1 })
  assert.ok(run.taxFen > 0)
  assert.ok(run.fetched > 0)
  assert.equal(run.beyond, 0)
  const [title] = system('planning', `SELECT area_dm2 FROM bdc_title WHERE state = '2'`)
  assert.equal(title?.['area_dm2'], 4630)
  assert.deepEqual(salesOf(system, 5), { sales: [], left: 0, sold: 1 }, 'a home is sold once')
})

test('a certificate is issued on the ledger and judged without a network', async () => {
  const rows = system('market', 'SELECT * FROM gx_certificate')
  const issuing = certifyFirms(world.city, { rows, verify: 1, onDone: () => undefined })
  world.clock.advance(11_000)
  const run = await issuing
  assert.deepEqual([run.certificates, run.issued], [1, 1])
  assert.deepEqual([run.verified, run.changed], [{ valid: 1 }, { 'not-genuine': 1 }])
})

test('as published no bill is shareable, because a masked code names nobody', async () => {
  const reasons = { 'sources/masked': 22, 'node/load-inexact': 1 }
  const found = { shareable: 0, published: 11, refused: 11, reasons }
  assert.deepEqual(await gasStanding(data), found)
  assert.equal(await gasStanding(join(data, 'none')), null)
})

test('a bank is told yes or no and a band, as the register has it, and without consent nothing', async () => {
  const run = await runGas(world.city, { system, count: 20, data, onDone: () => undefined })
  assert.ok(isAsPromised(run), JSON.stringify(run))
  assert.deepEqual([run.cases, run.withoutConsent, run.granted], [10, 1, 7])
  assert.deepEqual(run.refused, { 'gas-arrears': 1, 'beyond-use': 1 })
  assert.deepEqual(run.keptOut, { 'sharing/no-consent': 1 })
  assert.deepEqual([run.shownWithoutConsent, run.beyond], [0, 0])
  assert.ok(run.fetched > 0 && run.fetched === run.asked)
  const gas = run.fields.filter((field) => field.startsWith('gasUse'))
  assert.deepEqual(gas, ['gasUse.arrears', 'gasUse.band', 'gasUse.month', 'gasUse.trend'])
  assert.deepEqual(run.arrears, { no: 8, yes: 1 })
  assert.deepEqual(run.band, { large: 6, medium: 1, small: 1, 'very-large': 1 })
  assert.deepEqual(run.trend, { steady: 7, falling: 1, rising: 1 })
  const { arrears, band, trend } = run
  assert.deepEqual(run.register, { arrears, band, trend })
})

test('a run in which a bank was told otherwise than the register says has failed', async () => {
  const [borrower] = borrowersOf(system, 1)
  assert.ok(borrower)
  const other = { ...borrower, bill: { ...borrower.bill, band: 'large' } }
  const run = await runCredit(world.city, [other], () => undefined)
  assert.equal(run.differing, 1)
  assert.ok(!isAsPromised(run))
})
