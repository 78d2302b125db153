// Random departments and officers, and what they ask, agree to and do: single commands by chance,
// and now and then a question that is followed through to its end. Nothing here is part of the
// product.
import fc from 'fast-check'

/** Departments of these ledgers. */
export const departments = ['tax', 'housing', 'civil', 'police', 'market'] as const
/** Officers of a department, by the letter of their names. */
export const initials = ['a', 'b', 'c', 'd'] as const
const commands = [
  'officer.enrol',
  'officer.reset',
  'officer.rotate',
  'officer.lose',
  'officer.retire',
  'post.assign',
  'key.add',
  'key.revoke',
  'governance.propose',
  'governance.vote',
  'governance.vote',
  'governance.vote',
  'governance.vote',
  'governance.execute',
  'governance.execute',
  'member.propose',
  'member.approve',
  'member.approve',
  'member.activate',
  'member.leave',
  'member.veto',
] as const

/** One command of a sequence; numbers choose among what there is. */
export type Step = {
  readonly command: (typeof commands)[number]
  readonly member: number
  readonly subject: number
  readonly choice: number
  readonly officers: readonly number[]
  readonly crossed: boolean
  readonly later: boolean
  /** 0: a vote is a no. */
  readonly against: number
}

const oneStep: fc.Arbitrary<Step> = fc.record<Step>({
  command: fc.constantFrom(...commands),
  member: fc.nat(4),
  subject: fc.nat(4),
  choice: fc.nat(11),
  officers: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
  crossed: fc.boolean(),
  later: fc.boolean(),
  against: fc.nat(7),
})

/**
 * A question that is followed through: proposed, voted on by everybody, carried out. Chance alone
 * gathers the votes for one in eight graphs only, and then little would be claimed of what follows.
 */
const course = fc
  .record({
    joins: fc.boolean(),
    member: fc.nat(4),
    subject: fc.nat(4),
    choice: fc.nat(11),
    against: fc.array(fc.nat(7), { minLength: departments.length, maxLength: departments.length }),
    waits: fc.boolean(),
  })
  .map(({ joins, member, subject, choice, against, waits }): readonly Step[] => {
    const step = (command: Step['command'], by: number, more: Partial<Step> = {}): Step => {
      const officers = initials.map((_, index) => index)
      const plain = { subject, choice: 0, officers, crossed: false, later: false, against: 7 }
      return { command, member: by, ...plain, ...more }
    }
    const vote = joins ? 'member.approve' : 'governance.vote'
    return [
      step(joins ? 'member.propose' : 'governance.propose', member, { choice }),
      ...against.map((each, by) => step(vote, by, { against: each })),
      // A vote more, and a day goes by.
      step(vote, subject, { crossed: true, later: waits }),
      step(joins ? 'member.activate' : 'governance.execute', member),
    ]
  })

const single = oneStep.map((step): readonly Step[] => [step])
const some = fc.oneof({ weight: 12, arbitrary: single }, { weight: 1, arbitrary: course })

/** Departments, how many officers each has, and what they do one after the other. */
export type RoleGraph = {
  readonly members: number
  readonly officers: readonly number[]
  readonly steps: readonly Step[]
}

/** Random role graphs. */
export const graph: fc.Arbitrary<RoleGraph> = fc.record({
  members: fc.integer({ min: 1, max: 5 }),
  officers: fc.array(fc.nat(4), { minLength: 5, maxLength: 5 }),
  steps: fc
    .array(some, { minLength: 50, maxLength: 80, size: 'max' })
    .map((parts): readonly Step[] => parts.flat()),
})
