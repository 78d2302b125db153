// The door of apps/node/problems: how a no looks over HTTP.
export { nodeCodes } from './codes.ts'
export type { Language, ProblemParts } from './problems.ts'
export { languageOf, problemCodes, problemText, retryAfterOf } from './problems.ts'
export { statusOf, titleOf } from './problems.ts'
