// A city's pack: who its members are, what they may issue, which applications they run by which
// calendars, and where each one's own system holds what is asked of it. It is data of the house,
// read strictly enough that a mistake in it is named and not guessed around.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { decodeBlueprint, decodeScenario, decodeType, isDecoded } from '#blueprint/grammar'
import { identityOf, publicationText, publish, readJsonText } from '#blueprint/grammar'
import { textOf, typesNamed } from '#blueprint/grammar'
import type { Blueprint, EvidenceType, Scenario, TypeBook, TypeTexts } from '#blueprint/grammar'
import { decodeCalendar } from '#blueprint/time'
import type { Mapping } from '#apps/node/mapping'
import { decodeMapping, isMapping } from '#apps/node/mapping'

/** A member of the city as its pack names it. */
export type PackMember = {
  readonly code: string
  readonly kind: 'replica' | 'participant'
  readonly zh: string
  readonly en: string
  /** Its place among the sectors of the chain, from 1; absent outside of it. */
  readonly sector?: number
  /** What any member of it can be in an application: bank, carrier, hospital. */
  readonly class?: string
  /** Posts of applications that it fills. */
  readonly posts: readonly string[]
  /** Officers who sign by keys of their own; absent where nobody is enrolled. */
  readonly officers?: number
  /** It checks and cosigns the ledger with a process and a key of its own. */
  readonly cosigns?: boolean
}

export type Pack = {
  readonly city: string
  /** The member that runs the ledger. */
  readonly operator: string
  readonly members: readonly PackMember[]
  readonly accreditations: readonly { readonly member: string; readonly type: string }[]
  /** Folders below `blueprints/`. */
  readonly applications: readonly string[]
  /** Documents of calendars: canonical bytes. */
  readonly calendars: readonly Bytes[]
  /** By member; members that look nothing up have none. */
  readonly mappings: ReadonlyMap<string, Mapping>
}

/** An application as it is published: what the command names, and the documents behind it. */
export type Application = {
  readonly blueprint: Blueprint
  readonly types: TypeBook
  /** Base64url SHA-256 of the publication: the application's identity. */
  readonly identity: string
  /** Hash of its scenarios. */
  readonly scenarios: string
  /** Hashes of its types, in the order of their names. */
  readonly typeHashes: readonly string[]
  readonly documents: readonly Bytes[]
  /** What things and people are called, by language. */
  readonly texts: { readonly zh: Json; readonly en: Json }
}

const house = fileURLToPath(new URL('../../../../', import.meta.url))

function readJson(path: string): Json {
  const read = readJsonText(readFileSync(path, 'utf8'))
  assert('value' in read, `${path} is JSON`)
  return read.value
}

function sound<T extends object>(path: string, decoded: T | readonly object[]): T {
  assert(isDecoded(decoded as never), `${path} is sound: ${JSON.stringify(decoded)}`)
  return decoded as T
}

/** Reads the pack of a city below `packs/`. Its files are the house's own. */
export function readPack(city: string): Pack {
  const folder = join(house, 'packs', city)
  const value = readJson(join(folder, 'members.json'))
  const { format, calendars, ...rest } = value as unknown as Omit<Pack, 'calendars'> & {
    readonly format: string
    readonly calendars: readonly string[]
  }
  assert(format === 'lianban/pack/1', 'a pack says its format')
  const mappings = new Map(
    rest.members.flatMap(({ code }) => {
      const path = join(folder, 'mappings', `${code}.json`)
      return existsSync(path) ? [[code, readMapping(path)] as const] : []
    }),
  )
  return { ...rest, mappings, calendars: calendars.map(readCalendar) }
}

function readMapping(path: string): Mapping {
  const mapping = decodeMapping(readJson(path))
  assert(isMapping(mapping), `${path} is a mapping: ${JSON.stringify(mapping)}`)
  return mapping
}

function readCalendar(path: string): Bytes {
  const text = encodeCanonical(readJson(join(house, 'packs', path)))
  assert('year' in decodeCalendar(text), `${path} is a calendar`)
  return utf8Encode(text)
}

let vocabulary: TypeBook | null = null

/** Every type of the shared vocabulary. */
export function readTypes(): TypeBook {
  if (vocabulary !== null) return vocabulary
  const folder = join(house, 'blueprints', 'types')
  const types = jsonFiles(folder).map((path): EvidenceType =>
    sound(path, decodeType(readJson(path))),
  )
  vocabulary = new Map(types.map((type) => [type.type, type]))
  return vocabulary
}

/** What types and their fields are called in a language, by type. */
export function readTypeTexts(language: TypeTexts['language']): TypeTexts['types'] {
  const path = join(house, 'blueprints', 'types', 'text', `${language}.json`)
  return (readJson(path) as unknown as TypeTexts).types
}

function jsonFiles(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return names.sort((a, b) => (a < b ? -1 : 1)).map((name) => join(folder, name))
}

/** Names of the load files of a city's pack: each stands in a file of its name. */
export function loadNames(city: string): readonly string[] {
  return jsonFiles(join(house, 'packs', city, 'load')).map((path) => basename(path, '.json'))
}

/** Reads an application below `blueprints/`, ready to be published. */
export function readApplication(path: string): Application {
  const folder = join(house, 'blueprints', path)
  const file = join(folder, 'blueprint.json')
  const blueprint = sound(file, decodeBlueprint(readJson(file)))
  const scenarios = jsonFiles(join(folder, 'tests')).map((each): Scenario => {
    return sound(each, decodeScenario(readJson(each)))
  })
  const all = readTypes()
  const types = new Map(
    typesNamed(blueprint).flatMap((name) => {
      const type = all.get(name)
      return type === undefined ? [] : [[name, type] as const]
    }),
  )
  const publication = publish(blueprint, types, scenarios)
  assert('scenarios' in publication, `${path} names types that there are`)
  const text = (language: string): Json => readJson(join(folder, 'text', `${language}.json`))
  const documents = [publicationText(publication), textOf(scenarios)]
  for (const type of types.values()) documents.push(textOf(type))
  return {
    blueprint,
    types,
    identity: identityOf(publication),
    scenarios: publication.scenarios,
    typeHashes: Object.values(publication.types),
    documents: documents.map((each) => utf8Encode(each)),
    texts: { zh: text('zh'), en: text('en') },
  }
}
