// Talking to a node: its address, and by what we prove who we are. The operator of the machine
// shows the token that lies in the node's directory; a member shows its transport key by mutual
// TLS, and takes no server for the node but the one whose key it was told.
import fs from 'node:fs'
import { openFileStore, readSecretFile } from '#adapters/keys'
import { clientAgent, HttpClient, pinnedLookup, transportCertificate } from '#adapters/transport'
import { exits, Stop, text } from '#apps/cli/output'
import { usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { layoutOf } from '#apps/node/config'

/** A node that can be asked. */
export type Remote = {
  readonly client: HttpClient
  /** Address of the ledger's resources, with a slash at its end. */
  readonly base: string
  readonly headers: Readonly<Record<string, string>>
}

/** Connects as the options say. Nothing is sent yet. */
export async function connect(ask: Ask, address: string): Promise<Remote> {
  const url = URL.parse(address)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw usage('cli/bad-value', address, ['请写作 http://主机:端口', 'write http://host:port'])
  }
  const base = url.pathname === '/' ? `${url.origin}/v1/` : `${url.origin}${slashed(url.pathname)}`
  const token = tokenOf(ask)
  const headers = {
    'accept-language': ask.terminal.language,
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
  const agent = url.protocol === 'https:' ? await agentOf(ask) : undefined
  const server = { origin: url.origin, ...(agent === undefined ? {} : { agent }) }
  return { client: new HttpClient({ servers: [server] }), base, headers }
}

function slashed(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}

function tokenOf({ values, env }: Ask): string | null {
  const named = values['token-file']
  if (named !== undefined) return Buffer.from(readSecretFile(named)).toString()
  const directory = values['directory'] ?? env['LIANBAN_DIRECTORY']
  if (directory === undefined) return null
  const { token } = layoutOf(directory)
  return fs.existsSync(token) ? Buffer.from(readSecretFile(token)).toString() : null
}

/** Mutual TLS by our own transport key and the server's pinned one. */
async function agentOf(ask: Ask): Promise<ReturnType<typeof clientAgent> | undefined> {
  const serverKid = ask.values['server-kid']
  if (serverKid === undefined) return undefined
  const path = keysPath(ask)
  const store = path === null ? null : openFileStore(path)
  const key = store?.list().find(({ use }) => use === 'transport')
  const identity =
    store === null || key === undefined
      ? null
      : await transportCertificate(store.transportKey(key.kid))
  return clientAgent({ identity, server: pinnedLookup(new Map([[serverKid, 'server']])) })
}

/** Where the keys lie: `--keys`, or in the directory. */
export function keysPath({ values, env }: Ask): string | null {
  const directory = values['directory'] ?? env['LIANBAN_DIRECTORY']
  return values['keys'] ?? (directory === undefined ? null : layoutOf(directory).keys)
}

const conflicts: ReadonlySet<string> = new Set(['validate/duplicate', 'read/id-reused'])

/** The end of a command to which a node said no. */
export function refusedBy(problem: {
  readonly status: number
  readonly code?: string
  readonly at?: string
  readonly title?: string
}): Stop {
  const { status, code = 'cli/unavailable', at, title } = problem
  const exit = conflicts.has(code)
    ? exits.conflict
    : status >= 500 || status === 429
      ? exits.unavailable
      : exits.failure
  const said = title ?? `status ${status}`
  return new Stop({ code, exit, at, text: text(said, said) })
}

/** GET of a JSON value, or the problem as a `Stop`. */
export async function getJson(
  remote: Remote,
  path: string,
  bytesMax = 4_194_304,
): Promise<unknown> {
  return JSON.parse(Buffer.from(await getBytes(remote, path, bytesMax)).toString())
}

/** GET of bytes, or the problem as a `Stop`. */
export async function getBytes(
  { client, base, headers }: Remote,
  path: string,
  bytesMax = 4_194_304,
): Promise<Uint8Array> {
  const answer = await client.request({ url: `${base}${path}`, headers, bytesMax })
  if (answer.status === 200) return answer.body
  throw refusedBy(answer.problem ?? { status: answer.status })
}
