// The door of apps/cli/worklist: what waits as a file, and the file that comes back.
export { takeAnswers, writeWorklist } from './worklist.ts'
