// Bytes as lower-case hexadecimal text, two digits a byte. There is one text for each byte string:
// upper case is refused.
import type { Bytes } from './order.ts'

const DIGITS = '0123456789abcdef'

/** Two lower-case digits a byte. */
export function hexEncode(bytes: Bytes): string {
  let text = ''
  for (const byte of bytes) text += DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15)
  return text
}

/** The bytes of lower-case hexadecimal text, else null. */
export function hexDecode(text: string): Bytes | null {
  if (text.length % 2 !== 0) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let at = 0; at < bytes.length; at += 1) {
    const high = digit(text.charCodeAt(2 * at))
    const low = digit(text.charCodeAt(2 * at + 1))
    if (high < 0 || low < 0) return null
    bytes[at] = (high << 4) | low
  }
  return bytes
}

function digit(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30
  if (unit >= 0x61 && unit <= 0x66) return unit - 0x57
  return -1
}
