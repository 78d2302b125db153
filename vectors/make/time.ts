// Cases of statutory time. Nothing of the product is used: the days off are the intervals as the
// notices print them, days are walked one by one with the engine's own calendar in UTC, and due
// days are found by asking of each day in turn whether it counts.

export type Notice = {
  readonly year: number
  readonly status: 'published' | 'practice'
  readonly sources: readonly { title: string; number: string; date: string }[]
  /** First and last day of each holiday, weekends and swapped days included, as printed. */
  readonly holidays: readonly (readonly [string, string])[]
  /** Weekend days on which people work. */
  readonly work: readonly string[]
}

const notice = (year: number, number: string, date: string): Notice['sources'][number] => ({
  title: `国务院办公厅关于${year}年部分节假日安排的通知`,
  number,
  date,
})

export const notices: readonly Notice[] = [
  {
    year: 2020,
    status: 'published',
    sources: [
      notice(2020, '国办发明电〔2019〕16号', '2019-11-21'),
      {
        title: '国务院办公厅关于延长2020年春节假期的通知',
        number: '国办发明电〔2020〕1号',
        date: '2020-01-26',
      },
    ],
    holidays: [
      ['01-01', '01-01'],
      ['01-24', '02-02'],
      ['04-04', '04-06'],
      ['05-01', '05-05'],
      ['06-25', '06-27'],
      ['10-01', '10-08'],
    ],
    // The extension of the Spring Festival takes back 1 February, which was to be worked.
    work: ['01-19', '04-26', '05-09', '06-28', '09-27', '10-10'],
  },
  {
    year: 2021,
    status: 'published',
    sources: [notice(2021, '国办发明电〔2020〕27号', '2020-11-25')],
    holidays: [
      ['01-01', '01-03'],
      ['02-11', '02-17'],
      ['04-03', '04-05'],
      ['05-01', '05-05'],
      ['06-12', '06-14'],
      ['09-19', '09-21'],
      ['10-01', '10-07'],
    ],
    work: ['02-07', '02-20', '04-25', '05-08', '09-18', '09-26', '10-09'],
  },
  {
    year: 2022,
    status: 'published',
    sources: [notice(2022, '国办发明电〔2021〕11号', '2021-10-25')],
    holidays: [
      ['01-01', '01-03'],
      ['01-31', '02-06'],
      ['04-03', '04-05'],
      ['04-30', '05-04'],
      ['06-03', '06-05'],
      ['09-10', '09-12'],
      ['10-01', '10-07'],
    ],
    work: ['01-29', '01-30', '04-02', '04-24', '05-07', '10-08', '10-09'],
  },
  {
    year: 2023,
    status: 'published',
    sources: [notice(2023, '国办发明电〔2022〕16号', '2022-12-08')],
    holidays: [
      ['01-01', '01-02'],
      ['01-21', '01-27'],
      ['04-05', '04-05'],
      ['04-29', '05-03'],
      ['06-22', '06-24'],
      ['09-29', '10-06'],
    ],
    work: ['01-28', '01-29', '04-23', '05-06', '06-25', '10-07', '10-08'],
  },
  {
    year: 2024,
    status: 'published',
    sources: [notice(2024, '国办发明电〔2023〕7号', '2023-10-25')],
    holidays: [
      ['01-01', '01-01'],
      ['02-10', '02-17'],
      ['04-04', '04-06'],
      ['05-01', '05-05'],
      ['06-10', '06-10'],
      ['09-15', '09-17'],
      ['10-01', '10-07'],
    ],
    work: ['02-04', '02-18', '04-07', '04-28', '05-11', '09-14', '09-29', '10-12'],
  },
  {
    year: 2025,
    status: 'published',
    sources: [notice(2025, '国办发明电〔2024〕12号', '2024-11-12')],
    holidays: [
      ['01-01', '01-01'],
      ['01-28', '02-04'],
      ['04-04', '04-06'],
      ['05-01', '05-05'],
      ['05-31', '06-02'],
      ['10-01', '10-08'],
    ],
    work: ['01-26', '02-08', '04-27', '09-28', '10-11'],
  },
  {
    year: 2026,
    status: 'published',
    sources: [notice(2026, '国办发明电〔2025〕7号', '2025-11-04')],
    holidays: [
      ['01-01', '01-03'],
      ['02-15', '02-23'],
      ['04-04', '04-06'],
      ['05-01', '05-05'],
      ['06-19', '06-21'],
      ['09-25', '09-27'],
      ['10-01', '10-07'],
    ],
    work: ['01-04', '02-14', '02-28', '05-09', '09-20', '10-10'],
  },
  {
    // No notice is known. The regulation alone: its thirteen days, and for each that falls on a
    // weekend the next working day (art. 6). No swaps, because only a notice orders them.
    year: 2027,
    status: 'practice',
    sources: [{ title: '全国年节及纪念日放假办法', number: '国务院令第795号', date: '2024-11-10' }],
    holidays: [
      ['01-01', '01-01'],
      ['02-05', '02-10'],
      ['04-05', '04-05'],
      ['05-01', '05-04'],
      ['06-09', '06-09'],
      ['09-15', '09-15'],
      ['10-01', '10-05'],
    ],
    work: [],
  },
]

const dayMs = 86_400_000
const numberOf = (text: string): number => Date.parse(`${text}T00:00:00Z`) / dayMs
const textOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)
const isWeekend = (day: number): boolean => [0, 6].includes(new Date(day * dayMs).getUTCDay())

/** The document of a year's notice, as an object. */
export function documentOf({ year, status, sources, holidays, work }: Notice): object {
  const off = holidays.flatMap(([first, last]) => {
    const days: string[] = []
    for (let day = numberOf(`${year}-${first}`); day <= numberOf(`${year}-${last}`); day += 1) {
      if (!isWeekend(day)) days.push(textOf(day))
    }
    return days
  })
  const dated = work.map((day) => `${year}-${day}`)
  return { calendar: 'cn', off, sources, status, work: dated, year }
}

const off = new Set<string>()
const work = new Set<string>()
for (const each of notices) {
  const { off: free, work: worked } = documentOf(each) as { off: string[]; work: string[] }
  for (const day of free) off.add(day)
  for (const day of worked) work.add(day)
}
const isWorked = (day: number): boolean =>
  work.has(textOf(day)) || (!isWeekend(day) && !off.has(textOf(day)))

type Stop = readonly [from: string, until: string]
const stands = (day: number, stops: readonly Stop[]): boolean =>
  stops.some(([from, until]) => numberOf(from) <= day && day < numberOf(until))

/** The due day by walking: which days count is asked of each day. */
function due(from: string, span: string, stops: readonly Stop[] = [], rolls = false): string {
  const count = Number.parseInt(span, 10)
  const unit = span.replace(/\d/g, '')
  let day = numberOf(from)
  let left = unit === 'm' || unit === 'y' ? monthsLater(from, count, unit) - day : count
  while (left > 0) {
    day += 1
    if (!stands(day, stops) && (unit !== 'wd' || isWorked(day))) left -= 1
  }
  while (rolls && (stands(day, stops) || !isWorked(day))) day += 1
  return textOf(day)
}

function monthsLater(from: string, count: number, unit: string): number {
  const [year = 0, month = 0, day = 0] = from.split('-').map(Number)
  const months = month - 1 + count * (unit === 'y' ? 12 : 1)
  const last = new Date(Date.UTC(year, months + 1, 0)).getUTCDate()
  return Date.UTC(year, months, Math.min(day, last)) / dayMs
}

function daysSection(): object[] {
  const texts = ['1583-01-01', '1600-02-29', '1899-12-31', '1900-02-28', '1900-03-01', '1969-12-31']
  texts.push('1970-01-01', '2000-02-29', '2019-12-31', '2020-02-29', '2100-03-01', '9999-12-31')
  return texts.map((text) => {
    const day = numberOf(text)
    const weekday = new Date(day * dayMs).getUTCDay()
    const firstMs = Date.parse(`${text}T00:00:00+08:00`)
    return { text, day, weekday: weekday === 0 ? 7 : weekday, firstMs, lastMs: firstMs + dayMs - 1 }
  })
}

const notDays = ['2021-02-29', '1900-02-29', '2020-13-01', '2020-00-10', '2020-04-31', '2020-1-01']
notDays.push('20200101', '2020-01-01 ', '+2020-01-01', '１９９９-01-01', '1582-12-31', '0000-01-01')

/** One letter a day: w worked, r at rest. */
function monthsSection(): object[] {
  return notices.flatMap(({ year }) =>
    Array.from({ length: 12 }, (_, month) => {
      const first = Date.UTC(year, month, 1) / dayMs
      const last = Date.UTC(year, month + 1, 0) / dayMs
      let days = ''
      for (let day = first; day <= last; day += 1) days += isWorked(day) ? 'w' : 'r'
      return { month: textOf(first).slice(0, 7), days }
    }),
  )
}

/** The cases of the reference on processes, whose answers were fixed before this code. */
const fixed: readonly (readonly [from: string, span: string, due: string])[] = [
  ['2020-09-30', '1wd', '2020-10-09'],
  ['2020-09-30', '2wd', '2020-10-10'],
  ['2020-09-30', '3wd', '2020-10-12'],
  ['2020-09-30', '5wd', '2020-10-14'],
  ['2020-09-30', '10wd', '2020-10-21'],
  ['2020-09-30', '20wd', '2020-11-04'],
  ['2020-09-25', '1wd', '2020-09-27'],
  ['2020-10-09', '1wd', '2020-10-10'],
  ['2020-10-10', '1wd', '2020-10-12'],
  ['2020-10-03', '1wd', '2020-10-09'],
  ['2020-09-30', '1d', '2020-10-01'],
  ['2020-09-30', '30wd', '2020-11-18'],
]

type Asked = readonly [from: string, span: string, stops?: readonly Stop[], rolls?: boolean]

const asked: readonly Asked[] = [
  ['2020-01-23', '1wd'],
  ['2020-01-23', '10wd'],
  ['2021-04-30', '1wd'],
  ['2022-01-28', '2wd'],
  ['2022-12-30', '1wd'],
  ['2023-09-28', '1wd'],
  ['2024-02-09', '1wd'],
  ['2025-01-27', '1wd'],
  ['2026-02-13', '1wd'],
  ['2026-02-14', '1wd'],
  ['2026-12-31', '1wd'],
  ['2027-02-04', '3wd'],
  ['2024-01-31', '1m'],
  ['2023-01-31', '1m'],
  ['2024-02-29', '1y'],
  ['2024-08-31', '6m'],
  ['2020-09-30', '1d', [], true],
  ['2024-09-20', '15d', [], true],
  ['2026-01-15', '1m', [], true],
  ['2020-09-21', '3wd', [['2020-09-23', '2020-09-23']]],
  ['2020-09-21', '3wd', [['2020-09-23', '2020-09-24']]],
  ['2020-09-21', '3wd', [['2020-09-21', '2020-10-12']]],
  [
    '2020-09-21',
    '20wd',
    [
      ['2020-09-25', '2020-10-09'],
      ['2020-10-20', '2020-10-23'],
    ],
  ],
  [
    '2020-09-21',
    '20wd',
    [
      ['2020-09-25', '2020-10-09'],
      ['2020-10-01', '2020-10-23'],
    ],
  ],
  ['2020-09-21', '5d', [['2020-09-23', '2020-09-25']], true],
  ['2020-09-21', '1m', [['2020-09-23', '2020-10-25']], true],
]

function duesSection(): object[] {
  const wrong = fixed.filter(([from, span, day]) => due(from, span) !== day)
  if (wrong.length > 0)
    throw new Error(`the walk disagrees with the reference: ${wrong.join('; ')}`)
  const referred = fixed.map(([from, span, day]) => ({ from, span, due: day }))
  const walked = asked.map(([from, span, stops = [], rolls = false]) => {
    const extras = { ...(stops.length > 0 && { stops }), ...(rolls && { rolls }) }
    return { from, span, ...extras, due: due(from, span, stops, rolls) }
  })
  return [...referred, ...walked]
}

const wrongDocuments: readonly (readonly [string, object, string, string])[] = [
  ['a member is missing', { work: undefined }, 'time/bad-members', 'work'],
  ['a member is unknown', { extra: 1 }, 'time/bad-members', ''],
  ['the name has capitals', { calendar: 'CN' }, 'time/bad-member', 'calendar'],
  ['the year is before all calendars', { year: 1500 }, 'time/bad-member', 'year'],
  ['the status is unknown', { status: 'draft' }, 'time/bad-member', 'status'],
  ['the days are no list', { off: {} }, 'time/bad-member', 'off'],
  ['a day does not exist', { off: ['2021-02-29'] }, 'time/bad-day', 'off.0'],
  ['a day is a number', { off: [18_628] }, 'time/bad-day', 'off.0'],
  ['a day of another year', { off: ['2022-01-03'] }, 'time/other-year', 'off.0'],
  ['days fall', { off: ['2021-10-05', '2021-10-04'] }, 'time/unordered', 'off.1'],
  ['a day twice', { work: ['2021-10-09', '2021-10-09'] }, 'time/unordered', 'work.1'],
  ['a Sunday is free', { off: ['2021-10-03'] }, 'time/off-at-weekend', 'off.0'],
  ['a Friday is worked', { work: ['2021-10-08'] }, 'time/work-on-weekday', 'work.0'],
  ['no source', { sources: [] }, 'time/no-source', 'sources'],
  ['a source without a day', { sources: [{ title: 'x' }] }, 'time/bad-members', 'sources.0.date'],
  [
    'a source on no day',
    { sources: [{ title: 'x', date: '2020' }] },
    'time/bad-day',
    'sources.0.date',
  ],
  [
    'a source without words',
    { sources: [{ title: '', date: '2020-01-01' }] },
    'time/bad-member',
    'sources.0.title',
  ],
  ['a practice year with swaps', { status: 'practice' }, 'time/invented-swap', 'work'],
]

/** vectors/time-calendar.json */
export function timeFile(): object {
  const base = documentOf(notices[1] as Notice)
  return {
    days: daysSection(),
    notDays,
    months: monthsSection(),
    dues: duesSection(),
    invalid: wrongDocuments.map(([claim, change, code, path]) => ({
      claim,
      document: JSON.parse(JSON.stringify({ ...base, ...change })) as object,
      code,
      path,
    })),
  }
}
