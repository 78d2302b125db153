// Commands on the pages that say what shows a claim or a row: each is checked to name scripts,
// files, tests, fault claims and sections of the bench that exist. Nothing here is part of the
// product.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { claims } from './faults/claims.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const { scripts } = JSON.parse(read('package.json')) as {
  readonly scripts: { readonly [name: string]: string }
}

/** Sections of the bench. */
export const sections: readonly string[] = namesIn(
  /const sections = \[([^\]]*)\]/.exec(read('bench/run.ts'))?.[1] ?? '',
)

function namesIn(list: string): readonly string[] {
  return [...list.matchAll(/'([^']+)'/g)].map(([, name = '']) => name)
}

/** Words of a command; what stands in double quotes is one word. */
export function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

/** Commands that stand in code marks in a table's last column, or `&&` in them. */
export function commandsOf(text: string): readonly string[] {
  const rows = text.split('\n').filter((line) => /^\| (?!---)/.test(line))
  return rows.flatMap((row) => {
    const last = row.split(' | ').at(-1) ?? ''
    return [...last.matchAll(/`([^`]+)`/g)].flatMap(([, command = '']) => command.split(' && '))
  })
}

/** What is wrong with a command, or the empty string. */
export function fault(command: string): string {
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
  if (wanted === undefined || files.some((path) => namesOf(path).includes(wanted))) return ''
  return `no test there is called "${wanted}"`
}

/** Names of the tests of a file, as they are written there. */
function namesOf(path: string): string {
  const names = [...read(path).matchAll(/\b(?:test|describe)\(\s*(['`"])(.*?)\1,/gs)]
  return names.map(([, , name = '']) => name).join('\n')
}
