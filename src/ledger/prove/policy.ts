// The trust policy: the one input that a verifier must be given. It is a C2SP tlog-policy file
// (logs, witnesses, groups, quorum); what Lianban adds stands in comment lines that begin with
// `#lianban`, chosen so that a tool which skips them trusts less and never more: retired log keys,
// validators and hosted keys are simply unknown to it. It promises that every name, key and number
// is settled while reading, so that judging cannot fail for a reason of the policy.
import { utf8Decode, equal } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Refusal } from '#ledger/command'

import { parseCount, parseHash } from './checkpoint.ts'
import { parseVkey } from './note.ts'
import type { NoteKey } from './note.ts'

export type PolicyLog = { readonly key: NoteKey; readonly url: string | null }

/** A log key that is no longer in use, and the last tree that it may have signed. */
export type RetiredLog = { readonly key: NoteKey; readonly size: number; readonly root: Bytes }

export type Cosigner = {
  /** Name inside the policy; the key's own name is in `key`. */
  readonly name: string
  readonly key: NoteKey
  readonly url: string | null
  readonly role: 'witness' | 'validator' | 'hosted'
  /** The organisation in whose custody the key is; keys of one owner count once. */
  readonly owner: string
}

/** At least `threshold` of the members, which are cosigners or earlier groups. */
export type Group = {
  readonly name: string
  readonly threshold: number
  readonly members: readonly string[]
}

export type TrustPolicy = {
  readonly logs: readonly PolicyLog[]
  readonly retired: readonly RetiredLog[]
  readonly cosigners: readonly Cosigner[]
  /** In the order of the file: a group only names what stands before it. */
  readonly groups: readonly Group[]
  /** Name of the witness or group that must cosign; null for `quorum none`. */
  readonly quorum: string | null
  /** Which validators make a checkpoint `validated`; any one of them when null. */
  readonly validators: Group | null
  /** Oldest age in seconds at which a map proof still counts as current; null when not set. */
  readonly freshSeconds: number | null
}

/** Longest policy in bytes. */
export const MAX_POLICY_BYTES = 65_536

/** Most logs, retired logs, cosigners and groups in a policy, together. */
export const MAX_POLICY_NAMES = 512

/** The name under which the validators' own threshold is reported. */
const VALIDATORS = '#lianban validators'

type Draft = {
  logs: PolicyLog[]
  retired: RetiredLog[]
  cosigners: Map<string, Cosigner>
  groups: Map<string, Group>
  quorum: string | null | undefined
  validators: Group | null
  freshSeconds: number | null
}

/**
 * The policy in these bytes, or the first line (from 1) that cannot be used. Stricter than C2SP in
 * three points: the file is UTF-8, no key is both a log's and a cosigner's, and a name is no plus.
 */
export function parsePolicy(untrusted: Bytes): TrustPolicy | Refusal {
  const text = untrusted.length > MAX_POLICY_BYTES ? null : utf8Decode(untrusted)
  // eslint-disable-next-line no-control-regex
  if (text === null || /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) {
    return { code: 'prove/policy-bytes' }
  }
  const draft: Draft = {
    logs: [],
    retired: [],
    cosigners: new Map(),
    groups: new Map(),
    quorum: undefined,
    validators: null,
    freshSeconds: null,
  }
  for (const [i, line] of text.split('\n').entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '')
    const code = words.length === 0 ? null : readLine(draft, words)
    if (code !== null) return { code, at: String(i + 1) }
  }
  if (draft.quorum === undefined) return { code: 'prove/policy-quorum' }
  return {
    logs: draft.logs,
    retired: draft.retired,
    cosigners: [...draft.cosigners.values()],
    groups: [...draft.groups.values()],
    quorum: draft.quorum,
    validators: draft.validators,
    freshSeconds: draft.freshSeconds,
  }
}

/** Whether the cosigners of these names reach the policy's quorum; `none` is always reached. */
export function reachesQuorum(policy: TrustPolicy, names: ReadonlySet<string>): boolean {
  if (policy.quorum === null) return true
  const reached = new Set(names)
  // Groups stand after their members, so one pass settles all of them without recursion.
  for (const group of policy.groups) {
    if (reaches(group, reached)) reached.add(group.name)
  }
  return reached.has(policy.quorum)
}

/** Whether validators of these names suffice: the policy's threshold, or any one of them. */
export function reachesValidators(policy: TrustPolicy, names: ReadonlySet<string>): boolean {
  return policy.validators === null ? names.size > 0 : reaches(policy.validators, names)
}

function reaches({ threshold, members }: Group, names: ReadonlySet<string>): boolean {
  return members.filter((member) => names.has(member)).length >= threshold
}

function readLine(draft: Draft, words: readonly string[]): string | null {
  const [keyword, ...rest] = words
  const count = draft.logs.length + draft.retired.length + draft.cosigners.size + draft.groups.size
  if (count > MAX_POLICY_NAMES) return 'prove/policy-number'
  const read = LINES.get(keyword!)
  if (read) return read(draft, rest)
  // A comment that is not ours; a line of ours that is misspelt must not pass for one.
  return keyword!.startsWith('#') && keyword !== OWN_LINE ? null : 'prove/policy-line'
}

function readOwnLine(draft: Draft, words: readonly string[]): string | null {
  const [keyword, ...rest] = words
  const read = OWN_LINES.get(keyword ?? '')
  return read ? read(draft, rest) : 'prove/policy-line'
}

type ReadLine = (draft: Draft, words: readonly string[]) => string | null

/** What begins the lines that Lianban adds to a policy. */
const OWN_LINE = '#lianban'

const LINES: ReadonlyMap<string, ReadLine> = new Map([
  ['log', readLog],
  ['witness', (draft, words) => readCosigner(draft, 'witness', words)],
  ['group', readGroup],
  ['quorum', readQuorum],
  [OWN_LINE, readOwnLine],
])

const OWN_LINES: ReadonlyMap<string, ReadLine> = new Map([
  ['retired', readRetired],
  ['validator', (draft, words) => readCosigner(draft, 'validator', words)],
  ['hosted', (draft, words) => readCosigner(draft, 'hosted', words)],
  ['owner', readOwner],
  ['validators', readValidators],
  ['fresh', readFresh],
])

/** `log <vkey> [<url>]`: the key's name is the log's origin. */
function readLog(draft: Draft, words: readonly string[]): string | null {
  const [vkey, url = null] = words
  if (words.length < 1 || words.length > 2) return 'prove/policy-line'
  const key = parseVkey(vkey!)
  if (key === null || key.use !== 'note') return 'prove/policy-key'
  if (isKnownKey(draft, key)) return 'prove/policy-duplicate'
  draft.logs.push({ key, url })
  return null
}

/** `#lianban retired <vkey> <size> <base64 root>` */
function readRetired(draft: Draft, words: readonly string[]): string | null {
  const [vkey, count, hash] = words
  if (words.length !== 3) return 'prove/policy-line'
  const key = parseVkey(vkey!)
  if (key === null || key.use !== 'note') return 'prove/policy-key'
  if (isKnownKey(draft, key)) return 'prove/policy-duplicate'
  const size = parseCount(count!)
  const root = parseHash(hash!)
  if (size === null || root === null) return 'prove/policy-number'
  draft.retired.push({ key, size, root })
  return null
}

/** `witness <name> <vkey> [<url>]`, and the same after `#lianban validator | hosted`. */
function readCosigner(
  draft: Draft,
  role: Cosigner['role'],
  words: readonly string[],
): string | null {
  const [name, vkey, url = null] = words
  if (words.length < 2 || words.length > 3) return 'prove/policy-line'
  if (!isFreeName(draft, name!)) return 'prove/policy-name'
  const key = parseVkey(vkey!)
  if (key === null || key.use !== 'cosignature') return 'prove/policy-key'
  if (isKnownKey(draft, key)) return 'prove/policy-duplicate'
  draft.cosigners.set(name!, { name: name!, key, url, role, owner: name! })
  return null
}

/** `#lianban owner <name> <organisation>`: after the line of the cosigner. */
function readOwner(draft: Draft, words: readonly string[]): string | null {
  const [name, owner] = words
  if (words.length !== 2) return 'prove/policy-line'
  const cosigner = draft.cosigners.get(name!)
  if (!cosigner) return 'prove/policy-name'
  draft.cosigners.set(name!, { ...cosigner, owner: owner! })
  return null
}

/** `group <name> all|any|<k> <member>...` */
function readGroup(draft: Draft, words: readonly string[]): string | null {
  const [name, count, ...members] = words
  if (words.length < 3) return 'prove/policy-line'
  if (!isFreeName(draft, name!)) return 'prove/policy-name'
  const isMember = (member: string): boolean =>
    draft.groups.has(member) || draft.cosigners.get(member)?.role === 'witness'
  const group = readThreshold(name!, count!, members)
  if (group === null) return 'prove/policy-threshold'
  if (!members.every(isMember)) return 'prove/policy-name'
  // A name in two groups could reach one quorum on two ways (C2SP tlog-policy).
  const taken = new Set([...draft.groups.values()].flatMap((other) => other.members))
  if (members.some((member) => taken.has(member))) return 'prove/policy-duplicate'
  draft.groups.set(name!, group)
  return null
}

/** `#lianban validators all|any|<k> <name>...`: which validators make `validated`. */
function readValidators(draft: Draft, words: readonly string[]): string | null {
  const [count, ...members] = words
  if (words.length < 2) return 'prove/policy-line'
  if (draft.validators !== null) return 'prove/policy-duplicate'
  const isMember = (member: string): boolean => draft.cosigners.get(member)?.role === 'validator'
  const group = readThreshold(VALIDATORS, count!, members)
  if (group === null) return 'prove/policy-threshold'
  if (!members.every(isMember)) return 'prove/policy-name'
  draft.validators = group
  return null
}

function readThreshold(name: string, count: string, members: readonly string[]): Group | null {
  const n = members.length
  if (new Set(members).size !== n) return null
  const threshold = count === 'all' ? n : count === 'any' ? 1 : parseCount(count)
  return threshold === null || threshold < 1 || threshold > n ? null : { name, threshold, members }
}

/** `quorum <name>|none`, exactly once. */
function readQuorum(draft: Draft, words: readonly string[]): string | null {
  const [name] = words
  if (words.length !== 1) return 'prove/policy-line'
  if (draft.quorum !== undefined) return 'prove/policy-quorum'
  const known = draft.groups.has(name!) || draft.cosigners.get(name!)?.role === 'witness'
  if (name !== 'none' && !known) return 'prove/policy-quorum'
  draft.quorum = name === 'none' ? null : name!
  return null
}

/** `#lianban fresh <seconds>` */
function readFresh(draft: Draft, words: readonly string[]): string | null {
  if (words.length !== 1) return 'prove/policy-line'
  if (draft.freshSeconds !== null) return 'prove/policy-duplicate'
  const seconds = parseCount(words[0]!)
  if (seconds === null || seconds > MAX_FRESH_SECONDS) return 'prove/policy-number'
  draft.freshSeconds = seconds
  return null
}

/** A hundred years: keeps every sum of times a safe integer of milliseconds. */
const MAX_FRESH_SECONDS = 3_155_760_000

function isFreeName(draft: Draft, name: string): boolean {
  return name !== 'none' && !draft.cosigners.has(name) && !draft.groups.has(name)
}

/** Whether the same public key already stands in the policy, under any name or role. */
function isKnownKey({ logs, retired, cosigners }: Draft, { publicKey }: NoteKey): boolean {
  return [...logs, ...retired, ...cosigners.values()].some((other) =>
    equal(other.key.publicKey, publicKey),
  )
}
