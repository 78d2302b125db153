// What casework needs of the world: a vault, a way to other members, the department's own systems
// and channels to people. Adapters and the gateway have these shapes; tests have them in memory.
import type { Json } from '#base/canonical'
import type { Opening } from '#base/commitment'

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
  readonly leaves: readonly { readonly path: string; readonly value: Json | null }[]
  readonly more?: Json
  /** When it was written, Unix milliseconds. */
  readonly at: number
  readonly keepUntil?: number
}

/** The department's vault: what it returns from `put` is on disk. */
export type Vault = {
  put(record: VaultRecord): Promise<void>
  get(id: string): Promise<VaultRecord | null>
  find(wanted: {
    readonly case: string
    readonly name?: string
    readonly kind?: VaultRecord['kind']
  }): Promise<readonly VaultRecord[]>
}

/** One record of an item or slot as its owner opened it, field by field, and as it was verified. */
export type Shown = {
  readonly commitment: string
  readonly from: string
  readonly element?: number
  readonly openings: readonly Opening[]
}

/** The way to other members. */
export type Ways = {
  ask(wanted: {
    readonly permit: number
    readonly owner: string
    readonly names: readonly string[]
  }): Promise<
    | { readonly records: { readonly [name: string]: readonly Shown[] } }
    | { readonly declined: string }
  >
  tell(member: string, path: '/v1/tasks' | '/v1/notices', json: Json): Promise<void>
}

/** A channel to people, with a proof that it was served. */
export type Notices = {
  send(letter: {
    readonly to: string
    readonly channel: 'post' | 'message' | 'portal'
    readonly text: string
  }): Promise<Json>
}

/** What is told to the operator: codes and counts, nothing of a person or a case. */
export type Report = (note: {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly [detail: string]: string | number | boolean
}) => void
