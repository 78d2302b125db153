// The door of apps/cli/demo: the story, and the rewriting of history that it shows.
export { runDemo } from './demo.ts'
export type { Rewrite } from './forge.ts'
export { forge } from './forge.ts'
export { readFrames, replaceHistory, treeOf } from './rewrite.ts'
