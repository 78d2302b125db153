// Lists at web addresses: the whole of one or none, within bounds, and a token for nobody else.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname } from 'node:path'
import { after, before, test } from 'node:test'
import { Failure, gbEncode } from '#adapters/sources'
import { lianbanMeanwhile, scratch } from '#test/lianban'
import { downloaded, mayFollow } from './download.ts'

const list = gbEncode(
  '名称,代码\r\n甲,11110000000021135M\r\n乙,11110000000021135N\r\n丙,11110000000021039C\r\n',
) as Uint8Array
const servers: Server[] = []
let origin = ''
let other = ''
const tokens: (string | undefined)[] = []

const answers: { readonly [path: string]: (response: ServerResponse) => void } = {
  '/list.csv': (response) => response.end(list),
  '/%E5%90%8D%2F..%2F%E5%8D%95.csv': (response) => response.end(list),
  '/moved': (response) => response.writeHead(302, { location: '/list.csv' }).end(),
  '/away': (response) => response.writeHead(302, { location: `${other}/list.csv` }).end(),
  '/open': (response) => response.writeHead(302, { location: 'http://192.0.2.1/list.csv' }).end(),
  '/round': (response) => response.writeHead(302, { location: '/round' }).end(),
  '/short': (response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('a,b\r\n')
    setTimeout(() => response.destroy(), 20)
  },
  '/silent': (response) => response.writeHead(200).write('a,b\r\n'),
  '/drip': (response) => {
    const drip = setInterval(() => response.write('a'), 20)
    response.on('close', () => clearInterval(drip))
  },
  '/long': (response) => response.end('a,b\r\n'.repeat(1000)),
  '/packed': (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
  '/service': (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  tokens.push(request.headers.authorization)
  const known = answers[request.url ?? '']
  if (known === undefined) response.writeHead(404).end()
  else known(response)
}

before(async () => {
  for (let at = 0; at < 2; at += 1) {
    const server = createServer(answer)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    servers.push(server)
  }
  const [one, two] = servers.map((server) => (server.address() as AddressInfo).port)
  origin = `http://127.0.0.1:${one}`
  other = `http://127.0.0.1:${two}`
})
after(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

const within = { bytes: 1000, silenceMs: 200, wholeMs: 400 }
const at = (path: string): Promise<string | null> =>
  downloaded(origin + path, { password: 't' }, within)

test('a file behind a web address comes whole, also from where it was moved', async () => {
  for (const path of ['/list.csv', '/moved']) {
    const file = await at(path)
    assert.deepEqual(readFileSync(file ?? ''), Buffer.from(list))
    assert.equal(basename(file ?? ''), 'list.csv')
  }
  const odd = await at('/%E5%90%8D%2F..%2F%E5%8D%95.csv')
  assert.equal(basename(odd ?? ''), '名_.._单.csv')
  assert.match(basename(dirname(odd ?? '')), /^lianban-source-/)
})

test('a token goes to the server that was named and to no other', async () => {
  tokens.length = 0
  assert.notEqual(await at('/away'), null)
  assert.deepEqual(tokens, ['Bearer t', undefined])
  assert.equal(await at('/open'), null, 'nothing is asked of another machine without encryption')
})

test('what breaks off, says nothing, is too long, goes round or comes packed is refused', async () => {
  const refused = (code: string) => (error: unknown) =>
    error instanceof Failure && error.code === code
  await assert.rejects(at('/long'), refused('sources/too-large'))
  for (const path of ['/short', '/silent', '/drip', '/round', '/packed']) {
    await assert.rejects(at(path), refused('sources/not-read'), path)
  }
})

test('where no file lies a service may answer', async () => {
  assert.equal(await at('/service'), null)
  assert.equal(await at('/nothing'), null)
  assert.equal(await downloaded('http://192.0.2.1/list.csv', {}), null)
  assert.equal(await downloaded(origin.replace('//', '//u:p@'), {}), null)
})

test('the command line tries a list at a web address and leaves nothing behind', async () => {
  const room = scratch('download')
  const env = { TMPDIR: room.path }
  const ran = await lianbanMeanwhile(['source', 'try', `${origin}/list.csv`, '--json'], { env })
  assert.equal(ran.exit, 0, ran.err)
  const { form, rows, bad } = JSON.parse(ran.out) as {
    form: { type: string; encoding: { encoding: string } }
    rows: number
    bad: { first: { at: string; code: string }[] }
  }
  assert.deepEqual([form.type, form.encoding.encoding, rows], ['csv', 'gb18030', 3])
  assert.deepEqual(
    bad.first.map(({ at: cell, code }) => `${cell} ${code}`),
    ['B3 sources/wrong-check'],
  )
  assert.deepEqual(readdirSync(room.path), [])
  room.remove()
  const none = await lianbanMeanwhile(['source', 'try', `${origin}/nothing`])
  assert.notEqual(none.exit, 0)
})

test('no server elsewhere leads to what lies on this machine', () => {
  const follows = (from: string, to: string): boolean => mayFollow(new URL(from), new URL(to))
  assert.ok(follows('https://a.example/list', 'https://b.example/list'))
  assert.ok(follows('http://127.0.0.1:1/list', 'http://localhost:2/list'))
  for (const near of ['http://127.0.0.1/', 'http://[::1]:8/', 'https://localhost/x']) {
    assert.ok(!follows('https://a.example/list', near), near)
  }
  assert.ok(!follows('https://a.example/list', 'http://b.example/list'))
})

test('a password in an address is on no screen', async () => {
  const ran = await lianbanMeanwhile(['source', 'try', 'postgres://reader:geheim@127.0.0.1:1/db'])
  assert.notEqual(ran.exit, 0)
  assert.match(ran.err, /registers\/bad-address/)
  assert.match(ran.err, /reader:…@127/)
  assert.doesNotMatch(ran.out + ran.err, /geheim/)
})
