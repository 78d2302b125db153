// The door of apps/cli/source: commands about what a department has.
export { trySourceFile } from './trying.ts'
