// The door of apps/cli/command: commands as data, and how a command line becomes one.
export type { Ask, Operand, Option, Verb } from './spec.ts'
export { globalOptions } from './global.ts'
export { nearestOf } from './nearest.ts'
export type { Parsed } from './parse.ts'
export { parse, usage, verbOf } from './parse.ts'
export { completionScript, overview, usageLines } from './help.ts'
export { countOption, readBounded, readInput, timeOption } from './input.ts'
