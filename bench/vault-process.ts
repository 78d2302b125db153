// A process that opens a vault and says how long that took and what it keeps in memory for it.
import process from 'node:process'
import { fsDisk } from '#adapters/storage'
import { openVault } from '#adapters/vault'
import { vaultKek } from '#test/vault-records'

const collect = (globalThis as { gc?: () => void }).gc
collect?.()
const before = process.memoryUsage().heapUsed
const start = performance.now()
const vault = openVault({
  disk: fsDisk(process.argv[2] ?? ''),
  member: 'housing',
  kek: vaultKek,
})
const ms = performance.now() - start
collect?.()
const bytes = (process.memoryUsage().heapUsed - before) / vault.size
process.stdout.write(JSON.stringify([ms, Math.round(bytes), vault.size]))
await vault.close()
