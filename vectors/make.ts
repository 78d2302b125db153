// Writes the golden cases of base/, of commands and of the ledger beside this file, or with
// `--check` compares them with what stands there. Deterministic: every key and message comes from a
// label. Nothing here uses the product's own code: expectations come from how a case is built, from
// the standards, from Node and from @noble, so a case and the code under test do not share a
// mistake.
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { admissionFile } from './make/admission.ts'
import { approvalsFile } from './make/approvals.ts'
import { bytesFile } from './make/bytes.ts'
import { canonicalFile } from './make/canonical.ts'
import { codesFile } from './make/codes.ts'
import { commandsFile } from './make/commands.ts'
import { commitmentsFile } from './make/commitments.ts'
import { disclosureFile } from './make/disclosure.ts'
import { ed25519File } from './make/ed25519.ts'
import { es256File } from './make/es256.ts'
import { hashFile } from './make/hash.ts'
import { ledgerFile } from './make/ledger.ts'
import { rs256File } from './make/rs256.ts'
import { sharesFile } from './make/shares.ts'
import { thumbprintFile } from './make/thumbprint.ts'
import { render } from './make/render.ts'

const files: Readonly<Record<string, () => object>> = {
  'admission.json': admissionFile,
  'approvals.json': approvalsFile,
  'bytes.json': bytesFile,
  'canonical.json': canonicalFile,
  'codes.json': codesFile,
  'commands.json': commandsFile,
  'commitments.json': commitmentsFile,
  'disclosure.json': disclosureFile,
  'ed25519.json': ed25519File,
  'es256.json': es256File,
  'hash.json': hashFile,
  'ledger.json': ledgerFile,
  'rs256.json': rs256File,
  'thumbprint.json': thumbprintFile,
  'vault-shares.json': sharesFile,
}

const isCheck = process.argv.includes('--check')
for (const [name, make] of Object.entries(files)) {
  const url = new URL(name, import.meta.url)
  const text = render(make())
  if (!isCheck) {
    writeFileSync(url, text)
  } else if (readFileSync(url, 'utf8') !== text) {
    console.error(`${name} differs from what vectors/make.ts writes`)
    process.exitCode = 1
  }
}
