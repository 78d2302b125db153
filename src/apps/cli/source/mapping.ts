// What each column of a source could become, in plain words. It is a proposal: a steward confirms
// it or changes it, and until then nothing is mapped.
import type { Column, Trial } from '#adapters/sources'
import { text } from '#apps/cli/output'
import type { Text } from '#apps/cli/output'

export type Proposal = {
  readonly column: string
  readonly name: string
  /** `key` and whatever could be evidence; `left-out` needs a decision before it counts. */
  readonly as: string
  readonly words: Text
}

/** A proposal for every column. */
export function proposalsOf({ columns, key }: Trial): readonly Proposal[] {
  return columns.map((column) => {
    const isKey = key?.column === column.letter
    const { as, words } = proposalOf(column)
    return {
      column: column.letter,
      name: column.name,
      as,
      words: isKey ? text(`${words.zh}，作为键`, `${words.en}; the key`) : words,
    }
  })
}

type Part = Pick<Proposal, 'as' | 'words'>

const plain: { readonly [type in Column['type']]: Part } = {
  empty: { as: 'left-out', words: text('没有内容，不映射', 'nothing in it: left out') },
  masked: { as: 'left-out', words: text('值被遮掩，不能作为证据', 'masked: no evidence as it is') },
  uscc: { as: 'uscc', words: text('统一社会信用代码', 'unified social credit code') },
  'citizen-id': { as: 'citizen-id', words: text('居民身份证号', 'citizen ID number') },
  'real-estate-unit': { as: 'real-estate-unit', words: text('不动产单元代码', 'real-estate unit') },
  'certificate-id': {
    as: 'certificate-id',
    words: text('电子证照标识', 'e-certificate identifier'),
  },
  'service-item': { as: 'service-item', words: text('政务服务事项编码', 'service item code') },
  integer: { as: 'integer', words: text('整数', 'whole number') },
  decimal: { as: 'decimal', words: text('小数', 'decimal number') },
  digits: { as: 'identifier', words: text('数字编号（保留前导零）', 'digits, leading zeros kept') },
  date: { as: 'date', words: text('日期', 'date') },
  code: { as: 'identifier', words: text('编号', 'identifier') },
  text: { as: 'text', words: text('文字', 'text') },
}

function proposalOf(column: Column): Part {
  const { type, order, name } = column
  if (type === 'date' && order === 'undecided') {
    return {
      as: 'left-out',
      words: text('日期，日月顺序须说明', 'date: say whether the day comes first'),
    }
  }
  if (type === 'date' && order === 'day-first') {
    return { as: 'date', words: text('日期，日在前', 'date, day first') }
  }
  if (type === 'date' && order === 'month-first') {
    return { as: 'date', words: text('日期，月在前', 'date, month first') }
  }
  if (type === 'text' && /企业名称|单位名称|公司|开发企业|建设单位|company/i.test(name)) {
    return { as: 'organisation-name', words: text('单位名称', 'name of an organisation') }
  }
  if (type === 'text' && /地址|住所|address/i.test(name)) {
    return { as: 'address', words: text('地址', 'address') }
  }
  return plain[type]
}
