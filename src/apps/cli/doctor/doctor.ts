// `lianban doctor`: looks at everything that keeps a ledger from working or from being believed,
// and says for each what to do. It changes nothing and may run beside a node.
import fs from 'node:fs'
import process from 'node:process'
import { exits, tableLines, text } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { pathOf } from '#apps/cli/directory'
import { readPolicy } from '#apps/cli/verify'
import { layoutOf, readConfig } from '#apps/node/config'
import { fsDisk } from '#adapters/storage'
import { readBeginning } from '#apps/node/serve'
import { journalFindings, keyFindings, lockFinding } from './directory.ts'
import { policyFinding, restoreFinding } from './directory.ts'
import type { Finding } from './findings.ts'
import { finding, plain, worst } from './findings.ts'
import { clockFinding, permissionFinding, portFinding } from './machine.ts'
import { runtimeFinding, spaceFinding } from './machine.ts'

/** Runs `doctor`. */
export async function runDoctor(ask: Ask): Promise<Answer> {
  const path = pathOf(ask)
  const layout = layoutOf(path)
  const findings: Finding[] = [runtimeFinding()]
  const now = Date.now()
  const beginning = fs.existsSync(layout.ledger) ? readBeginning(fsDisk(layout.ledger)) : null
  if (beginning === null) {
    findings.push(
      clockFinding(now, null),
      finding('ledger', 'bad', {
        name: text('账本', 'ledger'),
        said: text(`${path} 中没有账本`, `${path} holds none`),
        remedy: plain('lianban init'),
      }),
    )
    return answerOf(ask.terminal, findings)
  }
  const tell = ask.terminal.progress('核对日志', 'reading the journal')
  const journal = journalFindings(layout, tell)
  findings.push(
    clockFinding(now, journal.time),
    spaceFinding(path),
    permissionFinding(path, layout),
    lockFinding(layout),
    finding('ledger', 'ok', {
      name: text('账本', 'ledger'),
      said: plain(`${beginning.ledger}, ${beginning.operator}`),
    }),
    ...journal.findings,
    ...keyFindings(layout, beginning),
    ...(await configFindings(path)),
  )
  const restored = restoreFinding(layout)
  if (restored !== null) findings.push(restored)
  const policy = ask.values['policy']
  if (policy !== undefined) findings.push(policyFinding(layout, readPolicy(policy), now))
  return answerOf(ask.terminal, findings)
}

/** The node's own configuration, and the port that it will ask for. */
async function configFindings(path: string): Promise<readonly Finding[]> {
  try {
    const { env } = process
    const words = ['--directory', path]
    const config = readConfig({
      words,
      env: { ...env, LIANBAN_DIRECTORY: undefined },
      cwd: process.cwd(),
    })
    return [await portFinding(config.need('listen.host'), config.needCount('listen.port'))]
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    return [
      finding('config', 'bad', {
        name: text('配置', 'configuration'),
        said: plain(said),
        remedy: plain('lianban config print'),
      }),
    ]
  }
}

function answerOf(terminal: Terminal, findings: readonly Finding[]): Answer {
  const level = worst(findings)
  const marks = { ok: 'good', warn: 'warn', bad: 'bad' } as const
  const rows = findings.flatMap((each) => {
    const { level: at, name, said, remedy } = each
    const mark = terminal.paint(marks[at], at.padEnd(4))
    const row = [mark, terminal.of(name), terminal.of(said)]
    if (at === 'ok' || remedy === undefined) return [row]
    return [row, ['    ', '', `→ ${terminal.of(remedy)}`]]
  })
  return {
    data: {
      ok: level !== 'bad',
      ...(level === 'bad' ? { code: 'cli/ill' } : {}),
      level,
      findings: findings.map(({ check, level: at, said, remedy }) => ({
        check,
        level: at,
        said: terminal.of(said),
        ...(remedy === undefined || at === 'ok' ? {} : { remedy: terminal.of(remedy) }),
      })),
    },
    lines: tableLines(rows),
    exit: level === 'bad' ? exits.failure : exits.ok,
  }
}
