// Values as cells that people read and write: yes and no in words, days as they are written, money
// in yuan with two places, subjects as code and name, lists apart by semicolons. Each writing is
// read back to the value that it came from, or is no cell at all.
import type { Json } from '#base/canonical'
import type { Field } from '#blueprint/grammar'
import { dayOfText } from '#blueprint/time'

const subjects = ['firm', 'holder', 'person']
const plain = [
  'certificate-id',
  'citizen-id',
  'enum',
  'member',
  'real-estate-unit',
  'service-item',
  'text',
  'uscc',
]

/** Whether a field has a form in one cell. */
export function isCellular({ is }: Field): boolean {
  return ['bool', 'day', 'fen', 'int', ...plain, ...subjects].includes(is)
}

/** A value as its cell; what is not there is an empty cell. */
export function cellOf(field: Field, value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  if (field.many !== undefined) {
    return Array.isArray(value) ? value.map((one) => oneCell(field, one)).join('；') : ''
  }
  return oneCell(field, value)
}

function oneCell({ is }: Field, value: Json): string {
  if (is === 'bool') return value === true ? '是' : '否'
  if (is === 'fen' && typeof value === 'number') return yuanOf(value)
  if (!isRecord(value)) return text(value)
  return `${text(value['code'])} ${text(value['name'])}`
}

export function isRecord(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function yuanOf(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** The value of a cell, or undefined where it cannot be read so. Untrusted. */
export function valueOf(field: Field, cell: string): Json | undefined {
  if (field.many === undefined) return oneValue(field, cell.trim())
  const parts = cell.split(/[；;]/).map((part) => part.trim())
  const values = parts.filter((part) => part !== '').map((part) => oneValue(field, part))
  return values.some((value) => value === undefined) ? undefined : (values as Json[])
}

function oneValue({ is, of }: Field, cell: string): Json | undefined {
  if (is === 'bool') return cell === '是' ? true : cell === '否' ? false : undefined
  if (is === 'int') return /^-?(?:0|[1-9]\d{0,14})$/.test(cell) ? Number(cell) : undefined
  if (is === 'fen') return fenOf(cell)
  if (is === 'day') return dayOfText(cell) === null ? undefined : cell
  if (is === 'enum') return of?.includes(cell) === true ? cell : undefined
  if (subjects.includes(is)) {
    const parts = /^(\S+)[ \u3000]+(\S.*)$/.exec(cell)
    return parts === null ? undefined : { code: parts[1] as string, name: parts[2] as string }
  }
  return plain.includes(is) && cell !== '' ? cell : undefined
}

function fenOf(cell: string): number | undefined {
  const parts = /^(-?)(\d{1,12})(?:\.(\d{2}))?$/.exec(cell.replaceAll(',', ''))
  if (parts === null) return undefined
  const fen = Number(parts[2]) * 100 + Number(parts[3] ?? '0')
  return parts[1] === '-' ? -fen : fen
}
