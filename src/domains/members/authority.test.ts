// Separation of duties over random departments, officers and sequences of commands. An independent
// observer keeps its own notes of who asked, who agreed and who was a member, and judges whatever
// the domain accepts by them: no self-approval, no threshold by-passed, no key that comes back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Value } from '#ledger/command'
import { readKey, readMember } from '#ledger/validate'
import { city, ecKey, idOf, officerOffer, offerOf } from '#test/domain-world'
import type { World } from '#test/domain-world'
import { departments as codes, graph, initials } from '#test/role-graphs'
import type { Step } from '#test/role-graphs'
import { actionDigest } from './governance.ts'
import type { Action } from './actions.ts'

/** What the observer saw of a question that members decide together. */
type Question = {
  readonly asker: string
  readonly askedBy: readonly string[]
  readonly subjects: readonly string[]
  readonly kind: string
  readonly yes: Map<string, readonly string[]>
  passedAt: number | null
}

/** The observer's own arithmetic, written from the decision record and not from the code. */
function enough(count: number): number {
  if (count <= 2) return count
  if (count === 3) return 2
  let needed = 1
  while (3 * needed <= 2 * count) needed += 1
  return needed
}

class Observer {
  readonly world: World
  readonly open: Map<string, Question> = new Map()
  readonly ends: Map<string, number> = new Map()
  readonly owners: Map<string, string> = new Map()
  readonly enrolled: Map<string, number> = new Map()
  accepted = 0
  executed = 0

  constructor(world: World, officers: readonly number[]) {
    this.world = world
    for (const [index, code] of codes.entries()) this.enrolled.set(code, officers[index] ?? 0)
  }

  replicas(): readonly string[] {
    return [...codes, ...joiners].filter((code) => readMember(this.world, code)?.state === 'active')
  }

  /** Whether the question has enough yeses of members that may vote today. */
  decided(question: Question): boolean {
    const all = this.replicas()
    const others = all.filter((code) => !question.subjects.includes(code))
    const voters = others.length === 0 ? all : others
    const yes = voters.filter((code) => question.yes.has(code)).length
    if (others.length === 0) return yes === all.length
    if (others.length === all.length) return yes >= enough(all.length)
    const majority = Math.floor(all.length / 2) + 1
    return yes >= Math.min(others.length, Math.max(majority, enough(others.length)))
  }

  /** Department's own acts: as many officers as it has enrolled, up to `most`, none of `barred`. */
  officersSuffice(
    member: string,
    officers: readonly string[],
    rule: { readonly most: number; readonly barred?: string },
  ): void {
    const need = Math.min(rule.most, this.enrolled.get(member) ?? 0)
    const counting = new Set(officers.filter((name) => name !== rule.barred))
    assert(counting.size >= need, `${member}: ${officers.join()} for ${need}`)
    for (const name of officers) assert(name.startsWith(`${member}/`), 'officers of its own')
  }

  /** After every command: keys have one owner and no longer life than before. */
  keys(): void {
    for (const [key, value] of this.world.state) {
      if (!key.startsWith('members/key/')) continue
      const record = readKey(this.world, key.slice('members/key/'.length))
      assert(record !== undefined && value !== undefined)
      const owner = `${record.member}/${record.use}/${record.officer ?? ''}`
      assert.equal(this.owners.get(key) ?? owner, owner)
      this.owners.set(key, owner)
      const end = this.ends.get(key)
      if (end !== undefined) assert(record.until !== null && record.until <= end)
      if (record.until !== null) this.ends.set(key, record.until)
    }
  }
}

const joiners = ['water', 'power', 'gas', 'cable', 'bus'] as const

function actionOf(step: Step): Action {
  const member = codes[step.subject] ?? 'tax'
  switch (step.choice % 4) {
    case 0:
      return { kind: 'suspend', member, ground: 'misuse' }
    case 1:
      return { kind: 'reinstate', member }
    case 2:
      return { kind: 'lower-officers', member }
    default: {
      const offer = cachedOffer(`rekey/${step.choice}`, member)
      return { kind: 'rekey', member, ...offer } as unknown as Action
    }
  }
}

const offers = new Map<string, { readonly [name: string]: Value }>()

function cachedOffer(seed: string, member: string): { readonly [name: string]: Value } {
  const name = `${seed}/${member}`
  const offer = offers.get(name) ?? offerOf(ecKey(seed), { member, use: 'command' })
  offers.set(name, offer)
  return offer
}

const kids = new Map<string, string>()

function cachedKid(seed: string): string {
  const kid = kids.get(seed) ?? ecKey(seed).kid
  kids.set(seed, kid)
  return kid
}

const officerOffers = new Map<string, ReturnType<typeof officerOffer>>()

function cachedOfficer(name: string): ReturnType<typeof officerOffer> {
  const offer = officerOffers.get(name) ?? officerOffer(name)
  officerOffers.set(name, offer)
  return offer
}

/**
 * Officers who approve: mostly different ones whom the department has enrolled; sometimes, crossed,
 * anybody, the same twice, or another department's.
 */
function approvers(step: Step, member: string, enrolled: number): readonly string[] {
  const named = (code: string, index: number): string => `${code}/${initials[index] ?? 'a'}`
  if (step.crossed && step.against < 4) {
    const from = step.against < 2 ? (codes[step.subject] ?? member) : member
    return step.officers.map((index) => named(from, index))
  }
  const able = step.officers.filter((index) => index < enrolled)
  return [...new Set(able)].map((index) => named(member, index))
}

function departmental(see: Observer, step: Step, member: string): void {
  const { world } = see
  const officers = approvers(step, member, see.enrolled.get(member) ?? 0)
  const name = `${member}/${initials[step.choice % 4] ?? 'a'}`
  const offer = cachedOfficer(name)
  const renewed = { ...cachedOfficer(`${name}/${step.choice}`), officer: offer.officer }
  const bodies: { readonly [command: string]: { readonly [name: string]: unknown } } = {
    'officer.enrol': offer,
    'officer.reset': renewed,
    'officer.rotate': { ...renewed, overlap: 1 },
    'post.assign': { post: 'decider', officers: [offer.officer] },
    'key.add': { use: 'command', ...cachedOffer(`key/${step.choice}`, member) },
    'key.revoke': { kid: cachedKid(`${member}/command`) },
    'member.leave': {},
  }
  const body = bodies[step.command] ?? { officer: offer.officer }
  const before = readMember(world, member)?.state
  const answer = world.when(member, step.command, body as never, officers)
  if (answer.code !== 'ok') return
  see.accepted += 1
  assert.equal(before, 'active', 'only an active member is heard')
  const rules: { readonly [command: string]: number } = {
    'officer.enrol': 2,
    'officer.reset': 2,
    'post.assign': 1,
    'key.add': 1,
    'officer.retire': 1,
    'member.leave': 2,
  }
  const most = rules[step.command]
  const concerned = ['officer.enrol', 'officer.reset', 'post.assign'].includes(step.command)
  if (most !== undefined) {
    see.officersSuffice(member, officers, { most, ...(concerned ? { barred: name } : {}) })
  }
  if (concerned) assert.equal(officers.includes(name), false, 'nobody approves himself')
  if (step.command === 'officer.reset') assert(new Set(officers).size >= 2, 'two persons')
  if (step.command === 'officer.rotate') {
    assert(officers.includes(name) && new Set(officers).size >= 2, 'he and another')
  }
  if (step.command === 'officer.enrol') {
    see.enrolled.set(member, (see.enrolled.get(member) ?? 0) + 1)
  }
}

/** What a command of this step is about: something new when it proposes, else what is known. */
function handleOf(see: Observer, step: Step, joining: boolean): string {
  const fresh = joining
    ? `joining/${joiners[step.subject] ?? 'water'}`
    : `proposal/${see.open.size}/${step.choice}`
  if (step.command.endsWith('.propose')) return fresh
  const known = [...see.open.keys()].filter((each) => each.startsWith('joining') === joining)
  return known.at(-1 - (step.choice % 3)) ?? known[0] ?? fresh
}

function together(see: Observer, step: Step, member: string): void {
  const { world } = see
  const officers = approvers(step, member, see.enrolled.get(member) ?? 0)
  const joining = step.command.startsWith('member.') && step.command !== 'member.veto'
  const handle = handleOf(see, step, joining)
  const code = joiners.find((each) => handle.endsWith(`/${each}`)) ?? 'water'
  const known = see.open.get(handle)
  const proposal = idOf(handle)
  const record = world.get(joining ? `members/joining/${code}` : `members/proposal/${proposal}`)
  const digest = (record as { readonly digest?: string } | undefined)?.digest ?? idDigest
  const action = actionOf(step)
  const { alg, jwk } = cachedOffer(`${code}/command`, code)
  const bodies: { readonly [command: string]: { readonly [name: string]: unknown } } = {
    'governance.propose': { proposal, action },
    'governance.vote': { proposal, action: digest, choice: step.against === 0 ? 'no' : 'yes' },
    'governance.execute': { proposal },
    'member.veto': { proposal },
    'member.propose': {
      code,
      kind: 'replica',
      document: idDigest,
      key: { alg, jwk, custody: 'own' },
    },
    'member.approve': { code, joining: digest },
    'member.activate': { code, proof: proofOf(code, digest) },
  }
  const able = known === undefined ? false : see.decided(known)
  const body = bodies[step.command] as { readonly [name: string]: Value }
  const answer = world.when(member, step.command, body, officers)
  if (answer.code !== 'ok') return
  see.accepted += 1
  if (step.command.endsWith('.propose')) {
    see.officersSuffice(member, officers, { most: 1 })
    const subjects = joining ? [] : [(action as { readonly member: string }).member]
    see.open.set(handle, {
      asker: member,
      askedBy: officers,
      subjects,
      kind: joining ? 'join' : action.kind,
      yes: new Map(),
      passedAt: null,
    })
    if (!joining) assert.equal(actionDigest(action), (answer.outcome as { action: string }).action)
    return
  }
  assert(known !== undefined, 'only what was proposed goes on')
  if (step.command === 'governance.vote' || step.command === 'member.approve') {
    voted(see, { step, member, officers, known })
  } else if (step.command === 'member.veto') {
    assert(known.kind === 'rekey' && known.subjects.includes(member))
  } else {
    assert(able, `${step.command} by-passes the threshold`)
    see.executed += 1
    if (known.kind === 'rekey') {
      assert(known.passedAt !== null && world.time >= known.passedAt + 86_400_000)
    }
    if (known.kind === 'lower-officers') see.enrolled.set(known.subjects[0] ?? '', 0)
  }
}

function voted(
  see: Observer,
  of: {
    readonly step: Step
    readonly member: string
    readonly officers: readonly string[]
    readonly known: Question
  },
): void {
  const { step, member, officers, known } = of
  const before = see.decided(known)
  see.officersSuffice(member, officers, { most: 1 })
  for (const name of officers) assert.equal(known.askedBy.includes(name), false, 'not the asker')
  const others = see.replicas().filter((code) => !known.subjects.includes(code))
  assert(!known.subjects.includes(member) || others.length === 0, 'not on itself')
  if (step.command === 'governance.vote' && step.against === 0) known.yes.delete(member)
  else known.yes.set(member, officers)
  const after = see.decided(known)
  if (!after) known.passedAt = null
  else if (!before || known.passedAt === null) known.passedAt = see.world.time
}

const idDigest = `${idOf('digest')}${idOf('digest').slice(0, 20)}A`
const proofs = new Map<string, Value>()

function proofOf(code: string, digest: string): Value {
  const name = `${code}/${digest}`
  const fresh = (): Value =>
    offerOf(ecKey(`${code}/command`), { member: code, use: 'command', bound: digest })
      .proof as Value
  const proof = proofs.get(name) ?? fresh()
  proofs.set(name, proof)
  return proof
}

/** Random role graphs: a handful here, as many as wanted by hand. */
const graphs = Number(process.env['LIANBAN_ROLE_GRAPHS'] ?? 120)

const collective = ['governance.', 'member.propose', 'member.approve', 'member.activate']

test('no random role graph finds a way around another pair of eyes', () => {
  let accepted = 0
  let executed = 0
  fc.assert(
    fc.property(graph, ({ members, officers, steps }) => {
      const present = codes.slice(0, members)
      const enrolled = Object.fromEntries(
        present.map((code, index) => [
          code,
          initials.slice(0, officers[index]).map((initial) => `${code}/${initial}`),
        ]),
      )
      const world = city(present, enrolled)
      const see = new Observer(world, officers)
      for (const step of steps) {
        const member = codes[step.member % members] ?? 'tax'
        const isTogether =
          step.command === 'member.veto' ||
          collective.some((prefix) => step.command.startsWith(prefix))
        if (isTogether) together(see, step, member)
        else departmental(see, step, member)
        see.keys()
        assert(see.replicas().length > 0, 'somebody can always decide')
        if (step.later) world.next(step.crossed ? 90_000_000 : 1_000)
      }
      accepted += see.accepted
      executed += see.executed
    }),
    { numRuns: graphs },
  )
  // A run in which little was accepted would claim little.
  assert(
    accepted > 4 * graphs && executed > graphs / 6,
    `${accepted} accepted, ${executed} carried out`,
  )
})
