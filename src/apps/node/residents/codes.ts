// Codes of practice people, firms and homes: right in form, with check characters, and of areas
// that are none (county 119901, organisation area 000000), so that none of them is anybody's.
import { assert } from '#base/assert'
import { citizenIdCheck, isRealEstateUnit, usccCheck } from '#base/codes'

/** The county of all practice people and homes; no county of the country has this number. */
export const practiceCounty = '119901'

/** A citizen identity number. `born` is `YYYY-MM-DD`; the sequence is 0 to 999. */
export function citizenId(born: string, sequence: number): string {
  const body = practiceCounty + born.replaceAll('-', '') + String(sequence).padStart(3, '0')
  const check = citizenIdCheck(body)
  assert(check !== null, 'a practice number has the form of one')
  return body + check
}

/** The number of 15 digits that the same person had before 1999; only for births of 19xx. */
export function oldCitizenId(code: string): string {
  assert(code.slice(6, 8) === '19', 'numbers of 15 digits are of births before 2000')
  return code.slice(0, 6) + code.slice(8, 17)
}

/** What a practice code begins with: category, an area that is none, and of what kind it is. */
const practiceHeads = { firm: '91000000PRF', made: '91000000PG', member: '11000000PRM' } as const

/**
 * A unified social credit code with a serial of 1 to 999,999, of what is made of 1 to 9,999,999;
 * its letters say of what kind it is.
 */
export function practiceUscc(kind: keyof typeof practiceHeads, serial: number): string {
  const head = practiceHeads[kind]
  const body = head + String(serial).padStart(17 - head.length, '0')
  const check = usccCheck(body)
  assert(check !== null, 'a practice code has the form of one')
  return body + check
}

/** A real-estate unit code: building, floor and flat make it one of its own. */
export function unitCode(building: number, floor: number, flat: number): string {
  const parcel = String(building).padStart(5, '0')
  const unit = `${String(floor).padStart(4, '0')}${String(floor * 100 + flat).padStart(4, '0')}`
  const code = `${practiceCounty}001001GB${parcel}F${unit}`
  assert(isRealEstateUnit(code), 'a practice unit has the form of one')
  return code
}

/** A title number; no province is called 练. */
export function titleNo(year: number, serial: number): string {
  return `练(${year})练习区不动产权第${String(serial).padStart(7, '0')}号`
}
