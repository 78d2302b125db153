// Citizen identity numbers 公民身份号码 (GB 11643), 18 characters: area 6, birth date 8, sequence 3,
// check 1 (ISO 7064 MOD 11-2). They never stand on the ledger in the clear; this checks what a
// person types.

const WEIGHTS: readonly number[] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECKS = '10X98765432'
const BODY = /^[1-9][0-9]{16}$/
const DATE_AT = 6
// The first whole year of the Gregorian calendar.
const YEAR_MIN = 1583
const MONTH_DAYS: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The check character of the first 17 digits, or null when they are not 17 digits with a date. */
export function citizenIdCheck(body: string): string | null {
  if (!BODY.test(body) || !isDate(body.slice(DATE_AT, DATE_AT + 8))) return null
  let sum = 0
  for (let at = 0; at < WEIGHTS.length; at += 1) {
    sum += Number(body.charAt(at)) * (WEIGHTS[at] as number)
  }
  return CHECKS.charAt(sum % CHECKS.length)
}

/** Whether the text is a number with a real birth date and the right check character. */
export function isCitizenId(text: string): boolean {
  if (text.length !== WEIGHTS.length + 1) return false
  return citizenIdCheck(text.slice(0, WEIGHTS.length)) === text.charAt(WEIGHTS.length)
}

// YYYYMMDD, a day that the Gregorian calendar has.
function isDate(digits: string): boolean {
  const year = Number(digits.slice(0, 4))
  const month = Number(digits.slice(4, 6))
  const day = Number(digits.slice(6, 8))
  const days = MONTH_DAYS[month - 1]
  if (year < YEAR_MIN || days === undefined || day < 1) return false
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= (month === 2 && isLeap ? days + 1 : days)
}
