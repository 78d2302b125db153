// Admission is one pure predicate: every kind of bad input has its own code (invariants L2, L6,
// L7), and only what passes all of it becomes an admitted command.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command, Refusal, Value } from '#ledger/command'
import { decodeSubmission, encodeSubmission, isRefusal, windowMs } from '#ledger/command'
import { height, hourMs, ledger, makeWorld, time } from '#test/admission'
import { filler, keyRecord, makeId, makeIntent } from '#test/commands'
import { makeKey, memberRecord, signCommand, signEnvelope } from '#test/commands'
import type { TestKey } from '#test/commands'
import { admitIntent, admitSigner, budgetKey } from './admit.ts'
import type { AdmissionContext, Admitted } from './admit.ts'
import { keyUses } from './registry.ts'

const world = makeWorld()
const { tax, bank } = world.keys
const act = { case: makeId(7), act: 'approve.loan', reads: { title: 3 } }

type Wish = { readonly type?: string; readonly body?: Value; readonly notAfter?: number }

function intentOf(wish: Wish & { readonly ledger?: string; readonly id?: string } = {}): string {
  const { type = 'case.act', body = act, notAfter = time, id = makeId(1) } = wish
  const members = { ledger: wish.ledger ?? ledger, id, type, notAfter }
  return makeIntent({ ...members, body: body as { readonly [key: string]: Value } })
}

function decoded(text: string): Command {
  const command = decodeSubmission(text)
  assert.ok(!isRefusal(command), 'the form is right')
  return command
}

/** The verdict on one position of a command. */
function judge(command: Command, context: AdmissionContext, position = 0): Admitted | Refusal {
  const signer = admitSigner(command, context)
  return isRefusal(signer) ? signer : admitIntent(command, position, signer, context)
}

function codeOf(command: Command, context = world.context(), position = 0): string {
  const verdict = judge(command, context, position)
  return isRefusal(verdict) ? verdict.code : 'ok'
}

const single = (wish: Parameters<typeof intentOf>[0] = {}, key: TestKey = tax): Command =>
  decoded(signCommand(key, intentOf(wish)))

test('a good command is admitted with its member, key, rule and position', () => {
  const command = single()
  const admitted = judge(command, world.context())
  assert.ok(!isRefusal(admitted))
  assert.equal(admitted.member, 'tax')
  assert.equal(admitted.key.kid, tax.kid)
  assert.equal(admitted.rule.name, 'case.act')
  assert.equal(admitted.position, 0)
  assert.equal(admitted.intent, command.intents[0])
  assert.equal(admitted.command, command)
})

test('a key that nobody registered is unknown', () => {
  assert.equal(codeOf(single({}, makeKey('stranger'))), 'validate/unknown-key')
})

test('keys of every other use sign no commands, though their signatures hold', () => {
  for (const use of keyUses) {
    const key = makeKey(`use/${use}`)
    world.putKey(keyRecord(key, 'tax', use))
    const wanted = use === 'command' ? 'ok' : 'validate/wrong-key-use'
    assert.equal(codeOf(single({}, key)), wanted, use)
  }
})

test('an oversight key signs what names its use and nothing else', () => {
  const key = makeKey('use/oversight')
  world.putKey(keyRecord(key, 'tax', 'oversight'))
  const confirm = single({ type: 'time.confirm', body: { time } }, key)
  assert.equal(codeOf(confirm), 'ok')
  assert.equal(codeOf(single({}, key)), 'validate/wrong-key-use')
})

test('a key registered with another algorithm does not verify as ES256', () => {
  const key = makeKey('algorithm')
  world.putKey(keyRecord({ ...key, alg: 'RS256' }, 'tax'))
  assert.equal(codeOf(single({}, key)), 'validate/wrong-algorithm')
})

test('a key counts from its first height until, but not at, its last (L7)', () => {
  const key = makeKey('heights')
  for (const [from, until, wanted] of [
    [height + 1, null, 'validate/key-not-in-force'],
    [height, null, 'ok'],
    [1, height + 1, 'ok'],
    [1, height, 'validate/key-not-in-force'],
  ] as const) {
    world.putKey(keyRecord(key, 'tax', 'command', { from, until }))
    assert.equal(codeOf(single({}, key)), wanted)
  }
})

test('a member that is unknown, suspended, gone or still to come sends nothing', () => {
  const key = makeKey('member')
  world.putKey(keyRecord(key, 'notary'))
  const command = single({}, key)
  assert.equal(codeOf(command), 'validate/unknown-member')
  for (const [more, wanted] of [
    [{ state: 'suspended' }, 'validate/member-suspended'],
    [{ state: 'left' }, 'validate/member-left'],
    [{ from: height + 1 }, 'validate/member-not-in-force'],
    [{ from: height }, 'ok'],
  ] as const) {
    world.putMember(memberRecord('notary', more))
    assert.equal(codeOf(command), wanted)
  }
})

test('a signature by another key, or over another command, does not hold', () => {
  const [head, body] = signCommand(tax, intentOf()).split('.')
  const other = signCommand(tax, intentOf({ notAfter: time + 1 })).split('.')[2]
  assert.equal(codeOf(decoded(`${head}.${body}.${other}`)), 'validate/bad-signature')
  const [, , foreign] = signCommand(bank, intentOf()).split('.')
  assert.equal(codeOf(decoded(`${head}.${body}.${foreign}`)), 'validate/bad-signature')
})

test('the signature is asked for only when all else about the signer holds', () => {
  let asked = 0
  const context = world.context({ verified: () => (asked += 1) > 0 })
  assert.equal(codeOf(single({}, makeKey('stranger')), context), 'validate/unknown-key')
  assert.equal(asked, 0)
  assert.equal(codeOf(single(), context), 'ok')
  assert.equal(asked, 1)
})

test('an intent for another ledger is refused, whatever else it is', () => {
  for (const other of ['ledger.city.example', `${ledger}.1`, 'other.example/2026'])
    assert.equal(codeOf(single({ ledger: other })), 'validate/other-ledger')
})

test('an unknown type is refused', () => {
  assert.equal(codeOf(single({ type: 'case.undo' })), 'validate/unknown-type')
})

test('the kind of member decides what it may send', () => {
  const publish = single({ type: 'time.confirm', body: { time } }, bank)
  assert.equal(codeOf(publish), 'validate/wrong-member-kind')
  assert.equal(codeOf(single({}, bank)), 'ok')
})

test('notAfter stands between the block and seven days later, both included', () => {
  for (const [notAfter, wanted] of [
    [time - 1, 'validate/expired'],
    [time, 'ok'],
    [time + windowMs, 'ok'],
    [time + windowMs + 1, 'validate/too-far-ahead'],
  ] as const)
    assert.equal(codeOf(single({ notAfter })), wanted)
})

test('an id is used once by each member; another member may use the same one (L6)', () => {
  const seen = (member: string, id: string): boolean => member === 'tax' && id === makeId(1)
  const context = world.context({ seen })
  assert.equal(codeOf(single(), context), 'validate/duplicate')
  assert.equal(codeOf(single({ notAfter: time + 5 }), context), 'validate/duplicate')
  assert.equal(codeOf(single({ id: makeId(2) }), context), 'ok')
  assert.equal(codeOf(single({}, bank), context), 'ok')
})

test('another signature over the same intent is the same command (L6)', () => {
  const ids = new Set<string>()
  const context = world.context({ seen: (member, id) => ids.has(`${member}/${id}`) })
  const [first, second] = [signCommand(tax, intentOf()), signCommand(tax, intentOf())]
  assert.notEqual(first, second)
  assert.equal(codeOf(decoded(first), context), 'ok')
  ids.add(`tax/${makeId(1)}`)
  assert.equal(codeOf(decoded(second), context), 'validate/duplicate')
})

test('a body that does not fit its schema is refused at its place', () => {
  const verdict = judge(single({ body: { ...act, reads: { title: 0 } } }), world.context())
  assert.deepEqual(verdict, { code: 'command/schema', at: 'intent.body.reads[0]' })
  const more = judge(single({ body: { ...act, note: 'hello' } }), world.context())
  assert.deepEqual(more, { code: 'command/schema', at: 'intent.body' })
})

test('a type that stands alone shares no envelope', () => {
  const confirm = intentOf({ type: 'time.confirm', body: { time } })
  assert.equal(codeOf(decoded(signCommand(tax, confirm))), 'ok')
  const alone = decoded(encodeSubmission(signEnvelope(tax, [confirm])))
  assert.equal(codeOf(alone), 'ok')
  const two = decoded(encodeSubmission(signEnvelope(tax, [confirm, intentOf()])))
  assert.equal(codeOf(two), 'validate/not-alone')
  assert.equal(codeOf(two, world.context(), 1), 'ok')
})

test('approvals are as many as the type asks for', () => {
  const [officer] = world.officers
  const rekey = intentOf({ type: 'member.rekey', body: { member: 'bank' } })
  for (const [count, wanted] of [
    [0, 'validate/approvals-count'],
    [1, 'validate/approvals-count'],
    [2, 'ok'],
    [4, 'ok'],
    [5, 'validate/approvals-count'],
  ] as const) {
    const approval = officer.approve('A'.repeat(43), 'A'.repeat(43))
    const approvals = count === 0 ? undefined : Array.from({ length: count }, () => approval)
    assert.equal(codeOf(decoded(signCommand(tax, rekey, approvals))), wanted)
  }
})

test('a document that is named travels with its command, and no other does', () => {
  const bytes = filler('document', 100)
  const hash = 'tAR0vMUQDlR3dBUrKUWoBUMEhYmgdGZWQ6nJ5L2zYdI'
  const publish = (document: string): string =>
    signCommand(tax, intentOf({ type: 'blueprint.publish', body: { document } }))
  const text = encodeSubmission({ command: publish(hash), documents: [bytes] })
  const [real = ''] = decoded(text).documents.keys()
  const with_ = (document: string, documents: Uint8Array[]): Command =>
    decoded(encodeSubmission({ command: publish(document), documents }))
  assert.equal(codeOf(with_(real, [bytes])), 'ok')
  assert.equal(codeOf(with_(real, [])), 'validate/document-missing')
  assert.equal(codeOf(with_(hash, [bytes])), 'validate/document-not-named')
  const verdict = judge(with_(real, [bytes, filler('other', 9)]), world.context())
  assert.deepEqual(verdict, { code: 'validate/document-not-named', at: 'documents[1]' })
  const stray = decoded(
    encodeSubmission({ command: signCommand(tax, intentOf()), documents: [bytes] }),
  )
  assert.equal(codeOf(stray), 'validate/document-not-named')
})

test('a budget counts the hour so far and the block so far', () => {
  const key = budgetKey('tax', 'act')
  assert.equal(key, 'ledger/budget/tax/act')
  const hour = Math.floor(time / hourMs)
  for (const [record, spent, wanted] of [
    [undefined, 999, 'ok'],
    [undefined, 1_000, 'validate/over-budget'],
    [{ hour, used: 999, refused: 0 }, 0, 'ok'],
    [{ hour, used: 999, refused: 0 }, 1, 'validate/over-budget'],
    [{ hour, used: 1_000, refused: 0 }, 0, 'validate/over-budget'],
    [{ hour: hour - 1, used: 1_000, refused: 99 }, 0, 'ok'],
    [{ hour, used: 20, refused: 9 }, 0, 'ok'],
    [{ hour, used: 20, refused: 10 }, 0, 'validate/over-budget'],
  ] as const) {
    if (record === undefined) world.records.delete(key)
    else world.records.set(key, record)
    assert.equal(codeOf(single(), world.context({ spent: () => spent })), wanted)
  }
  world.records.delete(key)
})

test('budgets of other members and classes do not count', () => {
  world.records.set(budgetKey('bank', 'act'), {
    hour: Math.floor(time / hourMs),
    used: 9_999,
    refused: 0,
  })
  const asked: string[] = []
  const spent = (member: string, cls: string): number => asked.push(`${member}/${cls}`) * 0
  assert.equal(codeOf(single(), world.context({ spent })), 'ok')
  assert.deepEqual(asked, ['tax/act'])
  assert.equal(codeOf(single({}, bank)), 'validate/over-budget')
  world.records.delete(budgetKey('bank', 'act'))
})

test('each intent of an envelope is admitted for itself', () => {
  const intents = [
    intentOf({ id: makeId(1) }),
    intentOf({ id: makeId(2), notAfter: time - 1 }),
    intentOf({ id: makeId(3), ledger: 'other.example' }),
    intentOf({ id: makeId(4) }),
  ]
  const command = decoded(encodeSubmission(signEnvelope(tax, intents)))
  const codes = intents.map((_, position) => codeOf(command, world.context(), position))
  assert.deepEqual(codes, ['ok', 'validate/expired', 'validate/other-ledger', 'ok'])
})

test('the verdict depends on command and context alone: asked twice, it is the same (L7)', () => {
  for (const command of [single(), single({ notAfter: 1 }), single({}, makeKey('stranger'))]) {
    const first = judge(command, world.context())
    assert.deepEqual(judge(command, world.context()), first)
  }
})

test('admission changes no record (L2)', () => {
  const before = JSON.stringify([...world.records])
  for (const command of [single(), single({ notAfter: 1 }), single({ type: 'case.undo' })])
    judge(command, world.context())
  assert.equal(JSON.stringify([...world.records]), before)
})
