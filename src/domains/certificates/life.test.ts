// The life of a certificate as the ledger decides it: who may, in which order, and what follows for
// every past moment. The random test holds the domain to a model of a few lines.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasMark, members, practiceGenesis } from '#domains/members'
import { World, ecKey, founders, idOf } from '#test/domain-world'
import { certificates } from './commands.ts'
import type { Status, Step } from './lifecycle.ts'
import { certificatesCodes, certificateTable } from './lifecycle.ts'
import type { CertificateRecord } from './records.ts'
import { certificateOf, disputedSince, freeIndex, handleOfDigest } from './records.ts'
import { isIndexUsed, lastStatus, statusAt, statusBytes, statusesBetween } from './records.ts'

const type = 'real-estate-title'

/** A city in which `land` may issue titles. */
function city(officers: { readonly [code: string]: readonly string[] } = {}): World {
  const params = practiceGenesis(founders(['land', 'tax', 'court'], officers))
  const world = new World(params, [members, certificates])
  world.state.set(`members/accreditation/land/${type}`, {
    member: 'land',
    type,
    intervals: [{ from: world.time, until: world.time + 1e12, by: 'governance', height: 1 }],
  })
  return world
}

const digestOf = (seed: string): string => ecKey(`digest/${seed}`).kid

function body(seed: string, more: object = {}): { readonly [name: string]: never } {
  const index = seed.charCodeAt(0)
  const base = { handle: idOf(seed), type, digest: digestOf(seed), case: digestOf(`case/${seed}`) }
  return { ...base, list: 0, index, ...more } as never
}

const hold = { handle: idOf('a'), ground: 'reported-lost' }
const suspend = { handle: idOf('a'), ground: 'court-order' }
const resume = { handle: idOf('a'), ground: 'cleared' }
const revoke = { handle: idOf('a'), ground: 'issued-in-error' }

test('an accredited member issues a certificate, and it is valid from that block on', () => {
  const world = city()
  world.given('land', 'certificate.issue', body('a'))
  const record = certificateOf(world, idOf('a'))
  assert.equal(record?.issuer, 'land')
  assert.equal(record.issuedAt, world.time)
  assert.equal(statusAt(record, world.time - 1), 'none')
  assert.equal(statusAt(record, world.time), 'valid')
  assert.equal(handleOfDigest(world, digestOf('a')), idOf('a'))
  assert.equal(isIndexUsed(world, { issuer: 'land', list: 0, index: 97 }), true)
  assert.equal(isIndexUsed(world, { issuer: 'land', list: 0, index: 98 }), false)
})

test('nobody issues what it is not accredited for, before or after its time', () => {
  const world = city()
  const unable = world.when('tax', 'certificate.issue', body('a'))
  assert.deepEqual(unable, { code: 'certificates/not-accredited', at: 'body.type' })
  const other = world.when('land', 'certificate.issue', body('a', { type: 'deed' }))
  assert.equal(other.code, 'certificates/not-accredited')
  world.next(1e12 + 1)
  assert.equal(
    world.when('land', 'certificate.issue', body('a')).code,
    'certificates/not-accredited',
  )
})

test('handle, digest and place in a list are given once', () => {
  const world = city()
  world.given('land', 'certificate.issue', body('a'))
  const when = (more: object): string =>
    world.when('land', 'certificate.issue', body('b', more)).code
  assert.equal(when({ handle: idOf('a') }), 'certificates/handle-known')
  assert.equal(when({ digest: digestOf('a') }), 'certificates/digest-known')
  assert.equal(when({ index: 97 }), 'certificates/index-used')
  assert.equal(when({ until: world.time }), 'certificates/bad-interval')
  assert.equal(when({ index: 97, list: 1 }), 'ok')
})

test('a suspended certificate is resumed, a revoked one is not', () => {
  const world = city()
  world.given('land', 'certificate.issue', body('a'))
  world.next().given('land', 'certificate.hold', hold)
  world.next().given('land', 'certificate.suspend', suspend)
  assert.equal(world.when('land', 'certificate.hold', hold).code, 'certificates/already-suspended')
  world.next().given('land', 'certificate.resume', resume)
  assert.equal(world.when('land', 'certificate.resume', resume).code, 'certificates/not-suspended')
  world.next().given('land', 'certificate.revoke', revoke)
  for (const [step, change] of [
    ['hold', hold],
    ['suspend', suspend],
    ['resume', resume],
    ['revoke', revoke],
  ] as const) {
    const answer = world.when('land', `certificate.${step}`, change)
    assert.equal(answer.code, 'certificates/already-revoked', step)
  }
})

test('only the issuer, or who took over from it, changes a certificate', () => {
  const world = city()
  world.given('land', 'certificate.issue', body('a'))
  assert.equal(world.when('court', 'certificate.revoke', revoke).code, 'certificates/not-issuer')
  const land = world.get('members/member/land') as object
  const left = { ...land, state: 'left', endedAt: world.time, succeededBy: 'court' }
  world.state.set('members/member/land', left)
  world.next().given('court', 'certificate.revoke', revoke)
  assert.equal(lastStatus(certificateOf(world, idOf('a'))), 'revoked')
})

test('a certificate is superseded by one that stands, and never to get around a suspension', () => {
  const world = city()
  world.given('land', 'certificate.issue', body('a'))
  const supersede = (by: string): string =>
    world.when('land', 'certificate.supersede', {
      handle: idOf('a'),
      ground: 'transferred',
      by: idOf(by),
    }).code
  assert.equal(supersede('b'), 'certificates/bad-successor')
  assert.equal(supersede('a'), 'certificates/bad-successor')
  world.given('land', 'certificate.issue', body('b'))
  world.given('land', 'certificate.suspend', suspend)
  assert.equal(supersede('b'), 'certificates/is-suspended')
  world.given('land', 'certificate.resume', resume)
  assert.equal(supersede('b'), 'ok')
  assert.equal(supersede('b'), 'certificates/already-superseded')
  assert.equal(certificateOf(world, idOf('a'))?.changes.at(-1)?.by, idOf('b'))
})

test('a department with officers issues and ends nothing without one of its own', () => {
  const world = city({ land: ['li', 'wang'], tax: ['zhao'] })
  const issue = (officers: readonly string[]): string =>
    world.when('land', 'certificate.issue', body('a'), officers).code
  assert.equal(issue([]), 'certificates/officers-required')
  assert.equal(issue(['zhao']), 'certificates/foreign-approval')
  assert.equal(issue(['li', 'li']), 'certificates/same-officer')
  assert.equal(issue(['li']), 'ok')
  assert.equal(
    world.when('land', 'certificate.revoke', revoke).code,
    'certificates/officers-required',
  )
})

test('an expired certificate is not halted, and can still be ended', () => {
  const world = city()
  world.given('land', 'certificate.issue', body('a', { until: world.time + 5_000 }))
  world.next(5_000)
  const record = certificateOf(world, idOf('a'))
  assert.equal(statusAt(record, world.time - 1), 'valid')
  assert.equal(statusAt(record, world.time), 'expired')
  assert.equal(world.when('land', 'certificate.hold', hold).code, 'certificates/has-expired')
  assert.equal(world.when('land', 'certificate.revoke', revoke).code, 'ok')
  assert.equal(statusAt(certificateOf(world, idOf('a')), world.time), 'revoked')
})

test('a dispute is shown until who filed it settles it, and changes no status', () => {
  const world = city()
  world.given('land', 'certificate.issue', body('a'))
  const dispute = { handle: idOf('a'), matter: digestOf('objection') }
  const settled = { handle: idOf('a'), result: 'rejected' }
  const when = (member: string, type: string, asked: object): string =>
    world.when(member, `certificate.${type}`, asked as never).code
  assert.equal(when('tax', 'settle', settled), 'certificates/not-disputed')
  const since = world.next().time
  assert.equal(when('tax', 'dispute', dispute), 'ok')
  assert.equal(when('tax', 'dispute', dispute), 'certificates/already-disputed')
  assert.equal(world.next() && when('court', 'dispute', dispute), 'ok')
  const record = (): CertificateRecord => certificateOf(world, idOf('a')) as CertificateRecord
  assert.equal(disputedSince(record()), since)
  assert.equal(hasMark(world, { handle: idOf('a'), kind: 'disputed', by: 'tax' }), true)
  assert.equal(lastStatus(record()), 'valid')
  assert.equal(when('land', 'settle', settled), 'certificates/not-disputed')
  assert.equal(when('tax', 'settle', settled), 'ok')
  assert.equal(hasMark(world, { handle: idOf('a'), kind: 'disputed', by: 'tax' }), false)
  assert.equal(disputedSince(record()), world.time)
  assert.equal(when('court', 'settle', settled), 'ok')
  assert.equal(disputedSince(record()), undefined)
  assert.equal(record().disputes.length, 2)
})

test('what a court has frozen is not replaced', () => {
  const world = city()
  world.given('land', 'certificate.issue', body('a'))
  world.given('land', 'certificate.issue', body('b'))
  world.given('court', 'mark.set', { handle: idOf('a'), kind: 'frozen' })
  const supersede = { handle: idOf('a'), ground: 'transferred', by: idOf('b') }
  assert.equal(
    world.when('land', 'certificate.supersede', supersede).code,
    'certificates/is-frozen',
  )
  world.given('court', 'mark.clear', { handle: idOf('a'), kind: 'frozen' })
  world.given('land', 'certificate.supersede', supersede)
})

test('a history that is full leaves room for the end', () => {
  const world = city()
  world.given('land', 'certificate.issue', body('a'))
  for (let n = 0; n < 31; n += 1) {
    world.next().given('land', 'certificate.hold', hold)
    world.next().given('land', 'certificate.resume', resume)
  }
  assert.equal(world.when('land', 'certificate.hold', hold).code, 'certificates/history-full')
  world.given('land', 'certificate.revoke', revoke)
})

test('a free index is one that nobody has, and comes from the chance that is given', () => {
  const world = city()
  world.given('land', 'certificate.issue', body('a'))
  const of = { issuer: 'land', list: 0, size: 1_000 }
  const chance = Uint8Array.of(0, 0, 0, 97, 0, 0, 0, 98)
  assert.equal(freeIndex(world, of, chance), 98)
  assert.equal(freeIndex(world, of, chance.subarray(0, 4)), undefined)
})

test('every step is answered in every status, and every code is given by the room', () => {
  const steps: readonly Step[] = ['issue', 'hold', 'suspend', 'resume', 'revoke', 'supersede']
  for (const row of Object.values(certificateTable)) {
    assert.deepEqual(Object.keys(row).toSorted(), steps.toSorted())
    for (const cell of Object.values(row)) {
      if ('refuse' in cell) assert(certificatesCodes.includes(cell.refuse))
    }
  }
})

type Model = { status: Status; readonly spells: { from: number; status: Status }[] }

test('whatever is asked in whatever order, a small model says the same of every moment', () => {
  const step = fc.constantFrom<Step>('issue', 'hold', 'suspend', 'resume', 'revoke', 'supersede')
  const names = fc.constantFrom('a', 'b', 'c')
  const deed = fc.record({ step, name: names, by: names, later: fc.nat(3) })
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 40 }), (deeds) => {
      const world = city()
      const model = new Map<string, Model>()
      const start = world.time
      for (const { step: kind, name, by, later } of deeds) {
        world.next(later * 1_000)
        const known = model.get(name) ?? { status: 'none', spells: [] }
        const cell = certificateTable[known.status][kind]
        const stands = model.get(by)?.status === 'valid' && by !== name
        const taken = 'to' in cell && (kind !== 'supersede' || stands)
        const asked =
          kind === 'issue'
            ? body(name)
            : {
                handle: idOf(name),
                ground: groundOf(kind),
                ...(kind === 'supersede' ? { by: idOf(by) } : {}),
              }
        assert.equal(world.when('land', `certificate.${kind}`, asked).code === 'ok', taken)
        if (!taken || !('to' in cell)) continue
        known.status = cell.to
        known.spells.push({ from: world.time, status: cell.to })
        model.set(name, known)
      }
      for (const [name, { status, spells }] of model) {
        const record = certificateOf(world, idOf(name))
        assert.equal(lastStatus(record), status)
        for (let at = start - 500; at <= world.time + 500; at += 500) {
          const then = spells.filter(({ from }) => from <= at).at(-1)?.status ?? 'none'
          assert.equal(statusAt(record, at), then)
        }
        const bits = statusBytes(world, { issuer: 'land', list: 0, size: 256 })
        const index = name.charCodeAt(0)
        const read = ((bits[index >> 2] ?? 0) >> (2 * (index & 3))) & 3
        const halted = status === 'held' || status === 'suspended'
        assert.equal(read, status === 'valid' ? 0 : halted ? 2 : 1)
      }
    }),
    { numRuns: 60 },
  )
})

function groundOf(step: Step): string {
  const given: { readonly [step: string]: string } = {
    hold: 'reported-lost',
    suspend: 'by-law',
    resume: 'cleared',
    revoke: 'by-law',
    supersede: 'corrected',
  }
  return given[step] ?? ''
}

test('a day is answered with every status that it saw', () => {
  const world = city()
  const day = world.time
  world.given('land', 'certificate.issue', body('a', { until: day + 100_000 }))
  world.next(10_000).given('land', 'certificate.suspend', suspend)
  world.next(10_000).given('land', 'certificate.resume', resume)
  const record = certificateOf(world, idOf('a'))
  assert.deepEqual(statusesBetween(record, day + 1, day + 9_000), [
    { status: 'valid', from: day + 1 },
  ])
  assert.deepEqual(
    statusesBetween(record, day - 5, day + 200_000).map(({ status }) => status),
    ['none', 'valid', 'suspended', 'valid', 'expired'],
  )
})
