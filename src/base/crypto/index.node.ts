// The door of base/crypto under Node: the same names and the same verdicts as `index.ts`, by
// OpenSSL.
export type { Algorithm, PublicJwk, PublicKey } from './keys.ts'
export type { Suite } from './suites.ts'
export { suites, suiteOf } from './suites.ts'
export {
  sha256,
  sha256Text,
  hmacSha256,
  constantTimeEqual,
  importPublicKey,
  verifySignature,
  verifyDer,
  thumbprint,
} from './native.node.ts'
