// `lianban city tickets [MEMBER]` and `lianban city ticket MEMBER ID same|different|wrong`: what a
// steward is asked about the rows of his own register, and his word. A list names rows by where
// they were loaded from and shows no value unless that is asked for; a decision is kept with who
// gave it and why, in the department's own book and nowhere else.
import fs from 'node:fs'
import { join } from 'node:path'
import type { City, CityMember } from '#apps/node/city'
import type { DeskTicket } from '#apps/node/desk'
import { matchTexts } from '#apps/node/matching'
import type { Outcome } from '#apps/node/matching'
import { needDirectory, openHere } from '#apps/cli/city'
import { usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, tableLines, text } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import { outcomes, outcomeWords, stateWords, whyWords } from './words.ts'

/** Lists the tickets of a department, or of all. */
export async function listTickets(ask: Ask): Promise<Answer> {
  return inCity(ask, async (city) => {
    const { MEMBER: only } = ask.operands
    const members = only === undefined ? [...city.members.values()] : [memberOf(city, only)]
    const isShown = ask.flags.has('show')
    const all: (DeskTicket & { readonly member: string })[] = []
    for (const member of members) {
      const by = member.officers[0] ?? 'desk'
      const tickets = await member.desk.tickets(isShown ? { show: by } : {})
      all.push(...tickets.map((ticket) => ({ member: member.code, ...ticket })))
    }
    const listed = all.filter(({ state }) => state !== 'mended' || ask.flags.has('all'))
    const open = listed.filter(({ state }) => state === 'open').length
    return {
      data: { open, tickets: listed.map(dataOf) },
      lines: linesOf(ask.terminal, listed, open),
    }
  })
}

/** Takes a steward's word, and says how many applications went on. */
export async function decideTicket(ask: Ask): Promise<Answer> {
  const { MEMBER: code = '', ID: id = '', HOW: how = '' } = ask.operands
  const outcome = outcomes.find((each): each is Outcome => each === how)
  if (outcome === undefined) {
    throw usage('cli/bad-value', 'HOW', [
      `可用：${outcomes.join(' ')}`,
      `one of: ${outcomes.join(' ')}`,
    ])
  }
  return inCity(ask, async (city) => {
    const { current, by = '', reason = '' } = ask.values
    const row = current === undefined ? {} : { current }
    const again = ask.flags.has('again')
    const deciding = { id, outcome, by, reason, again, ...row }
    const done = await memberOf(city, code).desk.decideTicket(deciding)
    if ('refused' in done) throw refusal(done.refused[0]?.code ?? '', id)
    await city.settle()
    const { ticket, wentOn } = done
    const { terminal } = ask
    const word = terminal.words(...outcomeWords[outcome])
    return {
      data: { member: code, ...dataOf(ticket), wentOn },
      lines: [
        terminal.words(
          `${id} 已定：${word}；${wentOn.length} 件申请自动继续`,
          `${id} decided: ${word}; applications that went on: ${wentOn.length}`,
        ),
      ],
    }
  })
}

async function inCity(ask: Ask, use: (city: City) => Promise<Answer>): Promise<Answer> {
  const directory = needDirectory(ask)
  if (!fs.existsSync(join(directory, 'people.json'))) {
    throw new Stop({
      code: 'cli/not-found',
      exit: exits.failure,
      at: directory,
      text: text('这里没有练习城市', 'no practice city lies here'),
      remedy: text('先运行 lianban city load', 'run lianban city load first'),
    })
  }
  const city = await openHere(directory)
  try {
    await city.settle()
    return await use(city)
  } finally {
    await city.stop()
  }
}

function memberOf(city: City, code: string): CityMember {
  const member = city.members.get(code)
  if (member !== undefined) return member
  const known = [...city.members.keys()].join(' ')
  throw usage('cli/bad-value', 'MEMBER', [`可用：${known}`, `one of: ${known}`])
}

function refusal(code: string, at: string): Stop {
  const words = matchTexts[code]
  return new Stop({
    code,
    exit: exits.failure,
    at,
    ...(words === undefined ? {} : { text: text(words.zh, words.en) }),
  })
}

/** A ticket for programs: marks of rows say nothing to anybody outside. */
function dataOf(ticket: DeskTicket & { readonly member?: string }): object {
  const { id, member, why, state, table, opened, by, decision, earlier, cases } = ticket
  const rows = ticket.rows.map(({ row, from }) => ({ row, from }))
  const { shown: values, called } = ticket
  const more = { ...(values === undefined ? {} : { values }), ...(called ? { called } : {}) }
  return { id, member, why, state, table, opened, by, decision, earlier, cases, rows, ...more }
}

function linesOf(
  terminal: Terminal,
  tickets: readonly (DeskTicket & { readonly member: string })[],
  open: number,
): readonly string[] {
  const say = (words: readonly [string, string]): string => terminal.words(...words)
  const rows = tickets.flatMap((ticket): readonly (readonly string[])[] => {
    const { id, member, state, why, cases, decision } = ticket
    const word = decision === null ? '' : say(outcomeWords[decision.outcome])
    const head = [id, member, say(stateWords[state]), say(whyWords[why])]
    return [[...head, addresses(terminal, ticket), `${cases.length}`, word], ...shown(ticket)]
  })
  const heads = terminal.words(
    '编号 部门 状态 原因 行 等待 决定',
    'id member state why rows waiting decision',
  )
  const head = tickets.length === 0 ? [] : [heads.split(' ')]
  const sum = [
    `待核对单 ${tickets.length}，其中待定 ${open}`,
    `tickets: ${tickets.length}, open: ${open}`,
  ]
  return [...tableLines([...head, ...rows]), say(sum as [string, string])]
}

/** Rows by letter, with the row of the source from which each was loaded. */
function addresses(terminal: Terminal, { rows }: DeskTicket): string {
  const register = terminal.words('登记', 'register')
  return rows
    .map(({ row, from }) => `${row} ${from === null ? register : `${from.load}:${from.row}`}`)
    .join(', ')
}

function shown({ shown: rows = [], called = [] }: DeskTicket): readonly (readonly string[])[] {
  return [
    ...rows.map(({ row, code, names }) => ['', row, [...code, ...names].join(' ')]),
    ...called.map((each) => ['', '?', each]),
  ]
}
