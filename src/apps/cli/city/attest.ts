// After a load the departments say on the ledger what their resources are now: schema, rows, how
// many changed, and as of when; never a value. A resource that is not in the catalogue yet is
// published first, with the officer of its department as steward. The ledger judges what is said: a
// schema that is not the published one, or data older than promised, is red and not green.
import { randomBytes } from 'node:crypto'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256, sha256Text } from '#base/crypto'
import type { Members } from '#ledger/command'
import { encodeIntent } from '#ledger/command'
import { catalogueItemOf } from '#domains/sharing'
import type { City, CityMember } from '#apps/node/city'
import type { LoadResult } from '#apps/node/loading'
import type { Signed } from '#apps/node/stewards'
import { shownOf } from '#apps/node/stewards'

/** What was said of one source, or why nothing was. */
export type Attested = {
  readonly source: string
  readonly member: string
  /** State by the ledger, and the entry where it stands. */
  readonly state?: 'green' | 'red'
  readonly entry?: number
  readonly code?: string
}

/** How often a public file is promised to come again where its load file says nothing. */
const updateDefault = '1y'
/** How long an intent waits for its officer and a block, milliseconds. */
const patienceMs = 600_000

/** Attests every source that counts. `asOf`: when a file was last changed, Unix milliseconds. */
export async function attestAll(
  city: City,
  results: readonly LoadResult[],
  asOf: (result: LoadResult) => number,
): Promise<readonly Attested[]> {
  const attested: Attested[] = []
  for (const result of results) {
    if (result.state === 'waits') continue
    attested.push(await attestOne(city, result, asOf(result)))
  }
  return attested
}

async function attestOne(city: City, result: LoadResult, asOf: number): Promise<Attested> {
  const { name: source, steward } = result.file
  const member = city.members.get(steward)
  const [kid] = member?.officers ?? []
  const at = { source, member: steward }
  if (member === undefined || kid === undefined) return { ...at, code: 'sharing/steward-unknown' }
  const resource = resourceIdOf(member, source)
  const published = await publish(member, result, { kid, resource })
  if (published !== null) return { ...at, code: published }
  const { added, changed, vanished } = result.difference
  const body = {
    resource,
    schema: result.read.schema,
    rows: result.accepted,
    changed: Math.min(added + changed + vanished, result.accepted),
    asOf: Math.min(asOf, member.port.head().time),
  }
  let code = ''
  for (const state of ['green', 'red'] as const) {
    const approved = lookOf(result)
    const said = await sayApproved(member, 'drift.attest', { ...body, state }, { approved })
    if ('entry' in said) return { ...at, state, entry: said.entry }
    code = said.code
    if (code !== 'sharing/state-differs') break
  }
  return { ...at, code }
}

/** A resource has one id on one ledger, so that loading again speaks of the same. */
function resourceIdOf({ port }: CityMember, source: string): string {
  const text = `lianban/loaded/${port.ledger}/${port.member}/${source}`
  return base64urlEncode(sha256(utf8Encode(text)).subarray(0, 16))
}

/** Publishes the item where it is not there, or its schema or mapping is another one by now. */
async function publish(
  member: CityMember,
  { file, read, mapping }: LoadResult,
  { kid, resource }: { readonly kid: string; readonly resource: string },
): Promise<string | null> {
  const { port, pack } = member
  const item = `loaded.${file.name}`
  const before = catalogueItemOf(port.view(), port.member, item)
  const { terms } = file.source
  const document: Json = {
    format: 'lianban/catalogue/1',
    duty: {
      text: file.zh,
      organisation: pack.zh,
      approval: `${file.source.name}: ${typeof terms === 'string' ? terms : terms.zh}`,
    },
    item: {
      id: item,
      title: file.zh,
      class: 'unconditional',
      law: file.source.name,
      update: updateDefault,
      steward: kid,
    },
    resource: {
      id: resource,
      title: file.en,
      kind: 'file',
      system: 'lianban city load',
      schema: read.schema,
      fields: Object.entries(file.fields).map(([name, { as }]) => ({ name, is: as })),
      mapping,
    },
  }
  const bytes = utf8Encode(encodeCanonical(document))
  const hash = sha256Text(encodeCanonical(document), 'base64url')
  if (before?.document === hash) return null
  const replaces = before === undefined ? {} : { replaces: before.document }
  const body = { document: hash, ...replaces }
  const said = await sayApproved(member, 'catalogue.publish', body, { documents: [bytes] })
  return 'entry' in said ? null : said.code
}

type By = { readonly kids: readonly string[]; readonly shown: Json }

/**
 * The two officers who have looked at a large difference, and what they were shown: they approve the
 * attestation too, by the same hash of it as the book has, so that one leads to the other.
 */
function lookOf({ look }: LoadResult): By | null {
  if (look === undefined || look.by === null || look.second === null) return null
  const { statement, salt } = look.signed as unknown as Signed
  return { kids: [look.by, look.second], shown: shownOf({ statement, salt }) }
}

/** Says something with the approval of the department's officer, or of those who are named. */
async function sayApproved(
  { port, department }: CityMember,
  type: string,
  body: Members,
  {
    documents = [],
    approved = null,
  }: { readonly documents?: readonly Uint8Array[]; readonly approved?: By | null } = {},
): Promise<{ readonly entry: number } | { readonly code: string }> {
  const { officers, clock } = department.dept
  const { ledger } = port
  const notAfter = Math.max(port.head().time, clock.wallMs()) + patienceMs
  const id = base64urlEncode(randomBytes(16))
  const intent = sha256Text(encodeIntent({ ledger, id, type, body, notAfter }), 'base64url')
  const shown: Json = { act: type, value: body as Json }
  const by = approved ?? { shown }
  const approvals = await officers?.approve({ posts: ['steward'], intent, ...by })
  const said = await port.submit(type, body, {
    id,
    notAfter,
    documents,
    ...(approvals === undefined ? {} : { approvals }),
  })
  return 'receipt' in said ? { entry: said.receipt.entry } : { code: said.refused.code }
}
