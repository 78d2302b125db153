// Where checkpoints stand. Sizes are decided here, by block time alone, so that every node signs
// the same note: a boundary is seen in one block, and the root of the maps as of that block is the
// last entry of the next, whose size is the checkpoint's.
import type { Value } from '#ledger/command'
import type { Write } from './domain.ts'

/** State of the decision: the last checkpoint, and the boundary block that waits for its root. */
export type CheckpointState = {
  readonly slot: number
  readonly size: number
  readonly height: number
  /**
   * Entries whose effects the last roots show: those of the root's own block are not among them.
   */
  readonly covered: number
  /** Height of a boundary block whose map roots are not yet in the log; 0 when there is none. */
  readonly boundary: number
}

export const checkpointKey = 'ledger/checkpoint'
export const checkpointMsDefault = 10_000
export const checkpointMsMin = 1_000

export const noCheckpoint: CheckpointState = {
  slot: 0,
  size: 0,
  height: 0,
  covered: 0,
  boundary: 0,
}

/** Reads the record written by `checkpointWrite`. */
export function readCheckpoint(value: Value | undefined): CheckpointState {
  return value === undefined ? noCheckpoint : (value as unknown as CheckpointState)
}

export function checkpointWrite(state: CheckpointState): Write {
  return [checkpointKey, { ...state }]
}

/**
 * After a block of `size` entries at `time` milliseconds: a boundary, if the time slot moved on
 * and the log has entries that the last roots do not show. Null when nothing changes.
 */
export function boundaryAfter(
  state: CheckpointState,
  block: { readonly height: number; readonly time: number; readonly size: number },
  intervalMs: number,
): CheckpointState | null {
  const slot = (block.time - (block.time % intervalMs)) / intervalMs
  if (state.boundary !== 0 || slot <= state.slot || block.size <= state.covered) return null
  return { ...state, slot, boundary: block.height }
}
