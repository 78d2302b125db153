// What clients of the simulated ledger send: notes, removals, published documents and envelopes of
// two members, with times that are sometimes short. The same seed sends the same.
import { base64urlEncode } from '#base/bytes'
import { sha256 } from '#base/crypto'
import type { Command } from '#ledger/command'
import { decodeSubmission, encodeSubmission, isRefusal } from '#ledger/command'
import { gasKey, ledgerName, taxKey } from '#test/memory-ledger'
import { makeId, makeIntent, signCommand, signEnvelope } from '#test/commands'
import type { Random } from './random.ts'

/** Makes commands; every one has an id of its own. */
export class Clients {
  readonly #random: Random
  readonly #seed: number
  #number = 0

  constructor(random: Random, seed: number) {
    this.#random = random
    this.#seed = seed
  }

  /** A new command of either member. */
  next(wallMs: number): Command {
    const random = this.#random
    const key = random.oneIn(3) ? gasKey : taxKey
    if (random.oneIn(9)) return this.#publishing(wallMs)
    if (!random.oneIn(6)) return decoded(signCommand(key, this.#intent(wallMs)))
    const intents = Array.from({ length: 1 + random.below(4) }, () => this.#intent(wallMs))
    return decoded(encodeSubmission(signEnvelope(key, intents)))
  }

  /** The command by which the operator confirms what the clock shows. */
  confirming(wallMs: number): Command {
    // An odd time is refused by the test's domain.
    const time = wallMs - (wallMs % 2)
    const intent = makeIntent({
      ledger: ledgerName,
      id: this.#id(),
      type: 'notes.close',
      body: { time },
      notAfter: time + 60_000,
    })
    return decoded(signCommand(taxKey, intent))
  }

  #publishing(wallMs: number): Command {
    const document = this.#random.bytes(1 + this.#random.below(1500))
    const intent = makeIntent({
      ledger: ledgerName,
      id: this.#id(),
      type: 'notes.publish',
      body: { document: base64urlEncode(sha256(document)) },
      notAfter: wallMs + 3_600_000,
    })
    const command = signCommand(taxKey, intent)
    return decoded(encodeSubmission({ command, documents: [document] }))
  }

  #intent(wallMs: number): string {
    const note = `n${this.#random.below(12)}`
    const drop = this.#random.oneIn(5)
    return makeIntent({
      ledger: ledgerName,
      id: this.#id(),
      type: drop ? 'notes.drop' : 'notes.set',
      body: drop ? { key: note } : { key: note, value: this.#random.below(20) - 2 },
      notAfter: wallMs + 1 + this.#random.below(7 * 24 * 3_600_000),
    })
  }

  #id(): string {
    this.#number += 1
    return makeId(this.#seed * 1_000_000 + this.#number)
  }
}

function decoded(text: string): Command {
  const command = decodeSubmission(text)
  if (isRefusal(command)) throw new Error(command.code)
  return command
}
