// `lianban verify FILE`: any artefact, offline, with nothing but a trust policy. It opens no
// connection and reads no ledger; what it says follows from the files that it is given and from the
// clock of whoever runs it.
import fs from 'node:fs'
import { isRefusal } from '#ledger/command'
import type { Refusal } from '#ledger/command'
import { MAX_POLICY_BYTES, meets, parsePolicy } from '#ledger/prove'
import type { Grade, TrustPolicy } from '#ledger/prove'
import { certificateBytesMax } from '#domains/certificates'
import { exits, Stop, tableLines, text } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import { readBounded, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { headBytes, kindOf } from './artefact.ts'
import type { ArtefactKind } from './artefact.ts'
import { certificateAnswer, judgeFile } from './certificate.ts'
import { findArchive, findCheckpoint, findDivergence, findEvidence } from './proofs.ts'
import { findFrames, findProof, withFile } from './proofs.ts'
import type { Judging } from './proofs.ts'
import { readRegistry, registryBytesMax } from './registry.ts'
import { findSigned } from './signed.ts'
import type { Finding } from './words.ts'
import { verdictData, verdictRows } from './words.ts'

/** Longest artefact that is read as a whole. */
const artefactBytesMax = 128 * 1024 * 1024

/** The policy in a file; a `Stop` that names the line when it is none. */
export function readPolicy(path: string): TrustPolicy {
  const policy = parsePolicy(readBounded(path, MAX_POLICY_BYTES + 1))
  if (!isRefusal(policy)) return policy
  throw new Stop({
    code: policy.code,
    exit: exits.usage,
    at: policy.at === undefined ? path : `${path}:${policy.at}`,
    remedy: text('请更正信任策略文件', 'mend the trust policy'),
  })
}

/** Runs `verify FILE`. */
export async function verify(ask: Ask): Promise<Answer> {
  const { terminal, operands, values } = ask
  const path = operands['FILE'] ?? ''
  if (path !== '-' && isDirectory(path)) {
    const { verifyBackup } = await import('#apps/cli/backup')
    return verifyBackup(ask)
  }
  const policyPath = values['policy']
  if (policyPath === undefined) {
    throw usage('cli/missing-option', '--policy', [
      '请加 --policy FILE：您信任的策略',
      'add --policy FILE: whom you trust',
    ])
  }
  const judging: Judging = { terminal, policy: readPolicy(policyPath), nowMs: Date.now() }
  const certificate = certificateIn(path)
  if (certificate !== null) return verifyCertificate(ask, judging, certificate)
  const found = find(ask, path, judging)
  if (isRefusal(found)) throw unverified(found, path)
  demand(ask, found)
  return answerOf(terminal, found)
}

function isDirectory(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** The bytes of a certificate file; null when the file is something else. */
function certificateIn(path: string): Uint8Array | null {
  if (path === '-' || kindOf(readHead(path).subarray(0, headBytes)) !== 'certificate') return null
  return readBounded(path, certificateBytesMax)
}

/** A certificate file: five outcomes, each of which is an answer; only `valid` ends with 0. */
function verifyCertificate(ask: Ask, judging: Judging, file: Uint8Array): Answer {
  const judgement = judgeFile(judging, file, ask.values['on'])
  if ('verdict' in judgement) demand(ask, judgement)
  return certificateAnswer(judging.terminal, judgement)
}

function unverified({ code, at }: Refusal, path: string): Stop {
  return new Stop({ code, exit: exits.unverified, at: at ?? path })
}

function find(ask: Ask, path: string, judging: Judging): Finding | Refusal {
  const bytes = path === '-' ? readBounded(path, artefactBytesMax) : null
  const head = bytes ?? readHead(path)
  const kind = kindOf(head.subarray(0, headBytes))
  if (kind === null) return { code: 'cli/unknown-artefact', at: path }
  if (kind === 'frames' || kind === 'archive') return findInFile(ask, path, { kind, judging })
  const whole = bytes ?? readBounded(path, artefactBytesMax)
  switch (kind) {
    case 'proof':
      return findProof(judging, whole, readBounded(entryPath(ask, path), 65_536))
    case 'evidence':
      return findEvidence(judging, whole)
    case 'checkpoint':
      return findCheckpoint(judging, whole, optional(ask, 'against'))
    case 'divergence':
      return findDivergence(judging, whole)
    case 'certificate':
      throw usage('cli/bad-value', '-', ['请给出文件，不用标准输入', 'give a file and not stdin'])
    case 'jws':
    case 'submission':
      return findBySigner(ask, judging, whole)
  }
}

function findInFile(
  ask: Ask,
  path: string,
  { kind, judging }: { kind: Extract<ArtefactKind, 'frames' | 'archive'>; judging: Judging },
): Finding | Refusal {
  if (path === '-') {
    throw usage('cli/bad-value', '-', ['请给出文件，不用标准输入', 'give a file and not stdin'])
  }
  return withFile(path, (file) => {
    if (kind === 'archive') return findArchive(judging, file)
    const note = needed(ask, 'checkpoint', [
      '帧须与检查点一同核验',
      'frames are verified under a checkpoint',
    ])
    return findFrames(judging, file, readBounded(note, noteBytesMax))
  })
}

function findBySigner(ask: Ask, judging: Judging, whole: Uint8Array): Finding | Refusal {
  const path = needed(ask, 'registry', [
    '签名须有登记快照或密钥证据（lianban query registry 或 proof get --record）',
    'a signature needs a registry snapshot or evidence of the key (query registry, proof get)',
  ])
  const { policy, nowMs, terminal } = judging
  const registry = readRegistry(readBounded(path, registryBytesMax), policy, nowMs)
  return isRefusal(registry) ? registry : findSigned(terminal, whole, registry)
}

const noteBytesMax = 262_145

function readHead(path: string): Uint8Array {
  const into = new Uint8Array(headBytes)
  try {
    return withFile(path, (file) => into.subarray(0, fs.readSync(file, into, 0, headBytes, 0)))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Stop({
      code: 'cli/not-read',
      exit: exits.failure,
      at: path,
      text: text(`无法读取（${code}）`, `cannot be read (${code})`),
    })
  }
}

function needed(ask: Ask, name: string, remedy: readonly [string, string]): string {
  const value = ask.values[name]
  if (value !== undefined) return value
  throw usage('cli/missing-option', `--${name}`, remedy)
}

function optional(ask: Ask, name: string): Uint8Array | null {
  const value = ask.values[name]
  return value === undefined ? null : readBounded(value, noteBytesMax)
}

/**
 * The entry that a proof is about: named, or beside the proof under the name without its ending.
 */
function entryPath(ask: Ask, path: string): string {
  const beside = path.endsWith('.tlog-proof') ? path.slice(0, -'.tlog-proof'.length) : ''
  if (ask.values['entry'] === undefined && beside !== '' && fs.existsSync(beside)) return beside
  return needed(ask, 'entry', ['请给出条目：--entry FILE', 'name the entry: --entry FILE'])
}

const grades: readonly Grade[] = ['durable', 'checkpointed', 'witnessed', 'validated']

/** `--at-least validated:2`: what holds may still be worth too little for a purpose. */
function demand(ask: Ask, { verdict }: Pick<Finding, 'verdict'>): void {
  const wanted = ask.values['at-least']
  if (wanted === undefined) return
  const [grade, k] = wanted.split(':')
  const known = grades.find((each) => each === grade)
  const count = k === undefined ? 0 : /^[0-9]{1,3}$/.test(k) ? Number(k) : Number.NaN
  if (known === undefined || Number.isNaN(count)) {
    throw usage('cli/bad-value', '--at-least', ['请写作 validated:2', 'write validated:2'])
  }
  if (verdict !== null && meets(verdict, { grade: known, k: count })) return
  throw new Stop({ code: 'cli/too-weak', exit: exits.unverified, at: wanted })
}

function answerOf(terminal: Terminal, found: Finding): Answer {
  const { kind, verdict, holds, rows, data } = found
  const graded = verdict === null ? [] : verdictRows(terminal, verdict)
  return {
    data: {
      ok: true,
      verified: true,
      kind,
      ...(verdict === null ? {} : verdictData(verdict)),
      ...data,
    },
    lines: [
      `${terminal.paint('good', terminal.words('成立', 'holds'))}: ${holds}`,
      ...tableLines([...graded, ...rows].map(([name, value]) => [`  ${name}`, value])),
    ],
  }
}
