// Identities of the shipped applications, computed from their files with nothing but SHA-256 and a
// sorted JSON text, and the steps between: the canonical text of each type, of the scenarios, and
// of the publication.
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'

const root = new URL('../../blueprints/', import.meta.url)

const folders = [
  'certificates/bj.health.supplies',
  'processes/bj.home.transfer',
  'sharing/bj.firm.account',
  'sharing/bj.firm.credit',
]

function json(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8'))
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each
    const members = Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(members)
  })
}

function hash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64url')
}

function sortedFiles(folder: string): string[] {
  const names = readdirSync(new URL(`${folder}/`, root)).filter((name) => name.endsWith('.json'))
  return names.sort((a, b) => (a < b ? -1 : 1))
}

/** The file of identities. */
export function identitiesFile(): object {
  return {
    identities: folders.map((folder) => {
      const blueprint = json(`${folder}/blueprint.json`) as {
        readonly evidence: Readonly<Record<string, { readonly type: string }>>
      }
      const names = [...new Set(Object.values(blueprint.evidence).map(({ type }) => type))]
      const types = Object.fromEntries(
        names.map((name) => [name, hash(canonical(json(`types/${name}.json`)))]),
      )
      const stories = sortedFiles(`${folder}/tests`).map((file) => json(`${folder}/tests/${file}`))
      const scenarios = hash(canonical(stories))
      const text = canonical({ format: 'lianban/publication/1', blueprint, scenarios, types })
      const bytes = new TextEncoder().encode(text).length
      return {
        folder,
        blueprint: hash(canonical(blueprint)),
        types,
        scenarios,
        bytes,
        identity: hash(text),
      }
    }),
  }
}
