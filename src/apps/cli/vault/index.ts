// The door of apps/cli/vault: a department's vault and its key, looked after by hand.
export { drillShares, dropKeys, joinShares, newKeyFile, rotateKey, splitKeyFile } from './keys.ts'
export { backupCommand, inspectCommand, listErasures, newVault } from './upkeep.ts'
export { restoreCommand } from './upkeep.ts'
