// What `npm test` runs: every test of the house, or those under the paths and patterns given as
// arguments, on node's own runner. Before the runner's closing summary it prints the wall time and
// each skipped test with its reason. With CI=true a skip that is not allowed below is a failure,
// because a claim that nobody checked is not a claim.
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { run } from 'node:test'
import { spec, type TestEvent } from 'node:test/reporters'
import { pathToFileURL } from 'node:url'

/** Tests that may be skipped in CI, by name, with the reason why no CI machine can run them. */
const skipsAllowed: ReadonlyMap<string, string> = new Map()

/** After this long a file that has not finished fails instead of holding the run. */
const fileTimeoutMs = 170_000

const everything = ['src/**/*.test.ts', 'test/**/*.test.ts']

// Hundreds of processes load the same sources; whoever comes first compiles them for all.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'lianban-test-compiled')

/** Layers without IO or global state: the tests of one run in one process, one start for all. */
const pureLayers = ['base', 'ledger', 'blueprint', 'domains']
const together = mkdtempSync(join(tmpdir(), 'lianban-layers-'))
process.on('exit', () => rmSync(together, { recursive: true }))

const started = performance.now()
const inCi = process.env['CI'] === 'true'
const skips: { readonly name: string; readonly reason: string }[] = []
let ran = 0

const events = run({
  files: byLayer(filesOf(patternsOf(process.argv.slice(2)))),
  // More than there are processors: many tests wait for clocks, sockets and other processes. The
  // gate has time, and runs what is costly as well.
  concurrency: availableParallelism() + (inCi ? 1 : 2),
  timeout: fileTimeoutMs,
})

events.compose(watched).compose(new spec()).pipe(process.stdout)

/** Passes the runner's events on, and puts our own lines before the first line of its summary. */
async function* watched(source: AsyncIterable<TestEvent>): AsyncGenerator<TestEvent> {
  for await (const event of source) {
    if (event.type === 'test:pass' || event.type === 'test:fail') note(event)
    if (event.type === 'test:diagnostic' && /^tests \d+$/.test(event.data.message)) {
      for (const message of closing()) {
        yield { ...event, data: { ...event.data, message } }
      }
    }
    yield event
  }
}

function note(event: Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>): void {
  const { name, skip, todo } = event.data
  ran += 1
  if (skip !== undefined && skip !== false) {
    const reason = typeof skip === 'string' ? skip : 'no reason given'
    skips.push({ name, reason })
  } else if (event.type === 'test:fail' || (todo !== undefined && todo !== false)) {
    process.exitCode = 1
  }
}

function closing(): string[] {
  const lines = skips.map(({ name, reason }) => `skipped here: ${name}: ${reason}`)
  const refused = skips.filter(({ name }) => inCi && !skipsAllowed.has(name))
  for (const { name } of refused) lines.push(`failure: CI may not skip: ${name}`)
  if (ran === 0) lines.push('failure: no test stands under the paths given')
  if (refused.length > 0 || ran === 0) process.exitCode = 1
  return [...lines, `wall time ${((performance.now() - started) / 1000).toFixed(1)} s`]
}

/** Files that match, longest running first: tests over the whole house, then those of its rooms. */
function filesOf(patterns: readonly string[]): string[] {
  const isWhole = (path: string): number => (/^(?:\.\/)?test\//.test(path) ? 0 : 1)
  const found = globSync([...patterns]).toSorted((a, b) => (a < b ? -1 : 1))
  return found.toSorted((a, b) => isWhole(a) - isWhole(b))
}

/** The same tests, those of a pure layer as one file that loads them. */
function byLayer(files: readonly string[]): string[] {
  const inLayer = (path: string, layer: string): boolean =>
    path.replace(/^\.\//, '').startsWith(`src/${layer}/`)
  const layers = pureLayers.map((layer) => ({
    layer,
    files: files.filter((path) => inLayer(path, layer)),
  }))
  const joined = layers.filter((each) => each.files.length > 1)
  const inside = new Set(joined.flatMap((each) => each.files))
  const entries = joined.map((each) => {
    const path = join(together, `${each.layer}.test.mjs`)
    const lines = each.files.map((file) => `import ${JSON.stringify(pathToFileURL(resolve(file)))}`)
    writeFileSync(path, `${lines.join('\n')}\n`)
    return path
  })
  return [...entries, ...files.filter((path) => !inside.has(path))]
}

/** A folder stands for all tests in it, a file or pattern for itself, nothing for everything. */
function patternsOf(named: readonly string[]): string[] {
  if (named.length === 0) return everything
  return named.map((each) =>
    /\.ts$|\*/.test(each) ? each : `${each.replace(/\/$/, '')}/**/*.test.ts`,
  )
}
