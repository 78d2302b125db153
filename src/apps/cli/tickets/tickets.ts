// `lianban city tickets [MEMBER]` and `lianban city ticket MEMBER ID same|different|wrong`: what a
// steward is asked about the rows of his own register, and his word. A list names rows by where
// they were loaded from and shows no value unless that is asked for; a decision is signed by an
// officer and kept with why, in the department's own book and nowhere else.
import { matchTexts } from '#apps/node/matching'
import type { Outcome } from '#apps/node/matching'
import { usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, text } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import { placeOf, signerOf, withPlaces } from './places.ts'
import type { Listed, Place, Worded } from './places.ts'
import { outcomes, outcomeWords, stateWords, whyWords } from './words.ts'

/** Lists the tickets of a department, or of all. */
export async function listTickets(ask: Ask): Promise<Answer> {
  return withPlaces(ask, async (places) => {
    const { MEMBER: only } = ask.operands
    const chosen = only === undefined ? places : [placeOf(places, only)]
    const all: Listed[] = []
    for (const place of chosen) all.push(...(await place.tickets(ask.flags.has('show'))))
    const listed = all.filter(({ state }) => state !== 'mended' || ask.flags.has('all'))
    const open = listed.filter(({ state }) => state === 'open').length
    return {
      data: {
        open,
        tickets: listed.map((ticket) => {
          return dataOf(
            ticket,
            chosen.find(({ code }) => code === ticket.member),
          )
        }),
      },
      lines: linesOf(ask.terminal, listed, open),
    }
  })
}

/** Has an officer sign his word, and says how many applications went on. */
export async function decideTicket(ask: Ask): Promise<Answer> {
  const { MEMBER: code = '', ID: id = '', HOW: how = '' } = ask.operands
  const outcome = outcomes.find((each): each is Outcome => each === how)
  if (outcome === undefined) {
    const known = outcomes.join(' ')
    throw usage('cli/bad-value', 'HOW', [`可用：${known}`, `one of: ${known}`])
  }
  return withPlaces(ask, async (places) => {
    const { current, by, reason = '' } = ask.values
    const row = current === undefined ? {} : { current }
    const again = ask.flags.has('again')
    const place = placeOf(places, code)
    const kid = signerOf(place, by)
    const done = await place.decide({ id, outcome, reason, again, ...row }, kid)
    if ('refused' in done) throw refusal(done.refused, id)
    const { ticket, wentOn } = done
    const signed = signedLine(ask.terminal, place, kid)
    return {
      data: { ...dataOf(ticket, place), wentOn },
      lines: [wordedLine(ask.terminal, outcome, done), signed],
    }
  })
}

function wordedLine(terminal: Terminal, outcome: Outcome, { ticket, wentOn }: Worded): string {
  const { id } = ticket
  const word = terminal.words(...outcomeWords[outcome])
  if (wentOn === null) {
    return terminal.words(
      `${id} 已定：${word}；正在运行的部门节点稍后自动继续`,
      `${id} decided: ${word}; the department that runs goes on by itself`,
    )
  }
  return terminal.words(
    `${id} 已定：${word}；${wentOn.length} 件申请自动继续`,
    `${id} decided: ${word}; applications that went on: ${wentOn.length}`,
  )
}

/** Who has signed, or that nobody could. */
function signedLine(terminal: Terminal, place: Place, kid: string | null): string {
  const { code } = place
  if (kid === null) {
    return terminal.words(
      `未签字：${code} 没有登记工作人员，此决定以部门名义保存`,
      `not signed: ${code} has enrolled no officers, the word is kept as the department’s own`,
    )
  }
  const name = nameOf(place, kid)
  return terminal.words(`已由 ${name} 签字`, `signed by ${name}`)
}

function nameOf({ office }: Place, kid: string): string {
  return office?.names[office.kids.indexOf(kid)] ?? kid
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
function dataOf(ticket: Listed, place: Place | undefined): object {
  const { id, member, why, state, table, opened, by, uncounted, earlier, cases } = ticket
  const kid = ticket.decision?.by ?? null
  const name = kid === null || place === undefined ? kid : nameOf(place, kid)
  const decision = ticket.decision === null ? null : { ...ticket.decision, by: name, kid }
  const rows = ticket.rows.map(({ row, from }) => ({ row, from }))
  const { shown: values, called } = ticket
  const more = { ...(values === undefined ? {} : { values }), ...(called ? { called } : {}) }
  const known = { id, member, why, state, table, opened, by, decision, uncounted, earlier }
  return { ...known, cases, rows, ...more }
}

/** The column of how many applications wait. */
const waiting = 4

function linesOf(terminal: Terminal, tickets: readonly Listed[], open: number): readonly string[] {
  const say = (words: readonly [string, string]): string => terminal.words(...words)
  const rows = tickets.flatMap((ticket): readonly (readonly string[])[] => {
    const { id, member, why, cases } = ticket
    const states = stateOf(terminal, ticket)
    const count = cases === null ? '?' : String(cases.length)
    const from = addresses(terminal, ticket)
    return [[id, member, states, say(whyWords[why]), count, from], ...shown(ticket)]
  })
  const heads = terminal.words('编号 部门 状态 原因 等待 行', 'id member state why waiting rows')
  const head = tickets.length === 0 ? [] : [heads.split(' ')]
  const sum = terminal.words(
    `待核对单 ${tickets.length}，其中待定 ${open}`,
    `tickets: ${tickets.length}, open: ${open}`,
  )
  return [...terminal.table([...head, ...rows], { numbers: [waiting] }), sum]
}

/** What became of a ticket: the word, that nobody signed it, or why the last does not count. */
function stateOf(terminal: Terminal, { state, decision, uncounted }: Listed): string {
  const say = (words: readonly [string, string]): string => terminal.words(...words)
  if (decision !== null) {
    const word = say(outcomeWords[decision.outcome])
    return decision.by === null ? `${word} (${terminal.words('未签字', 'unsigned')})` : word
  }
  return uncounted === null ? say(stateWords[state]) : `${say(stateWords[state])} (${uncounted})`
}

/** Rows by letter, with the row of the source from which each was loaded. */
function addresses(terminal: Terminal, { rows }: Listed): string {
  const register = terminal.words('登记', 'register')
  return rows
    .map(({ row, from }) => `${row} ${from === null ? register : `${from.load}:${from.row}`}`)
    .join(', ')
}

function shown({ shown: rows = [], called = [] }: Listed): readonly (readonly string[])[] {
  const under = (row: string, values: readonly string[]): readonly string[] => {
    return ['', '', '', '', '', `${row} ${values.map(harmless).join(' ')}`]
  }
  return [
    ...rows.map(({ row, code, names }) => under(row, [...code, ...names])),
    ...called.map((each) => under('?', [each])),
  ]
}

/** Values come from registers and applications: nothing in them steers a terminal. */
function harmless(value: string): string {
  return value.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
}
