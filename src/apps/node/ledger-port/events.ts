// Events of durable entries, a frame at a time: all ports over one ledger read the same blocks one
// after another, so a block is read and decoded once for all of them.
import { assert } from '#base/assert'
import { latin1Decode } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import { decodeEntry } from '#ledger/apply'
import { envelopeOf, eventOf } from '#ledger/read'
import type { LedgerEvent } from '#ledger/read'
import type { PortLedger } from './ledger.ts'

type FrameEvents = { readonly first: number; readonly events: readonly LedgerEvent[] }

/** Frames whose events are kept, because readers stand close together. */
const framesKept = 64

const kept: WeakMap<PortLedger, FrameEvents[]> = new WeakMap()

/** The event of a durable entry of this ledger. */
export function eventAt(host: PortLedger, index: number): LedgerEvent {
  assert(index >= 0 && index < host.head().size, 'only durable entries are read')
  let frames = kept.get(host)
  if (frames === undefined) {
    frames = []
    kept.set(host, frames)
  }
  // The newest frame stands last, and it is the one that is asked for most.
  let found = frames.findLast(
    ({ first, events }) => index >= first && index - first < events.length,
  )
  if (found === undefined) {
    found = eventsOfFrame(host, index)
    if (frames.length >= framesKept) frames.shift()
    frames.push(found)
  }
  const event = found.events[index - found.first]
  assert(event !== undefined, 'a frame has an event for each of its entries')
  return event
}

function eventsOfFrame(host: PortLedger, index: number): FrameEvents {
  const entry = decodeEntry(host.entry(index))
  assert(!isRefusal(entry), 'an entry of the log decodes')
  const frame = host.proofs.frame(entry.h)
  const first = frame.firstEntry
  const texts = frame.entries.map((bytes) => latin1Decode(bytes))
  const events = texts.map((text, at) => {
    const link = text.includes('"i":"') ? envelopeOf(text) : null
    const envelope = link === null ? undefined : texts[link.entry - first]
    return eventOf({
      text,
      index: first + at,
      writes: frame.writes[at] ?? '',
      ...(envelope === undefined ? {} : { envelope }),
      memberOf: (kid) => host.registry.memberOf(kid),
      types: host.types,
    })
  })
  return { first, events }
}
