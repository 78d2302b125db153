// What the gas company's own system holds of its customers among the drawn firms: the last bill of
// each, with nothing owed. It promises that one firm has one bill in every city.
import { Draw } from './draw.ts'
import type { Population } from './population.ts'
import type { Table } from './tables.ts'

/** Fen for a cubic metre of gas. */
const fenOfMetre = 350
/** Cubic decimetres of a cubic metre. */
const litres = 1000

/** The bills of firms: volumes in cubic decimetres, money in fen. */
export function bills({ firms }: Population): Table {
  return {
    name: 'rq_bill',
    columns: {
      uscc: 'TEXT',
      month: 'TEXT',
      used_dm3: 'INTEGER',
      average3_dm3: 'INTEGER',
      average6_dm3: 'INTEGER',
      due_fen: 'INTEGER',
      paid_fen: 'INTEGER',
      owed_fen: 'INTEGER',
    },
    key: ['uscc'],
    rows: firms.map(({ code }) => {
      const draw = new Draw(`gas/${code}`)
      const used = draw.between(300, 6000)
      const [average3, average6] = [draw.between(300, 6000), draw.between(300, 6000)]
      const due = used * fenOfMetre
      return [code, '2026-02', used * litres, average3 * litres, average6 * litres, due, due, 0]
    }),
  }
}
