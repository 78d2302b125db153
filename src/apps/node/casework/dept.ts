// A department at work: its member's view, vault and ways, and besides its own systems, what it
// says about them, and the desk where persons of the department find what the robot hands over.
import type { Json } from '#base/canonical'
import type { TextPack } from '#blueprint/grammar'
import type { Mapping, RawCell, RawRow, Rows } from '#apps/node/mapping'
import type { MatchBook } from '#apps/node/matching'
import type { ApprovalText } from '#ledger/command'
import type { CaseNow } from './cases.ts'
import type { Inbox, SourceNews } from './inbox.ts'
import type { Me } from './me.ts'
import type { Notices } from './ports.ts'

/** The way of decisions into the department's own system; `#adapters/registers` has it. */
export type Sink = {
  request(id: string, decision: { readonly table: string; readonly values: RawRow }): Promise<void>
  outcome(id: string): Promise<'unknown' | 'requested' | 'confirmed' | 'rejected'>
}

/** Officers who sign by their own keys once the department has enrolled some. */
export type Officers = {
  approve(asked: {
    readonly posts: readonly string[]
    /** Keys of the officers who are to sign; absent: one for each post. */
    readonly kids?: readonly string[]
    /** SHA-256 of the intent, base64url. */
    readonly intent: string
    /** What is shown to the officer; its hash is signed with the intent. */
    readonly shown: Json
  }): Promise<readonly ApprovalText[]>
}

/** What a department is told about itself. Times in milliseconds. */
export type Settings = {
  /** Where its own system holds what is asked of it, and takes what it decides. */
  readonly mapping: Mapping
  /** After a source did not answer, it is asked again after so long. */
  readonly sourceRetryMs: number
  /** A decision that was handed in is asked for after so long. */
  readonly sinkRetryMs: number
  /** Objects under a claim are looked up again after so long; 0: only when told of a change. */
  readonly watchMs: number
  /** Texts for people of an application, by its id. */
  readonly texts?: (application: string) => TextPack | null
  /** The member that tells persons that a case names them. */
  readonly identityMember: string
}

/** One way to tell a person something. */
export type Address = { readonly channel: 'message' | 'portal' | 'post'; readonly to: string }

/** What the ledger says of sources that are not as promised; `#apps/node/refresh` has it. */
export type RedSources = {
  /** Whether there is any at a time, Unix milliseconds: mostly there is none. */
  isAnyRed(timeMs: number): boolean
  /** Items of a case of which the source is red. */
  redIn(now: CaseNow): readonly RedItem[]
  /** Those of them that this member uses. */
  usedIn(now: CaseNow): readonly RedItem[]
  /** Whether this member watches on in a case that is over. */
  isReader(now: CaseNow): boolean
}

/** An item of a case, and what is said of its source. */
export type RedItem = { readonly name: string; readonly news: SourceNews }

/** A system's tables read from their beginning; `#adapters/registers` has it. */
export type Tables = {
  describe(table: string): Promise<{ readonly columns: readonly { readonly name: string }[] }>
  scan(table: string, take: (cells: readonly RawCell[]) => void): Promise<void>
}

/** Everything that the robot of one member acts through. */
export type Dept = Me & {
  readonly settings: Settings
  readonly registers: { readonly [name: string]: Rows }
  /** Match tickets of its stewards; absent where nobody decides them. */
  readonly matching: MatchBook | null
  /** Whole tables by the names of registers, for stewards of their rows. */
  readonly tables: { readonly [name: string]: Tables }
  readonly sinks: { readonly [name: string]: Sink }
  readonly notices: Notices | null
  /** By which ways and where a person is told, the best one first; none where nobody knows. */
  readonly addressesOf: (person: {
    readonly code: string
    readonly name: string
  }) => Promise<readonly Address[]>
  readonly officers: Officers | null
  /** Certifies what was given; absent where nothing is certified. */
  readonly certify?: Step
  readonly inbox: Inbox
  readonly sources: RedSources
  /** Takes a signature that was given at another counter. */
  readonly takeSignature: (from: string, json: Json) => Promise<void>
  /** Takes news of another member, or its own. */
  readonly takeNotice: (from: string, json: Json) => Promise<void>
  /** One after another under one name. */
  readonly inTurn: <T>(name: string, act: () => Promise<T>) => Promise<T>
  /** Has a case looked at soon. */
  readonly poke: (id: string) => void
}

/** What one step of a look says: when the case wants to be looked at again by itself. */
export type Step = (dept: Dept, now: CaseNow) => Promise<number | null>

/** The earlier of two times, of which each may be none. */
export function sooner(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}
