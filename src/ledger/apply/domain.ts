// What a domain is to the ledger. The ledger defines this interface, a domain is one value of it:
// the command types that it understands, its refusal codes, and which of its records stand in an
// authenticated map. Writes are the only way in which a domain changes anything.
import type { Bytes } from '#base/bytes'
import type { Intent, Refusal, Schema, Value } from '#ledger/command'
import type { CommandRule } from '#ledger/validate'

/** A change of one record of the state: the new value, or null to remove the record. */
export type Write = readonly [key: string, value: Value]

/** What `decide` may look at: the state before this command, and published documents. */
export interface View {
  get(key: string): Value | undefined
  /** The bytes of a document by its base64url SHA-256: of this block or any earlier one. */
  document(hash: string): Bytes | undefined
}

/** An officer's approval whose assertion has been verified over this intent. */
export type VerifiedApproval = {
  readonly kid: string
  readonly officer: string
  readonly member: string
}

/** Everything about a command that is not in its body. Times are integer milliseconds. */
export type Context = {
  readonly ledger: string
  readonly height: number
  readonly time: number
  /** Index of this command's entry in the log. */
  readonly entry: number
  readonly member: string
  readonly kid: string
  readonly approvals: readonly VerifiedApproval[]
  readonly intent: Intent
}

/** `ok` with the writes and an optional outcome, or a refusal that speaks of authority only. */
export type Decision =
  | { readonly code: 'ok'; readonly writes: readonly Write[]; readonly outcome?: Value }
  | Refusal

/** One kind of command: the rules of its admission and the pure function that decides it. */
export type CommandType = CommandRule & {
  /** Its body's `time` is the block's: the only commands admitted while the clock is in doubt. */
  readonly confirmsTime?: true
  /** Schema of the outcome that stands in the entry; a type without one has no outcome. */
  readonly outcome?: Schema
  decide(view: View, body: { readonly [key: string]: Value }, context: Context): Decision
}

/**
 * Which records are leaves of an authenticated map: those whose key begins with `prefix`. With
 * `bySegment`, the key's next segment is part of the map's name (`uses/` + `2026-11`). This is data
 * and not code, so that a rebuild from the journal needs no domain.
 */
export type MapRule = {
  readonly prefix: string
  readonly map: string
  readonly bySegment?: true
}

/** What the ledger itself does at the start of a block because earlier commands asked for it. */
export type Opening = { readonly system: Value; readonly writes: readonly Write[] }

/** Time and place of a block, for what is not a command. */
export type BlockContext = {
  readonly ledger: string
  readonly height: number
  readonly time: number
}

/** A part of the mission. The keys of its records begin with `<name>/`; nobody else writes them. */
export type Domain = {
  readonly name: string
  readonly types: readonly CommandType[]
  readonly codes: readonly string[]
  readonly maps?: readonly MapRule[]
  /** Key prefixes of earlier domains that this one changes through their effect functions. */
  readonly effectsOn?: readonly string[]
  /** The records with which a ledger begins, or why these parameters give none. */
  genesis?(params: Value): readonly Write[] | Refusal
  /** System entries (`upgrade`, `handover`, …) that stand first in this block. */
  opening?(view: View, context: BlockContext): readonly Opening[]
}

/** The name of the map in which a record stands, or null. */
export function mapNameOf(rules: readonly MapRule[], key: string): string | null {
  for (const rule of rules) {
    if (!key.startsWith(rule.prefix)) continue
    if (rule.bySegment === undefined) return rule.map
    const end = key.indexOf('/', rule.prefix.length)
    if (end > rule.prefix.length) return `${rule.map}/${key.slice(rule.prefix.length, end)}`
  }
  return null
}
