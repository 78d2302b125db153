// `lianban backup verify`: every file is the one of its sum, nothing is missing and nothing is
// there that nobody named, and the journal in it is whole and is the history that its checkpoint
// signed.
import fs from 'node:fs'
import { join } from 'node:path'
import { base64Encode, base64urlEncode, equal, utf8Encode } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import type { Refusal } from '#ledger/command'
import { judge, parseSignedCheckpoint } from '#ledger/prove'
import type { Verdict } from '#ledger/prove'
import { Failure, fsDisk, openCheckpointStore } from '#adapters/storage'
import { exits, Stop, tableLines } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { hashSlice, History, parseSums, sumsBytesMax, sumsName } from '#apps/cli/archive'
import { closeSegments, framesOf, openSegments } from '#apps/cli/directory'
import { derivedFolders } from '#apps/cli/ledger'
import { readPolicy } from '#apps/cli/verify'
import type { BackupFacts } from './facts.ts'
import { factsName, filesBelow, ledgerFolder, parseFacts } from './facts.ts'

/** Runs `backup verify DIR`, and `verify DIR` of a backup. */
export async function verifyBackup(ask: Ask): Promise<Answer> {
  const { terminal, operands, values } = ask
  const path = operands['BACKUP'] ?? operands['FILE'] ?? ''
  const facts = mustHold(terminal, path)
  const verdict = values['policy'] === undefined ? null : judgeKept(path, values['policy'])
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  return {
    data: {
      ok: true,
      verified: true,
      kind: 'backup',
      ...facts,
      ...(verdict === null ? {} : { grade: verdict.grade }),
    },
    lines: [
      `${terminal.paint('good', words('完好', 'sound'))}: ${words(
        `${facts.ledger} 的备份，高度 ${facts.height}，${facts.size} 条`,
        `a backup of ${facts.ledger}, height ${facts.height}, ${facts.size} entries`,
      )}`,
      ...tableLines([
        [`  ${words('创建于', 'created')}`, new Date(facts.created).toISOString()],
        [`  ${words('根', 'root')}`, facts.root],
        [`  ${words('状态摘要', 'state digest')}`, facts.stateDigest],
        [`  ${words('检查点', 'checkpoint')}`, String(facts.checkpoint ?? '-')],
        ...(verdict === null ? [] : [[`  ${words('等级', 'grade')}`, verdict.grade]]),
      ]),
    ],
  }
}

/** The facts of a sound backup; a `Stop` with exit code 3 otherwise. */
export function mustHold(terminal: Terminal, path: string): BackupFacts {
  const tell = terminal.progress('核对备份', 'checking the backup')
  const checked = checkBackup(path, tell)
  tell()
  if (!isRefusal(checked)) return checked
  throw new Stop({ code: checked.code, exit: exits.unverified, at: checked.at ?? path })
}

/** Untrusted. Checks a directory that should be a backup. */
export function checkBackup(
  path: string,
  progress: (done?: number, of?: number) => void,
): BackupFacts | Refusal {
  const files = fs.existsSync(path) ? filesBelow(path) : null
  const size = files?.get(sumsName)
  if (!files || size === undefined || size > sumsBytesMax) return malformed(sumsName)
  const sums = parseSums(new Uint8Array(fs.readFileSync(join(path, sumsName))))
  if (sums === null) return malformed(sumsName)
  const stray = [...files.keys()].find((name) => name !== sumsName && !sums.has(name))
  if (stray !== undefined) return { code: 'cli/backup-damaged', at: stray }
  const foreign = [...sums.keys()].find((name) => !belongs.test(name))
  if (foreign !== undefined) return malformed(foreign)
  const total = [...files.values()].reduce((sum, each) => sum + each, 0)
  let done = 0
  for (const [name, sum] of sums) {
    if (!files.has(name) || sumOfFile(join(path, name)) !== sum) {
      return { code: 'cli/backup-damaged', at: name }
    }
    done += files.get(name) ?? 0
    progress(done, total)
  }
  const facts = sums.has(factsName)
    ? parseFacts(new Uint8Array(fs.readFileSync(join(path, factsName))))
    : null
  return facts === null ? malformed(factsName) : (checkHistory(path, facts) ?? facts)
}

const folders = [...derivedFolders, 'journal'].join('|')

/** Everything that `backup create` writes; what else a directory holds is not restored. */
const belongs = new RegExp(
  `^(?:backup\\.json|node\\.toml|keys/[\\w.-]+\\.jwk|ledger/(?:checkpoint|(?:${folders})/[\\w./-]+))$`,
)

function malformed(at: string): Refusal {
  return { code: 'cli/backup-malformed', at }
}

function sumOfFile(path: string): string {
  const file = fs.openSync(path, 'r')
  try {
    return hashSlice({ file, from: 0, size: fs.fstatSync(file).size })
  } finally {
    fs.closeSync(file)
  }
}

/** The journal is whole, is what the facts say, and its checkpoint speaks of it. */
function checkHistory(path: string, facts: BackupFacts): Refusal | null {
  const root = join(path, ledgerFolder)
  const kept = keptIn(root)
  if (kept === 'damaged') return { code: 'cli/backup-damaged', at: 'ledger/checkpoint' }
  const segments = openSegments(root)
  const history = new History({ sizes: kept === null ? [] : [kept.size] })
  try {
    for (const found of framesOf(segments)) {
      if (found.kind === 'torn') return { code: 'cli/backup-damaged', at: 'ledger/journal' }
      const taken = history.take(found.bytes)
      if (isRefusal(taken)) return taken
    }
  } finally {
    closeSegments(segments)
  }
  const { head, ledger } = history
  const same =
    ledger === facts.ledger &&
    head.height === facts.height &&
    head.size === facts.size &&
    base64urlEncode(head.stateDigest) === facts.stateDigest &&
    base64Encode(history.frontier.root()) === facts.root &&
    (kept?.size ?? null) === facts.checkpoint
  if (!same) return { code: 'cli/backup-damaged', at: factsName }
  if (kept === null) return null
  const own = history.rootAt(kept.size)
  if (own !== undefined && equal(own, kept.root)) return null
  return { code: 'cli/history-rewritten', at: `size ${kept.size}` }
}

type Kept = { readonly size: number; readonly root: Uint8Array }

function keptIn(root: string): Kept | null | 'damaged' {
  try {
    const note = openCheckpointStore(fsDisk(root)).newest
    if (note === null) return null
    return parseSignedCheckpoint(utf8Encode(note.text))?.checkpoint ?? 'damaged'
  } catch (failure) {
    if (failure instanceof Failure) return 'damaged'
    throw failure
  }
}

function judgeKept(path: string, policyPath: string): Verdict {
  const kept = openCheckpointStore(fsDisk(join(path, ledgerFolder))).newest
  const policy = readPolicy(policyPath)
  if (kept === null) throw new Stop({ code: 'cli/no-checkpoint', exit: exits.unverified, at: path })
  const verdict = judge({ policy, note: utf8Encode(kept.text), nowMs: Date.now() })
  if (!isRefusal(verdict)) return verdict
  throw new Stop({ code: verdict.code, exit: exits.unverified, at: path })
}
