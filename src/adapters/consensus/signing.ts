// Facts about signatures for the state machine. Every signature of a command (the node key's and
// those of approvals) is checked by the verifier before the command waits for a block; the machine
// reads the verdict, and checks by itself what changed its key in between.
import type { Bytes } from '#base/bytes'
import type { Command } from '#ledger/command'
import type { Signatures } from '#ledger/apply'
import type { KeyRecord, Reading } from '#ledger/validate'
import { assertionMessage, readKey } from '#ledger/validate'
import type { Check, Verifier } from './verifier.ts'
import { KeyRing, verdict } from './verifier.ts'

type Fact = { readonly kid: string; readonly holds: boolean }

/** A signature that carries verdicts, each under the symbol of whoever had it checked. */
type Judged = Bytes & { [by: symbol]: Fact | undefined }

/**
 * Verdicts on the very signature object that was decoded with its message: both live and die with
 * the command, so a verdict can neither be confused nor outlive what it is about. They stand on the
 * object and not in a weak map, whose every entry is followed up when garbage is collected.
 */
export class Signing implements Signatures {
  readonly #mine: symbol = Symbol('verdict')
  readonly #ring = new KeyRing()
  readonly #verifier: Verifier
  readonly #records: Reading

  constructor(verifier: Verifier, records: Reading) {
    this.#verifier = verifier
    this.#records = records
  }

  /** Calls `done` once all signatures of the command whose keys are known have a verdict. */
  check(command: Command, done: () => void): void {
    const checks = this.#checksOf(command)
    let open = checks.length
    if (open === 0) return done()
    for (const check of checks) {
      this.#verifier.check(check, (holds) => {
        const judged = check.signature as Judged
        judged[this.#mine] = { kid: check.key.kid, holds }
        open -= 1
        if (open === 0) done()
      })
    }
  }

  /** The verdict on a command's own signature. */
  command(key: KeyRecord, signingInput: string, signature: Bytes): boolean {
    return this.#verdict({ key, message: signingInput, signature, form: 'raw' })
  }

  /** The verdict on an officer's assertion. */
  assertion(key: KeyRecord, message: Bytes, signature: Bytes): boolean {
    return this.#verdict({ key, message, signature, form: 'der' })
  }

  #verdict(check: Check): boolean {
    const known = (check.signature as Judged)[this.#mine]
    if (known !== undefined && known.kid === check.key.kid) return known.holds
    return verdict(this.#ring, check)
  }

  #checksOf(command: Command): Check[] {
    const { kid, signingInput, signature } = command.jws
    const key = readKey(this.#records, kid)
    if (key === undefined) return []
    const checks: Check[] = [{ key, message: signingInput, signature, form: 'raw' }]
    for (const approvals of command.approvals) {
      for (const approval of approvals) {
        const officer = readKey(this.#records, approval.kid)
        if (officer === undefined) continue
        const message = assertionMessage(approval)
        checks.push({ key: officer, message, signature: approval.sig, form: 'der' })
      }
    }
    return checks
  }
}
