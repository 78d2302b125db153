// Writes the golden cases of ledger/prove beside this file, or with `--check` compares them with
// what stands there. Deterministic, and without the product's own code, like `make.ts`: trees and
// maps by their recursive definitions, texts joined by hand, signatures by Node.
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { checkpointsFile } from './make/prove-checkpoints.ts'
import { evidenceFile, filesFile } from './make/prove-files.ts'
import { notesFile, policiesFile } from './make/prove-notes.ts'
import { mapFile, tilesFile, treeFile } from './make/prove-tree.ts'
import { render } from './make/render.ts'

const files: Readonly<Record<string, () => object>> = {
  'prove-checkpoints.json': checkpointsFile,
  'prove-evidence.json': evidenceFile,
  'prove-files.json': filesFile,
  'prove-map.json': mapFile,
  'prove-notes.json': notesFile,
  'prove-policies.json': policiesFile,
  'prove-tiles.json': tilesFile,
  'prove-tree.json': treeFile,
}

const isCheck = process.argv.includes('--check')
for (const [name, make] of Object.entries(files)) {
  const url = new URL(name, import.meta.url)
  const text = render(make())
  if (!isCheck) {
    writeFileSync(url, text)
  } else if (readFileSync(url, 'utf8') !== text) {
    console.error(`${name} differs from what vectors/make-prove.ts writes`)
    process.exitCode = 1
  }
}
