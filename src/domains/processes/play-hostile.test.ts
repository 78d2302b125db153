// Whatever stories somebody publishes, playing them ends with a yes or a place and never stops a
// node. Shipped scenarios are torn and mended at random; those that the check lets through are
// published.
import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import fc from 'fast-check'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { isSafeJson } from '#base/canonical'
import type { Scenario, Step } from '#blueprint/grammar'
import { decodeScenario, identityOf, isDecoded, publicationText } from '#blueprint/grammar'
import { publish, textOf } from '#blueprint/grammar'
import { processes } from '#domains/processes'
import type { Untrue } from '#domains/scenarios'
import { firstUntrue } from '#domains/scenarios'
import { applications, shippedFolder, shippedTypes } from '#test/blueprints'
import { kernelOf } from './play.ts'

const types = shippedTypes()
const runs = Number(process.env['LIANBAN_STORIES'] ?? 40)

const stages = applications.map((application) => {
  const { blueprint, scenarios } = shippedFolder(application)
  const publication = publish(blueprint, types, [])
  assert('blueprint' in publication)
  const packed = (text: string): string => base64urlEncode(utf8Encode(text))
  const named = Object.keys(publication.types).flatMap((name) => types.get(name) ?? [])
  const kernel = kernelOf({
    hash: identityOf(publication),
    publication,
    types,
    texts: {
      publication: packed(publicationText(publication)),
      types: named.map((type) => packed(textOf(type))),
    },
    scenarios: [],
    commands: processes.types,
    base: { get: () => undefined },
  })
  return { blueprint, scenarios, kernel }
})

const anything: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json[]>(null, true, 0, -1, 2 ** 52, '', 'L1', 'icbc', '2026-03-02'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('fen', 'code', 'name', 'lot', 'constructor'), tie('value'), {
      maxKeys: 4,
    }),
  ),
})).value

type Stage = (typeof stages)[number]

/** A step of any deed over the names that there are. */
function stepOf({ blueprint, scenarios }: Stage): fc.Arbitrary<Step> {
  const of = (names: object): fc.Arbitrary<string> => fc.constantFrom(...Object.keys(names))
  const act = of(blueprint.acts)
  const item = of(blueprint.evidence)
  const party = of(blueprint.parties)
  const who = fc.constantFrom(...scenarios.flatMap(({ players }) => Object.keys(players)))
  const element = fc.constantFrom(0, 1, 7, 999)
  const code = fc.constantFrom('restricted', 'not-eligible', 'below-standard', 'illness')
  const part = (fields: object, optional: object): fc.Arbitrary<Step> =>
    fc.record({ ...fields, ...optional } as never, { requiredKeys: Object.keys(fields) as never })
  const plain = { who, refused: fc.constantFrom('ok', 'judge/guarded', 'processes/not-party') }
  const deed = (name: Step['do']): object => ({ do: fc.constant(name) })
  const things = fc.dictionary(of(blueprint.objects ?? { x: 1 }), fc.dictionary(item, anything))
  return fc.oneof(
    part({ ...deed('act'), act }, { ...plain, value: anything, element, party }),
    part({ ...deed('no'), act, code }, { ...plain, element, party }),
    part({ ...deed('supply'), item, value: anything }, { ...plain, element, party }),
    part({ ...deed('supply'), item, value: anything, last: fc.constant(true) }, plain),
    part({ ...deed('down'), item }, plain),
    part({ ...deed('file'), party }, { ...plain, objects: things }),
    part({ ...deed('join'), party }, { ...plain, objects: things }),
    part({ ...deed('return'), act, items: fc.array(item, { minLength: 1, maxLength: 3 }) }, plain),
    part({ ...deed('dispute'), item, field: fc.constant('beijing') }, { ...plain, element }),
    part({ ...deed('annul'), item }, { ...plain, element }),
    part({ ...deed('revoke'), item }, plain),
    part({ ...deed('withdraw'), party }, plain),
    part({ ...deed('supplement'), items: fc.array(item, { minLength: 1, maxLength: 3 }) }, plain),
    part({ ...deed('suspend'), act, code }, plain),
    part({ ...deed('resume'), act }, plain),
    part({ ...deed('extend'), act, span: fc.constantFrom('5wd', '99999y', '1d') }, plain),
    part({ ...deed('day'), day: fc.constantFrom('2026-03-10', '2026-09-01', '9999-12-31') }, {}),
  )
}

/** A shipped scenario with some of its steps taken out, moved, or put in between. */
const torn = fc.constantFrom(...stages).chain((stage) =>
  fc
    .record({
      scenario: fc.constantFrom(...stage.scenarios),
      cuts: fc.array(fc.nat(30), { maxLength: 3 }),
      moves: fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 3 }),
      adds: fc.array(fc.tuple(fc.nat(30), stepOf(stage)), { maxLength: 8 }),
    })
    .map(({ scenario, cuts, moves, adds }) => {
      const steps = scenario.steps.filter((_, at) => !cuts.includes(at))
      for (const [from, to] of moves) {
        const [step] = steps.splice(from % steps.length, 1)
        if (step !== undefined) steps.splice(to % (steps.length + 1), 0, step)
      }
      for (const [at, step] of adds) steps.splice(at % (steps.length + 1), 0, step)
      return { stage, scenario: { ...scenario, steps } as Scenario }
    }),
)

/** The story with the code at its first untrue step as what it promises; null at its end. */
function mended(scenario: Scenario, { at, found }: Untrue): Scenario | null {
  const step = Number(/^scenarios\.[a-z-]+\.steps\.(\d+)$/.exec(at)?.[1] ?? -1)
  if (step < 0) return null
  const [refused = 'ok'] = found.split(', ')
  const steps = scenario.steps.map((each, index): Step =>
    index === step ? { ...each, refused } : each,
  )
  return { ...scenario, steps }
}

test('playing a story of any kind ends, with a yes or with the place that is untrue', () => {
  let ends = 0
  fc.assert(
    fc.property(torn, ({ stage, scenario }) => {
      fc.pre(isSafeJson(scenario) && isDecoded(decodeScenario(scenario as unknown as Json)))
      // Each answer becomes what the story promises, so that it comes to its end.
      let story: Scenario | null = scenario
      while (story !== null) {
        const found: Untrue | null = firstUntrue(stage.kernel, [story])
        if (found === null) break
        assert.match(found.at, new RegExp(`^scenarios\\.${scenario.id}\\.(steps\\.\\d+|expect\\.)`))
        assert.match(found.found, /^[^\n]*$/)
        story = mended(story, found)
        if (story === null) ends += 1
      }
    }),
    { numRuns: runs },
  )
  assert.ok(ends > 0)
})
