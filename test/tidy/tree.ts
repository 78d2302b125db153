// The tree under inspection: every file that belongs to the project, and what its place says about
// it. Rules see this and never the disk, so that a planted offence is read by the same functions as
// a real one.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { scan, type Scan } from './scan.ts'

export type Kind = 'product' | 'door' | 'test' | 'page' | 'other'

export type Source = {
  readonly path: string
  readonly text: string
  readonly bytes: number
  readonly executable: boolean
  readonly kind: Kind
  /** Layer and room of a file under src, empty elsewhere. */
  readonly layer: string
  readonly room: string
  readonly scan: Scan
}

export type Tree = { readonly sources: readonly Source[]; readonly paths: ReadonlySet<string> }

/** Something that a rule forbids: where, and what. */
export type Offence = { readonly path: string; readonly line?: number; readonly what: string }

const codeNames = /\.(?:ts|js|mjs)$/

/** Reads all files that git follows or would follow; the result does not depend on their order. */
export function readTree(root: string): Tree {
  const files = pathsOf(root)
    .filter((path) => existsSync(join(root, path)) && statSync(join(root, path)).isFile())
    .map((path) => ({
      path,
      text: readFileSync(join(root, path), 'utf8'),
      bytes: statSync(join(root, path)).size,
      executable: (statSync(join(root, path)).mode & 0o111) !== 0,
    }))
  return treeOf(files.map(source))
}

/** Every blob that the history of HEAD reaches with its size, or null where there is no history. */
export function historyOf(root: string): { path: string; bytes: number }[] | null {
  const objects = git(root, ['rev-list', '--objects', 'HEAD'])
  if (objects === null) return null
  const format = '--batch-check=%(objecttype) %(objectsize) %(rest)'
  const lines = git(root, ['cat-file', format], objects)?.split('\n') ?? []
  return lines.flatMap((line) => {
    const [, bytes = '', path = ''] = /^blob (\d+) (.+)$/.exec(line) ?? []
    return path === '' ? [] : [{ path, bytes: Number(bytes) }]
  })
}

/** Asks git; where the tree came as an archive, takes what lies there and is not ignored. */
function pathsOf(root: string): string[] {
  const listing = git(root, ['ls-files', '-co', '--exclude-standard', '-z'])
  if (listing !== null) return listing.split('\0').filter((path) => path !== '')
  const ignored = /^(?:node_modules|\.git|dist|practice)(?:\/|$)|^bench\/out|\.log$/
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !ignored.test(path),
  )
}

function git(root: string, args: readonly string[], input?: string): string | null {
  const trusted = ['-c', 'safe.directory=*', ...args]
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 } as const
  const result = spawnSync('git', trusted, input === undefined ? options : { ...options, input })
  return result.status === 0 ? result.stdout : null
}

/** A tree of written-down files, for tests of the rules themselves. */
export function plant(files: Readonly<Record<string, string>>, executable = false): Tree {
  const named = Object.entries(files)
  return treeOf(named.map(([path, text]) => source({ path, text, bytes: text.length, executable })))
}

/** Everything that is written in TypeScript or JavaScript. */
export function codeOf(tree: Tree): readonly Source[] {
  return tree.sources.filter(({ path }) => codeNames.test(path))
}

/** The code that ships: files under src that are not tests. */
export function productOf(tree: Tree): readonly Source[] {
  return codeOf(tree).filter(({ path, kind }) => path.startsWith('src/') && kind !== 'test')
}

export function find(tree: Tree, path: string): Source | undefined {
  return tree.sources.find((each) => each.path === path)
}

function treeOf(sources: readonly Source[]): Tree {
  const sorted = [...sources].sort((a, b) => (a.path < b.path ? -1 : 1))
  return { sources: sorted, paths: new Set(sorted.map(({ path }) => path)) }
}

function source(file: Pick<Source, 'path' | 'text' | 'bytes' | 'executable'>): Source {
  const { path, text } = file
  const [top, layer = '', room = '', ...rest] = path.split('/')
  const inSource = top === 'src' && rest.length > 0
  let read: Scan | undefined
  return {
    ...file,
    kind: kindOf(path),
    layer: inSource ? layer : '',
    room: inSource ? room : '',
    get scan() {
      read ??= scan(text)
      return read
    },
  }
}

function kindOf(path: string): Kind {
  if (!codeNames.test(path)) return /^src\/.*\.(?:html|css|svg)$/.test(path) ? 'page' : 'other'
  if (path.endsWith('.test.ts')) return 'test'
  if (/^src\/.*\/index(?:\.node)?\.ts$/.test(path)) return 'door'
  return 'product'
}
