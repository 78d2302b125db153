// Real database servers for tests: PostgreSQL and MariaDB as they come from the distribution,
// begun in an empty directory on a free port of this machine, and killed at the end. Where a
// server is not installed, the reason is given and the test says that it was skipped.
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type RunningServer = { readonly port: number; stop(): Promise<void> }

const postgresHome = '/usr/lib/postgresql'

/** The folder of PostgreSQL's programs, or null where none is installed. */
export function postgresPrograms(): string | null {
  if (!existsSync(postgresHome)) return null
  const versions = readdirSync(postgresHome).sort((a, b) => Number(b) - Number(a))
  const found = versions.map((version) => join(postgresHome, version, 'bin'))
  return found.find((folder) => existsSync(join(folder, 'initdb'))) ?? null
}

/** Whether MariaDB's server is installed. */
export function hasMariadb(): boolean {
  return existsSync('/usr/sbin/mariadbd') && existsSync('/usr/bin/mariadb-install-db')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Both servers refuse to run as root: there they run as an account that may do nothing else. */
function asNobody(program: string, args: readonly string[]): readonly [string, readonly string[]] {
  if (process.getuid?.() !== 0) return [program, args]
  return ['setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', program, ...args]]
}

function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lianban-database-'))
  if (process.getuid?.() === 0) chownSync(directory, 65_534, 65_534)
  return directory
}

function started(program: string, args: readonly string[], directory: string): () => Promise<void> {
  const [command, rest] = asNobody(program, args)
  const child = spawn(command, rest, { stdio: 'ignore', env: { ...process.env, HOME: directory } })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', kill)
  // A test that failed does not wait for the server that it left.
  child.unref()
  return async () => {
    process.removeListener('exit', kill)
    child.ref()
    kill()
    await ended
    rmSync(directory, { recursive: true, force: true })
  }
}

async function until(works: () => Promise<unknown>): Promise<void> {
  const last = performance.now() + 30_000
  for (;;) {
    try {
      await works()
      return
    } catch (error) {
      if (performance.now() > last) throw error
      await new Promise((resolve) => {
        setTimeout(resolve, 50)
      })
    }
  }
}

/** Starts PostgreSQL with the superuser `postgres` trusted on the loopback; `ready` connects. */
export async function startPostgres(
  ready: (port: number) => Promise<unknown>,
): Promise<RunningServer> {
  const programs = postgresPrograms()
  if (programs === null) throw new Error('PostgreSQL is not installed')
  const directory = emptyDirectory()
  const data = join(directory, 'data')
  const options = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N']
  const [init, args] = asNobody(join(programs, 'initdb'), options)
  execFileSync(init, args, { stdio: 'ignore' })
  const port = await freePort()
  const settings = ['-h', '127.0.0.1', '-p', String(port), '-k', directory, '-F']
  const stop = started(join(programs, 'postgres'), ['-D', data, ...settings], directory)
  await until(() => ready(port))
  return { port, stop }
}

/** Starts MariaDB with the account `root` without a password on the loopback. */
export async function startMariadb(
  ready: (port: number) => Promise<unknown>,
): Promise<RunningServer> {
  if (!hasMariadb()) throw new Error('MariaDB is not installed')
  const directory = emptyDirectory()
  const data = join(directory, 'data')
  const [init, args] = asNobody('/usr/bin/mariadb-install-db', [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ])
  execFileSync(init, args, { stdio: 'ignore' })
  const port = await freePort()
  const stop = started(
    '/usr/sbin/mariadbd',
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(directory, 'socket')}`,
      '--character-set-server=utf8mb4',
      '--skip-log-bin',
    ],
    directory,
  )
  await until(() => ready(port))
  return { port, stop }
}
