// The audit of frames: re-admission and re-application of what somebody else recorded. Followers do
// it with every new frame before they cosign, auditors with any stretch of history. It gives the
// same result as the first application, or says exactly where the two differ.
import { equal, latin1Decode, latin1Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import type { Intent, Refusal } from '#ledger/command'
import type { Applied, Frame, Machine } from '#ledger/apply'
import { commandsOf, decodeEntry, decodeFrame } from '#ledger/apply'
import { fillBlock } from '#ledger/order'

/** Where a recorded frame differs from what its commands give. */
export type Divergence = {
  readonly height: number
  readonly what:
    | 'frame'
    | 'height'
    | 'time'
    | 'commands'
    | 'not-admitted'
    | 'entries'
    | 'writes'
    | 'digest'
    | 'documents'
  /** Index in the log of the first entry that differs. */
  readonly entry?: number
  /** The refusal that decoding or admission gave. */
  readonly refusal?: Refusal
}

/** A frame that was reproduced: what application gave, under the recorded frame's own hash. */
export type Reproduced = { readonly applied: Applied; readonly frame: Frame }

/**
 * Untrusted. Re-admits and re-applies one frame on top of the machine's head without confirming it.
 * The recorded code version is not compared: a different release must give the same results.
 */
export function replayFrame(machine: Machine, bytes: Bytes): Reproduced | Divergence {
  const head = machine.head()
  const height = head.height + 1
  const frame = decodeFrame(bytes, head.frameHash)
  if (isRefusal(frame)) return { height, what: 'frame', refusal: frame }
  if (frame.height !== height || frame.firstEntry !== head.size) return { height, what: 'height' }
  if (frame.time < head.time) return { height, what: 'time' }
  const applied = height === 1 ? replayGenesis(machine, frame) : replayBlock(machine, frame)
  if ('what' in applied) return applied
  const difference = compare(applied, frame)
  if (difference !== null) return difference
  const recorded = { ...applied.head, frameHash: frame.hash.slice() }
  return { applied: { ...applied, head: recorded, frame: bytes }, frame }
}

function replayGenesis(machine: Machine, frame: Frame): Applied | Divergence {
  const first = frame.entries[0]
  const entry = first === undefined ? null : decodeEntry(latin1Decode(first))
  if (entry === null || isRefusal(entry) || entry.kind !== 'system') {
    return { height: 1, what: 'commands', entry: 0 }
  }
  const applied = machine.foreignGenesis(entry.system['params'] ?? null, frame.time)
  return isRefusal(applied) ? { height: 1, what: 'commands', entry: 0, refusal: applied } : applied
}

function replayBlock(machine: Machine, frame: Frame): Applied | Divergence {
  const { height, time } = frame
  const naming = (intent: Intent): readonly string[] => {
    const documents = machine.types.get(intent.type)?.documents
    return documents === undefined ? [] : documents(intent.body)
  }
  const found = commandsOf(frame, naming)
  if (isRefusal(found)) return { height, what: 'commands', refusal: found }
  const commands = found.map(({ command }) => command)
  const filled = fillBlock(commands, machine.admission(time))
  for (const [i, one] of found.entries()) {
    const outcomes = filled.outcomes[i]
    const refusal = outcomes?.find((outcome) => 'code' in outcome)
    const entry = frame.firstEntry + one.at
    if (outcomes === undefined) return { height, what: 'not-admitted', entry }
    if (refusal !== undefined && 'code' in refusal) {
      return { height, what: 'not-admitted', entry, refusal }
    }
  }
  return machine.deliver({ height, time, commands: filled.commands })
}

function compare(applied: Applied, frame: Frame): Divergence | null {
  const { height, firstEntry } = frame
  for (const [i, text] of applied.entries.entries()) {
    const recorded = frame.entries[i]
    if (recorded === undefined || !equal(latin1Encode(text), recorded)) {
      return { height, what: 'entries', entry: firstEntry + i }
    }
  }
  if (applied.entries.length !== frame.entries.length) {
    return { height, what: 'entries', entry: firstEntry + applied.entries.length }
  }
  const writes = applied.writes.findIndex((text, i) => text !== frame.writes[i])
  if (writes >= 0 || applied.writes.length !== frame.writes.length) {
    return { height, what: 'writes', entry: firstEntry + Math.max(writes, 0) }
  }
  if (!equal(applied.head.stateDigest, frame.stateDigest)) return { height, what: 'digest' }
  const documents = [...applied.documents.values()]
  const same =
    documents.length === frame.documents.length &&
    documents.every((bytes, i) => equal(bytes, frame.documents[i] as Bytes))
  return same ? null : { height, what: 'documents' }
}
