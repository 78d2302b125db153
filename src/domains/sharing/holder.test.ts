// The holder's list against many random reads, with one side that is dishonest (gate 12 of the
// protocol; its size is LIANBAN_READS, 10,000 for the gate).
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { base64urlDecode, base64urlEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { useSeed, useTag } from '#base/commitment'
import { Maps } from '#ledger/prove'
import { holdersList, monthsAround, useKey, verifyWalk } from './index.ts'
import type { HoldersList, Mismatch, Story, Walk } from './index.ts'

const size = Number(process.env['LIANBAN_READS'] ?? '300')
const subjects = 12
const months = ['2026-11', '2026-12', '2027-01'] as const
const members = ['housing', 'tax', 'police', 'civil', 'planning', 'bank', 'gas', 'power'] as const

function hash(...parts: readonly (string | number)[]): Bytes {
  return new Uint8Array(createHash('sha256').update(parts.join('/')).digest())
}

/** Numbers below a bound that look like chance and are the same in every run. */
function chanceOf(seed: string): (below: number) => number {
  let n = 0
  return (below) => {
    n += 1
    return new DataView(hash(seed, n).buffer).getUint32(0) % below
  }
}

type Side = 'reader' | 'owner'
type Place = { readonly subject: number; readonly month: string }

/** A city in which a holder's data are read, and what it can show her afterwards. */
class City {
  readonly maps: Maps = new Maps()
  readonly stories: Story[] = []
  /** `side permit member` of every use that somebody left out or put under another tag. */
  readonly hidden: Set<string> = new Set()
  readonly chance: (below: number) => number
  readonly #liars: ReadonlySet<string>
  readonly #counts: Map<string, number> = new Map()
  readonly #values: Map<string, readonly [number, number]> = new Map()
  #entry = 0

  constructor(seed: string, liars: readonly string[]) {
    this.chance = chanceOf(seed)
    this.#liars = new Set(liars)
  }

  /** One read by one member of another, about one of her slots. */
  read(): void {
    const reader = members[this.chance(members.length)] ?? 'tax'
    const owner = members.filter((each) => each !== reader)[this.chance(members.length - 1)] ?? ''
    const month = months[this.chance(months.length)] ?? ''
    const place = { subject: this.chance(subjects), month }
    const permit = this.#entry + 1
    this.#use(permit, place, ['reader', reader])
    this.#use(permit, place, ['owner', owner])
    const how = this.chance(20) === 0 ? 'one-sided' : 'receipt'
    const owners = [{ member: owner, how }] as const
    this.stories.push({ permit, time: permit, reader, case: 'one', for: 'act', owners })
  }

  /** Puts a use under the next tag of its member; a liar leaves it out or takes another tag. */
  #use(permit: number, place: Place, [side, member]: readonly [Side, string]): void {
    this.#entry += 1
    const lie = this.#liars.has(member) ? this.chance(3) : 2
    if (lie < 2) this.hidden.add(`${side} ${permit} ${member}`)
    if (lie === 0) return
    const tag = lie === 1 ? base64urlEncode(hash('nobody', this.#entry)) : this.#next(member, place)
    // A block is cut a little later than its commands were made, sometimes in the next month.
    const late = this.chance(10) === 0
    const month = (late ? monthsAround(place.month)[2] : place.month) ?? ''
    const value = [this.#entry, permit] as const
    this.#values.set(useKey(month, tag), value)
    this.maps.change(`uses/${month}`, useKey(month, tag), encodeCanonical(value))
  }

  /** Takes a tag out again, as if its command were still to come. */
  forget(month: string, tag: string): void {
    if (!this.#values.delete(useKey(month, tag))) return
    this.maps.change(`uses/${month}`, useKey(month, tag), null)
  }

  #next(member: string, place: Place): string {
    const key = `${member} ${place.subject} ${place.month}`
    const n = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, n)
    return base64urlEncode(useTag(this.seed(member, place), n))
  }

  seed(member: string, { subject, month }: Place): Bytes {
    return useSeed(hash('key', member, month), hash('subject', subject))
  }

  roots(): ReadonlyMap<string, Bytes> {
    return new Map(
      Object.entries(this.maps.roots()).map(([name, root]) => {
        const bytes = base64urlDecode(root)
        assert(bytes !== null)
        return [name.slice('uses/'.length), bytes]
      }),
    )
  }

  /** What a node proves of the tags of one seed, to the first that stands nowhere. */
  walk(member: string, place: Place): Walk {
    const seed = this.seed(member, place)
    const count = this.#counts.get(`${member} ${place.subject} ${place.month}`) ?? 0
    const steps = Array.from({ length: count + 1 }, (_, at) => {
      const tag = base64urlEncode(useTag(seed, at + 1))
      return monthsAround(place.month).flatMap((month) => {
        const proof = this.maps.prove(`uses/${month}`, useKey(month, tag))
        const value = this.#values.get(useKey(month, tag)) ?? null
        return proof === null ? [] : [{ month, proof, value }]
      })
    })
    return { member, month: place.month, seed, steps }
  }

  walks(): readonly Walk[] {
    const places = months.flatMap((month) =>
      Array.from({ length: subjects }, (_, subject) => ({ subject, month })),
    )
    return members.flatMap((member) => places.map((place) => this.walk(member, place)))
  }

  /** Her list, of the reads that the walks lead to. */
  list(): HoldersList {
    const roots = this.roots()
    const walked = this.walks().map((walk) => verifyWalk(walk, roots))
    const permits = new Set(walked.flatMap(({ found }) => found.map(({ permit }) => permit)))
    return holdersList(
      walked,
      this.stories.filter(({ permit }) => permits.has(permit)),
    )
  }
}

function cityOf(seed: string, liars: readonly string[] = []): City {
  const city = new City(seed, liars)
  for (let n = 0; n < size; n += 1) city.read()
  return city
}

test('where all are honest the list has every read, agrees, and is complete', () => {
  const city = cityOf('honest')
  const { lines, mismatches, complete } = city.list()
  assert.deepEqual(mismatches, [])
  assert.equal(complete, true)
  assert.equal(lines.length, size)
  assert.ok(lines.every(({ byReader, byOwners }) => byReader && byOwners.length === 1))
})

test('what one dishonest member leaves out or puts under another tag is reported by name', () => {
  for (const liar of members.slice(0, 3)) {
    const city = cityOf(`liar ${liar}`, [liar])
    const { mismatches, complete, lines } = city.list()
    assert.equal(complete, false)
    assert.equal(lines.length, size, 'the honest side leads to every read')
    const reported = mismatches.map((each) => {
      assert.ok('permit' in each, each.kind)
      const side = each.kind === 'reader-left-out' ? 'reader' : 'owner'
      return `${side} ${each.permit} ${each.member}`
    })
    assert.deepEqual(new Set(reported), city.hidden)
    assert.equal(reported.length, city.hidden.size)
  }
})

test('when both sides are dishonest a read may be found by nobody: that is outside the promise', () => {
  const city = cityOf('both', [...members])
  const { lines } = city.list()
  const unseen = city.stories.filter(
    ({ permit, reader, owners }) =>
      city.hidden.has(`reader ${permit} ${reader}`) &&
      owners.every(({ member }) => city.hidden.has(`owner ${permit} ${member}`)),
  )
  assert.ok(unseen.length > 0)
  assert.equal(lines.length, size - unseen.length)
})

test('a read that is taken out of the list she is given is missed', () => {
  const city = cityOf('removed')
  const roots = city.roots()
  const walked = city.walks().map((walk) => verifyWalk(walk, roots))
  const [removed, ...rest] = city.stories
  const { mismatches } = holdersList(walked, rest)
  assert.deepEqual(
    mismatches.map((each) => [each.kind, 'permit' in each && each.permit]),
    [
      ['not-listed', removed?.permit],
      ['not-listed', removed?.permit],
    ],
  )
})

test('a walk that is cut short, changed, or proven under another root ends unproven', () => {
  const city = cityOf('cut')
  const roots = city.roots()
  const walk = city.walks().find(({ steps }) => steps.length > 1)
  assert(walk !== undefined)
  const whole = verifyWalk(walk, roots)
  assert.equal(whole.complete, true)
  const unproven = (changed: Walk, under = roots): void => {
    const { complete, found } = verifyWalk(changed, under)
    assert.equal(complete, false)
    assert.ok(found.length < walk.steps.length)
    const { mismatches } = holdersList([{ ...whole, complete }], city.stories)
    const kinds = new Set(mismatches.map(({ kind }: Mismatch) => kind))
    assert.ok(kinds.has('not-proven'))
  }
  unproven({ ...walk, steps: walk.steps.slice(0, -1) })
  unproven({ ...walk, steps: [] })
  const [first = [], ...rest] = walk.steps
  unproven({ ...walk, steps: [first.slice(1), ...rest] })
  unproven({ ...walk, steps: [first.map((look) => ({ ...look, value: null })), ...rest] })
  const other = first.map((look) => ({ ...look, value: look.value && ([1, 1] as const) }))
  unproven({ ...walk, steps: [other, ...rest] })
  unproven(walk, new Map([...roots].map(([month, root]) => [month, root.map((b) => b ^ 1)])))
})

test('a tag of a receipt that is still to come is a gap, and ends nothing', () => {
  const city = cityOf('gap')
  const roots = city.roots()
  const [first] = city.walks().toSorted((a, b) => b.steps.length - a.steps.length)
  assert(first !== undefined)
  const before = verifyWalk(first, roots)
  const [, second] = before.found
  assert(second !== undefined)
  for (const month of monthsAround(first.month)) city.forget(month, second.tag)
  const changed = city.roots()
  const again = city
    .walks()
    .find(
      ({ member, seed }) =>
        member === first.member && base64urlEncode(seed) === base64urlEncode(first.seed),
    )
  assert(again !== undefined)
  const after = verifyWalk(again, changed)
  assert.equal(after.complete, true)
  assert.equal(after.gaps, 1)
  assert.equal(after.found.length, before.found.length - 1)
})

test('a seed of somebody else finds nothing, and what the other side says is missed', () => {
  const city = cityOf('seed')
  const roots = city.roots()
  const liar = 'tax'
  const walked = city.walks().map((walk) => {
    if (walk.member !== liar) return verifyWalk(walk, roots)
    const seed = hash('not hers')
    const tag = base64urlEncode(useTag(seed, 1))
    const looks = monthsAround(walk.month).flatMap((month) => {
      const proof = city.maps.prove(`uses/${month}`, useKey(month, tag))
      return proof === null ? [] : [{ month, proof, value: null }]
    })
    return verifyWalk({ ...walk, seed, steps: [looks] }, roots)
  })
  const { mismatches } = holdersList(walked, city.stories)
  assert.ok(mismatches.length > 0)
  assert.ok(mismatches.every(({ member }) => member === liar))
})

test('an owner that is silent or declines is a line and no mismatch', () => {
  const story = (how: 'silent' | 'subject' | 'running'): Story => ({
    permit: 1,
    time: 1,
    reader: 'tax',
    case: 'one',
    for: 'act',
    owners: [{ member: 'civil', how }],
  })
  for (const how of ['silent', 'subject', 'running'] as const) {
    const { lines, mismatches } = holdersList([], [story(how)])
    assert.deepEqual(mismatches, [])
    assert.equal(lines[0]?.owners[0]?.how, how)
  }
})
