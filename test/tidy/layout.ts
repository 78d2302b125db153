// Rules of place and size: where a file stands, how it is named and how long, what a door is.
import { limits, mains, required, rooms, type Layer } from './table.ts'
import { codeOf, find, productOf, type Offence, type Source, type Tree } from './tree.ts'

const drawers = /^(?:utils?|helpers?|common|shared|manager|services?|types|misc)(?:\.|$)/
const fileName = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.node)?(?:\.test)?\.(?:ts|js|html|css|svg)$/

/** Every file of src stands at src/<layer>/<room>/<file>; apps may have one more level. */
export function depth(tree: Tree): Offence[] {
  return tree.sources
    .filter(({ path }) => path.startsWith('src/'))
    .flatMap(({ path }) => {
      const [, layer = '', room = '', ...rest] = path.split('/')
      const allowed: readonly string[] | undefined = rooms[layer as Layer]
      if (allowed === undefined) return [{ path, what: `layer ${layer} is not in the plan` }]
      if (rest.length === 0) return [{ path, what: 'a file stands in a room' }]
      if (!allowed.includes(room)) return [{ path, what: `room ${room} is not in the plan` }]
      const deepest = layer === 'apps' ? 2 : 1
      return rest.length > deepest ? [{ path, what: 'too deep' }] : []
    })
}

/** File names are kebab-case and name one thing. */
export function names(tree: Tree): Offence[] {
  return tree.sources
    .filter(({ path }) => /^(?:src|test|bench)\//.test(path))
    .flatMap(({ path, kind }) => {
      const name = path.slice(path.lastIndexOf('/') + 1)
      if (drawers.test(name)) return [{ path, what: 'a drawer: name the one thing that it is' }]
      const inSource = path.startsWith('src/') || kind !== 'other'
      return inSource && !fileName.test(name) ? [{ path, what: 'not a kebab-case name' }] : []
    })
}

export function sizes(tree: Tree): Offence[] {
  return codeOf(tree).flatMap((file) => {
    const lines = file.text.replace(/\n$/, '').split('\n')
    const most = file.kind === 'door' ? limits.doorLines : limits.fileLines
    const long = lines.length > most ? [{ path: file.path, what: `over ${most} lines` }] : []
    const wide = lines.flatMap((text, index) =>
      isWide(text) && !isOneLiteral(file, text, index)
        ? [{ path: file.path, line: index + 1, what: `over ${limits.lineColumns} columns` }]
        : [],
    )
    return [...long, ...wide]
  })
}

function isWide(text: string): boolean {
  return text.length > limits.lineColumns && Array.from(text).length > limits.lineColumns
}

/**
 * In apps a text for people, in tests a name or a figure may be one long literal, which nobody
 * should cut to fit.
 */
function isOneLiteral(file: Source, text: string, index: number): boolean {
  if (file.layer !== '' && file.layer !== 'apps' && file.kind !== 'test') return false
  const masked = file.scan.code.split('\n')[index] ?? ''
  const bare = masked.trimEnd().replaceAll(/(?<=\S) {2,}/g, ' ')
  return bare !== '' && !/\/[/*]/.test(text) && !isWide(bare)
}

/** A folder of the product holds a dozen files, so that it can be seen at once. */
export function crowds(tree: Tree): Offence[] {
  const count = new Map<string, number>()
  for (const { path } of productOf(tree)) {
    const folder = path.slice(0, path.lastIndexOf('/'))
    count.set(folder, (count.get(folder) ?? 0) + 1)
  }
  return [...count]
    .filter(([, files]) => files > limits.roomFiles)
    .map(([path]) => ({ path, what: `over ${limits.roomFiles} product files` }))
}

export function rootEntries(tree: Tree): Offence[] {
  const entries = new Set([...tree.paths].map((path) => path.split('/')[0] ?? ''))
  const visible = [...entries].filter((name) => !name.startsWith('.'))
  if (visible.length <= limits.rootEntries) return []
  return [{ path: '.', what: `over ${limits.rootEntries} visible entries: ${visible.join(' ')}` }]
}

/** A door re-exports by name and does nothing else; both faces of a door show the same names. */
export function doors(tree: Tree): Offence[] {
  return [...productOf(tree).flatMap(doorOffences), ...missingDoors(tree), ...unlikeFaces(tree)]
}

const reExport = /export\s+(?:type\s+)?\{[^}]*\}\s*from\s*(['"])\s*\1/g

function doorOffences(file: Source): Offence[] {
  const { path } = file
  if (/\bexport\s*\*/.test(file.scan.code)) return [{ path, what: 'export * hides what passes' }]
  if (file.kind !== 'door') return []
  const rest = file.scan.code.replace(reExport, '').trim()
  return rest === '' ? [] : [{ path, what: 'a door only re-exports by name' }]
}

function missingDoors(tree: Tree): Offence[] {
  const inhabited = productOf(tree).filter(({ layer }) => layer !== '' && layer !== 'apps')
  const wanted = new Set(inhabited.map(({ layer, room }) => `src/${layer}/${room}/index.ts`))
  return [...wanted]
    .filter((path) => !tree.paths.has(path))
    .map((path) => ({ path, what: 'the room has no door' }))
}

function unlikeFaces(tree: Tree): Offence[] {
  return productOf(tree)
    .filter(({ path }) => path.endsWith('/index.node.ts'))
    .flatMap((file) => {
      const other = find(tree, file.path.replace('index.node.ts', 'index.ts'))
      const same = other !== undefined && exported(other).join() === exported(file).join()
      return same ? [] : [{ path: file.path, what: 'shows other names than index.ts' }]
    })
}

function exported(door: Source): string[] {
  const lists = [...door.scan.code.matchAll(/export\s+(?:type\s+)?\{([^}]*)\}/g)]
  const each = lists.flatMap(([, list = '']) => list.split(','))
  const shown = each.map((item) => item.replace(/^\s*type\s/, '').trim())
  return shown
    .map((item) => item.split(/\s+as\s+/).at(-1) ?? '')
    .filter((item) => item !== '')
    .sort((a, b) => (a < b ? -1 : 1))
}

/** Every source opens by saying what it is. */
export function openings(tree: Tree): Offence[] {
  return codeOf(tree)
    .filter(({ text }) => !/^(?:#![^\n]*\n)?\/[/*]/.test(text))
    .map(({ path }) => ({ path, what: 'opens without a comment that says what it is' }))
}

/** A port is small: at most eight methods, ten for the disk. */
export function ports(tree: Tree): Offence[] {
  return productOf(tree).flatMap((file) =>
    file.scan.comments
      .filter(({ text }) => /^[*\s]*Port:/.test(text))
      .flatMap(({ at }) => portOffences(file, at)),
  )
}

function portOffences(file: Source, at: number): Offence[] {
  const code = file.scan.code.slice(at)
  const head = /^\s*(?:export\s+)?(?:interface\s+(\w+)[^{]*|type\s+(\w+)\s*=\s*)\{/.exec(code)
  if (head === null) return []
  const name = head[1] ?? head[2] ?? ''
  const most = name.includes('Disk') ? limits.diskMethods : limits.portMethods
  const count = methods(code.slice(head[0].length))
  return count > most ? [{ path: file.path, what: `port ${name} has over ${most} methods` }] : []
}

/** Counts the methods of the interface body that begins here and ends at its closing brace. */
function methods(code: string): number {
  let depthNow = 0
  let count = 0
  for (const line of code.split('\n')) {
    const method = /^\s*(?:readonly\s+)?\w+\??\s*(?:[(<]|:\s*(?:<[^>]*>\s*)?\()/
    if (depthNow === 0 && method.test(line)) count += 1
    for (const char of line) {
      if ('{(['.includes(char)) depthNow += 1
      if ('})]'.includes(char)) depthNow -= 1
      if (depthNow < 0) return count
    }
  }
  return count
}

/** A product file that no door, main, test or bench reaches is dead. */
export function unreached(tree: Tree): Offence[] {
  const roots = codeOf(tree).filter(
    ({ path, kind }) => !path.startsWith('src/') || kind !== 'product' || mains.test(path),
  )
  const seen = new Set(roots.map(({ path }) => path))
  const queue = [...roots]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    for (const path of neighbours(file)) {
      const next = seen.has(path) ? undefined : find(tree, path)
      if (next === undefined) continue
      seen.add(path)
      queue.push(next)
    }
  }
  return productOf(tree)
    .filter(({ path }) => !seen.has(path))
    .map(({ path }) => ({ path, what: 'no door, main, test or bench reaches it' }))
}

/** Paths of the files of its own folder that a source names, as an import or as a worker's URL. */
export function neighbours(file: Source): string[] {
  const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1)
  return file.scan.strings
    .filter(({ text }) => /^\.\/[\w./-]+\.(?:ts|js)$/.test(text))
    .map(({ text }) => folder + text.slice(2))
}

export function present(tree: Tree): Offence[] {
  return required
    .filter((path) => !tree.paths.has(path))
    .map((path) => ({ path, what: 'the house needs this file' }))
}

const programs = /^\.ci\/run$|\.sh$|^src\/apps\/cli\/lianban\.js$/

/** Programs can be executed, and nothing else can. */
export function executables(tree: Tree): Offence[] {
  return tree.sources
    .filter(({ path, executable }) => executable !== programs.test(path))
    .map(({ path, executable }) => ({ path, what: `is ${executable ? '' : 'not '}executable` }))
}

/** Nothing large enters the tree: it would stay in every clone for ever. */
export function blobs(tree: Tree): Offence[] {
  return tree.sources
    .filter(({ bytes }) => bytes > limits.blobBytes)
    .map(({ path }) => ({ path, what: `over ${limits.blobBytes} bytes` }))
}
