// What the bench sends: acts of about 900 bytes by one member's node key, singly or sixteen under
// one signature, signed before anything is measured.
import { encodeSubmission } from '#ledger/command'
import { testDomain, actBody } from '#test/test-domain'
import { ledgerName, taxKey, testMembers } from '#test/memory-ledger'
import { makeId, makeIntent, signCommand, signEnvelope } from '#test/commands'
import type { Value } from '#ledger/command'

export { ledgerName, taxKey }
export const domains = [testMembers, testDomain]

const commitment = 'A'.repeat(43)

function intent(notAfter: number): string {
  const body = actBody(makeId(), makeId(), commitment) as unknown as { [key: string]: Value }
  return makeIntent({ ledger: ledgerName, type: 'test.act', body, notAfter })
}

/** So many single commands as submitted. */
export function singles(count: number, notAfter: number): string[] {
  return Array.from({ length: count }, () => signCommand(taxKey, intent(notAfter)))
}

/** So many envelopes of `of` commands each, as submitted. */
export function envelopes(count: number, of: number, notAfter: number): string[] {
  return Array.from({ length: count }, () =>
    encodeSubmission(
      signEnvelope(
        taxKey,
        Array.from({ length: of }, () => intent(notAfter)),
      ),
    ),
  )
}
