// What a case left behind, read from the ledger alone: who did what and when, which papers were
// handed in, on how many days people stood at a counter, and how long it took.
import { assert } from '#base/assert'
import { decodeCalendar, dayOfInstant, isTimeFault, joinCalendars } from '#blueprint/time'
import { workingDaysBetween } from '#blueprint/time'
import { isSubject, listOf } from '#blueprint/grammar'
import { utf8Decode } from '#base/bytes'
import { signedIntentOf } from '#ledger/read'
import { openActs } from '#domains/processes'
import type { Application, City } from '#apps/node/city'
import type { Names } from './names.ts'
import { momentOf } from './teller.ts'

/** One entry about a case. */
export type Trace = {
  readonly entry: number
  /** Block time, Unix milliseconds of the practice clock. */
  readonly time: number
  readonly member: string
  readonly type: string
  readonly code: string
  /** The act or item that it is about; empty where it is about neither. */
  readonly about: string
  readonly answer: string
}

type Body = { readonly [name: string]: unknown }

/** All entries about a case, the first one first. */
export function traceOf({ node, members, pack }: City, id: string): readonly Trace[] {
  const port = members.get(pack.operator)?.port
  assert(port !== undefined, 'the operator has a port')
  const found: Trace[] = []
  for (let entry = 1; entry < port.head().size; entry += 1) {
    const { kind, member = '', type = '', code = '', time } = port.entry(entry)
    if (kind !== 'command' || !/^(?:case|claim|share)\./.test(type)) continue
    const body = signedIntentOf(node.host.entry(entry))?.intent.body as Body | undefined
    if (body?.['case'] !== id) continue
    const about = textIn(body, 'act') || textIn(body, 'item') || textIn(body, 'supply')
    found.push({
      entry,
      time,
      member,
      type,
      code,
      about: about || textIn(body, 'object'),
      answer: textIn(body, 'answer'),
    })
  }
  return found
}

function textIn(body: Body, name: string): string {
  const text = body[name]
  return typeof text === 'string' ? text : ''
}

/** What the figures of one case are computed from. */
export type CaseFigures = {
  /** Supplies that a person showed on paper. */
  readonly sheets: number
  /** Days on which persons stood at a counter. */
  readonly trips: number
  /** Working days from filing to the result. */
  readonly workingDays: number
  readonly entries: number
  readonly reads: number
  readonly members: number
}

/** The figures of a case, from its trace and the city's calendars. */
export function figuresOfCase(
  city: City,
  { blueprint }: Application,
  trace: readonly Trace[],
): CaseFigures {
  const day = (time: number): number => dayOfInstant(time)
  const isPersonal = ({ type, about }: Trace): boolean => {
    if (type === 'case.file' || type === 'case.join') return true
    const by = listOf(blueprint.acts[about]?.by ?? [])
    return type === 'case.act' && by.some((party) => isSubject(blueprint.parties[party] ?? firm))
  }
  const done = trace.filter(({ code }) => code === 'ok')
  const [first] = done
  const givers = new Set(
    Object.entries(blueprint.acts).flatMap(([act, { gives }]) => {
      return listOf(gives).some((item) => blueprint.result.includes(item)) ? [act] : []
    }),
  )
  const last = done.findLast(({ type, about }) => type === 'case.act' && givers.has(about))
  const years = city.pack.calendars.map((bytes) => decodeCalendar(utf8Decode(bytes) ?? ''))
  const calendar = joinCalendars(years.filter((year) => 'year' in year))
  assert(!isTimeFault(calendar), 'the years of a pack follow each other')
  const took = workingDaysBetween(calendar, day(first?.time ?? 0), day(last?.time ?? 0))
  return {
    sheets: done.filter(({ answer }) => answer === 'copy' || answer === 'original').length,
    trips: new Set(done.filter(isPersonal).map(({ time }) => day(time))).size,
    workingDays: isTimeFault(took) ? -1 : took,
    entries: trace.length,
    reads: done.filter(({ type }) => type === 'case.read').length,
    members: new Set(trace.map(({ member }) => member)).size,
  }
}

const firm = { is: 'dept' } as const

/** The deeds of a trace by department, each as a line. */
export function timelineOf(
  city: City,
  { language, member: nameOf, thing }: Names,
  trace: readonly Trace[],
): readonly string[] {
  const told = trace.filter(({ type, code }) => code === 'ok' && words[type] !== undefined)
  const order = city.pack.members.map(({ code }) => code)
  const members = [...new Set(told.map(({ member }) => member))].toSorted((a, b) => {
    return order.indexOf(a) - order.indexOf(b)
  })
  return members.flatMap((member) => {
    const deeds = told.filter((each) => each.member === member)
    const lines = grouped(deeds).map(({ time, type, about, times }) => {
      const [zh = '', en = ''] = words[type] ?? []
      const [deed, colon] = language === 'zh' ? [zh, '：'] : [en, ': ']
      const many = times > 1 ? ` ×${times}` : ''
      return `  ${momentOf(time)}  ${deed}${about === '' ? '' : colon}${thing(about)}${many}`
    })
    return [nameOf(member), ...lines]
  })
}

/** What is still open of a case, and since when it is late, as lines. */
export function openLinesOf(city: City, names: Names, id: string): readonly string[] {
  const port = city.members.get(city.pack.operator)?.port
  assert(port !== undefined, 'the operator has a port')
  return openActs(port.view(), id, port.head().time).flatMap(({ act, recorders, due, late }) => {
    const [member = ''] = recorders
    const until = due === undefined ? '' : momentOf(due).slice(0, 10)
    const zh = `未办，${late ? '已超期' : '未到期'}：`
    const en = `open, ${late ? 'late' : 'in time'}, due that day: `
    const said = names.language === 'zh' ? zh : en
    return [names.member(member), `  ${until}        ${said}${names.thing(act)}`]
  })
}

const words: { readonly [type: string]: readonly [zh: string, en: string] } = {
  'case.file': ['立案', 'files'],
  'case.invite': ['邀请', 'invites'],
  'case.join': ['另一方加入', 'another party files'],
  'case.supply': ['提供', 'supplies'],
  'case.act': ['办理', 'acts'],
  'case.return': ['退回', 'returns'],
  'case.dispute': ['异议', 'disputes'],
  'case.conclude': ['办结', 'concludes'],
  'case.withdraw': ['撤回', 'withdraws'],
  'case.tick': ['时限已过', 'time has passed'],
  'claim.grant': ['占用', 'grants the claim'],
  'claim.deny': ['拒绝占用', 'denies the claim'],
}

type Grouped = Trace & { readonly times: number }

/** Equal deeds of one minute as one. */
function grouped(deeds: readonly Trace[]): readonly Grouped[] {
  const groups: Grouped[] = []
  for (const deed of deeds) {
    const at = groups.findIndex(
      ({ type, about, time }) =>
        type === deed.type && about === deed.about && momentOf(time) === momentOf(deed.time),
    )
    const known = groups[at]
    if (known === undefined) groups.push({ ...deed, times: 1 })
    else groups[at] = { ...known, times: known.times + 1 }
  }
  return groups
}
