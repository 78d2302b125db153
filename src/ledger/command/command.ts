// Commands as submitted: one JWS by a member's key over one intent, or over the hashes of several
// (an envelope), with the intents and documents that travel beside it. Decoding says that the
// form is right and that all parts belong together; nothing here knows a key or a member.
import { assert } from '#base/assert'
import { base64urlDecode, base64urlEncode, base64urlToLatin1, latin1Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import { decodeApprovals } from './approval.ts'
import type { Approval } from './approval.ts'
import { decodeIntent } from './intent.ts'
import type { Intent } from './intent.ts'
import { decodeJws } from './jws.ts'
import type { Jws } from './jws.ts'
import { base64urlLength, isDigest } from './leaf.ts'
import { commandBytesMax, documentBytesMax, documentsMax } from './limits.ts'
import { envelopeIntentsMax, intentBytesMax, submissionBytesMax } from './limits.ts'
import { isRefusal, refuse, within } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import { decodeStrict, hasMembers, isList, isMembers } from './tokenizer.ts'
import type { Members, Value } from './tokenizer.ts'

/** `typ` of a JWS over one intent. */
export const commandTyp = 'lianban-command+jws'

/** `typ` of a JWS over the hashes of several intents. */
export const envelopeTyp = 'lianban-envelope+jws'

/** One signed JWS with everything that travels beside it, decoded but not verified. */
export type Command = {
  readonly form: 'single' | 'envelope'
  readonly jws: Jws
  /** By position; null where an envelope's entries in the log do not hold the intent. */
  readonly intents: readonly (Intent | null)[]
  /** The intents' canonical base64url by position, when they were sent so: entries carry it. */
  readonly encoded?: readonly string[]
  /** Approvals by the intent's position. */
  readonly approvals: readonly (readonly Approval[])[]
  /** Documents by base64url SHA-256. */
  readonly documents: ReadonlyMap<string, Bytes>
}

/** The parts of a submission as they stand on the wire and in entries. */
export type SubmissionParts =
  | { readonly command: string; readonly documents?: readonly Bytes[] }
  | {
      readonly envelope: string
      /** The intents' exact texts, by position; null or absent where one was not admitted. */
      readonly intents: readonly (string | null)[]
      readonly documents?: readonly Bytes[]
    }

const submissionLimits = { bytes: submissionBytesMax }
const orders: readonly (readonly string[])[] = [
  ['command'],
  ['command', 'documents'],
  ['envelope', 'intents'],
  ['envelope', 'intents', 'documents'],
]

/**
 * Decodes what a client sent: a bare compact JWS of a single command, or one strict JSON object
 * `{"command","documents"?}` or `{"envelope","intents","documents"?}`. Untrusted.
 */
export function decodeSubmission(text: string): Command | Refusal {
  if (text.charCodeAt(0) !== 0x7b) return decodeParts({ command: text })
  const value = decodeStrict(text, submissionLimits)
  if (isRefusal(value)) return within('submission', value)
  if (!isMembers(value) || !orders.some((order) => hasMembers(value, order))) {
    return refuse('command/bad-members', 'submission')
  }
  const documents = decodeDocuments(value['documents'])
  if (isRefusal(documents)) return documents
  if (value['envelope'] === undefined) {
    const command = value['command']
    if (typeof command !== 'string') return refuse('command/bad-member', 'command')
    return decodeParts({ command, documents })
  }
  const envelope = value['envelope']
  if (typeof envelope !== 'string') return refuse('command/bad-member', 'envelope')
  const intents = decodeIntentTexts(value['intents'])
  if (isRefusal(intents)) return intents
  const command = decodeParts({ envelope, intents, documents })
  if (isRefusal(command)) return command
  if (command.intents.length !== intents.length) return refuse('command/intents-count', 'intents')
  return { ...command, encoded: value['intents'] as readonly string[] }
}

function decodeIntentTexts(value: Value | undefined): readonly string[] | Refusal {
  if (!isList(value)) return refuse('command/bad-member', 'intents')
  if (value.length > envelopeIntentsMax) return refuse('command/intents-count', 'intents')
  const texts: string[] = []
  for (const [at, encoded] of value.entries()) {
    const part = `intents[${at}]`
    if (typeof encoded !== 'string') return refuse('command/bad-member', part)
    const text = decodeIntentText(encoded, part)
    if (isRefusal(text)) return text
    texts.push(text)
  }
  return texts
}

function decodeIntentText(encoded: string, part: string): string | Refusal {
  if (encoded.length > base64urlLength(intentBytesMax)) return refuse('command/oversized', part)
  return base64urlToLatin1(encoded) ?? refuse('command/bad-base64url', part)
}

function decodeDocuments(value: Value | undefined): readonly Bytes[] | Refusal {
  if (value === undefined) return []
  if (!isList(value)) return refuse('command/bad-member', 'documents')
  if (value.length < 1 || value.length > documentsMax) {
    return refuse('command/documents-count', 'documents')
  }
  const documents: Bytes[] = []
  for (const [at, encoded] of value.entries()) {
    if (typeof encoded !== 'string') return refuse('command/bad-member', `documents[${at}]`)
    const bytes = base64urlDecode(encoded)
    if (bytes === null) return refuse('command/bad-base64url', `documents[${at}]`)
    documents.push(bytes)
  }
  return documents
}

/**
 * Decodes parts that already stand apart, as in entries and frames. Untrusted all the same. What
 * a client sends has every intent (`decodeSubmission` says so); entries hold the admitted ones.
 */
export function decodeParts(parts: SubmissionParts): Command | Refusal {
  const documents = hashDocuments(parts.documents ?? [])
  if (isRefusal(documents)) return documents
  return 'command' in parts
    ? decodeSingle(parts.command, documents)
    : decodeEnvelope(parts.envelope, parts.intents, documents)
}

type Documents = Command['documents']

const noDocuments: Documents = new Map()

function hashDocuments(list: readonly Bytes[]): Documents | Refusal {
  if (list.length === 0) return noDocuments
  let total = 0
  const documents = new Map<string, Bytes>()
  for (const [at, bytes] of list.entries()) {
    total += bytes.length
    if (total > documentBytesMax) return refuse('command/documents-oversized', `documents[${at}]`)
    const hash = sha256Text(bytes, 'base64url')
    if (documents.has(hash)) return refuse('command/duplicate-document', `documents[${at}]`)
    documents.set(hash, bytes)
  }
  return documents
}

const noApprovals: readonly Approval[] = []

function decodeSingle(text: string, documents: Documents): Command | Refusal {
  const jws = decodeJws(text, commandTyp, commandBytesMax)
  if (isRefusal(jws)) return jws
  const payload = decodePayload(jws, 'intent')
  if (isRefusal(payload)) return payload
  const encoded = payload['intent']
  if (typeof encoded !== 'string') return refuse('command/bad-member', 'payload.intent')
  const intentText = decodeIntentText(encoded, 'intent')
  if (isRefusal(intentText)) return intentText
  const intent = decodeIntent(intentText)
  if (isRefusal(intent)) return intent
  const approvals = payload['approvals']
  if (approvals === undefined) {
    return { form: 'single', jws, intents: [intent], approvals: [noApprovals], documents }
  }
  const decoded = decodeApprovals(approvals)
  if (isRefusal(decoded)) return within('payload.approvals', decoded)
  return { form: 'single', jws, intents: [intent], approvals: [decoded], documents }
}

/** The payload of a JWS: `first` and perhaps `approvals`, in that order. */
function decodePayload(jws: Jws, first: string): Members | Refusal {
  const value = decodeStrict(jws.payload)
  if (isRefusal(value)) return within('payload', value)
  if (!isMembers(value)) return refuse('command/bad-members', 'payload')
  if (hasMembers(value, [first]) || hasMembers(value, [first, 'approvals'])) return value
  return refuse('command/bad-members', 'payload')
}

function decodeEnvelope(
  text: string,
  texts: readonly (string | null)[],
  documents: Documents,
): Command | Refusal {
  const jws = decodeJws(text, envelopeTyp, commandBytesMax)
  if (isRefusal(jws)) return jws
  const payload = decodePayload(jws, 'intents')
  if (isRefusal(payload)) return payload
  const hashes = decodeHashes(payload['intents'])
  if (isRefusal(hashes)) return hashes
  if (texts.length > hashes.length) return refuse('command/intents-count', 'intents')
  const intents: (Intent | null)[] = []
  for (const [at, hash] of hashes.entries()) {
    const intent = decodeSigned(texts[at] ?? null, hash)
    if (isRefusal(intent)) return within(`intents[${at}]`, intent)
    intents.push(intent)
  }
  const approvals = decodePositions(payload['approvals'], intents.length)
  if (isRefusal(approvals)) return approvals
  return { form: 'envelope', jws, intents, approvals, documents }
}

/** An intent that travels beside its envelope, where the envelope signed its hash. */
function decodeSigned(text: string | null, hash: string): Intent | null | Refusal {
  if (text === null) return null
  const intent = decodeIntent(text)
  if (isRefusal(intent) || intent.hash === hash) return intent
  return refuse('command/intent-hash')
}

function decodeHashes(value: Value | undefined): readonly string[] | Refusal {
  if (!isList(value)) return refuse('command/bad-member', 'payload.intents')
  if (value.length < 1 || value.length > envelopeIntentsMax) {
    return refuse('command/intents-count', 'payload.intents')
  }
  const hashes = new Set<string>()
  for (const [at, hash] of value.entries()) {
    if (typeof hash !== 'string' || !isDigest(hash)) {
      return refuse('command/bad-member', `payload.intents[${at}]`)
    }
    if (hashes.has(hash)) return refuse('command/duplicate-intent', `payload.intents[${at}]`)
    hashes.add(hash)
  }
  return [...hashes]
}

const positionForm = /^p(?:0|[1-9][0-9]?)$/

/** Approvals of an envelope: an object `{"p0":[…],"p3":[…]}`, positions rising. */
function decodePositions(value: Value | undefined, count: number): Command['approvals'] | Refusal {
  const approvals: (readonly Approval[])[] = Array.from({ length: count }, () => noApprovals)
  if (value === undefined) return approvals
  if (!isMembers(value)) return refuse('command/bad-member', 'payload.approvals')
  let last = -1
  for (const key of Object.keys(value)) {
    const position = positionForm.test(key) ? Number(key.slice(1)) : -1
    if (position <= last || position >= count) {
      return refuse('command/approval-position', 'payload.approvals')
    }
    const decoded = decodeApprovals(value[key] as Value)
    if (isRefusal(decoded)) return within(`payload.approvals.p${position}`, decoded)
    approvals[position] = decoded
    last = position
  }
  return last >= 0 ? approvals : refuse('command/approvals-count', 'payload.approvals')
}

/** The text that `decodeSubmission` reads. */
export function encodeSubmission(parts: SubmissionParts): string {
  const documents = (parts.documents ?? []).map((bytes) => base64urlEncode(bytes))
  const tail = documents.length === 0 ? '}' : `,"documents":${encodeList(documents)}}`
  if ('command' in parts) return `{"command":"${parts.command}"${tail}`
  const intents = parts.intents.map((text) => base64urlEncode(latin1Encode(text ?? '')))
  return `{"envelope":"${parts.envelope}","intents":${encodeList(intents)}${tail}`
}

function encodeList(texts: readonly string[]): string {
  return texts.length === 0 ? '[]' : `["${texts.join('","')}"]`
}

/** An approval as it stands in a payload: all base64url. */
export type ApprovalText = {
  readonly kid: string
  readonly ad: string
  readonly cd: string
  readonly sig: string
  readonly shown: string
}

/** The payload of a single command over an intent's exact text. */
export function commandPayload(intent: string, approvals?: readonly ApprovalText[]): string {
  const head = `{"intent":"${base64urlEncode(latin1Encode(intent))}"`
  return approvals === undefined ? `${head}}` : `${head},"approvals":${encodeApprovals(approvals)}}`
}

/** The payload of an envelope over the intents' exact texts; `approvals` by position. */
export function envelopePayload(
  intents: readonly string[],
  approvals?: ReadonlyMap<number, readonly ApprovalText[]>,
): string {
  const head = `{"intents":${encodeList(intents.map((text) => sha256Text(text, 'base64url')))}`
  if (approvals === undefined) return `${head}}`
  const positions = [...approvals.keys()].sort((a, b) => a - b)
  assert(positions.length > 0, 'approvals that are given are not empty')
  const lists = positions.map((at) => `"p${at}":${encodeApprovals(approvals.get(at) ?? [])}`)
  return `${head},"approvals":{${lists.join(',')}}}`
}

function encodeApprovals(approvals: readonly ApprovalText[]): string {
  const texts = approvals.map(
    ({ kid, ad, cd, sig, shown }) =>
      `{"kid":"${kid}","ad":"${ad}","cd":"${cd}","sig":"${sig}","shown":"${shown}"}`,
  )
  return `[${texts.join(',')}]`
}
