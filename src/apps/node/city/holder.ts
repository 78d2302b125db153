// "Who looked at me": the holder's list of reads about herself in the practice city. Her subject
// tags come from the identity department, which was told of each filing, and from the counters that
// host her; every member gives the seeds of her tags for a month; the walks are proven under the
// newest map root. In the city one process asks them all; elsewhere each is asked by her.
import { randomBytes } from 'node:crypto'
import { base64urlDecode, base64urlEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import { useSeed, useTag } from '#base/commitment'
import { isRefusal } from '#ledger/command'
import { decodeEntry } from '#ledger/apply'
import { parseMapRoot } from '#ledger/prove'
import { blueprintOf, caseOf } from '#domains/processes'
import type { Compiled } from '#domains/processes'
import { gapsMax, holdersList, monthOf, monthsAround, useKey, verifyWalk } from '#domains/sharing'
import type { HoldersList, Look, PartOfOwner, Story, Walk, Walked } from '#domains/sharing'
import { monthKey } from '#apps/node/gateway'
import { signedIntentOf } from '#ledger/read'
import type { City } from './city.ts'

/** Something of hers in a case, and the tag under which its uses are found. */
type Mine = { readonly case: string; readonly slot: string; readonly subject: Bytes }

/** Tags in one walk at most. */
const stepsMax = 4_096

/** A request about one of her cases that the ledger refused: nothing was shown. */
export type RefusedRead = {
  readonly entry: number
  readonly time: number
  readonly reader: string
  readonly case: string
  /** The act or supply for which it was asked. */
  readonly for: string
  readonly code: string
}

/** Who looked, and who was not let. */
export type WhoLooked = HoldersList & { readonly refused: readonly RefusedRead[] }

/** Her list of the months in which she has cases; proven as of the newest checkpoint. */
export async function whoLooked(city: City, code: string): Promise<WhoLooked> {
  const mine = await tagsOf(city, code)
  const roots = mapRoots(city)
  const stories = [...new Set(mine.map((each) => each.case))].flatMap((id) =>
    storiesOf(
      city,
      id,
      mine.filter((each) => each.case === id).map(({ slot }) => slot),
    ),
  )
  const months = new Set(stories.map(({ time }) => monthOf(time)))
  const walked: Walked[] = []
  for (const month of months) {
    for (const { subject } of mine) {
      for (const member of city.members.keys()) {
        for (const role of ['owner', 'reader'] as const) {
          const walk = await walkOf(city, { member, role, month, subject }, roots)
          walked.push(verifyWalk(walk, roots))
        }
      }
    }
  }
  const own = new Set(mine.map((each) => each.case))
  return { ...holdersList(walked, stories), refused: refusedIn(city, own) }
}

/** Requests in these cases that the log has with a refusal. */
function refusedIn(city: City, own: ReadonlySet<string>): RefusedRead[] {
  const { port } = city.member(city.pack.operator)
  const refused: RefusedRead[] = []
  for (let entry = firstOf(city, own); entry < port.head().size; entry += 1) {
    const { kind, type, code = 'ok', member: reader = '', time } = port.entry(entry)
    if (kind !== 'command' || type !== 'case.read' || code === 'ok') continue
    const body = signedIntentOf(city.node.host.entry(entry))?.intent.body as Body | undefined
    const of = String(body?.['case'])
    if (!own.has(of)) continue
    const purpose = String(body?.['act'] ?? body?.['supply'])
    refused.push({ entry, time, reader, case: of, for: purpose, code })
  }
  return refused
}

/** What is hers in every case of which the identity department was told. */
async function tagsOf(city: City, code: string): Promise<readonly Mine[]> {
  const told = await city.member(city.identityMember).desk.toldAbout(code)
  return told.flatMap((notice) => {
    const { case: id, slot, host } = notice as { readonly [name: string]: Json }
    assert(typeof id === 'string' && typeof slot === 'string' && typeof host === 'string', 'told')
    const compiled = compiledOf(city, id)
    const objects = Object.entries(compiled.blueprint.objects ?? {})
    const slots = [slot, ...objects.flatMap(([name, { by }]) => (by === slot ? [name] : []))]
    return slots.flatMap((name) => {
      const records = city.member(host).vault.find({ case: id, name, kind: 'slot' })
      const own = records.find(({ leaves }) => name !== slot || leafOf(leaves, 'code') === code)
      const tag = own === undefined ? undefined : leafOf(own.leaves, 'tag')
      const subject = typeof tag === 'string' ? base64urlDecode(tag) : null
      return subject === null ? [] : [{ case: id, slot: name, subject }]
    })
  })
}

function leafOf(
  leaves: readonly { readonly path: string; readonly value: Json }[],
  path: string,
): Json | undefined {
  return leaves.find((leaf) => leaf.path === path)?.value
}

function compiledOf(city: City, id: string): Compiled {
  const view = city.member(city.pack.operator).port.view()
  const compiled = blueprintOf(view, caseOf(view, id)?.blueprint ?? '')
  assert(compiled !== undefined, 'a case has its application')
  return compiled
}

/** Roots of the maps of uses by month, from the newest map root under a checkpoint. */
function mapRoots({ node }: City): ReadonlyMap<string, Bytes> {
  const size = node.host.proofs.checkpoint()?.size ?? 0
  const roots = new Map<string, Bytes>()
  if (size === 0) return roots
  const entry = decodeEntry(node.host.entry(size - 1))
  const system = isRefusal(entry) || entry.kind !== 'system' ? null : parseMapRoot(entry.system)
  for (const [name, root] of system?.roots ?? []) {
    if (name.startsWith('uses/')) roots.set(name.slice('uses/'.length), root)
  }
  return roots
}

type Whose = {
  readonly member: string
  readonly role: 'owner' | 'reader'
  readonly month: string
  readonly subject: Bytes
}

/** Walks the tags of one seed until so many stand nowhere that none is to come. */
async function walkOf(
  city: City,
  { member, role, month, subject }: Whose,
  roots: ReadonlyMap<string, Bytes>,
): Promise<Walk> {
  const { vault, port } = city.member(member)
  const { host } = city.node
  const fresh = (): Bytes => randomBytes(32)
  const key = await monthKey(vault, port, { role, month, fresh, at: city.clock.wallMs() })
  const seed = useSeed(key, subject)
  const steps: Look[][] = []
  let gaps = 0
  for (let n = 1; n <= stepsMax && gaps <= gapsMax; n += 1) {
    const tag = base64urlEncode(useTag(seed, n))
    const looks: Look[] = []
    for (const map of monthsAround(month).filter((each) => roots.has(each))) {
      const place = useKey(map, tag)
      const proof = host.proofs.record(`uses/${map}`, place)
      assert(proof !== null, 'a map that has a root proves')
      looks.push({ month: map, proof, value: (host.record(place) ?? null) as Look['value'] })
    }
    steps.push(looks)
    gaps = looks.every(({ value }) => value === null) ? gaps + 1 : 0
  }
  return { member, month, seed, steps }
}

/** The entry with which the first of some cases began: nobody read in one of them before. */
function firstOf(city: City, ids: Iterable<string>): number {
  const { port } = city.member(city.pack.operator)
  const entries = [...ids].map((id) => caseOf(port.view(), id)?.entry ?? 1)
  return Math.min(port.head().size, ...entries)
}

type Body = { readonly [name: string]: unknown }

/** Reads of a case about some of its slots, as the ledger tells them. */
function storiesOf(city: City, id: string, slots: readonly string[]): readonly Story[] {
  const { port } = city.member(city.pack.operator)
  const { items } = compiledOf(city, id)
  const isAbout = (name: string): boolean => slots.includes(items.get(name)?.about ?? name)
  const stories: Story[] = []
  const ended = new Map<string, PartOfOwner['how']>()
  for (let entry = firstOf(city, [id]); entry < port.head().size; entry += 1) {
    const { kind, type, code, member = '', time, outcome } = port.entry(entry)
    if (kind !== 'command' || code !== 'ok') continue
    const body = signedIntentOf(city.node.host.entry(entry))?.intent.body as Body | undefined
    for (const [permit, how] of closings(type ?? '', body)) ended.set(`${permit}/${member}`, how)
    if (type !== 'case.read' || body?.['case'] !== id) continue
    const said = outcome as { readonly reads: object; readonly owners: { [of: string]: string[] } }
    // What the reader holds itself it is shown by nobody, and puts under her tag all the same.
    if (!Object.keys(said.reads).some(isAbout)) continue
    const parts = Object.entries(said.owners).filter(([, names]) => names.some(isAbout))
    const { act, supply } = body
    stories.push({
      permit: entry,
      time,
      reader: member,
      case: id,
      for: typeof act === 'string' ? act : String(supply),
      owners: parts.map(([owner]) => ({ member: owner, how: 'running' })),
    })
  }
  return stories.map((story) => ({
    ...story,
    owners: story.owners.map(({ member }) => ({
      member,
      how: ended.get(`${story.permit}/${member}`) ?? 'silent',
    })),
  }))
}

/** How owners' parts of permits ended by one command. */
function closings(
  type: string,
  body: Body | undefined,
): readonly (readonly [permit: number, how: PartOfOwner['how']])[] {
  if (type === 'share.decline') return [[Number(body?.['permit']), body?.['code'] as 'subject']]
  if (type !== 'share.receipts') return []
  const receipts = body?.['receipts'] as readonly { permit: number; oneSided: boolean }[]
  return receipts.map(({ permit, oneSided }) => [permit, oneSided ? 'one-sided' : 'receipt'])
}
