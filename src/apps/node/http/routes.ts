// The addresses of the node as data: what the server dispatches by, what the OpenAPI document says
// and what the tests walk through are one table. A ledger's own addresses stand below
// /v1/ledgers/<origin>/ and, for the first ledger, below /v1/ as well.
import { answerProblem, answerText, answerUnicode } from './answer.ts'
import { getEvents } from './feed.ts'
import { getCheckpoint, getConsistency, getEvidence, getProof } from './proofs.ts'
import { getRecordProof, postCosignatures } from './proofs.ts'
import { getDocument, getEntries, getEntry, getFrames, getPolicy } from './reads.ts'
import { getReceipt, getRecord, getTile } from './reads.ts'
import type { Ask } from './served.ts'
import { postCommands } from './submit.ts'

export type Route = {
  readonly method: 'GET' | 'POST'
  /** Below the ledger's prefix for `ledger`, the whole path for `node`. */
  readonly scope: 'ledger' | 'node'
  /** Parts in braces are parameters; one that ends in `+` takes slashes too. */
  readonly path: string
  /** A parameter of the query without which the route is another one. */
  readonly needs?: string
  /** Who is answered: `anyone`, a `member`, or those who hold all entries. */
  readonly who: 'anyone' | 'member' | 'holder'
  readonly summary: string
  readonly query?: readonly string[]
  readonly takes?: readonly string[]
  readonly gives: string
  readonly status: number
  readonly handle: (ask: Ask) => void
}

type Given = Omit<Route, 'handle' | 'status' | 'scope' | 'method'>

function get(given: Given, handle: Route['handle'], scope: Route['scope'] = 'ledger'): Route {
  return { method: 'GET', scope, status: 200, ...given, handle }
}

function post(given: Given & { readonly status: number }, handle: Route['handle']): Route {
  return { method: 'POST', scope: 'ledger', ...given, handle }
}

const json = 'application/json'
const text = 'text/plain'
const bytes = 'application/octet-stream'

const ledgerRoutes: readonly Route[] = [
  post(
    {
      path: 'commands',
      who: 'anyone',
      summary: 'Submit one command, an envelope, or a stream with one submission a line',
      takes: ['application/jose', json, 'application/x-ndjson'],
      gives: json,
      status: 201,
    },
    postCommands,
  ),
  get(
    {
      path: 'receipts/{member}/{id}',
      who: 'anyone',
      summary: 'The receipt of a command, for ever, with its grade now',
      gives: json,
    },
    getReceipt,
  ),
  get(
    {
      path: 'entries',
      who: 'member',
      summary: 'Entries that name a member, each with its evidence file',
      query: ['member', 'from', 'limit'],
      gives: json,
    },
    getEntries,
  ),
  get(
    {
      path: 'entries/{index}',
      who: 'member',
      summary: 'The bytes of an entry, for holders and for members that it names',
      gives: json,
    },
    getEntry,
  ),
  get(
    {
      path: 'entries/{index}/proof',
      who: 'anyone',
      summary: 'Inclusion of an entry as a .tlog-proof file',
      gives: text,
    },
    getProof,
  ),
  get(
    {
      path: 'entries/{index}/evidence',
      who: 'member',
      summary: 'An entry with everything that proves it, as one file',
      gives: json,
    },
    getEvidence,
  ),
  get(
    {
      path: 'records/{key+}/proof',
      needs: 'map',
      who: 'anyone',
      summary: 'What a map proves of a record, present or absent, as an evidence file',
      query: ['map'],
      gives: json,
    },
    getRecordProof,
  ),
  get(
    {
      path: 'records/{key+}',
      who: 'anyone',
      summary: 'A record of the state; those that stand in no map for holders alone',
      gives: json,
    },
    getRecord,
  ),
  get(
    { path: 'documents/{hash}', who: 'anyone', summary: 'A document by its hash', gives: bytes },
    getDocument,
  ),
  get(
    {
      path: 'checkpoint',
      who: 'anyone',
      summary: 'The newest signed checkpoint with its cosignatures',
      gives: text,
    },
    getCheckpoint,
  ),
  post(
    {
      path: 'checkpoint/cosignatures',
      who: 'anyone',
      summary: 'Add cosignatures of registered cosigners to the newest checkpoint',
      takes: [text],
      gives: text,
      status: 200,
    },
    postCosignatures,
  ),
  get(
    {
      path: 'consistency',
      who: 'anyone',
      summary: 'The hashes that lead from one size of the log to another',
      query: ['from', 'to'],
      gives: text,
    },
    getConsistency,
  ),
  get(
    {
      path: 'tile/{tile+}',
      who: 'anyone',
      summary: 'A hash tile; an entry bundle for holders alone (C2SP tlog-tiles)',
      gives: bytes,
    },
    getTile,
  ),
  get(
    {
      path: 'frames',
      who: 'holder',
      summary: 'Frames of the journal, one after the other',
      query: ['from', 'wait'],
      gives: bytes,
    },
    getFrames,
  ),
  get(
    {
      path: 'policy',
      who: 'anyone',
      summary: 'The trust policy that the registry implies',
      gives: text,
    },
    getPolicy,
  ),
  get(
    {
      path: 'events',
      who: 'member',
      summary: 'Entries as they become durable, resumed by the index of an entry',
      query: ['from'],
      gives: 'text/event-stream',
    },
    getEvents,
  ),
]

const nodeRoutes: readonly Route[] = [
  get(
    { path: '/v1/ledgers', who: 'anyone', summary: 'The ledgers of this node', gives: json },
    getLedgers,
    'node',
  ),
  get({ path: '/livez', who: 'anyone', summary: 'The process runs', gives: text }, getLive, 'node'),
  get(
    { path: '/readyz', who: 'anyone', summary: 'The node can commit commands', gives: text },
    getReady,
    'node',
  ),
  get(
    { path: '/metrics', who: 'anyone', summary: 'Figures for Prometheus', gives: text },
    getMetrics,
    'node',
  ),
  get(
    { path: '/openapi.json', who: 'anyone', summary: 'This description', gives: json },
    getOpenapi,
    'node',
  ),
]

/** Every address of the node. */
export const routes: readonly Route[] = [...ledgerRoutes, ...nodeRoutes]

/** GET /v1/ledgers */
function getLedgers({ res, node }: Ask): void {
  const each = node.ledgers.map(({ host }) => {
    const { height, time, size } = host.head()
    const href = node.prefixOf(host.ledger)
    return { ledger: host.ledger, href, state: host.state(), height, time, size }
  })
  answerText(res, 'json', JSON.stringify({ ledgers: each }))
}

/** GET /livez */
function getLive({ res }: Ask): void {
  answerText(res, 'text', 'ok\n')
}

/**
 * GET /readyz: ready means that a command sent now can be committed. A node that may not sign takes
 * commands all the same; the second line says why there are no checkpoints.
 */
function getReady(ask: Ask): void {
  const { node } = ask
  if (node.closing()) return answerProblem(ask, { code: 'node/closing' })
  for (const { host } of node.ledgers) {
    const refused = notReady[host.state()]
    if (refused !== undefined) return answerProblem(ask, { code: refused })
  }
  const held = node.ledgers.flatMap(({ host }) => host.held() ?? [])
  answerText(ask.res, 'text', ['ok\n', ...held.map((hold) => `no checkpoints: ${hold}\n`)].join(''))
}

const notReady: Readonly<Record<string, string>> = {
  'no-space': 'order/no-space',
  failed: 'order/stopped',
  closed: 'order/closing',
  reading: 'order/closing',
}

/** GET /metrics */
function getMetrics({ res, node }: Ask): void {
  answerUnicode(res, 'metrics', node.metrics())
}

/** GET /openapi.json */
function getOpenapi({ res, node }: Ask): void {
  answerUnicode(res, 'json', node.openapi)
}

type Matcher = {
  readonly route: Route
  /** The parts of a path that the route names, or null for a path of another form. */
  readonly match: (path: string) => readonly string[] | null
}

function matcherOf(route: Route): Matcher {
  const { path } = route
  const rest = /^([^{]*)\{\w+\+\}$/.exec(path)?.[1]
  if (rest !== undefined) {
    // The most frequent reads: one parameter that is all of the rest.
    const match = (asked: string): readonly string[] | null =>
      asked.startsWith(rest) && asked.length > rest.length ? [asked.slice(rest.length)] : null
    return { route, match }
  }
  const source = path
    .replaceAll('.', '\\.')
    .replaceAll(/\{\w+\+\}/g, '(.+)')
    .replaceAll(/\{\w+\}/g, '([^/]+)')
  const pattern = new RegExp(`^${source}$`)
  return { route, match: (asked) => pattern.exec(asked)?.slice(1) ?? null }
}

/** Matchers by the first part of the path, so that most requests try one or two. */
function tableOf(list: readonly Route[]): ReadonlyMap<string, readonly Matcher[]> {
  const table = new Map<string, Matcher[]>()
  for (const route of list) {
    const head = headOf(route.path)
    const row = table.get(head)
    if (row === undefined) table.set(head, [matcherOf(route)])
    else row.push(matcherOf(route))
  }
  return table
}

function headOf(path: string): string {
  const end = path.indexOf('/', 1)
  return end < 0 ? path : path.slice(0, end)
}

const tables = { ledger: tableOf(ledgerRoutes), node: tableOf(nodeRoutes) } as const

export type Match =
  | { readonly route: Route; readonly parts: readonly string[] }
  | { readonly allow: string }
  | null

/** The route of a path below its scope; the methods it knows, when it is another's. */
export function matchRoute(
  scope: Route['scope'],
  method: string,
  path: string,
  query: string,
): Match {
  const row = tables[scope].get(headOf(path))
  if (row === undefined) return null
  const wanted = method === 'HEAD' ? 'GET' : method
  let allow = ''
  for (const { route, match } of row) {
    if (route.needs !== undefined && !query.includes(`${route.needs}=`)) continue
    const parts = match(path)
    if (parts === null) continue
    if (route.method === wanted) return { route, parts }
    const methods = route.method === 'GET' ? 'GET, HEAD' : route.method
    allow = allow === '' ? methods : `${allow}, ${methods}`
  }
  return allow === '' ? null : { allow }
}
