// Where a department's system is, as one line: `sqlite:` and a path, `postgres://`, `mysql://` or
// `https://`. A password never stands in it: it comes apart, from a file or the environment.
import { Failure } from './failure.ts'
import { openHttpRegister } from './http.ts'
import { openMysqlRegister } from './mysql.ts'
import { openPostgresRegister } from './postgres.ts'
import type { Register } from './register.ts'
import { openSqliteRegister } from './sqlite.ts'

/** The kinds of systems that an address can name. */
export type SystemKind = 'http' | 'mysql' | 'postgres' | 'sqlite'

const schemes: ReadonlyMap<string, SystemKind> = new Map([
  ['http:', 'http'],
  ['https:', 'http'],
  ['mariadb:', 'mysql'],
  ['mysql:', 'mysql'],
  ['postgres:', 'postgres'],
  ['postgresql:', 'postgres'],
  ['sqlite:', 'sqlite'],
])

const nearby: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])
const ports: { readonly [kind: string]: number } = { mysql: 3306, postgres: 5432 }

/** What is known besides the address. */
export type Secret = { readonly password?: string; readonly ca?: string }

/** The kind of system that an address names, or null for what is no address at all. */
export function systemKindOf(address: string): SystemKind | null {
  const scheme = /^[a-z][a-z0-9+]{1,15}:/i.exec(address)?.[0].toLowerCase()
  return scheme === undefined ? null : (schemes.get(scheme) ?? null)
}

/** Opens the system at an address for looking up. Throws `registers/bad-address`. */
export function openRegister(address: string, secret: Secret = {}): Register {
  const kind = systemKindOf(address)
  if (kind === 'sqlite') return openSqliteRegister(address.slice('sqlite:'.length))
  if (kind === null || !URL.canParse(address)) throw bad('postgres, mysql, https or sqlite')
  const url = new URL(address)
  if (url.password !== '') throw bad('a password stands apart, never in an address')
  const ca = secret.ca === undefined ? {} : { ca: secret.ca }
  if (kind === 'http') {
    const token = secret.password === undefined ? {} : { token: secret.password }
    return openHttpRegister({ url: address, ...token, ...ca })
  }
  const database = decodeURIComponent(url.pathname.slice(1))
  const user = decodeURIComponent(url.username)
  if (url.hostname === '' || database === '' || user === '') {
    throw bad(`${kind}://USER@HOST:PORT/DATABASE`)
  }
  // Without an authority nothing is encrypted, and the password and every person go in clear.
  if (secret.ca === undefined && !nearby.has(url.hostname)) {
    throw bad('a server on another machine is known by its certificate authority')
  }
  const password = secret.password === undefined ? {} : { password: secret.password }
  const port = url.port === '' ? (ports[kind] ?? 0) : Number(url.port)
  const where = { host: url.hostname, port, database, user, ...password, ...ca }
  return kind === 'mysql' ? openMysqlRegister(where) : openPostgresRegister(where)
}

function bad(detail: string): Failure {
  return new Failure('registers/bad-address', detail)
}
