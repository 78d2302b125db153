// Rules of words: one word for one idea, nothing left over, nothing about a machine.
import { lineAt } from './scan.ts'
import { codeOf, find, type Offence, type Source, type Tree } from './tree.ts'

/** Reads from the glossary which words lose, and to which word: the words in code marks. */
export function losers(tree: Tree): Map<string, string> {
  const glossary = section(find(tree, 'ARCHITECTURE.md')?.text ?? '', 'Glossary')
  const lost = new Map<string, string>()
  for (const [word = '', , not = ''] of rowsOf(glossary)) {
    for (const [, loser = ''] of not.matchAll(/`([^`]+)`/g)) lost.set(loser, word)
  }
  return lost
}

/** Identifiers use the glossary's words. */
export function glossary(tree: Tree): Offence[] {
  const lost = losers(tree)
  return codeOf(tree).flatMap((file) => {
    const found = new Map<string, Offence>()
    for (const { index, 0: name } of file.scan.code.matchAll(/[A-Za-z_$][\w$]*/g)) {
      const loser = found.has(name) ? undefined : losing(lost, name)
      if (loser === undefined) continue
      const what = `${name}: say ${lost.get(loser) ?? ''}, not ${loser}`
      found.set(name, { path: file.path, line: lineAt(file.text, index), what })
    }
    return [...found.values()]
  })
}

function losing(lost: ReadonlyMap<string, string>, name: string): string | undefined {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_$]+/g, ' ')
    .trim()
    .toLowerCase()
    .split(' ')
  const pairs = words.map((word, index) => `${word} ${words[index + 1] ?? ''}`)
  return [...words, ...pairs].find((each) => lost.has(each))
}

/** Names that say nothing about the thing: the prefix I, the suffix Impl, a default export. */
export function emptyNames(tree: Tree): Offence[] {
  const rules: readonly (readonly [RegExp, string])[] = [
    [/\b(?:interface|type|class)\s+I[A-Z]\w*/g, 'an I before a name says nothing'],
    [/\b\w+Impl\b/g, 'Impl says nothing'],
    [/\bexport\s+default\b/g, 'a default export has no name'],
  ]
  return codeOf(tree).flatMap((file) =>
    rules.flatMap(([pattern, what]) => hits(file, file.scan.code, pattern, what)),
  )
}

/** Work that is left over is an issue, not a comment. */
export function leftovers(tree: Tree): Offence[] {
  const mark = /\b(?:TODO|FIXME|XXX|HACK)\b/g
  return tree.sources.flatMap((file) => {
    if (file.path.endsWith('.md')) return hits(file, file.text, mark, 'left over')
    return file.scan.comments.flatMap(({ at, text }) =>
      mark.test(text) && (mark.lastIndex = 0) === 0
        ? [{ path: file.path, line: lineAt(file.text, at), what: 'left over' }]
        : [],
    )
  })
}

/** Nothing in the tree names a place on somebody's machine or a host of a package registry. */
export function machines(tree: Tree): Offence[] {
  const path = /(?<![\w.~-])\/(?:work|root|home|Users)\/[\w.-]+/g
  const host = /\b(?:registry\.[\w-]+\.\w+|[\w.-]*npmmirror\.com|pypi\.org|proxy\.golang\.org)\b/g
  return tree.sources.flatMap((file) => [
    ...hits(file, file.text, path, 'a path of one machine'),
    ...hits(file, file.text, host, 'the host of a registry'),
  ])
}

function hits(file: Source, text: string, pattern: RegExp, what: string): Offence[] {
  return [...text.matchAll(pattern)].map((match) => ({
    path: file.path,
    line: lineAt(text, match.index),
    what: `${match[0].trim()}: ${what}`,
  }))
}

/** The text between a heading of that name and the next heading of the same or a higher level. */
export function section(markdown: string, heading: string): string {
  const lines = markdown.split('\n')
  const from = lines.findIndex((line) => /^#+ /.test(line) && line.endsWith(` ${heading}`))
  if (from < 0) return ''
  const level = /^#+/.exec(lines[from] ?? '')?.[0].length ?? 0
  const rest = lines.slice(from + 1)
  const end = rest.findIndex((line) => (/^(#+) /.exec(line)?.[1]?.length ?? 99) <= level)
  return rest.slice(0, end < 0 ? rest.length : end).join('\n')
}

/** The rows of the tables in a text, without heads and rules, as trimmed cells. */
export function rowsOf(markdown: string): string[][] {
  return markdown
    .split('\n')
    .filter(
      (line, index, all) => line.startsWith('|') && !/^\|[\s:|-]+\|?$/.test(all[index + 1] ?? ''),
    )
    .filter((line) => !/^\|[\s:|-]+\|?$/.test(line))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )
}
