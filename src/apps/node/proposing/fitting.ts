// Which columns of a tried list could fill which fields of which evidence types, and why. A column
// fits by its header's words, which are data of the pack and compared whole, or by the kind of its
// codes; that its values are merely texts or numbers says nothing. Where several types fit, all are
// named, and where nothing decides, that is said: nothing is guessed.
import type { Column } from '#adapters/sources'
import { halfWidth } from '#adapters/sources'
import type { Target, Wanted } from './targets.ts'

/** Header words by what they stand for. */
export type HeaderWords = ReadonlyMap<string, readonly string[]>

/** Why a column could fill a place. */
export type Because = 'code-kind' | 'header-words'

/** A place that a column could fill. */
export type Fit = {
  readonly column: string
  readonly target: Target
  readonly because: readonly Because[]
}

/** A type, and what of it a list could fill. */
export type TypeFit = {
  readonly wanted: Wanted
  readonly fits: readonly Fit[]
  /** Fields that the type needs and no column fills. */
  readonly missing: readonly string[]
  /** Columns of the register by which rows are looked up and that no column fills. */
  readonly keysMissing: readonly string[]
}

/** A column whose header names a field and whose values are something else. */
export type Otherwise = { readonly column: string; readonly names: string }

export type Fitting = {
  /** Types that a list could fill best; more than one where nothing decides between them. */
  readonly types: readonly TypeFit[]
  readonly otherwise: readonly Otherwise[]
}

/** A column with what its header stands for. */
type Headed = { readonly column: Column; readonly names: ReadonlySet<string> }

/** What the columns of a list could fill. */
export function fittingOf(
  columns: readonly Column[],
  wanted: readonly Wanted[],
  headers: HeaderWords,
): Fitting {
  const meanings = meaningsOf(headers)
  const headed = columns.map((column) => ({ column, names: namesOf(column.name, meanings) }))
  const all = wanted.map((each) => typeFit(headed, each))
  const some = all.filter(({ fits }) => fits.some(({ target }) => target.field !== null))
  const types = some.filter((one) => !some.some((other) => isLess(one, other)))
  const fitted = new Set(types.flatMap(({ fits }) => fits.map(({ column }) => column)))
  return { types, otherwise: otherwiseOf(headed, wanted, fitted) }
}

function typeFit(headed: readonly Headed[], wanted: Wanted): TypeFit {
  const fits = headed.flatMap((each) => {
    return wanted.targets.flatMap((target): Fit[] => {
      const because = becauseOf(each, target)
      return because.length === 0 ? [] : [{ column: each.column.letter, target, because }]
    })
  })
  // Where a header names a place, a column that merely has such codes is not meant for it.
  const named = new Set(
    fits.filter(({ because }) => because.includes('header-words')).map(({ target }) => target),
  )
  const kept = fits.filter(({ target, because }) => {
    return because.includes('header-words') || !named.has(target)
  })
  const filled = new Set(kept.map(({ target }) => target.field?.split('.')[0]))
  const missing = wanted.type.fields
    .filter(({ id, optional, answer }) => {
      return optional !== true && answer === undefined && !filled.has(id)
    })
    .map(({ id }) => id)
  const targets = new Set(kept.map(({ target }) => target))
  const keysMissing = wanted.targets
    .filter((target) => target.isKey && !targets.has(target))
    .map(({ column }) => column)
  return { wanted, fits: kept, missing, keysMissing }
}

function becauseOf({ column: { type }, names }: Headed, target: Target): readonly Because[] {
  if (!target.accepts.includes(type)) return []
  const because: Because[] = []
  if (target.names.some((name) => names.has(name))) because.push('header-words')
  if (target.code !== null && target.code === type) because.push('code-kind')
  return because
}

/** What each word stands for, by its plain writing. */
function meaningsOf(headers: HeaderWords): ReadonlyMap<string, readonly string[]> {
  const meanings = new Map<string, string[]>()
  for (const [name, words] of headers) {
    for (const word of words) {
      const plain = plainOf(word)
      meanings.set(plain, [...(meanings.get(plain) ?? []), name])
    }
  }
  return meanings
}

/** What a header stands for: the whole of it counts, but for what stands in brackets at its end. */
function namesOf(
  header: string,
  meanings: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const whole = plainOf(header)
  const bare = whole.replace(/\([^()]*\)$/, '')
  return new Set([...(meanings.get(whole) ?? []), ...(meanings.get(bare) ?? [])])
}

/** A header without blanks, in half width and small letters. */
function plainOf(header: string): string {
  return halfWidth(header)
    .replaceAll(/[\s_]+/g, '')
    .toLowerCase()
}

/** Whether one type fills only a part of the columns that another one fills. */
function isLess(one: TypeFit, other: TypeFit): boolean {
  const [less, more] = [one, other].map(({ fits }) => new Set(fits.map(({ column }) => column)))
  if (less === undefined || more === undefined || less.size >= more.size) return false
  return [...less].every((column) => more.has(column))
}

function otherwiseOf(
  headed: readonly Headed[],
  wanted: readonly Wanted[],
  fitted: ReadonlySet<string>,
): readonly Otherwise[] {
  const targets = wanted.flatMap(({ targets: each }) => each)
  return headed.flatMap(({ column: { letter, type }, names }): Otherwise[] => {
    if (names.size === 0 || fitted.has(letter)) return []
    const found = targets
      .filter(({ accepts }) => !accepts.includes(type))
      .flatMap((target) => target.names)
      .find((name) => names.has(name))
    return found === undefined ? [] : [{ column: letter, names: found }]
  })
}
