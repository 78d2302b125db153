// Whether two entries are one person or firm. The code comes first; a name alone never proves
// anything, and a code alone does not either while the names differ in more than was declared. What
// is in doubt becomes a ticket for a steward: never a refusal and never a guess.
import { citizenIdCheck, isCitizenId, isUscc } from '#base/codes'
import type { MatchCode } from './codes.ts'
import type { MatchingRules, Subject } from './rules.ts'
import { applied } from './rules.ts'

/** An entry of a source: its place there, its code as it stands, its name and earlier names. */
export type Entry = {
  /** The row in its source; tickets name it and no value. */
  readonly row: number
  readonly code: string
  readonly name: string
  readonly former?: readonly string[]
}

/** What a steward is asked. */
export type Doubt =
  /** One code, and names that no declared rule makes one: renamed, or a wrong code. */
  | 'names-differ'
  /** One name, and two codes that are both valid. */
  | 'codes-differ'
  /** One name, and a code is missing or not valid on at least one side. */
  | 'code-missing'
  /** The code stands in one source twice, under names that are not one. */
  | 'code-twice'

export type Verdict =
  /** By `code-and-name`, `code-and-former`, or the rule that made the names one. */
  | { readonly is: 'same'; readonly by: string }
  | { readonly is: 'doubt'; readonly why: Doubt }
  | { readonly is: 'different' }

/** The code of an entry in its one form, or null where there is none that is valid. */
export function codeOf(about: Subject, text: string): string | null {
  const plain = applied({ rule: 'blanks' }, applied({ rule: 'width' }, text))
  const code = plain.toUpperCase()
  if (about === 'firm') return isUscc(code) ? code : null
  if (isCitizenId(code)) return code
  if (!/^\d{15}$/.test(code)) return null
  // Numbers of fifteen digits were given to people born before 2000.
  const body = `${code.slice(0, 6)}19${code.slice(6)}`
  const check = citizenIdCheck(body)
  return check === null ? null : body + check
}

/** A name after all declared rules. */
export function nameOf(rules: MatchingRules, name: string): string {
  return rules.names.reduce((text, rule) => applied(rule, text), name)
}

/** Judges two entries. Symmetric; the same entries always get the same verdict. */
export function match(rules: MatchingRules, a: Entry, b: Entry): Verdict {
  const [left, right] = [codeOf(rules.about, a.code), codeOf(rules.about, b.code)]
  const named = namesOf(rules, a, b)
  if (left !== null && right !== null) {
    if (left === right) {
      return named === null ? { is: 'doubt', why: 'names-differ' } : { is: 'same', by: named }
    }
    return named === null ? { is: 'different' } : { is: 'doubt', why: 'codes-differ' }
  }
  return named === null ? { is: 'different' } : { is: 'doubt', why: 'code-missing' }
}

/** By what two entries have one name: as written, by the first rule that makes it so, or former. */
function namesOf(rules: MatchingRules, a: Entry, b: Entry): string | null {
  if (a.name === '' || b.name === '') return null
  if (a.name === b.name) return 'code-and-name'
  let [left, right] = [a.name, b.name]
  for (const rule of rules.names) {
    left = applied(rule, left)
    right = applied(rule, right)
    if (left === right) return left === '' ? null : `code-and-${rule.rule}`
  }
  const formerly = (one: Entry, other: string): boolean =>
    other !== '' && (one.former ?? []).some((name) => nameOf(rules, name) === other)
  return formerly(a, right) || formerly(b, left) ? 'code-and-former' : null
}

/** A question for a steward: the two rows (one source twice if `right` is null), and why. */
export type Ticket = {
  readonly why: Doubt
  readonly left: number
  readonly right: number | null
  /** For `code-twice`: the other row of the same source. */
  readonly again?: number
}

export type Matched = {
  readonly same: readonly { readonly left: number; readonly right: number; readonly by: string }[]
  readonly tickets: readonly Ticket[]
  readonly onlyLeft: number
  readonly onlyRight: number
  /** Entries whose code is missing or not valid, by side. */
  readonly uncoded: { readonly left: number; readonly right: number }
}

/** More pairs than lists of persons or firms have: something is no name or no code. */
const pairsMax = 1_000_000

/** Two sources in which so much is called alike that nobody could look at it. */
export class TooManyPairs extends Error {
  override readonly name = 'TooManyPairs'
  readonly code: MatchCode = 'node/match-too-many'
  /** The row of the left source at which it is given up. */
  readonly row: number

  constructor(row: number) {
    super('node/match-too-many')
    this.row = row
  }
}

/**
 * Matches two sources: by code, and where a code is missing or another, by name. Throws
 * `TooManyPairs` beyond a million pairs.
 */
export function matchAll(
  rules: MatchingRules,
  left: readonly Entry[],
  right: readonly Entry[],
): Matched {
  const [lefts, rights] = [new Side(rules, left), new Side(rules, right)]
  const tickets: Ticket[] = [...lefts.twice, ...rights.twice.map(flipped)]
  const same: { left: number; right: number; by: string }[] = []
  const met = { left: new Set<number>(), right: new Set<number>() }
  for (const entry of left) {
    for (const other of rights.candidates(entry)) {
      const verdict = match(rules, entry, other)
      if (verdict.is === 'different') continue
      met.left.add(entry.row)
      met.right.add(other.row)
      if (verdict.is === 'same') {
        same.push({ left: entry.row, right: other.row, by: verdict.by })
      } else tickets.push({ why: verdict.why, left: entry.row, right: other.row })
      if (tickets.length + same.length > pairsMax) throw new TooManyPairs(entry.row)
    }
  }
  return {
    same,
    tickets,
    onlyLeft: left.length - met.left.size,
    onlyRight: right.length - met.right.size,
    uncoded: { left: lefts.uncoded, right: rights.uncoded },
  }
}

function flipped({ why, left, again }: Ticket): Ticket {
  return { why, left: again ?? left, right: null, ...(again === undefined ? {} : { again: left }) }
}

/** One source by code and by name. */
class Side {
  readonly #rules: MatchingRules
  readonly #byCode: Map<string, Entry[]> = new Map()
  readonly #byName: Map<string, Entry[]> = new Map()
  /** Of each code the first entry of each spelling: a row that comes again says nothing new. */
  readonly #spelled: Map<string, Map<string, Entry>> = new Map()
  readonly twice: Ticket[] = []
  uncoded = 0

  constructor(rules: MatchingRules, entries: readonly Entry[]) {
    this.#rules = rules
    for (const entry of entries) this.#take(entry)
  }

  #take(entry: Entry): void {
    const code = codeOf(this.#rules.about, entry.code)
    if (code === null) this.uncoded += 1
    else {
      const others = this.#byCode.get(code) ?? []
      if (others.push(entry) === 1) this.#byCode.set(code, others)
      const spelled = this.#spelled.get(code) ?? new Map<string, Entry>()
      this.#spelled.set(code, spelled)
      const another = this.#otherThan(entry, spelled.values())
      if (another !== undefined) {
        this.twice.push({ why: 'code-twice', left: another.row, right: null, again: entry.row })
      }
      const spelling = JSON.stringify([entry.name, entry.former])
      if (!spelled.has(spelling)) spelled.set(spelling, entry)
    }
    for (const name of this.#namesOf(entry)) {
      const namesakes = this.#byName.get(name) ?? []
      if (namesakes.push(entry) === 1) this.#byName.set(name, namesakes)
    }
  }

  #otherThan(entry: Entry, known: Iterable<Entry>): Entry | undefined {
    for (const each of known) if (match(this.#rules, each, entry).is !== 'same') return each
    return undefined
  }

  #namesOf({ name, former = [] }: Entry): ReadonlySet<string> {
    const names = [name, ...former].map((each) => nameOf(this.#rules, each))
    return new Set(names.filter((each) => each !== ''))
  }

  /** Everybody whom an entry could be, each once. */
  candidates(entry: Entry): ReadonlySet<Entry> {
    const code = codeOf(this.#rules.about, entry.code)
    const found = new Set(code === null ? [] : this.#byCode.get(code))
    for (const name of this.#namesOf(entry)) {
      for (const each of this.#byName.get(name) ?? []) found.add(each)
    }
    return found
  }
}
