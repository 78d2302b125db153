// What keys sign: compact JWS under the profile of the ledger, checkpoints as C2SP signed notes,
// and cosignatures. It promises that each kind of artefact is signed by a key of one use alone, so
// that no signature can be taken for another kind (protocol.md §3.3).
import { base64urlDecode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { commandPayload, commandTyp, envelopePayload, envelopeTyp } from '#ledger/command'
import { jwsAssemble, jwsSigningInput } from '#ledger/command'
import type { ApprovalText, Refusal } from '#ledger/command'
import { cosignatureMessage, encodeCheckpoint, encodeCosignature, encodeNote } from '#ledger/prove'
import { noteKey, parseCheckpoint } from '#ledger/prove'
import type { Checkpoint, NoteKey, NoteSignature } from '#ledger/prove'
import { Failure } from './failure.ts'
import { algorithmOf, possessionPrefix } from './key-store.ts'
import type { HeldKey, HeldUse, KeyStore } from './key-store.ts'

/** The `typ` of a signed refusal. */
export const refusalTyp = 'lianban-refusal+jws'

/** Commands of members and of oversight bodies; which of them a type takes, admission decides. */
const commandUses: readonly HeldUse[] = ['command', 'oversight']

/** The uses whose keys sign a `typ`; every other `typ` is for the uses of `freeUses`. */
const usesByTyp: ReadonlyMap<string, readonly HeldUse[]> = new Map([
  [commandTyp, commandUses],
  [envelopeTyp, commandUses],
  [refusalTyp, ['receipt']],
  ['dc+sd-jwt', ['certificate']],
  ['statuslist+jwt', ['status']],
])

/** Keys that sign commands sign nothing else, so that nothing else can be one. */
const freeUses: readonly HeldUse[] = ['receipt', 'certificate', 'status']

const typForm = /^[a-z][a-z0-9-]{0,63}\+(?:jws|jwt|sd-jwt)$/

/** What is signed as a compact JWS. */
export type JwsRequest = {
  readonly kid: string
  readonly use: HeldUse
  readonly typ: string
  /** Printable ASCII. */
  readonly payload: string
}

/** A compact JWS (RFC 7515 §7.1) by an ES256 key. Throws `keys/wrong-use`, `keys/bad-content`. */
export function signJws(store: KeyStore, { kid, use, typ, payload }: JwsRequest): string {
  const fitting = usesByTyp.get(typ) ?? freeUses
  if (!fitting.includes(use))
    throw new Failure('keys/wrong-use', `a key for ${use} does not sign ${typ}`)
  if (!typForm.test(typ)) throw new Failure('keys/bad-content', 'the typ has not its form')
  if (!/^[\x20-\x7e]+$/.test(payload)) {
    throw new Failure('keys/bad-content', 'the payload is not printable ASCII')
  }
  const input = jwsSigningInput({ alg: 'ES256', kid, typ, payload })
  return jwsAssemble(input, store.sign(kid, use, input))
}

/** A command over one intent's exact text, with officers' approvals where it needs them. */
export function signCommand(
  store: KeyStore,
  kid: string,
  intent: string,
  approvals?: readonly ApprovalText[],
): string {
  const payload = commandPayload(intent, approvals)
  return signJws(store, { kid, use: found(store, kid).use, typ: commandTyp, payload })
}

/** An envelope over the exact texts of intents; approvals by position. */
export function signEnvelope(
  store: KeyStore,
  kid: string,
  intents: readonly string[],
  approvals?: ReadonlyMap<number, readonly ApprovalText[]>,
): string {
  const payload = envelopePayload(intents, approvals)
  return signJws(store, { kid, use: found(store, kid).use, typ: envelopeTyp, payload })
}

/** What a node answers for when it does not admit a command (protocol.md §5.1). */
export type RefusalStatement = {
  readonly refusal: Refusal
  readonly member: string
  /** Id of the intent, where one could be read. */
  readonly id?: string
  /** base64url SHA-256 of the bytes that were refused. */
  readonly hash: string
  /** Unix milliseconds. */
  readonly time: number
}

/** The statement under the node's `receipt` key, so that censorship leaves evidence. */
export function signRefusal(store: KeyStore, kid: string, statement: RefusalStatement): string {
  const { refusal, ...rest } = statement
  const payload = encodeCanonical({ ...refusal, ...rest })
  return signJws(store, { kid, use: 'receipt', typ: refusalTyp, payload })
}

/**
 * The signature by which a key shows that it is held, over the text of docs/protocol/members.md:
 * ledger, member, use and kid, and what the key is registered for. Throws `keys/bad-content` for
 * a text about another key than this one.
 */
export function provePossession(store: KeyStore, kid: string, text: string): Bytes {
  const { member, use } = found(store, kid)
  const [, ledger, ...rest] = text.slice(possessionPrefix.length - 1).split('\0')
  const about = rest.slice(0, 3).join(' ')
  const fits = text.startsWith(possessionPrefix) && rest.length === 4 && ledger !== ''
  if (!fits || about !== `${member} ${use} ${kid}`) {
    throw new Failure('keys/bad-content', 'the text is no proof of possession of this key')
  }
  return store.sign(kid, use, text)
}

/** The key as verifiers of notes and cosignatures know it; throws unless it is such a key. */
export function noteKeyOf(key: HeldKey, name: string): NoteKey {
  if (algorithmOf(key.use) !== 'Ed25519') {
    throw new Failure('keys/wrong-use', `a key for ${key.use} signs no notes`)
  }
  const use = key.use === 'log' ? 'note' : 'cosignature'
  const known = noteKey(name, use, pointOf(key))
  if (known === null) throw new Failure('keys/bad-content', 'the name cannot name a key')
  return known
}

/** The log's signature line over its checkpoint; the key's name is the origin. */
export function signCheckpoint(
  store: KeyStore,
  kid: string,
  checkpoint: Checkpoint,
): NoteSignature {
  const text = encodeCheckpoint(checkpoint)
  if (parseCheckpoint(text) === null) {
    throw new Failure('keys/bad-content', 'the text is not a checkpoint')
  }
  const signature = store.sign(kid, 'log', text)
  const { name, keyHash } = noteKeyOf(found(store, kid), checkpoint.origin)
  return { name, keyHash, signature }
}

/** The bytes of a checkpoint that the log alone has signed. */
export function signedCheckpoint(store: KeyStore, kid: string, checkpoint: Checkpoint): Bytes {
  const signatures = [signCheckpoint(store, kid, checkpoint)]
  return encodeNote({ text: encodeCheckpoint(checkpoint), signatures })
}

/** What a cosigner signs: the text of a checkpoint at a time. */
export type CosignRequest = {
  readonly kid: string
  /** The cosigner's own name. It is not in the signed bytes, so one key has one name. */
  readonly name: string
  /** Three lines of a checkpoint, each with its line break. */
  readonly text: string
  /** Unix seconds. */
  readonly seconds: number
}

/** A cosignature v1 (C2SP tlog-cosignature) by a key of use `cosign`. */
export function cosign(store: KeyStore, request: CosignRequest): NoteSignature {
  const { kid, name, text, seconds } = request
  if (parseCheckpoint(text) === null || !Number.isSafeInteger(seconds) || seconds < 0) {
    throw new Failure('keys/bad-content', 'only a checkpoint at a time is cosigned')
  }
  const signature = store.sign(kid, 'cosign', utf8Encode(cosignatureMessage(seconds, text)))
  const { keyHash } = noteKeyOf(found(store, kid), name)
  return { name, keyHash, signature: encodeCosignature(seconds, signature) }
}

function found(store: KeyStore, kid: string): HeldKey {
  const key = store.find(kid)
  if (key === undefined) throw new Failure('keys/unknown-key', `no key ${kid} is held`)
  return key
}

function pointOf({ jwk }: HeldKey): Bytes {
  const point = jwk.kty === 'OKP' ? base64urlDecode(jwk.x) : null
  if (point === null) throw new Failure('keys/wrong-use', 'the key is not Ed25519')
  return point
}
