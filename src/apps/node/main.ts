// The process of a member: serves the ledger in a directory, or a practice ledger. It promises that
// the first signal to stop answers what waits and the second one ends at once, that a ledger which
// has failed ends the process, and that a start which is refused says where and what to do.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { configLines, ConfigRefusal, readConfig, settingsHelp } from './config/index.ts'
import type { Config } from './config/index.ts'
import { codeOfFailure, makeLog } from './log/index.ts'
import type { Level, Log } from './log/index.ts'
import { answerSupervisor, foundCity, openMemberProcess } from './children/index.ts'
import { startProcesses } from './children/index.ts'
import { startCity } from './city/index.ts'
import { openPractice } from './practice/index.ts'
import { openNode, version } from './serve/index.ts'

/** Exit codes as everywhere in the house. */
const exits = { ok: 0, failed: 1, usage: 2, unavailable: 4, conflict: 5 } as const

const usage = `lianban node ${version}

  node src/apps/node/main.ts serve --directory DIR [settings]
  node src/apps/node/main.ts practice [--fresh] [--small | --processes] [settings]
  node src/apps/node/main.ts config print [settings]

A setting stands as a flag, in the environment, or in DIR/node.toml (or the file of --config), in
this order:

${settingsHelp()}`

type Stoppable = { stop(): Promise<void>; readonly failed: Promise<unknown> }

async function main(words: readonly string[]): Promise<number> {
  const [command = 'help', ...rest] = words
  switch (command) {
    case 'serve':
      return serve(configOf(rest))
    case 'practice':
      return practice(rest)
    case 'found':
      return found(rest)
    case 'member':
      return member(rest)
    case 'config':
      return printConfig(rest)
    case 'help':
    case '--help':
      process.stdout.write(usage)
      return exits.ok
    default:
      process.stderr.write(`There is no command "${command}".\n\n${usage}`)
      return exits.usage
  }
}

function configOf(words: readonly string[]): Config {
  return readConfig({ words, env: process.env, cwd: process.cwd() })
}

async function serve(config: Config): Promise<number> {
  const log = logOf(config)
  const asked = firstSignal()
  const node = await openNode({ config, log })
  const { ledger } = node.host
  log({ level: 'info', event: 'listening', ...node.listening, ledger, practice: node.practice })
  if (node.forMembers !== null) {
    log({ level: 'info', event: 'listening-for-members', ...node.forMembers })
  }
  return untilStopped(node, asked, log)
}

/** Begins the practice city and ends: what a supervisor runs before its processes run apart. */
async function found([sales = '', ...words]: readonly string[]): Promise<number> {
  const config = configOf([...words, '--listen-port', '0', '--verify-threads', '0'])
  const people = /^\d{1,6}$/.test(sales) ? { sales: Number(sales) } : {}
  await foundCity({ config, log: logOf(config, 'warn'), ...people })
  return exits.ok
}

/** The process of one member, as a supervisor runs it. */
async function member(words: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...words],
    options: {
      directory: text,
      member: text,
      url: text,
      ledger: text,
      'server-kid': text,
      'token-file': text,
      'sources-seconds': text,
    },
  })
  const { directory = '', member: code = '', url = '', ledger = '' } = values
  const serverKid = values['server-kid']
  const tokenFile = values['token-file']
  const log = makeLog({
    write: (line) => void process.stderr.write(line),
    form: 'json',
    from: 'warn',
    now: () => Date.now(),
  })
  const asked = firstSignal()
  const running = await openMemberProcess({
    directory,
    member: code,
    url,
    ledger,
    log,
    ...(serverKid === undefined ? {} : { serverKid }),
    ...(tokenFile === undefined ? {} : { tokenFile }),
    refreshMs: 1_000 * Number(values['sources-seconds'] ?? 0),
  })
  const told = answerSupervisor(running).then(() => 'stop')
  return untilStopped(
    { failed: running.failed, stop: () => running.close() },
    Promise.race([asked, told]),
    log,
  )
}

async function practice(words: readonly string[]): Promise<number> {
  const settings = words.filter((word) => !kinds.has(word))
  const fresh = words.includes('--fresh')
  const directory = fresh ? mkdtempSync(join(tmpdir(), 'lianban-practice-')) : 'practice'
  const named = settings.some((word) => /^--directory(?:=|$)/.test(word))
  const config = configOf(named ? settings : [...settings, '--directory', directory])
  const log = logOf(config, 'warn')
  const say = (text: string): void => void process.stdout.write(text)
  const asked = firstSignal()
  if (words.includes('--processes')) {
    const running = await startProcesses({ config, log, say })
    const failed = new Promise<never>(() => undefined)
    return untilStopped({ failed, stop: () => running.stop() }, asked, log)
  }
  // The small one has three members and no people: a ledger to look at, and nothing else.
  const running = words.includes('--small')
    ? await openPractice({ config, log, say })
    : await openPracticeCity({ config, log, say })
  const { node } = running
  return untilStopped({ failed: node.failed, stop: () => running.stop() }, asked, log)
}

/** Which practice ledger; everything else is a setting. */
const kinds: ReadonlySet<string> = new Set(['--fresh', '--small', '--processes'])

async function openPracticeCity(
  options: Parameters<typeof startCity>[0],
): Promise<{ readonly node: Stoppable; stop(): Promise<void> }> {
  const running = await startCity(options)
  return { node: running.city.node, stop: () => running.stop() }
}

function printConfig(words: readonly string[]): number {
  const [verb = '', ...rest] = words
  if (verb !== 'print') {
    process.stderr.write(usage)
    return exits.usage
  }
  process.stdout.write(configLines(configOf(rest)))
  return exits.ok
}

function logOf(config: Config, usual: Level = 'info'): Log {
  const form = config.need('log.form')
  const human = form === 'human' || (form === 'auto' && process.stderr.isTTY)
  const from = config.find('log.from')
  return makeLog({
    write: (line) => void process.stderr.write(line),
    form: human ? 'human' : 'json',
    from: from?.source === 'default' ? usual : levelOf(from?.value),
    now: () => Date.now(),
  })
}

function levelOf(text: string | undefined): Level {
  return text === 'error' || text === 'warn' ? text : 'info'
}

/**
 * Resolves with the first signal to stop; a second one ends the process as it is. Listened to
 * before anything is opened, so that a stop during a long start is not lost.
 */
function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    const first = (name: string): void => {
      resolve(name)
      for (const each of ['SIGTERM', 'SIGINT'] as const) {
        process.removeAllListeners(each)
        process.once(each, () => process.exit(exits.failed))
      }
    }
    process.once('SIGTERM', () => first('SIGTERM'))
    process.once('SIGINT', () => first('SIGINT'))
    // Only a process that a supervisor started has a channel; it does not outlive the supervisor.
    if (process.connected) process.once('disconnect', () => resolve('disconnect'))
  })
}

/** Waits for the signal or a failure, then stops. */
async function untilStopped(running: Stoppable, asked: Promise<string>, log: Log): Promise<number> {
  const ended = await Promise.race([
    asked.then((signal) => ({ signal })),
    running.failed.then(() => null),
  ])
  if (ended !== null) log({ level: 'info', event: 'stopping', signal: ended.signal })
  await running.stop()
  log({ level: 'info', event: 'stopped' })
  return ended === null ? exits.failed : exits.ok
}

function exitOf(failure: unknown): number {
  const code = codeOfFailure(failure)
  if (code === 'node/port-taken') return exits.unavailable
  if (code === 'storage/locked') return exits.conflict
  return failure instanceof ConfigRefusal ? exits.usage : exits.failed
}

// Whoever read our lines may be gone; the ledger goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
    // An open channel would keep a process that has ended its work.
    if (process.connected) process.disconnect?.()
  },
  (failure: unknown) => {
    const code = codeOfFailure(failure)
    const text = failure instanceof Error ? failure.message : String(failure)
    process.stderr.write(text.startsWith(code) ? `${text}\n` : `${code}: ${text}\n`)
    process.exitCode = exitOf(failure)
    if (process.connected) process.disconnect?.()
  },
)
