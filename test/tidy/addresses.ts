// Rules of refusal codes: a code is an address, so it stands in the room that it names and on the
// page that explains it.
import { lineAt } from './scan.ts'
import { rooms } from './table.ts'
import { codeOf, find, type Offence, type Source, type Tree } from './tree.ts'
import { rowsOf } from './words.ts'

const page = 'docs/protocol/codes.md'
const known: ReadonlySet<string> = new Set(Object.values(rooms).flat())

type Address = { readonly file: Source; readonly at: number; readonly code: string }

/** Every literal of a source that reads like a code and begins with the name of a room. */
export function addressesOf(file: Source): Address[] {
  return file.scan.strings.flatMap(({ at, text }) => {
    const room = /^([a-z]+)\/[a-z0-9]+(?:-[a-z0-9]+)*$/.exec(text)?.[1] ?? ''
    return known.has(room) ? [{ file, at, code: text }] : []
  })
}

/** A code is declared where a product file of its own room writes it. */
export function declared(tree: Tree): Map<string, Address> {
  const found = new Map<string, Address>()
  for (const file of codeOf(tree)) {
    if (file.layer === '' || file.kind === 'test') continue
    for (const address of addressesOf(file)) {
      if (address.code.startsWith(`${file.room}/`)) found.set(address.code, address)
    }
  }
  return found
}

/** What the page says of each code: the first two cells of each row that begins with one. */
export function listed(tree: Tree): Map<string, string> {
  const rows = rowsOf(find(tree, page)?.text ?? '')
  return new Map(
    rows.flatMap(([first = '', meaning = '']) => {
      const code = /^`([a-z]+\/[a-z0-9-]+)`$/.exec(first)?.[1]
      return code === undefined ? [] : [[code, meaning] as const]
    }),
  )
}

/** What the lists of the rooms, rows of a code and its meaning, say of each code. */
export function meanings(tree: Tree): Map<string, string> {
  const found = new Map<string, string>()
  for (const file of codeOf(tree)) {
    if (file.layer === '' || file.kind === 'test') continue
    for (const { at, code } of addressesOf(file)) {
      const meaning = meaningAt(file, at, code)
      if (meaning !== undefined) found.set(code, meaning)
    }
  }
  return found
}

/** The second cell of a row `['room/code', 'meaning']` or `{ code: …, meaning: … }`. */
function meaningAt(file: Source, at: number, code: string): string | undefined {
  const before = file.scan.code.slice(Math.max(0, at - 40), at)
  const rest = file.scan.code.slice(at + code.length + 2)
  const gap = /^\s*,\s*(?:meaning:\s*)?(?=['"`])/.exec(rest)?.[0]
  if (gap === undefined || !/(?:\[|\{\s*code:)\s*$/.test(before)) return undefined
  const next = at + code.length + 2 + gap.length
  const text = file.scan.strings.find((each) => each.at === next)?.text ?? ''
  return /^[a-z]+\/\S+$/.test(text) ? undefined : text.replaceAll(/\\(['"`\\])/g, '$1')
}

export function addresses(tree: Tree): Offence[] {
  return [...strays(tree), ...mismatches(tree), ...unused(tree)]
}

/** Codes written down in a room that is not theirs while their own room does not know them. */
function strays(tree: Tree): Offence[] {
  const home = declared(tree)
  return codeOf(tree)
    .filter(({ path }) => /^(?:src|test|bench)\//.test(path))
    .flatMap((file) => addressesOf(file))
    .filter(({ code }) => !home.has(code))
    .map(({ file, at, code }) => ({
      path: file.path,
      line: lineAt(file.text, at),
      what: `${code}: its room does not declare it`,
    }))
}

/** Differences between the rooms and the page. */
function mismatches(tree: Tree): Offence[] {
  const home = declared(tree)
  const shown = listed(tree)
  const said = meanings(tree)
  const unlisted = [...home.values()]
    .filter(({ code }) => !shown.has(code))
    .map(({ file, code }) => ({ path: file.path, what: `${code}: not on ${page}` }))
  const unknown = [...shown.keys()]
    .filter((code) => !home.has(code))
    .map((code) => ({ path: page, what: `${code}: no room declares it` }))
  const otherwise = [...said]
    .filter(([code, meaning]) => shown.has(code) && shown.get(code) !== meaning)
    .map(([code]) => ({ path: page, what: `${code}: its room gives it another meaning` }))
  return [...unlisted, ...unknown, ...otherwise]
}

/** Codes that a list promises and no source can give. */
function unused(tree: Tree): Offence[] {
  const given = new Set<string>()
  for (const file of codeOf(tree)) {
    if (file.kind === 'test') continue
    for (const { at, code } of addressesOf(file)) {
      if (meaningAt(file, at, code) === undefined) given.add(code)
    }
  }
  const home = declared(tree)
  return [...meanings(tree).keys()]
    .filter((code) => !given.has(code))
    .map((code) => ({ path: home.get(code)?.file.path ?? page, what: `${code}: nothing gives it` }))
}
