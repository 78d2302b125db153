// The door of base/codes: the national codes that commands carry, by shape and check character.
export type { CodeKind } from './code.ts'
export { codeKinds, isCode } from './code.ts'
export { isUscc, usccCheck } from './uscc.ts'
export { isCitizenId, citizenIdCheck } from './citizen-id.ts'
export { isRealEstateUnit, toRealEstateUnit } from './real-estate-unit.ts'
export { CERTIFICATE_ROOT, isCertificateId, certificateIdCheck } from './certificate-id.ts'
export {
  isServiceItem,
  isServiceItemBasic,
  isServiceItemImplementation,
  isServiceItemHandling,
} from './service-item.ts'
