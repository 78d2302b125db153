// Cases for the judging of checkpoints: the note, the policy and the clock, and the verdict.
import { b64, checkpointText, signer, treeProof, treeRoot } from './log-material.ts'
import type { Signer } from './log-material.ts'
import { ALONE, LEAVES, NOW, ORIGIN, PIN, POLICY, court, hosted, land, log } from './prove-notes.ts'
import { notary, note, old, retyped, second, shifted, stranger, tax } from './prove-notes.ts'

const elsewhere = signer('ledger.example/other', 1)
const text = (size: number): string => checkpointText(ORIGIN, LEAVES.slice(0, size))

type Lines = readonly (readonly [Signer, number?])[]

const signed = (size: number, lines: Lines): string =>
  note(
    text(size),
    lines.map(([who, seconds]) => who.line(text(size), seconds)),
  )

const two: Lines = [
  [tax, NOW - 5],
  [land, NOW - 9],
]
const verdict = (grade: string, more: object = {}): object => ({
  grade,
  witnessed: 0,
  validated: 0,
  underRetiredKey: false,
  asOf: null,
  fresh: false,
  ...more,
})
const witnessed = { witnessed: 2, asOf: NOW - 9, fresh: true }

const VALID: readonly object[] = [
  {
    claim: 'the log alone, quorum none',
    policy: 'alone',
    note: signed(100, [[log]]),
    verdict: verdict('witnessed'),
  },
  { claim: 'the log alone', note: signed(100, [[log]]), verdict: verdict('checkpointed') },
  {
    claim: 'one witness of two',
    note: signed(100, [[log], [tax, NOW]]),
    verdict: verdict('checkpointed', { witnessed: 1 }),
  },
  {
    claim: 'a quorum',
    note: signed(100, [[log], ...two]),
    verdict: verdict('witnessed', witnessed),
  },
  {
    claim: 'another active key',
    note: signed(100, [[second], ...two]),
    verdict: verdict('witnessed', witnessed),
  },
  {
    claim: 'both active keys',
    note: signed(100, [[log], [second], ...two]),
    verdict: verdict('witnessed', witnessed),
  },
  {
    claim: 'an unknown signature',
    note: signed(100, [[stranger], [log], ...two]),
    verdict: verdict('witnessed', witnessed),
  },
  {
    claim: 'the third witness is older',
    note: signed(100, [[log], ...two, [court, NOW - 900]]),
    verdict: verdict('witnessed', { ...witnessed, witnessed: 3 }),
  },
  {
    claim: 'a hosted key does not count',
    note: signed(100, [[log], [tax, NOW], [hosted, NOW]]),
    verdict: verdict('checkpointed', { witnessed: 1 }),
  },
  {
    claim: 'a validator',
    note: signed(100, [[log], [notary, NOW - 1]]),
    verdict: verdict('validated', { validated: 1, asOf: NOW - 1, fresh: true }),
  },
  {
    claim: 'stale by one second',
    note: signed(100, [[log], [tax, NOW], [land, NOW - 601]]),
    verdict: verdict('witnessed', { witnessed: 2, asOf: NOW - 601 }),
  },
  {
    claim: 'from the future within the skew',
    note: signed(100, [[log], [tax, NOW + 300], [land, NOW]]),
    verdict: verdict('witnessed', { witnessed: 2, asOf: NOW, fresh: true }),
  },
  {
    claim: 'from the future beyond it',
    note: signed(100, [[log], [tax, NOW + 301], [land, NOW]]),
    verdict: verdict('checkpointed', { witnessed: 1 }),
  },
  {
    claim: 'a retired key at its pin',
    note: signed(PIN, [[old], ...two]),
    verdict: verdict('witnessed', witnessed),
  },
  {
    claim: 'a retired key below its pin',
    note: signed(33, [[old], ...two]),
    verdict: verdict('witnessed', { ...witnessed, underRetiredKey: true }),
  },
  {
    claim: 'below the pin with a proof to it',
    note: signed(33, [[old], ...two]),
    toPin: treeProof(33, LEAVES.slice(0, PIN)).map(b64),
    verdict: verdict('witnessed', witnessed),
  },
]

const extended = `${text(100)}extension\n`
const other = checkpointText('ledger.example/other', LEAVES)
const forked = text(PIN).replace(/\n[^\n]+\n$/, `\n${b64(treeRoot(LEAVES.slice(0, PIN - 1)))}\n`)
const leading = text(100).replace('100', '0100')
const altered = log.line(text(100)).replace(/.(?=.{20}\n)/, (c) => (c === 'A' ? 'B' : 'A'))

const INVALID: readonly object[] = [
  { claim: 'not a note', note: 'nothing', code: 'prove/malformed-checkpoint' },
  {
    claim: 'an extension line',
    note: note(extended, [log.line(extended)]),
    code: 'prove/malformed-checkpoint',
  },
  {
    claim: 'a leading zero',
    note: note(leading, [log.line(leading)]),
    code: 'prove/malformed-checkpoint',
  },
  {
    claim: 'another log',
    note: note(other, [elsewhere.line(other), log.line(other)]),
    code: 'prove/unknown-log',
  },
  {
    claim: 'a stranger’s key',
    note: signed(100, [[stranger], ...two]),
    code: 'prove/not-signed',
  },
  { claim: 'cosigners only', note: signed(100, two), code: 'prove/not-signed' },
  {
    claim: 'an altered log signature',
    note: note(text(100), [altered]),
    code: 'prove/bad-signature',
  },
  {
    claim: 'a bad second key beside a good one',
    note: note(text(100), [log.line(text(100)), retyped(log, second, text(100))]),
    code: 'prove/bad-signature',
  },
  {
    claim: 'a bad cosignature',
    note: note(text(100), [log.line(text(100)), shifted(tax.line(text(100), NOW))]),
    code: 'prove/bad-signature',
  },
  {
    claim: 'a bad hosted cosignature',
    note: note(text(100), [log.line(text(100)), shifted(hosted.line(text(100), NOW))]),
    code: 'prove/bad-signature',
  },
  {
    claim: 'a cosigner twice',
    note: signed(100, [[log], [tax, NOW], [tax, NOW - 1]]),
    code: 'prove/duplicate-signature',
  },
  {
    claim: 'the log’s line twice',
    note: signed(100, [[log], [log]]),
    code: 'prove/duplicate-signature',
  },
  {
    claim: 'a retired key above its pin',
    note: signed(PIN + 1, [[old], ...two]),
    code: 'prove/beyond-retired-size',
  },
  {
    claim: 'a retired key against its pin',
    note: note(forked, [old.line(forked)]),
    code: 'prove/contradicts-retired-root',
  },
  {
    claim: 'a path that does not lead to the pin',
    note: signed(33, [[old], ...two]),
    toPin: treeProof(34, LEAVES.slice(0, PIN)).map(b64),
    code: 'prove/bad-consistency',
  },
]

/** `prove-checkpoints.json`: notes, the policy and the clock, and the verdict or the refusal. */
export function checkpointsFile(): object {
  return { policy: POLICY, alone: ALONE, now: NOW * 1000, valid: VALID, invalid: INVALID }
}
