// A block: commands that were admitted together, in the order in which they will be applied.
import type { Command, Refusal } from '#ledger/command'
import type { Admitted, Signer } from '#ledger/validate'

/** One JWS of a block with those of its intents that were admitted, in position order. */
export type AdmittedCommand = {
  readonly command: Command
  readonly signer: Signer
  readonly intents: readonly Admitted[]
}

/** Time is the block's: integer milliseconds, never less than the block before. */
export type Block = {
  readonly height: number
  readonly time: number
  readonly commands: readonly AdmittedCommand[]
}

/** What became of one intent at admission: its place among the block's intents, or a refusal. */
export type AdmissionOutcome = { readonly intent: number } | Refusal

/** Bounds of one block. */
export const blockIntentsMax: number = 4096
export const blockBytesMax: number = 4 * 1024 * 1024
export const blockDocumentBytesMax: number = 1024 * 1024
