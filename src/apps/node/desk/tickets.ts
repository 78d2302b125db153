// Match tickets on a steward's desk: what is asked of him, which cases wait for it, and his word,
// after which these go on by themselves. Rows are named by letters and by where they were loaded
// from; values are read from the department's own register, and only where the steward asks for
// them. Nothing of a ticket leaves the department.
import type { Dept, InboxLine, Tables } from '#apps/node/casework'
import { caseNow, slotKeysIn } from '#apps/node/casework'
import type { Department } from '#apps/node/department'
import type { Form, RawCell } from '#apps/node/mapping'
import { textIn } from '#apps/node/mapping'
import type { MatchBook, MatchTicket, TicketDecision } from '#apps/node/matching'
import type { Signing } from '#apps/node/stewards'
import { decideBy } from '#apps/node/stewards'
import type { No } from './filing.ts'
import { no } from './filing.ts'

/** A row as the register has it, for the eyes of its own steward. */
export type ShownRow = {
  readonly row: string
  readonly code: readonly string[]
  readonly names: readonly string[]
}

/** A ticket with its rows, where values were asked for. */
export type SeenTicket = MatchTicket & { readonly shown?: readonly ShownRow[] }

/** A ticket as it lies on the desk. */
export type DeskTicket = SeenTicket & {
  /** Cases that wait for the decision. */
  readonly cases: readonly string[]
  /** What the waiting applications say, where values were asked for. */
  readonly called?: readonly string[]
}

/** A steward's word, and the kid of the officer who signs it: null where none is enrolled. */
export type DeskDecision = TicketDecision & { readonly by: string | null }

/** What a steward's word led to. */
export type TicketDone = {
  readonly ticket: DeskTicket
  /** Cases that waited for it and go on. */
  readonly wentOn: readonly string[]
}

/** A department's tickets and the tables that they are about. */
type Shelf = Pick<Dept, 'matching' | 'tables'>

/** All tickets, open ones first, as the registers stand now; with the values of rows if asked. */
export async function ticketsIn(shelf: Shelf, isShown: boolean): Promise<readonly SeenTicket[]> {
  const { matching } = shelf
  if (matching === null) return []
  const rows = await rowsNow(shelf, matching)
  const tickets = matching.tickets()
  if (!isShown) return tickets
  return tickets.map((ticket) => {
    const shown = ticket.rows.flatMap(({ row, mark }) => {
      const found = rows.get(mark)
      return found === undefined ? [] : [{ row, ...found }]
    })
    return { ...ticket, shown }
  })
}

/**
 * The tickets with what waits for them. With `show`, the officer who looks, values are shown too,
 * and what is read of a case is written down before.
 */
export async function ticketsOn(
  dept: Dept,
  { show }: { readonly show?: string } = {},
): Promise<readonly DeskTicket[]> {
  const tickets = await ticketsIn(dept, show !== undefined)
  return Promise.all(
    tickets.map(async (ticket): Promise<DeskTicket> => {
      const lines = linesOf(dept, ticket.id)
      const cases = [...new Set(lines.map((line) => line.case))]
      const isAsked = show !== undefined && ticket.why === 'name-unlike'
      const called = isAsked ? await calledIn(dept, lines, show) : []
      return { ...ticket, cases, ...(called.length === 0 ? {} : { called }) }
    }),
  )
}

/** Has an officer sign his word, takes it, and has what waits for it go on. */
export async function decideTicket(
  department: Department,
  { by: kid, ...deciding }: DeskDecision,
): Promise<TicketDone | No> {
  const { dept } = department
  const { matching, officers } = dept
  if (matching === null) return no('node/match-unknown-ticket', deciding.id)
  const sign: Signing | null =
    officers === null ? null : (asked) => officers.approve({ posts: ['steward'], ...asked })
  const refused = await decideBy(matching, deciding, { kid, sign })
  if (refused !== null) return no(refused, deciding.id)
  const waited = [...new Set(linesOf(dept, deciding.id).map((line) => line.case))]
  for (const id of waited) await department.settle(id)
  // What was answered by an earlier word, and what others watch, is looked at again too.
  await department.lookAgain()
  await department.idle()
  const ticket = matching.ticket(deciding.id)
  if (ticket === null) return no('node/match-unknown-ticket', deciding.id)
  const cases = [...new Set(linesOf(dept, deciding.id).map((line) => line.case))]
  return { ticket: { ...ticket, cases }, wentOn: waited.filter((id) => !cases.includes(id)) }
}

function linesOf({ inbox }: Dept, ticket: string): readonly InboxLine[] {
  return inbox.lines().filter((line) => line.ticket === ticket)
}

type Found = { readonly code: readonly string[]; readonly names: readonly string[] }

/**
 * Reads the tables of the tickets once: what their rows say now, by mark. A ticket whose rows are
 * others by now is told so, and one that leaves nothing in doubt is over.
 */
async function rowsNow(shelf: Shelf, book: MatchBook): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>()
  const live = book.tickets().filter(({ state }) => state !== 'mended')
  for (const table of new Set(live.map((ticket) => ticket.table))) {
    const own = live.filter((ticket) => ticket.table === table)
    const marks = await scanned(shelf, book, { table, own, found })
    if (marks === null) continue
    for (const { id, why, rows } of own) {
      const before = rows.map(({ mark }) => mark)
      const standing = before.filter((mark) => found.has(mark))
      const now = why === 'names-differ' ? [...(marks.get(id) ?? [])] : standing
      // Whether a name is still unlike its row the next look-up says.
      if (why === 'name-unlike') continue
      if (now.length < 2) book.mend(id)
      else if (now.length !== before.length || standing.length !== before.length) {
        book.restate(id, now)
      }
    }
  }
  return found
}

async function scanned(
  shelf: Shelf,
  book: MatchBook,
  of: {
    readonly table: string
    readonly own: readonly MatchTicket[]
    readonly found: Map<string, Found>
  },
): Promise<ReadonlyMap<string, Set<string>> | null> {
  const place = registerOf(shelf, of.table)
  const columns = of.own.find((ticket) => ticket.columns !== null)?.columns ?? null
  if (place === null || columns === null) return null
  const described = await place.register.describe(place.table)
  const at = (column: string): number => described.columns.findIndex(({ name }) => name === column)
  const codes = columns.code.map(({ column, as }) => ({ at: at(column), as: as as Form }))
  const names = columns.names.map(at)
  const wanted = new Set(of.own.flatMap(({ rows }) => rows.map(({ mark }) => mark)))
  const ids = new Set(of.own.map(({ id }) => id))
  const byId = new Map<string, Set<string>>()
  await place.register.scan(place.table, (cells) => {
    const code = codes.map((each) => codeIn(cells[each.at] ?? null, each.as))
    const called = names.map((each) => String(cells[each] ?? ''))
    const mark = book.mark(of.table, code, called)
    const id = book.idOf({ why: 'names-differ', table: of.table, subject: code })
    if (ids.has(id)) byId.set(id, (byId.get(id) ?? new Set()).add(mark))
    if (ids.has(id) || wanted.has(mark)) of.found.set(mark, { code, names: called })
  })
  return byId
}

function codeIn(cell: RawCell, as: Form): string {
  return cell === null ? '' : textIn(as, cell)
}

/** The register in which a ticket's table lies; null where it cannot be read through. */
function registerOf(
  { tables }: Shelf,
  named: string,
): { readonly register: Tables; readonly table: string } | null {
  const name = Object.keys(tables).find((each) => named.startsWith(`${each}.`)) ?? 'main'
  const register = tables[name]
  const table = name === 'main' ? named : named.slice(name.length + 1)
  return register === undefined ? null : { register, table }
}

/** What waiting cases say of who it is: the keys by which they have it looked up. */
async function calledIn(
  dept: Dept,
  lines: readonly InboxLine[],
  by: string,
): Promise<readonly string[]> {
  const said: string[] = []
  for (const { case: id, item = '', ticket = '', element } of lines) {
    const now = caseNow(dept.port, id)
    if (now === null) continue
    const keys = now.compiled.blueprint.evidence[item]?.key ?? []
    const slots = new Set(keys.map((path) => path.split('.')[0] ?? ''))
    for (const slot of slots) {
      const records = dept.vault.find({ case: id, name: slot })
      const at = dept.clock.wallMs()
      await dept.vault.view(...records.map((each) => ({ at, by, record: each.id, for: ticket })))
      const [values = {}] = slotKeysIn(dept, now, slot, element) ?? []
      const texts = Object.values(values).filter((value) => typeof value === 'string')
      said.push(texts.join(' '))
    }
  }
  return [...new Set(said)]
}
