// How applications come into force. A publication is judged by every node: it passes the check,
// its scenarios end as they say, and every member that it gives work to agrees. Cases are pinned
// to one.
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Refusal } from '#ledger/command'
import type { CommandType, Context, Domain, View } from '#ledger/apply'
import type { Blueprint, Publication, TypeBook } from '#blueprint/grammar'
import { hashOf } from '#blueprint/grammar'
import { checkPublication } from '#blueprint/check'
import type { YearCalendar } from '#blueprint/time'
import { dayOfInstant, decodeCalendar } from '#blueprint/time'
import { accredited, isOfClass } from '#domains/members'
import type { CalendarRecord } from './compile.ts'
import { b32, commandType, no, processesCodes } from './records.ts'
import { clockTypes } from './clock.ts'
import { blueprintOf, documentText, publicationOf, typesOf } from './compile.ts'
import type { BlueprintRecord, BlueprintTexts } from './records.ts'
import { blueprintKey, calendarKey, readRecord, textsKey, write } from './records.ts'
import { deedTypes } from './deeds.ts'
import { peopleTypes } from './people.ts'
import { playScenarios, scenariosOf } from './play.ts'
import { turnTypes } from './turns.ts'

type PublishBody = {
  readonly publication: string
  readonly scenarios: string
  readonly types: readonly string[]
}

const publish = commandType<PublishBody>({
  name: 'blueprint.publish',
  body: {
    fields: { publication: b32, scenarios: b32, types: { k: 'list', of: b32, min: 1, max: 60 } },
  },
  budget: 'publishing',
  documents: ({ publication, scenarios, types }) => [publication, scenarios, ...types],
  decide: ({ view, body, context }) => {
    if (view.get(blueprintKey(body.publication)) !== undefined) {
      return no('processes/already-published')
    }
    const publication = publicationOf(documentText(view.document(body.publication)))
    if (publication === null) return no('processes/bad-blueprint', 'body.publication')
    const { blueprint } = publication
    if (blueprint.parties[blueprint.lead]?.member !== context.member) {
      return no('processes/not-party')
    }
    const types = namedTypes(view, publication, body)
    if (types === null) return no('processes/bad-document', 'body.types')
    const refusal = judged(view, context, { publication, types, body })
    if (refusal !== null) return refusal
    const parties = fixedMembers(blueprint)
    const agreed = [context.member]
    const isActive = parties.every((code) => agreed.includes(code))
    const record: BlueprintRecord = {
      by: context.member,
      at: context.time,
      state: isActive ? 'active' : 'proposed',
      parties,
      agreed,
    }
    return [
      write(blueprintKey(body.publication), record),
      write(textsKey(body.publication), textsOf(view, body)),
    ]
  },
})

/** The types that a publication names, exactly these and by their hashes; or null. */
function namedTypes(view: View, publication: Publication, body: PublishBody): TypeBook | null {
  const named = Object.values(publication.types)
  const isExact = named.length === body.types.length && named.every((h) => body.types.includes(h))
  if (!isExact || publication.scenarios !== body.scenarios) return null
  const types = typesOf(body.types.map((hash) => documentText(view.document(hash))))
  if (types === null) return null
  const fits = Object.entries(publication.types).every(([type, hash]) => {
    const found = types.get(type)
    return found !== undefined && hashOf(found) === hash
  })
  return fits ? types : null
}

function judged(
  view: View,
  context: Context,
  of: { readonly publication: Publication; readonly types: TypeBook; readonly body: PublishBody },
): Refusal | null {
  const { publication, types, body } = of
  const scenarios = scenariosOf(documentText(view.document(body.scenarios)))
  if (scenarios === null) return no('processes/bad-document', 'body.scenarios')
  const day = dayOfInstant(context.time)
  const { blueprint } = publication
  const { faults } = checkPublication({ blueprint, types, scenarios, day })
  if (faults.length > 0) return no('processes/bad-blueprint', 'body.publication')
  return playScenarios({
    hash: body.publication,
    publication,
    types,
    texts: textsOf(view, body),
    scenarios,
    commands: caseTypes,
    base: view,
  })
}

/** The members that a blueprint gives work to by name, each once, in order. */
function fixedMembers({ parties }: Blueprint): readonly string[] {
  const members = Object.values(parties).flatMap((party) =>
    party.member === undefined ? [] : [party.member],
  )
  return [...new Set(members)].sort((a, b) => (a < b ? -1 : 1))
}

function textsOf(view: View, body: PublishBody): BlueprintTexts {
  const text = (hash: string): string => base64urlEncode(view.document(hash) ?? new Uint8Array())
  return { publication: text(body.publication), types: body.types.map(text) }
}

type BlueprintBody = { readonly blueprint: string }

const agree = commandType<BlueprintBody>({
  name: 'blueprint.agree',
  body: { fields: { blueprint: b32 } },
  budget: 'publishing',
  decide: ({ view, body, context }) => {
    const record = readRecord<BlueprintRecord>(view, blueprintKey(body.blueprint))
    if (record === undefined) return no('processes/unknown-blueprint')
    if (record.state === 'retired') return no('processes/not-active')
    if (!isParty(view, record, { hash: body.blueprint, context })) return no('processes/not-party')
    if (record.agreed.includes(context.member)) return no('processes/already-agreed')
    const agreed = [...record.agreed, context.member].sort((a, b) => (a < b ? -1 : 1))
    const isWhole = record.parties.every((code) => agreed.includes(code))
    const state = isWhole ? 'active' : 'proposed'
    return [write(blueprintKey(body.blueprint), { ...record, agreed, state })]
  },
})

/** Whether a member is named, or of a class of which any member may be named by evidence. */
function isParty(
  view: View,
  record: BlueprintRecord,
  { hash, context }: { readonly hash: string; readonly context: Context },
): boolean {
  const { member, time } = context
  if (record.parties.includes(member)) return true
  const parties = Object.values(blueprintOf(view, hash)?.blueprint.parties ?? {})
  return parties.some(({ class: of }) => of !== undefined && isOfClass(view, member, of, time))
}

const retire = commandType<BlueprintBody>({
  name: 'blueprint.retire',
  body: { fields: { blueprint: b32 } },
  budget: 'publishing',
  decide: ({ view, body, context }) => {
    const record = readRecord<BlueprintRecord>(view, blueprintKey(body.blueprint))
    if (record === undefined) return no('processes/unknown-blueprint')
    if (record.by !== context.member) return no('processes/not-party')
    if (record.state === 'retired') return no('processes/not-active')
    // Cases that run go on under the version to which they are pinned.
    return [write(blueprintKey(body.blueprint), { ...record, state: 'retired' })]
  },
})

const calendar = commandType<{ readonly document: string }>({
  name: 'calendar.publish',
  body: { fields: { document: b32 } },
  budget: 'publishing',
  documents: ({ document }) => [document],
  decide: ({ view, body, context }) => {
    if (!accredited(view, context.member, 'calendar', context.time))
      return no('processes/not-party')
    const text = documentText(view.document(body.document))
    const year = decodeCalendar(text ?? '')
    if (text === null || Array.isArray(year)) return no('processes/bad-calendar')
    const { calendar: called, year: first } = year as YearCalendar
    const before = readRecord<CalendarRecord>(view, calendarKey)
    const known: CalendarRecord = before ?? { name: called, first, years: [], texts: [] }
    const place = first - known.first
    if (known.name !== called || place < 0 || place > known.years.length) {
      return no('processes/bad-calendar')
    }
    if (known.years.includes(body.document)) return no('processes/already-published')
    // A notice takes the place of a year that was only practised with, or of an earlier notice.
    const put = (list: readonly string[], each: string): readonly string[] => [
      ...list.slice(0, place),
      each,
      ...list.slice(place + 1),
    ]
    return [
      write(calendarKey, {
        ...known,
        years: put(known.years, body.document),
        texts: put(known.texts, base64urlEncode(utf8Encode(text))),
      }),
    ]
  },
})

const publishTypes: readonly CommandType[] = [publish, agree, retire, calendar]

// Also those with which scenarios are played.
const caseTypes: readonly CommandType[] = [
  ...peopleTypes,
  ...deedTypes,
  ...turnTypes,
  ...clockTypes,
]

/** The domain: applications and their cases. */
export const processes: Domain = {
  name: 'processes',
  types: [...publishTypes, ...caseTypes],
  codes: processesCodes,
}
