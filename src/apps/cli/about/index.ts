// The door of apps/cli/about: what the program says of itself.
export { printCompletion, printConfig, showVersion } from './about.ts'
