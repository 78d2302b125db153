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

/** The codes of the page, one in the first cell of each row. */
export function listed(tree: Tree): Set<string> {
  const rows = rowsOf(find(tree, page)?.text ?? '')
  return new Set(rows.flatMap(([first = '']) => /^`([a-z]+\/[a-z0-9-]+)`$/.exec(first)?.[1] ?? []))
}

export function addresses(tree: Tree): Offence[] {
  const home = declared(tree)
  const shown = listed(tree)
  const strays = codeOf(tree)
    .filter(({ path }) => /^(?:src|test|bench)\//.test(path))
    .flatMap((file) => addressesOf(file))
    .filter(({ code }) => !home.has(code))
    .map(({ file, at, code }) => ({
      path: file.path,
      line: lineAt(file.text, at),
      what: `${code}: its room does not declare it`,
    }))
  const unlisted = [...home.values()]
    .filter(({ code }) => !shown.has(code))
    .map(({ file, code }) => ({ path: file.path, what: `${code}: not on ${page}` }))
  const unused = [...shown]
    .filter((code) => !home.has(code))
    .map((code) => ({ path: page, what: `${code}: no room declares it` }))
  return [...strays, ...unlisted, ...unused]
}
