// What an officer signs about his department's data, outside of any command: that a mapping is to
// count, that he has looked at a difference, or who is who in its register. A statement is
// canonical JSON with a format of its own, so it can never be taken for the intent of a command.
// The approval is the same WebAuthn assertion as over a command (protocol §3.2): its challenge
// binds the hash of the statement and a salted hash of what was shown, which is the statement with
// the salt.
import { randomBytes } from 'node:crypto'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { importPublicKey, sha256Text, verifyDer, verifySignature } from '#base/crypto'
import type { ApprovalText, Intent, Refusal, Value } from '#ledger/command'
import { decodeApprovals, isRefusal, refuse } from '#ledger/command'
import type { Approver, KeyRecord, Reading } from '#ledger/validate'
import { readMember, verifyApprovals } from '#ledger/validate'
import type { Seen } from '#apps/node/loading'
import type { TicketStatement } from '#apps/node/matching'
import type { StewardCode } from './codes.ts'

/** That this file is to say how a source becomes rows of a register. */
export type MappingStatement = {
  readonly format: 'lianban/mapping-confirmation/1'
  readonly ledger: string
  readonly member: string
  readonly load: string
  /** Base64url SHA-256 of the load file. */
  readonly mapping: string
}

/** What differs between a new state of a source and the last one that counts; never a value. */
export type Difference = Seen

/** That somebody has looked at a difference and accepts it. */
export type DifferenceStatement = Difference & {
  readonly format: 'lianban/difference-approval/1'
  readonly ledger: string
  readonly member: string
}

export type Statement = DifferenceStatement | MappingStatement | TicketStatement

/** A statement with the approvals of officers. The salt keeps a short list from being tried out. */
export type Signed<S extends Statement = Statement> = {
  readonly statement: S
  readonly salt: string
  readonly approvals: readonly ApprovalText[]
}

/** Whoever makes approvals by an officer's key; in the practice city the machine does. */
export type Signing = (asked: {
  readonly kids: readonly string[]
  readonly intent: string
  readonly shown: Json
}) => Promise<readonly ApprovalText[]>

/** What keys and members are, as of a height of the ledger. */
export type Registry = { readonly view: Reading; readonly height: number }

/** What an officer is shown: its SHA-256 stands in his approval, on the ledger too. */
export function shownOf({ statement, salt }: Pick<Signed, 'salt' | 'statement'>): Json {
  return { salt, statement: statement as unknown as Json }
}

/** Has the officers of these keys sign a statement; with its salt, where one was signed before. */
export async function signStatement<S extends Statement>(
  statement: S,
  kids: readonly string[],
  sign: Signing,
  salt: string = base64urlEncode(randomBytes(16)),
): Promise<Signed<S>> {
  const shown = shownOf({ statement, salt })
  return { statement, salt, approvals: await sign({ kids, intent: hashOf(statement), shown }) }
}

/**
 * Who has signed a statement for its member, or why that does not hold: every signature is checked
 * against keys in force, nobody counts twice, and where the department has filled the post of
 * steward, its holders alone count. Untrusted.
 */
export function signersOf(
  { statement, salt, approvals }: Signed,
  { view, height }: Registry,
): readonly Approver[] | Refusal {
  const decoded = decodeApprovals(inOrder(approvals))
  if (isRefusal(decoded)) return decoded
  const seen = hashOf(shownOf({ statement, salt }))
  const other = decoded.findIndex(({ shown }) => shown !== seen)
  if (other >= 0) return refuse('validate/approval-other-challenge', `approvals[${other}].shown`)
  const member = readMember(view, statement.member)
  const found = verifyApprovals(decoded, {
    view,
    height,
    verify,
    // Of an intent an approval binds the hash alone.
    intent: { hash: hashOf(statement) } as Intent,
    ...(member === undefined ? {} : { member }),
  })
  if (isRefusal(found)) return found
  const holders = member?.posts?.['steward'] ?? []
  const without = found.findIndex(({ officer }) => !holders.includes(officer))
  if (holders.length === 0 || without < 0) return found
  const code: StewardCode = 'node/no-steward-post'
  return refuse(code, `approvals[${without}].kid`)
}

/** Members in the order of the wire: a file may have sorted them. */
function inOrder(approvals: readonly ApprovalText[]): Value {
  if (!Array.isArray(approvals)) return null
  return approvals.map((each): Value => {
    const { kid, ad, cd, sig, shown } = (each ?? {}) as ApprovalText
    return { kid, ad, cd, sig, shown }
  })
}

function hashOf(value: unknown): string {
  return sha256Text(utf8Encode(encodeCanonical(value as Json)), 'base64url')
}

function verify(record: KeyRecord, message: Uint8Array, signature: Uint8Array): boolean {
  const key = importPublicKey(record.alg, record.jwk)
  if (key === null) return false
  return record.alg === 'ES256'
    ? verifyDer(key, message, signature)
    : verifySignature(key, message, signature)
}
