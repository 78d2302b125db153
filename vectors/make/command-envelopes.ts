// Cases for envelopes: the intents beside one, and approvals by position.
import {
  approval,
  envelope,
  intent,
  intentOf,
  key,
  of,
  submission,
  three,
} from './command-parts.ts'
import type { Refused } from './command-parts.ts'
import { enveloped, envelopeOf, envelopeTyp, hash64, headerOf, jwsOf } from './signing.ts'

const withHashes = (text: string, beside = three): string =>
  enveloped(jwsOf(key, headerOf(key.kid, envelopeTyp), text), beside)

export function envelopeCases(): Refused[] {
  return [...intentCases(), ...approvalCases()]
}

function intentCases(): Refused[] {
  const many = [...Array(65).keys()].map(intentOf)
  const twice = JSON.stringify([hash64(intent), hash64(intent)])
  return [
    of('65 intents', enveloped(envelopeOf(key, many), many), 'intents-count', 'intents'),
    of('no intents', withHashes('{"intents":[]}', []), 'intents-count', 'payload.intents'),
    of('hashes that are no list', withHashes('{"intents":"x"}'), 'bad-member', 'payload.intents'),
    of(
      'a hash of 31 bytes',
      withHashes(`{"intents":["${'A'.repeat(42)}"]}`),
      'bad-member',
      'payload.intents[0]',
    ),
    of(
      'a hash twice',
      withHashes(`{"intents":${twice}}`),
      'duplicate-intent',
      'payload.intents[1]',
    ),
    of('an intent too few', enveloped(envelope, three.slice(0, 2)), 'intents-count', 'intents'),
    of(
      'an intent too many',
      enveloped(envelope, [...three, intentOf(4)]),
      'intents-count',
      'intents',
    ),
    of(
      'intents in another order',
      enveloped(envelope, three.toReversed()),
      'intent-hash',
      'intents[0]',
    ),
    of(
      'an intent that was not signed',
      enveloped(envelope, [intentOf(1), intentOf(5), intentOf(3)]),
      'intent-hash',
      'intents[1]',
    ),
    of(
      'an intent with white space',
      enveloped(envelope, [intent.replace(':', ': ')]),
      'whitespace',
      'intents[0].intent@10',
    ),
    submission(
      'an intent with padding',
      { envelope, intents: ['AA=='] },
      'bad-base64url',
      'intents[0]',
    ),
    submission('an intent that is null', { envelope, intents: [null] }, 'bad-member', 'intents[0]'),
  ]
}

function approvalCases(): Refused[] {
  const list = JSON.stringify(three.map((each) => hash64(each)))
  return [
    of(
      'approvals in a list',
      withHashes(`{"intents":${list},"approvals":[]}`),
      'bad-member',
      'payload.approvals',
    ),
    of(
      'approvals of no position',
      withHashes(`{"intents":${list},"approvals":{}}`),
      'approvals-count',
      'payload.approvals',
    ),
    ...['p3', 'p00', 'p-1', 'q0', 'P0'].map((name) =>
      of(
        `approvals at ${name}`,
        withHashes(`{"intents":${list},"approvals":{"${name}":[${approval}]}}`),
        'approval-position',
        'payload.approvals',
      ),
    ),
    of(
      'positions that fall',
      withHashes(`{"intents":${list},"approvals":{"p1":[${approval}],"p0":[${approval}]}}`),
      'approval-position',
      'payload.approvals',
    ),
  ]
}
