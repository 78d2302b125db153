// `lianban vault inspect|backup|restore`: what ails a vault, copies of it in two places, and the
// way back from them.
import fs from 'node:fs'
import { utf8Decode } from '#base/bytes'
import { fsDisk, lockDirectory } from '#adapters/storage'
import { backupVault, inspectVault, openKek, openVault, restoreVault } from '#adapters/vault'
import type { BackupTarget } from '#adapters/vault'
import { readInput } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { withVault } from './opening.ts'

const listBytesMax = 67_108_864

/** Runs `vault inspect`: reads every record. Exit 3 when one does not open. */
export async function inspectCommand(ask: Ask): Promise<Answer> {
  const { terminal } = ask
  const nowMs = Date.now()
  const { inspection, erased } = await withVault(ask, async ({ vault }) => ({
    inspection: inspectVault(vault, [], nowMs),
    erased: vault.erasures().length,
  }))
  const { records, unreadable, endless, overdue, held } = inspection
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const lines = [
    words(`${records} 条记录，${erased} 条已删除`, `${records} records, ${erased} erased`),
    words(`${unreadable.length} 条打不开`, `${unreadable.length} do not open`),
    words(`${endless} 份他人数据没有期限`, `${endless} copies of others’ data have no end date`),
    words(
      `${overdue} 条逾期未删，其中 ${held} 条被冻结`,
      `${overdue} are past their end date, ${held} of them held`,
    ),
  ]
  return {
    data: { ok: unreadable.length === 0, ...inspection, erased },
    lines: [...lines, ...unreadable.slice(0, 20).map((id) => `  ${id}`)],
    exit: unreadable.length === 0 ? exits.ok : exits.unverified,
  }
}

/** Runs `vault new`: an empty vault, where a department has not made its own yet. */
export async function newVault({ terminal, values }: Ask): Promise<Answer> {
  const { vault: root = '', key = '', member = '' } = values
  mustBeNew(root)
  const kek = openKek(key)
  await openVault({ disk: fsDisk(root), lock: () => lockDirectory(root), member, kek }).close()
  return {
    data: { ok: true, vault: root, member },
    lines: [
      terminal.words(`已为 ${member} 建立保险库 ${root}`, `made the vault of ${member} in ${root}`),
    ],
  }
}

/** Runs `vault erasures`: every id that was erased, one a line, to be kept apart from backups. */
export async function listErasures(ask: Ask): Promise<Answer> {
  const erasures = await withVault(ask, async ({ vault }) => vault.erasures())
  return { data: { ok: true, erasures }, lines: erasures.map(({ id }) => id) }
}

/** Runs `vault backup --values DIR --keys DIR`. */
export async function backupCommand(ask: Ask): Promise<Answer> {
  const { terminal } = ask
  const target = targetOf(ask)
  const records = await withVault(ask, async ({ vault, disk }) => {
    await backupVault(vault, disk, target, Date.now())
    return vault.size
  })
  return {
    data: { ok: true, records },
    lines: [
      terminal.words(
        `已备份 ${records} 条记录；密钥表三十日后作废，主密钥须另行保管`,
        `backed up ${records} records; the table of keys ends in thirty days; keep the key file elsewhere`,
      ),
    ],
  }
}

/** Runs `vault restore --erased FILE`: an id a line, as the ledger or the list of erasures says. */
export async function restoreCommand(ask: Ask): Promise<Answer> {
  const { terminal, values } = ask
  const { vault: root = '', key = '', member = '', erased = '', since } = values
  mustBeNew(root)
  const list = (utf8Decode(readInput(erased, listBytesMax)) ?? '').split('\n')
  const restored = restoreVault({
    to: fsDisk(root),
    from: targetOf(ask),
    ...(since === undefined ? {} : { since: fsDisk(since) }),
    erased: list.map((line) => line.trim()).filter((line) => line !== ''),
    member,
    kek: openKek(key),
    nowMs: Date.now(),
  })
  const { records, lost } = restored
  return {
    data: { ok: true, ...restored },
    lines: [
      terminal.words(
        `已恢复 ${records} 条记录，重做 ${restored.erased.length} 次删除，丢失 ${lost.length} 条`,
        `restored ${records} records, erased ${restored.erased.length} again, lost ${lost.length}`,
      ),
      ...lost.map((id) => `  ${id}`),
    ],
  }
}

function mustBeNew(root: string): void {
  if (!fs.existsSync(root) || fs.readdirSync(root).length === 0) return
  throw new Stop({
    code: 'cli/not-empty',
    exit: exits.conflict,
    at: root,
    remedy: text('请用空目录或新目录', 'name an empty directory or a new one'),
  })
}

function targetOf({ values }: Ask): BackupTarget {
  const { values: forValues = '', keys = '' } = values
  return { values: fsDisk(forValues), keys: fsDisk(keys) }
}
