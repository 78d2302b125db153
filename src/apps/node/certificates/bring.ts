// Bringing a certificate onto the ledger so that a crash at any moment leaves one certificate and
// no second: what was signed is kept durably before it is said, and under one handle there is one
// issue.
import { sha256Text } from '#base/crypto'
import type { ApprovalText, Members, Refusal } from '#ledger/command'
import { encodeIntent, isRefusal } from '#ledger/command'
import type { KeyStore } from '#adapters/keys'
import { certificateOf } from '#domains/certificates'
import { idOf } from '#apps/node/casework'
import type { LedgerPort, Submitted } from '#apps/node/ledger-port'
import type { CertificateOrder, PreparedCertificate } from './prepare.ts'
import { prepareCertificate } from './prepare.ts'

/** Port: where a department keeps what it has signed; what `put` took is durable at its return. */
export type CertificateShelf = {
  get(handle: string): PreparedCertificate | undefined
  /** Takes the place of an earlier one under the same handle, which never came onto the ledger. */
  put(prepared: PreparedCertificate): Promise<void>
}

/** An order whose handle follows from the case, so that it is the same after a crash. */
export type CertificateErrand = CertificateOrder & { readonly handle: string }

export type Bringing = {
  readonly port: LedgerPort
  readonly keys: KeyStore
  readonly shelf: CertificateShelf
  /** Absent where the department has no officers. */
  readonly approve?: Approve
}

/** The way to officers, and the clock by which an intent waits for them. */
export type Approve = {
  /** Their approvals of an intent, by its SHA-256 in base64url. */
  ask(intent: string): Promise<readonly ApprovalText[]>
  wallMs(): number
}

/** Draws of another place in the list before this is given up. */
const tries = 8

/**
 * Signs the certificate unless it was signed before, and brings it onto the ledger unless it is
 * there. Gives what the holder gets; or the refusal, of the ledger or `node/missing-key`.
 */
export async function bringCertificate(
  { port, keys, shelf, approve }: Bringing,
  errand: CertificateErrand,
): Promise<PreparedCertificate | Refusal> {
  let last: Refusal = { code: 'certificates/index-used' }
  for (let left = tries; left > 0; left -= 1) {
    const kept = shelf.get(errand.handle)
    if (kept !== undefined && isThere(port, kept)) return kept
    const again = kept !== undefined && left === tries
    const prepared = again ? kept : prepareCertificate(port, keys, errand)
    if (isRefusal(prepared)) return prepared
    if (!again) await shelf.put(prepared)
    const { handle, digest, body } = prepared
    const id = idOf('certificate-issue', handle, digest)
    const said = await sayApproved(port, { type: 'certificate.issue', body, id }, approve)
    if ('receipt' in said) return prepared
    last = said.refused
    if (last.code === 'certificates/handle-known' && isThere(port, prepared)) return prepared
    // Somebody took the place in the meantime: it is signed again with another one.
    if (last.code !== 'certificates/index-used') return last
  }
  return last
}

/** A command of this room: the same id says the same, whenever it is said. */
export type Saying = { readonly type: string; readonly body: Members; readonly id: string }

/** How long an intent waits for officers and a block, milliseconds. */
const patienceMs = 600_000

/** Says something, with officers' approvals of exactly this intent where they are asked for. */
export async function sayApproved(
  port: LedgerPort,
  { type, body, id }: Saying,
  approve: Approve | undefined,
): Promise<Submitted> {
  if (approve === undefined) return port.submit(type, body, { id })
  const notAfter = Math.max(port.head().time, approve.wallMs()) + patienceMs
  const intent = encodeIntent({ ledger: port.ledger, id, type, body, notAfter })
  const approvals = await approve.ask(sha256Text(intent, 'base64url'))
  return port.submit(type, body, { id, notAfter, approvals })
}

function isThere(port: LedgerPort, { handle, digest }: PreparedCertificate): boolean {
  return certificateOf(port.view(), handle)?.digest === digest
}
