// What a gateway needs to know from the ledger before it gives or takes anything: permits, the
// commitments that stand under a name, and which fields a permit shows.

/** A permit as the ledger keeps it. Times in ledger milliseconds. */
export type PermitFacts = {
  readonly case: string
  readonly reader: string
  readonly act?: string
  readonly supply?: string
  readonly element?: number
  /** Generations by name, of items and of slots. */
  readonly reads: { readonly [name: string]: number }
  /** Not a millisecond later does an owner answer. */
  readonly answerBy: number
  /** Fields, where the reader asked for fewer than its purpose shows. */
  readonly only?: { readonly [name: string]: readonly string[] }
  /** The slots that it is about, as use tags name them. */
  readonly slots: readonly string[]
  /** Those for which the reader has not given its tag yet. */
  readonly untagged: readonly string[]
  /** What each owner answers. */
  readonly owners: { readonly [member: string]: readonly string[] }
  /** The owners whose part is over: answered and receipted, or declined. */
  readonly closed: { readonly [member: string]: unknown }
}

/** One commitment that stands on the ledger under a name. */
export type HeldPart = {
  /** 32 bytes, base64url. */
  readonly commitment: string
  /** `supply`, `slot`, or the act that gave it. */
  readonly from: string
  readonly element?: number
  /** The member that can open it. */
  readonly by: string
}

/** What stands under a name of a case now. */
export type HeldName = {
  readonly kind: 'item' | 'slot'
  /** Name of the type; of a slot, `slot`. */
  readonly type: string
  readonly gen: number
  readonly void: boolean
  readonly parts: readonly HeldPart[]
  /** The tags of the permit that mark its use: `seller`, or `seller.0` for the first of several. */
  readonly about: readonly string[]
}

/** A field that a permit shows; its place comes from the type. */
export type ShownField = { readonly path: string; readonly index?: number; readonly size?: number }

/** The ledger's side of a disclosure, read from a durable view each time it is asked. */
export type Facts = {
  permit(entry: number): PermitFacts | undefined
  held(permit: PermitFacts, name: string): HeldName | undefined
  /** The fields of a name that the permit shows, its state (`$`) first; null: the whole record. */
  shown(permit: PermitFacts, name: string): readonly ShownField[] | null
}
