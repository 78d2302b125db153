// Identifiers of e-certificates 电子证照标识 (GB/T 36904-2018): an optional root, then type code 21
// (the USCC of the type's owner and a serial of 3), issuer, serial, version 3 and check 1, with
// dots between. The check is ISO 7064 MOD 37,36 over everything but the root and the dots.
import { isUscc } from './uscc.ts'

/** The root under which certificate identifiers stand as object identifiers. */
export const CERTIFICATE_ROOT = '1.2.156.3005.2.'

// The issuer is normally a USCC, but real identifiers carry an area code there as well.
const BODY = /^([0-9A-Z]{18})([0-9]{3})\.([0-9A-Z]{1,18})\.([0-9A-Z]{1,32})\.([0-9]{3})$/
const BODY_SIZE_MAX = 78
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const MODULUS = 36

/**
 * The check character of an identifier without its last part (`type.issuer.serial.version`, with or
 * without the root), or null when it has another shape.
 */
export function certificateIdCheck(body: string): string | null {
  const own = withoutRoot(body)
  if (own.length > BODY_SIZE_MAX) return null
  const owner = BODY.exec(own)?.[1]
  if (owner === undefined || !isUscc(owner)) return null
  let product = MODULUS
  for (const character of own) {
    if (character === '.') continue
    product = (product + DIGITS.indexOf(character)) % MODULUS || MODULUS
    product = (product * 2) % (MODULUS + 1)
  }
  return DIGITS.charAt((MODULUS + 1 - product) % MODULUS)
}

/** Whether the text is an identifier, with or without the root, with the right check character. */
export function isCertificateId(text: string): boolean {
  const checkAt = text.length - 1
  if (checkAt < 1 || text.charAt(checkAt - 1) !== '.') return false
  return certificateIdCheck(text.slice(0, checkAt - 1)) === text.charAt(checkAt)
}

function withoutRoot(text: string): string {
  return text.startsWith(CERTIFICATE_ROOT) ? text.slice(CERTIFICATE_ROOT.length) : text
}
