// `lianban certificate prove`: the certificate file, put together from what a node answers. All of
// its parts must stand under one checkpoint; where a new one came in between, it is asked again.
import fs from 'node:fs'
import { equal, latin1Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import { isRefusal } from '#ledger/command'
import type { Refusal } from '#ledger/command'
import { parseEvidence } from '#ledger/prove'
import type { Evidence, ProvenEntry } from '#ledger/prove'
import { encodeCertificateFile, parseSdJwt, recordKeysOf, showFields } from '#domains/certificates'
import type { CertificateFile, CertificateRecord, SdJwt } from '#domains/certificates'
import { exits, Stop } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { readBounded, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { recordOf } from '#apps/cli/act'
import { getBytes, withReached } from '#apps/cli/remote'
import type { Remote } from '#apps/cli/remote'

const credentialBytesMax = 262_144

/** Runs `certificate prove CERTIFICATE --out FILE`. */
export async function proveCertificate(ask: Ask): Promise<Answer> {
  const path = ask.operands['CERTIFICATE'] ?? ''
  const out = ask.values['out']
  if (out === undefined) {
    throw usage('cli/missing-option', '--out', ['请加 --out FILE', 'add --out FILE'])
  }
  const whole = latin1Decode(readBounded(path, credentialBytesMax)).trimEnd()
  const shown = ask.lists['show'] ?? []
  const credential = shown.length === 0 ? whole : showFields(whole, shown)
  const sdJwt = typeof credential === 'string' ? parseSdJwt(credential) : credential
  if (typeof credential !== 'string' || isRefusal(sdJwt)) throw stopped(sdJwt as Refusal, path)
  const file = await withReached(ask, { writes: false }, (remote) =>
    gather(remote, credential, sdJwt),
  )
  const bytes = encodeCertificateFile(file)
  fs.writeFileSync(out, bytes, { mode: 0o600 })
  return {
    data: { ok: true, file: out, bytes: bytes.length },
    lines: [ask.terminal.words(`已写 ${out}`, `wrote ${out}`)],
  }
}

function stopped({ code, at }: Refusal, path: string): Stop {
  return new Stop({ code, exit: exits.usage, at: at ?? path })
}

/** A checkpoint may come in between; a second time it would have to come within a moment. */
const tries = 3

async function gather(remote: Remote, credential: string, sdJwt: SdJwt): Promise<CertificateFile> {
  const record = await recordFor(remote, sdJwt)
  const keys = recordKeysOf({ ...record, kid: sdJwt.compact.kid ?? '' })
  for (let left = tries; left > 0; left -= 1) {
    const issue = await evidenceOf(remote, `entries/${record.entry}/evidence`)
    const records: Evidence[] = []
    for (const key of keys) {
      records.push(await evidenceOf(remote, `records/${key}/proof?map=now`))
    }
    const file = fileOf(credential, issue, records)
    if (file !== null) return file
  }
  throw new Stop({ code: 'cli/unavailable', exit: exits.unavailable })
}

async function recordFor(remote: Remote, { jwt }: SdJwt): Promise<CertificateRecord> {
  const digest = sha256Text(jwt, 'base64url')
  const handle = await recordOf<string>(remote, `certificates/digest/${digest}`)
  const found =
    handle === undefined
      ? undefined
      : await recordOf<CertificateRecord>(remote, `certificates/status/${handle.value}`)
  if (found !== undefined) return found.value
  throw new Stop({ code: 'cli/not-found', exit: exits.failure, at: digest })
}

async function evidenceOf(remote: Remote, path: string): Promise<Evidence> {
  const evidence = parseEvidence(await getBytes(remote, path))
  if (evidence !== null) return evidence
  throw new Stop({ code: 'prove/malformed-evidence', exit: exits.failure, at: path })
}

/** The file, when all parts stand under one checkpoint; null otherwise. */
function fileOf(
  credential: string,
  { entry, envelope }: Evidence,
  answers: readonly Evidence[],
): CertificateFile | null {
  const records = answers.flatMap(({ record }) => (record === null ? [] : [record]))
  const [first] = records
  if (entry === null || first === undefined || records.length < answers.length) return null
  const notes: Bytes[] = [entry, envelope, ...records.map(({ root }) => root)]
    .filter((each): each is ProvenEntry => each !== null)
    .map(({ proof }) => proof.note)
  if (!notes.every((note) => equal(note, entry.proof.note))) return null
  return { credential, issue: entry, envelope, root: first.root, records }
}
