// The door of apps/cli/backup: copies of a ledger directory that can be trusted on the day.
export { verifyBackup } from './check.ts'
