// Load files that stewards have confirmed, one place for each in the folder of its department: the
// file as it was signed, and the signature. It promises that what was confirmed is durable before
// anybody is told so, that a changed file is known as changed, with every place where it differs,
// and that a confirmation is verified each time it is used.
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { readJsonText } from '#blueprint/grammar'
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { LoadFile } from '#apps/node/loading'
import { loadFileHash } from '#apps/node/loading'
import type { StewardCode } from './codes.ts'
import type { MappingStatement, Registry, Signed, Signing } from './statement.ts'
import { signersOf, signStatement } from './statement.ts'

/** Where a file is not what was confirmed. Texts of both are those of a load file, no values. */
export type Change = {
  readonly path: string
  readonly before: string | null
  readonly now: string | null
}

/** Whether a load file counts. */
export type Standing =
  | { readonly confirmed: true; readonly kids: readonly string[]; readonly at: number }
  | {
      readonly confirmed: false
      readonly code: string
      readonly changes: readonly Change[]
    }

type Kept = Signed<MappingStatement> & {
  readonly format: 'lianban/confirmed-mapping/1'
  /** Unix milliseconds. */
  readonly at: number
  readonly file: LoadFile
}

/** Longest text of one side of a change. */
const shownMax = 80
const changesMax = 100

/** Has a steward confirm a load file; durable at the return. The code says why not. */
export async function confirmMapping(
  root: string,
  file: LoadFile,
  of: {
    readonly ledger: string
    readonly kid: string
    readonly sign: Signing
    readonly registry: Registry
    readonly now: number
  },
): Promise<{ readonly mapping: string } | Refusal> {
  const mapping = loadFileHash(file)
  const { ledger, kid, sign, registry, now: at } = of
  const { steward: member, name: load } = file
  const statement = {
    format: 'lianban/mapping-confirmation/1',
    ledger,
    member,
    load,
    mapping,
  } as const
  const signed = await signStatement(statement, [kid], sign)
  const signers = signersOf(signed, registry)
  if (isRefusal(signers)) return signers
  const kept: Kept = { format: 'lianban/confirmed-mapping/1', at, file, ...signed }
  keep(placeOf(root, load), `${encodeCanonical(kept as unknown as Json)}\n`)
  return { mapping }
}

/** Whether a load file is the one that its steward has confirmed. `root`: the member's folder. */
export function standingOf(
  root: string,
  file: LoadFile,
  { ledger, registry }: { readonly ledger: string; readonly registry: Registry },
): Standing {
  const no = (code: string, changes: readonly Change[] = []): Standing => {
    return { confirmed: false, code, changes }
  }
  const unconfirmed: StewardCode = 'node/unconfirmed'
  const place = placeOf(root, file.name)
  if (!fs.existsSync(place)) return no(unconfirmed)
  const damaged: StewardCode = 'node/confirmation-damaged'
  const read = readJsonText(fs.readFileSync(place, 'utf8'))
  const kept = 'value' in read ? (read.value as unknown as Kept) : null
  if (!isKept(kept)) return no(damaged)
  const { statement, approvals } = kept
  const isOurs =
    statement.ledger === ledger &&
    statement.member === file.steward &&
    statement.load === file.name &&
    statement.mapping === loadFileHash(kept.file)
  if (!isOurs) return no(damaged)
  const signers = signersOf(kept, registry)
  if (isRefusal(signers)) return no(signers.code)
  const changed: StewardCode = 'node/confirmed-otherwise'
  if (statement.mapping !== loadFileHash(file)) return no(changed, changesOf(kept.file, file))
  return { confirmed: true, kids: approvals.map(({ kid }) => kid), at: kept.at }
}

function isKept(kept: Kept | null): kept is Kept {
  if (kept?.format !== 'lianban/confirmed-mapping/1' || typeof kept.salt !== 'string') return false
  const parts: readonly unknown[] = [kept.file, kept.statement]
  return parts.every((part) => typeof part === 'object' && part !== null)
}

/** Every place where two load files differ, at most 100. */
export function changesOf(before: LoadFile, now: LoadFile): readonly Change[] {
  const [left, right] = [leavesOf(before), leavesOf(now)]
  const paths = [...new Set([...left.keys(), ...right.keys()])]
  return paths
    .filter((path) => left.get(path) !== right.get(path))
    .slice(0, changesMax)
    .map((path) => ({ path, before: left.get(path) ?? null, now: right.get(path) ?? null }))
}

function leavesOf(file: LoadFile): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>()
  // A load file that was read nests no deeper than its format.
  const walk = (value: Json, path: string): void => {
    if (typeof value !== 'object' || value === null) {
      leaves.set(path, JSON.stringify(value).slice(0, shownMax))
      return
    }
    const isList = Array.isArray(value)
    for (const [name, inner] of Object.entries(value)) {
      walk(inner as Json, isList ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`)
    }
  }
  walk(file as unknown as Json, '')
  return leaves
}

function placeOf(root: string, load: string): string {
  return join(root, 'mappings', `${load}.json`)
}

function keep(place: string, text: string): void {
  const folder = join(place, '..')
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const beside = `${place}.${randomBytes(6).toString('hex')}`
  const file = fs.openSync(beside, 'wx', 0o600)
  try {
    fs.writeFileSync(file, text)
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
  // If we crash here, what was confirmed before still counts; what lies beside is never read.
  fs.renameSync(beside, place)
  const directory = fs.openSync(folder, 'r')
  try {
    fs.fsyncSync(directory)
  } finally {
    fs.closeSync(directory)
  }
}
