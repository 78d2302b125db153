// The strict reading of files in which people declare things: what each part must be is said once,
// and every place where a file is otherwise comes back, not the first alone, with what was found
// there and the words that are allowed. What the places mean is the matter of whoever reads.
import type { Json } from '#base/canonical'

/** In which way a part of a file is otherwise. */
export type MisfitKind =
  | 'bad-constant'
  | 'bad-name'
  | 'bad-path'
  | 'missing-member'
  | 'not-a-list'
  | 'not-a-text'
  | 'not-an-object'
  | 'not-one'
  | 'twice'
  | 'unknown-member'
  | 'unknown-word'
  | 'wrong-count'

/** A part of a file that is otherwise. */
export type Misfit<Kind extends string = MisfitKind> = {
  readonly path: string
  readonly kind: Kind
  /** What stands there, shortened; absent where nothing does. */
  readonly found?: string
  /** The words that are allowed there. */
  readonly among?: readonly string[]
  /** How many or how long it may be. */
  readonly bound?: string
}

/** Adds every misfit of a value to a list. The value is not yet trusted in any way. */
export type Check = (value: Json | undefined, path: string, into: Misfit[]) => void

type Members = { readonly [name: string]: Json }
type Checks = { readonly [name: string]: Check }
type Bounds = { readonly min?: number; readonly max?: number }

const foundMax = 48

/** What stands at a place, as a misfit shows it. */
export function foundOf(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined
  const text = JSON.stringify(value)
  return text.length > foundMax ? `${text.slice(0, foundMax - 1)}…` : text
}

/** The path of a member. */
export function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** A misfit of any kind with what was found. */
export function misfit<Kind extends string>(
  kind: Kind,
  path: string,
  more: {
    readonly value?: Json | undefined
    readonly among?: readonly string[]
    readonly bound?: string
  } = {},
): Misfit<Kind> {
  const { value, among, bound } = more
  const found = foundOf(value)
  return {
    path,
    kind,
    ...(found === undefined ? {} : { found }),
    ...(among === undefined ? {} : { among }),
    ...(bound === undefined ? {} : { bound }),
  }
}

/** Whether a value is an object. */
export function isMembers(value: Json | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object with these members, some of which may be absent. */
export function record(needed: Checks, more: Checks = {}): Check {
  const all: Checks = { ...needed, ...more }
  const names = Object.keys(all)
  return (value, path, into) => {
    if (!isMembers(value)) return void into.push(misfit('not-an-object', path, { value }))
    for (const [name, inner] of Object.entries(value)) {
      const check = Object.hasOwn(all, name) ? all[name] : undefined
      if (check !== undefined) check(inner, below(path, name), into)
      else into.push(misfit('unknown-member', below(path, name), { value: name, among: names }))
    }
    for (const name of Object.keys(needed)) {
      if (Object.hasOwn(value, name)) continue
      into.push(misfit('missing-member', below(path, name)))
    }
  }
}

/** An object with so many members of any names, all alike. */
export function mapOf(
  check: Check,
  {
    min = 0,
    max = 256,
    name,
  }: Bounds & {
    readonly name?: RegExp
  } = {},
): Check {
  return (value, path, into) => {
    if (!isMembers(value)) return void into.push(misfit('not-an-object', path, { value }))
    const names = Object.keys(value)
    if (names.length < min || names.length > max) {
      into.push(misfit('wrong-count', path, { bound: `${min} … ${max}` }))
    }
    for (const each of names.slice(0, max)) {
      if (name !== undefined && !name.test(each)) {
        into.push(misfit('bad-name', below(path, each), { value: each }))
      }
      check(value[each], below(path, each), into)
    }
  }
}

/** A list of so many, all alike; with `once` no text of it stands twice. */
export function listOf(
  check: Check,
  { min = 0, max = 256, once = false }: Bounds & { readonly once?: boolean } = {},
): Check {
  return (value, path, into) => {
    if (!Array.isArray(value)) return void into.push(misfit('not-a-list', path, { value }))
    if (value.length < min || value.length > max) {
      into.push(misfit('wrong-count', path, { bound: `${min} … ${max}` }))
    }
    for (const [at, each] of value.slice(0, max).entries()) {
      check(each as Json, `${path}[${at}]`, into)
      if (once && typeof each === 'string' && value.indexOf(each) < at) {
        into.push(misfit('twice', `${path}[${at}]`, { value: each }))
      }
    }
  }
}

/** One of these words. */
export function oneOf(words: readonly string[]): Check {
  return (value, path, into) => {
    if (typeof value === 'string' && words.includes(value)) return
    into.push(misfit('unknown-word', path, { value, among: words }))
  }
}

/** A text that is not empty and at most so long. */
export function textOf(max: number): Check {
  return (value, path, into) => {
    if (typeof value === 'string' && value !== '' && value.length <= max) return
    into.push(misfit('not-a-text', path, { value, bound: `1 … ${max}` }))
  }
}

/** A name of a form. */
export function nameOf(form: RegExp): Check {
  return (value, path, into) => {
    if (typeof value === 'string' && form.test(value)) return
    into.push(misfit('bad-name', path, { value }))
  }
}

/** What a cell of a table can be written as: a text, a whole number or, where allowed, null. */
export const cellConstant: Check = (value, path, into) => {
  const fits = value === null || typeof value === 'string' || Number.isSafeInteger(value)
  if (!fits) into.push(misfit('bad-constant', path, { value }))
}

/** Alternatives that are told apart by the one member that each has and no other. */
export function choice(ways: Checks): Check {
  const names = Object.keys(ways)
  return (value, path, into) => {
    if (!isMembers(value)) return void into.push(misfit('not-an-object', path, { value }))
    const named = names.filter((name) => Object.hasOwn(value, name))
    const way = named.length === 1 ? ways[named[0] as string] : undefined
    if (way === undefined) into.push(misfit('not-one', path, { value, among: names }))
    else way(value, path, into)
  }
}
