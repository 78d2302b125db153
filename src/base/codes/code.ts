// Code kinds by name, for schemas that say "this field is a code of that kind". A field that is a
// registered code is no free text.
import { isCertificateId } from './certificate-id.ts'
import { isCitizenId } from './citizen-id.ts'
import { isRealEstateUnit } from './real-estate-unit.ts'
import { isServiceItem } from './service-item.ts'
import { isUscc } from './uscc.ts'

/** The kinds of code that a field may have. */
export type CodeKind =
  | 'uscc'
  | 'citizen-id'
  | 'real-estate-unit'
  | 'certificate-id'
  | 'service-item'

const CHECKS: { readonly [kind in CodeKind]: (text: string) => boolean } = {
  uscc: isUscc,
  'citizen-id': isCitizenId,
  'real-estate-unit': isRealEstateUnit,
  'certificate-id': isCertificateId,
  'service-item': isServiceItem,
}

/** All kinds, in the order of their names. */
export const codeKinds: readonly CodeKind[] = Object.freeze([
  'certificate-id',
  'citizen-id',
  'real-estate-unit',
  'service-item',
  'uscc',
] as const)

/** Whether the text is a valid code of the kind. */
export function isCode(kind: CodeKind, text: string): boolean {
  return CHECKS[kind](text)
}
