// Codes of government service items 政务服务事项编码 (GB/T 39554.1-2020): a basic code of 13 digits;
// the implementation code of 31, which puts the USCC of the executing body before it; the handling
// item of 33, which puts two digits behind. None has a check character of its own; the USCC has.
import { isUscc } from './uscc.ts'

const BASIC = /^[0-9]{13}$/
const HANDLING_SUFFIX = /^[0-9]{2}$/
const USCC_SIZE = 18
const IMPLEMENTATION_SIZE = 31
const HANDLING_SIZE = 33

/** Whether the text is a basic, implementation or handling code. */
export function isServiceItem(text: string): boolean {
  return (
    isServiceItemBasic(text) || isServiceItemImplementation(text) || isServiceItemHandling(text)
  )
}

/** Whether the text is a basic code: 13 digits. */
export function isServiceItemBasic(text: string): boolean {
  return BASIC.test(text)
}

/** Whether the text is an implementation code: a valid USCC and a basic code. */
export function isServiceItemImplementation(text: string): boolean {
  if (text.length !== IMPLEMENTATION_SIZE) return false
  return isUscc(text.slice(0, USCC_SIZE)) && isServiceItemBasic(text.slice(USCC_SIZE))
}

/** Whether the text is a handling code: an implementation code and two digits. */
export function isServiceItemHandling(text: string): boolean {
  if (text.length !== HANDLING_SIZE) return false
  const isSuffixed = HANDLING_SUFFIX.test(text.slice(IMPLEMENTATION_SIZE))
  return isSuffixed && isServiceItemImplementation(text.slice(0, IMPLEMENTATION_SIZE))
}
