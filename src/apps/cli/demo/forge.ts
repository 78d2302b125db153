// A rewritten history, made with every key that the operator of a practice ledger holds: the same
// genesis, the same times, one command replaced, and everything after it run again. Each frame,
// each digest and each signature of the result holds by itself. It is what the demonstration shows,
// and what the tests of rewriting begin with.
import type { Bytes } from '#base/bytes'
import { latin1Decode } from '#base/bytes'
import { assert } from '#base/assert'
import { isRefusal } from '#ledger/command'
import type { Command, Intent } from '#ledger/command'
import { commandsOf, decodeEntry, decodeFrame, emptyHead } from '#ledger/apply'
import type { Applied, Frame } from '#ledger/apply'
import { fillBlock } from '#ledger/order'
import { Past } from '#apps/cli/ledger'

/** Gives the commands that the block of a height is to have instead. */
export type Rewrite = (commands: readonly Command[], height: number) => readonly Command[]

/** The frames of a history in which some commands are others. */
export function forge(
  ledger: string,
  frames: readonly Bytes[],
  rewrite: Rewrite,
): readonly Bytes[] {
  const machine = new Past().machine(ledger, emptyHead)
  const forged: Bytes[] = []
  let previous: Bytes = new Uint8Array(32)
  const keep = (applied: Applied): void => {
    forged.push(applied.frame)
    machine.confirm(applied)
  }
  const naming = (intent: Intent): readonly string[] =>
    machine.types.get(intent.type)?.documents?.(intent.body) ?? []
  for (const bytes of frames) {
    const frame = decodeFrame(bytes, previous)
    assert(!isRefusal(frame), 'a history that is rewritten was whole')
    previous = frame.hash
    if (frame.height === 1) {
      keep(machine.genesis(paramsOf(frame), frame.time))
      continue
    }
    const found = commandsOf(frame, naming)
    assert(!isRefusal(found), 'a history that is rewritten has its commands')
    const commands = found.map(({ command }) => command)
    const filled = fillBlock(rewrite(commands, frame.height), machine.admission(frame.time))
    const { height, time } = frame
    keep(machine.deliver({ height, time, commands: filled.commands }))
  }
  return forged
}

function paramsOf(frame: Frame): Parameters<ReturnType<Past['machine']>['genesis']>[0] {
  const [first] = frame.entries
  const entry = first === undefined ? null : decodeEntry(latin1Decode(first))
  assert(entry !== null && !isRefusal(entry) && entry.kind === 'system', 'the first is a genesis')
  return entry.system['params'] ?? null
}
