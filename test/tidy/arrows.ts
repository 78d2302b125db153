// Rules of knowing: which room may name which other in an import.
import { importTable, ordered, rooms, strangers, testDoors, type Layer } from './table.ts'
import { codeOf, find, type Offence, type Source, type Tree } from './tree.ts'
import { lineAt, type Piece } from './scan.ts'

const importing = /\b(?:from\s*|import\s*\(?\s*)(['"])\s*\1/g

/** The specifiers that a source imports, re-exports or loads, types included. */
export function importsOf(file: Source): Piece[] {
  return [...file.scan.code.matchAll(importing)].map((match) => {
    const quote = match[1] ?? ''
    const at = match.index + match[0].indexOf(quote)
    const end = match.index + match[0].length - 1
    return { at, text: file.text.slice(at + 1, end) }
  })
}

export function arrows(tree: Tree): Offence[] {
  const packages = declaredPackages(tree)
  return codeOf(tree).flatMap((file) =>
    importsOf(file).flatMap(({ at, text }) => {
      const what = fault(tree, packages, file, text)
      return what === '' ? [] : [{ path: file.path, line: lineAt(file.text, at), what }]
    }),
  )
}

type Packages = { readonly product: ReadonlySet<string>; readonly all: ReadonlySet<string> }

function declaredPackages(tree: Tree): Packages {
  const text = find(tree, 'package.json')?.text ?? '{}'
  const { dependencies = {}, devDependencies = {} } = JSON.parse(text) as {
    dependencies?: Record<string, string>
    devDependencies?: Record<string, string>
  }
  const product = Object.keys(dependencies)
  return { product: new Set(product), all: new Set([...product, ...Object.keys(devDependencies)]) }
}

/** Says what is wrong with one import, or gives the empty string. */
function fault(tree: Tree, packages: Packages, file: Source, named: string): string {
  if (named.includes('../')) return `${named}: ../ is never written; cross by a door`
  if (named.startsWith('./')) return besideFault(tree, file, named)
  if (named.startsWith('#')) return doorFault(tree, file, named)
  const shipped = file.layer !== '' && file.kind !== 'test'
  if (!named.startsWith('node:')) {
    const name = named
      .split('/')
      .slice(0, named.startsWith('@') ? 2 : 1)
      .join('/')
    const declared = shipped ? packages.product : packages.all
    if (!declared.has(name)) return `${named}: not a declared dependency`
  }
  if (!shipped || passes(file, named)) return ''
  return `${named}: ${file.layer} may not import it`
}

function passes(file: Source, named: string): boolean {
  const table = importTable[file.layer as Layer] ?? []
  if (table.some((prefix) => named === prefix || named.startsWith(prefix))) return true
  return file.layer === 'base' && file.path.endsWith('.node.ts') && named.startsWith('node:')
}

function besideFault(tree: Tree, file: Source, named: string): string {
  const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1)
  if (!tree.paths.has(folder + named.slice(2))) return `${named}: no such file`
  const deep = named.slice(2).includes('/') && file.path.startsWith('src/')
  return deep && file.layer !== 'apps' ? `${named}: ./ stays in the room` : ''
}

/** `#test/x` is test/support/x.ts, and so on: what ships knows none of it. */
function supportFault(tree: Tree, file: Source, named: string): string {
  if (file.layer !== '' && file.kind !== 'test') return `${named}: what ships knows no tests`
  const [, door = '', name = ''] = /^#(\w+)\/(.+)$/.exec(named) ?? []
  const path = `${testDoors[door] ?? ''}/${name}.ts`
  return tree.paths.has(path) ? '' : `${named}: no such file`
}

/** `#apps/node/host` is the door of a room inside an app; only apps go through it. */
function appDoorFault(tree: Tree, file: Source, named: string): string {
  const path = `src/${named.slice(1)}/index.ts`
  if (!tree.paths.has(path)) return `${named}: no such door`
  if (file.layer === '' || file.kind === 'test' || file.layer === 'apps') return ''
  return `${named}: ${file.layer} may not import apps`
}

function doorFault(tree: Tree, file: Source, named: string): string {
  if (/^#apps\/[\w-]+\/[\w-]+$/.test(named)) return appDoorFault(tree, file, named)
  const [, layer = '', room = ''] = /^#(\w+)\/([\w-]+)$/.exec(named) ?? []
  if (room === '') return `${named}: a door is #layer/room`
  if (layer in testDoors) return supportFault(tree, file, named)
  if (!tree.paths.has(`src/${layer}/${room}/index.ts`)) return `${named}: no such door`
  if (file.layer === '' || file.kind === 'test') return ''
  if (!passes(file, named)) return `${named}: ${file.layer} may not import ${layer}`
  if (layer !== file.layer) return ''
  if (room === file.room) return `${named}: its own room is reached by ./`
  if (strangers.includes(file.layer)) return `${named}: ${layer} rooms never know each other`
  if (!ordered.includes(file.layer)) return ''
  const order: readonly string[] = rooms[file.layer as Layer]
  const backwards = order.indexOf(room) < order.indexOf(file.room)
  return backwards ? '' : `${named}: ${file.room} comes before ${room}`
}
