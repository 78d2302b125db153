// Deeds of a scenario that are one command each: what is sent, and by whom.
import type { Deed, Step } from '#blueprint/grammar'
import { parseSpan } from '#blueprint/time'
import type { Body } from './world.ts'
import { wordHash } from './world.ts'

/** Members who can send a deed: the one that a step names, the host, whoever records, the lead. */
export type Senders = {
  readonly own: string | null
  readonly host: string
  readonly recorder: string
  readonly lead: string
  /** An article on which a power rests. */
  readonly law: string
}

export type Sent = { readonly member: string; readonly type: string; readonly body: Body }

/** Deeds that are one command each. */
export type Plain = Exclude<Deed, 'act' | 'day' | 'down' | 'file' | 'join' | 'no' | 'supply'>

/** Whether a deed is one command. */
export function isPlain(deed: Deed): deed is Plain {
  return Object.hasOwn(commands, deed)
}

/** The command of a deed. */
export function commandOf(deed: Plain, step: Step, senders: Senders): Sent {
  return commands[deed](step, senders)
}

const note: string = wordHash('note')

function at({ element }: Step): Body {
  return element === undefined ? {} : { element }
}

function spanOf({ span = '' }: Step): Body {
  const parsed = parseSpan(span)
  return parsed === null ? {} : { count: parsed.count, unit: parsed.unit }
}

const commands: { readonly [deed in Plain]: (step: Step, senders: Senders) => Sent } = {
  annul: (step, { own, lead, law }) => ({
    member: own ?? lead,
    type: 'case.annul',
    body: { item: step.item ?? '', law, note },
  }),
  dispute: (step, { own, host }) => ({
    member: own ?? host,
    type: 'case.dispute',
    body: { item: step.item ?? '', ...at(step), field: wordHash('field'), statement: note },
  }),
  extend: (step, { own, recorder }) => ({
    member: own ?? recorder,
    type: 'case.extend',
    body: { act: step.act ?? '', ...at(step), span: spanOf(step) },
  }),
  resume: (step, { own, recorder }) => ({
    member: own ?? recorder,
    type: 'case.resume',
    body: { act: step.act ?? '', ...at(step) },
  }),
  return: (step, { own, recorder }) => ({
    member: own ?? recorder,
    type: 'case.return',
    body: {
      act: step.act ?? '',
      ...at(step),
      items: [...(step.items ?? [])],
      reason: 'wrong',
      note,
    },
  }),
  revoke: ({ item = '' }, { host }) => ({
    member: host,
    type: 'case.revoke',
    body: { item, approval: note },
  }),
  supplement: ({ items = [] }, { own, lead }) => ({
    member: own ?? lead,
    type: 'case.supplement',
    body: { items: [...items], note },
  }),
  suspend: (step, { own, recorder }) => ({
    member: own ?? recorder,
    type: 'case.suspend',
    body: { act: step.act ?? '', ...at(step), ground: step.code ?? '' },
  }),
  withdraw: ({ party = '' }, { host }) => ({
    member: host,
    type: 'case.withdraw',
    body: { party, approval: note },
  }),
}
