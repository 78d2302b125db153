// A service that pages may err or lie: a table is given whole or not at all, and never without end.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { openHttpRegister } from './http.ts'

type Page = { readonly rows: unknown; readonly next?: unknown; readonly state?: unknown }

type Service = {
  /** What is said of the table; asked again, the second one. */
  readonly described?: readonly unknown[]
  /** The page after a token, the first one after nothing. */
  readonly page: (after: string | undefined, asked: number) => Page | Buffer
}

const columns = [
  { name: 'code', type: 'text' },
  { name: 'n', type: 'integer' },
]
const row = (at: number): unknown => ({ code: `k${at}`, n: at })
const some = (from: number, count: number): unknown[] =>
  Array.from({ length: count }, (_, at) => row(from + at))
const six = { columns, rows: 6 }

/** The codes of the rows, or the code of the refusal. */
async function scanned({ described = [six], page }: Service): Promise<readonly string[] | string> {
  let descriptions = 0
  let asked = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { after } = JSON.parse(Buffer.concat(chunks).toString()) as { after?: string }
      asked += 1
      const answer =
        request.url === '/describe'
          ? (described[descriptions++] ?? described.at(-1))
          : page(after, asked)
      response.end(Buffer.isBuffer(answer) ? answer : JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const register = openHttpRegister({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  })
  const codes: string[] = []
  try {
    await register.scan('list', ([code]) => void codes.push(String(code)))
    return codes
  } catch (error) {
    return (error as { readonly code: string }).code
  } finally {
    await register.close()
    server.closeAllConnections()
    server.close()
    assert.ok(asked < 50, 'it ends')
  }
}

/** Pages of so many rows each. */
const pages =
  (size: number, more: object = {}): Service['page'] =>
  (after) => {
    const from = Number(after ?? 0)
    const next = from + size < 6 ? { next: String(from + size) } : {}
    return { rows: some(from, Math.min(size, 6 - from)), ...next, ...more }
  }

for (const size of [1, 2, 5, 6, 100]) {
  test(`a table in pages of ${size} comes whole and in order`, async () => {
    assert.deepEqual(await scanned({ page: pages(size) }), ['k0', 'k1', 'k2', 'k3', 'k4', 'k5'])
  })
}

const wrong: readonly (readonly [name: string, service: Service, code: string])[] = [
  [
    'a page that comes twice',
    {
      page: (after) => ({
        rows: some(0, 3),
        ...(after === '2' ? {} : { next: after === '1' ? '2' : '1' }),
      }),
    },
    'bad-answer',
  ],
  ['a token that stands still', { page: () => ({ rows: [], next: 'a' }) }, 'bad-answer'],
  [
    'tokens that go round',
    { page: (after) => ({ rows: [], next: after === 'a' ? 'b' : 'a' }) },
    'bad-answer',
  ],
  [
    'a token that goes back',
    { page: (after) => ({ rows: [], next: String((Number(after ?? 0) + 1) % 4) }) },
    'bad-answer',
  ],
  ['fewer rows than said', { page: () => ({ rows: some(0, 5) }) }, 'bad-answer'],
  [
    'more rows than said',
    { page: (_, asked) => ({ rows: some(0, 4), next: String(asked) }) },
    'bad-answer',
  ],
  [
    'a table that grew',
    { described: [six, { columns, rows: 7 }], page: () => ({ rows: some(0, 7) }) },
    'changed',
  ],
  [
    'a table that shrank',
    { described: [six, { columns, rows: 5 }], page: () => ({ rows: some(0, 5) }) },
    'changed',
  ],
  [
    'another state between pages',
    {
      described: [{ ...six, state: 'a' }],
      page: (after) => pages(3, { state: after === undefined ? 'a' : 'b' })(after, 0),
    },
    'changed',
  ],
  ['a state that was not described', { page: pages(6, { state: 'a' }) }, 'changed'],
  ['a page that is too large', { page: () => Buffer.alloc(5 * 1024 * 1024, 0x20) }, 'bad-answer'],
  ['a page that is cut off', { page: () => Buffer.from('{"rows": [{"code": "k') }, 'bad-answer'],
  [
    'a page that is no UTF-8',
    { page: () => Buffer.from('{"rows": ["\xff"]}', 'latin1') },
    'bad-answer',
  ],
  ['rows that are no rows', { page: () => ({ rows: [1, 2, 3, 4, 5, 6] }) }, 'bad-answer'],
  [
    'a column that was not described',
    { page: () => ({ rows: [...some(0, 5), { code: 'x', more: 1 }] }) },
    'bad-answer',
  ],
  [
    'a cell that is a structure',
    { page: () => ({ rows: [...some(0, 5), { code: ['x'] }] }) },
    'bad-answer',
  ],
  ['a token that is no text', { page: () => ({ rows: [], next: 7 }) }, 'bad-answer'],
  ['a token without end', { page: () => ({ rows: [], next: 'x'.repeat(600) }) }, 'bad-answer'],
  [
    'a column that is described twice',
    { described: [{ columns: [columns[0], columns[0]], rows: 6 }], page: pages(6) },
    'bad-answer',
  ],
  [
    'a column without a name',
    { described: [{ columns: [{ name: '' }], rows: 6 }], page: pages(6) },
    'bad-answer',
  ],
  ['a count that is none', { described: [{ columns, rows: -1 }], page: pages(6) }, 'bad-answer'],
  [
    'JSON that is nested without end',
    { page: () => Buffer.from('['.repeat(2_000_000)) },
    'bad-answer',
  ],
]
for (const [name, service, code] of wrong) {
  test(`${name}: registers/${code}`, async () => {
    assert.equal(await scanned(service), `registers/${code}`)
  })
}

test('a cell that a row leaves out is empty, also where every object has one of that name', async () => {
  const described = [{ columns: [{ name: 'code' }, { name: 'toString' }], rows: 1 }]
  assert.deepEqual(await scanned({ described, page: () => ({ rows: [{ code: 'k' }] }) }), ['k'])
})

test('a number of which digits were lost on the way is refused, and the same digits as text are not', async () => {
  const one = { columns, rows: 1 }
  const sent = (code: string): Buffer => Buffer.from(`{"rows":[{"code":${code},"n":1}]}`)
  const ask = (code: string): Promise<readonly string[] | string> =>
    scanned({ described: [one], page: () => sent(code) })
  assert.equal(await ask('911100000000211351'), 'registers/bad-answer')
  assert.equal(await ask('1e300'), 'registers/bad-answer')
  assert.deepEqual(await ask('"911100000000211351"'), ['911100000000211351'])
  assert.deepEqual(await ask('9007199254740991'), ['9007199254740991'])
})
