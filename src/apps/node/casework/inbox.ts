// The desk of a department: what its robot hands over to a person, with the reason. Lines are found
// again at every start by looking at the cases, so nothing of them is stored; what other members
// have told lies in the vault. A line holds no value; whoever opens it reads these in the vault.

/** Why something lies on the desk. */
export type Reason =
  /** The blueprint leaves the decision to a post. */
  | 'by-hand'
  /** The robot may not complete it with the result of the rule. */
  | 'not-automatic'
  /** Something that decides was not shown or cannot be judged. */
  | 'unknown'
  /** Persons have to sign, here. */
  | 'to-be-signed'
  /** The act of a member that was told of it and has not answered. */
  | 'told'
  /** The register has no one answer. */
  | 'ambiguous'
  /** The register is not connected: a person supplies it. */
  | 'no-mapping'
  /** The department's own system has not accepted a decision. */
  | 'rejected'
  /** The ledger refuses what was decided. */
  | 'refused'
  /** Somebody says that a field is wrong. */
  | 'disputed'
  /** Another case has claimed the object. */
  | 'claimed'
  /** What this member may go on watching has changed; it is not said how. */
  | 'changed'
  /** The register has the code under another name: who applied has to be told. */
  | 'other-name'
  /** A letter of refusal has to be served. */
  | 'letter'
  /** A host has not had a person told whom it has filed: she may not know of the case. */
  | 'untold'
  /** Another member asks for an act that only this one can do. */
  | 'task'
  /** A source of this member is not what it was: a steward looks. Stands under no case. */
  | 'source'
  /** The source of something that an act of this member reads, or it watches, is red. */
  | 'source-red'

/** What is said of a source: never a value. Times are Unix milliseconds. */
export type SourceNews = {
  /** Its id on the ledger. */
  readonly resource: string
  /** Whose it is, and its item in the catalogue. */
  readonly member: string
  readonly item: string
  readonly state: 'announced' | 'green' | 'red' | 'waits'
  readonly since: number
  /** Where it stands on the ledger. */
  readonly entry?: number
  /** By when a second person is to look. */
  readonly due?: number
}

/** One line. `key` names the attempt: when that is over, the line goes. */
export type InboxLine = {
  readonly key: string
  /** Empty where a line is about a source. */
  readonly case: string
  readonly reason: Reason
  readonly act?: string
  readonly item?: string
  readonly element?: number
  /** A code of the doubt or refusal. */
  readonly code?: string
  /** The match ticket in which a steward decides. */
  readonly ticket?: string
  readonly source?: SourceNews
  /** Items that the act of this line reads and of which the source is red. */
  readonly red?: readonly string[]
  readonly at: number
}

/** The lines of one department. */
export class Inbox {
  readonly #lines: Map<string, Map<string, InboxLine>> = new Map()

  /** Puts a line on the desk; one that lies there already stays. */
  put(line: InboxLine): void {
    const lines = this.#lines.get(line.case) ?? new Map<string, InboxLine>()
    this.#lines.set(line.case, lines)
    if (!lines.has(line.key)) lines.set(line.key, line)
  }

  has(id: string, key: string): boolean {
    return this.#lines.get(id)?.has(key) === true
  }

  /** Takes a line away. */
  drop(id: string, key: string): void {
    const lines = this.#lines.get(id)
    lines?.delete(key)
    if (lines?.size === 0) this.#lines.delete(id)
  }

  /** Keeps only those lines of a case whose keys are still of interest, and tasks of others. */
  keep(id: string, keys: ReadonlySet<string>): void {
    const lines = this.#lines.get(id)
    if (lines === undefined) return
    for (const [key, { reason }] of lines) {
      if (reason !== 'task' && !keys.has(key)) lines.delete(key)
    }
    if (lines.size === 0) this.#lines.delete(id)
  }

  /** All lines, or those of a case, in the order in which they came. */
  lines(id?: string): readonly InboxLine[] {
    if (id !== undefined) return [...(this.#lines.get(id)?.values() ?? [])]
    const all = [...this.#lines.values()].flatMap((lines) => [...lines.values()])
    return all.sort((a, b) => a.at - b.at)
  }
}
