// Subjects and objects: who a party is and how anybody knows, who may act for whom, what nobody may
// find out from who acts, and what keeps an object from being given away twice or over a seal.
import type { Act, Blueprint, EvidenceType, Fault, Field, Party } from '#blueprint/grammar'
import { fieldOf, isKind, isSubject, listOf } from '#blueprint/grammar'
import { fault } from './faults.ts'
import type { Draft } from './graph.ts'
import { ancestorsOf, byName, fieldOfPath, itemOfPath } from './graph.ts'
import { isByMember } from './law.ts'
import { elseOf, isOutside } from './names.ts'

/** Everything that is wrong about parties, consent, mandates, claims and guards. */
export function subjectFaults(draft: Draft): readonly Fault[] {
  const { blueprint, graph } = draft
  const parties = byName(Object.keys(blueprint.parties))
  return [
    ...roleFaults(blueprint),
    ...filingFaults(draft),
    ...parties.flatMap((name) => bindingFaults(draft, name)),
    ...parties.flatMap((name) => mandateFaults(draft, name)),
    ...pairFaults(blueprint),
    ...graph.acts.flatMap((name) => actFaults(draft, name)),
    ...graph.acts.flatMap((name) => moveFaults(draft, name)),
    ...byName(Object.keys(blueprint.claims ?? {})).flatMap((name) => claimFaults(draft, name)),
  ]
}

function partyOf({ parties }: Blueprint, name: string): Party {
  return parties[name] as Party
}

// Who publishes and who claims is a member; who names a thing files; who stands in for a register
// is a person.
function roleFaults(blueprint: Blueprint): Fault[] {
  const { lead, objects = {}, claims = {}, evidence } = blueprint
  const members: readonly (readonly [string, string])[] = [
    ['lead', lead],
    ...byName(Object.keys(claims)).map((name): readonly [string, string] => [
      `claims.${name}.by`,
      claims[name]?.by ?? '',
    ]),
  ]
  const naming = byName(Object.keys(objects)).filter(
    (name) => partyOf(blueprint, objects[name]?.by ?? '').files !== true,
  )
  return [
    ...members
      .filter(([, name]) => partyOf(blueprint, name).member === undefined)
      .map(([path, name]) => fault('check/not-a-member', path, name)),
    ...naming.map((name) => fault('check/not-a-subject', `objects.${name}.by`, objects[name]?.by)),
    ...byName(Object.keys(evidence)).flatMap((item) => {
      const { from, else: other } = evidence[item] as Blueprint['evidence'][string]
      const { kind, by } = elseOf(other)
      if (by === undefined) return []
      const place = `evidence.${item}.else`
      if (from === undefined || isSubject(partyOf(blueprint, from))) {
        return [fault('check/else-without-register', place, item)]
      }
      if (isSubject(partyOf(blueprint, by))) return []
      return [fault('check/not-a-subject', `${place}.${kind}.by`, by)]
    }),
  ]
}

function filingFaults({ blueprint }: Draft): Fault[] {
  const { parties, objects = {}, evidence } = blueprint
  const names = byName(Object.keys(parties))
  const filing = names.filter((name) => partyOf(blueprint, name).files === true)
  const found = filing
    .filter((name) => partyOf(blueprint, name).identified === undefined)
    .map((name) => fault('check/not-identified', `parties.${name}`, name))
  if (filing.length === 0) found.push(fault('check/nobody-files', 'parties'))
  for (const item of byName(Object.keys(evidence))) {
    const { about, from, key } = evidence[item] as Blueprint['evidence'][string]
    const subject = objects[about]?.by ?? about
    const party = parties[subject]
    const asked = from !== undefined && key !== undefined
    if (asked && party !== undefined && isSubject(party) && party.files !== true) {
      found.push(fault('check/asked-before-filing', `evidence.${item}.about`, subject))
    }
  }
  return found
}

/** The field from which a party is bound. */
function bindingField({ blueprint, types }: Draft, of: string): Field | undefined {
  const type = types.get(blueprint.evidence[itemOfPath(of)]?.type ?? '')
  return type === undefined ? undefined : fieldOf(type, fieldOfPath(of))
}

function bindingFaults(draft: Draft, name: string): Fault[] {
  const party = partyOf(draft.blueprint, name)
  if (party.of === undefined) return []
  const place = `parties.${name}`
  const field = bindingField(draft, party.of)
  if (field === undefined) return []
  const fitting = isSubject(party)
    ? field.is === 'holder' || isKind(party, field.is as 'firm' | 'person')
    : field.is === 'member'
  const found = fitting ? [] : [fault('check/not-bindable', `${place}.of`, party.of)]
  if (party.all === true && field.many === undefined) {
    found.push(fault('check/all-of-one', `${place}.all`, party.of))
  }
  return found
}

/** The fields without which a mandate is none, and those that a bound needs. */
const mandateFields = {
  always: ['acts', 'agent', 'principal', 'until'],
  price: 'floor',
  payee: 'payee',
}

function mandateFaults(draft: Draft, name: string): Fault[] {
  const { blueprint, types } = draft
  const { mandate } = partyOf(blueprint, name)
  if (mandate === undefined) return []
  const place = `parties.${name}.mandate`
  const item = blueprint.evidence[mandate.item]
  const type = types.get(item?.type ?? '')
  const bad = (at: string, detail: string): Fault =>
    fault('check/bad-mandate', `${place}.${at}`, detail)
  if (type === undefined) return []
  const found: Fault[] = []
  const wanted = [
    ...mandateFields.always,
    ...(mandate.price === undefined ? [] : [mandateFields.price]),
    ...(mandate.payee === undefined ? [] : [mandateFields.payee]),
    ...(mandate.object === undefined
      ? []
      : Object.keys(blueprint.objects?.[mandate.object]?.key ?? {})),
  ]
  const missing = wanted.filter((field) => fieldOf(type, field) === undefined)
  if (missing.length > 0) found.push(bad('item', missing.join(', ')))
  if (item?.about !== name) found.push(bad('item', item?.about ?? ''))
  // Whoever profits from a mandate must not be its source.
  const source = blueprint.parties[item?.from ?? '']
  if (source === undefined || isSubject(source)) found.push(bad('item', item?.from ?? ''))
  const strange = mandate.acts.findIndex((act) => !listOf(blueprint.acts[act]?.by).includes(name))
  if (strange >= 0) found.push(bad(`acts.${strange}`, mandate.acts[strange] as string))
  const price = mandate.price === undefined ? 'fen' : bindingField(draft, mandate.price)?.is
  if (price !== 'fen') found.push(bad('price', mandate.price ?? ''))
  // An agent who may agree to a price must not be able to name the account.
  const priced = mandate.acts.some((act) =>
    listOf(blueprint.acts[act]?.gives).some((given) =>
      hasMoney(types.get(blueprint.evidence[given]?.type ?? '')),
    ),
  )
  if (priced && mandate.price === undefined) found.push(bad('price', 'price'))
  if (priced && mandate.payee === undefined) found.push(bad('payee', 'payee'))
  return found
}

function hasMoney(type: EvidenceType | undefined): boolean {
  return type?.fields.some(({ is }) => is === 'fen') === true
}

function pairFaults(blueprint: Blueprint): Fault[] {
  return (blueprint.alike ?? []).flatMap((pair, at) => {
    const two = pair.length === 2 && pair.every((name) => isSubject(partyOf(blueprint, name)))
    return two ? [] : [fault('check/bad-pair', `alike.${at}`, pair.join(', '))]
  })
}

function actFaults(draft: Draft, name: string): Fault[] {
  const { blueprint } = draft
  const act = blueprint.acts[name] as Act
  const place = `acts.${name}`
  const found: Fault[] = []
  const persons = listOf(act.by).filter((each) => isSubject(partyOf(blueprint, each)))
  if (persons.length > 0 && act.where === undefined) {
    found.push(fault('check/no-place', place, persons.join(', ')))
  }
  if (act.through !== undefined && partyOf(blueprint, act.through).member === undefined) {
    found.push(fault('check/through-nobody', `${place}.through`, act.through))
  }
  const shown = listOf(act.by).find((each) => shows(draft, each))
  if (shown !== undefined && act.through === undefined) {
    found.push(fault('check/shows-party', `${place}.by`, shown))
  }
  if (act.final !== undefined && act.final !== true) {
    const { refunds } = act.final
    if (isSubject(partyOf(blueprint, refunds))) {
      found.push(fault('check/not-a-member', `${place}.final.refunds`, refunds))
    }
  }
  return [...found, ...paperFaults(draft, act, place), ...groundFaults(draft, name, place)]
}

// Who of a class of members acts says what the field says from which he is bound. About an
// organisation that is no secret of a person's; about anything else it is.
function shows(draft: Draft, name: string): boolean {
  const { blueprint, types } = draft
  const party = partyOf(blueprint, name)
  if (party.of === undefined || isSubject(party)) return false
  const type = types.get(blueprint.evidence[itemOfPath(party.of)]?.type ?? '')
  if (type === undefined || type.about === 'organisation' || type.about === 'measure') return false
  return fieldOf(type, fieldOfPath(party.of))?.class !== 'public'
}

function paperFaults({ blueprint, types }: Draft, act: Act, place: string): Fault[] {
  const paper = listOf(act.gives).filter(
    (item) => types.get(blueprint.evidence[item]?.type ?? '')?.form === 'paper',
  )
  const atCounter = act.where === 'counter' || isByMember(blueprint, act)
  return paper.length === 0 || atCounter
    ? []
    : [fault('check/paper-online', `${place}.where`, paper.join(', '))]
}

// Departments share by duty. Whoever else reads about somebody needs an article or a live consent.
function groundFaults({ blueprint, graph }: Draft, name: string, place: string): Fault[] {
  const act = blueprint.acts[name] as Act
  const found: Fault[] = []
  if (act.consent !== undefined) found.push(...consentFaults(blueprint, graph.givers, act, place))
  const outside = listOf(act.by).filter((each) => isOutside(blueprint, each))
  if (outside.length === 0 || act.consent !== undefined || act.law !== undefined) return found
  const reads = (graph.reads.get(name) ?? []).find(({ item }) => isAboutSubject(blueprint, item))
  return reads === undefined ? found : [...found, fault('check/no-ground', place, reads.item)]
}

function consentFaults(
  blueprint: Blueprint,
  givers: Draft['graph']['givers'],
  act: Act,
  place: string,
): Fault[] {
  const item = act.consent ?? ''
  const signed = (givers.get(item) ?? []).some((giver) => {
    const { by, does } = blueprint.acts[giver] as Act
    return does === 'sign' && listOf(by).every((each) => isSubject(partyOf(blueprint, each)))
  })
  return signed ? [] : [fault('check/not-a-consent', `${place}.consent`, item)]
}

function isAboutSubject({ evidence, parties, objects = {} }: Blueprint, item: string): boolean {
  const about = evidence[item]?.about ?? item
  const party = parties[about]
  if (party !== undefined) return isSubject(party)
  const owner = parties[objects[about]?.by ?? '']
  return owner !== undefined && isKind(owner, 'person')
}

/** What an act that gives one item in the place of another must have read, claimed and be. */
function moveFaults(draft: Draft, name: string): Fault[] {
  const { blueprint, types } = draft
  const act = blueprint.acts[name] as Act
  const place = `acts.${name}`
  return listOf(act.gives).flatMap((item) => {
    const evidence = blueprint.evidence[item] as Blueprint['evidence'][string]
    const type = types.get(evidence.type)
    if (type === undefined) return []
    const found: Fault[] = []
    if (type.certificate === true) {
      if (act.does !== 'decide' && act.does !== 'issue') {
        found.push(fault('check/certificate-without-power', place, item))
      }
      if (act.final === undefined) found.push(fault('check/issue-not-final', place, item))
    }
    const { supersedes } = evidence
    if (supersedes === undefined) return found
    return [...found, ...supersedeFaults(draft, { name, item, supersedes, type })]
  })
}

type Move = {
  readonly name: string
  readonly item: string
  readonly supersedes: string
  readonly type: EvidenceType
}

function supersedeFaults(draft: Draft, { name, item, supersedes, type }: Move): Fault[] {
  const { blueprint, graph } = draft
  const { evidence, objects = {}, claims = {} } = blueprint
  const own = evidence[item] as Blueprint['evidence'][string]
  const old = evidence[supersedes] as Blueprint['evidence'][string]
  if (own.type !== old.type || own.about !== old.about) {
    return [fault('check/bad-supersede', `evidence.${item}.supersedes`, supersedes)]
  }
  const found: Fault[] = []
  if (Object.hasOwn(objects, own.about) && !Object.hasOwn(claims, own.about)) {
    found.push(fault('check/no-claim', `acts.${name}`, own.about))
  }
  const read = (graph.reads.get(name) ?? []).find((each) => each.item === supersedes)
  const guarded = byName(
    Object.values(type.guards ?? {}).flatMap(({ holds }) => fieldsIn(type, holds)),
  )
  const unread = guarded.filter((field) => read?.fields?.includes(field) === false)
  if (guarded.length > 0 && (read === undefined || unread.length > 0)) {
    const missing = read === undefined ? guarded : unread
    found.push(
      fault(
        'check/guard-unread',
        `acts.${name}.reads`,
        missing.map((field) => `${supersedes}.${field}`).join(', '),
      ),
    )
  } else if (guarded.length > 0 && read?.fresh?.count !== 0) {
    found.push(fault('check/guard-not-fresh', `acts.${name}.reads.${read?.at ?? 0}`, supersedes))
  }
  return found
}

/** The fields of a type that an expression over them uses. */
export function fieldsIn(type: EvidenceType, text: string): readonly string[] {
  const words: readonly string[] = text.match(/[A-Za-z][A-Za-z0-9]*/g) ?? []
  return type.fields.map(({ id }) => id).filter((id) => words.includes(id))
}

function claimFaults({ blueprint, graph }: Draft, object: string): Fault[] {
  const { claims = {}, evidence, acts } = blueprint
  const { by, at } = claims[object] as NonNullable<Blueprint['claims']>[string]
  const place = `claims.${object}`
  const knows = Object.values(evidence).some(({ about, from }) => about === object && from === by)
  const found = knows ? [] : [fault('check/claim-without-register', `${place}.by`, by)]
  const early = graph.acts.filter((name) => {
    if (acts[name]?.final === undefined || name === at) return false
    return !ancestorsOf(graph, name).has(at)
  })
  return early.length === 0
    ? found
    : [...found, fault('check/claim-too-late', `${place}.at`, early.join(', '))]
}
