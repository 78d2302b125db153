// The bench itself, at a size whose figures say nothing: every part runs to its end, and what comes
// out has the shape that a real run has. Speed is asserted nowhere.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { costly } from '#test/costly'

type Figure = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly floor?: number
  readonly goal?: number
  readonly below?: boolean
  readonly samples: readonly number[]
  readonly note?: string
}

const bench = join(import.meta.dirname, '..', 'bench', 'run.ts')
const directory = mkdtempSync(join(tmpdir(), 'lianban-bench-test-'))
after(() => rmSync(directory, { recursive: true }))

/** Runs some sections of the bench and gives its figures. */
function figuresOf(only: string): readonly Figure[] {
  const out = join(directory, 'results.json')
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const run = spawnSync(process.execPath, [bench, '--tiny', '--only', only, '--out', out], {
    encoding: 'utf8',
    // A dozen processes load the same code.
    env: { ...env, NODE_COMPILE_CACHE: join(directory, 'code') },
  })
  assert.equal(run.status, 0, run.stderr)
  return (JSON.parse(readFileSync(out, 'utf8')) as { readonly figures: readonly Figure[] }).figures
}

function shown(figures: readonly Figure[], name: RegExp): Figure {
  const figure = figures.find((each) => name.test(each.name))
  assert(figure !== undefined, `no figure ${String(name)}`)
  return figure
}

const bounded = [
  { name: /^single commands committed durably/, floor: 0.7, goal: 0.85 },
  { name: /^envelopes of 16/, floor: 2, goal: 3 },
  { name: /^over HTTP, batches of 16$/, floor: 0.6, goal: 0.75 },
  { name: /^over HTTP, one by one/, floor: 0.33, goal: 0.45 },
  { name: /^state read/, floor: 0.8, goal: 1 },
  { name: /^proof read/, floor: 0.5, goal: 0.8 },
  { name: /^memory per million entries beyond/, floor: 250, goal: 100 },
  { name: /^start with a snapshot/, floor: 2, goal: 0.5 },
  { name: /^write throughput at/, floor: 0.9, goal: 0.95 },
]

test('open cases are counted, and each waits for its persons', { skip: costly(8) }, () => {
  const figures = figuresOf('cases')
  const memory = shown(figures, /^memory of 20 members in one process, 8 open cases$/)
  assert.deepEqual([memory.floor, memory.below, memory.unit], [1_024, true, 'MiB'])
  assert(shown(figures, /^processor time until a transfer waits/).value > 1)
  const again = shown(figures, /^opened again after 8 cases that are over$/)
  assert.match(again.note ?? '', /^\d+ entries; [\d.]+ s when departments read all of them again$/)
})

test('every connector is measured beside the means of the machine', { skip: costly(20) }, () => {
  const figures = figuresOf('sources')
  for (const kind of ['text in UTF-8', 'text in GB 18030', 'workbook', 'SQLite', 'HTTP in pages']) {
    const [tried, loaded] = figures.filter(({ name }) => name.startsWith(`${kind}`))
    assert.match(`${tried?.name} ${loaded?.name}`, /: rows tried .*: rows loaded$/)
    assert.ok((tried?.value ?? 0) > 100 && tried?.unit === 'rows/s', kind)
  }
  const memory = shown(figures, /^workbook: memory of 1000 rows loaded$/)
  assert.deepEqual([memory.floor, memory.below, memory.unit], [476, true, 'MiB'])
})

test(
  'every figure of the ledger is measured, with the floor and the goal that it was given',
  {
    skip: costly(16),
  },
  () => {
    const figures = figuresOf('write,http,latency,reads,growth,parts')
    for (const { name, floor, goal } of bounded) {
      const figure = shown(figures, name)
      assert.deepEqual([figure.floor, figure.goal], [floor, goal], figure.name)
    }
    for (const { name, value, samples } of figures) {
      assert(Number.isFinite(value), name)
      assert(samples.length > 0 && samples.every(Number.isFinite), name)
    }
    for (const { name, value, unit } of figures) {
      if (unit === 'V' || unit === 'bare' || unit === 'x') assert(value > 0 && value < 100, name)
    }
    const f = shown(figures, /^F:/).value
    const tail = shown(figures, /p99/)
    assert(shown(figures, /p50/).value <= tail.value)
    assert(f > 0 && tail.below === true && (tail.floor ?? 0) > 12)
    const verified = shown(figures, /^single: verification in workers/).value
    assert(verified > 10 && verified < 10_000)
  },
)
