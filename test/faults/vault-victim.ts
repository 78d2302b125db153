// The process that is killed with its vault. It stores and erases records without end and prints
// what the vault answered for, a line each, until it dies at the operation that it was told.
import { writeSync } from 'node:fs'
import process from 'node:process'
import { lockDirectory } from '#adapters/storage'
import { openVault } from '#adapters/vault'
import { homeTitle, recordId, vaultKek } from '#test/vault-records'
import { mortalDisk } from './mortal-disk.ts'

const [directory = '', at = '0', side = 'before', kind = 'write', first = '0'] =
  process.argv.slice(2)
const vault = openVault({
  disk: mortalDisk(directory, { at: Number(at), side, kind }),
  lock: () => lockDirectory(directory),
  member: 'housing',
  kek: vaultKek,
  segmentBytes: 20_000,
})
const say = (what: string, n: number): void => void writeSync(1, `${what} ${n}\n`)

for (let n = Number(first); n < Number(first) + 200; n += 5) {
  const burst = [n, n + 1, n + 2, n + 3, n + 4]
  await Promise.all(burst.map((each) => vault.put(homeTitle(each)).then(() => say('stored', each))))
  if (n % 3 !== 0) continue
  say('erasing', n + 1)
  await vault.erase(recordId(n + 1), 'law')
  say('erased', n + 1)
}
await vault.close()
