// Writes the golden cases of the language of blueprints and the calendars of China, or with
// `--check` compares them with what stands there. Deterministic, and without the product's own
// code: days are walked one by one, and what rules give is written down by hand.
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { faultsFile } from './make/blueprint-faults.ts'
import { identitiesFile } from './make/blueprint-identities.ts'
import { render } from './make/render.ts'
import { expressionsFile } from './make/rules-expressions.ts'
import { tablesFile } from './make/rules-tables.ts'
import { clockFile } from './make/time-clock.ts'
import { documentOf, notices, timeFile } from './make/time.ts'

const sorted = (_: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members)
}

const files: Record<string, () => string> = {
  'blueprint-faults.json': () => render(faultsFile()),
  'blueprint-identities.json': () => render(identitiesFile()),
  'rules-expressions.json': () => render(expressionsFile()),
  'rules-tables.json': () => render(tablesFile()),
  'time-calendar.json': () => render(timeFile()),
  'time-clock.json': () => render(clockFile()),
}
for (const notice of notices) {
  const name = `../packs/china/calendars/cn-${notice.year}.json`
  // Canonical text: sorted members, no white space, nothing behind it.
  files[name] = () => JSON.stringify(documentOf(notice), sorted)
}

const isCheck = process.argv.includes('--check')
for (const [name, make] of Object.entries(files)) {
  const url = new URL(name, import.meta.url)
  const text = make()
  if (!isCheck) {
    writeFileSync(url, text)
  } else if (readFileSync(url, 'utf8') !== text) {
    console.error(`${name} differs from what vectors/make-blueprint.ts writes`)
    process.exitCode = 1
  }
}
