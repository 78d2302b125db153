// A command, an envelope and an approval that are right, for cases that change one thing in them.
import { base64url, bytesOf } from './material.ts'
import { commandOf, envelopeOf, hash64, keyOf, text64 } from './signing.ts'
import type { Key } from './signing.ts'
import type { Text } from './strict.ts'

export type Refused = {
  readonly claim: string
  readonly text: Text
  readonly code: string
  readonly at: string
}

export const of = (claim: string, text: Text, code: string, at: string): Refused => ({
  claim,
  text,
  code: `command/${code}`,
  at,
})

export const key: Key = keyOf('tax')
export const id = (number: number): string => base64url(bytesOf(`commands/id/${number}`, 16))
export const intentOf = (number: number): string =>
  `{"ledger":"ledger.city.example/2026","id":"${id(number)}","type":"case.act",` +
  `"body":{"reads":{"title":${number}}},"notAfter":1800000000000}`

export const intent: string = intentOf(1)
export const three: readonly string[] = [intentOf(1), intentOf(2), intentOf(3)]
export const single: string = commandOf(key, intent)
export const envelope: string = envelopeOf(key, three)
export const approval: string = JSON.stringify({
  kid: id(9),
  ad: base64url(bytesOf('ad', 37)),
  cd: text64('{}'),
  sig: base64url(bytesOf('sig', 70)),
  shown: hash64('shown'),
})

export const submission = (claim: string, value: object, code: string, at: string): Refused =>
  of(claim, JSON.stringify(value), code, at)
