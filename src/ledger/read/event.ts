// Events: what happened, for those who follow along. An event is derived from an entry and its
// writes and from nothing else, so there is no second store that could differ from the log, and a
// reader that stopped resumes by the index of an entry without gap or repetition.
import type { Value } from '#ledger/command'
import { assert } from '#base/assert'
import { isRefusal, membersNamed } from '#ledger/command'
import type { CommandType } from '#ledger/apply'
import { decodeEntry, decodeWrites } from '#ledger/apply'
import { signedIntentIn } from './receipt.ts'

/** One entry as an event. Keys are those of the records that it wrote. */
export type LedgerEvent = {
  readonly entry: number
  readonly height: number
  readonly time: number
  readonly kind: 'command' | 'envelope' | 'system'
  readonly member?: string
  readonly type?: string
  readonly id?: string
  readonly code?: string
  readonly outcome?: Value
  readonly system?: Value
  /** Members that the command or its outcome names, the signer first. */
  readonly named: readonly string[]
  readonly keys: readonly string[]
}

/** What an event is derived from. */
export type EventSource = {
  readonly text: string
  readonly index: number
  /** Canonical writes of the entry. */
  readonly writes: string
  /** Text of the envelope's entry, for an intent of an envelope. */
  readonly envelope?: string
  readonly memberOf: (kid: string) => string | undefined
  readonly types: ReadonlyMap<string, CommandType>
}

/** The event of one entry of the log. */
export function eventOf(source: EventSource): LedgerEvent {
  const entry = decodeEntry(source.text)
  assert(!isRefusal(entry), 'an entry of the log decodes')
  const keys = (decodeWrites(source.writes) ?? []).map(([key]) => key)
  const at = { entry: source.index, height: entry.h, time: entry.t }
  if (entry.kind === 'system') {
    return { ...at, kind: 'system', system: entry.system, named: [], keys }
  }
  if (entry.kind === 'envelope') return { ...at, kind: 'envelope', named: [], keys }
  const signed = signedIntentIn(entry, source.envelope)
  assert(signed !== null, 'a command entry carries an intent')
  const member = source.memberOf(signed.kid)
  assert(member !== undefined, 'the key of an applied command is registered')
  const { intent } = signed
  const { result } = entry
  return {
    ...at,
    kind: 'command',
    member,
    type: intent.type,
    id: intent.id,
    code: result.code,
    ...(result.o === undefined ? {} : { outcome: result.o }),
    named: namedIn(member, intent, result.o, source.types.get(intent.type)),
    keys,
  }
}

/** The signer, then every member that body or outcome names by their schemas. */
export function namedIn(
  member: string,
  intent: { readonly body: { readonly [key: string]: Value } },
  outcome: Value | undefined,
  type: CommandType | undefined,
): readonly string[] {
  const named = new Set([member])
  if (type !== undefined) {
    for (const one of membersNamed(type.body, intent.body)) named.add(one)
    if (type.outcome !== undefined && outcome !== undefined) {
      for (const one of membersNamed(type.outcome, outcome)) named.add(one)
    }
  }
  return [...named]
}
