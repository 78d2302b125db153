// The door of apps/cli/backup: copies of a ledger directory that can be trusted on the day.
export { checkBackup, verifyBackup } from './check.ts'
export { confirmRestore } from './confirm.ts'
export { createBackup } from './create.ts'
export { restoreBackup } from './restore.ts'
