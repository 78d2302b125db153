// What the bench sends: acts of about 900 bytes by one member's node key, singly or several under
// one signature, signed before anything is measured.
import { encodeSubmission } from '#ledger/command'
import { actBody, testDomain } from '#test/test-domain'
import { ledgerName, taxKey, testMembers } from '#test/memory-ledger'
import { makeId, makeIntent, signCommand, signEnvelope } from '#test/commands'
import { signerOf } from '#test/proofs'
import type { TestSigner } from '#test/proofs'
import type { Domain } from '#ledger/apply'
import type { Value } from '#ledger/command'

export { ledgerName, taxKey }
export const domains: readonly Domain[] = [testMembers, testDomain]
export const logSigner: TestSigner = signerOf(ledgerName, 'note')

const commitment = 'A'.repeat(43)
const hourMs = 3_600_000

function intent(notAfter: number): string {
  const body = actBody(makeId(), makeId(), commitment) as unknown as { [key: string]: Value }
  return makeIntent({ ledger: ledgerName, type: 'test.act', body, notAfter })
}

/** So many single commands as submitted, in time for an hour. */
export function singles(count: number): string[] {
  const notAfter = Date.now() + hourMs
  return Array.from({ length: count }, () => signCommand(taxKey, intent(notAfter)))
}

/** So many envelopes of `of` commands each, as submitted, in time for an hour. */
export function envelopes(count: number, of: number): string[] {
  const notAfter = Date.now() + hourMs
  return Array.from({ length: count }, () =>
    encodeSubmission(
      signEnvelope(
        taxKey,
        Array.from({ length: of }, () => intent(notAfter)),
      ),
    ),
  )
}

/** The record that an act on this case writes. */
export function itemKey(of: string): string {
  return `test/item/${of}/assessment`
}
