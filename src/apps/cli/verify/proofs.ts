// Artefacts that a trust policy alone decides: proofs of entries, evidence files, checkpoints, runs
// of frames, exports, and what a follower kept when it found a difference.
import fs from 'node:fs'
import { base64Encode, base64urlDecode, equal, utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical } from '#base/canonical'
import { isRefusal } from '#ledger/command'
import type { Refusal } from '#ledger/command'
import { judge, parseProofFile, verifyEvidence, verifyProofFile } from '#ledger/prove'
import type { TrustPolicy } from '#ledger/prove'
import type { Entry } from '#ledger/apply'
import type { Terminal } from '#apps/cli/output'
import { checkArchive, checkFrames, wholeFile } from '#apps/cli/archive'
import type { Walked } from '#apps/cli/archive'
import type { Finding } from './words.ts'

/** What a verification goes by. */
export type Judging = {
  readonly terminal: Terminal
  readonly policy: TrustPolicy
  readonly nowMs: number
}

/** A .tlog-proof over the entry in `entry`. */
export function findProof(
  { terminal, policy, nowMs }: Judging,
  file: Bytes,
  entry: Bytes,
): Finding | Refusal {
  const verdict = verifyProofFile({ entry, file, policy, nowMs })
  if (isRefusal(verdict)) return verdict
  const index = parseProofFile(file)?.index ?? 0
  return {
    kind: 'tlog-proof',
    verdict,
    holds: terminal.words(
      `此条目是账本的第 ${index} 条`,
      `this entry stands in the log at index ${index}`,
    ),
    rows: [[terminal.words('条目', 'entry'), String(index)]],
    data: { entry: index },
  }
}

/** A lianban-proof evidence file. */
export function findEvidence({ terminal, policy, nowMs }: Judging, file: Bytes): Finding | Refusal {
  const proven = verifyEvidence(file, policy, nowMs)
  if (isRefusal(proven)) return proven
  const { entry, record, verdict } = proven
  const rows: [string, string][] = []
  if (entry !== null) rows.push(...entryRows(terminal, entry.index, entry.content))
  if (record !== null) {
    const value = record.value ?? terminal.words('（无此记录）', '(no such record)')
    rows.push([terminal.words('记录', 'record'), `${record.map}: ${record.key}`])
    rows.push([terminal.words('内容', 'value'), value])
    rows.push([terminal.words('高度', 'height'), String(record.height)])
  }
  return {
    kind: 'evidence',
    verdict,
    holds: terminal.words('证据成立', 'the evidence holds'),
    rows,
    data: {
      entry: entry && { index: entry.index, height: entry.content.h, time: entry.content.t },
      record: record && { map: record.map, key: record.key, value: record.value },
    },
  }
}

function entryRows(terminal: Terminal, index: number, content: Entry): [string, string][] {
  const rows: [string, string][] = [
    [terminal.words('条目', 'entry'), String(index)],
    [terminal.words('区块', 'block'), String(content.h)],
    [terminal.words('账本时间', 'ledger time'), new Date(content.t).toISOString()],
  ]
  if ('result' in content) {
    rows.push([terminal.words('结果', 'result'), content.result.code])
  }
  return rows
}

/** A signed checkpoint; with `against`, another one of the same log that must not contradict it. */
export function findCheckpoint(
  judging: Judging,
  note: Bytes,
  against: Bytes | null,
): Finding | Refusal {
  const { terminal, policy, nowMs } = judging
  const verdict = judge({ policy, note, nowMs })
  if (isRefusal(verdict)) return verdict
  const { origin, size, root } = verdict.checkpoint!
  if (against !== null) {
    const other = judge({ policy, note: against, nowMs })
    if (isRefusal(other)) return { ...other, at: 'against' }
    const second = other.checkpoint!
    if (second.origin !== origin) return { code: 'prove/other-log' }
    if (second.size === size && !equal(second.root, root)) return { code: 'prove/split-view' }
  }
  return {
    kind: 'checkpoint',
    verdict,
    holds: terminal.words(
      `账本在 ${size} 条时的根确由其密钥签名`,
      `the log signed this root for its first ${size} entries`,
    ),
    rows: [[terminal.words('根', 'root'), base64Encode(root)]],
    data: { size, root: base64Encode(root) },
  }
}

/** A file of frames from the first one on, under a checkpoint. */
export function findFrames(judging: Judging, file: number, note: Bytes): Finding | Refusal {
  const tell = judging.terminal.progress('核对帧', 'checking frames')
  const walked = checkFrames([wholeFile(file)], note, { ...judging, progress: tell })
  tell()
  return isRefusal(walked) ? walked : walkedFinding(judging.terminal, 'frames', walked)
}

/** An export. */
export function findArchive(judging: Judging, file: number): Finding | Refusal {
  const tell = judging.terminal.progress('核对归档', 'checking the archive')
  const walked = checkArchive(wholeFile(file), { ...judging, progress: tell })
  tell()
  return isRefusal(walked) ? walked : walkedFinding(judging.terminal, 'archive', walked)
}

function walkedFinding(terminal: Terminal, kind: string, walked: Walked): Finding {
  const { height, size, root, verdict } = walked
  return {
    kind,
    verdict,
    holds: terminal.words(
      `全部 ${height} 个区块、${size} 条条目完整，且正是检查点所签的历史`,
      `all ${height} blocks and ${size} entries are whole, and are the history that was signed`,
    ),
    rows: [
      [terminal.words('区块', 'blocks'), String(height)],
      [terminal.words('根', 'root'), root],
    ],
    data: { height, size, root },
  }
}

/**
 * What a follower kept when it found a difference. It proves something against the log when it
 * carries a note that the log's key signed; everything else in it is the follower's word, to be
 * repeated by whoever replays the same frames.
 */
export function findDivergence(judging: Judging, file: Bytes): Finding | Refusal {
  const { terminal, policy, nowMs } = judging
  const text = utf8Decode(file)
  const value = text === null ? null : decodeCanonical(text, divergenceLimits)
  const facts = value as { readonly [name: string]: unknown } | null
  if (facts === null || facts['kind'] !== 'lianban-divergence') {
    return { code: 'cli/unknown-artefact' }
  }
  const { note, ownRoot, what, height } = facts
  const bytes = typeof note === 'string' ? base64urlDecode(note) : null
  const verdict = bytes === null ? null : judge({ policy, note: bytes, nowMs })
  if (isRefusal(verdict)) return verdict
  const rows: [string, string][] = [
    [terminal.words('差异', 'difference'), String(what)],
    [terminal.words('高度', 'height'), String(height)],
  ]
  if (verdict?.checkpoint) {
    rows.push([terminal.words('所签的根', 'root signed'), base64Encode(verdict.checkpoint.root)])
    if (typeof ownRoot === 'string') {
      const own = base64urlDecode(ownRoot)
      rows.push([terminal.words('跟随者的根', "follower's root"), own ? base64Encode(own) : ''])
    }
  }
  return {
    kind: 'divergence',
    verdict,
    holds:
      verdict === null
        ? terminal.words(
            '跟随者的陈述；请自行重放同一批帧核对',
            'the word of a follower; replay the same frames to check it',
          )
        : terminal.words('账本密钥确实签了这一检查点', 'the log’s key did sign this checkpoint'),
    rows,
    data: { what, height },
  }
}

const divergenceLimits = { depthMax: 4, membersMax: 64, lengthMax: 128 * 1024 * 1024 } as const

/** Runs an act on an open file. */
export function withFile<Result>(path: string, act: (file: number) => Result): Result {
  const file = fs.openSync(path, 'r')
  try {
    return act(file)
  } finally {
    fs.closeSync(file)
  }
}
