// The leaves of schemas: texts that only a registry can give a meaning to. Each has a closed
// alphabet and a length, so that a sentence, a name of a person or a note cannot be one.
import { isCode } from '#base/codes'

const memberForm = /^[a-z][a-z0-9-]{1,31}$/
const nameForm = /^[a-z][A-Za-z0-9.-]{0,63}$/
const originForm = /^[a-z0-9.-]+(?:\/[a-z0-9.-]+)*$/
const certificateTypeForm = /^[0-9A-HJ-NP-RT-UW-Y]{18}[0-9]{3}$/
const originBytesMax = 128
const digestForm = formOf(32)
const idForm = formOf(16)
const formsByLength: Map<number, RegExp> = new Map()

/** A member's code: `[a-z][a-z0-9-]{1,31}`. */
export function isMemberCode(text: string): boolean {
  return memberForm.test(text)
}

/** A registered identifier of a type, class or item: `[a-z][A-Za-z0-9.-]{0,63}`. */
export function isName(text: string): boolean {
  return nameForm.test(text)
}

/** A ledger's origin or a DNS name as registered, at most 128 characters. */
export function isOrigin(text: string): boolean {
  return text.length <= originBytesMax && originForm.test(text)
}

/** A random id of 16 bytes: 22 characters of canonical base64url. */
export function isId(text: string): boolean {
  return idForm.test(text)
}

/** A SHA-256 or an RFC 7638 thumbprint: 43 characters of canonical base64url. */
export function isDigest(text: string): boolean {
  return digestForm.test(text)
}

/** A key's id: a thumbprint (43 characters) or a random registry id (22 characters). */
export function isKid(text: string): boolean {
  return idForm.test(text) || digestForm.test(text)
}

/** Canonical base64url of exactly so many bytes; `length` is a schema's, not a sender's. */
export function isBytes(text: string, length: number): boolean {
  let form = formsByLength.get(length)
  if (form === undefined) {
    form = formOf(length)
    formsByLength.set(length, form)
  }
  return form.test(text)
}

/** The form of canonical base64url of so many bytes: spare bits of the last character are zero. */
function formOf(length: number): RegExp {
  return new RegExp(`^${base64urlPattern(length)}$`)
}

/** The pattern of canonical base64url of so many bytes, as JSON Schema has it too. */
export function base64urlPattern(length: number): string {
  const characters = base64urlLength(length)
  if (length % 3 === 0) return `[A-Za-z0-9_-]{${characters}}`
  const last = length % 3 === 1 ? '[AQgw]' : '[AEIMQUYcgkosw048]'
  return `[A-Za-z0-9_-]{${characters - 1}}${last}`
}

/** Characters of the unpadded base64url of so many bytes. */
export function base64urlLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3)
}

/** Registered codes of organisations, items and certificate types; never of persons or things. */
export type RegisteredCode = 'uscc' | 'serviceItem' | 'certificateType'

/** Every kind of registered code that a command may carry. */
export const registeredCodes: readonly RegisteredCode[] = ['uscc', 'serviceItem', 'certificateType']

/** Whether a text is a registered code of this kind, its check character included. */
export function isRegisteredCode(kind: RegisteredCode, text: string): boolean {
  // GB/T 36904: a type of certificate is the USCC of the type's owner and three digits.
  if (kind === 'certificateType') {
    return certificateTypeForm.test(text) && isCode('uscc', text.slice(0, 18))
  }
  return isCode(kind === 'serviceItem' ? 'service-item' : kind, text)
}
