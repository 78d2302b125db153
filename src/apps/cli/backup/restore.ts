// `lianban backup restore`: a checked backup into an empty directory, with the mark that keeps the
// node from signing checkpoints before its size is confirmed (invariant S7).
import fs from 'node:fs'
import { join } from 'node:path'
import { base64Decode, base64urlEncode } from '#base/bytes'
import { fsDisk } from '#adapters/storage'
import { exits, Stop, tableLines, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { parseSums, sumsName } from '#apps/cli/archive'
import { pathOf } from '#apps/cli/directory'
import { layoutOf } from '#apps/node/config'
import { writeRestoreMark } from '#apps/node/restore'
import { mustHold } from './check.ts'
import { mustBeEmpty } from './create.ts'
import { copyFile, factsName, filesBelow, syncTree } from './facts.ts'
import type { BackupFacts } from './facts.ts'

/** Runs `backup restore BACKUP --directory DIR`. */
export async function restoreBackup(ask: Ask): Promise<Answer> {
  const { terminal, operands, flags } = ask
  const backup = operands['BACKUP'] ?? ''
  const target = pathOf(ask)
  mustBeEmpty(target)
  const facts = mustHold(terminal, backup)
  if (!flags.has('dry-run')) restore(backup, target, facts)
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  return {
    data: { ok: true, directory: target, dryRun: flags.has('dry-run'), signs: false, ...facts },
    lines: [
      words(
        `已恢复 ${facts.ledger} 至高度 ${facts.height}（${facts.size} 条）`,
        `restored ${facts.ledger} to height ${facts.height} (${facts.size} entries)`,
      ),
      ...tableLines([
        [`  ${words('目录', 'directory')}`, target],
        [`  ${words('根', 'root')}`, facts.root],
      ]),
      words(
        '在确认之前不签检查点：lianban backup confirm',
        'no checkpoint is signed before: lianban backup confirm',
      ),
      ...(facts.keys ? [] : [words('请另行恢复密钥', 'bring the keys back yourself')]),
    ],
  }
}

function restore(backup: string, target: string, facts: BackupFacts): void {
  const layout = layoutOf(target)
  fs.mkdirSync(layout.ledger, { recursive: true, mode: 0o700 })
  const root = base64Decode(facts.root)
  // The mark comes first: if we crash here, what is half restored does not sign either.
  writeRestoreMark(fsDisk(layout.ledger), {
    ledger: facts.ledger,
    height: facts.height,
    size: facts.size,
    root: root === null ? '' : base64urlEncode(root),
    restored: Date.now(),
  })
  const sums = parseSums(new Uint8Array(fs.readFileSync(join(backup, sumsName))))
  const names = [...(filesBelow(backup)?.entries() ?? [])]
  for (const [name, size] of names) {
    if (name === sumsName || name === factsName) continue
    // Files of a backup stand where `layoutOf` has them. Each was checked a moment ago, and is
    // hashed again because this copy will be believed.
    const sum = copyFile(join(backup, name), join(target, name), size)
    if (sum !== sums?.get(name)) {
      throw new Stop({
        code: 'cli/backup-damaged',
        exit: exits.unverified,
        at: name,
        remedy: text('删除目标目录后重试', 'remove the target directory and try again'),
      })
    }
  }
  syncTree(target)
}
