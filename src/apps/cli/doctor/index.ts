// The door of apps/cli/doctor: the state of a machine and its ledger, with remedies.
export { runDoctor } from './doctor.ts'
export type { Finding, Level } from './findings.ts'
export { worst } from './findings.ts'
export { clockFinding, permissionFinding, portFinding } from './machine.ts'
export { runtimeFinding, spaceFinding } from './machine.ts'
