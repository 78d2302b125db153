// From the words of a command line to a command and its options. It promises that nothing is
// guessed: an option that is unknown, given twice or without its value is refused with its place
// and the nearest name that there is.
import { parseArgs } from 'node:util'
import { exits, Stop, text } from '#apps/cli/output'
import type { Exit } from '#apps/cli/output'
import { globalOptions } from './global.ts'
import { nearestOf } from './nearest.ts'
import type { Ask, Option, Verb } from './spec.ts'

/** A command line, understood. */
export type Parsed = Omit<Ask, 'terminal'> & { readonly verb: Verb; readonly help: boolean }

type Environment = Ask['env']

/** The verb that the first words name, and what follows; or a `Stop` with the nearest name. */
export function verbOf(
  verbs: readonly Verb[],
  args: readonly string[],
): { readonly verb: Verb; readonly rest: readonly string[] } {
  const before = leadingOptions(args)
  const words = args.slice(before)
  const found = verbs
    .filter((verb) => verb.words.every((word, at) => words[at] === word))
    .toSorted((a, b) => b.words.length - a.words.length)[0]
  if (found !== undefined) {
    return { verb: found, rest: [...args.slice(0, before), ...words.slice(found.words.length)] }
  }
  const said = words.slice(0, 2).filter((word) => !word.startsWith('-'))
  throw unknownCommand(verbs, said.join(' '))
}

function leadingOptions(args: readonly string[]): number {
  let at = 0
  while (args[at]?.startsWith('--') === true) {
    const name = args[at]?.slice(2) ?? ''
    const option = globalOptions[name.split('=')[0] ?? '']
    at += option !== undefined && option.kind !== 'flag' && !name.includes('=') ? 2 : 1
  }
  return Math.min(at, args.length)
}

function unknownCommand(verbs: readonly Verb[], said: string): Stop {
  const names = verbs.map(({ words }) => words.join(' '))
  const [first = ''] = said.split(' ')
  const same = names.filter((name) => name.startsWith(`${first} `))
  const near =
    same.length > 0 ? same.join(', ') : (nearestOf(said, names) ?? nearestOf(first, names))
  return new Stop({
    code: 'cli/unknown-command',
    exit: exits.usage,
    at: said,
    remedy:
      near === undefined
        ? text('lianban --help 列出全部命令', 'lianban --help lists all commands')
        : text(`您是不是要：${near}`, `did you mean: ${near}`),
  })
}

/** Reads the options and operands of a verb. Throws a `Stop` with exit code 2. */
export function parse(verb: Verb, rest: readonly string[], env: Environment): Parsed {
  const options = { ...globalOptions, ...verb.options }
  const { tokens } = parseArgs({
    args: [...rest],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { kind }]) => [
        name,
        { type: kind === 'flag' ? 'boolean' : 'string', multiple: true } as const,
      ]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const given = new Map<string, string[]>()
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const { name, value, inlineValue, rawName } = token
    take(given, options, { name, value, inline: inlineValue === true, raw: rawName })
  }
  const help = given.has('help')
  const parsed = settle(options, given, env)
  if (!help) requireOptions(options, parsed)
  const operands = help ? {} : operandsOf(verb, words)
  return { verb, help, operands, env, ...parsed }
}

type Given = {
  readonly name: string
  readonly value: string | undefined
  readonly inline: boolean
  readonly raw: string
}

function take(
  given: Map<string, string[]>,
  options: { readonly [name: string]: Option },
  { name, value, inline, raw }: Given,
): void {
  const option = raw.startsWith('--') && Object.hasOwn(options, name) ? options[name] : undefined
  if (option === undefined) {
    const near = nearestOf(name, Object.keys(options))
    throw usage('cli/unknown-option', raw, [
      near === undefined ? '用 --help 查看选项' : `最接近的是 --${near}`,
      near === undefined ? 'see --help for the options' : `the nearest is --${near}`,
    ])
  }
  const had = given.get(name)
  if (option.kind === 'flag') {
    if (inline) throw usage('cli/bad-value', raw, ['此选项不带值', 'this option takes no value'])
    given.set(name, [''])
    return
  }
  const eaten = !inline && value !== undefined && value.length > 1 && value.startsWith('-')
  if (value === undefined || eaten) {
    const form = `${raw}=${option.value ?? 'VALUE'}`
    throw usage('cli/bad-value', raw, [`请写作 ${form}`, `write ${form}`])
  }
  if (had !== undefined && option.kind !== 'list') {
    throw usage('cli/bad-value', raw, ['此选项只能出现一次', 'this option stands once'])
  }
  given.set(name, [...(had ?? []), value])
}

function settle(
  options: { readonly [name: string]: Option },
  given: ReadonlyMap<string, readonly string[]>,
  env: Environment,
): Pick<Ask, 'values' | 'lists' | 'flags'> {
  const values: Record<string, string> = {}
  const lists: Record<string, readonly string[]> = {}
  const flags = new Set<string>()
  for (const [name, { kind, env: variable }] of Object.entries(options)) {
    const outside = variable === undefined ? undefined : env[variable]
    const all = given.get(name) ?? (outside === undefined || outside === '' ? [] : [outside])
    if (kind === 'flag') {
      if (all.length > 0) flags.add(name)
    } else if (kind === 'list') lists[name] = all
    else if (all[0] !== undefined) values[name] = all[0]
  }
  return { values, lists, flags }
}

function requireOptions(
  options: { readonly [name: string]: Option },
  { values, lists }: Pick<Ask, 'values' | 'lists'>,
): void {
  for (const [name, { required, value }] of Object.entries(options)) {
    if (required !== true || values[name] !== undefined || (lists[name]?.length ?? 0) > 0) continue
    const form = `--${name} ${value ?? 'VALUE'}`
    throw usage('cli/missing-option', `--${name}`, [`请加 ${form}`, `add ${form}`])
  }
}

function operandsOf(verb: Verb, words: readonly string[]): Ask['operands'] {
  const wanted = verb.operands ?? []
  const operands: Record<string, string> = {}
  for (const [at, { name, optional }] of wanted.entries()) {
    const word = words[at]
    if (word !== undefined) operands[name] = word
    else if (optional !== true) {
      const line = `lianban ${verb.words.join(' ')} ${wanted.map((each) => each.name).join(' ')}`
      throw usage('cli/missing-operand', name, [`用法：${line}`, `usage: ${line}`])
    }
  }
  const extra = words[wanted.length]
  if (extra !== undefined) {
    throw usage('cli/too-many-operands', extra, ['用 --help 查看用法', 'see --help for the usage'])
  }
  return operands
}

/** A `Stop` about the command line itself. */
export function usage(
  code: string,
  at: string,
  [zh, en]: readonly [zh: string, en: string],
  exit: Exit = exits.usage,
): Stop {
  return new Stop({ code, exit, at, remedy: text(zh, en) })
}
