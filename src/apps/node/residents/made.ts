// People and homes that stand beside real organisations and real sales in a loaded city: each
// follows from a serial number alone, so that loading again makes the same. It promises that no two
// serials, and nobody of the drawn population, share a number.
import { assert } from '#base/assert'
import { citizenId, oldCitizenId, practiceUscc, titleNo, unitCode } from './codes.ts'
import { Draw } from './draw.ts'
import { given } from './population.ts'

/** A made person as sectors' tables write her. */
export type MadePerson = {
  readonly code: string
  readonly name: string
  readonly oldCode: string | null
  readonly phone: string
  readonly letters: string
  /** GB/T 2261.2: 10 never married, 20 married. */
  readonly marriage: '10' | '20'
  readonly taxYears: number
  /** Number of a fund account, which counts nowhere. */
  readonly fund: string
}

/** A made home; its area is for whoever knows it. */
export type MadeHome = {
  readonly unit: string
  readonly certNo: string
  readonly address: string
  /** Square decimetres. */
  readonly area: number
  /** Day of registration, `YYYYMMDD`. */
  readonly issued: string
}

/** A made firm, or what no public file says of a real one. */
export type MadeFirm = {
  readonly code: string
  readonly name: string
  readonly taxNo: string
  readonly days: number
}

/** Births lie on the first 28 days of the months of forty years, so that each serial has a day. */
const birthYears = 40
const birthDays = birthYears * 12 * 28
/** Coprime to the days, so that serials that follow one another are born apart. */
const dayStep = 7919
/** Sequences of a day from here on belong to made people; the drawn ones begin at 1. */
const sequenceFirst = 500

/** People that can be made. */
export const madePeopleMax: number = birthDays * (1000 - sequenceFirst)
/** Homes that can be made: buildings from here on are theirs. */
const buildingFirst = 40_000
const homesOfBuilding = 100
export const madeHomesMax: number = (99_999 - buildingFirst) * homesOfBuilding
/** Firms that can be made. */
export const madeFirmsMax: number = 9_999_999

/** The person of a serial from 0 up to `madePeopleMax`. */
export function madePerson(serial: number): MadePerson {
  assert(serial >= 0 && serial < madePeopleMax, 'so many people are not made')
  const day = (serial * dayStep) % birthDays
  const sequence = sequenceFirst + Math.floor(serial / birthDays)
  const two = (value: number): string => String(value).padStart(2, '0')
  const month = Math.floor(day / 28) % 12
  const born = `${1955 + Math.floor(day / 336)}-${two(month + 1)}-${two((day % 28) + 1)}`
  const code = citizenId(born, sequence)
  const draw = new Draw(`made/person/${serial}`)
  return {
    code,
    name: `练${draw.of(given)}${draw.of(given)}`,
    oldCode: oldCitizenId(code),
    phone: `101${String(serial).padStart(8, '0')}`,
    letters: `练习区练习新村${serial + 1}号`,
    marriage: draw.of(['10', '20'] as const),
    taxYears: draw.between(5, 20),
    fund: `practice-fund-made-${serial + 1}`,
  }
}

/** The home of a serial from 0 up to `madeHomesMax`. */
export function madeHome(serial: number): MadeHome {
  assert(serial >= 0 && serial < madeHomesMax, 'so many homes are not made')
  const [building, rest] = [Math.floor(serial / homesOfBuilding), serial % homesOfBuilding]
  const [floor, flat] = [Math.floor(rest / 4) + 1, (rest % 4) + 1]
  const draw = new Draw(`made/home/${serial}`)
  const year = draw.between(1998, 2010)
  return {
    unit: unitCode(buildingFirst + building, floor, flat),
    certNo: titleNo(year, 5_000_000 + serial),
    address: `练习区练习新村${building + 1}号楼${floor * 100 + flat}室`,
    area: draw.between(4000, 14_000),
    issued: `${year}0506`,
  }
}

/** The firm of a serial from 0 up to `madeFirmsMax`; of a real one only its numbers are taken. */
export function madeFirm(serial: number): MadeFirm {
  assert(serial >= 0 && serial < madeFirmsMax, 'so many firms are not made')
  const draw = new Draw(`made/firm/${serial}`)
  return {
    code: practiceUscc('made', serial + 1),
    name: `练习第${serial + 1}号企业`,
    taxNo: `practice-tax-made-${String(serial + 1).padStart(6, '0')}`,
    days: draw.between(400, 7000),
  }
}
