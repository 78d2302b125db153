// Cases for ledger/command: submissions that have the one form, and every way of not having it.
// Form only: signatures are good except where the claim says otherwise, and nobody looks at them.
import { envelopeCases } from './command-envelopes.ts'
import { jwsCases } from './command-jws.ts'
import { approval, envelope, id, intent, key, of, single } from './command-parts.ts'
import { submission, three } from './command-parts.ts'
import type { Refused } from './command-parts.ts'
import { base64url, bytesOf } from './material.ts'
import { commandOf, commandTyp, enveloped, envelopeOf, hash64 } from './signing.ts'
import { headerOf, jwsOf, text64 } from './signing.ts'
import { strictCases } from './strict.ts'

export function commandsFile(): object {
  return {
    strict: strictCases(),
    submissions: {
      valid: valid(),
      invalid: [
        ...wrappers(),
        ...jwsCases(),
        ...payloads(),
        ...intents(),
        ...envelopeCases(),
        ...approvals(),
        ...documents(),
      ],
    },
  }
}

function valid(): object[] {
  const small = [bytesOf('document/a', 9), bytesOf('document/b', 10)]
  const one = { form: 'single', kid: key.kid, intents: [hash64(intent)] }
  const many = { form: 'envelope', kid: key.kid, intents: three.map((each) => hash64(each)) }
  const wrapped = { command: single, documents: small.map(base64url) }
  const positions = `{"p0":[${approval}],"p2":[${approval},${approval}]}`
  const approved = commandOf(key, intent, `[${approval}]`)
  return [
    { claim: 'a bare command', text: single, ...one, approvals: [0], documents: [] },
    {
      claim: 'a wrapped command',
      text: `{"command":"${single}"}`,
      ...one,
      approvals: [0],
      documents: [],
    },
    {
      claim: 'documents beside it',
      text: JSON.stringify(wrapped),
      ...one,
      approvals: [0],
      documents: small.map((each) => hash64(each)),
    },
    { claim: 'an approval', text: approved, ...one, approvals: [1], documents: [] },
    {
      claim: 'an envelope',
      text: enveloped(envelope, three),
      ...many,
      approvals: [0, 0, 0],
      documents: [],
    },
    {
      claim: 'approvals by position',
      text: enveloped(envelopeOf(key, three, positions), three),
      ...many,
      approvals: [1, 0, 2],
      documents: [],
    },
  ]
}

function wrappers(): Refused[] {
  return [
    of('nothing', '', 'jws-parts', 'jws'),
    of('an empty object', '{}', 'bad-members', 'submission'),
    of('an open object', '{', 'truncated', 'submission@1'),
    of('white space', `{ "command":"${single}"}`, 'whitespace', 'submission@1'),
    of('beyond 4 MiB', ['{"command":"', ['A', 4_194_304], '"}'], 'oversized', 'submission'),
    submission('another member', { command: single, note: 1 }, 'bad-members', 'submission'),
    submission(
      'another order',
      { documents: ['AA'], command: single },
      'bad-members',
      'submission',
    ),
    submission('an envelope without intents', { envelope }, 'bad-members', 'submission'),
    submission('a command that is no text', { command: null }, 'bad-member', 'command'),
    submission('an envelope as a command', { command: envelope }, 'bad-typ', 'header.typ'),
    submission(
      'a command as an envelope',
      { envelope: single, intents: [text64(intent)] },
      'bad-typ',
      'header.typ',
    ),
    submission(
      'an envelope that is no text',
      { envelope: 1, intents: [] },
      'bad-member',
      'envelope',
    ),
    submission('intents that are no list', { envelope, intents: {} }, 'bad-member', 'intents'),
  ]
}

const withPayload = (text: string): string => jwsOf(key, headerOf(key.kid, commandTyp), text)

function payloads(): Refused[] {
  const encoded = text64(intent)
  return [
    of('a payload that is a list', withPayload('[]'), 'bad-members', 'payload'),
    of('a payload without intent', withPayload('{}'), 'bad-members', 'payload'),
    of(
      'a payload with another member',
      withPayload(`{"intent":"${encoded}","iat":1}`),
      'bad-members',
      'payload',
    ),
    of(
      'a payload in another order',
      withPayload(`{"approvals":[${approval}],"intent":"${encoded}"}`),
      'bad-members',
      'payload',
    ),
    of(
      'a payload with white space',
      withPayload(`{"intent":"${encoded}"}\n`),
      'whitespace',
      `payload@${encoded.length + 13}`,
    ),
    of(
      'an intent that is an object',
      withPayload(`{"intent":${intent}}`),
      'bad-member',
      'payload.intent',
    ),
    of('an intent with padding', withPayload('{"intent":"AA=="}'), 'bad-base64url', 'intent'),
    of(
      'an intent of 24,579 bytes',
      withPayload(`{"intent":"${'A'.repeat(32_772)}"}`),
      'oversized',
      'intent',
    ),
  ]
}

function intents(): Refused[] {
  const wrong = (claim: string, text: string, code: string, at: string): Refused =>
    of(claim, commandOf(key, text), code, at)
  const member = (claim: string, from: string, to: string, at: string): Refused =>
    wrong(claim, intent.replace(from, to), 'bad-member', `intent.${at}`)
  const ledger = '"ledger":"ledger.city.example/2026",'
  const twice = intent.replace('{"title":1}', '{"a":1,"a":1}')
  const beyond = intent.replace('title', 't\u00eftle')
  return [
    wrong('an intent that is a list', '[]', 'bad-members', 'intent'),
    wrong(
      'an intent in another order',
      `{"id":"${id(1)}",${intent.slice(1).replace(`"id":"${id(1)}",`, '')}`,
      'bad-members',
      'intent',
    ),
    wrong('an intent without ledger', intent.replace(ledger, ''), 'bad-members', 'intent'),
    wrong(
      'an intent with a sixth member',
      `${intent.slice(0, -1)},"nonce":1}`,
      'bad-members',
      'intent',
    ),
    wrong('a key twice in the body', twice, 'duplicate-key', `intent@${twice.indexOf('"a":1}')}`),
    wrong('an intent beyond ASCII', beyond, 'not-ascii', `intent@${beyond.indexOf('\u00ef')}`),
    member('a ledger with a capital', 'ledger.city', 'Ledger.city', 'ledger'),
    member('an id of 15 bytes', id(1), id(1).slice(0, 20), 'id'),
    member('an id with spare bits', id(1), `${id(1).slice(0, 21)}B`, 'id'),
    member('a type that is a sentence', 'case.act', 'Case', 'type'),
    member('a body that is a list', '{"reads":{"title":1}}', '[]', 'body'),
    member('a time in words', '1800000000000', '"tomorrow"', 'notAfter'),
    member('a negative time', '1800000000000', '-1', 'notAfter'),
  ]
}

function approvals(): Refused[] {
  const wrong = (claim: string, list: string, code: string, at = ''): Refused =>
    of(claim, commandOf(key, intent, list), code, `payload.approvals${at}`)
  const with_ = (claim: string, member: string, value: unknown, code: string): Refused =>
    wrong(
      claim,
      JSON.stringify([{ ...JSON.parse(approval), [member]: value }]),
      code,
      `[0].${member}`,
    )
  return [
    wrong('no approvals', '[]', 'approvals-count'),
    wrong('nine approvals', `[${Array(9).fill(approval).join(',')}]`, 'approvals-count'),
    wrong('approvals that are no list', approval, 'approvals-count'),
    wrong(
      'an approval with another member',
      `[${approval.slice(0, -1)},"name":1}]`,
      'bad-members',
      '[0]',
    ),
    wrong('an empty approval', `[${approval},{}]`, 'bad-members', '[1]'),
    with_('a kid that is a name', 'kid', 'zhang', 'bad-member'),
    with_('no authenticator data', 'ad', '', 'bad-member'),
    with_('authenticator data of 513 bytes', 'ad', 'A'.repeat(684), 'oversized'),
    with_('client data of 2,049 bytes', 'cd', 'A'.repeat(2_732), 'oversized'),
    with_('a signature of 513 bytes', 'sig', 'A'.repeat(684), 'oversized'),
    with_('a signature with padding', 'sig', 'AA==', 'bad-base64url'),
    with_('a shown hash of 31 bytes', 'shown', 'A'.repeat(42), 'bad-member'),
  ]
}

function documents(): Refused[] {
  const wrong = (claim: string, list: unknown, code: string, at = 'documents'): Refused =>
    submission(claim, { command: single, documents: list }, code, at)
  const open = `{"command":"${single}","documents":["`
  return [
    wrong('an empty list of documents', [], 'documents-count'),
    wrong('65 documents', Array(65).fill('AA'), 'documents-count'),
    wrong('documents that are no list', 'AA', 'bad-member'),
    wrong('a document that is no text', [1], 'bad-member', 'documents[0]'),
    wrong('a document with spare bits', ['AB'], 'bad-base64url', 'documents[0]'),
    wrong('a document twice', ['AA', 'AA'], 'duplicate-document', 'documents[1]'),
    of(
      'more than 1 MiB of documents',
      [open, ['AAAA', 349_526], '"]}'],
      'documents-oversized',
      'documents[0]',
    ),
  ]
}
