// What the HTTP server needs of a ledger, of whoever asks, and of whoever counts. The host of a
// ledger has this shape; a test may give another. Everything read through it is durable.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Bytes } from '#base/bytes'
import type { Command, Refusal } from '#ledger/command'
import type { CommandType, Frame, MapRule } from '#ledger/apply'
import type { Head } from '#ledger/order'
import type { MapProof, NodeReader, NoteSignature, TileId, TrustPolicy } from '#ledger/prove'
import type { Receipt } from '#ledger/read'
import type { KeyRecord, MemberRecord } from '#ledger/validate'

/** A receipt with what it is worth now. */
export type GradedReceipt = Receipt & { readonly grade: string }

/** The answer to one intent. */
export type Outcome = { readonly receipt: GradedReceipt } | { readonly refused: Refusal }

/** Keys and members at the last durable height. */
export type ServedRegistry = {
  key(kid: string): KeyRecord | undefined
  keys(): readonly KeyRecord[]
  member(code: string): MemberRecord | undefined
  memberOf(kid: string): string | undefined
  policyText(ledger: string, height: number): string
  policy(ledger: string, height: number): TrustPolicy
}

/** Proofs over what is durable. */
export type ServedProofs = {
  checkpoint(): { readonly size: number; readonly text: string } | null
  tile(id: TileId): Bytes | null
  /** What stands for an entry whose bytes are withheld; null for all others. */
  withheld(index: number): string | null
  inclusion(index: number, size: number): readonly Bytes[]
  consistency(from: number, to: number): readonly Bytes[]
  /** The checked nodes of the durable tree. */
  nodes(): NodeReader
  record(map: string, key: string): MapProof | null
  frame(height: number): Frame
  frameBytes(height: number): Bytes
}

/** A running ledger as requests see it. */
export type ServedHost = {
  readonly ledger: string
  readonly types: ReadonlyMap<string, CommandType>
  readonly registry: ServedRegistry
  readonly proofs: ServedProofs
  head(): Head
  state(): string
  waiting(): number
  /** Why no checkpoint may be signed now; null when it may. */
  held(): string | null
  submit(command: Command): Promise<readonly Outcome[]>
  receipt(member: string, id: string): GradedReceipt | null
  entry(index: number): string
  entriesNaming(member: string, from: number, limit: number): readonly number[]
  recordText(key: string): string | undefined
  document(hash: string): Bytes | undefined
  addCosignatures(note: Bytes, signatures: readonly NoteSignature[]): Promise<boolean>
  subscribe(listener: (head: Head) => void): () => void
}

/** What the node says of a command that it did not admit, to sign under its own key. */
export type Statement = {
  readonly refusal: Refusal
  readonly member: string
  readonly id?: string
  /** base64url SHA-256 of the bytes that were refused. */
  readonly hash: string
}

/** A ledger and what this node adds to it. */
export type Served = {
  readonly host: ServedHost
  /** Records whose keys stand in these maps may be read by anyone: they must be provable. */
  readonly maps: readonly MapRule[]
  /** Signs a refusal (protocol §5.1) as a compact JWS, on a node that holds a key for that. */
  readonly signRefusal?: (statement: Statement) => string | undefined
}

/** Counts and times; holds nothing of content. */
export type Observer = {
  /** A request reached this route. */
  asked(route: string): void
  refused(code: string): void
  /** One submission of so many intents was answered after so many milliseconds. */
  committed(intents: number, ms: number): void
  /** An event stream began (1) or ended (-1). */
  streams(change: 1 | -1): void
  /** Something that is not the asker's fault; `code` and place, never content. */
  failed(route: string, failure: unknown): void
}

/** Who asks. */
export type Caller =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'operator' }
  | { readonly kind: 'member'; readonly member: string; readonly replica: boolean }

/** Bounds of what a stranger can make the server hold or wait for. Times in milliseconds. */
export type Bounds = {
  readonly connectionsMax: number
  readonly headersMs: number
  readonly bodyMs: number
  readonly keepAliveMs: number
  /** Submissions of one stream that wait for their answer. */
  readonly streamWaitingMax: number
  readonly eventStreamsMax: number
  readonly heartbeatMs: number
  /** A reader that takes nothing for so long is cut. */
  readonly stalledMs: number
}

export const defaultBounds: Bounds = {
  connectionsMax: 4096,
  headersMs: 10_000,
  bodyMs: 30_000,
  keepAliveMs: 15_000,
  streamWaitingMax: 1024,
  eventStreamsMax: 1024,
  heartbeatMs: 15_000,
  stalledMs: 60_000,
}

/** One request on its way to its answer. */
export type Ask = {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly served: Served
  /** Parts of the path that the route names, as they stood in it. */
  readonly parts: readonly string[]
  /** What follows the question mark, or the empty text. */
  readonly query: string
  readonly node: NodeFacts
}

/** What the server is told once, and handlers read. */
export type NodeFacts = {
  readonly bounds: Bounds
  readonly observer: Observer
  readonly caller: (req: IncomingMessage, served: Served) => Caller | Refusal
  readonly deadlines: Deadlines
  readonly metrics: () => string
  readonly openapi: string
  /** Path prefix of a ledger's own resources. */
  readonly prefixOf: (ledger: string) => string
  /** Whether the node is going down and takes no new work. */
  readonly closing: () => boolean
  /** Streams that end when the node stops. */
  readonly open: Set<() => void>
  readonly ledgers: readonly Served[]
}

/** Requests whose bytes are still arriving, each with the moment by which they must have. */
export type Deadlines = {
  begin(req: IncomingMessage, ms: number, late: () => void): void
  end(req: IncomingMessage): void
}
