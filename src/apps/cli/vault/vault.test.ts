// A vault looked after from the terminal: its key, its backups and what ails it.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fsDisk } from '#adapters/storage'
import { openKek, openVault } from '#adapters/vault'
import type { Vault } from '#adapters/vault'
import { Stop, Terminal } from '#apps/cli/output'
import type { Ask, Verb } from '#apps/cli/command'
import { homeTitle, recordId } from '#test/vault-records'
import {
  backupCommand,
  drillShares,
  dropKeys,
  inspectCommand,
  joinShares,
  listErasures,
} from './index.ts'
import { newKeyFile, newVault, restoreCommand, rotateKey, splitKeyFile } from './index.ts'

const root = fs.mkdtempSync(join(tmpdir(), 'lianban-cli-vault-'))
after(() => fs.rmSync(root, { recursive: true, force: true }))
const at = (name: string): string => join(root, name)
const terminal = new Terminal({ language: 'en', json: false, quiet: true, verbose: false })
const values = {
  vault: at('vault'),
  key: at('vault.key'),
  member: 'housing',
  values: at('copy/values'),
  keys: at('elsewhere/keys'),
}

async function run(verb: Verb['run'], more: Partial<Ask> = {}): Promise<string> {
  const ask: Ask = { terminal, operands: {}, lists: {}, flags: new Set(), env: {}, values, ...more }
  return (await verb(ask)).lines.join('\n')
}

const open = (path = values.vault): Vault =>
  openVault({ disk: fsDisk(path), member: 'housing', kek: openKek(values.key) })

const stops = (code: string): ((error: unknown) => boolean) => {
  return (error) =>
    (error instanceof Stop || error instanceof Error) && 'code' in error && error.code === code
}

test('a vault is made, looked after, backed up, lost and restored with its erasures', async () => {
  await run(newKeyFile, { operands: { FILE: values.key } })
  await assert.rejects(run(inspectCommand), stops('cli/not-found'))
  assert.ok(!fs.existsSync(values.vault))
  await run(newVault)
  await assert.rejects(run(newVault), stops('cli/not-empty'))
  const vault = open()
  for (const n of [1, 2, 3, 4]) await vault.put(homeTitle(n))
  await vault.close()
  assert.match(await run(backupCommand), /backed up 4 records/)
  const later = open()
  await later.erase(recordId(2), 'law')
  await later.put(homeTitle(5))
  await later.close()
  assert.match(await run(inspectCommand), /^4 records, 1 erased\n0 do not open/)
  const list = await run(listErasures)
  assert.equal(list, recordId(2))
  fs.writeFileSync(at('erased'), list)
  const again = { ...values, vault: at('again'), erased: at('erased') }
  const said = await run(restoreCommand, { values: again })
  assert.equal(said, 'restored 3 records, erased 1 again, lost 0')
  const restored = open(again.vault)
  assert.deepEqual(restored.get(recordId(3)), homeTitle(3))
  assert.equal(restored.get(recordId(2)), null)
  await restored.close()
  await assert.rejects(run(restoreCommand, { values: again }), stops('cli/not-empty'))
  const whole = { ...again, vault: at('whole'), since: values.vault }
  assert.match(await run(restoreCommand, { values: whole }), /^restored 4 records, erased 0 again/)
})

test('a key is changed, dropped, given into shares and put together again', async () => {
  await run(rotateKey)
  assert.equal(openKek(values.key).key(1)?.length, 32)
  await run(dropKeys)
  assert.equal(openKek(values.key).key(1), null)
  await run(splitKeyFile, {
    operands: { FILE: values.key },
    values: { need: '2', of: '3', into: at('shares') },
  })
  fs.rmSync(values.key)
  const operands = { FILE: values.key }
  const share = [at('shares/share-3')]
  await assert.rejects(run(joinShares, { operands, lists: { share } }), stops('vault/bad-share'))
  share.push(at('shares/share-1'))
  await run(joinShares, { operands, lists: { share } })
  assert.equal(await run(drillShares, { operands, lists: { share } }), 'these shares give the key')
  assert.match(await run(inspectCommand), /^4 records, 1 erased\n0 do not open/)
})

test('a mirror is filled, and its keys change with those of the vault', async () => {
  const both = { ...values, mirror: at('mirror') }
  await run(inspectCommand, { values: both })
  await run(rotateKey, { values: both })
  await run(dropKeys, { values: both })
  const alone = { ...values, vault: at('mirror') }
  assert.match(await run(inspectCommand, { values: alone }), /^4 records, 1 erased\n0 do not open/)
  await run(rotateKey)
  await run(dropKeys)
  const share = [at('shares/share-3'), at('shares/share-1')]
  const drill = { operands: { FILE: values.key }, lists: { share } }
  assert.match(await run(drillShares, drill), /of key 2, in use is 4/)
  await assert.rejects(run(inspectCommand, { values: both }), stops('vault/wrong-key'))
})

test('a vault with a damaged record is found, by its id', async () => {
  const path = at('vault/values/0000000000000000.seg')
  const bytes = fs.readFileSync(path)
  const vault = open()
  bytes[300] = (bytes[300] as number) ^ 1
  fs.writeFileSync(path, bytes)
  assert.throws(() => vault.get(recordId(1)), { code: 'vault/corrupt' })
  await vault.close()
  await assert.rejects(run(inspectCommand), stops('vault/log-corrupt'))
})
