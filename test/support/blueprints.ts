// The applications and the vocabulary that this house ships, read from their folders.
import { readFileSync, readdirSync } from 'node:fs'
import type { Json } from '#base/canonical'
import type { Blueprint, EvidenceType, Scenario, TypeBook } from '#blueprint/grammar'
import { decodeBlueprint, decodeScenario, decodeType } from '#blueprint/grammar'
import { isDecoded, readJsonText } from '#blueprint/grammar'

/** The folders of the shipped applications, below `blueprints/`. */
export const applications = [
  'certificates/bj.health.supplies',
  'processes/bj.home.transfer',
  'sharing/bj.firm.account',
  'sharing/bj.firm.credit',
] as const

const root = new URL('../../blueprints/', import.meta.url)

/** The text of a file below `blueprints/`. */
export function shippedText(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}

/** The value of a file below `blueprints/`. */
export function shippedJson(path: string): Json {
  const read = readJsonText(shippedText(path))
  if (!('value' in read)) throw new Error(`${path}: ${read.code} at ${read.detail ?? ''}`)
  return read.value
}

/** Names of the files in a folder below `blueprints/` that end in `.json`, in order. */
export function shippedFiles(folder: string): string[] {
  const names = readdirSync(new URL(`${folder}/`, root)).filter((name) => name.endsWith('.json'))
  return names.sort((a, b) => (a < b ? -1 : 1))
}

/** What was decoded, or an error that names the first fault. */
export function sound<T extends object>(result: T | readonly { path: string; code: string }[]): T {
  if (isDecoded(result as never)) return result as T
  throw new Error(JSON.stringify(result))
}

/** The shipped vocabulary. */
export function shippedTypes(): TypeBook {
  const types = shippedFiles('types').map((file) => sound(decodeType(shippedJson(`types/${file}`))))
  return new Map(types.map((type: EvidenceType) => [type.type, type]))
}

export type Folder = { readonly blueprint: Blueprint; readonly scenarios: readonly Scenario[] }

/** A shipped application with its scenarios. */
export function shippedFolder(application: string): Folder {
  const blueprint = sound(decodeBlueprint(shippedJson(`${application}/blueprint.json`)))
  const scenarios = shippedFiles(`${application}/tests`).map((file) =>
    sound(decodeScenario(shippedJson(`${application}/tests/${file}`))),
  )
  return { blueprint, scenarios }
}
