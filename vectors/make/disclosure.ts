// Cases for the statements of gateways, written from docs/protocol/disclosure.md alone.
import { createHash } from 'node:crypto'
import { hash64, headerOf, jwsOf, keyOf } from './signing.ts'
import type { Key } from './signing.ts'

const ledger = 'ledger.city.example/2026'
const height = 10
const owner = keyOf('disclosure/owner')
const reader = keyOf('disclosure/reader')
const ended = keyOf('disclosure/ended')
const commanding = keyOf('disclosure/command')
const body = hash64('body')
const root = hash64('commitment')
const tag = hash64('tag')

type Registered = {
  readonly key: Key
  readonly member: string
  readonly use?: string
  readonly until?: number
}

const registered: readonly Registered[] = [
  { key: owner, member: 'market' },
  { key: reader, member: 'icbc' },
  { key: ended, member: 'market', until: height },
  { key: commanding, member: 'market', use: 'command' },
]

type Kind = 'answer' | 'acknowledgement' | 'tell'

type Case = {
  readonly claim: string
  readonly kind: Kind
  readonly from: string
  readonly text: string
} & ({ readonly statement: object } | { readonly code: string })

const typs: { readonly [kind in Kind]: string } = {
  answer: 'lianban-answer+jws',
  acknowledgement: 'lianban-ack+jws',
  tell: 'lianban-tell+jws',
}

const roots = { licence: [root], taxFile: [root, hash64('other')] }
const tags = { applicant: tag, 'legalRep.0': tag }
const statements = {
  answer: { body, ledger, permit: 7, roots, tags, time: 1_790_000_000_000 },
  acknowledgement: { answer: hash64('answer'), ledger, permit: 7 },
  tell: { hash: hash64('text'), ledger, path: 'notices', time: 1_790_000_000_000, to: 'icbc' },
}
const signers: { readonly [kind in Kind]: readonly [Key, string] } = {
  answer: [owner, 'market'],
  acknowledgement: [reader, 'icbc'],
  tell: [owner, 'market'],
}

function valid(claim: string, kind: Kind, change: object = {}): Case {
  const [key, from] = signers[kind]
  const statement = sorted({ ...statements[kind], ...change })
  return { claim, kind, from, text: signed(key, kind, JSON.stringify(statement)), statement }
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function signed(key: Key, kind: Kind, payload: string): string {
  return jwsOf(key, headerOf(key.kid, typs[kind]), payload)
}

/** A statement with members changed; `undefined` takes one away. */
function wrong(claim: string, kind: Kind, change: object): Case {
  const [key, from] = signers[kind]
  const payload = JSON.stringify(sorted({ ...statements[kind], ...change }))
  return { claim, kind, from, text: signed(key, kind, payload), code: 'node/bad-statement' }
}

function spelled(claim: string, kind: Kind, payload: string): Case {
  const [key, from] = signers[kind]
  return { claim, kind, from, text: signed(key, kind, payload), code: 'node/bad-statement' }
}

function forms(kind: Kind): readonly Case[] {
  const statement = statements[kind]
  const text = JSON.stringify(sorted(statement))
  const [first = ''] = Object.keys(sorted(statement))
  const reversed = Object.fromEntries(Object.entries(sorted(statement)).toReversed())
  return [
    wrong('one member more', kind, { more: 1 }),
    wrong('one member less', kind, { [first]: undefined }),
    wrong('another ledger', kind, { ledger: 'ledger.city.example/2027' }),
    spelled('members in another order', kind, JSON.stringify(reversed)),
    spelled('white space', kind, text.replace(':', ': ')),
    spelled('a member twice', kind, text.replace('{', `{"${first}":1,`)),
    spelled('a list', kind, `[${text}]`),
    spelled('no JSON', kind, 'x'),
  ]
}

function keys(kind: Kind): readonly Case[] {
  const [key, from] = signers[kind]
  const payload = JSON.stringify(sorted(statements[kind]))
  const of = (claim: string, by: Key, code: string): Case => {
    return { claim, kind, from, text: signed(by, kind, payload), code }
  }
  const good = signed(key, kind, payload)
  const [head = '', middle = '', signature = ''] = good.split('.')
  const other = signature.startsWith('A') ? 'B' : 'A'
  const typ = kind === 'answer' ? typs.acknowledgement : typs.answer
  const text = jwsOf(key, headerOf(key.kid, typ), payload)
  return [
    of('a key that nobody registered', keyOf('disclosure/none'), 'node/bad-signature'),
    of('a key whose time is over', ended, 'node/bad-signature'),
    of('a key of another use', commanding, 'node/bad-signature'),
    of('a key of another member', from === 'market' ? reader : owner, 'node/bad-signature'),
    {
      claim: 'another signature',
      kind,
      from,
      text: `${head}.${middle}.${other}${signature.slice(1)}`,
      code: 'node/bad-signature',
    },
    { claim: 'another typ', kind, from, text, code: 'node/bad-statement' },
    { claim: 'two parts', kind, from, text: `${head}.${middle}`, code: 'node/bad-statement' },
  ]
}

const members: readonly Case[] = [
  wrong('a permit that is no index', 'answer', { permit: -1 }),
  wrong('a permit as text', 'answer', { permit: '7' }),
  wrong('a hash of 31 bytes', 'answer', { body: 'A'.repeat(42) }),
  wrong('a root that is no commitment', 'answer', { roots: { licence: ['x'] } }),
  wrong('roots in a list', 'answer', { roots: [root] }),
  wrong('a name that is none', 'answer', { roots: { 'Licence x': [root] } }),
  wrong('a tag that is none', 'answer', { tags: { applicant: 'x' } }),
  wrong('a time as text', 'answer', { time: '1' }),
  wrong('a hash that is none', 'acknowledgement', { answer: 'x' }),
  wrong('told to somebody else', 'tell', { to: 'tax' }),
  wrong('another path', 'tell', { path: 'orders' }),
]

function receiptRoot(answer: string, acknowledgement: string | null): object {
  const text = `lianban/receipt/v1\n${answer}\n${acknowledgement ?? ''}`
  const digest = createHash('sha256').update(text).digest('base64url')
  return { answer, ...(acknowledgement === null ? {} : { acknowledgement }), root: digest }
}

export function disclosureFile(): object {
  const kinds: readonly Kind[] = ['answer', 'acknowledgement', 'tell']
  return {
    ledger,
    height,
    member: 'icbc',
    keys: registered.map(({ key: { kid, jwk }, member, use, until }) => {
      const record = { kid, member, use: use ?? 'receipt', alg: 'ES256', jwk, custody: 'own' }
      return { ...record, from: 1, until: until ?? null }
    }),
    valid: [
      ...kinds.map((kind) => valid('as the page has it', kind)),
      valid('nothing of a tag is known', 'answer', { tags: {} }),
      valid('a task', 'tell', { path: 'tasks' }),
    ],
    invalid: [...kinds.flatMap((kind) => [...forms(kind), ...keys(kind)]), ...members],
    receipts: [receiptRoot(body, null), receiptRoot(body, root), receiptRoot(root, body)],
  }
}
