// Mutated commands: validly signed commands, envelopes and approvals are changed in a thousand
// ways by someone who has seen many of them and has no key, and none of the changed ones may be
// admitted. A mutant counts as accepted when it is admitted (or, for an approval, holds) and is
// not byte for byte what was signed.
import { Buffer } from 'node:buffer'
import type { Approval, ApprovalText, Command } from '#ledger/command'
import { decodeIntent, decodeSubmission, encodeSubmission, isRefusal } from '#ledger/command'
import { admitIntent, admitSigner, verifyApprovals } from '#ledger/validate'
import { height, ledger, makeWorld, time } from '#test/admission'
import type { World } from '#test/admission'
import { bytesOf, filler, makeId, makeIntent } from '#test/commands'
import { signAlike, signCommand, signEnvelope } from '#test/commands'

/** What is mutated; each kind is tried `count` times. */
export const kinds = ['single', 'approved', 'envelope', 'crossed', 'approval'] as const

export type Kind = (typeof kinds)[number]

type Result = {
  tried: number
  accepted: number
  /** How many were refused by a signature alone: everything else about them was in order. */
  lastHeld: number
  example?: string
}

export type Outcome = {
  readonly tried: number
  readonly accepted: number
  /** By kind; `example` is the first mutant that was accepted. */
  readonly kinds: Readonly<Partial<Record<Kind, Result>>>
}

/** Mutates `count` times each kind, or only those named. The same seed tries the same mutants. */
export function run(options: {
  readonly count: number
  readonly seed: number
  readonly only?: readonly Kind[]
}): Outcome {
  const workshop = new Workshop()
  const results: Partial<Record<Kind, Result>> = {}
  const total = { tried: 0, accepted: 0 }
  for (const kind of options.only ?? kinds) {
    const result = tryKind(workshop, kind, options.count, drawerOf(options.seed))
    results[kind] = result
    total.tried += result.tried
    total.accepted += result.accepted
  }
  return { ...total, kinds: results }
}

function tryKind(workshop: Workshop, kind: Kind, count: number, draw: Draw): Result {
  const result: Result = { tried: 0, accepted: 0, lastHeld: 0 }
  for (let tries = 0; tries < count; tries += 1) {
    const mutant =
      kind === 'approval' ? workshop.tryApproval(draw) : workshop.tryCommand(kind, draw)
    result.tried += 1
    if (mutant === 'signature') result.lastHeld += 1
    if (mutant === 'refused' || mutant === 'signature') continue
    result.accepted += 1
    result.example ??= mutant
  }
  return result
}

/** A whole number from 0 up to but not including the bound. */
type Draw = (bound: number) => number

/** Draws by a 32-bit generator (mulberry32), so that a seed says which mutants were tried. */
function drawerOf(seed: number): Draw {
  let state = seed >>> 0
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
}

/** A submission as the parts that an attacker can take apart without a key. */
type Parts = { readonly jws: readonly string[]; readonly intents?: readonly string[] }

const samples = 8

/** Validly signed material, and the judges of its mutants. */
class Workshop {
  readonly #world: World = makeWorld()
  readonly #sources: Readonly<Record<'single' | 'approved' | 'envelope', readonly Parts[]>>
  readonly #signed: ReadonlySet<string>
  readonly #approvals: readonly Approved[]

  constructor() {
    const numbers = Array.from({ length: samples }, (_, number) => number)
    const single = numbers.map((number) => this.#single(number, false))
    const approved = numbers.map((number) => this.#single(number + 100, true))
    const envelope = numbers.map((number) => this.#envelope(number + 200))
    this.#sources = { single, approved, envelope }
    this.#signed = new Set([...single, ...approved, ...envelope].map(identityOf))
    this.#approvals = numbers.map((number) => this.#approved(number + 300))
  }

  #intent(number: number): string {
    const reads = { title: number + 1, tax: 2 }
    const body = { case: makeId(number), act: 'approve.loan', reads }
    return makeIntent({ ledger, id: makeId(number), type: 'case.act', body, notAfter: time + 5 })
  }

  #approve(intent: string, number: number): ApprovalText[] {
    const decoded = decodeIntent(intent)
    if (isRefusal(decoded)) throw new Error('an intent that was made decodes')
    const shown = Buffer.from(filler(`shown/${number}`, 32)).toString('base64url')
    return this.#world.officers.map((officer) => officer.approve(decoded.hash, shown))
  }

  #single(number: number, withApprovals: boolean): Parts {
    const intent = this.#intent(number)
    const key = number % 2 === 0 ? this.#world.keys.tax : this.#world.keys.housing
    const approvals = withApprovals ? this.#approve(intent, number) : undefined
    return { jws: signCommand(key, intent, approvals, signAlike).split('.') }
  }

  #envelope(number: number): Parts {
    const intents = [0, 1, 2].map((offset) => this.#intent(number * 10 + offset))
    const approvals = new Map([[1, this.#approve(intents[1] ?? '', number)]])
    const signed = signEnvelope(this.#world.keys.tax, intents, approvals, signAlike)
    return { jws: signed.envelope.split('.'), intents }
  }

  #approved(number: number): Approved {
    const intent = this.#intent(number)
    return { intent, approvals: this.#approve(intent, number).map(toApproval) }
  }

  /** The text of a mutant that is admitted, `signature` when only that refused it, `refused`. */
  tryCommand(kind: Exclude<Kind, 'approval'>, draw: Draw): string {
    const sources = kind === 'crossed' ? Object.values(this.#sources).flat() : this.#sources[kind]
    const one = sources[draw(sources.length)] as Parts
    const other = sources[draw(sources.length)] as Parts
    const text = kind === 'crossed' ? cross(one, other, draw) : mutateCommand(one, draw)
    const command = decodeSubmission(text)
    if (isRefusal(command)) return 'refused'
    const context = this.#world.context()
    const signer = admitSigner(command, context)
    if (isRefusal(signer)) {
      return signer.code === 'validate/bad-signature' ? 'signature' : 'refused'
    }
    const admitted = command.intents.some(
      (_, position) => !isRefusal(admitIntent(command, position, signer, context)),
    )
    return admitted && !this.#signed.has(identityOfCommand(command)) ? text : 'refused'
  }

  /** Changes an approval, or what it is for; whoever does so may sign the command around it. */
  tryApproval(draw: Draw): string {
    const one = this.#approvals[draw(samples)] as Approved
    const other = this.#approvals[draw(samples)] as Approved
    const at = draw(2)
    const given = one.approvals[at] as Approval
    const changed = changeApproval(given, other.approvals[draw(2)] as Approval, draw)
    const swapIntent = draw(8) === 0
    const text = swapIntent ? mutateText(one.intent, draw) : one.intent
    const intent = decodeIntent(text)
    if (isRefusal(intent)) return 'refused'
    const { view, verify } = this.#world
    const verdict = verifyApprovals([changed], { view, intent, height, verify })
    if (isRefusal(verdict)) {
      return verdict.code === 'validate/approval-bad-signature' ? 'signature' : 'refused'
    }
    const same = text === one.intent ? one.approvals : []
    if (same.some((each) => sameApproval(each, changed))) return 'refused'
    return JSON.stringify([text, changed])
  }
}

type Approved = { readonly intent: string; readonly approvals: readonly Approval[] }

function toApproval({ kid, ad, cd, sig, shown }: ApprovalText): Approval {
  return { kid, ad: bytesOf(ad), cd: bytesOf(cd), sig: bytesOf(sig), shown }
}

function sameApproval(a: Approval, b: Approval): boolean {
  const parts = ['ad', 'cd', 'sig'] as const
  const same = parts.every((part) => Buffer.compare(a[part], b[part]) === 0)
  return same && a.kid === b.kid && a.shown === b.shown
}

function identityOf(parts: Parts): string {
  return [parts.jws.join('.'), ...(parts.intents ?? [])].join('\n')
}

function identityOfCommand(command: Command): string {
  const beside = command.form === 'envelope' ? command.intents.map((each) => each?.text ?? '') : []
  return [command.jws.text, ...beside].join('\n')
}

function submissionOf(parts: Parts): string {
  const jws = parts.jws.join('.')
  const { intents } = parts
  return intents === undefined
    ? encodeSubmission({ command: jws })
    : encodeSubmission({ envelope: jws, intents })
}

/** Changes one layer of a submission: its text, a part of its JWS, what a part holds, an intent. */
function mutateCommand(parts: Parts, draw: Draw): string {
  const layer = draw(parts.intents === undefined ? 5 : 7)
  if (layer === 0) return mutateText(submissionOf(parts), draw)
  if (layer === 1) return mutateText(parts.jws.join('.'), draw)
  const intents = [...(parts.intents ?? [])]
  if (layer > 4) {
    const at = draw(intents.length)
    if (draw(2) === 0) intents[at] = mutateText(intents[at] ?? '', draw)
    else intents.splice(at, draw(2), intents[draw(intents.length)] ?? '')
    return submissionOf({ ...parts, intents })
  }
  const jws = [...parts.jws]
  const at = draw(3)
  jws[at] = layer === 2 ? mutateText(jws[at] ?? '', draw) : mutateInside(jws[at] ?? '', at, draw)
  return submissionOf({ ...parts, jws })
}

/** Changes what a base64url part holds; of a payload, now and then the intent within. */
function mutateInside(part: string, at: number, draw: Draw): string {
  const inside = Buffer.from(part, 'base64url').toString('latin1')
  const nested = /^(\{"intent":")([\w-]+)(".*)$/.exec(inside)
  if (at !== 1 || nested === null || draw(2) === 0) return encoded(mutateText(inside, draw))
  const [, head = '', intent = '', tail = ''] = nested
  const text = mutateText(Buffer.from(intent, 'base64url').toString('latin1'), draw)
  return encoded(head + encoded(text) + tail)
}

const encoded = (text: string): string => Buffer.from(text, 'latin1').toString('base64url')

/** Puts parts of two signed commands together. */
function cross(one: Parts, other: Parts, draw: Draw): string {
  const jws = one.jws.map((part, at) => (draw(2) === 0 ? part : (other.jws[at] ?? '')))
  const from = draw(2) === 0 ? one : other
  const intents = from.intents?.map((intent, at) =>
    draw(2) === 0 ? intent : (other.intents?.[at] ?? one.intents?.[at] ?? intent),
  )
  return submissionOf(intents === undefined ? { jws } : { jws, intents })
}

/** One to three small changes of a text whose characters are bytes. */
function mutateText(text: string, draw: Draw): string {
  let changed = text
  for (let times = 1 + draw(3); times > 0; times -= 1) changed = changeOnce(changed, draw)
  return changed
}

const favourites = '{}[]",:0123456789.-_=+/ \n\\eE\u0000\u007f\u00ff'

function changeOnce(text: string, draw: Draw): string {
  const at = draw(text.length + 1)
  const until = Math.min(text.length, at + 1 + draw(8))
  const rest = text.slice(at + 1)
  const favourite = favourites.charAt(draw(favourites.length))
  switch (draw(8)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << draw(8))) + rest
    case 1:
      return text.slice(0, at) + String.fromCharCode(draw(256)) + rest
    case 2:
      return text.slice(0, at) + favourite + rest
    case 3:
      return text.slice(0, at) + favourite + text.slice(at)
    case 4:
      return text.slice(0, at) + text.slice(until)
    case 5:
      return text.slice(0, until) + text.slice(at)
    case 6:
      return text.slice(0, at) + reversed(text.slice(at, until)) + text.slice(until)
    default:
      return changeNumber(text, draw)
  }
}

function reversed(text: string): string {
  return Buffer.from(text, 'latin1').reverse().toString('latin1')
}

/** Changes a run of digits into another, which leaves the form whole. */
function changeNumber(text: string, draw: Draw): string {
  const runs = [...text.matchAll(/[0-9]+/g)]
  const found = runs[draw(Math.max(1, runs.length))]
  if (found === undefined) return `${text}0`
  const end = found.index + found[0].length
  return text.slice(0, found.index) + String(draw(1_000_000)) + text.slice(end)
}

/** Changes one part of an approval, or takes it from another. */
function changeApproval(given: Approval, other: Approval, draw: Draw): Approval {
  const part = (['ad', 'cd', 'sig', 'kid', 'shown'] as const)[draw(5)] ?? 'ad'
  if (draw(4) === 0) return { ...given, [part]: other[part] }
  if (part === 'kid') return { ...given, kid: other.kid }
  if (part === 'shown') {
    return { ...given, shown: Buffer.from(filler(`${draw(1e9)}`, 32)).toString('base64url') }
  }
  const text = mutateText(Buffer.from(given[part]).toString('latin1'), draw)
  return { ...given, [part]: new Uint8Array(Buffer.from(text, 'latin1')) }
}
