// The OpenAPI 3.1 description of the node, derived from the table of routes and from the schemas of
// the command types. It is a function of those alone, so the same release gives the same bytes and
// a difference between two releases is a difference of the interface.
import type { Value } from '#ledger/command'
import { intentBytesMax, jsonSchemaOf } from '#ledger/command'
import type { CommandType } from '#ledger/apply'

/** A route as the description needs it. */
export type Described = {
  readonly method: 'GET' | 'POST'
  readonly scope: 'ledger' | 'node'
  readonly path: string
  readonly needs?: string
  readonly who: 'anyone' | 'member' | 'holder'
  readonly summary: string
  readonly query?: readonly string[]
  readonly takes?: readonly string[]
  readonly gives: string
  readonly status: number
}

export type Description = {
  readonly version: string
  readonly routes: readonly Described[]
  readonly types: ReadonlyMap<string, CommandType>
  /** Every code that an answer can carry, with its status. */
  readonly codes: readonly (readonly [code: string, status: number])[]
}

type Members = { readonly [name: string]: Value }

/** The path of a route as OpenAPI writes it. */
export function pathOf({ scope, path }: Pick<Described, 'scope' | 'path'>): string {
  const named = path.replaceAll('+}', '}')
  return scope === 'node' ? named : `/v1/ledgers/{ledger}/${named}`
}

/** The description as a JSON text. */
export function openapiText(description: Description): string {
  const { version, routes } = description
  const paths: { [path: string]: { [method: string]: Value } } = {}
  for (const route of routes) {
    const path = pathOf(route)
    const known = paths[path] ?? {}
    known[route.method === 'GET' ? 'get' : 'post'] = operationOf(route)
    paths[path] = known
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Lianban node',
      version,
      summary: 'Submit commands, read what is durable, prove it',
    },
    paths,
    components: {
      schemas: schemasOf(description),
      securitySchemes: {
        member: { type: 'mutualTLS' },
        operator: { type: 'http', scheme: 'bearer' },
      },
    },
  }
  return JSON.stringify(document)
}

function operationOf(route: Described): Value {
  const { summary, who, status, gives } = route
  const problem = { $ref: '#/components/schemas/Problem' }
  return {
    operationId: `${route.method === 'GET' ? 'get' : 'post'}-${idOf(route.path)}`,
    summary,
    ...(who === 'anyone' ? {} : { security: [{ member: [] }, { operator: [] }] }),
    parameters: parametersOf(route),
    ...(route.takes === undefined ? {} : { requestBody: bodyOf(route.takes) }),
    responses: {
      [String(status)]: {
        description: 'As asked',
        content: { [gives]: { schema: giftOf(route) } },
      },
      ...(route.takes?.includes('application/x-ndjson') === true
        ? {
            200: {
              description: 'One answer a line, in the order of the lines',
              content: { 'application/x-ndjson': { schema: {} } },
            },
          }
        : {}),
      default: {
        description: 'A no',
        content: { 'application/problem+json': { schema: problem } },
      },
    },
  }
}

function idOf(path: string): string {
  return path.replaceAll(/[^a-z.]+/g, '-').replaceAll(/^-|-$/g, '')
}

function parametersOf({ scope, path, query = [], needs }: Described): readonly Value[] {
  const named = [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => name ?? '')
  const inPath = scope === 'ledger' ? ['ledger', ...named] : named
  return [
    ...inPath.map((name) => ({
      name,
      in: 'path',
      required: true,
      schema: schemaOfParameter(name),
    })),
    ...query.map((name) => ({
      name,
      in: 'query',
      required: name === needs,
      schema: schemaOfParameter(name),
    })),
  ]
}

const counts: readonly string[] = ['index', 'from', 'to', 'limit', 'wait']

function schemaOfParameter(name: string): Value {
  if (counts.includes(name)) return { type: 'integer', minimum: 0 }
  if (name === 'member') return { type: 'string', pattern: '^[a-z][a-z0-9-]{1,31}$' }
  if (name === 'id') return { type: 'string', pattern: '^[A-Za-z0-9_-]{21}[AQgw]$' }
  if (name === 'hash') return { type: 'string', pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$' }
  return { type: 'string' }
}

function bodyOf(takes: readonly string[]): Value {
  const content: { [type: string]: Value } = {}
  for (const type of takes) {
    const schema: Value =
      type === 'application/json' ? { $ref: '#/components/schemas/Submission' } : { type: 'string' }
    content[type] = { schema }
  }
  return { required: true, content }
}

function giftOf({ path, gives }: Described): Value {
  if (path === 'commands') {
    return { anyOf: [{ $ref: '#/components/schemas/Receipt' }, receiptsSchema] }
  }
  if (path.startsWith('receipts/')) return { $ref: '#/components/schemas/Receipt' }
  if (path === 'records/{key+}') return recordSchema
  return gives === 'application/json' ? { type: 'object' } : { type: 'string' }
}

const count: Value = { type: 'integer', minimum: 0 }
const hash: Value = { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' }

const receiptsSchema: Value = {
  type: 'object',
  properties: {
    receipts: {
      type: 'array',
      items: {
        anyOf: [{ $ref: '#/components/schemas/Receipt' }, { $ref: '#/components/schemas/Problem' }],
      },
    },
  },
  required: ['receipts'],
}

const recordSchema: Value = {
  type: 'object',
  properties: { key: { type: 'string' }, value: {}, height: count },
  required: ['key', 'value', 'height'],
}

const receiptSchema: Value = {
  type: 'object',
  properties: {
    ledger: { type: 'string' },
    member: { type: 'string' },
    id: { type: 'string' },
    type: { type: 'string' },
    intent: hash,
    entry: count,
    height: count,
    time: count,
    code: { type: 'string', description: '`ok`, or the address of the refusal' },
    at: { type: 'string' },
    outcome: {},
    leaf: hash,
    envelope: {
      type: 'object',
      properties: { entry: count, position: count },
      required: ['entry', 'position'],
    },
    grade: {
      type: 'string',
      pattern: '^(?:durable|checkpointed|(?:witnessed|validated)\\([0-9]+\\))',
    },
  },
  required: [
    'ledger',
    'member',
    'id',
    'type',
    'intent',
    'entry',
    'height',
    'time',
    'code',
    'leaf',
    'grade',
  ],
}

const submissionSchema: Value = {
  oneOf: [
    {
      type: 'object',
      properties: {
        command: { type: 'string', description: 'Compact JWS, typ lianban-command+jws' },
        documents: { type: 'array', items: { type: 'string' } },
      },
      required: ['command'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        envelope: { type: 'string', description: 'Compact JWS, typ lianban-envelope+jws' },
        intents: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 64 },
        documents: { type: 'array', items: { type: 'string' } },
      },
      required: ['envelope', 'intents'],
      additionalProperties: false,
    },
  ],
}

function schemasOf({ types, codes }: Description): Members {
  const intents: { [name: string]: Value } = {}
  const names = [...types.keys()].sort((a, b) => (a < b ? -1 : 1))
  for (const name of names) {
    const type = types.get(name)
    if (type === undefined) continue
    intents[`intent.${name}`] = intentSchema(type)
    if (type.outcome !== undefined) intents[`outcome.${name}`] = jsonSchemaOf(type.outcome)
  }
  return {
    Intent: {
      description: `What a command asks for, as canonical JSON of at most ${intentBytesMax} bytes`,
      oneOf: names.map((name) => ({ $ref: `#/components/schemas/intent.${name}` })),
    },
    Submission: submissionSchema,
    Receipt: receiptSchema,
    Problem: problemSchema(codes),
    ...intents,
  }
}

function intentSchema({ name, body }: CommandType): Value {
  return {
    type: 'object',
    properties: {
      ledger: { type: 'string' },
      id: { type: 'string', pattern: '^[A-Za-z0-9_-]{21}[AQgw]$' },
      type: { const: name },
      body: jsonSchemaOf(body),
      notAfter: count,
    },
    required: ['ledger', 'id', 'type', 'body', 'notAfter'],
    additionalProperties: false,
  }
}

function problemSchema(codes: Description['codes']): Value {
  return {
    type: 'object',
    description: 'RFC 9457 problem details',
    properties: {
      type: { type: 'string' },
      code: { type: 'string', examples: codes.map(([code]) => code) },
      title: { type: 'string' },
      status: { type: 'integer', enum: statusesOf(codes) },
      at: { type: 'string', description: 'A place in the schema, never content' },
      errors: { type: 'array', items: { $ref: '#/components/schemas/Problem' } },
      signed: { type: 'string', description: 'Compact JWS, typ lianban-refusal+jws' },
    },
    required: ['type', 'code', 'title', 'status'],
  }
}

function statusesOf(codes: Description['codes']): readonly number[] {
  return [...new Set(codes.map(([, status]) => status))].sort((a, b) => a - b)
}
