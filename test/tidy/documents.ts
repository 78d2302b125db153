// Rules of the documents: what they say about the house is what the house is.
import { importTable, limits, rooms, type Layer } from './table.ts'
import { lineAt } from './scan.ts'
import { codeOf, find, productOf, type Offence, type Tree } from './tree.ts'
import { rowsOf, section } from './words.ts'

const plan = 'ARCHITECTURE.md'

/** The import table of the document is the one that the gate uses. */
export function printedTable(tree: Tree): Offence[] {
  const rows = rowsOf(section(find(tree, plan)?.text ?? '', 'Import table'))
  const printed = new Map(rows.map(([layer = '', may = '']) => [inMarks(layer)[0], inMarks(may)]))
  const layers: readonly string[] = Object.keys(importTable)
  const unlike = layers.filter(
    (layer) => printed.get(layer)?.join() !== importTable[layer as Layer].join(),
  )
  const extra = [...printed.keys()].filter((layer) => !layers.includes(layer ?? ''))
  return [...unlike, ...extra].map((layer) => ({ path: plan, what: `import table: ${layer}` }))
}

/** Every room that stands has its line, and every line a room that stands. */
export function printedRooms(tree: Tree): Offence[] {
  const text = section(find(tree, plan)?.text ?? '', 'Rooms')
  const standing = new Set(
    productOf(tree)
      .filter(({ layer, room }) => roomsOf(layer).includes(room))
      .map(({ layer, room }) => `${layer}/${room}`),
  )
  const printed = [...text.matchAll(/^- `(\w+\/\w+)`:/gm)].map(([, room = '']) => room)
  const silent = [...standing].filter((room) => !printed.includes(room))
  const empty = printed.filter((room) => !standing.has(room))
  return [
    ...silent.map((room) => ({ path: plan, what: `no line for ${room}` })),
    ...empty.map((room) => ({ path: plan, what: `a line for ${room}, where nothing stands` })),
  ]
}

export type Invariant = { readonly id: string; readonly enforcedBy: readonly string[] }

/** The numbered invariants of the document with the files that enforce them. */
export function invariantsOf(tree: Tree): Invariant[] {
  return rowsOf(section(find(tree, plan)?.text ?? '', 'Invariants')).map((cells) => ({
    id: cells[0] ?? '',
    enforcedBy: inMarks(cells.at(-1) ?? '').filter((mark) => mark.includes('/')),
  }))
}

/** Each invariant names a test that exists, and each number cited in a source is an invariant. */
export function invariants(tree: Tree): Offence[] {
  const all = invariantsOf(tree)
  const known = new Set(all.map(({ id }) => id))
  const twice = all.filter(({ id }, index) => all.findIndex((each) => each.id === id) !== index)
  const unenforced = all.flatMap(({ id, enforcedBy }) => {
    const missing = enforcedBy.filter((path) => !tree.paths.has(path))
    const none = enforcedBy.length === 0 ? [`${id}: names no file that enforces it`] : []
    return [...none, ...missing.map((path) => `${id}: ${path} does not exist`)]
  })
  const cited = codeOf(tree).flatMap((file) =>
    file.scan.comments.flatMap(({ at, text }) =>
      [...text.matchAll(/(?<![\w.§=+-])[LSM][1-9]\d?(?!\w|\.\d)/g)]
        .filter(([id]) => !known.has(id))
        .map(([id]) => ({
          path: file.path,
          line: lineAt(file.text, at),
          what: `${id}: no such invariant`,
        })),
    ),
  )
  return [
    ...twice.map(({ id }) => ({ path: plan, what: `${id}: stands twice` })),
    ...unenforced.map((what) => ({ path: plan, what })),
    ...cited,
  ]
}

/** The scripts and programs of the manifest run sources that exist. */
export function scripts(tree: Tree): Offence[] {
  const path = 'package.json'
  const { scripts: named = {}, bin = {} } = JSON.parse(find(tree, path)?.text ?? '{}') as {
    scripts?: Record<string, string>
    bin?: Record<string, string>
  }
  return [...Object.values(named), ...Object.values(bin)]
    .flatMap((line) => line.split(' '))
    .filter((word) => /\.(?:ts|js|sh)$/.test(word))
    .filter((word) => !tree.paths.has(word.replace(/^\.\//, '')))
    .map((word) => ({ path, what: `${word}: does not exist` }))
}

/** Links inside the house lead somewhere, and the scripts that a page names exist. */
export function pointers(tree: Tree): Offence[] {
  const manifest = find(tree, 'package.json')?.text ?? '{}'
  const { scripts = {} } = JSON.parse(manifest) as { scripts?: Record<string, string> }
  return tree.sources
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path, text }) => {
      const folder = path.split('/').slice(0, -1)
      const dead = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)[^)]*\)/g)]
        .filter(([, target = '']) => !leads(tree, folder, target))
        .map((match) => ({
          path,
          line: lineAt(text, match.index),
          what: `${match[1] ?? ''}: leads nowhere`,
        }))
      const unknown = [...text.matchAll(/\bnpm run ([\w-]+)/g)]
        .filter(([, script = '']) => !(script in scripts))
        .map((match) => ({ path, line: lineAt(text, match.index), what: `${match[0]}: no script` }))
      return [...dead, ...unknown]
    })
}

function leads(tree: Tree, folder: readonly string[], target: string): boolean {
  const parts = [...folder]
  for (const step of target.split('/')) {
    if (step === '..') parts.pop()
    else if (step !== '.' && step !== '') parts.push(step)
  }
  const path = parts.join('/')
  return tree.paths.has(path) || [...tree.paths].some((each) => each.startsWith(`${path}/`))
}

/** The linter is told the limits of the table. */
export function lintLimits(tree: Tree): Offence[] {
  const path = '.oxlintrc.json'
  const { rules = {} } = JSON.parse(find(tree, path)?.text ?? '{}') as {
    rules?: Record<string, readonly [string, { max?: number }] | undefined>
  }
  const expected: Readonly<Record<string, number>> = {
    'max-lines': limits.fileLines,
    'max-lines-per-function': limits.functionLines,
    'max-params': limits.parameters,
  }
  return Object.entries(expected)
    .filter(([rule, max]) => rules[rule]?.[0] !== 'error' || rules[rule][1].max !== max)
    .map(([rule, max]) => ({ path, what: `${rule} is not an error above ${max}` }))
}

/**
 * The lockfile holds every package that another names, those of other platforms too, or `npm ci`
 * refuses it; and it names no registry, so that it works with whichever npm is told to use.
 */
export function lockfile(tree: Tree): Offence[] {
  const path = 'package-lock.json'
  const { packages = {} } = JSON.parse(find(tree, path)?.text ?? '{}') as { packages?: Locked }
  return Object.entries(packages).flatMap(([at, { resolved, ...names }]) => {
    const named = { ...names.dependencies, ...names.optionalDependencies }
    const missing = Object.keys(named).filter((name) => !locked(packages, at, name))
    const host = resolved?.startsWith('http') ? [`${at}: names a registry`] : []
    return [...missing.map((name) => `${name}: not in the lockfile`), ...host].map((what) => ({
      path,
      what,
    }))
  })
}

type Locked = Readonly<
  Record<
    string,
    {
      readonly resolved?: string
      readonly dependencies?: Readonly<Record<string, string>>
      readonly optionalDependencies?: Readonly<Record<string, string>>
    }
  >
>

/** A package is found beside the one that names it or in any folder above. */
function locked(packages: Locked, at: string, name: string): boolean {
  for (
    let folder = at;
    ;
    folder = folder.slice(0, folder.lastIndexOf('node_modules/')).slice(0, -1)
  ) {
    if (`${folder}${folder === '' ? '' : '/'}node_modules/${name}` in packages) return true
    if (folder === '') return false
  }
}

function roomsOf(layer: string): readonly string[] {
  return layer in rooms ? rooms[layer as Layer] : []
}

function inMarks(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, mark = '']) => mark)
}
