// `lianban audit replay --from A --to B`: runs the commands of a stretch of history again, with the
// domain code of this release, and says exactly where the result differs from what was recorded.
// The state before the stretch comes from recorded writes, so a difference is in the stretch.
import { base64urlEncode, equal } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { assert } from '#base/assert'
import { isRefusal } from '#ledger/command'
import type { Value } from '#ledger/command'
import { decodeFrame, decodeWrites, documentsOf, idsOf, Machine, mapNameOf } from '#ledger/apply'
import type { Frame, RecordStore } from '#ledger/apply'
import type { Head } from '#ledger/order'
import { Maps } from '#ledger/prove'
import { replayFrame } from '#ledger/read'
import type { Divergence } from '#ledger/read'
import { inlineVerifier, Signing } from '#adapters/consensus'
import { journalStart } from '#adapters/storage'
import type { Stores } from '#adapters/storage'
import { exits, meaningIn, tableLines } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import { countOption, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { History } from '#apps/cli/archive'
import { directoryOf, openAlone } from '#apps/cli/directory'
import { codeVersion } from '#apps/node/host'
import { domains } from '#apps/node/serve'

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

/** State in memory as of a height, built from recorded writes alone. */
class Past {
  readonly history: History = new History()
  readonly #records: Map<string, string> = new Map()
  readonly #values: Map<string, Value> = new Map()
  readonly #ids: Map<string, number> = new Map()
  readonly #documents: Map<string, Bytes> = new Map()
  readonly #maps: Maps = new Maps()
  readonly #rules = domains.flatMap((domain) => domain.maps ?? [])
  readonly records: RecordStore = {
    get: (key) => this.#values.get(key),
    apply: (key, text) => this.#put(key, text),
  }

  /** Applies a recorded frame without running anything. Null when it does not hang together. */
  take(bytes: Bytes): boolean {
    const frame = this.history.take(bytes)
    if (isRefusal(frame)) return false
    if (holdsRoots(frame)) this.#maps.roots()
    for (const text of frame.writes) {
      for (const [key, value] of decodeWrites(text) ?? []) {
        const canonical = value === null ? null : encodeCanonical(value)
        this.#put(key, canonical)
        const map = mapNameOf(this.#rules, key)
        if (map !== null) this.#maps.change(map, key, canonical)
      }
    }
    for (const { member, id, notAfter } of idsOf(frame, this.records)) {
      this.#ids.set(`${member}/${id}`, notAfter)
    }
    this.#expire(frame.time)
    for (const [hash, document] of documentsOf(frame)) this.#documents.set(hash, document.slice())
    return true
  }

  machine(ledger: string, head: Head): Machine {
    return new Machine({
      ledger,
      code: codeVersion(),
      domains,
      records: this.records,
      window: {
        has: (member, id) => this.#ids.has(`${member}/${id}`),
        add: (member, id, notAfter) => void this.#ids.set(`${member}/${id}`, notAfter),
        expire: (time) => this.#expire(time),
      },
      maps: this.#maps,
      documents: (hash) => this.#documents.get(hash),
      signatures: new Signing(inlineVerifier(), this.records),
      head,
    })
  }

  keep(documents: ReadonlyMap<string, Bytes>): void {
    for (const [hash, bytes] of documents) this.#documents.set(hash, bytes)
  }

  #put(key: string, text: string | null): void {
    if (text === null) {
      this.#records.delete(key)
      this.#values.delete(key)
      return
    }
    this.#records.set(key, text)
    const value = decodeWrites(`[["${key}",${text}]]`)?.[0]?.[1]
    assert(value !== undefined && value !== null, 'a record reads back')
    this.#values.set(key, value)
  }

  #expire(time: number): void {
    for (const [id, notAfter] of this.#ids) if (notAfter < time) this.#ids.delete(id)
  }
}

function holdsRoots(frame: Frame): boolean {
  const last = frame.entries.at(-1)
  return last !== undefined && Buffer.from(last).toString('latin1').includes('"kind":"map-root"')
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
