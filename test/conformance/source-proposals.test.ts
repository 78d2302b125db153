// What is proposed for published files of a city, just as they are: which evidence types they could
// fill and by which columns, and that nothing is proposed where nothing speaks for it.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { kindOfFile, openText, openWorkbook, trySource } from '#adapters/sources'
import { readPack, readTypes } from '#apps/node/pack'
import { fittingOf, readHeaderWords, wantedOf } from '#apps/node/proposing'

const data = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'data')
const skip = !fs.existsSync(data) && 'the published files do not lie beside this house'

const portal = 'beijing-open-data'

/** What each file could fill: type, and `column field`. */
const proposed: { readonly [file: string]: readonly (readonly string[])[] } = {
  'agencies.csv': [['business-licence@2', 'uscc uscc']],
  [`${portal}/上市公司名录.csv`]: [
    ['business-licence@2', '企业名称 name', '统一社会信用代码 uscc'],
  ],
  [`${portal}/海淀区中关村高新技术企业库.csv`]: [
    ['business-licence@2', '统一社会信用代码 uscc', '法人单位名称 name'],
  ],
  [`${portal}/企业用户用气缴费信息.csv`]: [
    [
      'gas-use@1',
      '本月用气量（立方米） used',
      '本月应缴金额 due',
      '本月实缴金额 paid',
      '本月欠缴金额 owed',
      '近三个月平均用量 average3',
      '近六个月平均用量 average6',
      '推送月份 month',
    ],
  ],
  [`${portal}/北京市司法查封项目信息.csv`]: [],
  [`${portal}/新建商品房预售许可信息.csv`]: [],
  'housing/lianjia-sales.csv': [],
  'items/service-items.csv': [],
  [`${portal}/内资企业设立登记公告数据.csv`]: [
    ['business-licence@2', '企业名称 name', '统一社会信用代码 uscc'],
  ],
}

test(
  'published files are proposed for what their headers and codes say, and for nothing else',
  { skip },
  async () => {
    const wanted = wantedOf(readPack('beijing').mappings, readTypes())
    const headers = readHeaderWords('beijing')
    for (const [name, expected] of Object.entries(proposed)) {
      const at = path.join(data, name)
      const book = (await kindOfFile(at)) === 'xlsx'
      const { columns } = await trySource(
        await (book ? openWorkbook(at, {}) : openText(at, {})),
        {},
      )
      const { types, otherwise } = fittingOf(columns, wanted, headers)
      const found = types.map(({ wanted: { type }, fits }) => [
        type.type,
        ...fits.map(({ column, target }) => {
          return `${columns.find(({ letter }) => letter === column)?.name} ${target.field}`
        }),
      ])
      assert.deepEqual(found, expected, name)
      // Of the gas bills, whose they are is masked, and the column says so by its header alone.
      if (name.includes('用气')) {
        assert.deepEqual(types[0]?.keysMissing, ['uscc'])
        assert.deepEqual(
          otherwise.map(({ names }) => names),
          ['organisation.code'],
        )
      }
    }
  },
)
