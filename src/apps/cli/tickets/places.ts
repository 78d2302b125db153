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
import { needCity, openUnlessRunning } from '#apps/cli/city'
import { usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'

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
  tickets(isShown: boolean): Promise<readonly Listed[]>
  decide(deciding: TicketDecision): Promise<Worded | { readonly refused: string }>
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
    return await use(placesIn(city))
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

function placesIn(city: City): readonly Place[] {
  return [...city.members.values()].map(({ code, desk, officers }): Place => {
    return {
      code,
      tickets: async (isShown) => {
        const all = await desk.tickets(isShown ? { show: officers[0] ?? 'desk' } : {})
        return all.map((ticket) => ({ ...ticket, member: code }))
      },
      decide: async (deciding) => {
        const done = await desk.decideTicket(deciding)
        if ('refused' in done) return { refused: done.refused[0]?.code ?? '' }
        await city.settle()
        return { ticket: { ...done.ticket, member: code }, wentOn: done.wentOn }
      },
    }
  })
}

function placesBeside(directory: string): readonly Place[] {
  const codes = fs.readdirSync(join(directory, 'members'))
  return codes
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((code): Place => {
      const { source, tickets: path } = memberLayout(directory, code, false)
      const inBook = async <T>(use: (book: MatchBook) => T | Promise<T>): Promise<T> => {
        const book = new MatchBook(path, () => Date.now())
        try {
          return await use(book)
        } finally {
          book.close()
        }
      }
      return {
        code,
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
        decide: async (deciding) => {
          if (!fs.existsSync(path)) return { refused: 'node/match-unknown-ticket' }
          return inBook((book) => {
            const refused = book.decide(deciding)
            const ticket = book.ticket(deciding.id)
            if (refused !== null || ticket === null) return { refused: refused ?? '' }
            return { ticket: { ...ticket, member: code, cases: null }, wentOn: null }
          })
        },
      }
    })
}
