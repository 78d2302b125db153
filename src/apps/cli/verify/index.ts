// The door of apps/cli/verify: any artefact, offline, by a trust policy.
export { readPolicy, verify } from './verify.ts'
export { registryFormat } from './registry.ts'
export { gradeSentence } from './words.ts'
