// The house rules bite: each is fed an offence and its lawful twin through the very functions that
// judge the tree. Offences are put together from parts so that this file breaks no rule itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge, rules } from './rules.ts'
import { rooms } from './table.ts'
import { plant } from './tree.ts'

type Files = Readonly<Record<string, string>>

const head = '// What it is.\n'
const many = (count: number, text: string): string =>
  Array.from({ length: count }, () => text).join('')

function offences(name: string, files: Files): string[] {
  const rule = rules.find((each) => each.name === name)
  assert.ok(rule, `no rule ${name}`)
  return judge(rule, plant(files), []).offences
}

/** Claims that a rule finds something in one tree and nothing in another. */
function bites(name: string, guilty: Files, innocent: Files): void {
  assert.notDeepEqual(offences(name, guilty), [], `${name} overlooks ${Object.keys(guilty).join()}`)
  assert.deepEqual(offences(name, innocent), [], `${name} sees ghosts`)
}

/** The same for one file at one path. */
function bitesAt(name: string, path: string, guilty: string, innocent: string): void {
  bites(name, { [path]: head + guilty }, { [path]: head + innocent })
}

test('a file at the wrong depth, in an unknown layer or room, is found', () => {
  const fine = { 'src/base/bytes/hex.ts': head, 'src/apps/node/http/route.ts': head }
  bites('depth', { 'src/base/hex.ts': head }, fine)
  bites('depth', { 'src/base/bytes/deep/hex.ts': head }, fine)
  bites('depth', { 'src/kernel/bytes/hex.ts': head }, fine)
  bites('depth', { 'src/base/sockets/hex.ts': head }, fine)
  bites('depth', { 'src/apps/node/http/v1/route.ts': head }, fine)
})

test('a drawer and a name in camel case are found', () => {
  bites('names', { 'src/base/bytes/utils.ts': head }, { 'src/base/codes/service-item.ts': head })
  bites('names', { 'test/helpers.ts': head }, { 'test/tidy/scan.ts': head })
  bites('names', { 'src/base/bytes/hexCodec.ts': head }, { 'src/base/bytes/index.node.ts': head })
})

test('long files, long doors and wide lines are found', () => {
  bitesAt('sizes', 'src/base/bytes/hex.ts', many(400, '//\n'), many(399, '//\n'))
  bitesAt('sizes', 'src/base/bytes/index.ts', many(40, '//\n'), many(39, '//\n'))
  bitesAt('sizes', 'test/wide.ts', `//${many(99, 'x')}`, `//${many(98, '办')}`)
  const name = `test('${many(99, 'x')}', () => {`
  bites('sizes', { 'src/base/bytes/hex.ts': head + name }, { 'test/wide.ts': head + name })
})

test('a crowded room and a crowded root are found', () => {
  const crowd = (count: number, folder: string): Files =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}f${i}.ts`, head]))
  bites('crowds', crowd(13, 'src/base/bytes/'), crowd(12, 'src/base/bytes/'))
  bites('root', crowd(17, ''), { ...crowd(16, ''), '.gitignore': '' })
})

test('doors that hide, do or lack something are found', () => {
  const door = 'src/base/bytes/index.ts'
  const named = "export {\n  hexEncode,\n} from './hex.ts'\nexport type { Bytes } from './hex.ts'\n"
  bitesAt('doors', door, "export * from './hex.ts'", named)
  bitesAt('doors', door, `${named}export const max = 1`, named)
  bites('doors', { 'src/base/bytes/hex.ts': head }, { 'src/apps/node/main.ts': head })
  const faces = (other: string): Files => ({ [door]: named, 'src/base/bytes/index.node.ts': other })
  bites('doors', faces("export { hexEncode } from './native.node.ts'"), faces(named))
})

test('a source without an opening comment is found', () => {
  bites('openings', { 'test/x.ts': 'const x = 1' }, { 'test/x.ts': `#!/usr/bin/env node\n${head}` })
})

test('a port with too many methods is found, and the disk may have ten', () => {
  const body = (count: number): string =>
    many(count, '  /** What. */\n  act(a: { b: string }): void\n')
  const port = (name: string, count: number): string =>
    `/** Port: a world. */\nexport interface ${name} {\n${body(count)}  size: number\n}\n`
  bitesAt('ports', 'src/ledger/order/port.ts', port('Sequence', 9), port('Sequence', 8))
  bitesAt('ports', 'src/ledger/order/port.ts', port('Disk', 11), port('Disk', 10))
  const fields = (count: number): string => many(count, '  readonly act: () => void\n')
  const typed = (count: number): string =>
    `/** Port: a world. */\nexport type World = {\n${fields(count)}}\n`
  bitesAt('ports', 'src/ledger/order/port.ts', typed(9), typed(8))
})

test('a file that nothing reaches is found, and a worker named by its URL is reached', () => {
  const dead = { 'src/base/bytes/index.ts': head, 'src/base/bytes/hex.ts': head }
  const door = "export { hexEncode } from './hex.ts'"
  bites('unreached', dead, { ...dead, 'src/base/bytes/index.ts': door })
  const worker = "new Worker(new URL('./work.ts', import.meta.url))"
  const tests = { 'src/adapters/keys/index.ts': head, 'src/adapters/keys/work.ts': head }
  bites('unreached', tests, { ...tests, 'src/adapters/keys/index.ts': worker })
})

test('a document that can be executed and a program that cannot are found', () => {
  const rule = rules.find(({ name }) => name === 'executables')
  assert.ok(rule)
  const page = { 'docs/x.md': '' }
  const program = { '.ci/run': '' }
  assert.equal(rule.check(plant(page, true)).length, 1)
  assert.equal(rule.check(plant(program)).length, 1)
  assert.deepEqual([...rule.check(plant(page)), ...rule.check(plant(program, true))], [])
})

test('a missing licence and a large file are found', () => {
  assert.ok(offences('present', {}).some((line) => line.startsWith('LICENSE')))
  bites('blobs', { 'vectors/x.json': many(300_000, 'x') }, { 'vectors/x.json': '{}' })
})

const doorsOfAll: Files = Object.fromEntries(
  Object.entries(rooms).flatMap(([layer, names]) =>
    names.map((room) => [`src/${layer}/${room}/index.ts`, head]),
  ),
)

test('imports against the arrows are found', () => {
  const manifest = JSON.stringify({
    dependencies: { 'smol-toml': '1', '@noble/hashes': '1', '@peculiar/x509': '1' },
    devDependencies: { jose: '1' },
  })
  const at = (path: string, named: string): Files => ({
    ...doorsOfAll,
    'test/support/log.ts': head,
    'test/simulation/world.ts': head,
    'package.json': manifest,
    'src/ledger/apply/block.ts': head,
    [path]: `${head}import { x } from '${named}'\nimport { y } from './block.ts'\n`,
    [path.replace(/[^/]+$/, 'block.ts')]: head,
  })
  const guilty: readonly (readonly [string, string])[] = [
    ['src/base/bytes/hex.ts', '#ledger/apply'],
    ['src/base/bytes/hex.ts', 'node:fs'],
    ['src/ledger/apply/fold.ts', '#ledger/prove'],
    ['src/ledger/apply/fold.ts', '#ledger/apply'],
    ['src/ledger/apply/fold.ts', '#ledger/apply/block.ts'],
    ['src/ledger/apply/fold.ts', '#domains/members'],
    ['src/ledger/apply/fold.ts', '#adapters/storage'],
    ['src/ledger/apply/fold.ts', 'node:crypto'],
    ['src/ledger/apply/fold.ts', '#test/log'],
    ['src/ledger/apply/fold.ts', '#simulation/world'],
    ['src/ledger/apply/fold.test.ts', '#test/gone'],
    ['src/ledger/apply/fold.ts', './deep/block.ts'],
    ['src/ledger/apply/fold.ts', './gone.ts'],
    ['src/domains/members/decide.ts', '#domains/certificates'],
    ['src/blueprint/rules/parse.ts', '#ledger/command'],
    ['src/adapters/storage/disk.ts', '#domains/members'],
    ['src/adapters/storage/disk.ts', '#adapters/keys'],
    ['src/apps/node/main.ts', '#apps/cli'],
    ['src/apps/node/main.ts', 'jose'],
    ['src/apps/node/main.ts', 'left-pad'],
    ['test/x.test.ts', ['.', './src/base/bytes/hex.ts'].join('')],
  ]
  const innocent: readonly (readonly [string, string])[] = [
    ['src/base/bytes/native.node.ts', 'node:crypto'],
    ['src/base/crypto/curve.ts', '@noble/hashes/sha2.js'],
    ['src/ledger/prove/tree.ts', '#ledger/apply'],
    ['src/domains/certificates/decide.ts', '#domains/members'],
    ['src/adapters/storage/disk.ts', 'node:fs'],
    ['src/apps/node/main.ts', 'smol-toml'],
    ['src/ledger/apply/fold.test.ts', 'node:test'],
    ['src/ledger/apply/fold.test.ts', '#test/log'],
    ['test/faults/x.ts', '#test/log'],
    ['test/faults/x.ts', '#simulation/world'],
    ['test/x.test.ts', 'jose'],
  ]
  for (const [path, named] of guilty) {
    assert.notDeepEqual(offences('arrows', at(path, named)), [], `${path} imports ${named}`)
  }
  for (const [path, named] of innocent) assert.deepEqual(offences('arrows', at(path, named)), [])
})

test('re-exports, dynamic imports and types are imports too', () => {
  const path = 'src/ledger/apply/fold.ts'
  for (const text of [
    "export { readFileSync } from 'node:fs'",
    "const fs = import('node:fs')",
    "import 'node:fs'",
    "type Stats = import('node:fs').Stats",
    "import type { Stats } from\n  'node:fs'",
  ]) {
    const twin = `// ${text.replaceAll('\n', ' ')}\nconst text = \`${text}\`\nArray.from('node:fs')`
    bitesAt('arrows', path, text, twin)
  }
})

test('whatever differs between hosts is found in pure layers only', () => {
  const lines = [
    'const now = Date.now()',
    'const n = Math.random()',
    'const n = Math.sqrt(2)',
    'const n = 0.5',
    'const n = 1e-3',
    'const n = parseFloat(text)',
    'export async function f() {}',
    'const p = Promise.resolve()',
    'const id = crypto.randomUUID()',
    'const e = process.env',
    'const s = names.sort()',
    'const s = a.localeCompare(b)',
    'const s = a.toUpperCase()',
    "const s = a.normalize('NFKC')",
    'const s = n.toLocaleString()',
    'const f = new Intl.Collator()',
    'const ok = /^\\p{L}+$/u.test(text)',
    'for (const key in record) f(key)',
    'const value = JSON.parse(text)',
    'const s = error.stack',
  ]
  for (const line of lines) {
    bitesAt('purity', 'src/ledger/apply/fold.ts', line, `// ${line}\nconst n = 10 / 2`)
    assert.deepEqual(offences('purity', { 'src/apps/node/main.ts': line }), [])
    assert.deepEqual(offences('purity', { 'src/ledger/apply/fold.test.ts': line }), [])
  }
  const lawful = 'const n = Math.floor(7 / 2) + 1_000\nnames.sort(compare)\nconst t = block.time\n'
  assert.deepEqual(offences('purity', { 'src/domains/members/decide.ts': lawful }), [])
})

test('a word that lost in the glossary is found in identifiers only', () => {
  const page =
    '## Glossary\n\n| Word | Meaning | Not |\n|---|---|---|\n| kid | a key | `key id` |\n'
  const files = (text: string): Files => ({ 'ARCHITECTURE.md': page, 'test/x.ts': text })
  bites('glossary', files('const officerKeyId = 1'), files('// a key id\nconst kid = 1'))
  bites('glossary', files('const KEY_ID = 1'), files("const kid = 'key id'"))
})

test('names that say nothing are found', () => {
  bitesAt('empty-names', 'test/x.ts', 'interface IStore {}', 'interface Index {}')
  bitesAt('empty-names', 'test/x.ts', 'class StoreImpl {}', 'class Implied {}')
  bitesAt('empty-names', 'test/x.ts', 'export default x', 'export { x }')
})

test('work left over and places of one machine are found', () => {
  const left = ['TO', 'DO'].join('')
  bitesAt('leftovers', 'test/x.ts', `// ${left}: more`, `const text = '${left}'`)
  bites('leftovers', { 'docs/x.md': `${left}: more` }, { 'docs/x.md': 'nothing to do' })
  const place = ['', 'home', 'somebody', 'x'].join('/')
  bites('machines', { 'docs/x.md': place }, { 'docs/x.md': `https://a.example${place}` })
  const host = ['registry', 'npmjs', 'org'].join('.')
  bites('machines', { 'docs/x.md': host }, { 'docs/x.md': 'registry.find(key)' })
})

test('codes away from their room or their page are found', () => {
  const page = (codes: string): string => `| Code | Meaning |\n|---|---|\n${codes}`
  const row = '| `validate/too-large` | over the bound |\n'
  const room = { 'src/ledger/validate/admit.ts': "const code = 'validate/too-large'" }
  const fine = { ...room, 'docs/protocol/codes.md': page(row) }
  bites('addresses', { ...room, 'docs/protocol/codes.md': page('') }, fine)
  bites('addresses', { 'docs/protocol/codes.md': page(row) }, fine)
  const status = { 'src/apps/node/status.ts': "const table = { 'validate/too-large': 413 }" }
  bites('addresses', { ...status, 'docs/protocol/codes.md': page(row) }, { ...fine, ...status })
  const list = { 'src/ledger/validate/codes.ts': "[['validate/too-large', 'over the bound']]" }
  const unlike = { 'src/ledger/validate/codes.ts': "[['validate/too-large', 'a giant']]" }
  bites('addresses', { ...fine, ...unlike }, { ...fine, ...list })
  bites('addresses', { ...list, 'docs/protocol/codes.md': page(row) }, { ...fine, ...list })
  const typo = { 'test/x.test.ts': "equal(code, 'validate/to-large')" }
  bites('addresses', { ...fine, ...typo }, { ...fine, 'test/x.test.ts': "type('text/plain')" })
})

test('a document that says otherwise than the gate is found', () => {
  assert.equal(offences('table', { 'ARCHITECTURE.md': '## Import table\n' }).length, 6)
  const rows = '## Rooms\n\n- `base/bytes`: bytes.\n'
  const room = { 'src/base/bytes/index.ts': head }
  bites('rooms', room, { ...room, 'ARCHITECTURE.md': rows })
  bites('rooms', { 'ARCHITECTURE.md': rows }, { ...room, 'ARCHITECTURE.md': rows })
})

test('invariants without a test, and citations of none, are found', () => {
  const page = (by: string): Files => ({
    'ARCHITECTURE.md': `## Invariants\n\n| # | Holds | By |\n|---|---|---|\n| L1 | x | ${by} |\n`,
    'test/a.test.ts': '// L1: holds. P-256, RFC 6962 §2.1, S = 3.',
  })
  bites('invariants', page('`test/b.test.ts`'), page('`test/a.test.ts`'))
  bites('invariants', page('nothing'), page('`test/a.test.ts`'))
  const fine = page('`test/a.test.ts`')
  bites('invariants', { ...fine, 'test/c.ts': '// Holds by L7.' }, fine)
})

test('links and scripts that lead nowhere are found', () => {
  const link = (target: string): Files => ({ 'docs/x.md': `[x](${target})`, 'docs/y.md': '' })
  bites('pointers', link('z.md'), link('y.md#part'))
  bites('pointers', link('../y.md'), link('../docs/y.md'))
  const script = { 'package.json': '{"scripts":{"check":"x"}}' }
  const says = (name: string): Files => ({ ...script, 'docs/x.md': `npm run ${name}` })
  bites('pointers', says('chekc'), says('check'))
})

test('a script that runs nothing is found', () => {
  const manifest = { 'package.json': '{"scripts":{"start":"node ./src/apps/node/main.ts x"}}' }
  bites('scripts', manifest, { ...manifest, 'src/apps/node/main.ts': head })
})

test('a lockfile with a gap or with the name of a registry is found', () => {
  const lock = (packages: unknown): Files => ({ 'package-lock.json': JSON.stringify({ packages }) })
  const a = { optionalDependencies: { b: '1' } }
  const whole = lock({
    '': { dependencies: { a: '1' } },
    'node_modules/a': a,
    'node_modules/b': {},
  })
  bites('lockfile', lock({ '': { dependencies: { a: '1' } }, 'node_modules/a': a }), whole)
  bites('lockfile', lock({ 'node_modules/a': { resolved: 'https://r.example/a.tgz' } }), whole)
  const nested = { 'node_modules/a': a, 'node_modules/a/node_modules/b': {} }
  assert.deepEqual(offences('lockfile', lock(nested)), [])
})

test('an exception lets one offence pass and is itself found when nothing needs it', () => {
  const rule = rules.find(({ name }) => name === 'openings')
  assert.ok(rule)
  const granted = ['test/x.ts: opens without a comment that says what it is']
  const used = judge(rule, plant({ 'test/x.ts': 'x' }), granted)
  assert.deepEqual(used, { offences: [], unneeded: [] })
  assert.deepEqual(judge(rule, plant({ 'test/x.ts': head }), granted).unneeded, granted)
})
