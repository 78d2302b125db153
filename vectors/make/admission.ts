// Cases for ledger/validate: commands whose form is right, under one registry, with the verdict on
// each intent.
import { base64url, bytesOf, flipped } from './material.ts'
import { bank, first, height, ledger, otherUses, registry, tax, time, types } from './registry.ts'
import { commandOf, enveloped, envelopeOf, hash64, keyOf } from './signing.ts'
import type { Key } from './signing.ts'

type Outcome = { readonly code: string; readonly at?: string; readonly member?: string }
type Case = {
  readonly claim: string
  readonly text: string
  /** Verdict on each intent, by position. */
  readonly outcomes: readonly Outcome[]
  /** (member, id) that the window or the block has already. */
  readonly seen?: readonly (readonly [member: string, id: string])[]
  /** Commands of the class that the block has already. */
  readonly spent?: number
  /** Records of the state beside the registry. */
  readonly records?: object
}

const id = (number: number): string => base64url(bytesOf(`admission/id/${number}`, 16))
const act = { case: id(7), act: 'approve.loan', reads: { title: 3, tax: 1 } }
const dayMs = 86_400_000
const hour = Math.floor(time / 3_600_000)

type Wish = {
  readonly ledger?: string
  readonly id?: string
  readonly type?: string
  readonly body?: object
  readonly notAfter?: number
}

function intentOf(wish: Wish = {}): string {
  const { type = 'case.act', body = act, notAfter = time + dayMs } = wish
  return JSON.stringify({
    ledger: wish.ledger ?? ledger,
    id: wish.id ?? id(1),
    type,
    body,
    notAfter,
  })
}

const ok = (member: string): Outcome => ({ code: 'ok', member })
const no = (code: string, at?: string): Outcome =>
  at === undefined ? { code: `validate/${code}` } : { code: `validate/${code}`, at }

const of = (claim: string, wish: Wish, outcome: Outcome, more: Partial<Case> = {}): Case => ({
  claim,
  text: commandOf(tax, intentOf(wish)),
  outcomes: [outcome],
  ...more,
})

const by = (claim: string, key: Key, outcome: Outcome, wish: Wish = {}): Case => ({
  claim,
  text: commandOf(key, intentOf(wish)),
  outcomes: [outcome],
})

export function admissionFile(): object {
  return {
    context: { ledger, height, time },
    types,
    registry,
    cases: [
      ...signers(),
      ...rules(),
      ...ids(),
      ...bodies(),
      ...documents(),
      ...budgets(),
      ...many(),
    ],
  }
}

function signers(): Case[] {
  const [head = '', payload = '', signature = ''] = commandOf(tax, intentOf()).split('.')
  const flip = (at: number): string => base64url(flipped(Buffer.from(signature, 'base64url'), at))
  const foreign = commandOf(bank, intentOf()).split('.')[2]
  const signed = (claim: string, text: string): Case => ({
    claim,
    text,
    outcomes: [no('bad-signature', 'signature')],
  })
  return [
    by('a good command', tax, ok('tax')),
    by('a good command of a participant', bank, ok('bank')),
    by('a key that nobody registered', keyOf('stranger'), no('unknown-key', 'header.kid')),
    ...otherUses.map((use) =>
      by(`a key of use ${use}`, keyOf(use), no('wrong-key-use', 'header.kid')),
    ),
    by('an oversight key', keyOf('oversight'), ok('tax'), { type: 'time.confirm', body: { time } }),
    by('a key registered as RS256', keyOf('rsa'), no('wrong-algorithm', 'header.alg')),
    by('a key before its first height', keyOf('early'), no('key-not-in-force', 'header.kid')),
    by('a key at the end of its heights', keyOf('ended'), no('key-not-in-force', 'header.kid')),
    by('a key at its last height', keyOf('ending'), ok('tax')),
    by('a key of no member', keyOf('orphan'), no('unknown-member')),
    by('a suspended member', keyOf('fund'), no('member-suspended')),
    by('a member that left', keyOf('office'), no('member-left')),
    by('a member that is still to come', keyOf('heat'), no('member-not-in-force')),
    signed('a bit changed in r', `${head}.${payload}.${flip(5)}`),
    signed('a bit changed in s', `${head}.${payload}.${flip(60)}`),
    signed('the signature of another member', `${head}.${payload}.${foreign}`),
    signed('a signature of zeros', `${head}.${payload}.${'A'.repeat(86)}`),
  ]
}

function rules(): Case[] {
  const at = 'intent.notAfter'
  const confirm = { type: 'time.confirm', body: { time } }
  return [
    of('another ledger', { ledger: 'ledger.other.example' }, no('other-ledger', 'intent.ledger')),
    of('an unknown type', { type: 'case.undo' }, no('unknown-type', 'intent.type')),
    by(
      'a type for replicas from a participant',
      bank,
      no('wrong-member-kind', 'intent.type'),
      confirm,
    ),
    of('notAfter one millisecond before the block', { notAfter: time - 1 }, no('expired', at)),
    of('notAfter at the block', { notAfter: time }, ok('tax')),
    of('notAfter seven days after the block', { notAfter: time + 7 * dayMs }, ok('tax')),
    of(
      'notAfter one millisecond more',
      { notAfter: time + 7 * dayMs + 1 },
      no('too-far-ahead', at),
    ),
    {
      claim: 'too few approvals',
      text: approved(1),
      outcomes: [no('approvals-count', 'payload.approvals')],
    },
    { claim: 'enough approvals', text: approved(2), outcomes: [ok('tax')] },
    {
      claim: 'too many approvals',
      text: approved(5),
      outcomes: [no('approvals-count', 'payload.approvals')],
    },
  ]
}

/** Approvals are counted by admission and verified when the command is applied. */
function approved(count: number): string {
  const approval = { kid: first.kid, ad: 'AAAA', cd: 'e30', sig: 'AAAA', shown: hash64('') }
  const intent = intentOf({ type: 'member.rekey', body: { member: 'bank' } })
  return commandOf(tax, intent, JSON.stringify(Array(count).fill(approval)))
}

function ids(): Case[] {
  const seen = [['tax', id(1)]] as const
  const duplicate = no('duplicate', 'intent.id')
  return [
    of('an id that the member has used', {}, duplicate, { seen }),
    of('an id that the member has used, in another intent', { notAfter: time }, duplicate, {
      seen,
    }),
    of('another id', { id: id(2) }, ok('tax'), { seen }),
    { ...by('the same id from another member', bank, ok('bank')), seen },
  ]
}

function bodies(): Case[] {
  const wrong = (claim: string, more: object, at: string): Case =>
    of(claim, { body: { ...act, ...more } }, { code: 'command/schema', at: `intent.body${at}` })
  return [
    of('an optional field', { body: { ...act, reason: 'outdated' } }, ok('tax')),
    wrong('a field that the schema does not have', { note: 'hello' }, ''),
    wrong('a word that is not listed', { reason: 'mistyped' }, '.reason'),
    wrong('bytes of another length', { case: 'AAAA' }, '.case'),
    wrong('a name that is a sentence', { act: 'Approve' }, '.act'),
    wrong('a map that is a list', { reads: [] }, '.reads'),
    wrong('a number below its range', { reads: { title: 3, tax: 0 } }, '.reads[1]'),
    wrong('a key that is no name', { reads: { Title: 3 } }, '.reads[0]'),
    of(
      'a field too few',
      { body: { case: id(7), reads: {} } },
      { code: 'command/schema', at: 'intent.body.act' },
    ),
  ]
}

function documents(): Case[] {
  const bytes = bytesOf('document', 100)
  const publish = (document: string): string =>
    commandOf(tax, intentOf({ type: 'blueprint.publish', body: { document } }))
  const sent = (
    claim: string,
    command: string,
    list: readonly Uint8Array[],
    outcome: Outcome,
  ): Case => ({
    claim,
    text: list.length === 0 ? command : JSON.stringify({ command, documents: list.map(base64url) }),
    outcomes: [outcome],
  })
  const named = hash64(bytes)
  return [
    sent('the document that is named', publish(named), [bytes], ok('tax')),
    sent('no document', publish(named), [], no('document-missing', 'documents')),
    sent(
      'another document',
      publish(hash64('x')),
      [bytes],
      no('document-not-named', 'documents[0]'),
    ),
    sent(
      'a second document',
      publish(named),
      [bytes, bytesOf('more', 9)],
      no('document-not-named', 'documents[1]'),
    ),
    sent(
      'a document with an act',
      commandOf(tax, intentOf()),
      [bytes],
      no('document-not-named', 'documents[0]'),
    ),
  ]
}

function budgets(): Case[] {
  const key = 'ledger/budget/tax/act'
  const given = (claim: string, record: object, spent: number, outcome: Outcome): Case =>
    of(claim, {}, outcome, { records: { [key]: record }, spent })
  const over = no('over-budget')
  return [
    given('the last of the hour', { hour, used: 999, refused: 0 }, 0, ok('tax')),
    given('one more than the hour allows', { hour, used: 1_000, refused: 0 }, 0, over),
    given('the block has the last of the hour', { hour, used: 990, refused: 0 }, 10, over),
    given('the hour before', { hour: hour - 1, used: 1_000, refused: 10 }, 0, ok('tax')),
    given('too many refused ones', { hour, used: 20, refused: 10 }, 0, over),
  ]
}

function many(): Case[] {
  const confirm = intentOf({ type: 'time.confirm', body: { time }, id: id(5) })
  const three = [
    intentOf(),
    intentOf({ id: id(2), notAfter: 0 }),
    intentOf({ id: id(3), ledger: 'ledger.other.example' }),
  ]
  const two = [confirm, intentOf()]
  return [
    {
      claim: 'each intent of an envelope is admitted for itself',
      text: enveloped(envelopeOf(tax, three), three),
      outcomes: [ok('tax'), no('expired', 'intent.notAfter'), no('other-ledger', 'intent.ledger')],
    },
    {
      claim: 'a type that stands alone shares no envelope',
      text: enveloped(envelopeOf(tax, two), two),
      outcomes: [no('not-alone'), ok('tax')],
    },
    {
      claim: 'an envelope of a key that nobody registered',
      text: enveloped(envelopeOf(keyOf('stranger'), two), two),
      outcomes: [no('unknown-key', 'header.kid'), no('unknown-key', 'header.kid')],
    },
  ]
}
