// The door of apps/node/certificates: making certificates and status lists with the keys of a
// department, and the files that prove them.
export type { CertificateOrder, PreparedCertificate } from './prepare.ts'
export { prepareCertificate, statusListToken, zlib } from './prepare.ts'
export type { Approve, Bringing, CertificateErrand, CertificateShelf } from './bring.ts'
export { bringCertificate, sayApproved } from './bring.ts'
export type { Certified, Certifying } from './certifying.ts'
export { certificatesOf, certify, certifying, halt } from './certifying.ts'
export type { EvidenceHost } from './evidence.ts'
export { certificateEvidence } from './evidence.ts'
