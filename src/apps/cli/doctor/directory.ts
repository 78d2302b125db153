// The ledger's directory: its journal, its checkpoint, its keys and whatever keeps it from signing.
import fs from 'node:fs'
import { equal, utf8Encode } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import { gradeText, judge, parseSignedCheckpoint } from '#ledger/prove'
import type { TrustPolicy } from '#ledger/prove'
import { openFileStore } from '#adapters/keys'
import type { HeldKey } from '#adapters/keys'
import { Failure, fsDisk, lockDirectory, openCheckpointStore } from '#adapters/storage'
import { text } from '#apps/cli/output'
import { History } from '#apps/cli/archive'
import { closeSegments, framesOf, openSegments } from '#apps/cli/directory'
import type { Layout } from '#apps/node/config'
import { readRestoreMark } from '#apps/node/restore'
import type { Beginning } from '#apps/node/serve'
import type { Finding } from './findings.ts'
import { finding, plain } from './findings.ts'

/** Whether somebody works in the directory. */
export function lockFinding({ ledger }: Layout): Finding {
  const name = text('占用', 'in use')
  try {
    lockDirectory(ledger)()
    return finding('lock', 'ok', { name, said: text('无进程占用', 'by nobody') })
  } catch (failure) {
    if (!(failure instanceof Failure) || failure.code !== 'storage/locked') throw failure
    return finding('lock', 'ok', { name, said: plain(failure.message) })
  }
}

/** The whole journal walked, and the checkpoint that it must agree with. */
export function journalFindings(
  { ledger: root }: Layout,
  progress: (done?: number) => void,
): { readonly findings: readonly Finding[]; readonly time: number | null } {
  const name = text('日志', 'journal')
  const kept = keptIn(root)
  const history = new History({ sizes: kept === null ? [] : [kept.size] })
  const segments = openSegments(root)
  try {
    for (const found of framesOf(segments)) {
      if (found.kind === 'torn') {
        if (found.last) break
        return { findings: [broken(`position ${found.at}`)], time: history.head.time }
      }
      const taken = history.take(found.bytes)
      if (isRefusal(taken)) {
        return { findings: [broken(`${taken.code} ${taken.at ?? ''}`)], time: history.head.time }
      }
      progress(found.end)
    }
  } finally {
    closeSegments(segments)
    progress()
  }
  const { height, size, time } = history.head
  const whole = finding('journal', 'ok', {
    name,
    said: text(`${height} 个区块、${size} 条，完整`, `${height} blocks, ${size} entries, whole`),
  })
  return { findings: [whole, checkpointFinding(history, kept)], time }
}

function broken(at: string): Finding {
  return finding('journal', 'bad', {
    name: text('日志', 'journal'),
    said: text(`损坏：${at}`, `damaged: ${at}`),
    remedy: text(
      '不要删除任何文件；见 docs/operations/backup.md',
      'remove nothing; see docs/operations/backup.md',
    ),
  })
}

type Kept = { readonly size: number; readonly root: Uint8Array; readonly text: string }

function keptIn(root: string): Kept | null {
  const newest = openCheckpointStore(fsDisk(root)).newest
  const signed = newest === null ? null : parseSignedCheckpoint(utf8Encode(newest.text))
  return newest === null || signed === null ? null : { ...signed.checkpoint, text: newest.text }
}

function checkpointFinding(history: History, kept: Kept | null): Finding {
  const name = text('检查点', 'checkpoint')
  if (kept === null) {
    return finding('checkpoint', 'warn', {
      name,
      said: text('尚无', 'none yet'),
      remedy: text('节点须持有账本密钥', 'the node must hold the log’s key'),
    })
  }
  const own = history.rootAt(kept.size)
  if (own !== undefined && equal(own, kept.root)) {
    return finding('checkpoint', 'ok', { name, said: plain(`${kept.size}`) })
  }
  return finding('checkpoint', 'bad', {
    name,
    said: text(`大小 ${kept.size} 与日志不符`, `size ${kept.size} is not what the journal gives`),
    remedy: text('请保全目录作为证据', 'keep the directory as evidence'),
  })
}

/** Keys: which are held, in whose custody, and whether they may lie together. */
export function keyFindings({ keys }: Layout, { operator, practice }: Beginning): Finding[] {
  const name = text('密钥', 'keys')
  if (!fs.existsSync(keys)) {
    return [
      finding('keys', 'warn', {
        name,
        said: text('没有密钥目录', 'there is no directory of keys'),
        remedy: text('没有账本密钥就没有检查点', 'without the log’s key there are no checkpoints'),
      }),
    ]
  }
  let held: readonly HeldKey[]
  try {
    held = openFileStore(keys).list()
  } catch (failure) {
    const said = failure instanceof Error ? failure.message : String(failure)
    const sealed = said.startsWith('keys/passphrase-needed')
    return [finding('keys', sealed ? 'ok' : 'bad', { name, said: plain(said) })]
  }
  const uses = held.map(({ use, member }) => `${member}/${use}`)
  const findings = [finding('keys', 'ok', { name, said: plain(uses.join(', ')) })]
  const foreign = held.filter((key) => key.member !== operator && key.custody === 'own')
  if (foreign.length > 0) {
    findings.push(
      finding('custody', 'bad', {
        name: text('保管', 'custody'),
        said: plain(foreign.map(({ member, use }) => `${member}/${use}`).join(', ')),
        remedy: text(
          '他方密钥在运营方机器上却登记为自管：移走，或登记为 hosted',
          'keys of others lie on the operator’s machine as their own: move them, or register them ' +
            'as hosted',
        ),
      }),
    )
  } else if (!practice && held.some(({ custody }) => custody === 'hosted')) {
    findings.push(
      finding('custody', 'warn', {
        name: text('保管', 'custody'),
        said: text('此处代管他方密钥', 'keys of others are hosted here'),
        remedy: text('代管的共签不计入等级', 'hosted cosignatures raise no grade'),
      }),
    )
  }
  if (!held.some(({ use }) => use === 'log')) {
    findings.push(
      finding('log-key', 'warn', {
        name: text('账本密钥', 'log key'),
        said: text('此处没有', 'none is held here'),
        remedy: text('只读副本可忽略；否则不会有检查点', 'fine for a copy; a node signs nothing'),
      }),
    )
  }
  return findings
}

/** A restored directory that nobody has confirmed. */
export function restoreFinding({ ledger }: Layout): Finding | null {
  const mark = readRestoreMark(fsDisk(ledger))
  if (mark === null || mark.confirmed !== undefined) return null
  return finding('restored', 'warn', {
    name: text('恢复', 'restored'),
    said: text(
      `恢复至 ${mark.size} 条，尚未确认，不签检查点`,
      `restored at ${mark.size} entries and not confirmed: no checkpoint is signed`,
    ),
    remedy: plain('lianban backup confirm'),
  })
}

/** What the kept checkpoint is worth under a policy. */
export function policyFinding({ ledger }: Layout, policy: TrustPolicy, now: number): Finding {
  const name = text('信任策略', 'trust policy')
  const kept = keptIn(ledger)
  if (kept === null) {
    return finding('policy', 'warn', { name, said: text('尚无检查点', 'no checkpoint yet') })
  }
  const verdict = judge({ policy, note: utf8Encode(kept.text), nowMs: now })
  if (isRefusal(verdict)) {
    return finding('policy', 'bad', {
      name,
      said: plain(verdict.code),
      remedy: text(
        '策略与账本不符：核对账本密钥',
        'the policy does not fit this ledger: compare the log’s keys',
      ),
    })
  }
  const fresh = verdict.fresh !== false
  return finding('policy', fresh ? 'ok' : 'warn', { name, said: plain(gradeText(verdict)) })
}
