// What this room says no to, as a code for programs and as reason and remedy for people, in English
// and Chinese side by side so that no language can lack a line. Codes are part of the contract;
// sentences may change.

/** Languages in which a fault can be explained. */
export type Language = 'zh' | 'en'

/** Code, reason and remedy in English, reason and remedy in Chinese. */
export type TextRow = readonly [
  code: string,
  meaning: string,
  remedy: string,
  reasonZh: string,
  remedyZh: string,
]

const rows = [
  [
    'time/not-canonical',
    'the text is not canonical JSON',
    'write it again with sorted members and without white space',
    '文本不是规范的 JSON',
    '按成员名排序、去掉空白后重新写出',
  ],
  [
    'time/bad-members',
    'an object lacks a member or has one too many',
    'give exactly the members of the form',
    '对象缺少成员或多出成员',
    '只写格式规定的成员，且一个不缺',
  ],
  [
    'time/bad-member',
    'a member has the wrong form',
    'write it as the form says',
    '成员的形式不对',
    '按格式规定改写',
  ],
  [
    'time/bad-day',
    'not a day that exists, written YYYY-MM-DD',
    'write a real day with four, two and two digits',
    '不是真实存在的日期（YYYY-MM-DD）',
    '写真实日期，年四位、月日各两位',
  ],
  [
    'time/other-year',
    'the day is in another year than the calendar',
    'put it into the calendar of its own year',
    '该日不在本日历的年份内',
    '写入它所属年份的日历',
  ],
  [
    'time/unordered',
    'days are not in rising order, or one stands twice',
    'sort the days and keep each once',
    '日期没有按先后排列或有重复',
    '按先后排列，每日只写一次',
  ],
  [
    'time/off-at-weekend',
    'a day listed as free is a Saturday or Sunday and is free anyway',
    'list only Mondays to Fridays as free',
    '列为休息的日期本来就是周六或周日',
    '休息日只列周一至周五',
  ],
  [
    'time/work-on-weekday',
    'a day listed as worked is a Monday to Friday and is worked anyway',
    'list only Saturdays and Sundays as worked',
    '列为上班的日期本来就是周一至周五',
    '上班日只列周六和周日',
  ],
  [
    'time/no-source',
    'no source is named',
    'name the notice or regulation with its number and day',
    '没有写明依据',
    '写明通知或办法的名称、文号和日期',
  ],
  [
    'time/invented-swap',
    'a calendar without a published notice has make-up days',
    'leave them out: only a notice can order work at a weekend',
    '未公布通知的年份却列有调休上班日',
    '删去：周末上班只能由通知规定',
  ],
  [
    'time/no-calendar',
    'no calendar is given, or too many',
    'give one to a hundred calendars',
    '没有给出日历，或给得过多',
    '给出一至一百份日历',
  ],
  [
    'time/other-calendar',
    'calendars of different places are joined',
    'join the years of one calendar only',
    '把不同地区的日历拼在了一起',
    '只拼接同一日历的各年',
  ],
  [
    'time/year-missing',
    'a year between two calendars is missing, or a year stands twice',
    'give each year of the range once, in order',
    '两年之间缺少一年，或同一年出现两次',
    '范围内每年一份，按年份排列',
  ],
  [
    'time/uncovered',
    'the calendar does not reach the days that must be counted',
    'publish the calendar of that year; a due day is never guessed',
    '日历没有覆盖需要计算的日期',
    '发布该年日历；期限不作猜测',
  ],
  [
    'time/out-of-range',
    'a day or instant lies outside the years 1583 to 9999',
    'give a time within these years',
    '日期或时刻超出 1583 至 9999 年',
    '给出此范围内的时间',
  ],
  [
    'time/bad-span',
    'not a span such as 3wd, 60d, 6m or 2y within its bounds',
    'write a number and wd, d, m or y',
    '不是形如 3wd、60d、6m、2y 的期限，或超出上限',
    '写数字加 wd、d、m 或 y',
  ],
  [
    'time/bad-extension',
    'the extension is longer than the law allows, or of another unit',
    'extend by at most what the law states, in the unit of the limit',
    '延长超过法定上限，或单位与期限不同',
    '以期限的单位延长，不超过法定上限',
  ],
  [
    'time/no-extension',
    'the law allows no extension of this limit',
    'keep the limit',
    '法律不允许延长此期限',
    '按原期限办理',
  ],
  [
    'time/extended',
    'the limit has been extended before',
    'a limit is extended once',
    '期限已经延长过',
    '期限只能延长一次',
  ],
  [
    'time/no-ground',
    'the law does not stop this clock on that ground',
    'name a ground that the limit lists',
    '该事由不能停止计时',
    '写明期限所列的停表事由',
  ],
  ['time/stopped', 'the clock stands already', 'resume it first', '计时已经停止', '先恢复计时'],
  [
    'time/running',
    'the clock is running',
    'there is nothing to resume',
    '计时正在进行',
    '无需恢复',
  ],
  [
    'time/too-many-stops',
    'the clock has been stopped too often',
    'decide, or let the time run',
    '停表次数过多',
    '作出决定，或让期限继续计算',
  ],
  [
    'time/ended',
    'the clock has ended',
    'nothing can change a finished limit',
    '计时已经结束',
    '期限终结后不能再变更',
  ],
  [
    'time/backwards',
    'the event is earlier than the last one',
    'send events in the order in which they happened',
    '事件早于上一事件',
    '按发生先后送达事件',
  ],
  [
    'time/too-late',
    'the limit has passed',
    'what the law attaches to its passing holds',
    '期限已过',
    '依法产生逾期的效果',
  ],
  [
    'time/second-notice',
    'what is missing has been said once',
    'everything missing is said in one notice (Licensing Law art. 32)',
    '已经一次性告知过补正内容',
    '补正内容须一次告知（行政许可法第三十二条）',
  ],
  [
    'time/no-notice',
    'nothing was said to be missing',
    'accept the application or say what is missing',
    '没有告知过补正',
    '受理，或一次告知需要补正的内容',
  ],
  [
    'time/accepted',
    'the application is accepted already',
    'decide on it',
    '申请已经受理',
    '依法作出决定',
  ],
  [
    'time/closed',
    'the application has been turned away',
    'the applicant may file again',
    '申请已不予受理',
    '申请人可以重新申请',
  ],
  [
    'time/never-deemed',
    'no law attaches an effect to silence here',
    'escalate; silence makes no fact',
    '法律没有规定此处沉默的效果',
    '转上级催办；沉默不产生事实',
  ],
  [
    'time/not-due',
    'the limit has not passed',
    'wait until after the end of the due day',
    '期限未满',
    '等到期限届满日结束之后',
  ],
  [
    'time/not-delivered',
    'it is not proven that the task reached who is silent',
    'deliver it and wait; who was not told is not silent',
    '没有证明任务已送达沉默的一方',
    '送达后再计；未被告知者不算沉默',
  ],
  [
    'time/outage',
    'a declared outage touches the time of the limit',
    'escalate; silence during an outage is not consent',
    '期限内有已公告的停机',
    '转上级催办；停机期间的沉默不是同意',
  ],
  [
    'time/practice-calendar',
    'the due day rests on a year without a published notice',
    'publish the calendar of that year before anything is deemed',
    '届满日所依据的年份尚无公布的放假通知',
    '先发布该年日历，再认定视为',
  ],
] as const

/** Every code of this room. */
export type TimeCode = (typeof rows)[number][0]

/** A no of this room: the code, and the place of the form (`off.3`) that it speaks of. */
export type TimeFault = { readonly path: string; readonly code: TimeCode }

/** A fault as people read it. */
export type Explained<Code extends string> = {
  readonly path: string
  readonly code: Code
  readonly reason: string
  readonly remedy: string
}

/** All rows, for the page of codes and for tests. */
export const timeTexts: readonly TextRow[] = rows

const byCode: ReadonlyMap<string, TextRow> = new Map(rows.map((row) => [row[0], row]))

/** Makes a fault. */
export function timeFault(code: TimeCode, path = ''): TimeFault {
  return { path, code }
}

/** Tells a fault from every other result of this room; no other has a member `code`. */
export function isTimeFault(result: unknown): result is TimeFault {
  return typeof result === 'object' && result !== null && 'code' in result
}

/** The fault with reason and remedy in a language. */
export function explainTime(fault: TimeFault, language: Language): Explained<TimeCode> {
  const [, meaning, remedy, reasonZh, remedyZh] = byCode.get(fault.code) as TextRow
  const said =
    language === 'zh' ? { reason: reasonZh, remedy: remedyZh } : { reason: meaning, remedy }
  return { path: fault.path, code: fault.code, ...said }
}
