// Cases for .tlog-proof files and evidence files: a small ledger with a single command, an
// envelope of three intents and a map-root entry, and what may be proven of it.
import { b64, b64u, canonical, checkpointText, leafOf, mapLeaf } from './log-material.ts'
import { mapPath, mapPathJson, mapRoot, sha, treePath } from './log-material.ts'
import { bytesOf } from './material.ts'
import { NOW, ORIGIN, POLICY, land, log, note, tax } from './prove-notes.ts'

const INTENTS = ['a', 'b', 'c'].map(
  (id) =>
    `{"ledger":"${ORIGIN}","id":"${b64u(bytesOf(`prove/id/${id}`, 16))}","type":"note.add",` +
    `"body":{},"notAfter":${NOW * 1000}}`,
)
const OPENING = `{"v":1,"h":9,"t":${NOW * 1000},`
const RESULT = `"r":{"code":"ok","w":"${b64u(bytesOf('prove/writes'))}"}`
const HEADER = b64u(Buffer.from('{"alg":"ES256","kid":"k","typ":"lianban-envelope+jws"}'))
const PAYLOAD = b64u(
  Buffer.from(`{"intents":[${INTENTS.map((each) => `"${b64u(sha(each))}"`).join(',')}]}`),
)
const SIGNATURE = b64u(bytesOf('prove/signature', 64))

const SINGLES = Array.from(
  { length: 9 },
  (_, i) => `{"v":1,"h":${i + 1},"t":${NOW * 1000},"c":"${HEADER}.e30.${SIGNATURE}",${RESULT}}`,
)
const ENVELOPE = SINGLES.length
const envelopeEntry = `${OPENING}"c":"${HEADER}.${PAYLOAD}.${SIGNATURE}"}`
const intentEntry = (i: number, position = i, entry = ENVELOPE): string => {
  const link = `"e":{"entry":${entry},"position":${position}}`
  return `${OPENING}"i":"${b64u(Buffer.from(INTENTS[i]!))}",${link},${RESULT}}`
}

const RECORDS = Array.from({ length: 12 }, (_, i) => [`status.${i}`, `{"n":${i}}`] as const)
const MAP = RECORDS.map(([record, value]) => mapLeaf(record, value))
const rootEntry = `{"v":1,"h":10,"t":${NOW * 1000},"c":null,"s":${canonical({
  kind: 'map-root',
  height: 9,
  stateDigest: b64u(bytesOf('prove/state')),
  roots: { now: b64u(mapRoot(MAP)), 'uses/2026-11': b64u(mapRoot([])) },
})}}`

const LEDGER = [...SINGLES, envelopeEntry, ...INTENTS.map((_, i) => intentEntry(i)), rootEntry]
const ROOT = LEDGER.length - 1
const LATER = [...LEDGER, SINGLES[0]!.replace('"h":1', '"h":11')]

/** The signed checkpoint over these entries. */
function signed(entries: readonly string[], witnesses = [tax, land]): string {
  const text = checkpointText(ORIGIN, entries.map(leafOf))
  return note(text, [log.line(text), ...witnesses.map((who, i) => who.line(text, NOW - i))])
}

function file(index: number, entries: readonly string[], checkpoint = signed(entries)): string {
  const path = treePath(index, entries.map(leafOf)).map((hash) => `${b64(hash)}\n`)
  return `c2sp.org/tlog-proof@v1\nindex ${index}\n${path.join('')}\n${checkpoint}`
}

/** `prove-files.json`: .tlog-proof files, the entry that each is about, and the verdict. */
export function filesFile(): object {
  const good = file(4, LEDGER)
  const entry = LEDGER[4]!
  const bad = (claim: string, text: string, code: string, of = entry): object => ({
    claim,
    entry: of,
    file: text,
    code,
  })
  return {
    policy: POLICY,
    now: NOW * 1000,
    valid: [
      { claim: 'every entry', entry, file: good, grade: 'witnessed(2)' },
      {
        claim: 'the last entry',
        entry: rootEntry,
        file: file(ROOT, LEDGER),
        grade: 'witnessed(2)',
      },
      { claim: 'the first entry', entry: LEDGER[0], file: file(0, LEDGER), grade: 'witnessed(2)' },
      {
        claim: 'extra data, which means nothing',
        entry,
        file: good.replace('index', 'extra AQID\nindex'),
        grade: 'witnessed(2)',
      },
      { claim: 'a log of one entry', entry, file: file(0, [entry]), grade: 'witnessed(2)' },
      {
        claim: 'no quorum',
        entry,
        file: file(4, LEDGER, signed(LEDGER, [tax])),
        grade: 'checkpointed',
      },
    ],
    invalid: [
      bad('another entry', good, 'prove/not-included', LEDGER[5]!),
      bad('an altered entry', good, 'prove/not-included', entry.replace('ok', 'no')),
      bad('another index', good.replace('index 4', 'index 5'), 'prove/not-included'),
      bad('an index beyond the log', good.replace('index 4', 'index 14'), 'prove/not-included'),
      bad('the checkpoint of a longer log', file(4, LEDGER, signed(LATER)), 'prove/not-included'),
      bad('another magic', good.replace('@v1', '@v2'), 'prove/malformed-proof'),
      bad('an index with a zero', good.replace('index 4', 'index 04'), 'prove/malformed-proof'),
      bad('no index', good.replace('index 4\n', ''), 'prove/malformed-proof'),
      bad(
        'extra data after the index',
        good.replace('index 4', 'index 4\nextra AQID'),
        'prove/malformed-proof',
      ),
      bad(
        'extra data that is no base64',
        good.replace('index', 'extra !\nindex'),
        'prove/malformed-proof',
      ),
      bad(
        '64 hashes',
        good.replace('index 4\n', `index 4\n${`${b64(sha(''))}\n`.repeat(64)}`),
        'prove/malformed-proof',
      ),
      bad('no checkpoint', good.slice(0, good.indexOf('\n\n') + 2), 'prove/malformed-checkpoint'),
      bad('a carriage return', good.replace('index 4\n', 'index 4\r\n'), 'prove/malformed-proof'),
    ],
  }
}

type Part = { readonly bytes: string; readonly proof: string }

const part = (index: number, entries = LEDGER, checkpoint = signed(entries)): Part => ({
  bytes: b64u(Buffer.from(entries[index]!)),
  proof: file(index, entries, checkpoint),
})

const record = (key: string, value: string | null, more: object = {}): object => ({
  key,
  map: 'now',
  proof: mapPathJson(mapPath(sha(key), MAP)),
  root: part(ROOT),
  value,
  ...more,
})

const evidence = (parts: object): string => canonical({ format: 'lianban-proof/1', ...parts })

const current = record('status.7', '{"n":7}')
const swapped = [...LEDGER.slice(0, ENVELOPE + 1), intentEntry(1, 2)]
const misplaced = [...LEDGER.slice(0, ENVELOPE + 1), intentEntry(1, 1, 3)]
const forked = [...LEDGER.slice(0, -1), SINGLES[0]!]
const good = evidence({ entry: part(4) })
const intent = part(ENVELOPE + 2)

const INVALID: readonly object[] = [
  {
    claim: 'an intent without its envelope',
    evidence: evidence({ entry: intent }),
    code: 'prove/not-in-envelope',
  },
  {
    claim: 'an intent with another entry',
    evidence: evidence({ entry: intent, envelope: part(4) }),
    code: 'prove/not-in-envelope',
  },
  {
    claim: 'an envelope without an intent',
    evidence: evidence({ entry: part(4), envelope: part(ENVELOPE) }),
    code: 'prove/not-in-envelope',
  },
  {
    claim: 'an intent at another position',
    evidence: evidence({ entry: part(ENVELOPE + 1, swapped), envelope: part(ENVELOPE, swapped) }),
    code: 'prove/not-in-envelope',
  },
  {
    claim: 'an intent that names another envelope',
    evidence: evidence({
      entry: part(ENVELOPE + 1, misplaced),
      envelope: part(ENVELOPE, misplaced),
    }),
    code: 'prove/not-in-envelope',
  },
  {
    claim: 'another entry',
    evidence: evidence({ entry: { ...part(4), bytes: part(5).bytes } }),
    code: 'prove/not-included',
  },
  {
    claim: 'a map root that is not the last entry',
    evidence: evidence({ record: { ...current, root: part(ROOT, LATER) } }),
    code: 'prove/not-last-entry',
  },
  {
    claim: 'a root that is no map root',
    evidence: evidence({ record: { ...current, root: part(3, LEDGER.slice(0, 4)) } }),
    code: 'prove/malformed-entry',
  },
  {
    claim: 'another value',
    evidence: evidence({ record: record('status.7', '{"n":8}') }),
    code: 'prove/not-in-map',
  },
  {
    claim: 'a present record as absent',
    evidence: evidence({ record: record('status.7', null) }),
    code: 'prove/not-in-map',
  },
  {
    claim: 'an absent record as present',
    evidence: evidence({ record: record('status.none', '{"n":7}') }),
    code: 'prove/not-in-map',
  },
  {
    claim: 'another map',
    evidence: evidence({ record: { ...current, map: 'uses/2026-11' } }),
    code: 'prove/not-in-map',
  },
  {
    claim: 'no such map',
    evidence: evidence({ record: { ...current, map: 'then' } }),
    code: 'prove/no-such-map',
  },
  {
    claim: 'two views of one size',
    evidence: evidence({ entry: part(0, forked), record: current }),
    code: 'prove/split-view',
  },
  { claim: 'nothing in it', evidence: evidence({}), code: 'prove/malformed-evidence' },
  {
    claim: 'an envelope alone',
    evidence: evidence({ envelope: part(ENVELOPE) }),
    code: 'prove/malformed-evidence',
  },
  {
    claim: 'a member more',
    evidence: evidence({ entry: part(4), more: 1 }),
    code: 'prove/malformed-evidence',
  },
  { claim: 'white space', evidence: good.replace(',', ', '), code: 'prove/malformed-evidence' },
  {
    claim: 'another format',
    evidence: good.replace('proof/1', 'proof/2'),
    code: 'prove/malformed-evidence',
  },
  {
    claim: 'extra data',
    evidence: good.replace('index 4', 'extra AQID\\nindex 4'),
    code: 'prove/malformed-evidence',
  },
  {
    claim: 'padding',
    evidence: good.replace('","proof"', '=","proof"'),
    code: 'prove/malformed-evidence',
  },
]

/** `prove-evidence.json`: evidence files and what they prove. */
export function evidenceFile(): object {
  return {
    policy: POLICY,
    now: NOW * 1000,
    valid: [
      {
        claim: 'one entry',
        evidence: evidence({ entry: part(4) }),
        grade: 'witnessed(2)',
        index: 4,
      },
      {
        claim: 'an intent with its envelope',
        evidence: evidence({ entry: part(ENVELOPE + 2), envelope: part(ENVELOPE) }),
        grade: 'witnessed(2)',
        index: ENVELOPE + 2,
      },
      {
        claim: 'a present record',
        evidence: evidence({ record: current }),
        grade: 'witnessed(2)',
        value: '{"n":7}',
        height: 9,
      },
      {
        claim: 'an absent record',
        evidence: evidence({ record: record('status.none', null) }),
        grade: 'witnessed(2)',
        value: null,
        height: 9,
      },
      {
        claim: 'an absent record of an empty map',
        evidence: evidence({
          record: record('x', null, { map: 'uses/2026-11', proof: { leaf: null, siblings: [] } }),
        }),
        grade: 'witnessed(2)',
        value: null,
        height: 9,
      },
      {
        claim: 'an entry and a record',
        evidence: evidence({ entry: part(0), record: current }),
        grade: 'witnessed(2)',
        index: 0,
        value: '{"n":7}',
        height: 9,
      },
      {
        claim: 'the weakest part decides',
        evidence: evidence({ entry: part(0, SINGLES, signed(SINGLES, [tax])), record: current }),
        grade: 'checkpointed',
        index: 0,
        value: '{"n":7}',
        height: 9,
      },
    ],
    invalid: INVALID,
  }
}
