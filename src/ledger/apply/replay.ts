// Reading frames back. Commands are found again in their entries, for followers and auditors that
// re-admit and re-apply; what a rebuild needs (records, ids) is found without any domain.
import type { Bytes } from '#base/bytes'
import { asciiDecode, base64urlDecode, base64urlEncode } from '#base/bytes'
import { sha256 } from '#base/crypto'
import type { Command, Intent, Refusal } from '#ledger/command'
import { commandTyp, decodeIntent, decodeJws, decodeParts, envelopeTyp } from '#ledger/command'
import { commandBytesMax, envelopeIntentsMax, isRefusal } from '#ledger/command'
import type { Reading } from '#ledger/validate'
import { readKey } from '#ledger/validate'
import { assert } from '#base/assert'
import type { Entry } from './entry.ts'
import { decodeEntry } from './entry.ts'
import type { Frame } from './frame.ts'

/** Untrusted. The entries of a frame, decoded; refuses with `apply/entry` at `<index>.<place>`. */
export function entriesOf(frame: Frame): readonly Entry[] | Refusal {
  const entries: Entry[] = []
  for (const [i, bytes] of frame.entries.entries()) {
    const text = asciiDecode(bytes)
    const entry = text === null ? { code: 'apply/entry', at: 'ascii' } : decodeEntry(text)
    if (isRefusal(entry)) return { code: 'apply/entry', at: `${i}.${entry.at ?? ''}` }
    entries.push(entry)
  }
  return entries
}

/** A command of a frame, and the index among the frame's entries at which it begins. */
export type CommandOfFrame = { readonly command: Command; readonly at: number }

/** The document hashes that an intent names; from the types of commands. */
export type Naming = (intent: Intent) => readonly string[]

/**
 * Untrusted. The commands that a frame's entries carry, in order, each with the documents of the
 * frame that its intents name. Intents follow their envelope; those of its positions that were not
 * admitted are absent from the frame and null in the command.
 */
export function commandsOf(frame: Frame, naming: Naming): readonly CommandOfFrame[] | Refusal {
  const entries = entriesOf(frame)
  if (isRefusal(entries)) return entries
  const documents = documentsOf(frame)
  const commands: CommandOfFrame[] = []
  let at = 0
  while (at < entries.length) {
    const entry = entries[at]
    assert(entry !== undefined, 'an index below the length')
    if (entry.kind === 'system') {
      at += 1
      continue
    }
    if (entry.kind === 'intent') return { code: 'apply/entry', at: `${at}.envelope` }
    const intents =
      entry.kind === 'envelope' ? intentsBehind(entries, at, frame.firstEntry + at) : []
    if (isRefusal(intents)) return intents
    const command = decodeParts(
      entry.kind === 'single' ? { command: entry.jws } : { envelope: entry.jws, intents },
    )
    if (isRefusal(command)) return command
    commands.push({ command: withDocuments(command, documents, naming), at })
    at += 1 + intents.filter((text) => text !== null).length
  }
  return commands
}

/** The texts of the intents that follow an envelope, by position; null where none was admitted. */
function intentsBehind(
  entries: readonly Entry[],
  at: number,
  envelope: number,
): readonly (string | null)[] | Refusal {
  const intents: (string | null)[] = []
  for (let next = at + 1; next < entries.length; next += 1) {
    const entry = entries[next]
    if (entry?.kind !== 'intent' || entry.envelope !== envelope) break
    const bytes = base64urlDecode(entry.intent)
    const text = bytes === null ? null : asciiDecode(bytes)
    const { position } = entry
    if (text === null || position < intents.length || position >= envelopeIntentsMax) {
      return { code: 'apply/entry', at: `${next}.intent` }
    }
    while (intents.length < position) intents.push(null)
    intents.push(text)
  }
  return intents
}

function withDocuments(
  command: Command,
  documents: ReadonlyMap<string, Bytes>,
  naming: Naming,
): Command {
  if (documents.size === 0) return command
  const named = new Map<string, Bytes>()
  for (const intent of command.intents) {
    for (const hash of intent === null ? [] : naming(intent)) {
      const bytes = documents.get(hash)
      if (bytes !== undefined) named.set(hash, bytes)
    }
  }
  return { ...command, documents: named }
}

/** Documents by their base64url SHA-256. */
export function documentsOf(frame: Frame): ReadonlyMap<string, Bytes> {
  return new Map(frame.documents.map((bytes) => [base64urlEncode(sha256(bytes)), bytes]))
}

/** An id that an entry used up. `notAfter` is in milliseconds. */
export type UsedId = {
  readonly member: string
  readonly id: string
  readonly notAfter: number
  readonly entry: number
}

/**
 * The ids that a frame's entries used, found in the bytes alone: the signer is the member whose
 * key the header names, in `view` or in the frame's own writes (a key never changes its member).
 */
export function idsOf(frame: Frame, view: Reading): readonly UsedId[] {
  const entries = entriesOf(frame)
  assert(!isRefusal(entries), 'a frame of our own journal holds entries')
  const ids: UsedId[] = []
  let member = ''
  for (const [i, entry] of entries.entries()) {
    if (entry.kind === 'system') continue
    if (entry.kind !== 'intent') {
      const typ = entry.kind === 'single' ? commandTyp : envelopeTyp
      const jws = decodeJws(entry.jws, typ, commandBytesMax)
      assert(!isRefusal(jws), 'an entry of our own journal holds a command')
      const key = readKey(view, jws.kid)
      assert(key !== undefined, 'an applied command was signed by a registered key')
      member = key.member
      if (entry.kind === 'envelope') continue
      ids.push(usedId(member, intentTextOf(jws.payload), frame.firstEntry + i))
      continue
    }
    const bytes = base64urlDecode(entry.intent)
    const text = bytes === null ? null : asciiDecode(bytes)
    assert(text !== null, 'an entry of our own journal holds an intent')
    ids.push(usedId(member, text, frame.firstEntry + i))
  }
  return ids
}

/** The intent's text out of a single command's payload `{"intent":"<b64u>"…}`. */
function intentTextOf(payload: string): string {
  const start = '{"intent":"'.length
  const bytes = base64urlDecode(payload.slice(start, payload.indexOf('"', start)))
  const text = bytes === null ? null : asciiDecode(bytes)
  assert(text !== null, 'a command of our own journal holds an intent')
  return text
}

function usedId(member: string, text: string, entry: number): UsedId {
  const intent = decodeIntent(text)
  assert(!isRefusal(intent), 'an applied intent decodes')
  return { member, id: intent.id, notAfter: intent.notAfter, entry }
}
