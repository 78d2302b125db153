// `lianban ledger export FILE`: the ledger up to its newest checkpoint as one archive that anybody
// can check without this ledger and without this program.
import fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { utf8Encode } from '#base/bytes'
import type { LedgerHost } from '#apps/node/host'
import { exits, Stop, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { writeArchive } from '#apps/cli/archive'
import { withLedger } from '#apps/cli/directory'

/** Runs `ledger export`. */
export async function exportLedger(ask: Ask): Promise<Answer> {
  const path = ask.operands['FILE'] ?? ''
  if (fs.existsSync(path)) {
    throw new Stop({ code: 'cli/not-empty', exit: exits.conflict, at: path })
  }
  return withLedger(ask, { writes: false }, ({ host }) => exportTo(ask, host, path))
}

function exportTo({ terminal }: Ask, host: LedgerHost, path: string): Answer {
  const kept = host.proofs.checkpoint()
  if (kept === null) {
    throw new Stop({
      code: 'cli/no-checkpoint',
      exit: exits.unavailable,
      remedy: text(
        '节点须持有账本密钥并已签过检查点',
        'the node must hold the log’s key and have signed a checkpoint',
      ),
    })
  }
  const tell = terminal.progress('写归档', 'writing the archive')
  const beside = join(dirname(path), `.${basename(path)}.new`)
  const file = openNew(beside)
  let sums: ReadonlyMap<string, string>
  try {
    sums = writeArchive(file, {
      ledger: host.ledger,
      checkpoint: utf8Encode(kept.text),
      size: kept.size,
      height: heightAt(host, kept.size),
      policy: host.registry.policyText(host.ledger, host.head().height),
      frame: (height) => host.proofs.frameBytes(height),
      tile: (id) => host.proofs.tile(id),
      progress: tell,
    })
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
  fs.renameSync(beside, path)
  tell()
  const bytes = fs.statSync(path).size
  return {
    data: { ok: true, file: path, bytes, size: kept.size, files: sums.size },
    lines: [
      terminal.words(
        `已导出 ${kept.size} 条条目到 ${path}（${bytes} 字节）`,
        `exported ${kept.size} entries to ${path} (${bytes} bytes)`,
      ),
      terminal.words(
        `核验：lianban verify ${path} --policy 您的策略`,
        `check it: lianban verify ${path} --policy YOUR-POLICY`,
      ),
    ],
  }
}

function openNew(path: string): number {
  try {
    return fs.openSync(path, 'w', 0o600)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Stop({
      code: 'cli/not-written',
      exit: exits.failure,
      at: path,
      text: text(`无法写入（${code}）`, `cannot be written (${code})`),
    })
  }
}

/** The height whose block ends at a size; checkpoints are signed at the end of blocks alone. */
function heightAt(host: LedgerHost, size: number): number {
  let low = 1
  let high = host.head().height
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (host.proofs.frame(middle).firstEntry < size) low = middle
    else high = middle - 1
  }
  return low
}
