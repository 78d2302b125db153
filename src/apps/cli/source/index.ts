// The door of apps/cli/source: commands about what a department has.
export { compareSources } from './comparing.ts'
export { exportSource } from './exporting.ts'
export { matchSources } from './pairing.ts'
export { trySourceFile } from './trying.ts'
export { openSource, stopOf as stopOfSource } from './opening.ts'
export { remedyOf } from './remedies.ts'
