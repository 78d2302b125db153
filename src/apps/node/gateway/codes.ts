// The refusal codes of this room, one line each: why a gateway gives nothing, or takes nothing. The
// table in docs/protocol/codes.md is checked against this list.
import type { CodeLine } from '#ledger/command'

/** Every code that a gateway gives to a member, or to its own department. */
export const gatewayCodes: readonly CodeLine[] = Object.freeze([
  ['node/bad-statement', 'the body or a signed statement in it has not its one form'],
  ['node/bad-signature', 'the statement is not signed by a key of this use that is in force'],
  ['node/permit-ahead', 'the entry is not durable here yet; ask again'],
  ['node/no-permit', 'the entry is no permit of yours for these names'],
  ['node/permit-late', 'the time to answer this permit is over'],
  ['node/permit-closed', 'the permit was answered or declined on the ledger already'],
  ['node/answered-otherwise', 'this permit was answered for other names'],
  ['node/not-held', 'the owner does not hold what the permit names'],
  ['node/moved-on', 'the item has another generation by now, or was made void'],
  ['node/no-reader-key', 'the reader has no key in force to encrypt to'],
  ['node/no-answer', 'no answer is on record that could be acknowledged'],
  ['node/too-busy', 'too much is asked at once; ask again later'],
  ['node/bad-answer', 'the answer does not open what stands on the ledger'],
  ['node/unknown-peer', 'no address is known for the member'],
  ['node/peer-silent', 'the member’s gateway gave no answer in time'],
  ['node/not-taken', 'the department did not take what was told'],
] as const)

/** HTTP statuses by code; everything else is 422. */
const statuses: Readonly<Record<string, number>> = {
  'node/not-found': 404,
  'node/method-not-allowed': 405,
  'node/body-oversized': 413,
  'node/too-slow': 408,
  'node/unknown-caller': 403,
  'node/bad-statement': 400,
  'node/bad-signature': 403,
  'node/permit-ahead': 503,
  'node/no-permit': 404,
  'node/permit-late': 410,
  'node/permit-closed': 410,
  'node/answered-otherwise': 409,
  'node/too-busy': 503,
  'node/closing': 503,
  'node/broken': 500,
}

/** The status of an answer that says no. */
export function gatewayStatus(code: string): number {
  return statuses[code] ?? (code.startsWith('transport/') ? 403 : 422)
}
