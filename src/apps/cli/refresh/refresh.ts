// `lianban city scan`, `city announce` and `city accept`: what departments' sources are now against
// what they were, a change that is known beforehand, and a second person's word on a large one. A
// city that runs in another process is asked to do it. Nothing printed is a value of a row.
import { dayOfText, endOfDay } from '#blueprint/time'
import type { SourceState } from '#apps/node/attesting'
import type { City } from '#apps/node/city'
import { memberLayout, readPack } from '#apps/node/city'
import type { Outcome, Resting, Wished } from '#apps/node/refresh'
import { wish } from '#apps/node/refresh'
import { officerNamed } from '#apps/node/stewards'
import { needCity, openUnlessRunning } from '#apps/cli/city'
import { usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { needOffice, officeOf, unknownOfficer } from '#apps/cli/steward'
import { linesOf, refusalOf } from './words.ts'

/** What came of a look, by member. */
export type Looked = readonly {
  readonly member: string
  readonly states: readonly SourceState[]
  readonly resting: readonly Resting[]
}[]

/** A running city looks every few seconds; a large table takes longer. Milliseconds. */
const patienceMs = 60_000

/** Compares the sources of one member, or of all, with their last states. */
export async function scanSources(ask: Ask): Promise<Answer> {
  const { MEMBER: only } = ask.operands
  const looked = await inCity(ask, async ({ city, members, bookOf }) => {
    const chosen = only === undefined ? members : [needMember(members, only)]
    if (city !== null) {
      for (const member of chosen) await city.member(member).refresh.scan({ atOnce: true })
      await city.settle()
      // Whoever rests on a source is told by the ledger, whoever was asked for.
      return chosen.map((member) => lookOf(city, member))
    }
    return Promise.all(
      chosen.map(async (member) => {
        const { states, resting } = await asked(bookOf(member), { kind: 'scan' })
        return { member, states, resting }
      }),
    )
  })
  const states = looked.flatMap((each) => each.states)
  const open = states.filter(({ state }) => state === 'waits' || state === 'red')
  return {
    data: { open: open.length, members: looked.filter(isTold) },
    lines: linesOf(ask.terminal, looked.filter(isTold)),
    exit: open.length === 0 ? exits.ok : exits.conflict,
  }
}

/** Announces a change of a source, so that it does not alarm until a day is over. */
export async function announceChange(ask: Ask): Promise<Answer> {
  const { MEMBER: member = '', SOURCE: item = '' } = ask.operands
  const { until: day = '', reason = '' } = ask.values
  const number = dayOfText(day)
  if (number === null) {
    throw usage('cli/bad-value', '--until', ['写作 YYYY-MM-DD', 'a day as YYYY-MM-DD'])
  }
  const wished: Wished = { kind: 'announce', item, until: endOfDay(number), reason }
  const entry = await doAt(ask, member, wished)
  const { terminal } = ask
  return {
    data: { member, source: item, until: day, entry },
    lines: [
      terminal.words(
        `已公告：${item} 的变更在 ${day} 日终前不报警（账本条目 ${entry}）；理由只留在本部门`,
        `announced: until the end of ${day} a change of ${item} does not alarm (entry ${entry}); the reason stays in the department`,
      ),
    ],
  }
}

/** Takes a second person's word on a state that waits, or on columns that are others. */
export async function acceptSource(ask: Ask): Promise<Answer> {
  const { MEMBER: member = '', SOURCE: item = '' } = ask.operands
  const { seen = '', by: word } = ask.values
  const entry = await doAt(ask, member, (kids) => {
    const by = word === undefined ? null : officerNamed(word, member, kids)
    return { kind: 'confirm', item, seen, ...(by === null ? {} : { by }) }
  })
  const { terminal } = ask
  return {
    data: { member, source: item, seen, entry },
    lines: [
      terminal.words(
        `已认可：${item} 现在的状态计为有效，恢复答复（账本条目 ${entry}）`,
        `accepted: ${item} counts as it is now and answers again (entry ${entry})`,
      ),
    ],
  }
}

async function doAt(
  ask: Ask,
  code: string,
  wished: Wished | ((kids: readonly string[]) => Wished),
): Promise<number> {
  const spoken = await inCity(ask, async ({ city, members, bookOf, directory }) => {
    const member = needMember(members, code)
    const office = needOffice(officeOf(directory, city, member), member)
    const { by } = ask.values
    if (by !== undefined && officerNamed(by, member, office.kids) === null) {
      throw unknownOfficer(`--by ${by}`, [office])
    }
    const said = typeof wished === 'function' ? wished(office.kids) : wished
    if (city === null) return (await asked(bookOf(member), said)).spoken
    const { refresh } = city.member(member)
    const done = said.kind === 'announce' ? await refresh.announce(said) : null
    const spoken = said.kind === 'confirm' ? await refresh.confirm(said) : done
    await city.settle()
    return spoken
  })
  if (spoken !== null && 'entry' in spoken) return spoken.entry
  throw refusalOf(spoken?.code ?? 'node/source-unknown', `${code} ${ask.operands['SOURCE'] ?? ''}`)
}

type Place = {
  /** Null while another process runs it. */
  readonly city: City | null
  readonly directory: string
  readonly members: readonly string[]
  readonly bookOf: (member: string) => string
}

async function inCity<T>(ask: Ask, use: (place: Place) => Promise<T>): Promise<T> {
  const directory = needCity(ask)
  const city = await openUnlessRunning(directory)
  const members = readPack('beijing').members.map(({ code }) => code)
  const bookOf = (member: string): string => memberLayout(directory, member, false).sources
  try {
    await city?.settle()
    return await use({ city, directory, members, bookOf })
  } finally {
    await city?.stop()
  }
}

/** What comes of a wish in the process that runs the city. */
async function asked(path: string, wished: Wished): Promise<Outcome> {
  const outcome = await wish(path, wished, { ms: patienceMs, keeps: false })
  if (outcome !== null) return outcome
  throw new Stop({
    code: 'cli/unavailable',
    exit: exits.unavailable,
    text: text(
      '城市正在另一进程中运行，而它没有应答',
      'the city runs in another process, and that did not answer',
    ),
    remedy: text(
      '停下它再试，或以 --sources-seconds 让它定时查看数据',
      'stop it, or run it with --sources-seconds above 0',
    ),
  })
}

function lookOf(city: City, member: string): Looked[number] {
  const { refresh } = city.member(member)
  return { member, states: refresh.states(), resting: refresh.resting() }
}

function isTold({ states, resting }: Looked[number]): boolean {
  return states.length > 0 || resting.length > 0
}

function needMember(members: readonly string[], code: string): string {
  if (members.includes(code)) return code
  const known = members.join(' ')
  throw usage('cli/bad-value', 'MEMBER', [`可用：${known}`, `one of: ${known}`])
}
