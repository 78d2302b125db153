// Filling a block. Each command in the queue is judged by the one predicate against the state
// before the block and what the block already holds; what it refuses leaves no trace. The same
// function runs in the embedded engine, in a proposer and in a follower that re-admits.
import type { Command, Intent, Refusal, Value } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { AdmissionContext, Admitted, Reading } from '#ledger/validate'
import { admitIntent, admitSigner } from '#ledger/validate'
import type { AdmissionOutcome, AdmittedCommand } from './block.ts'
import { blockBytesMax, blockDocumentBytesMax, blockIntentsMax } from './block.ts'

/** The part of the context that does not depend on what the block already holds. */
export type FillContext = Omit<AdmissionContext, 'spent'>

/** `taken` commands were considered; the rest waits for the next block. */
export type Filled = {
  readonly commands: readonly AdmittedCommand[]
  /** Per considered command, per position. */
  readonly outcomes: readonly (readonly AdmissionOutcome[])[]
  readonly taken: number
}

/** Counts by member and a name of the member's own: nested, so that no joined text is made. */
class Counts {
  readonly #members: Map<string, Map<string, number>> = new Map()

  of(member: string, name: string): number {
    return this.#members.get(member)?.get(name) ?? 0
  }

  add(member: string, name: string): void {
    const names = this.#members.get(member)
    if (names === undefined) this.#members.set(member, new Map([[name, 1]]))
    else names.set(name, (names.get(name) ?? 0) + 1)
  }
}

type Tally = {
  readonly ids: Counts
  readonly spent: Counts
  commands: AdmittedCommand[]
  intents: number
  bytes: number
  documentBytes: number
  alone: boolean
}

/**
 * Admits commands in order until the block is full or the queue is empty. A command whose type
 * must stand alone closes the block before it, and the block that it opens.
 */
export function fillBlock(queue: readonly Command[], context: FillContext): Filled {
  const tally: Tally = {
    ids: new Counts(),
    spent: new Counts(),
    commands: [],
    intents: 0,
    bytes: 0,
    documentBytes: 0,
    alone: false,
  }
  const inBlock: AdmissionContext = {
    ...context,
    view: remembering(context.view),
    seen: (member, id) => tally.ids.of(member, id) > 0 || context.seen(member, id),
    spent: (member, budget) => tally.spent.of(member, budget),
  }
  const outcomes: (readonly AdmissionOutcome[])[] = []
  for (const command of queue) {
    if (tally.alone || !fits(command, tally)) break
    if (tally.intents > 0 && mustStandAlone(command, inBlock)) break
    outcomes.push(consider(command, inBlock, tally))
  }
  return { commands: tally.commands, outcomes, taken: outcomes.length }
}

/** The state before a block does not change while it is filled, and few records are asked often. */
function remembering(view: Reading): Reading {
  const known = new Map<string, Value | undefined>()
  return {
    get: (key) => {
      const value = known.get(key)
      if (value !== undefined || known.has(key)) return value
      const read = view.get(key)
      known.set(key, read)
      return read
    },
  }
}

function fits(command: Command, tally: Tally): boolean {
  if (tally.commands.length === 0) return true
  return (
    tally.intents + command.intents.length <= blockIntentsMax &&
    tally.bytes + bytesOf(command) <= blockBytesMax &&
    tally.documentBytes + documentBytesOf(command) <= blockDocumentBytesMax
  )
}

/** Whether the command needs a block of its own; one that would not be admitted needs none. */
function mustStandAlone(command: Command, context: AdmissionContext): boolean {
  const isAlone = (intent: Intent | null): boolean =>
    intent !== null && context.types.get(intent.type)?.alone === true
  if (!command.intents.some(isAlone)) return false
  const signer = admitSigner(command, context)
  if (isRefusal(signer)) return false
  return command.intents.some(
    (intent, at) => isAlone(intent) && !isRefusal(admitIntent(command, at, signer, context)),
  )
}

function consider(command: Command, context: AdmissionContext, tally: Tally): AdmissionOutcome[] {
  const signer = admitSigner(command, context)
  if (isRefusal(signer)) return command.intents.map(() => signer)
  const admitted: Admitted[] = []
  const outcomes: AdmissionOutcome[] = []
  for (let position = 0; position < command.intents.length; position += 1) {
    if (command.intents[position] === null) continue
    const result: Admitted | Refusal = admitIntent(command, position, signer, context)
    if (isRefusal(result)) {
      outcomes.push(result)
      continue
    }
    outcomes.push({ intent: tally.intents })
    count(result, tally)
    admitted.push(result)
  }
  if (admitted.length > 0) {
    tally.commands.push({ command, signer, intents: admitted })
    tally.bytes += bytesOf(command)
    tally.documentBytes += documentBytesOf(command)
  }
  return outcomes
}

function count(admitted: Admitted, tally: Tally): void {
  tally.intents += 1
  tally.ids.add(admitted.member, admitted.intent.id)
  tally.spent.add(admitted.member, admitted.rule.budget.class)
  if (admitted.rule.alone === true) tally.alone = true
}

/** Bytes that a command holds while it waits: its signature, intents and documents. */
export function commandBytes(command: Command): number {
  return bytesOf(command) + documentBytesOf(command)
}

function bytesOf(command: Command): number {
  let bytes = command.jws.text.length
  if (command.form === 'envelope')
    for (const intent of command.intents) bytes += intent?.text.length ?? 0
  return bytes
}

function documentBytesOf(command: Command): number {
  let bytes = 0
  for (const document of command.documents.values()) bytes += document.length
  return bytes
}
