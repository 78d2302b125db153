// A blueprint: one application as acts by parties that read evidence under a law and give evidence.
// Names are declared once and everything else refers to them. Order, parallel work, forms, access,
// letters and figures are nowhere written; they follow from the reads.

/** The three kinds of applications; the graph is the same. */
export type Kind = 'sharing' | 'processes' | 'certificates'

/**
 * What a party is. Persons and firms are slots; the others are members or of a class of members.
 */
export type PartyKind = 'person' | 'firm' | 'dept' | 'utility' | 'bank' | 'org'

/** What an act does. Deciding, issuing and revoking are powers. */
export type Verb =
  | 'attest'
  | 'decide'
  | 'disclose'
  | 'inspect'
  | 'issue'
  | 'opine'
  | 'pay'
  | 'publish'
  | 'record'
  | 'revoke'
  | 'sign'

/** All verbs. */
export const verbs: readonly Verb[] = Object.freeze([
  'attest',
  'decide',
  'disclose',
  'inspect',
  'issue',
  'opine',
  'pay',
  'publish',
  'record',
  'revoke',
  'sign',
] as const)

export type Law = {
  readonly cite: string
  readonly from: string
  /** The last day on which it is in force. */
  readonly until?: string
  /** Silence has the effect of a grant by this article. */
  readonly deems?: true
  /** Nobody who wrote the blueprint has read the article: every use of it prints [?]. */
  readonly unread?: true
}

/** How somebody is known to be who he says. */
export type Identified = 'holder-key' | 'idp' | 'window'

/** Who may act for a party, and within which bounds of his mandate. */
export type Mandate = {
  /** The item that holds the mandate. */
  readonly item: string
  /** The acts that may be done under one; each mandate names its own among them. */
  readonly acts: readonly string[]
  readonly object?: string
  /** The amount that may not be below the floor of the mandate. */
  readonly price?: string
  /** The account that must be the principal's. */
  readonly payee?: string
}

export type Party = {
  /** One kind, or person and firm. */
  readonly is: PartyKind | readonly PartyKind[]
  /** The member itself. */
  readonly member?: string
  /** Any member of this class, bound from evidence. */
  readonly class?: string
  /** Bound from a field of evidence that names subjects or a member. */
  readonly of?: string
  /** Everybody whom the field names, and all of them act. */
  readonly all?: true
  /** Files or joins the case and names only himself. */
  readonly files?: true
  /** The least sure way in which he may be identified. */
  readonly identified?: Identified
  readonly mandate?: Mandate
}

/** A thing that evidence is about: who names it, and by which codes it is looked up. */
export type ObjectSlot = {
  readonly by: string
  readonly key: { readonly [name: string]: string }
}

/** What opens on the recorded failure or lateness of a source, and never after its answer. */
export type Else =
  | { readonly ask: { readonly by: string; readonly least: 'original' | 'copy' } }
  | { readonly owe: { readonly by: string; readonly law: string; readonly within: string } }
  | { readonly pledge: { readonly by: string; readonly law: string } }

export type Evidence = {
  readonly type: string
  /** The slot that it is about. */
  readonly about: string
  /** Who supplies it; else acts give it. */
  readonly from?: string
  /** Keys of slots by which the register may look it up. */
  readonly key?: readonly string[]
  readonly else?: Else
  /** A list: given as a whole, or supplied until its source closes it. */
  readonly many?: true
  /** The item that it takes the place of; the guards of the type forbid or allow it. */
  readonly supersedes?: string
}

/** What a no ends, by which law, and what the person can do next for each code. */
export type No = {
  readonly ends: 'branch' | 'case'
  readonly law?: string
  readonly codes: { readonly [code: string]: Next }
}

/** The next step after a no. */
export type Next = 'appeal' | 'ask' | 'complete' | 'correct' | 'court' | 'refile' | 'settle'

/** What silence after `within` means. */
export type Late = 'consent' | 'escalate' | 'grant'

/** The amount that a final act settles, and who pays back what a return makes too much. */
export type Settles = { readonly amount: string; readonly refunds: string }

export type Act = {
  readonly by: string | readonly string[]
  readonly does: Verb
  readonly reads?: readonly string[]
  readonly gives?: string | readonly string[]
  /** Over fields that the act reads; its party decides and completes it in either case alike. */
  readonly when?: string
  /** The value of the act is the result of the rule. */
  readonly rule?: string
  /** Done by the robot of the party; with a condition over the result, only where that holds. */
  readonly auto?: true | string
  readonly after?: readonly string[]
  /** Once for each element of this list. */
  readonly for?: string
  readonly within?: string
  readonly late?: Late
  /** Moves money or the world: never voided. With an amount, a return settles the difference. */
  readonly final?: true | Settles
  readonly where?: 'counter' | 'either' | 'online'
  /** The own key is needed; else assistance at the counter is enough. */
  readonly signature?: 'own'
  /** The consent under which it reads. */
  readonly consent?: string
  readonly law?: string | readonly string[]
  readonly no?: No
  /** The posts that sign, in their order; by hand also where the robot cannot. */
  readonly post?: string | readonly string[]
  /** The fixed party whose node records the act of a party that evidence names. */
  readonly through?: string
}

/**
 * One expression, or a decision table by hit policy; cells are tests, then one value for each
 * out.
 */
export type Rule =
  | { readonly law: string; readonly feel: string }
  | {
      readonly law: string
      readonly hit: 'A' | 'C' | 'C+' | 'C<' | 'C>' | 'F' | 'U'
      readonly in: readonly string[]
      readonly out: readonly string[]
      readonly rows: readonly (readonly string[])[]
    }

/** A statutory limit over acts, as data for #blueprint/time. */
export type ClockRule = {
  readonly acts: readonly string[]
  readonly law: string
  readonly limit: string
  readonly promise?: string
  readonly rolls?: true
  readonly extension?: string
  readonly grounds?: readonly string[]
  /** Within which everything that is missing is said once; silence accepts. */
  readonly notice?: { readonly law: string; readonly within: string }
}

export type Claim = { readonly by: string; readonly at: string }

export type Watch = {
  readonly reader: string
  readonly reads: string
  /** The consent or law on which it stands; it ends with it. */
  readonly ground: string
  readonly until: string
}

export type Baseline = {
  readonly fields?: number
  readonly minutes?: number
  readonly sheets?: number
  readonly trips?: number
  readonly source?: string
}

export type Blueprint = {
  readonly format: 'lianban/blueprint/1'
  readonly id: string
  readonly version: number
  readonly kind: Kind
  /** Named in public sources, or designed here from a real service item. */
  readonly origin: 'designed' | 'named'
  /** The party that publishes and answers. */
  readonly lead: string
  readonly law: { readonly [id: string]: Law }
  readonly parties: { readonly [id: string]: Party }
  readonly objects?: { readonly [id: string]: ObjectSlot }
  /** Pairs of persons or firms that may be one and the same; all others must be distinct. */
  readonly alike?: readonly (readonly string[])[]
  readonly evidence: { readonly [id: string]: Evidence }
  readonly rules?: { readonly [id: string]: Rule }
  readonly acts: { readonly [id: string]: Act }
  readonly clocks?: { readonly [id: string]: ClockRule }
  readonly claims?: { readonly [object: string]: Claim }
  readonly watches?: { readonly [id: string]: Watch }
  /** Invariants over public quantities; a command after which one fails is refused. */
  readonly holds?: readonly string[]
  readonly result: readonly string[]
  /** Acts that may stay open when the result is delivered. */
  readonly tail?: readonly string[]
  /** A case in which its persons stay silent for so long ends, before the first final act. */
  readonly lapse?: string
  /** Within which every member answers that is asked for an item; then else opens, or the lead. */
  readonly answers?: string
  readonly appeal?: { readonly law: string; readonly to: string; readonly within: string }
  /** What replicas can see of a case, acknowledged by the author. */
  readonly impact: readonly string[]
  readonly baseline?: Baseline
  /** One of so many attested rules is computed again by an auditor; else one of 100. */
  readonly sample?: number
}

/** Most acts of a blueprint. */
export const actsMax = 64
/** Most items of evidence. */
export const itemsMax = 128

/** Whether a party is of a kind. */
export function isKind(party: Party, kind: PartyKind): boolean {
  return typeof party.is === 'string' ? party.is === kind : party.is.includes(kind)
}

/**
 * Whether a party is a person or firm: a slot with keys, bound to a subject and not to a member.
 */
export function isSubject(party: Party): boolean {
  return isKind(party, 'person') || isKind(party, 'firm')
}

/** One or several, as a list. */
export function listOf<T>(some: T | readonly T[] | undefined): readonly T[] {
  if (some === undefined) return []
  return Array.isArray(some) ? (some as readonly T[]) : [some as T]
}
