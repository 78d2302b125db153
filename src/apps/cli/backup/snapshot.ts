// The newest snapshot into a backup, so that a restored ledger starts without reading all of its
// journal. A snapshot is derived: where it cannot be copied whole, the backup goes without it.
import fs from 'node:fs'
import { join } from 'node:path'
import { ledgerFolder } from './facts.ts'

type Manifest = {
  readonly mark: { readonly height: number }
  readonly files: readonly string[]
}

/** Files that every snapshot uses as far as its manifest says, and that only grow. */
const growing = ['index', 'members', 'tiles', 'documents'] as const

/** Copies the newest snapshot of the ledger below `root`; gives its height, 0 without one. */
export function copySnapshot(
  root: string,
  copy: (from: string, name: string, size: number) => void,
): number {
  const folder = join(root, 'snapshots')
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : []
  const newest = names
    .filter((name) => /^[0-9]{16}\.json$/.test(name))
    .toSorted((a, b) => (a < b ? 1 : -1))[0]
  const manifest = newest === undefined ? null : readManifest(join(folder, newest))
  if (newest === undefined || manifest === null) return 0
  // A node at work may replace the snapshot meanwhile; what is gone then is derived again.
  const wanted = [...manifest.files, ...growing.flatMap((name) => below(root, name))]
  const sizes = new Map<string, number>()
  for (const name of wanted) {
    const stat = fs.statSync(join(root, name), { throwIfNoEntry: false })
    if (stat === undefined) return 0
    sizes.set(name, stat.size)
  }
  for (const [name, size] of sizes) copy(join(root, name), `${ledgerFolder}${name}`, size)
  const path = join(folder, newest)
  copy(path, `${ledgerFolder}snapshots/${newest}`, fs.statSync(path).size)
  return manifest.mark.height
}

function below(root: string, folder: string): readonly string[] {
  const path = join(root, folder)
  if (!fs.existsSync(path)) return []
  return fs
    .readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .map((name) => name.replaceAll('\\', '/'))
}

/** The manifest behind its checksum line; null when it is not one. */
function readManifest(path: string): Manifest | null {
  try {
    const text = fs.readFileSync(path, 'utf8')
    const value = JSON.parse(text.slice(44)) as Manifest
    return typeof value.mark.height === 'number' && Array.isArray(value.files) ? value : null
  } catch {
    return null
  }
}
