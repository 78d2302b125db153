// The load files of the pack on the published files of a city, against a few lines of Python: what
// counts, what is refused, which sealed projects have a permit, which codes have two names.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import type { Json } from '#base/canonical'
import { kindOfFile, openText, openWorkbook } from '#adapters/sources'
import { openSqliteRegister } from '#adapters/registers'
import { readPack } from '#apps/node/city'
import { decodeLoadFile, isLoadFile, loadAll, readSource } from '#apps/node/loading'
import type { LoadFile, LoadResult } from '#apps/node/loading'
import { lookUp } from '#apps/node/mapping'
import { judgeOf, recOf } from '#blueprint/judge'
import { shippedFolder, shippedTypes } from '#test/blueprints'
import { openCityWorld } from '#test/city-world'
import { costly } from '#test/costly'
import { lianban, lianbanJson, lianbanMeanwhile } from '#test/lianban'

const data = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'data')
const pack = path.join(import.meta.dirname, '..', '..', 'packs', 'beijing', 'load')
const absent = !fs.existsSync(data) && 'the published files do not lie beside this house'
const skip = absent || costly(12)
const folder = fs.mkdtempSync(path.join(tmpdir(), 'lianban-city-load-'))
after(() => {
  fs.rmSync(folder, { recursive: true })
})

const files = fs.readdirSync(pack).map((name): LoadFile => {
  const file = decodeLoadFile(JSON.parse(fs.readFileSync(path.join(pack, name), 'utf8')) as Json)
  assert.ok(isLoadFile(file), JSON.stringify(file))
  return file
})

/** Loads into empty systems; the tables of a city are there already, and its people. */
async function load(names: readonly string[]): Promise<ReadonlyMap<string, LoadResult>> {
  const chosen = files.filter(({ name }) => names.includes(name))
  const pathOf = (member: string): string => path.join(folder, `${member}.db`)
  for (const { tables, join } of chosen) {
    for (const { member } of [...tables, ...(join?.tables ?? [])]) {
      new DatabaseSync(pathOf(member)).close()
    }
  }
  const results = await loadAll(chosen, {
    directory: folder,
    pathOf,
    sourceOf: async ({ file }) => {
      const at = path.join(data, file)
      return (await kindOfFile(at)) === 'xlsx' ? openWorkbook(at, {}) : openText(at, {})
    },
    now: 1,
    most: 5,
  })
  return new Map(results.map((result) => [result.file.name, result]))
}

type Counted = {
  readonly rows: { readonly [name: string]: number }
  readonly valid: { readonly [name: string]: number }
  readonly joined: number
  readonly renamed: number
  readonly masked: { readonly [column: string]: number }
  readonly gas: {
    readonly arrears: number
    readonly band: { readonly [word: string]: number }
    readonly trend: { readonly [word: string]: number }
    readonly owedFen: number
  }
}

/** What the gas company answers of every loaded bill, by its mapping and the vocabulary. */
async function gasAnswers(): Promise<Counted['gas']> {
  const judge = judgeOf(shippedFolder('sharing/bj.firm.credit').blueprint, shippedTypes())
  const mapping = readPack('beijing').mappings.get('gas')
  const item = mapping?.items['gas-use@1']
  const type = judge.types.get('gas-use@1')
  assert.ok(item !== undefined && type !== undefined)
  const at = path.join(folder, 'gas.db')
  const database = new DatabaseSync(at, { readOnly: true })
  const codes = database.prepare('SELECT uscc FROM rq_bill').all()
  database.close()
  const rows = openSqliteRegister(at)
  const counts = { arrears: 0, owedFen: 0 }
  const words: { readonly [field: string]: { [word: string]: number } } = { band: {}, trend: {} }
  for (const { uscc } of codes) {
    const found = await lookUp(item, type, { rows, keys: { code: String(uscc) } })
    assert.equal(found.state, 'found')
    const value = 'value' in found ? found.value : {}
    const { fields } = recOf(judge, 'gasUse', { state: 'found', value, from: 'supply' })
    counts.owedFen += Number(fields['owed'])
    if (fields['arrears'] === true) counts.arrears += 1
    for (const [field, seen] of Object.entries(words)) {
      const word = fields[field]
      assert.ok(typeof word === 'string')
      seen[word] = (seen[word] ?? 0) + 1
    }
  }
  await rows.close()
  return { ...counts, band: words['band'] ?? {}, trend: words['trend'] ?? {} }
}

test('a load takes and refuses what another program counts', { skip }, async () => {
  const script = path.join(import.meta.dirname, 'city-load.py')
  const counted = spawnSync('python3', [script, data], { encoding: 'utf8' })
  const { rows, valid, joined, renamed, masked, gas } = JSON.parse(counted.stdout) as Counted
  const results = await load(files.map(({ name }) => name))
  const of = (name: string): LoadResult => {
    const found = results.get(name)
    assert.ok(found, name)
    return found
  }
  for (const [name, count] of Object.entries(rows)) assert.equal(of(name).read.rows, count, name)
  for (const [name, count] of Object.entries(valid)) {
    assert.equal(of(name).accepted, count, name)
    assert.equal(of(name).read.rows - of(name).read.refusedRows, count, name)
  }
  assert.equal(of('court-seals').joined, joined)
  const tickets = [...results.values()].flatMap((each) => each.tickets)
  assert.equal(tickets.filter(({ why }) => why === 'names-differ').length, renamed)
  const bills = of('gas-bills')
  assert.deepEqual([bills.accepted, bills.read.refusedRows], [rows['gas-bills'], 0])
  assert.deepEqual(bills.read.masked, masked)
  assert.ok(Object.keys(masked).every((column) => bills.read.leftOut.includes(column)))
  assert.deepEqual(await gasAnswers(), gas)
  assert.ok(of('high-tech-certificates').read.leftOut.includes('法人代码'))
  const market = new DatabaseSync(path.join(folder, 'market.db'))
  const twice = market.prepare(
    `SELECT count(*) AS n FROM (SELECT uscc FROM gs_enterprise GROUP BY uscc HAVING count(*) > 1)`,
  )
  assert.deepEqual({ ...twice.get() }, { n: renamed })
  market.close()
})

test('a load file that names a masked column takes no row of it', { skip: absent }, async () => {
  const whole = path.join(pack, '..', 'whole', 'gas-bills.json')
  const file = decodeLoadFile(JSON.parse(fs.readFileSync(whole, 'utf8')) as Json)
  assert.ok(isLoadFile(file))
  const source = await openWorkbook(path.join(data, file.file), {})
  const read = await readSource(file, source, { take: () => 'taken' })
  assert.deepEqual([read.rows, read.accepted, read.refusedRows], [1000, 0, 1000])
  assert.deepEqual(
    new Set(read.refused.groups().map(({ code }) => code)),
    new Set(['sources/masked']),
  )
  assert.equal(read.refused.count, 2000)
})

test('the same files again change nothing', { skip }, async () => {
  const again = await load(['agencies', 'presale-permits', 'court-seals', 'home-sales'])
  for (const { file, state } of again.values()) assert.equal(state, 'unchanged', file.name)
})

const own = {
  format: 'lianban/load/1',
  name: 'list',
  zh: '名单',
  en: 'a list',
  steward: 'market',
  file: 'list.csv',
  source: { name: '练习', terms: 'made up' },
  fields: { uscc: { column: '代码', as: 'uscc' } },
  key: ['uscc'],
  tables: [{ member: 'market', table: 'own', identify: ['uscc'], columns: { uscc: 'uscc' } }],
}

test(
  'the command loads what a steward confirmed, reports no values, and asks for a second person',
  {
    skip: costly(6),
  },
  () => {
    const city = path.join(folder, 'city')
    const list = path.join(folder, 'list.csv')
    const file = path.join(folder, 'own.json')
    fs.writeFileSync(file, JSON.stringify(own))
    fs.writeFileSync(
      list,
      '名称,代码\n甲,11110000000021135M\n乙,9111****3240\n丙,11110000000021039C\n',
    )
    const words = ['city', 'load', '--data', folder, '--load', file, '--directory', city]
    const confirm = ['source', 'confirm', file, '--directory', city, '--as']
    assert.match(lianban([...confirm, 'tax']).err, /node\/not-the-steward/)
    const confirmed = lianbanJson([...confirm, 'market', '--new'])
    assert.equal(confirmed.exit, 0)
    const first = lianbanJson(words)
    assert.equal(first.exit, 0)
    fs.writeFileSync(file, JSON.stringify({ ...own, zh: '另一份' }))
    const changed = lianban(words)
    assert.equal(changed.exit, 5)
    assert.match(changed.err, /node\/confirmed-otherwise.*zh "名单" → "另一份"/s)
    fs.writeFileSync(file, JSON.stringify(own))
    const attested = first.value['attested'] as readonly { readonly state?: string }[]
    assert.deepEqual(
      attested.map(({ state }) => state),
      ['green'],
    )
    const page = fs.readFileSync(path.join(city, 'load-report.html'), 'utf8')
    assert.match(page, /sources\/masked[^]*>B<[^]*>代码<[^]*"rows" translate="no">3</)
    assert.doesNotMatch(page, /<script|<link|<img|src=|url\(|https?:/)
    for (const text of [page, JSON.stringify(first.value)]) {
      assert.doesNotMatch(text, /3240|11110000000021135M|甲/)
    }
    for (const name of ['load-report.html', 'load-report.json', 'loaded.db']) {
      assert.equal(fs.statSync(path.join(city, name)).mode & 0o077, 0, name)
    }
    fs.writeFileSync(list, '名称,代码\n甲,11110000000021135M\n')
    const one = lianban([...words, '--by', '1'])
    assert.equal(one.exit, 5)
    assert.match(one.out, /market-1 has signed; another one signs with --second/)
    const nobody = lianban([...words, '--by', '甲', '--second', 'market-2'])
    assert.equal(nobody.exit, 2)
    assert.match(nobody.err, /node\/unknown-officer.*market-1 market-2 market-3/s)
    assert.match(lianban([...words, '--second', 'market-1']).err, /same-officer/)
    assert.equal(lianban([...words, '--second', 'market-2']).exit, 0)
  },
)

test('a city that runs elsewhere is loaded too, and attests it by itself', async () => {
  const directory = path.join(folder, 'running')
  fs.mkdirSync(directory)
  const world = await openCityWorld({ directory, officers: true, refreshMs: 50 })
  try {
    const file = path.join(folder, 'own.json')
    fs.writeFileSync(file, JSON.stringify(own))
    fs.writeFileSync(path.join(folder, 'list.csv'), '名称,代码\n甲,11110000000021135M\n')
    const words = ['city', 'load', '--data', folder, '--load', file, '--directory', directory]
    assert.match(lianban(words).err, /node\/unconfirmed/)
    const confirm = ['source', 'confirm', file, '--directory', directory, '--as', 'market']
    assert.equal(lianban(confirm).exit, 0)
    const { exit, out } = await lianbanMeanwhile([...words, '--json'])
    const { accepted, attested } = JSON.parse(out) as {
      readonly accepted: number
      readonly attested: readonly { readonly state?: string }[] | null
    }
    assert.deepEqual([exit, accepted, attested?.map(({ state }) => state)], [0, 1, ['green']])
    const market = new DatabaseSync(world.city.member('market').layout.source)
    assert.equal(market.prepare('SELECT count(*) AS n FROM own').get()?.['n'], 1)
    market.close()
  } finally {
    await world.close()
  }
})

test('a load file is refused where it is wrong, and a directory without the files is named', () => {
  const file = path.join(folder, 'wrong.json')
  const words = ['city', 'load', '--data', folder, '--directory', path.join(folder, 'none')]
  fs.writeFileSync(file, JSON.stringify({ ...own, key: ['x'] }))
  const { exit, err } = lianban([...words, '--load', file])
  assert.equal(exit, 2)
  assert.match(err, /node\/load-misfit.*key\[0\]/s)
  assert.match(lianban(words).err, /cli\/not-read/)
  assert.ok(!fs.existsSync(path.join(folder, 'none')))
})
