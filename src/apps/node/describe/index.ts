// The door of apps/node/describe: the description of the node's interface.
export type { Described, Description } from './openapi.ts'
export { openapiText, pathOf } from './openapi.ts'
