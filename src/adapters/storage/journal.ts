// The journal: all frames one after another, in segments. It is the truth on disk; everything else
// is derived from it. It promises that a frame whose sync has returned is found again whole, or
// that opening says so; and that what a crash tore off its end was never acknowledged.
import type { Bytes } from '#base/bytes'
import { Defect } from '#base/assert'
import type { Disk } from './disk.ts'

/** A place between two frames: where the last frame begins and ends, its height and its hash. */
export type JournalMark = {
  /** Position at which the last frame begins. */
  readonly frame: number
  /** Position after it, where the next frame begins. */
  readonly end: number
  readonly height: number
  /** 32 bytes. */
  readonly hash: Bytes
}

/** The mark before the first frame. */
export const journalStart: JournalMark = { frame: 0, end: 0, height: 0, hash: new Uint8Array(32) }

export type JournalOptions = {
  /** A segment that has reached so many bytes is followed by a new one; 256 MiB when absent. */
  readonly segmentBytes?: number
  /** Frames up to here are known from a snapshot and are not read at opening. */
  readonly from?: JournalMark
}

/** A frame as read back: whole, and linked to the frame before it. */
export type JournalFrame = { readonly mark: JournalMark; readonly bytes: Bytes }

/**
 * The open journal. One frame at a time may be less than durable: `append`, then `sync`, then the
 * next `append`; otherwise a torn frame could stand before a whole one.
 */
export class Journal {
  /** After the last appended frame. */
  get end(): JournalMark {
    throw new Defect('not built')
  }

  /** After the last frame whose sync has returned. */
  get durable(): JournalMark {
    throw new Defect('not built')
  }

  /** Writes a whole frame (as `encodeFrame` gives it); it is durable only after a sync. */
  append(_frame: Bytes): JournalMark {
    throw new Defect('not built')
  }

  /** Makes what was appended durable. */
  sync(): Promise<void> {
    throw new Defect('not built')
  }

  syncNow(): void {
    throw new Defect('not built')
  }

  /** Takes away what is not durable: after `storage/no-space`, before anything else. */
  cutBack(): void {
    throw new Defect('not built')
  }

  /** Bytes of the journal as they stand; the caller checks them. */
  bytes(_position: number, _length: number): Bytes {
    throw new Defect('not built')
  }

  /** The frames after a mark up to the durable end, each checked against the one before. */
  frames(_after: JournalMark): Iterable<JournalFrame> {
    throw new Defect('not built')
  }

  close(): void {
    throw new Defect('not built')
  }
}

/**
 * Opens or makes `journal/`, checks the frames after `from` and takes a torn end away. Throws
 * `storage/journal-corrupt` (fatal) when something else than the end is damaged.
 */
export function openJournal(_disk: Disk, _options: JournalOptions = {}): Journal {
  throw new Defect('not built')
}
