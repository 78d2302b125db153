// The departments of a practice city as commands about match tickets reach them: in this process,
// or, while another one runs the city, by their books and registers beside it. There a word is kept
// and the running department hears it by itself.
import fs from 'node:fs'
import { join } from 'node:path'
import { openSqliteRegister } from '#adapters/registers'
import type { City } from '#apps/node/city'
import { memberLayout } from '#apps/node/city'
import type { SeenTicket } from '#apps/node/desk'
import { ticketsIn } from '#apps/node/desk'
import { MatchBook } from '#apps/node/matching'
import type { TicketDecision } from '#apps/node/matching'
import { decideBy, officerNamed, practiceBench } from '#apps/node/stewards'
import { needCity, openUnlessRunning } from '#apps/cli/city'
import { usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { ledgerNamed } from '#apps/cli/directory'
import { exits, Stop, text } from '#apps/cli/output'
import type { Office } from '#apps/cli/steward'
import { officeOf, unknownOfficer } from '#apps/cli/steward'

/** A ticket as a terminal has it. `cases` is null while another process knows what waits. */
export type Listed = SeenTicket & {
  readonly member: string
  readonly cases: readonly string[] | null
  readonly called?: readonly string[]
}

/** What came of a word; `wentOn` is null where the running department will hear of it. */
export type Worded = { readonly ticket: Listed; readonly wentOn: readonly string[] | null }

/** One department. */
export type Place = {
  readonly code: string
  /** Its officers; null where none is enrolled. */
  readonly office: Office | null
  tickets(isShown: boolean): Promise<readonly Listed[]>
  /** `kid`: the officer who signs, as `signerOf` names him. */
  decide(
    deciding: TicketDecision,
    kid: string | null,
  ): Promise<Worded | { readonly refused: string }>
}

/** Uses the departments of the city that the command names. */
export async function withPlaces<T>(
  ask: Ask,
  use: (places: readonly Place[]) => Promise<T>,
): Promise<T> {
  const directory = needCity(ask)
  const city = await openUnlessRunning(directory)
  if (city === null) return use(placesBeside(directory))
  try {
    await city.settle()
    return await use(placesIn(directory, city))
  } finally {
    await city.stop()
  }
}

/** The department of a code. */
export function placeOf(places: readonly Place[], code: string): Place {
  const place = places.find((each) => each.code === code)
  if (place !== undefined) return place
  const known = places.map((each) => each.code).join(' ')
  throw usage('cli/bad-value', 'MEMBER', [`可用：${known}`, `one of: ${known}`])
}

/** The kid of the officer whom a word names; null where the department has none to name. */
export function signerOf({ code, office }: Place, word: string | undefined): string | null {
  if (office === null) {
    if (word === undefined) return null
    throw new Stop({
      code: 'node/no-officers',
      exit: exits.usage,
      at: `--by ${word}`,
      text: text(
        `${code} 没有登记可签字的工作人员，没有人能签字`,
        `${code} has enrolled no officers: nobody can sign`,
      ),
      remedy: text(
        '登记工作人员；或不写 --by，以部门名义决定，单上注明未签字',
        'enrol officers; or leave --by out: then the department decides, and it is shown as unsigned',
      ),
    })
  }
  if (word === undefined) {
    const known = office.names.join(' ')
    throw new Stop({
      code: 'node/match-unsigned',
      exit: exits.usage,
      at: '--by',
      text: text('决定须由本部门工作人员签字', 'an officer of the department signs a decision'),
      remedy: text(`写明由谁：--by，现有：${known}`, `say with --by who; there are: ${known}`),
    })
  }
  const kid = officerNamed(word, code, office.kids)
  if (kid === null) throw unknownOfficer(`--by ${word}`, [office])
  return kid
}

function placesIn(directory: string, city: City): readonly Place[] {
  return [...city.members.values()].map(({ code, desk, officers }): Place => {
    return {
      code,
      office: officeOf(directory, city, code),
      tickets: async (isShown) => {
        const all = await desk.tickets(isShown ? { show: officers[0] ?? 'desk' } : {})
        return all.map((ticket) => ({ ...ticket, member: code }))
      },
      decide: async (deciding, by) => {
        const done = await desk.decideTicket({ ...deciding, by })
        if ('refused' in done) return { refused: done.refused[0]?.code ?? '' }
        await city.settle()
        return { ticket: { ...done.ticket, member: code }, wentOn: done.wentOn }
      },
    }
  })
}

function placesBeside(directory: string): readonly Place[] {
  const codes = fs.readdirSync(join(directory, 'members'))
  const ledger = ledgerNamed(directory)
  return codes
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((code): Place => {
      const { source, tickets: path } = memberLayout(directory, code, false)
      const office = officeOf(directory, null, code)
      const inBook = async <T>(use: (book: MatchBook) => T | Promise<T>): Promise<T> => {
        const bench = practiceBench(ledger, code, office?.registry ?? null)
        const book = new MatchBook(path, () => Date.now(), { bench })
        try {
          return await use(book)
        } finally {
          book.close()
        }
      }
      return {
        code,
        office,
        tickets: async (isShown) => {
          if (!fs.existsSync(path) || !fs.existsSync(source)) return []
          const register = openSqliteRegister(source)
          try {
            return await inBook(async (matching) => {
              const all = await ticketsIn({ matching, tables: { main: register } }, isShown)
              return all.map((ticket) => ({ ...ticket, member: code, cases: null }))
            })
          } finally {
            await register.close()
          }
        },
        decide: async (deciding, kid) => {
          if (!fs.existsSync(path)) return { refused: 'node/match-unknown-ticket' }
          return inBook(async (book) => {
            const refused = await decideBy(book, deciding, { kid, sign: office?.sign ?? null })
            const ticket = book.ticket(deciding.id)
            if (refused !== null || ticket === null) return { refused: refused ?? '' }
            return { ticket: { ...ticket, member: code, cases: null }, wentOn: null }
          })
        },
      }
    })
}
