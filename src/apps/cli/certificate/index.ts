// The door of apps/cli/certificate: certificates made, looked up and proven from the terminal.
export { issueCertificate } from './issue.ts'
export { proveCertificate } from './prove.ts'
export { showStatus } from './status.ts'
