// `lianban audit replay --from A --to B`: runs the commands of a stretch of history again, with the
// domain code of this release, and says exactly where the result differs from what was recorded.
// The state before the stretch comes from recorded writes, so a difference is in the stretch.
import { base64urlEncode, equal } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import { decodeFrame } from '#ledger/apply'
import type { Machine } from '#ledger/apply'
import { replayFrame } from '#ledger/read'
import type { Divergence } from '#ledger/read'
import { journalStart } from '#adapters/storage'
import type { Stores } from '#adapters/storage'
import { exits, meaningIn, tableLines } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import { countOption, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { directoryOf, openAlone } from '#apps/cli/directory'
import { codeVersion } from '#apps/node/host'
import { Past } from './past.ts'

/** Runs `audit replay`. */
export async function replayLedger(ask: Ask): Promise<Answer> {
  const directory = directoryOf(ask)
  const { stores, close } = openAlone(directory)
  try {
    const height = stores.journal.durable.height
    const from = countOption(ask, 'from', 1)
    const to = countOption(ask, 'to', height)
    if (from < 1 || to < from || to > height) {
      throw usage('cli/bad-value', `--from ${from} --to ${to}`, [
        `高度从 1 到 ${height}`,
        `heights are 1 to ${height}`,
      ])
    }
    const { ledger } = directory.beginning
    return replay(ask.terminal, { stores, ledger, from, to })
  } finally {
    close()
  }
}

type Stretch = {
  readonly stores: Stores
  readonly ledger: string
  readonly from: number
  readonly to: number
}

function replay(terminal: Terminal, { stores, ledger, from, to }: Stretch): Answer {
  const past = new Past()
  const tell = terminal.progress('重新执行', 'running again')
  let machine: Machine | null = null
  let entries = 0
  const releases = new Set<string>()
  for (const { mark, bytes } of stores.journal.frames(journalStart)) {
    if (mark.height > to) break
    tell(mark.height, to)
    if (mark.height < from) {
      if (past.take(bytes)) continue
      const what = { height: mark.height, what: 'frame' } as const
      return differs(terminal, what, releases)
    }
    machine ??= past.machine(ledger, past.history.head)
    const recorded = decodeFrame(bytes, machine.head().frameHash)
    if (!isRefusal(recorded)) releases.add(base64urlEncode(recorded.code))
    const result = replayFrame(machine, bytes)
    if ('what' in result) {
      tell()
      return differs(terminal, result, releases)
    }
    entries += result.applied.entries.length
    past.keep(result.applied.documents)
    machine.confirm(result.applied)
  }
  tell()
  return same(terminal, { from, to, entries, releases })
}

function otherReleases(releases: ReadonlySet<string>): readonly string[] {
  const own = codeVersion()
  return [...releases].filter((text) => {
    const code = Buffer.from(text, 'base64url')
    return !equal(new Uint8Array(code), own)
  })
}

type Same = {
  readonly from: number
  readonly to: number
  readonly entries: number
  readonly releases: ReadonlySet<string>
}

function same(terminal: Terminal, { from, to, entries, releases }: Same): Answer {
  const others = otherReleases(releases)
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  return {
    data: { ok: true, verified: true, from, to, entries, otherReleases: others },
    lines: [
      `${terminal.paint('good', words('一致', 'the same'))}: ${words(
        `高度 ${from} 至 ${to} 的 ${entries} 条条目、写入与摘要逐字节相同`,
        `${entries} entries, writes and digests of heights ${from} to ${to}, byte for byte`,
      )}`,
      ...releaseLines(terminal, others),
    ],
  }
}

function releaseLines(terminal: Terminal, others: readonly string[]): readonly string[] {
  return others.map((code) =>
    terminal.words(
      `  记录时运行的是另一版本：${code}`,
      `  another release ran when this was recorded: ${code}`,
    ),
  )
}

function differs(
  terminal: Terminal,
  divergence: Divergence,
  releases: ReadonlySet<string>,
): Answer {
  const { height, what, entry, refusal } = divergence
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const others = otherReleases(releases)
  const rows: string[][] = [
    [`  ${words('高度', 'height')}`, String(height)],
    [`  ${words('差异', 'what differs')}`, what],
    ...(entry === undefined ? [] : [[`  ${words('条目', 'entry')}`, String(entry)]]),
    ...(refusal === undefined
      ? []
      : [[`  ${refusal.code}`, meaningIn(terminal.language, refusal.code)]]),
  ]
  return {
    data: {
      ok: false,
      verified: false,
      code: 'cli/replay-differs',
      exit: exits.unverified,
      height,
      what,
      entry,
      refusal,
      otherReleases: others,
    },
    lines: [
      `${terminal.paint('bad', 'cli/replay-differs')}: ${meaningIn(
        terminal.language,
        'cli/replay-differs',
      )}`,
      ...tableLines(rows),
      ...releaseLines(terminal, others),
    ],
    exit: exits.unverified,
  }
}
