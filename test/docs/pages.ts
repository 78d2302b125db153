// Pages that execute. A fenced block tagged `sh run` is a command that a reader may type; the block
// tagged `text output` right after it is what they then see. All blocks of one page run in order,
// in one empty folder, with `lianban` and the project's Node on the path, $LIANBAN the folder of
// the house, and two ports of their own.
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'

export type Block = { readonly script: string; readonly output: readonly string[] }

/** How long one block may take. */
const blockTimeoutMs = 120_000

/** The runnable blocks of a page, in order. */
export function blocksOf(markdown: string): Block[] {
  const fences = [...markdown.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)]
  return fences.flatMap(([, tag = '', body = ''], index) => {
    if (tag.trim() !== 'sh run') return []
    const [, next = '', output = ''] = fences[index + 1] ?? []
    const lines = next.trim() === 'text output' ? output.trimEnd().split('\n') : []
    return [{ script: body, output: lines }]
  })
}

/** Runs blocks as a reader would. Gives what went otherwise than printed, or the empty string. */
export function runBlocks(root: string, blocks: readonly Block[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-page-'))
  try {
    const env = environment(root, folder)
    for (const { script, output } of blocks) {
      const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
        cwd: folder,
        env,
        encoding: 'utf8',
        timeout: blockTimeoutMs,
      })
      if (status !== 0) {
        const said = `${stdout}${stderr}${logsIn(folder)}`
        return `${script}ends with ${status ?? 'a timeout'}:\n${said}`
      }
      const missing = firstMissing(stdout, output)
      if (missing !== undefined) return `${script}does not print "${missing}" but:\n${stdout}`
    }
    return ''
  } finally {
    endAll(folder)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What processes of a page had to say, which runs beside its blocks. */
function logsIn(folder: string): string {
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'))
  return logs.map((name) => `${name}:\n${readFileSync(join(folder, name), 'utf8')}`).join('\n')
}

/** Ends what a page has left running: the number of each such process stands in a `.pid` file. */
function endAll(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.pid'))) {
    try {
      process.kill(Number(readFileSync(join(folder, name), 'utf8')), 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}

/** The first expected line that does not follow in the output; `…` stands for anything in it. */
export function firstMissing(printed: string, expected: readonly string[]): string | undefined {
  const rest = printed.split('\n').map((line) => line.trimEnd())
  return expected.find((wanted) => {
    const pattern = wanted
      .trimEnd()
      .split('…')
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('.*')
    const at = rest.findIndex((line) => new RegExp(`^${pattern}$`).test(line))
    rest.splice(0, at + 1)
    return at < 0
  })
}

function environment(root: string, folder: string): NodeJS.ProcessEnv {
  const tools = join(folder, '.bin')
  mkdirSync(tools)
  const launcher = join(tools, 'lianban')
  const main = join(root, 'src/apps/cli/main.ts')
  writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`)
  chmodSync(launcher, 0o755)
  const path = [tools, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  // Below the ports that the system gives to connections, of which tests have hundreds.
  const port = 22_000 + 2 * randomInt(5_000)
  return {
    ...env,
    PATH: path,
    NO_COLOR: '1',
    HOME: folder,
    LIANBAN: root,
    LIANBAN_LANG: 'en',
    LIANBAN_LISTEN_PORT: String(port),
    LIANBAN_MEMBERS_PORT: String(port + 1),
  }
}
