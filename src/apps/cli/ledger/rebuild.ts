// `lianban ledger rebuild`, `scrub` and `snapshot`: what is derived is made again from the journal,
// compared with it, or written down. Rebuilding applies recorded writes and runs no domain code
// (invariant L5), so old outcomes stay what they were whatever the domains say today.
import fs from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { base64Encode, base64urlEncode } from '#base/bytes'
import { fsDisk, lockDirectory, openStores, scrub } from '#adapters/storage'
import type { ScrubFinding } from '#adapters/storage'
import { exits, Stop, tableLines, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { directoryOf, openAlone, withLedger } from '#apps/cli/directory'
import { derive, headJson } from '#apps/node/host'
import { domains } from '#apps/node/serve'

/** Folders below the ledger's root that the journal gives again. */
export const derivedFolders = [
  'snapshots',
  'state',
  'seen',
  'receipts',
  'index',
  'members',
  'tiles',
  'documents',
] as const

/** Runs `ledger rebuild`: destroys what is derived and makes it again. */
export async function rebuildLedger(ask: Ask): Promise<Answer> {
  const { terminal, flags } = ask
  const { layout, path } = directoryOf(ask)
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  if (flags.has('dry-run')) {
    const found = derivedFolders.filter((name) => fs.existsSync(join(layout.ledger, name)))
    return {
      data: { ok: true, dryRun: true, removes: found },
      lines: found.map((name) => `${words('将重建', 'would make again')}: ${join(path, name)}`),
    }
  }
  if (!flags.has('yes')) throw needsYes()
  const unlock = lockDirectory(layout.ledger)
  try {
    // If we crash here, fewer stores are derived, and the next start makes them from the journal.
    for (const name of derivedFolders) {
      fs.rmSync(join(layout.ledger, name), { recursive: true, force: true })
    }
    const disk = fsDisk(layout.ledger)
    const stores = openStores(disk, { seed: randomBytes(4).readUInt32BE() })
    try {
      const tell = terminal.progress('由日志重建', 'rebuilding from the journal')
      const { derived, head } = derive({ domains, progress: tell }, stores)
      tell()
      await stores.save({ mark: stores.journal.durable, head: headJson(head, derived) })
      const root = base64Encode(derived.frontier.root())
      const digest = base64urlEncode(head.stateDigest)
      return {
        data: {
          ok: true,
          height: head.height,
          size: head.size,
          records: stores.state.count,
          root,
          stateDigest: digest,
        },
        lines: [
          words(
            `已由 ${head.height} 个区块重建：${head.size} 条条目、${stores.state.count} 条记录`,
            `rebuilt from ${head.height} blocks: ${head.size} entries, ${stores.state.count} records`,
          ),
          ...tableLines([
            [`  ${words('根', 'root')}`, root],
            [`  ${words('状态摘要', 'state digest')}`, digest],
          ]),
        ],
      }
    } finally {
      stores.close()
    }
  } finally {
    unlock()
  }
}

/** The end of a destructive command without `--yes`. */
export function needsYes(): Stop {
  return new Stop({
    code: 'cli/needs-yes',
    exit: exits.usage,
    remedy: text(
      '先用 --dry-run 查看，确认后加 --yes',
      'look at it with --dry-run, then add --yes',
    ),
  })
}

/** Runs `ledger scrub`: reads everything that is stored and compares it with the journal. */
export async function scrubLedger(ask: Ask): Promise<Answer> {
  const { terminal } = ask
  const { stores, disk, close } = openAlone(directoryOf(ask))
  try {
    derive({ domains }, stores)
    const tell = terminal.progress('逐字节核对存储', 'reading everything that is stored')
    const run = scrub(disk, stores)
    let step = run.next()
    while (step.done !== true) {
      tell(step.value.done, step.value.of)
      step = run.next()
    }
    tell()
    const { frames, entries, bytes, findings } = step.value
    return {
      data: {
        ok: findings.length === 0,
        ...(findings.length === 0 ? {} : { code: 'cli/state-differs' }),
        frames,
        entries,
        bytes,
        findings,
      },
      lines: scrubLines(ask, findings, { frames, entries, bytes }),
      exit: findings.length === 0 ? exits.ok : exits.unverified,
    }
  } finally {
    close()
  }
}

function scrubLines(
  { terminal }: Ask,
  findings: readonly ScrubFinding[],
  read: { readonly frames: number; readonly entries: number; readonly bytes: number },
): readonly string[] {
  const { frames, entries, bytes } = read
  const said = terminal.words(
    `已读 ${frames} 个区块、${entries} 条条目、${bytes} 字节`,
    `read ${frames} blocks, ${entries} entries, ${bytes} bytes`,
  )
  if (findings.length === 0) {
    return [`${terminal.paint('good', terminal.words('完好', 'sound'))}: ${said}`]
  }
  return [
    `${terminal.paint('bad', terminal.words('有损坏', 'damaged'))}: ${said}`,
    ...tableLines(findings.map(({ file, code, detail }) => [`  ${file}`, code, detail])),
    `→ ${terminal.words(
      'journal 以外的损坏用 lianban ledger rebuild 重建；journal 须从备份或跟随者恢复',
      'what is not the journal is made again by lianban ledger rebuild; the journal is restored ' +
        'from a backup or a follower',
    )}`,
  ]
}

/** Runs `ledger snapshot`: writes the state down, so that the next start is quick. */
export async function snapshotLedger(ask: Ask): Promise<Answer> {
  return withLedger(ask, { writes: false }, async ({ host }) => {
    await host.snapshot()
    const { height, size } = host.head()
    return {
      data: { ok: true, height, size },
      lines: [
        ask.terminal.words(
          `已写快照：高度 ${height}，${size} 条`,
          `snapshot written at height ${height}, ${size} entries`,
        ),
      ],
    }
  })
}
