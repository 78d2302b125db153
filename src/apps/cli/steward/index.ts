// The door of apps/cli/steward: load files as commands find them, and officers as they name them.
export { checkDeclared, plain } from './declared-files.ts'
export { needConfirmed, packLoadFiles, readLoadFile } from './load-files.ts'
export type { Office } from './looking.ts'
export { lookersOf, needOffice, officeOf, unknownOfficer } from './looking.ts'
