// Bringing a certificate onto the ledger so that a crash at any moment leaves one certificate and
// no second: what was signed is kept durably before it is said, and under one handle there is one
// issue.
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { KeyStore } from '#adapters/keys'
import { certificateOf } from '#domains/certificates'
import type { LedgerPort, SubmitOptions } from '#apps/node/ledger-port'
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
  /** With officers: their approvals, and the id and time of the intent that they approved. */
  readonly approved?: SubmitOptions
}

/** Draws of another place in the list before this is given up. */
const tries = 8

/**
 * Signs the certificate unless it was signed before, and brings it onto the ledger unless it is
 * there. Gives what the holder gets; or the refusal, of the ledger or `node/missing-key`.
 */
export async function bringCertificate(
  { port, keys, shelf, approved }: Bringing,
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
    const said = await port.submit('certificate.issue', prepared.body, approved)
    if ('receipt' in said) return prepared
    last = said.refused
    if (last.code === 'certificates/handle-known' && isThere(port, prepared)) return prepared
    // Somebody took the place in the meantime: it is signed again with another one, and where
    // officers approve, they approve that one.
    if (last.code !== 'certificates/index-used' || approved !== undefined) return last
  }
  return last
}

function isThere(port: LedgerPort, { handle, digest }: PreparedCertificate): boolean {
  return certificateOf(port.view(), handle)?.digest === digest
}
