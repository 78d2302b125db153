// The real `lianban` as a child process, for tests: what it printed, how it ended. Compiled sources
// are kept between runs, so that a test of twenty runs costs seconds. Nothing here is part of the
// product.
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/apps/cli/main.ts', import.meta.url))
const nodeMain = fileURLToPath(new URL('../../src/apps/node/main.ts', import.meta.url))

/** What a run printed, and its exit code. */
export type Ran = { readonly exit: number; readonly out: string; readonly err: string }

export type RunOptions = {
  readonly input?: string
  readonly env?: { readonly [name: string]: string }
  /** Options of the runtime itself. */
  readonly node?: readonly string[]
}

function environment(more: { readonly [name: string]: string } = {}): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const cache = join(tmpdir(), 'lianban-test-compiled')
  return {
    ...env,
    NODE_COMPILE_CACHE: cache,
    NODE_NO_WARNINGS: '1',
    NO_COLOR: '1',
    LANG: 'C',
    LC_ALL: '',
    ...more,
  }
}

/** Runs `lianban` with these words to its end. */
export function lianban(words: readonly string[], options: RunOptions = {}): Ran {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...(options.node ?? []), main, ...words],
    {
      env: environment(options.env),
      input: options.input ?? '',
      encoding: 'utf8',
      timeout: 60_000,
    },
  )
  return { exit: status ?? -1, out: stdout, err: stderr }
}

/** Runs `lianban` while this process goes on, because it is the one that is asked. */
export async function lianbanMeanwhile(
  words: readonly string[],
  { env }: Pick<RunOptions, 'env'> = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...words], { env: environment(env) })
  const texts = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (more: string) => void (texts.out += more))
  child.stderr.setEncoding('utf8').on('data', (more: string) => void (texts.err += more))
  child.stdin.end()
  const exit = await new Promise<number>((resolve) => {
    child.once('close', (status) => resolve(status ?? -1))
  })
  return { exit, ...texts }
}

/** The same with `--json`: the one value that it printed. */
export function lianbanJson(
  words: readonly string[],
  options: RunOptions = {},
): { readonly exit: number; readonly value: { readonly [name: string]: unknown } } {
  const { exit, out } = lianban([...words, '--json'], options)
  return { exit, value: JSON.parse(out) as { readonly [name: string]: unknown } }
}

/** A node that serves a directory, and its address. */
export async function serveNode(
  directory: string,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const words = ['serve', '--directory', directory, '--listen-port', '0', '--log-form', 'json']
  const child = spawn(process.execPath, [nodeMain, ...words], { env: environment() })
  const url = await listening(child)
  return {
    url,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr?.setEncoding('utf8').on('data', (more: string) => {
      text += more
      const line = text.split('\n').find((each) => each.includes('"listening"'))
      if (line === undefined) return
      const { address, port } = JSON.parse(line) as { address: string; port: number }
      resolve(`http://${address}:${port}`)
    })
    child.once('exit', (code) => reject(new Error(`the node ended with ${code}: ${text}`)))
  })
}

/** A temporary directory that is removed when the test file ends. */
export function scratch(name: string): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `lianban-${name}-`))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
