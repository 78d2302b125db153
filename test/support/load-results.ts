// What came of made-up loads, for tests of what is said of them: one of each state, with every
// reason that there is. Nothing here is part of the product.
import { sourceCodes } from '#adapters/sources'
import { Refusals } from '#apps/node/loading'
import type { LoadFile, LoadResult, LoadTicket, Refused } from '#apps/node/loading'

/** A refused cell, or a row where the letter is empty. */
export function refusedIn(row: number, letter: string, code: string): Refused {
  return { row, at: `${letter}${row}`, column: letter === '' ? null : '统一社会信用代码', code }
}

const file: LoadFile = {
  format: 'lianban/load/1',
  name: 'list',
  zh: '练习名单',
  en: 'practice list',
  file: 'lists/练习名单.csv',
  source: { name: '练习园区', terms: { zh: '练习数据', en: 'made for practice' } },
  fields: {
    uscc: { column: '统一社会信用代码', as: 'uscc', normal: ['blanks', 'upper'] },
    name: { column: '企业名称', as: 'text', normal: ['trim', 'width', 'brackets'] },
    founded: { column: '成立日期', as: 'day', order: 'year-first' },
  },
  key: ['uscc'],
  steward: 'market',
  make: { rep: 'person', firm: 'firm', home: 'home' },
  tables: [],
}

type Over = Pick<LoadFile, 'en' | 'name' | 'zh'> &
  Pick<LoadResult, 'accepted' | 'difference' | 'joined' | 'state'> & {
    readonly refused: readonly Refused[]
    readonly unmatched: readonly Refused[]
    readonly otherwise: readonly Refused[]
    readonly tickets: readonly LoadTicket[]
    readonly isJoined: boolean
  }

const first = {
  first: true,
  added: 90,
  changed: 0,
  vanished: 0,
  same: 0,
  columns: false,
  percent: 9000,
}

/** What came of a load that differs in these parts from one where all is well. */
export function resultOf(over: Partial<Over>): LoadResult {
  const {
    name = 'list',
    zh = file.zh,
    en = file.en,
    isJoined = false,
    refused = [],
    unmatched = [],
    otherwise = [],
    ...own
  } = over
  const rows = new Set(refused.map(({ row }) => row))
  const note = { zh: '当事人为练习生成', en: 'parties are made for practice' }
  const join = { load: 'permits', field: 'uscc', with: 'uscc', unmatched: 'note' } as const
  return {
    file: { ...file, name, zh, en, ...(isJoined ? { join, note } : {}) },
    read: {
      type: 'csv',
      encoding: 'gb18030',
      rows: 90 + rows.size,
      refusedRows: rows.size,
      normalised: { uscc: { blanks: 1234 } },
      masked: { 备注: 17 },
      leftOut: ['序号', '备注'],
      schema: '',
    },
    accepted: 90,
    refused: Refusals.of(refused),
    unmatched: Refusals.of(unmatched),
    otherwise: otherwise.length === 0 ? {} : { 'market.gs_founding': Refusals.of(otherwise) },
    joined: 0,
    difference: first,
    state: 'loaded',
    written: { 'market.gs_enterprise': 90, 'tax.sw_registration': 88 },
    made: { person: 90, firm: 88, home: 2 },
    tickets: [],
    ticketsOpen: ['market/ticket-0', 'market/ticket-1'],
    ...own,
  } as unknown as LoadResult
}

/** One result of each sort, every reason among them, and what else a report tells. */
export function everyResult(): {
  readonly results: readonly LoadResult[]
  readonly missing: readonly LoadFile[]
} {
  const rows = ['missing', 'inexact', 'repeated', 'again', 'unmatched'].map(
    (each) => `node/load-${each}`,
  )
  const codes = [...sourceCodes, ...rows]
  const refused = codes.flatMap((code, at) =>
    Array.from({ length: 1 + (at % 40) }, (_, more) =>
      refusedIn(2 + at + 3 * more, at % 5 === 0 ? '' : 'B', code),
    ),
  )
  const tickets = Array.from({ length: 30 }, (_, at) => ({
    why: at % 3 === 0 ? ('codes-differ' as const) : ('names-differ' as const),
    load: 'doubtful',
    row: 2 + 2 * at,
    id: `ticket-${at}`,
    table: 'gs_enterprise',
  }))
  const otherwise = [refusedIn(9, '', 'node/load-otherwise')]
  const unmatched = [{ ...refusedIn(7, '', 'node/load-unmatched'), column: '预售许可证号' }]
  const large = { ...first, first: false, changed: 50, vanished: 4, percent: 54, columns: true }
  const none = { ...first, first: false, added: 0, same: 90, percent: 0 }
  return {
    results: [
      resultOf({}),
      resultOf({ name: 'every-reason', zh: '每种原因', en: 'every reason there is', refused }),
      resultOf({
        name: 'fruitless',
        zh: '全被遮掩',
        en: 'nothing but masks',
        accepted: 0,
        refused: Array.from({ length: 200 }, (_, at) => refusedIn(at + 2, 'AB', 'sources/masked')),
      }),
      resultOf({
        name: 'waiting',
        zh: '变动很大',
        en: 'much has changed',
        state: 'waits',
        difference: large,
      }),
      resultOf({
        name: 'same',
        zh: '没有变化',
        en: 'as it was',
        state: 'unchanged',
        difference: none,
      }),
      resultOf({
        name: 'doubtful',
        zh: '一码两名',
        en: 'one code, two names',
        tickets,
        isJoined: true,
        joined: 89,
        unmatched,
        otherwise,
      }),
    ],
    missing: [{ ...file, name: 'absent', zh: '缺少的名单', en: 'a list that is not there' }],
  }
}
