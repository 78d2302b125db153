// What casework needs of the world: a vault, a way to other members, the department's own systems
// and channels to people. Adapters and the gateway have these shapes; tests have them in memory.
import type { Json } from '#base/canonical'

/** A record of the vault. Its values leave it only through the gateway, opening by opening. */
export type VaultRecord = {
  readonly id: string
  readonly kind: 'own' | 'copy' | 'slot' | 'note' | 'case'
  readonly type: string
  readonly case: string
  readonly name: string
  readonly element?: number
  readonly gen: number
  /** 32 bytes, base64url. */
  readonly salt?: string
  readonly leaves: readonly { readonly path: string; readonly value: Json }[]
  readonly more?: Json
  /** When it was written, Unix milliseconds. */
  readonly at: number
  /** When a sweep erases it, and before when nobody does. */
  readonly keepUntil?: number
  readonly keepAtLeast?: number
}

/** The department's vault: what it returns from `put` is on disk. An id is taken once. */
export type Vault = {
  put(record: VaultRecord): Promise<void>
  get(id: string): VaultRecord | null
  find(wanted: {
    readonly case: string
    readonly name?: string
    readonly kind?: VaultRecord['kind']
  }): readonly VaultRecord[]
  /** Writes down who looks at what; durable when it resolves, and only then is anything shown. */
  view(...views: readonly View[]): Promise<void>
}

/** One look at a record by somebody of the department: ids and codes, no values. */
export type View = {
  readonly at: number
  /** The officer's kid. */
  readonly by: string
  readonly record: string
  readonly for: string
  readonly paths?: readonly string[]
}

/** The way to other members; `#apps/node/gateway` is it. */
export type Ways = {
  /** What an owner shows under a permit: verified, and in the vault as copies. */
  ask(wanted: {
    readonly permit: number
    readonly owner: string
    readonly names: readonly string[]
  }): Promise<{ readonly records: object } | { readonly declined: string }>
  /** Tells another member something; it has it durably when this says that it was taken. */
  tell(
    member: string,
    path: 'notices' | 'tasks',
    json: Json,
  ): Promise<{ readonly taken: true } | { readonly refused: string }>
}

/** A carrier of notices to people; `#adapters/notices` has it. Sending twice is sending once. */
export type Notices = {
  send(notice: {
    readonly id: string
    readonly channel: 'message' | 'portal' | 'post'
    readonly to: string
    readonly subject: string
    readonly text: string
  }): Promise<void>
}

/** What is told to the operator: codes and counts, nothing of a person or a case. */
export type Report = (note: {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly [detail: string]: string | number | boolean
}) => void
