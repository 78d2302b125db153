// What people do at the counters of a loaded city, many cases side by side: each deed waits while
// robots are not done, and gives either what was done or the code of the refusal.
import { randomBytes } from 'node:crypto'
import type { Json } from '#base/canonical'
import type { Blueprint, TypeBook } from '#blueprint/grammar'
import type { City, CityMember } from '#apps/node/city'
import type { Desk } from '#apps/node/desk'

/** Somebody as a counter sees the card. */
export type Someone = { readonly code: string; readonly name: string }

type No = { readonly refused: readonly { readonly code: string; readonly at?: string }[] }

/** What a deed is refused with while robots are not done. */
const early = /\/(?:act-not-open|not-taken|not-bound|peer-silent|unknown-peer|permit-ahead)$/
/** How long a deed waits for robots on a busy machine, and between two looks, milliseconds. */
const patienceMs = 120_000
const waitMs = 60

/** A refusal that ends a case's run; the code is all that is told of it. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** What was done. Throws `Refused`. */
export function done<T extends object>(said: T | No): T {
  if ('refused' in said) throw new Refused((said as No).refused[0]?.code ?? '')
  return said as T
}

/** Does something again while what it rests on is still to come. */
export async function patiently<T extends object>(deed: () => Promise<T | No>): Promise<T> {
  for (const until = Date.now() + patienceMs; ;) {
    const said = await deed()
    const waits = 'refused' in said && early.test((said as No).refused[0]?.code ?? '')
    if (!waits || Date.now() > until) return done(said)
    await pause()
  }
}

/** Waits for what robots bring about. Throws `Refused` with `late` where it does not come. */
export async function until<T>(look: () => T | undefined, late: string): Promise<T> {
  for (const end = Date.now() + patienceMs; Date.now() < end;) {
    const found = look()
    if (found !== undefined) return found
    await pause()
  }
  throw new Refused(late)
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, waitMs))
}

/** The identity of an application and its content, by its id. */
export function applicationOf(city: City, id: string): City['applications'][number] {
  const found = city.applications.find(({ blueprint }) => blueprint.id === id)
  if (found === undefined) throw new Refused('processes/unknown-blueprint')
  return found
}

/** Two officers of a counter; made-up ones where nobody is enrolled. */
export function officersOf({ officers }: CityMember): readonly [string, string] {
  const made = (): string => randomBytes(16).toString('base64url')
  const [first = made(), second = made()] = officers
  return [first, second]
}

/** Decides at a desk as the last of its officers, who is nobody's colleague at the counter. */
export async function decideAt(
  member: CityMember,
  deciding: {
    readonly case: string
    readonly act: string
    readonly value?: Json
    /** The code of a no. */
    readonly no?: string
  },
): Promise<void> {
  const officer = member.officers.at(-1) ?? officersOf(member)[1]
  await patiently(() =>
    member.desk.decide({ ...deciding, officer } as Parameters<Desk['decide']>[0]),
  )
}

/**
 * Fields that a member's acts ask for and others give, as `item.field`: its own acts, those done
 * through it, and at the counter that hosts a case the acts of its persons, with who they are.
 */
export function askedBy(
  { blueprint, types }: { readonly blueprint: Blueprint; readonly types: TypeBook },
  party: string,
  isHost: boolean = false,
): ReadonlySet<string> {
  const asked = new Set<string>()
  const own: string[] = []
  for (const { by, through, reads = [], gives } of Object.values(blueprint.acts)) {
    const doers = typeof by === 'string' ? [by] : by
    const persons = doers.filter((doer) => isPerson(blueprint, doer))
    const isOwn = doers.includes(party)
    const isThrough = through === party || (isHost && through === undefined && persons.length > 0)
    if (!isOwn && !isThrough) continue
    if (isOwn && gives !== undefined) own.push(...[gives].flat())
    for (const person of persons) asked.add(`${person}.code`).add(`${person}.name`)
    for (const field of reads.flatMap((read) => fieldsOf({ blueprint, types }, read))) {
      asked.add(field)
    }
  }
  return new Set([...asked].filter((field) => !own.includes(field.split('.')[0] ?? '')))
}

function isPerson({ parties }: Blueprint, party: string): boolean {
  const { member, class: of } = parties[party] ?? {}
  return member === undefined && of === undefined
}

/** The fields of a read as blueprints write it: `item`, `item.field` or `item.{one,other}`. */
function fieldsOf(
  { blueprint, types }: { readonly blueprint: Blueprint; readonly types: TypeBook },
  read: string,
): readonly string[] {
  const [path = ''] = read.split(' ')
  const [, item = '', fields] = /^(\w+)\??(?:\.(.+))?$/.exec(path) ?? []
  const type = types.get(blueprint.evidence[item]?.type ?? '')
  const names = fields?.replaceAll(/[{}]/g, '').split(',') ?? type?.fields.map(({ id }) => id) ?? []
  return names.map((name) => `${item}.${name}`)
}

/** Keys by which a party looks up what it supplies, as `slot.key`. */
export function keysOf({ evidence }: Blueprint, party: string): ReadonlySet<string> {
  const items = Object.values(evidence).filter(({ from }) => from === party)
  return new Set(items.flatMap(({ key = [] }) => key))
}

/** Fields that others have shown a member in a case, as `item.field`. */
export function shownTo({ vault }: CityMember, id: string): ReadonlySet<string> {
  const copies = vault.find({ case: id, kind: 'copy' })
  return new Set(
    copies.flatMap(({ name, leaves }) => {
      const own = leaves.filter(({ path }) => path !== '$' && path !== 'tag')
      return own.map(({ path }) => `${name}.${path}`)
    }),
  )
}

/** Runs something for each of a list, so many side by side; gives the answers in order. */
export async function sideBySide<T, U>(
  list: readonly T[],
  wide: number,
  each: (one: T, at: number) => Promise<U>,
): Promise<readonly U[]> {
  const answers: U[] = []
  let next = 0
  const runner = async (): Promise<void> => {
    for (let at = next++; at < list.length; at = next++) {
      answers[at] = await each(list[at] as T, at)
    }
  }
  await Promise.all(Array.from({ length: Math.min(wide, list.length) }, runner))
  return answers
}

/** How often each word stands in a list, most often first. */
export function counted(words: readonly string[]): { readonly [word: string]: number } {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a))
}
