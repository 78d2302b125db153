// A worklist: the lines of a desk that one act of one application waits with, as a sheet for a
// department whose only tool is a spreadsheet. Each row has a number and a check over everything
// that was shown, so that an answer to something else than lies on the desk now is found out.
import { base64urlEncode, utf8Encode } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { sha256 } from '#base/crypto'
import { fieldOf, valueFaults } from '#blueprint/grammar'
import type { EvidenceType, Field } from '#blueprint/grammar'
import { formOf } from '#blueprint/derive'
import type { Form, Source } from '#blueprint/derive'
import type { Known } from '#blueprint/judge'
import type { InboxLine } from '#apps/node/casework'
import type { Decided, Deciding, OpenLine } from '#apps/node/desk'
import { cellOf, isCellular, isRecord, valueOf } from './cells.ts'
import type { BadCell, WorklistCode } from './codes.ts'

/** What a worklist needs of a desk. */
export type WorkDesk = {
  inbox(): readonly InboxLine[]
  open(line: InboxLine, by?: string): Promise<OpenLine | null>
  decide(deciding: Deciding): Promise<Decided>
}

/** The act of a worklist, the application with its types, and who looks. */
export type WorkOf = { readonly source: Source; readonly act: string; readonly by: string }

/** Rows as cells; the first row is the header. */
export type Sheet = readonly (readonly string[])[]

type Column = {
  readonly title: string
  readonly is: 'answer' | 'check' | 'due' | 'number' | 'read' | 'typed'
  readonly item?: string
  readonly field?: Field
}

const done = '办理'
const notApplicable = '不适用'
const refusing = '不办：'

/** Thrown for an act that has no sheet. */
export class NoSheet extends Error {
  readonly code = 'node/worklist-no-sheet'
}

/** The sheet of an act: what waits for it now. Each look is noted like any other view. */
export async function outgoing(desk: WorkDesk, of: WorkOf): Promise<Sheet> {
  const columns = columnsOf(of)
  const rows: (readonly string[])[] = [columns.map(({ title }) => title)]
  for (const line of linesOf(desk, of)) {
    const open = await desk.open(line, of.by)
    if (open !== null && isOf(open, of)) rows.push(rowOf(columns, open))
  }
  return rows
}

function linesOf(desk: WorkDesk, { act }: WorkOf): readonly InboxLine[] {
  return desk.inbox().filter((line) => line.act === act && line.reason !== 'to-be-signed')
}

function isOf(open: OpenLine, { source }: WorkOf): boolean {
  return open.application === source.blueprint.id
}

function columnsOf({ source, act }: WorkOf): readonly Column[] {
  const form = formOf(source, act)
  const [page] = form.pages
  const cellular = page?.fields.every((field) => isCellular(field)) === true
  if (page === undefined || form.pages.length > 1 || page.many || !cellular) throw new NoSheet(act)
  return [
    { title: '编号', is: 'number' },
    { title: '期限', is: 'due' },
    ...readColumns(source, form),
    { title: `答复（${answersOf(form).join('、')}）`, is: 'answer' },
    ...page.fields.map((field): Column => {
      const title = `填写 ${page.item}.${field.id}${field.is === 'fen' ? '（元）' : ''}`
      return { title, is: 'typed', item: page.item, field }
    }),
    { title: '校验', is: 'check' },
  ]
}

function readColumns(source: Source, form: Form): readonly Column[] {
  return form.shown.flatMap(({ item, fields }) => {
    const declared = source.blueprint.evidence[item]?.type ?? ''
    const type: EvidenceType | undefined = source.types.get(declared)
    return fields.map((id): Column => {
      const field = type === undefined ? undefined : fieldOf(type, id)
      const title = `${item}.${id}${field?.is === 'fen' ? '（元）' : ''}`
      return { title, is: 'read', item, field: field ?? { id, is: 'text' } }
    })
  })
}

function answersOf(form: Form): readonly string[] {
  const noes = form.no.map(({ code }) => `${refusing}${code}`)
  return form.when === null ? [done, ...noes] : [done, notApplicable, ...noes]
}

function rowOf(columns: readonly Column[], open: OpenLine): readonly string[] {
  return columns.map((column) => {
    switch (column.is) {
      case 'number':
        return open.key
      case 'due':
        return open.due === undefined ? '' : new Date(open.due).toISOString().slice(0, 10)
      case 'check':
        return checkOf(open)
      case 'read':
        return readCell(column, open.shown)
      case 'answer':
        return ''
      case 'typed':
        return suggested(column, open.suggestion)
    }
  })
}

function readCell({ item = '', field }: Column, shown: Known | null): string {
  if (field === undefined || shown === null) return ''
  const records = shown.items[item]?.map(({ fields }) => fields) ?? shown.slots[item] ?? []
  return records
    .map((record) => cellOf(field, record[field.id]))
    .filter((cell) => cell !== '')
    .join('；')
}

function suggested({ field }: Column, suggestion: Json | undefined): string {
  if (field === undefined || !isRecord(suggestion)) return ''
  return cellOf(field, suggestion[field.id])
}

/** A check over the line and all that was shown for it: twelve characters. */
function checkOf({ key, shown, amount }: OpenLine): string {
  const all = { key, shown: shown as unknown as Json, amount: amount ?? null }
  return base64urlEncode(sha256(utf8Encode(encodeCanonical(all)))).slice(0, 12)
}

/** What came back: decisions that can be carried out, and every cell that is no answer. */
export type Incoming = {
  readonly decisions: readonly { readonly at: string; readonly deciding: Deciding }[]
  /** Rows without an answer: they stay on the desk. */
  readonly unanswered: number
  readonly bad: readonly BadCell[]
}

/** Reads a sheet that came back. Nothing is decided. Untrusted. */
export async function incoming(desk: WorkDesk, of: WorkOf, sheet: Sheet): Promise<Incoming> {
  const columns = columnsOf(of)
  const [header = [], ...rows] = sheet
  const fits = columns.every(({ title }, at) => header[at]?.trim() === title)
  if (!fits || header.slice(columns.length).some((cell) => cell.trim() !== '')) {
    return {
      decisions: [],
      unanswered: 0,
      bad: [{ at: 'A1', code: 'node/worklist-other-columns' }],
    }
  }
  const lines = new Map(linesOf(desk, of).map((line) => [line.key, line]))
  const seen = new Set<string>()
  const decisions: { at: string; deciding: Deciding }[] = []
  const bad: BadCell[] = []
  let unanswered = 0
  for (const [index, row] of rows.entries()) {
    const read = await readRow({ desk, of, columns, lines, seen }, row, index + 2)
    if (read === null) unanswered += 1
    else if ('deciding' in read) decisions.push({ at: `A${index + 2}`, deciding: read.deciding })
    else bad.push(...read.bad)
  }
  return { decisions, unanswered, bad }
}

type Reading = {
  readonly desk: WorkDesk
  readonly of: WorkOf
  readonly columns: readonly Column[]
  readonly lines: ReadonlyMap<string, InboxLine>
  readonly seen: Set<string>
}

type ReadRow = { readonly deciding: Deciding } | { readonly bad: readonly BadCell[] } | null

async function readRow(reading: Reading, row: readonly string[], at: number): Promise<ReadRow> {
  const { desk, of, columns, lines, seen } = reading
  const cell = (is: Column['is']): { readonly text: string; readonly at: string } => {
    const place = columns.findIndex((column) => column.is === is)
    return { text: (row[place] ?? '').trim(), at: `${letterOf(place)}${at}` }
  }
  const fault = (code: WorklistCode, where: string): ReadRow => ({ bad: [{ at: where, code }] })
  const [number, answer, check] = [cell('number'), cell('answer'), cell('check')]
  if (answer.text === '') return null
  const line = lines.get(number.text)
  if (line === undefined) return fault('node/worklist-unknown-line', number.at)
  if (seen.has(line.key)) return fault('node/worklist-twice', number.at)
  seen.add(line.key)
  const open = await desk.open(line, of.by)
  if (open === null || checkOf(open) !== check.text) {
    return fault('node/worklist-changed', check.at)
  }
  const form = formOf(of.source, of.act)
  if (!answersOf(form).includes(answer.text)) return fault('node/worklist-bad-answer', answer.at)
  const base = { case: line.case, act: of.act, officer: of.by }
  const element = line.element === undefined ? {} : { element: line.element }
  if (answer.text !== done) {
    const typed = typedCells(columns, row, at).filter(({ text }) => text !== '')
    // What the rule suggested may stand there; another text would be lost without a word.
    const asked = typed.filter(({ text, column }) => text !== suggested(column, open.suggestion))
    if (asked.length > 0) return fault('node/worklist-not-asked', asked[0]?.at ?? answer.at)
    const said =
      answer.text === notApplicable
        ? ({ notApplicable: true } as const)
        : { no: answer.text.slice(refusing.length) }
    return { deciding: { ...base, ...element, ...said } }
  }
  const value = valueIn(of, typedCells(columns, row, at))
  return 'bad' in value ? value : { deciding: { ...base, ...element, value: value.value } }
}

type Typed = { readonly column: Column; readonly text: string; readonly at: string }

function typedCells(columns: readonly Column[], row: readonly string[], at: number): Typed[] {
  return columns.flatMap((column, place) =>
    column.is === 'typed'
      ? [{ column, text: (row[place] ?? '').trim(), at: `${letterOf(place)}${at}` }]
      : [],
  )
}

function valueIn(
  { source }: WorkOf,
  typed: readonly Typed[],
): { readonly value: Json } | { readonly bad: readonly BadCell[] } {
  const value: { [field: string]: Json } = {}
  const bad: BadCell[] = []
  for (const { column, text, at } of typed) {
    const { field } = column
    if (field === undefined || (text === '' && field.optional === true)) continue
    const read = valueOf(field, text)
    if (read === undefined) bad.push({ at, code: 'node/worklist-bad-cell' })
    else value[field.id] = read
  }
  if (bad.length > 0) return { bad }
  const type = source.types.get(source.blueprint.evidence[typed[0]?.column.item ?? '']?.type ?? '')
  const faults = type === undefined ? [] : valueFaults(type, value)
  if (faults.length === 0) return { value }
  const places = typed.filter(({ column }) =>
    faults.some(({ path }) => path.split(/[.[]/)[0] === column.field?.id),
  )
  const where = places.length > 0 ? places : typed
  return { bad: where.map(({ at }) => ({ at, code: 'node/worklist-bad-cell' })) }
}

/** The letters of a column, counted from 0. */
function letterOf(place: number): string {
  const letter = String.fromCharCode(65 + (place % 26))
  return place < 26 ? letter : letterOf(Math.floor(place / 26) - 1) + letter
}
