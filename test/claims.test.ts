// docs/claims.md names for every claim the command that shows it. Here each of these commands is
// checked to exist: its scripts, its files, the tests, fault claims and sections that it picks; and
// nothing that can be shown is left out of the page.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { claims } from './faults/claims.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const page = read('docs/claims.md')
const { scripts } = JSON.parse(read('package.json')) as {
  readonly scripts: { readonly [name: string]: string }
}
const sections = namesIn(/const sections = \[([^\]]*)\]/.exec(read('bench/run.ts'))?.[1] ?? '')

function namesIn(list: string): readonly string[] {
  return [...list.matchAll(/'([^']+)'/g)].map(([, name = '']) => name)
}

/** Words of a command; what stands in double quotes is one word. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

/** Commands that stand in code marks in a table's last column, or `&&` in them. */
function commandsOf(text: string): readonly string[] {
  const rows = text.split('\n').filter((line) => /^\| (?!---)/.test(line))
  return rows.flatMap((row) => {
    const last = row.split(' | ').at(-1) ?? ''
    return [...last.matchAll(/`([^`]+)`/g)].flatMap(([, command = '']) => command.split(' && '))
  })
}

/** What is wrong with a command, or the empty string. */
function fault(command: string): string {
  const [program = '', ...words] = wordsOf(command)
  if (program === 'npm') return npmFault(words)
  if (program === 'node' && words[0] === '--test') return testFault(words.slice(1))
  if (program === 'python3') return fileFault(words[0] ?? '')
  if (program.includes('/') && words.length === 0) return fileFault(program)
  return 'nobody knows how to run it'
}

function fileFault(path: string): string {
  return existsSync(join(root, path)) ? '' : `${path} does not exist`
}

function npmFault([verb = '', ...words]: readonly string[]): string {
  if (verb === 'ci') return ''
  const [name = '', ...rest] = verb === 'run' ? words : [verb, ...words]
  if (!(name in scripts)) return `there is no script ${name}`
  const options = rest.filter((word) => word !== '--')
  const only = options.indexOf('--only')
  const chosen = only < 0 ? [] : (options[only + 1] ?? '').split(',')
  const known = name === 'faults' ? claims.map((claim) => claim.name) : sections
  const stray = chosen.find((each) => !known.includes(each))
  return stray === undefined ? '' : `${name} knows no ${stray}`
}

function testFault(words: readonly string[]): string {
  const pattern = words.indexOf('--test-name-pattern')
  const wanted = pattern < 0 ? undefined : words[pattern + 1]
  const named = words.filter((_, at) => pattern < 0 || (at !== pattern && at !== pattern + 1))
  const files = named.flatMap((glob) => globSync(glob, { cwd: root }))
  const missing = named.find((glob) => globSync(glob, { cwd: root }).length === 0)
  if (missing !== undefined) return `${missing} names no file`
  if (named.length === 0) return 'it names no file'
  if (wanted === undefined || files.some((path) => read(path).includes(wanted))) return ''
  return `no test there is called "${wanted}"`
}

test('every command that shows a claim exists', () => {
  const commands = commandsOf(page)
  assert.ok(commands.length > 30, `${commands.length} commands found`)
  const wrong = commands.flatMap((command) => {
    const what = fault(command)
    return what === '' ? [] : [`${command}: ${what}`]
  })
  assert.deepEqual(wrong, [])
})

test('every claim about faults and every section of the bench is on the page', () => {
  const shown = commandsOf(page).flatMap((command) => {
    const words = wordsOf(command)
    return words.includes('--only') ? (words[words.indexOf('--only') + 1] ?? '').split(',') : []
  })
  const all = [...claims.map(({ name }) => name), ...sections]
  assert.deepEqual(
    all.filter((name) => !shown.includes(name)),
    [],
  )
})

test('every promise from P1 to P15 has its row', () => {
  const promised = Array.from({ length: 15 }, (_, index) => `P${index + 1}`)
  const rows = new Set([...page.matchAll(/^\| (P\d+) \|/gm)].map(([, name]) => name))
  assert.deepEqual(
    promised.filter((name) => !rows.has(name)),
    [],
  )
})

test('a command that names nothing is found', () => {
  assert.equal(fault('npm test'), '')
  assert.notEqual(fault('npm run faults -- --only miracles'), '')
  assert.notEqual(fault('npm run wonders'), '')
  assert.notEqual(fault('node --test test/none.test.ts'), '')
  assert.notEqual(fault('node --test test/run.test.ts --test-name-pattern "never written"'), '')
  assert.notEqual(fault('rm -rf everything'), '')
})
