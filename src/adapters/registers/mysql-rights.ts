// What an account of MySQL or MariaDB could do besides reading: by itself and by its roles, on the
// server, a database, a table or a column. Whatever is not known to be harmless is told.
import type { Rights } from './register.ts'

/** Rights with which nothing can be changed. */
const harmless: ReadonlySet<string> = new Set([
  'USAGE',
  'SELECT',
  'SHOW VIEW',
  'SHOW DATABASES',
  'SHOW_ROUTINE',
  'SHOW CREATE ROUTINE',
  'PROCESS',
  'REPLICATION CLIENT',
  'BINLOG MONITOR',
  'SLAVE MONITOR',
  'REPLICA MONITOR',
])

const rolesMax = 64

/** Asks one question; null when the server refuses it. */
export type Grants = (question: string) => Promise<readonly string[] | null>

/** The rights of the account, its roles and theirs among them. */
export async function rightsOf(grants: Grants): Promise<Rights> {
  const found: string[] = []
  const waiting = ['']
  const seen = new Set<string>()
  while (waiting.length > 0 && seen.size <= rolesMax) {
    const role = waiting.pop() ?? ''
    const own = await grants(role === '' ? 'SHOW GRANTS' : `SHOW GRANTS FOR ${role}`)
    // What a role may is not told to everybody; it may be anything then.
    if (own === null && role !== everybody) found.push(`role ${role}: not told`)
    for (const line of own ?? []) {
      const grant = grantOf(line)
      if (grant.rights !== null) found.push(grant.rights)
      waiting.push(...grant.roles.filter((each) => !seen.has(each)))
      for (const each of grant.roles) seen.add(each)
    }
    if (role === '') waiting.push(everybody)
  }
  if (waiting.length > 0) found.push(`more than ${rolesMax} roles`)
  const distinct = [...new Set(found)]
  return { canWrite: distinct.length > 0, grants: distinct.slice(0, 100) }
}

/** The role that every account of MariaDB has; other servers know none of this name. */
const everybody = 'PUBLIC'

type Grant = { readonly rights: string | null; readonly roles: readonly string[] }

/** A line of `SHOW GRANTS`: what it allows beyond reading, or the roles that it gives. */
function grantOf(line: string): Grant {
  // Names may hold anything; hidden in the copy, they cannot be taken for words of the grammar.
  const bare = line.replaceAll(/`(?:[^`]|``)*`|'(?:[^']|'')*'/g, (name) => '#'.repeat(name.length))
  const to = bare.indexOf(' TO ')
  if (!bare.startsWith('GRANT ') || to < 0) return { rights: null, roles: [] }
  const on = bare.indexOf(' ON ')
  // The line ends with what identifies the account; only its rights are told.
  const told = line.slice('GRANT '.length, to)
  if (on < 0 || on > to) return { rights: null, roles: rolesIn(told) }
  const list = bare.slice('GRANT '.length, on).replaceAll(/\([^)]*\)/g, '')
  const isHarmless = list.split(',').every((each) => harmless.has(each.trim().toUpperCase()))
  return { rights: isHarmless ? null : told, roles: [] }
}

/** Roles as the server writes them: quoted names, those of MySQL with a host. */
function rolesIn(text: string): readonly string[] {
  return text.match(/`(?:[^`]|``)*`(?:@`(?:[^`]|``)*`)?/g) ?? []
}
