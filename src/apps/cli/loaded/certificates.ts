// High-tech certificates of real companies, signed by the department that keeps the list and
// brought onto the ledger one by one; then so many of them are taken as files and judged by another
// process that may read files and nothing else.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { base64urlEncode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { isRefusal } from '#ledger/command'
import { officersRequired } from '#domains/members'
import type { City } from '#apps/node/city'
import { memberLayout } from '#apps/node/city'
import { bringCertificate, certificateEvidence } from '#apps/node/certificates'
import type { Approve, PreparedCertificate } from '#apps/node/certificates'
import { openFileStore } from '#adapters/keys'
import { counted, sideBySide, until } from './deeds.ts'

/** What came of issuing and judging. */
export type Certified = {
  readonly certificates: number
  readonly issued: number
  readonly refused: { readonly [code: string]: number }
  readonly issueSeconds: number
  /** Files that another process judged without a network, by outcome. */
  readonly verified: { readonly [outcome: string]: number }
  /** The same files with one bit changed, by outcome. */
  readonly changed: { readonly [outcome: string]: number }
  readonly verifySeconds: number
}

type Rows = readonly { readonly [column: string]: string | number | null }[]

const issuer = 'market'
const type = 'high-tech-enterprise'
const issuesWide = 24
const judgesWide = 2

/** Issues a certificate for each row and has the first `verify` judged. */
export async function certifyFirms(
  city: City,
  of: {
    readonly rows: Rows
    readonly verify: number
    readonly onDone: (so: number, all: number) => void
  },
): Promise<Certified> {
  const began = performance.now()
  let so = 0
  const issued = await sideBySide(of.rows, issuesWide, async (row) => {
    const one = await issue(city, row)
    of.onDone((so += 1), of.rows.length)
    return one
  })
  const issueSeconds = seconds(began)
  const credentials = issued.flatMap((each) => ('credential' in each ? [each.credential] : []))
  const judging = performance.now()
  const outcomes = await judgeAll(city, credentials.slice(0, of.verify))
  return {
    certificates: of.rows.length,
    issued: credentials.length,
    refused: counted(issued.flatMap((each) => ('code' in each ? [each.code] : []))),
    issueSeconds,
    verified: counted(outcomes.map(([outcome]) => outcome)),
    changed: counted(outcomes.map(([, changed]) => changed)),
    verifySeconds: seconds(judging),
  }
}

async function issue(
  city: City,
  row: Rows[number],
): Promise<{ readonly credential: string } | { readonly code: string }> {
  const { port } = city.member(issuer)
  const keys = openFileStore(memberLayout(city.directory, issuer, false).keys)
  const fields = {
    certNo: String(row['cert_no']),
    uscc: String(row['uscc']),
    name: String(row['name']),
    field: String(row['field'] ?? ''),
  }
  const approve = approveOf(city, fields)
  const kept = new Map<string, PreparedCertificate>()
  const shelf = {
    get: (handle: string) => kept.get(handle),
    put: async (prepared: PreparedCertificate) => void kept.set(prepared.handle, prepared),
  }
  const handle = base64urlEncode(randomBytes(16))
  // No case stands behind a certificate that was given before: the commitment opens to nothing.
  const nothing = base64urlEncode(randomBytes(32))
  const errand = { type, fields, handle, case: nothing }
  const parts = { port, keys, shelf, ...(approve === undefined ? {} : { approve }) }
  const said = await bringCertificate(parts, errand)
  return isRefusal(said) ? { code: said.code } : { credential: said.credential }
}

/** How officers approve, where the department has any. */
function approveOf(city: City, fields: { readonly [field: string]: Json }): Approve | undefined {
  const { port, department } = city.member(issuer)
  const { officers } = department.dept
  if (officers === null || !officersRequired(port.view(), port.member)) return undefined
  const shown = { act: 'certify', value: fields }
  const posts = ['inspector']
  const ask: Approve['ask'] = (intent) => officers.approve({ posts, intent, shown })
  return { ask, wallMs: () => city.clock.wallMs() }
}

/** Judges files by another process, each whole and with one bit changed. */
async function judgeAll(
  city: City,
  credentials: readonly string[],
): Promise<readonly (readonly [string, string])[]> {
  if (credentials.length === 0) return []
  const root = fs.mkdtempSync(join(tmpdir(), 'lianban-certificates-'))
  const { host } = city.node
  try {
    const files = await sideBySide(credentials, 1, async (credential, at) => {
      const file = await until(() => {
        const made = certificateEvidence(host, credential)
        return isRefusal(made) ? undefined : made
      }, 'node/not-checkpointed')
      const path = join(root, `${at}.certificate`)
      const other = join(root, `${at}.changed`)
      const bytes = file.slice()
      const middle = Math.floor(bytes.length / 2)
      bytes[middle] = (bytes[middle] ?? 0) ^ 1
      fs.writeFileSync(path, file)
      fs.writeFileSync(other, bytes)
      return [path, other] as const
    })
    const policy = join(root, 'policy')
    fs.writeFileSync(policy, host.registry.policyText(host.ledger, host.head().height))
    return await sideBySide(files, judgesWide, async ([path, other]) => {
      return [await judged(path, policy), await judged(other, policy)] as const
    })
  } finally {
    fs.rmSync(root, { recursive: true, force: true })
  }
}

/** What `lianban verify` says in a process that may read files and nothing else. */
function judged(path: string, policy: string): Promise<string> {
  const program = join(import.meta.dirname, '..', 'main.ts')
  const words = ['--permission', '--allow-fs-read=*', program, 'verify', path, '--policy', policy]
  return new Promise((resolve) => {
    const env = { ...process.env, NODE_NO_WARNINGS: '1' }
    const child = spawn(process.execPath, [...words, '--json'], { env })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.on('close', () => resolve(outcomeOf(out)))
  })
}

function outcomeOf(said: string): string {
  try {
    return String((JSON.parse(said) as { readonly outcome?: string }).outcome ?? 'malformed')
  } catch {
    return 'malformed'
  }
}

function seconds(began: number): number {
  return Math.round((performance.now() - began) / 100) / 10
}
