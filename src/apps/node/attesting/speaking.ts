// What a department says on the ledger of its sources: the item of the catalogue, signed by its
// steward, and attestations, of which some need a second person. Nothing said holds a value of a
// row. What the ledger refuses comes back as its code.
import { randomBytes } from 'node:crypto'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { Members } from '#ledger/command'
import { encodeIntent } from '#ledger/command'
import { catalogueItemOf } from '#domains/sharing'
import type { CatalogueItem, DriftState, Duty, Resource } from '#domains/sharing'
import type { Clock, Officers } from '#apps/node/casework'
import type { LedgerPort } from '#apps/node/ledger-port'

/** Who speaks: the member's way to the ledger and its officers, the steward first. */
export type Speaker = {
  readonly port: LedgerPort
  readonly clock: Clock
  readonly officers: Officers | null
  /** Keys of the officers. */
  readonly kids: readonly string[]
}

/** What became of something said: where it stands, or the code of the refusal. */
export type Spoken = { readonly entry: number } | { readonly code: string }

/** What is attested of a resource. */
export type Attestation = {
  readonly resource: string
  readonly schema: string
  readonly rows: number
  readonly changed: number
  /** Unix milliseconds; never later than the ledger's own time. */
  readonly asOf: number
  readonly state: DriftState
  readonly until?: number
}

/** An item without its steward, who is the first officer. */
export type Item = Omit<CatalogueItem, 'steward'>

/** How long an intent waits for its officer and a block, milliseconds. */
const patienceMs = 600_000

/** Publishes an item, or another version of it, unless exactly this one stands. */
export async function publish(
  speaker: Speaker,
  of: { readonly duty: Duty; readonly item: Item; readonly resource: Resource },
): Promise<Spoken | null> {
  const { port, kids } = speaker
  const [steward] = kids
  if (steward === undefined) return { code: 'node/source-no-officer' }
  const { duty, resource } = of
  const item = { ...of.item, steward }
  const text = encodeCanonical({
    format: 'lianban/catalogue/1',
    duty,
    item,
    resource,
  } as unknown as Json)
  const document = sha256Text(text, 'base64url')
  const before = catalogueItemOf(port.view(), port.member, item.id)
  if (before?.document === document) return null
  const replaces = before === undefined ? {} : { replaces: before.document }
  const saying = { type: 'catalogue.publish', body: { document, ...replaces } }
  return say(speaker, { ...saying, documents: [utf8Encode(text)], by: stewardOf(speaker) })
}

/** Officers who approve, by their keys, and what they were shown; absent: what is said. */
export type By = { readonly kids: readonly string[]; readonly shown?: Json }

/** Attests a resource; with officers' approval where they have looked. */
export function attest(speaker: Speaker, attestation: Attestation, by: By): Promise<Spoken> {
  const asOf = Math.min(attestation.asOf, speaker.port.head().time)
  const body: Members = { ...attestation, asOf }
  return say(speaker, { type: 'drift.attest', body, by })
}

/** Nobody approves: the department's robot says what everybody could see. */
export const nobody: By = { kids: [] }

/** The steward, who answers for the item. */
export function stewardOf({ kids }: Speaker): By {
  return { kids: kids.slice(0, 1) }
}

/** Whoever looks at what one person may not accept: not the steward, where there is another. */
export function secondOf({ kids }: Speaker): By {
  return { kids: kids.length > 1 ? kids.slice(1, 2) : kids }
}

type Saying = {
  readonly type: string
  readonly body: Members
  readonly documents?: readonly Uint8Array[]
  readonly by: By
}

async function say(
  { port, clock, officers }: Speaker,
  { type, body, documents = [], by }: Saying,
): Promise<Spoken> {
  const id = base64urlEncode(randomBytes(16))
  const notAfter = Math.max(port.head().time, clock.wallMs()) + patienceMs
  const intent = sha256Text(
    encodeIntent({ ledger: port.ledger, id, type, body, notAfter }),
    'base64url',
  )
  const { kids, shown = { act: type, value: body as Json } } = by
  const approvals =
    kids.length === 0 || officers === null
      ? undefined
      : await officers.approve({ posts: ['steward'], kids, intent, shown })
  const said = await port.submit(type, body, {
    id,
    notAfter,
    documents,
    ...(approvals === undefined ? {} : { approvals }),
  })
  return 'receipt' in said ? { entry: said.receipt.entry } : { code: said.refused.code }
}
