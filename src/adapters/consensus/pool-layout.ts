// The memory that the verifier's threads share: one region a thread, written by the main thread,
// read and answered by the worker. Words are 32 bits in the machine's own order; this memory never
// leaves the process.

/** Words of the control part. */
export const control = { turn: 0, count: 1, words: 4 } as const

/** Most checks of one batch. */
export const batchMax = 256
/** Bytes of messages and signatures of one batch. */
export const batchBytes = 256 * 1024
/** Words of one check: key number, form, message length, signature length. */
export const checkWords = 4

/** Where the parts of a region lie, in bytes. */
export const layout = {
  checks: control.words * 4,
  verdicts: control.words * 4 + batchMax * checkWords * 4,
  bytes: control.words * 4 + batchMax * checkWords * 4 + batchMax * 4,
  total: control.words * 4 + batchMax * checkWords * 4 + batchMax * 4 + batchBytes,
} as const

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
    checks: new Int32Array(memory, layout.checks, batchMax * checkWords),
    verdicts: new Int32Array(memory, layout.verdicts, batchMax),
    bytes: new Uint8Array(memory, layout.bytes, batchBytes),
  }
}
