// An applied block as the entry index takes it: entries are views into the frame's own bytes.
import type { Bytes } from '#base/bytes'
import type { Applied, Frame } from '#ledger/apply'
import { frameEntriesAt, frameHeaderBytes } from '#ledger/apply'

/** The frame of an applied block, without writes and documents, which the index does not read. */
export function entryViews(applied: Applied): Frame {
  const { frame, head } = applied
  const entries: Bytes[] = []
  let at = frameHeaderBytes + frameEntriesAt
  for (const text of applied.entries) {
    entries.push(frame.subarray(at + 2, at + 2 + text.length))
    at += 2 + text.length
  }
  return {
    height: head.height,
    time: head.time,
    code: frame.subarray(frameHeaderBytes + 16, frameHeaderBytes + 48),
    stateDigest: head.stateDigest,
    firstEntry: applied.firstEntry,
    entries,
    writes: [],
    documents: [],
    hash: head.frameHash,
  }
}
