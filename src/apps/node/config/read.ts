// Reading the configuration: flags before environment before file before defaults. It promises that
// every value says where it came from, and that a name nobody knows is refused where it stands,
// with the name that was probably meant, because a misspelt setting is one that does not hold.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { nearestOf } from '#apps/cli/command'
import { readSecretFile } from '#adapters/keys'
import type { Setting } from './settings.ts'
import { flagOf, otherVariables, settings, variableOf } from './settings.ts'

/** Where a value came from: `flag --listen-port`, `environment LIANBAN_…`, `file …`, `default`. */
export type Source = string

export type Found = { readonly value: string; readonly source: Source }

/** What a configuration is read from. */
export type ConfigInput = {
  /** Words after the command, flags and their values. */
  readonly words: readonly string[]
  readonly env: { readonly [name: string]: string | undefined }
  /** Against which relative paths of flags and environment stand. */
  readonly cwd: string
}

/** The configuration is refused: `code`, the place, and what to do. */
export class ConfigRefusal extends Error {
  override readonly name = 'ConfigRefusal'
  readonly code: string
  readonly place: string

  constructor(code: string, place: string, remedy: string) {
    super(`${place}: ${remedy}`)
    this.code = code
    this.place = place
  }
}

/** A configuration that was read without a refusal. */
export class Config {
  readonly #found: ReadonlyMap<string, Found>

  constructor(found: ReadonlyMap<string, Found>) {
    this.#found = found
  }

  /** The value and its source; undefined for what has neither value nor default. */
  find(name: string): Found | undefined {
    return this.#found.get(name)
  }

  text(name: string): string | undefined {
    return this.#found.get(name)?.value
  }

  /** A setting that has a default or was asked for. */
  need(name: string): string {
    const value = this.text(name)
    if (value !== undefined) return value
    throw new ConfigRefusal('node/missing-setting', `--${flagOf(name)}`, 'is needed')
  }

  count(name: string): number | undefined {
    const value = this.text(name)
    return value === undefined ? undefined : Number(value)
  }

  needCount(name: string): number {
    return Number(this.need(name))
  }
}

const fileBytesMax = 65_536

/** Reads and checks everything. Throws `ConfigRefusal`. */
export function readConfig(input: ConfigInput): Config {
  const flags = readFlags(input)
  const env = readEnvironment(input)
  const named = flags.get('config') ?? env.get('config')
  flags.delete('config')
  env.delete('config')
  const directory = flags.get('directory') ?? env.get('directory')
  const file = readFile(named, directory)
  const found = new Map<string, Found>()
  for (const setting of settings) {
    const { name, fallback } = setting
    const given = flags.get(name) ?? env.get(name) ?? file.get(name)
    if (given !== undefined) found.set(name, checked(setting, given))
    else if (fallback !== undefined) found.set(name, { value: fallback, source: 'default' })
  }
  return new Config(found)
}

const byFlag: ReadonlyMap<string, Setting> = new Map(
  settings.map((setting) => [flagOf(setting.name), setting]),
)
const byVariable: ReadonlyMap<string, Setting> = new Map(
  settings.map((setting) => [variableOf(setting.name), setting]),
)

function readFlags({ words, cwd }: ConfigInput): Map<string, Found> {
  const found = new Map<string, Found>()
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const [flag, joined] = split(word)
    const place = `flag ${flag}`
    const value = joined ?? words[(at += 1)]
    if (value === undefined) throw new ConfigRefusal('node/bad-setting', place, 'has no value')
    take(found, { name: flag.slice(2), place, value, cwd, names: [...byFlag.keys()], by: byFlag })
  }
  return found
}

function split(word: string): readonly [string, string?] {
  if (!word.startsWith('--')) {
    throw new ConfigRefusal('node/unknown-setting', `"${word}"`, 'a flag begins with --')
  }
  const end = word.indexOf('=')
  return end < 0 ? [word] : [word.slice(0, end), word.slice(end + 1)]
}

function readEnvironment({ env, cwd }: ConfigInput): Map<string, Found> {
  const found = new Map<string, Found>()
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('LIANBAN_') || value === undefined) continue
    const place = `environment ${variable}`
    if (variable === 'LIANBAN_CONFIG') {
      found.set('config', { value: resolve(cwd, value), source: place })
    } else if (!otherVariables.includes(variable)) {
      const names = [...byVariable.keys()]
      take(found, { name: variable, place, value, cwd, names, by: byVariable })
    }
  }
  return found
}

type Taken = {
  readonly name: string
  readonly place: string
  readonly value: string
  readonly cwd: string
  readonly names: readonly string[]
  readonly by: ReadonlyMap<string, Setting>
}

/** Takes one name and value, whatever they were written in. */
function take(found: Map<string, Found>, taken: Taken): void {
  const { name, place, value, cwd, names, by } = taken
  if (name === 'config') {
    found.set('config', { value: resolve(cwd, value), source: place })
    return
  }
  const setting = by.get(name)
  if (setting?.kind.k === 'secret' && by === byFlag) {
    // Every user of a machine sees the flags of its processes.
    throw new ConfigRefusal('node/bad-setting', place, `is a secret; use --${name}-file`)
  }
  if (setting !== undefined) return put(found, setting, { value, source: place }, cwd)
  const secret = secretNamed(name, by)
  if (secret === null) {
    const near = nearestOf(name, names)
    const hint = near === undefined ? 'no such setting' : `no such setting; did you mean ${near}?`
    throw new ConfigRefusal('node/unknown-setting', place, hint)
  }
  put(found, secret, { value: readSecret(resolve(cwd, value)), source: place }, cwd)
}

/** The secret whose value a `-file` or `_FILE` name points at. */
function secretNamed(name: string, by: ReadonlyMap<string, Setting>): Setting | null {
  const bare = name.replace(/[-_]file$/i, '')
  const setting = bare === name ? undefined : by.get(bare)
  return setting?.kind.k === 'secret' ? setting : null
}

function readSecret(path: string): string {
  return Buffer.from(readSecretFile(path)).toString()
}

function put(found: Map<string, Found>, setting: Setting, given: Found, cwd: string): void {
  if (found.has(setting.name)) {
    throw new ConfigRefusal('node/bad-setting', given.source, 'stands twice')
  }
  const value = setting.kind.k === 'path' ? resolve(cwd, given.value) : given.value
  found.set(setting.name, { value, source: given.source })
}

/** The file that is named, or `node.toml` in the directory if it is there. */
function readFile(named: Found | undefined, directory: Found | undefined): Map<string, Found> {
  if (named === undefined && directory === undefined) return new Map()
  const path = named?.value ?? resolve(directory?.value ?? '.', 'node.toml')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (absent && named === undefined) return new Map()
    throw new ConfigRefusal('node/config-not-read', `file ${path}`, 'cannot be read')
  }
  if (text.length > fileBytesMax) {
    throw new ConfigRefusal('node/config-not-read', `file ${path}`, 'is too long')
  }
  return readToml(text, path)
}

function readToml(text: string, path: string): Map<string, Found> {
  const found = new Map<string, Found>()
  let table: object
  try {
    table = parse(text)
  } catch (error) {
    const line = error instanceof TomlError ? `:${error.line}:${error.column}` : ''
    throw new ConfigRefusal('node/config-not-read', `file ${path}${line}`, 'is not TOML')
  }
  const known = new Map(settings.map((setting) => [setting.name, setting]))
  const names = [...known.keys()]
  const cwd = resolve(path, '..')
  for (const [name, value] of leavesOf(table, '', 0)) {
    const place = `file ${path}${lineOf(text, name)} ${name}`
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new ConfigRefusal('node/bad-setting', place, 'is neither a text nor a number')
    }
    take(found, { name, place, value: String(value), cwd, names, by: known })
  }
  return found
}

function* leavesOf(table: object, before: string, depth: number): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(table) as [string, unknown][]) {
    const name = before === '' ? key : `${before}.${key}`
    const inner = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (inner && depth < 4 && Object.getPrototypeOf(value) !== Date.prototype) {
      yield* leavesOf(value, name, depth + 1)
    } else yield [name, value]
  }
}

/** `:12` where the last word of a name stands, for people who look for it. */
function lineOf(text: string, name: string): string {
  const word = name.slice(name.lastIndexOf('.') + 1)
  const at = text.split('\n').findIndex((line) => line.trimStart().startsWith(word))
  return at < 0 ? '' : `:${at + 1}`
}

function checked({ name, kind }: Setting, found: Found): Found {
  const { value, source } = found
  const refuse = (remedy: string): never => {
    throw new ConfigRefusal('node/bad-setting', source, remedy)
  }
  if (kind.k === 'count') {
    const number = /^(?:0|[1-9][0-9]{0,9})$/.test(value) ? Number(value) : -1
    if (number < kind.min || number > kind.max) {
      refuse(`${name} is a whole number from ${kind.min} to ${kind.max}`)
    }
  } else if (kind.k === 'choice') {
    if (!kind.of.includes(value)) refuse(`${name} is one of ${kind.of.join(', ')}`)
  } else if (value === '') refuse(`${name} is empty`)
  return found
}
