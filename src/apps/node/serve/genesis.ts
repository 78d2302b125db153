// What a directory says about its own ledger before it is opened: the genesis entry, first in the
// first frame of the journal. It promises that a damaged first frame is not read as a ledger.
import { latin1Decode } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import type { Value } from '#ledger/command'
import { decodeEntry, decodeFrame, frameHeaderBytes, frameLength } from '#ledger/apply'
import { Failure } from '#adapters/storage'
import type { Disk } from '#adapters/storage'

/** How a ledger began. */
export type Beginning = {
  /** Its origin, the `ledger` of every command in it. */
  readonly ledger: string
  /** What the founders agreed on. */
  readonly params: Value
  /** Whether it is a practice ledger, for ever. */
  readonly practice: boolean
  /** The member that runs the embedded ledger. */
  readonly operator: string
}

/** The beginning of the ledger on this disk; null when there is none. Throws `Failure`. */
export function readBeginning(disk: Disk): Beginning | null {
  const first = disk.list('journal').find((name) => name.endsWith('.seg'))
  if (first === undefined) return null
  const file = disk.open(`journal/${first}`, 'read')
  try {
    const header = new Uint8Array(frameHeaderBytes)
    if (disk.read(file, header, 0) < frameHeaderBytes) return null
    const length = frameLength(header)
    if (length === null || disk.size(file) < length) return null
    const bytes = new Uint8Array(length)
    disk.read(file, bytes, 0)
    return beginningOf(bytes)
  } finally {
    disk.close(file)
  }
}

function beginningOf(bytes: Uint8Array): Beginning {
  const frame = decodeFrame(bytes, new Uint8Array(32))
  const [first] = isRefusal(frame) ? [] : frame.entries
  const entry = first === undefined ? null : decodeEntry(latin1Decode(first))
  if (entry === null || isRefusal(entry) || entry.kind !== 'system') throw damaged()
  const { kind, ledger, params } = entry.system
  if (kind !== 'genesis' || typeof ledger !== 'string' || !isMembers(params)) throw damaged()
  const { practice, operator } = params
  return {
    ledger,
    params,
    practice: practice === true,
    operator: typeof operator === 'string' ? operator : '',
  }
}

function isMembers(value: Value | undefined): value is { readonly [name: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function damaged(): Failure {
  return new Failure('storage/journal-corrupt', true, 'the first frame holds no genesis')
}
