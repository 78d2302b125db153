// All rules of the house, each under the sentence that it makes true.
import { addresses } from './addresses.ts'
import { arrows } from './arrows.ts'
import {
  invariants,
  lintLimits,
  lockfile,
  pointers,
  printedRooms,
  printedTable,
  scripts,
} from './documents.ts'
import * as layout from './layout.ts'
import { purity } from './purity.ts'
import { exceptions } from './table.ts'
import type { Offence, Tree } from './tree.ts'
import { emptyNames, glossary, leftovers, machines } from './words.ts'

export type Rule = {
  readonly name: string
  readonly claim: string
  readonly check: (tree: Tree) => Offence[]
}

export const rules: readonly Rule[] = [
  { name: 'depth', claim: 'every source stands in a room of the plan', check: layout.depth },
  { name: 'names', claim: 'file names are kebab-case and no drawers', check: layout.names },
  { name: 'sizes', claim: 'files are short and lines narrow', check: layout.sizes },
  { name: 'crowds', claim: 'rooms hold at most a dozen product files', check: layout.crowds },
  { name: 'root', claim: 'the root can be read at a glance', check: layout.rootEntries },
  {
    name: 'doors',
    claim: 'rooms are entered by doors that re-export by name',
    check: layout.doors,
  },
  { name: 'openings', claim: 'every source opens by saying what it is', check: layout.openings },
  { name: 'ports', claim: 'ports are small', check: layout.ports },
  { name: 'unreached', claim: 'no product file is dead', check: layout.unreached },
  { name: 'present', claim: 'the files of a house exist', check: layout.present },
  { name: 'executables', claim: 'only programs are executable', check: layout.executables },
  { name: 'blobs', claim: 'nothing large is in the tree', check: layout.blobs },
  { name: 'arrows', claim: 'imports follow the import table', check: arrows },
  { name: 'purity', claim: 'pure layers name nothing that differs between hosts', check: purity },
  { name: 'glossary', claim: "identifiers use the glossary's words", check: glossary },
  { name: 'empty-names', claim: 'names say something', check: emptyNames },
  { name: 'leftovers', claim: 'nothing is left over in comments or pages', check: leftovers },
  { name: 'machines', claim: 'no path or registry of one machine is named', check: machines },
  {
    name: 'addresses',
    claim: 'refusal codes stand in their room and on the page',
    check: addresses,
  },
  { name: 'table', claim: 'the printed import table is the one in force', check: printedTable },
  { name: 'rooms', claim: 'every room has its line', check: printedRooms },
  { name: 'invariants', claim: 'invariants are enforced and cited by number', check: invariants },
  { name: 'pointers', claim: 'links and scripts named in pages exist', check: pointers },
  { name: 'scripts', claim: 'scripts run sources that exist', check: scripts },
  { name: 'lockfile', claim: 'the lockfile is whole and names no registry', check: lockfile },
  { name: 'lint', claim: 'the linter has the limits of the table', check: lintLimits },
]

/** What a rule finds, and which of its exceptions nothing needs any more. */
export function judge(
  rule: Rule,
  tree: Tree,
  granted: readonly string[] = exceptions[rule.name] ?? [],
): { offences: string[]; unneeded: string[] } {
  const found = rule.check(tree)
  const names = new Set(found.map(({ path, what }) => `${path}: ${what}`))
  return {
    offences: found
      .filter(({ path, what }) => !granted.includes(`${path}: ${what}`))
      .map(({ path, line, what }) => `${path}${line === undefined ? '' : `:${line}`}: ${what}`),
    unneeded: granted.filter((each) => !names.has(each)),
  }
}
