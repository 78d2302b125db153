// How cells become values and how keys are written in a question. Real columns hold codes with
// spaces, full-width digits, identity numbers of fifteen digits, days in three spellings and money
// in yuan; each form reads what it names and refuses the rest. Nothing is guessed.
import { citizenIdCheck, isCitizenId, isUscc } from '#base/codes'
import type { Json } from '#base/canonical'
import { dayNumber, textOfDay } from '#blueprint/time'
import type { Form } from './mapping.ts'

/** A cell of a row. */
export type RawCell = string | number | null

const FULL_WIDTH_FIRST = 0xff01
const FULL_WIDTH_LAST = 0xff5e
const FULL_WIDTH_SHIFT = 0xfee0
const YES = ['1', 'y', 'yes', 'true', 't', '是']
const NO = ['0', 'n', 'no', 'false', 'f', '否']

/** The value of a cell in a form, undefined where the cell cannot be read so. */
export function readCell(form: Form, raw: string | number): Json | undefined {
  const text = typeof raw === 'number' ? String(raw) : trimmed(raw)
  switch (form) {
    case 'text':
      return text
    case 'code':
      return codeOf(text)
    case 'citizen':
      return citizenOf(text)
    case 'holder':
      return holderOf(text)
    case 'name':
      return nameOf(text)
    case 'int':
    case 'fen':
      return integerOf(text)
    case 'yuan':
      return fenOf(text)
    case 'day':
      return dayOf(text)
    case 'bool':
      return boolOf(text)
    case 'present':
      return true
  }
}

/** The one text of a value in a form; as it stands where it cannot be read so. */
export function textIn(form: Form, raw: string | number): string {
  const read = readCell(form, raw)
  return typeof read === 'string' || typeof read === 'number' ? String(read) : String(raw)
}

/** Whether two values are the same in a form. */
export function agrees(form: Form, a: Json, b: RawCell): boolean {
  if (b === null || (typeof a !== 'string' && typeof a !== 'number')) return false
  const read = readCell(form, a)
  return read !== undefined && read === readCell(form, b)
}

function trimmed(text: string): string {
  return narrow(text).trim()
}

// Full-width letters and digits as they come out of input methods.
function narrow(text: string): string {
  let out = ''
  for (const char of text) {
    const code = char.codePointAt(0) as number
    const wide = code >= FULL_WIDTH_FIRST && code <= FULL_WIDTH_LAST
    out += wide ? String.fromCodePoint(code - FULL_WIDTH_SHIFT) : char
  }
  return out
}

function codeOf(text: string): string | undefined {
  const code = text.replace(/[\s\u3000]/g, '').toUpperCase()
  return code === '' ? undefined : code
}

/** An identity number of 18 characters; one of 15 digits, given until 1999, is completed. */
function citizenOf(text: string): string | undefined {
  const code = codeOf(text)
  if (code === undefined) return undefined
  if (!/^\d{15}$/.test(code)) return isCitizenId(code) ? code : undefined
  const body = `${code.slice(0, 6)}19${code.slice(6)}`
  const check = citizenIdCheck(body)
  return check === null ? undefined : body + check
}

// A column that holds persons and firms alike, as deeds name their holders.
function holderOf(text: string): string | undefined {
  const code = codeOf(text)
  return code !== undefined && isUscc(code) ? code : citizenOf(text)
}

/**
 * How a key may stand in a column: an identity number of somebody born before 2000 also as the
 * fifteen digits that it had until 1999.
 */
export function spellings(form: Form, key: string | number): readonly (string | number)[] {
  const read = readCell(form, key)
  if (typeof read !== 'string' && typeof read !== 'number') return []
  const person = form === 'citizen' || (form === 'holder' && !isUscc(String(read)))
  if (!person || typeof read !== 'string' || read.slice(6, 8) !== '19') return [read]
  return [read, read.slice(0, 6) + read.slice(8, 17)]
}

// Spaces and the middle dots of names from other languages differ between registers, not persons.
function nameOf(text: string): string | undefined {
  const name = text.replace(/[\s\u3000]/g, '').replace(/[•‧∙⋅・･]/g, '·')
  return name === '' ? undefined : name
}

function integerOf(text: string): number | undefined {
  if (!/^-?(?:0|[1-9]\d*)$/.test(text)) return undefined
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : undefined
}

function fenOf(text: string): number | undefined {
  const grouped = /^\d{1,3}(?:,\d{3})+(?:\.|$)/.test(text)
  const plain = grouped ? text.replaceAll(',', '') : text
  const parts = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(plain)
  if (parts === null) return undefined
  const fen = Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0'))
  return Number.isSafeInteger(fen) ? fen : undefined
}

function dayOf(text: string): string | undefined {
  const parts = /^(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[ T]00:00(?::00)?)?$/.exec(text)
  if (parts === null || (parts[2] === '' && text.length !== 8)) return undefined
  const day = dayNumber(Number(parts[1]), Number(parts[3]), Number(parts[4]))
  return day === null ? undefined : textOfDay(day)
}

function boolOf(text: string): boolean | undefined {
  const word = text.toLowerCase()
  if (YES.includes(word)) return true
  return NO.includes(word) ? false : undefined
}
