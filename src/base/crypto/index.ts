// The door of base/crypto in code that needs nothing but the language (@noble): hashes and
// signature checks, all synchronous. `index.node.ts` is the same door over Node's own cryptography;
// vectors/crypto-*.json proves that both give the same verdicts.
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
} from './portable.ts'
