// The golden cases of commands, admission and approvals (vectors/), valid and invalid, and that
// every refusal code of both rooms has one.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { importPublicKey, verifyDer, verifySignature } from '#base/crypto'
import type { Approval, Refusal, Value } from '#ledger/command'
import { challengeOf, commandCodes, decodeIntent, decodeStrict } from '#ledger/command'
import { decodeSubmission, isRefusal } from '#ledger/command'
import { bytesOf } from '#test/commands'
import { admitIntent, admitSigner } from './admit.ts'
import type { AdmissionContext, CommandRule } from './admit.ts'
import { verifyApprovals } from './approve.ts'
import { validateCodes } from './codes.ts'
import type { KeyRecord, Reading } from './registry.ts'

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), 'utf8'))

type Text = string | readonly (string | readonly [unit: string, times: number])[]

/** A text, or its parts: strings, and strings that are repeated. */
function textOf(text: Text): string {
  if (typeof text === 'string') return text
  const parts = text.map((part) => (typeof part === 'string' ? part : part[0].repeat(part[1])))
  return parts.join('')
}

type Refused = {
  readonly claim: string
  readonly text: Text
  readonly code: string
  readonly at: string
}
type Accepted = {
  readonly claim: string
  readonly text: string
  readonly form: string
  readonly kid: string
  readonly intents: readonly string[]
  readonly approvals: readonly number[]
  readonly documents: readonly string[]
}

const commands = read('commands') as {
  readonly strict: { readonly valid: readonly string[]; readonly invalid: readonly Refused[] }
  readonly submissions: {
    readonly valid: readonly Accepted[]
    readonly invalid: readonly Refused[]
  }
}

const given = new Set<string>()

function refused(result: unknown, { claim, code, at }: Omit<Refused, 'text'>): void {
  assert.ok(isRefusal(result), claim)
  assert.deepEqual(result, at === '' ? { code } : { code, at }, claim)
  given.add(code)
}

test('strict texts: the meaning of what is valid, code and place of what is not', () => {
  for (const text of commands.strict.valid) {
    const value = decodeStrict(text)
    assert.ok(!isRefusal(value), text)
    assert.equal(JSON.stringify(value), text)
  }
  for (const each of commands.strict.invalid) refused(decodeStrict(textOf(each.text)), each)
})

test('submissions: the parts of what is valid, code and place of what is not', () => {
  for (const { claim, text, ...wanted } of commands.submissions.valid) {
    const command = decodeSubmission(text)
    assert.ok(!isRefusal(command), claim)
    const found = {
      form: command.form,
      kid: command.jws.kid,
      intents: command.intents.map((intent) => intent?.hash),
      approvals: command.approvals.map((each) => each.length),
      documents: [...command.documents.keys()],
    }
    assert.deepEqual(found, wanted, claim)
  }
  for (const each of commands.submissions.invalid)
    refused(decodeSubmission(textOf(each.text)), each)
})

type Records = { readonly [key: string]: Value }
type Case = {
  readonly claim: string
  readonly text: string
  readonly outcomes: readonly {
    readonly code: string
    readonly at?: string
    readonly member?: string
  }[]
  readonly seen?: readonly (readonly [member: string, id: string])[]
  readonly spent?: number
  readonly records?: Records
}

const admission = read('admission') as {
  readonly context: Pick<AdmissionContext, 'ledger' | 'height' | 'time'>
  readonly types: readonly (Omit<CommandRule, 'documents'> & { readonly documents?: string })[]
  readonly registry: Records
  readonly cases: readonly Case[]
}

const readingOf = (records: Records): Reading => ({ get: (key) => records[key] })

const types = new Map(
  admission.types.map(({ documents, ...rule }): [string, CommandRule] => [
    rule.name,
    documents === undefined ? rule : { ...rule, documents: (body) => [body[documents] as string] },
  ]),
)

function verified(key: KeyRecord, message: Uint8Array | string, signature: Uint8Array): boolean {
  const known = importPublicKey(key.alg, key.jwk)
  if (known === null) return false
  const isDer = key.use === 'approve' && key.alg === 'ES256'
  return isDer ? verifyDer(known, message, signature) : verifySignature(known, message, signature)
}

function contextOf({ seen = [], spent = 0, records = {} }: Case): AdmissionContext {
  return {
    ...admission.context,
    types,
    view: readingOf({ ...admission.registry, ...records }),
    seen: (member, id) => seen.some((each) => each[0] === member && each[1] === id),
    spent: () => spent,
    verified,
  }
}

test('admission: the verdict on each intent', () => {
  for (const each of admission.cases) {
    const command = decodeSubmission(each.text)
    assert.ok(!isRefusal(command), each.claim)
    const context = contextOf(each)
    const signer = admitSigner(command, context)
    const found = command.intents.map((_, position) => {
      const verdict = isRefusal(signer) ? signer : admitIntent(command, position, signer, context)
      return isRefusal(verdict) ? verdict : { code: 'ok', member: verdict.member }
    })
    assert.deepEqual(found, each.outcomes, each.claim)
    for (const { code } of found) given.add(code)
  }
})

type ApprovalText = { readonly [part in keyof Approval]: string }
type Approved = {
  readonly claim: string
  readonly approvals: readonly ApprovalText[]
  readonly approvers: readonly object[]
}

const approvals = read('approvals') as {
  readonly context: { readonly height: number; readonly intent: string }
  readonly challenges: readonly { intentHash: string; shown: string; challenge: string }[]
  readonly registry: Records
  readonly valid: readonly Approved[]
  readonly invalid: readonly (Omit<Approved, 'approvers'> & Omit<Refused, 'text'>)[]
}

function judged(texts: readonly ApprovalText[]): readonly object[] | Refusal {
  const intent = decodeIntent(approvals.context.intent)
  assert.ok(!isRefusal(intent))
  const list = texts.map(({ kid, ad, cd, sig, shown }): Approval => {
    return { kid, ad: bytesOf(ad), cd: bytesOf(cd), sig: bytesOf(sig), shown }
  })
  const view = readingOf(approvals.registry)
  const { height } = approvals.context
  return verifyApprovals(list, { view, intent, height, verify: verified })
}

test('approvals: challenges, who approved, and code and place of what does not hold', () => {
  for (const { intentHash, shown, challenge } of approvals.challenges)
    assert.equal(challengeOf(intentHash, shown), challenge)
  for (const each of approvals.valid)
    assert.deepEqual(judged(each.approvals), each.approvers, each.claim)
  for (const each of approvals.invalid) refused(judged(each.approvals), each)
})

test('every refusal code of both rooms has a golden case', () => {
  const all = [...commandCodes, ...validateCodes].map(([code]) => code)
  // One approve key belongs to one member: only a caller who asks for another member sees this.
  const elsewhere = new Set(['validate/approval-other-member'])
  assert.deepEqual(
    all.filter((code) => !given.has(code) && !elsewhere.has(code)),
    [],
  )
})
