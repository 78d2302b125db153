// Filling a block. Each command in the queue is judged by the one predicate against the state
// before the block and what the block already holds; what it refuses leaves no trace. The same
// function runs in the embedded engine, in a proposer and in a follower that re-admits.
import type { Command, Intent, Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { AdmissionContext, Admitted } from '#ledger/validate'
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

type Tally = {
  readonly ids: Set<string>
  readonly spent: Map<string, number>
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
    ids: new Set(),
    spent: new Map(),
    commands: [],
    intents: 0,
    bytes: 0,
    documentBytes: 0,
    alone: false,
  }
  const inBlock: AdmissionContext = {
    ...context,
    seen: (member, id) => tally.ids.has(`${member}/${id}`) || context.seen(member, id),
    spent: (member, budget) => tally.spent.get(`${member}/${budget}`) ?? 0,
  }
  const outcomes: (readonly AdmissionOutcome[])[] = []
  for (const command of queue) {
    if (tally.alone || !fits(command, tally)) break
    if (tally.intents > 0 && mustStandAlone(command, inBlock)) break
    outcomes.push(consider(command, inBlock, tally))
  }
  return { commands: tally.commands, outcomes, taken: outcomes.length }
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
  tally.ids.add(`${admitted.member}/${admitted.intent.id}`)
  const budget = `${admitted.member}/${admitted.rule.budget.class}`
  tally.spent.set(budget, (tally.spent.get(budget) ?? 0) + 1)
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
