// `lianban submit FILE`: signed commands as they are: one JWS, one submission object, or a stream
// with one a line. Each is answered by its receipt or its problem, in the same order.
import { latin1Decode } from '#base/bytes'
import { decodeSubmission, isRefusal, submissionBytesMax } from '#ledger/command'
import { exits, Stop } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import { readBounded } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { refusedBy, withReached } from '#apps/cli/remote'
import type { Remote } from '#apps/cli/remote'
import { receiptLines } from './send.ts'
import type { Receipt } from './send.ts'

/** Longest file of commands that is read at once. */
const fileBytesMax = 256 * 1024 * 1024

/** Runs `submit FILE`. */
export async function submitFile(ask: Ask): Promise<Answer> {
  const path = ask.operands['FILE'] ?? '-'
  const text = latin1Decode(readBounded(path, fileBytesMax))
  const lines = text.split('\n').filter((line) => line !== '' && line !== '\r')
  if (lines.length === 0)
    throw new Stop({ code: 'cli/missing-operand', exit: exits.usage, at: path })
  if (ask.flags.has('dry-run')) return dryRun(ask.terminal, lines)
  return withReached(ask, { writes: true }, async (remote) =>
    lines.length === 1
      ? answerSeveral(ask.terminal, [await submitOne(remote, lines[0] ?? '')])
      : answerSeveral(ask.terminal, await submitStream(ask, remote, lines)),
  )
}

/** The form alone: nothing is sent. */
function dryRun(terminal: Terminal, lines: readonly string[]): Answer {
  for (const [at, line] of lines.entries()) {
    const command = decodeSubmission(line.trimEnd())
    if (!isRefusal(command)) continue
    throw new Stop({
      code: command.code,
      exit: exits.failure,
      at: `${at + 1}: ${command.at ?? ''}`,
    })
  }
  return {
    data: { ok: true, dryRun: true, submissions: lines.length },
    lines: [
      terminal.words(
        `${lines.length} 份提交形式正确`,
        `${lines.length} submissions are well formed`,
      ),
    ],
  }
}

/** An answer of the node: a receipt, several for an envelope, or a problem. */
type Answered = {
  readonly receipts?: readonly (Receipt | Problem)[]
} & Partial<Receipt> &
  Partial<Problem>

type Problem = {
  readonly status: number
  readonly code: string
  readonly at?: string
  readonly title?: string
  readonly signed?: string
}

async function submitOne({ client, base, headers }: Remote, text: string): Promise<Answered> {
  const json = text.startsWith('{')
  const answer = await client.request({
    url: `${base}commands`,
    method: 'POST',
    headers: { ...headers, 'content-type': json ? 'application/json' : 'application/jose' },
    body: Buffer.from(text.trimEnd(), 'latin1'),
    bytesMax: submissionBytesMax,
    repeatable: true,
  })
  if (answer.body.length === 0) throw refusedBy({ status: answer.status })
  return JSON.parse(Buffer.from(answer.body).toString()) as Answered
}

/** Lines of one request; small enough that a broken connection costs little to repeat. */
const linesAtOnce = 512

async function submitStream(
  { terminal }: Ask,
  { client, base, headers }: Remote,
  lines: readonly string[],
): Promise<readonly Answered[]> {
  const tell = terminal.progress('提交', 'submitting')
  const answers: Answered[] = []
  for (let at = 0; at < lines.length; at += linesAtOnce) {
    const part = lines.slice(at, at + linesAtOnce)
    const answer = await client.request({
      url: `${base}commands`,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
      body: Buffer.from(`${part.join('\n')}\n`, 'latin1'),
      bytesMax: 64 * 1024 * 1024,
      timeoutMs: 120_000,
      // The ledger knows a command by its id, so the same lines twice give the same receipts.
      repeatable: true,
    })
    if (answer.status !== 200) throw refusedBy(answer.problem ?? { status: answer.status })
    const text = Buffer.from(answer.body).toString()
    for (const line of text.split('\n')) {
      if (line !== '') answers.push(JSON.parse(line) as Answered)
    }
    tell(answers.length, lines.length)
  }
  tell()
  return answers
}

function answerSeveral(terminal: Terminal, answers: readonly Answered[]): Answer {
  const flat = answers.flatMap((answer) => answer.receipts ?? [answer as Receipt | Problem])
  const problems = flat.filter((each): each is Problem => 'status' in each)
  const refusals = flat.filter((each) => !('status' in each) && each.code !== 'ok')
  const [first] = flat
  // One refused command is the end of this command; several are counted.
  if (flat.length === 1 && first !== undefined && 'status' in first) throw refusedBy(first)
  const ok = problems.length === 0 && refusals.length === 0
  return {
    data: { ok, answers: flat },
    lines:
      flat.length <= 8
        ? flat.flatMap((each) => [...answerLines(terminal, each), ''])
        : [
            terminal.words(
              `${flat.length} 份：受理 ${flat.length - problems.length}，` +
                `其中拒绝 ${refusals.length}；未受理 ${problems.length}`,
              `${flat.length}: ${flat.length - problems.length} have an entry, of which ` +
                `${refusals.length} are a no; ${problems.length} not admitted`,
            ),
          ],
    exit: ok ? exits.ok : exits.failure,
  }
}

function answerLines(terminal: Terminal, each: Receipt | Problem): readonly string[] {
  if (!('status' in each)) return receiptLines(terminal, each)
  const { code, at, title } = each
  return [`${terminal.paint('bad', code)}${at === undefined ? '' : ` [${at}]`}: ${title ?? ''}`]
}
