// Unified social credit codes 统一社会信用代码 (GB 32100), 18 characters: department 1, category 1,
// area 6, organisation code 9, check 1. Every organisation in the ledger is named by one.

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const SHAPE = /^[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{9}$/
const BODY_SIZE = 17
const MODULUS = 31

/** The check character of the first 17 characters, or null when they have another shape. */
export function usccCheck(body: string): string | null {
  if (body.length !== BODY_SIZE || !SHAPE.test(body)) return null
  let sum = 0
  let weight = 1
  for (let at = 0; at < BODY_SIZE; at += 1) {
    sum += ALPHABET.indexOf(body.charAt(at)) * weight
    weight = (weight * 3) % MODULUS
  }
  // The outer remainder turns 31 into 0.
  return ALPHABET.charAt((MODULUS - (sum % MODULUS)) % MODULUS)
}

/** Whether the text is a code with the right check character. Upper case only. */
export function isUscc(text: string): boolean {
  if (text.length !== BODY_SIZE + 1) return false
  return usccCheck(text.slice(0, BODY_SIZE)) === text.charAt(BODY_SIZE)
}
