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

/** What the columns of a list could fill. */
export function fittingOf(
  columns: readonly Column[],
  wanted: readonly Wanted[],
  headers: HeaderWords,
): Fitting {
  const all = wanted.map((each) => typeFit(columns, each, headers))
  const some = all.filter(({ fits }) => fits.some(({ target }) => target.field !== null))
  const types = some.filter((one) => !some.some((other) => isLess(one, other)))
  const fitted = new Set(types.flatMap(({ fits }) => fits.map(({ column }) => column)))
  return { types, otherwise: otherwiseOf(columns, { wanted, headers, fitted }) }
}

function typeFit(columns: readonly Column[], wanted: Wanted, headers: HeaderWords): TypeFit {
  const fits = columns.flatMap((column) => {
    return wanted.targets.flatMap((target): Fit[] => {
      const because = becauseOf(column, target, headers)
      return because.length === 0 ? [] : [{ column: column.letter, target, because }]
    })
  })
  // Where a header names a place, a column that merely has such codes is not meant for it.
  const named = (target: Target): boolean =>
    fits.some((fit) => fit.target === target && fit.because.includes('header-words'))
  const kept = fits.filter(({ target, because }) => {
    return because.includes('header-words') || !named(target)
  })
  const filled = kept.map(({ target }) => target.field?.split('.')[0])
  const missing = wanted.type.fields
    .filter(({ id, optional, answer }) => {
      return optional !== true && answer === undefined && !filled.includes(id)
    })
    .map(({ id }) => id)
  const keysMissing = wanted.targets
    .filter((target) => target.isKey && !kept.some((fit) => fit.target === target))
    .map(({ column }) => column)
  return { wanted, fits: kept, missing, keysMissing }
}

function becauseOf(column: Column, target: Target, headers: HeaderWords): readonly Because[] {
  const { type, name } = column
  if (!target.accepts.includes(type)) return []
  const because: Because[] = []
  if (target.names.some((each) => isNamed(name, headers.get(each) ?? []))) {
    because.push('header-words')
  }
  if (target.code !== null && target.code === type) because.push('code-kind')
  return because
}

/** Whether a header is one of these words, but for blanks, width, case and what is in brackets. */
function isNamed(header: string, words: readonly string[]): boolean {
  const [whole, bare] = [plainOf(header), plainOf(header).replace(/\([^()]*\)$/, '')]
  return words.some((word) => plainOf(word) === whole || plainOf(word) === bare)
}

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
  columns: readonly Column[],
  of: {
    readonly wanted: readonly Wanted[]
    readonly headers: HeaderWords
    readonly fitted: ReadonlySet<string>
  },
): readonly Otherwise[] {
  const targets = of.wanted.flatMap(({ targets: each }) => each)
  return columns.flatMap(({ letter, name, type }): Otherwise[] => {
    if (of.fitted.has(letter)) return []
    const found = targets
      .filter(({ accepts }) => !accepts.includes(type))
      .flatMap(({ names }) => names)
      .find((each) => isNamed(name, of.headers.get(each) ?? []))
    return found === undefined ? [] : [{ column: letter, names: found }]
  })
}
