// The memory that the verifier's threads share: one region a thread, written by the main thread,
// read and answered by the worker. Words are 32 bits in the machine's own order; this memory never
// leaves the process.

/** Words of the control part. */
export const control = { turn: 0, count: 1, words: 4 } as const

/** Most checks of one batch. */
export const batchMax = 256
/** Bytes of messages and signatures of one batch. */
export const batchBytes: number = 256 * 1024
/** Words of one check: key number, form, message length, signature length. */
export const checkWords = 4

const checksAt = control.words * 4
const verdictsAt = checksAt + batchMax * checkWords * 4
const bytesAt = verdictsAt + batchMax * 4

/** Bytes of one region. */
export const regionBytes: number = bytesAt + batchBytes

/** The parts of one region as typed views over it. */
export type Region = {
  readonly control: Int32Array<SharedArrayBuffer>
  readonly checks: Int32Array<SharedArrayBuffer>
  readonly verdicts: Int32Array<SharedArrayBuffer>
  readonly bytes: Uint8Array<SharedArrayBuffer>
}

export function regionOf(memory: SharedArrayBuffer): Region {
  return {
    control: new Int32Array(memory, 0, control.words),
    checks: new Int32Array(memory, checksAt, batchMax * checkWords),
    verdicts: new Int32Array(memory, verdictsAt, batchMax),
    bytes: new Uint8Array(memory, bytesAt, batchBytes),
  }
}
