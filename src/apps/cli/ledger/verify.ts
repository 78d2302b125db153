// `lianban ledger verify`: the whole history read again from the journal's own files: the chain of
// frames, the digest of every block, every entry against its writes, the tree over them, the tiles
// on disk, the kept checkpoint, and, where one was saved earlier, that the history still is what it
// was then. It needs no domain code and may run beside a node.
import fs from 'node:fs'
import { join } from 'node:path'
import { base64Encode, base64urlEncode, equal, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import { judge, parseSignedCheckpoint } from '#ledger/prove'
import type { Checkpoint } from '#ledger/prove'
import { fsDisk, openCheckpointStore } from '#adapters/storage'
import { exits, Stop, tableLines, text } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import { readBounded } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { History } from '#apps/cli/archive'
import { closeSegments, directoryOf, framesOf, journalBytes } from '#apps/cli/directory'
import { openSegments } from '#apps/cli/directory'
import type { SegmentFile } from '#apps/cli/directory'
import { readPolicy } from '#apps/cli/verify'
import { TileCheck } from './tiles.ts'

/** A checkpoint that history must still agree with. */
type Pledge = { readonly from: string; readonly checkpoint: Checkpoint }

/** Runs `ledger verify`. */
export async function verifyLedger(ask: Ask): Promise<Answer> {
  const { layout, beginning } = directoryOf(ask)
  const pledges = pledgesOf(ask, layout.ledger, beginning.ledger)
  const segments = openSegments(layout.ledger)
  try {
    return walk(ask.terminal, { root: layout.ledger, segments, pledges })
  } finally {
    closeSegments(segments)
  }
}

/** The kept checkpoint and those that somebody saved earlier. */
function pledgesOf(ask: Ask, root: string, ledger: string): readonly Pledge[] {
  const pledges: Pledge[] = []
  const kept = fs.existsSync(root) ? openCheckpointStore(fsDisk(root)).newest : null
  if (kept !== null) pledges.push(pledgeOf('checkpoint', utf8Encode(kept.text), ledger))
  const policy = ask.values['policy'] === undefined ? null : readPolicy(ask.values['policy'])
  for (const path of ask.lists['from-checkpoint'] ?? []) {
    const note = readBounded(path, noteBytesMax)
    const judged = policy === null ? null : judge({ policy, note, nowMs: Date.now() })
    if (isRefusal(judged)) {
      throw new Stop({ code: judged.code, exit: exits.unverified, at: path })
    }
    pledges.push(pledgeOf(path, note, ledger))
  }
  return pledges
}

const noteBytesMax = 262_145

function pledgeOf(from: string, note: Bytes, ledger: string): Pledge {
  const signed = parseSignedCheckpoint(note)
  if (signed === null) {
    throw new Stop({ code: 'prove/malformed-checkpoint', exit: exits.unverified, at: from })
  }
  if (signed.checkpoint.origin !== ledger) {
    throw new Stop({ code: 'cli/other-ledger', exit: exits.unverified, at: from })
  }
  return { from, checkpoint: signed.checkpoint }
}

type Walk = {
  readonly root: string
  readonly segments: readonly SegmentFile[]
  readonly pledges: readonly Pledge[]
}

function walk(terminal: Terminal, { root, segments, pledges }: Walk): Answer {
  const history = new History({ sizes: pledges.map(({ checkpoint }) => checkpoint.size) })
  const tiles = new TileCheck(join(root, 'tiles'))
  const tell = terminal.progress('核对日志', 'reading the journal')
  const of = journalBytes(segments)
  let torn: number | null = null
  for (const found of framesOf(segments)) {
    if (found.kind === 'torn') {
      if (!found.last) throw damaged(found.at)
      torn = found.at
      break
    }
    const taken = history.take(found.bytes)
    if (isRefusal(taken)) {
      throw new Stop({ code: taken.code, exit: exits.unverified, at: taken.at })
    }
    for (const entry of taken.entries) tiles.take(entry)
    tell(found.end, of)
  }
  tell()
  const wrong = tiles.wrong()
  if (wrong !== null) {
    throw new Stop({
      code: 'cli/entry-differs',
      exit: exits.unverified,
      at: wrong,
      remedy: text('lianban ledger rebuild 可重建', 'lianban ledger rebuild makes it again'),
    })
  }
  for (const pledge of pledges) keep(history, pledge)
  return answerOf(terminal, { history, pledges, torn, tiles: tiles.count })
}

function damaged(at: number): Stop {
  return new Stop({
    code: 'storage/journal-corrupt',
    exit: exits.unverified,
    at: `position ${at}`,
    remedy: text(
      '不要删除任何文件；从备份或跟随者恢复',
      'remove nothing; restore from a backup or a follower',
    ),
  })
}

/** What was signed once must still be so. */
function keep(history: History, { from, checkpoint }: Pledge): void {
  const { size, root } = checkpoint
  const at = `${from}: size ${size}`
  if (history.head.size < size) {
    throw new Stop({
      code: 'cli/behind-checkpoint',
      exit: exits.unverified,
      at,
      text: text(
        `账本只有 ${history.head.size} 条，而检查点签过 ${size} 条`,
        `the ledger has ${history.head.size} entries, and ${size} were signed`,
      ),
      remedy: rewritten,
    })
  }
  const own = history.rootAt(size)
  if (own !== undefined && equal(own, root)) return
  throw new Stop({ code: 'cli/history-rewritten', exit: exits.unverified, at, remedy: rewritten })
}

const rewritten = text(
  '请保全目录与检查点作为证据，并与跟随者核对',
  'keep the directory and the checkpoint as evidence, and compare with a follower',
)

type Walked = {
  readonly history: History
  readonly pledges: readonly Pledge[]
  readonly torn: number | null
  readonly tiles: number
}

function answerOf(terminal: Terminal, { history, pledges, torn, tiles }: Walked): Answer {
  const { height, size, stateDigest } = history.head
  const root = base64Encode(history.frontier.root())
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const holds = words(
    '历史完整，与全部检查点一致',
    'history is whole and agrees with all checkpoints',
  )
  return {
    data: {
      ok: true,
      verified: true,
      ledger: history.ledger,
      height,
      size,
      root,
      stateDigest: base64urlEncode(stateDigest),
      tiles,
      checkpoints: pledges.map(({ from, checkpoint }) => ({ from, size: checkpoint.size })),
      torn,
    },
    lines: [
      `${terminal.paint('good', words('成立', 'holds'))}: ${holds}`,
      ...tableLines([
        [`  ${words('账本', 'ledger')}`, history.ledger ?? ''],
        [`  ${words('区块', 'blocks')}`, String(height)],
        [`  ${words('条目', 'entries')}`, String(size)],
        [`  ${words('根', 'root')}`, root],
        [`  ${words('状态摘要', 'state digest')}`, base64urlEncode(stateDigest)],
        [`  ${words('整片', 'full tiles')}`, String(tiles)],
        ...pledges.map(({ from, checkpoint }) => [
          `  ${words('检查点', 'checkpoint')}`,
          `${from} (${checkpoint.size})`,
        ]),
      ]),
      ...(torn === null
        ? []
        : [
            words(
              `  末尾有未写完的一帧（位置 ${torn}）：从未确认，启动时会被裁去`,
              `  an unfinished frame stands at the end (position ${torn}): never acknowledged, ` +
                'and cut away at the next start',
            ),
          ]),
    ],
  }
}
