// After a load the departments say on the ledger what their resources are now: schema, rows, how
// many changed, and as of when; never a value. A resource that is not in the catalogue yet is
// published first, with the officer of its department as steward. The ledger judges what is said: a
// schema that is not the published one, or data older than promised, is red and not green. Where
// another process runs the city, that one is asked to say it.
import type { City } from '#apps/node/city'
import { memberLayout, readPack } from '#apps/node/city'
import type { Loaded, Spoken } from '#apps/node/attesting'
import type { LoadFile, LoadResult } from '#apps/node/loading'
import { hasBook, resourceIdOf, wish } from '#apps/node/refresh'
import type { Signed } from '#apps/node/stewards'
import { shownOf } from '#apps/node/stewards'

/** What was said of one source, or why nothing was. */
export type Attested = {
  readonly source: string
  readonly member: string
  /** State by the ledger, and the entry where it stands. */
  readonly state?: 'announced' | 'green' | 'red'
  readonly entry?: number
  readonly code?: string
}

/** How often a public file is promised to come again where its load file says nothing. */
const updateDefault = '1y'
/** How long a running city is waited for, milliseconds; its departments look every few seconds. */
const patienceMs = 15_000

/**
 * Tables of these files that wait for a second person before anything is loaded into them: a load
 * answers for what it has compared itself, and not for what others have changed. By member.
 */
export async function waitingBefore(
  directory: string,
  city: City | null,
  files: readonly LoadFile[],
): Promise<Waiting> {
  const tables = files.flatMap((file) => [...file.tables, ...(file.join?.tables ?? [])])
  const members = [...new Set(tables.map((table) => table.member))]
  const held = members.map(async (member): Promise<readonly [string, ReadonlySet<string>]> => {
    const path = memberLayout(directory, member, false).sources
    if (!hasBook(path)) return [member, new Set()]
    const states =
      city === null
        ? (await wish(path, { kind: 'scan' }, { ms: patienceMs, keeps: false }))?.states
        : await city.members.get(member)?.refresh.scan({ atOnce: true })
    const waiting = (states ?? []).flatMap(({ state, table }) => {
      return state === 'waits' && table !== undefined ? [table] : []
    })
    return [member, new Set(waiting)]
  })
  return new Map(await Promise.all(held))
}

/** Tables that wait, by member. */
export type Waiting = ReadonlyMap<string, ReadonlySet<string>>

/** When a file was last changed, Unix milliseconds, and what waited before it was loaded. */
type Of = { readonly asOf: (result: LoadResult) => number; readonly waiting: Waiting }

/** Attests every source that counts. */
export async function attestAll(
  city: City,
  results: readonly LoadResult[],
  { asOf, waiting }: Of,
): Promise<readonly Attested[]> {
  const attested: Attested[] = []
  for (const [member, tables] of tablesOf(results, waiting)) {
    await city.members.get(member)?.refresh.vouch(tables)
  }
  for (const result of results) {
    if (result.state === 'waits') continue
    const { name: source, steward } = result.file
    const at = { source, member: steward }
    const member = city.members.get(steward)
    if (member === undefined) attested.push({ ...at, code: 'sharing/steward-unknown' })
    else {
      const of = { ledger: member.port.ledger, title: member.pack.zh, asOf: asOf(result) }
      attested.push({ ...at, ...attestedBy(await member.refresh.loaded(loadedOf(result, of))) })
    }
  }
  return attested
}

/**
 * Asks the process that runs the city to attest every source that counts. Null where it has not
 * answered yet: it says it when it looks next, or when the city starts again.
 */
export async function attestElsewhere(
  directory: string,
  results: readonly LoadResult[],
  of: Of & { readonly ledger: string },
): Promise<readonly Attested[] | null> {
  const counting = results.filter(({ state }) => state !== 'waits')
  const bookOf = (member: string): string => memberLayout(directory, member, false).sources
  const patient = (path: string): { readonly ms: number; readonly keeps: true } => {
    return { ms: hasBook(path) ? patienceMs : 0, keeps: true }
  }
  await Promise.all(
    [...tablesOf(counting, of.waiting)].map(([member, tables]) => {
      const path = bookOf(member)
      return wish(path, { kind: 'vouch', tables }, patient(path))
    }),
  )
  const { members } = readPack('beijing')
  const answers = await Promise.all(
    counting.map(async (result): Promise<Attested | null> => {
      const { name: source, steward } = result.file
      const title = members.find(({ code }) => code === steward)?.zh ?? steward
      const loaded = loadedOf(result, { ledger: of.ledger, title, asOf: of.asOf(result) })
      const path = bookOf(steward)
      const outcome = await wish(path, { kind: 'loaded', loaded }, patient(path))
      const spoken = outcome?.spoken ?? null
      return spoken === null ? null : { source, member: steward, ...attestedBy(spoken) }
    }),
  )
  const said = answers.filter((each) => each !== null)
  return said.length === answers.length ? said : null
}

function attestedBy(
  said: Spoken & { readonly state?: string },
): Pick<Attested, 'code' | 'entry' | 'state'> {
  if ('code' in said) return { code: said.code }
  const state = (['announced', 'green', 'red'] as const).find((each) => each === said.state)
  return state === undefined ? { entry: said.entry } : { state, entry: said.entry }
}

/** Tables that loads have written and for which they answer, by member. */
function tablesOf(
  results: readonly LoadResult[],
  waiting: Waiting,
): ReadonlyMap<string, readonly string[]> {
  const tables = new Map<string, string[]>()
  for (const name of results.flatMap(({ written }) => Object.keys(written))) {
    const [member = '', ...words] = name.split('.')
    const table = words.join('.')
    if (waiting.get(member)?.has(table) === true) continue
    tables.set(member, [...(tables.get(member) ?? []), table])
  }
  return tables
}

/** What is said of a load; an item has one id on one ledger, so that loading again speaks of it. */
function loadedOf(
  result: LoadResult,
  of: { readonly ledger: string; readonly title: string; readonly asOf: number },
): Loaded {
  const { file, read, mapping, accepted, difference } = result
  const { terms } = file.source
  const { added, changed, vanished } = difference
  const id = `loaded.${file.name}`
  return {
    duty: {
      text: file.zh,
      organisation: of.title,
      approval: `${file.source.name}: ${typeof terms === 'string' ? terms : terms.zh}`,
    },
    item: {
      id,
      title: file.zh,
      class: 'unconditional',
      law: file.source.name,
      update: updateDefault,
    },
    resource: {
      id: resourceIdOf(of.ledger, file.steward, id),
      title: file.en,
      kind: 'file',
      system: 'lianban city load',
      schema: read.schema,
      fields: Object.entries(file.fields).map(([name, { as }]) => ({ name, is: as })),
      mapping,
    },
    rows: accepted,
    changed: Math.min(added + changed + vanished, accepted),
    asOf: of.asOf,
    look: lookOf(result),
    tables: file.tables.flatMap(({ member, table }) => (member === file.steward ? [table] : [])),
  }
}

/**
 * The two officers who have looked at a large difference, and what they were shown: they approve
 * the attestation too, by the same hash of it as the book has, so that one leads to the other.
 */
function lookOf({ look }: LoadResult): Loaded['look'] {
  if (look === undefined || look.by === null || look.second === null) return null
  const { statement, salt } = look.signed as unknown as Signed
  return { kids: [look.by, look.second], shown: shownOf({ statement, salt }) }
}
